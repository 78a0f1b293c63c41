import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeContract } from '../../shared/app/ending/remove-access.js';
import { turnKey } from '../../shared/app/turns/entries.js';
import { QueuedError } from '../../shared/domain/errors.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { portsAsRoot } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

describe('somebody who can write the index', () => {
  it('does not keep an end from being recorded for longer than an hour, however many he says go first', async () => {
    await world.onboard('J-held');
    await world.hear('J-held', 'granted');
    await world.calm();
    const ports = portsAsRoot(world);
    const at = (seconds: number) => addSeconds(instantOf(world.clock.now()), seconds);
    const forged = (seconds: number) =>
      ['Y-1', 'Y-2'].map((id) => {
        const contractId = parseContractId(id);
        const place = { lane: 'detach', rank: 'end-00000', contractId, writes: 90 } as const;
        return turnKey({ ...place, where: 'away', seenAt: at(seconds) });
      });
    for (const key of forged(0)) await ports.index.put(key, '{}');
    await world.terminate('J-held');
    await world.clock.advance(60_000);
    const contract = await world.contract('J-held');
    expect([contract.cut !== undefined, contract.removed]).toEqual([true, undefined]);

    /** As the flow tries again after so long, while somebody keeps his entries fresh. */
    const tryAgain = (seconds: number) =>
      removeContract(contract, {
        ...ports,
        index: { ...ports.index, list: async () => forged(seconds) },
        clock: { ...ports.clock, now: () => at(seconds), sleep: () => setImmediate() },
      });
    await expect(tryAgain(2800)).rejects.toBeInstanceOf(QueuedError);
    expect((await tryAgain(3000)).removed).toBeDefined();
  });
});
