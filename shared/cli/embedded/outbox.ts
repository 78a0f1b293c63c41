/** Listens to what Leasehold tells the world, and lets others wait for it. */
import { OWNER } from './owner.js';
import type { Embedded } from './start.js';

export interface Heard {
  /** The same in what is told again. */
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Host milliseconds in which nothing is heard of anybody; far beyond what a step takes in the embedded cloud. */
const PATIENCE = 60_000;

export class Outbox {
  readonly heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(embedded: Embedded, say: (line: string) => void = () => undefined) {
    embedded.events.tap(OWNER, embedded.config.outBus, (event) => {
      const heard = event as unknown as Heard;
      this.heard.push(heard);
      say(`${heard.subject}: ${heard.type}`);
      for (const wake of this.#waiting) wake();
    });
  }

  /** The first event about `subject` whose type ends in one of `kinds`. @throws {Error} when nothing at all comes for a minute */
  answerTo(
    subject: string,
    kinds: readonly string[],
    isMeant: (heard: Heard) => boolean = () => true,
  ): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.heard.find(
          (event) =>
            event.subject === subject &&
            kinds.some((kind) => event.type.endsWith(`.${kind}`)) &&
            isMeant(event),
        );
        if (found === undefined) {
          timer.refresh();
          return;
        }
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`nothing was heard of ${subject} (waited for ${kinds.join(', ')})`));
      }, PATIENCE);
      this.#waiting.add(look);
      look();
    });
  }
}
