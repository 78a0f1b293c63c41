import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployedBucket } from '../../shared/cloud/alibaba/deployed/buckets.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { deployOver } from '../support/redeploy.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world.cloud.close());

/** Reads of a contract's facts by an end, and how it ended. */
async function readsOfAnEnd(id: string) {
  await world.onboard(id);
  await world.settle();
  let reads = 0;
  const stop = world.cloud.cloud.faults.add({
    after: ({ action, params }) => {
      if (action === 'GetObject' && params['path']?.includes(`contracts/${id}/`)) reads += 1;
    },
  });
  await world.terminate(id);
  await world.settle();
  stop();
  return { reads, kinds: (await world.facts(id)).map(({ kind }) => kind) };
}

describe('the facts of a contract', () => {
  it('are read from their last object; where listings do not tell what the others hold, from each, and the end is the same', async () => {
    const told = await readsOfAnEnd('C-told');
    world.cloud.set({ hasOpaqueETags: true });
    const untold = await readsOfAnEnd('C-untold');
    expect(untold.kinds).toEqual(told.kinds);
    expect(told.kinds.at(-1)).toBe('ended');
    // Each of its three steps asks for the last object and for one after it; or else for the seven, nine and ten that stand there as well.
    expect(told.reads).toBe(6);
    expect(untold.reads).toBe(29);
  });
});

describe('the register of an account that began to use OSS lately', () => {
  it('is written and read by functions, to which its public endpoint is closed', async () => {
    world.cloud.set({ refusesPublicData: true });
    await world.onboard('C-late');
    await world.settle();
    await world.terminate('C-late');
    await world.settle();
    world.cloud.set({ refusesPublicData: false });
    expect((await world.facts('C-late')).at(-1)?.kind).toBe('ended');
  });
});

describe('a register that nobody may take anything from for some days', () => {
  const retained = (days: number) => ({ LEASEHOLD_EVIDENCE_RETENTION_DAYS: String(days) });
  let kept: World;
  beforeAll(async () => {
    kept = await startWorld({ runner: 'in-process', env: retained(30) });
  });
  afterAll(() => kept?.cloud.close());
  const retentionOf = async ({ cloud }: World) =>
    (await deployedBucket(cloud.config.evidenceBucket, cloud.connectionOf(cloud.root)))?.retention;
  /** As somebody with all rights, of whom nothing in Leasehold knows. */
  const takeAway = ({ cloud }: World, id: string) =>
    makeIndexPort(cloud.connectionOf(cloud.root), cloud.config.evidenceBucket).remove(
      `contracts/${id}/00000001.json`,
    );

  it('is made as the stage says, locked, and prolonged by a later deployment', async () => {
    expect(await retentionOf(kept)).toEqual({ state: 'Locked', days: 30 });
    await kept.onboard('C-kept');
    await kept.hear('C-kept', 'granted');
    await deployOver(kept, retained(31));
    expect(await retentionOf(kept)).toEqual({ state: 'Locked', days: 31 });
    await kept.jumpTo(kept.clock.now() + 30 * 86_400_000);
    await expect(takeAway(kept, 'C-kept')).rejects.toThrow(/immutable/);
  });

  it('is written and read on when its first facts are as old, and says so once they were taken away', async () => {
    await kept.jumpTo(kept.clock.now() + 86_400_000);
    await kept.terminate('C-kept');
    await kept.hear('C-kept', 'revoked');
    expect((await kept.facts('C-kept')).map(({ kind }) => kind)).toContain('requested');
    await takeAway(kept, 'C-kept');
    await expect(kept.facts('C-kept')).rejects.toMatchObject({ code: 'REGISTER_BROKEN' });
  });
});
