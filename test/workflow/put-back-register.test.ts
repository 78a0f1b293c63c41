import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findDue } from '../../shared/app/doctor/find-due.js';
import { judgeDue } from '../../shared/app/doctor/keeping.js';
import { readPutBack } from '../../shared/app/drift/lost-facts.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import type { Grant } from '../../shared/domain/grant.js';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { approvedBy, BOSS, newSigner } from '../support/approvers.js';
import { amend, enterAs, using } from '../support/changes.js';
import { codesOf, stage } from '../support/drift-stage.js';
import { kafkaGrant } from '../support/requests.js';
import { portsAsRoot } from '../support/side-doors.js';

const env: Record<string, string> = { LEASEHOLD_ON_DRIFT: 'heal' };
const s = stage(env);
beforeAll(async () => {
  Object.assign(env, approvedBy([await newSigner(BOSS)]));
  await s.start();
});
afterAll(() => s.close());

const other = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as Grant;
const index = () => {
  const { connectionOf, root, config } = s.world().cloud;
  return makeIndexPort(connectionOf(root), config.indexBucket);
};
/** A bucket as it is now; calling what this gives puts it back. */
const backUp = (bucket: string): (() => void) => {
  const objects = s.world().cloud.objectsOf(bucket);
  const keys = () => s.world().objectKeys(bucket, '');
  const kept = keys().map((key) => [key, objects.get(key)!] as const);
  return () => {
    for (const key of keys()) objects.delete(key);
    for (const [key, object] of kept) objects.set(key, object);
  };
};
const toldOf = (id: string) => s.told(id).flatMap(({ data }) => codesOf(data as never));
const mayUse = async (id: string, grant: Grant) => using(s.world(), await enterAs(s.world(), id), grant);

describe('a register that was put back to how it was some hours ago', () => {
  it('is told with what it lacks, and neither opens again what was taken away nor loses who lives and who has ended', async () => {
    const { cloud } = s.world();
    const now = instantOf(s.world().clock.now());
    const lease = { startsAt: now, expiresAt: addSeconds(now, 24 * 3600) };
    for (const id of ['P-ended', 'P-narrowed']) {
      await s.world().onboard(id, { lease, grants: [kafkaGrant, other] });
      await s.world().hear(id, 'granted');
    }
    await s.round();
    const putBack = backUp(cloud.config.evidenceBucket);
    await s.world().terminate('P-ended');
    await s.world().hear('P-ended', 'revoked');
    await amend(s.world(), 'P-narrowed', { revision: 1, lease, grants: [kafkaGrant] });
    await s.world().hear('P-narrowed', 'amended');
    await s.world().onboard('P-new', { lease });
    await s.world().hear('P-new', 'granted');
    await s.round();
    putBack();
    await s.round();

    expect(toldOf('register')).toEqual(['REGISTER_PUT_BACK']);
    expect(judgeDue({ due: { seen: await findDue(portsAsRoot(s.world())) } })).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'REGISTER_PUT_BACK' }),
    );
    expect(toldOf('P-new')).toEqual(['REGISTER_LOST']);
    expect(toldOf('P-ended')).toEqual(['ROLE_GONE']);
    expect(toldOf('P-narrowed')).toEqual(['POLICY_CHANGED', 'REGISTER_PUT_BACK']);
    expect(await mayUse('P-narrowed', other)).toBe('denied');

    // As the operator does when he has posted again what had come.
    await index().remove('drift/put-back');
    await s.round();
    expect([toldOf('register'), toldOf('P-new')]).toEqual([['REGISTER_PUT_BACK'], ['REGISTER_LOST']]);
    expect(await mayUse('P-narrowed', other)).toBe('allowed');
    await s.world().jumpTo(lease.expiresAt);
    await s.world().settle();
    expect((await s.world().contract('P-ended')).state).toBe('ended');
  });

  it('is not told any more once it has again what it lacked', async () => {
    const bucket = s.world().cloud.config.evidenceBucket;
    const objects = s.world().cloud.objectsOf(bucket);
    const kept = s
      .world()
      .objectKeys(bucket, '')
      .map((key) => [key, objects.get(key)!] as const);
    for (const [key] of kept) objects.delete(key);
    await s.round();
    expect(await readPutBack(index())).toBeDefined();
    for (const [key, object] of kept) objects.set(key, object);
    await s.round();
    expect(await readPutBack(index())).toBeUndefined();
  });
});

describe('an index that was put back to how it was an hour ago', () => {
  it('is made anew from the register, also for what has no role by which it would be found', async () => {
    const { config } = s.world().cloud;
    const putBack = backUp(config.indexBucket);
    await s.world().onboard('P-asked', { grants: [{ ...kafkaGrant, access: 'operate' } as Grant] });
    await s.world().hear('P-asked', 'approval-needed');
    await s.world().calm();
    const known = s.world().objectKeys(config.indexBucket, 'grantees/');
    await s.round();
    putBack();
    expect(s.world().objectKeys(config.indexBucket, 'grantees/')).not.toEqual(known);
    await s.round();
    expect(s.world().objectKeys(config.indexBucket, 'grantees/')).toEqual(known);
  });
});
