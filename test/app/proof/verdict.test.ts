import { describe, expect, it } from 'vitest';
import { settle } from '../../../shared/app/proof/verdict.js';
import type { Ports } from '../../../shared/cloud/ports.js';

/** What comes of answers a second apart, as `+` is wanted and `-` is not, where three in a row decide within five seconds. */
async function verdictOn(answers: string) {
  let now = 0;
  let asked = 0;
  const ports = {
    clock: {
      ticks: () => now,
      sleep: async (seconds: number) => {
        now += seconds * 1000;
      },
    },
    settings: { verdict: { answers: 3, intervalSeconds: 1, patienceSeconds: 5 } },
  } as unknown as Ports;
  const ask = async () => answers[asked++] ?? 'none';
  const { outcome, ...rest } = await settle(ask, (answer) => answer === '+', ports);
  return { outcome, asked, ...('sinceTick' in rest ? { sinceTick: rest.sinceTick } : { last: rest.last }) };
}

describe('a verdict', () => {
  it.each([
    ['+++', { asked: 3, sinceTick: 0 }],
    ['--+++', { asked: 5, sinceTick: 2000 }],
    ['++-+++', { asked: 6, sinceTick: 3000 }],
  ])('on %s is a run of answers, and counts from the first of it', async (answers, expected) => {
    expect(await verdictOn(answers)).toEqual({ outcome: 'settled', ...expected });
  });

  it.each(['----+++', '-----+++'])('on %s goes on past its patience while a run does', async (answers) => {
    expect(await verdictOn(answers)).toMatchObject({ outcome: 'settled', asked: answers.length });
  });

  it.each(['------', '-----+-', '++-++-'])('on %s is none once its patience is over', async (answers) => {
    expect(await verdictOn(`${answers}+++`)).toEqual({
      outcome: 'unsettled',
      asked: answers.length,
      last: '-',
    });
  });

  it('is none where an answer is an error', async () => {
    const ports = { clock: { ticks: () => 0 }, settings: { verdict: { patienceSeconds: 5 } } } as never;
    await expect(
      settle(
        () => Promise.reject(new Error('down')),
        () => true,
        ports,
      ),
    ).rejects.toThrow('down');
  });
});
