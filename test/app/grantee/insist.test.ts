import { describe, expect, it } from 'vitest';
import { insist } from '../../../shared/app/grantee/insist.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { BrokenPromiseError, DeniedError, TryLaterError } from '../../../shared/domain/errors.js';

const denied = new DeniedError('not now');

/** What comes of work that fails with these errors, one a try, and then is done; with the pauses that were made. */
async function insisting(...errors: readonly Error[]) {
  const pauses: number[] = [];
  const ports = {
    clock: { sleep: async (seconds: number) => void pauses.push(seconds) },
    settings: { verdict: { intervalSeconds: 5 } },
  } as unknown as Pick<Ports, 'clock' | 'settings'>;
  const left = [...errors];
  const work = async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
  const outcome = await insist(work, ports).catch((error: unknown) => error);
  return { outcome, pauses };
}

describe('work in a grantee’s account', () => {
  it('is done at once where nothing is refused', async () => {
    expect(await insisting()).toEqual({ outcome: 'done', pauses: [] });
  });

  it('is tried again where it is refused, each time a little later', async () => {
    expect(await insisting(denied, denied)).toEqual({ outcome: 'done', pauses: [5, 10] });
  });

  it('is tried again too where the account does not let us in', async () => {
    const closed = new BrokenPromiseError('GRANTEE_CLOSED', 'no role');
    expect(await insisting(closed)).toEqual({ outcome: 'done', pauses: [5] });
  });

  it('ends with the refusal when that lasts longer than a burst of writes', async () => {
    const { outcome, pauses } = await insisting(...Array.from({ length: 9 }, () => denied));
    expect(outcome).toBe(denied);
    expect(pauses).toEqual([5, 10, 20, 40]);
  });

  it('fails at once with what is no refusal', async () => {
    const later = new TryLaterError('THROTTLED', 'busy');
    expect(await insisting(later)).toEqual({ outcome: later, pauses: [] });
  });
});
