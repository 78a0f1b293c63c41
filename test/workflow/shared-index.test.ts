import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dueKey } from '../../shared/app/register/index-entries.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { approvedBy, BOSS, newSigner } from '../support/approvers.js';
import { examine, troubles } from '../support/examine.js';
import { deployOver } from '../support/redeploy.js';
import { kafkaGrant } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
let world: World;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  env = { ...approvedBy([await newSigner(BOSS)]), LEASEHOLD_APPROVAL_SECONDS: String(HOUR) };
  world = await startWorld({ runner: 'in-process', env });
});
afterAll(() => world?.cloud.close());

const now = () => instantOf(world.clock.now());
const minutes = async (count: number) => {
  for (let minute = 0; minute < count; minute += 1) await world.clock.advance(60_000);
  await world.calm();
};
const due = () => world.objectKeys(world.cloud.config.indexBucket, 'due/');
const MISTAKEN = { LEASEHOLD_EVIDENCE_BUCKET: 'mistaken-evidence' };

describe('an index whose contracts the register does not know', () => {
  it('keeps what is due for the register that does, and the doctor says so', async () => {
    await world.onboard('N-open', { grants: [{ ...kafkaGrant, access: 'operate' }] });
    await world.hear('N-open', 'approval-needed');
    const lease = { startsAt: now(), expiresAt: addSeconds(now(), 1.5 * HOUR) };
    await world.onboard('N-live', { lease });
    await world.hear('N-live', 'granted');
    await world.calm();
    expect(troubles(await examine(world))).toEqual([]);

    // The functions have it already when the command that looks refuses it.
    await expect(deployOver(world, { ...env, ...MISTAKEN })).rejects.toThrow(
      /leasehold-index is of another stage/,
    );
    expect(troubles(await examine(world, { env: MISTAKEN }))).toContain('INDEX_STRANGE index');
    await world.jumpTo(world.clock.now() + 2 * HOUR * 1000);
    await minutes(3);
    expect((await world.contract('N-live')).state).toBe('active');

    await deployOver(world, env);
    await minutes(3);
    expect([(await world.contract('N-live')).state, (await world.contract('N-open')).state]).toEqual([
      'ended',
      'rejected',
    ]);
    expect((await world.hear('N-live', 'revoked')).data).toMatchObject({ reason: 'expired' });
    expect((await world.hear('N-open', 'rejected')).data['reasons']).toMatchObject([
      { code: 'APPROVAL_TIMED_OUT' },
    ]);
    expect(troubles(await examine(world))).toEqual([]);
  });

  it('is rid after a week of what no register has claimed', async () => {
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
    const contractId = parseContractId('N-never');
    const keyDue = (seconds: number) =>
      dueKey({ at: addSeconds(now(), seconds), contractId, what: 'progress' });
    const late = keyDue(-HOUR - 6 * DAY);
    await index.put(keyDue(-HOUR - 7 * DAY), '{}');
    await index.put(late, '{}');
    await minutes(2);
    expect(due().filter((key) => key.includes('N-never'))).toEqual([late]);
    expect(troubles(await examine(world))).toEqual([]);
  });
});
