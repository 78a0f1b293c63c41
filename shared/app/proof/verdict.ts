/** A verdict on an eventually consistent cloud: a run of equal answers, not the first one that pleases. */
import type { Ports } from '../../cloud/ports.js';

export type Verdict<A> =
  | {
      readonly outcome: 'settled';
      readonly answer: A;
      /** Tick of the first answer of the run that decided. */
      readonly sinceTick: number;
    }
  | { readonly outcome: 'unsettled'; readonly last: A };

/**
 * Asks until `wanted` holds of as many answers in a row as the settings demand, or patience ends. An `ask` that rejects
 * rejects this too: an error is no answer.
 */
export async function settle<A>(
  ask: () => Promise<A>,
  wanted: (answer: A) => boolean,
  { clock, settings }: Pick<Ports, 'clock' | 'settings'>,
): Promise<Verdict<A>> {
  const { answers, intervalSeconds, patienceSeconds } = settings.verdict;
  const deadline = clock.ticks() + patienceSeconds * 1000;
  for (let run = 0, sinceTick = 0; ; ) {
    const tick = clock.ticks();
    const answer = await ask();
    if (!wanted(answer)) run = 0;
    else {
      if (run === 0) sinceTick = tick;
      run += 1;
      if (run >= answers) return { outcome: 'settled', answer, sinceTick };
    }
    if (run === 0 && clock.ticks() >= deadline) return { outcome: 'unsettled', last: answer };
    await clock.sleep(intervalSeconds);
  }
}
