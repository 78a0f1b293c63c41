import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rebuildLost } from '../../shared/app/drift/rebuild-index.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import type { EvidencePort } from '../../shared/cloud/ports.js';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { approvedBy, BOSS, newSigner } from '../support/approvers.js';
import { amend } from '../support/changes.js';
import { documentsFor, letUsIn, managedGrantee, there, usersThere } from '../support/managed.js';
import { deployOver } from '../support/redeploy.js';
import { kafkaGrant, PARTNER } from '../support/requests.js';
import { portsAsRoot } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const operate = { ...kafkaGrant, access: 'operate' } as const;
let world: World;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  env = approvedBy([await newSigner(BOSS)]);
  world = await startWorld({ runner: 'in-process', env });
  await letUsIn(world);
});
afterAll(() => world?.cloud.close());

const hours = async (count: number) => {
  for (let hour = 0; hour < count; hour += 1) {
    await world.clock.advance(HOUR * 1000);
    await world.calm();
  }
};
const leaseOf = (until: number) => {
  const now = instantOf(world.clock.now());
  return { startsAt: now, expiresAt: addSeconds(now, until) };
};
const renameIndex = (indexBucket: string) =>
  deployOver(world, { ...env, LEASEHOLD_INDEX_BUCKET: indexBucket });
const reasonsTold = (id: string) =>
  world.outbox.heard
    .filter(({ subject, type }) => subject === id && type.endsWith('.rejected'))
    .map(({ data }) => (data['reasons'] as readonly { readonly code: string }[]).map(({ code }) => code));

describe('an index bucket with another name', () => {
  it('has questions time out that were asked before, about requests and about amendments', async () => {
    const lease = leaseOf(40 * DAY);
    await world.onboard('B-open', { grants: [operate], lease });
    await world.hear('B-open', 'approval-needed');
    await world.onboard('B-live', { lease });
    await world.hear('B-live', 'granted');
    await amend(world, 'B-live', { revision: 1, grants: [operate], lease });
    await world.hear('B-live', 'approval-needed');
    await world.calm();
    await renameIndex('index-two');
    await hours(2);
    await world.jumpTo(world.clock.now() + 8 * DAY * 1000);
    await world.calm();
    expect(reasonsTold('B-open')).toEqual([['APPROVAL_TIMED_OUT']]);
    expect(reasonsTold('B-live')).toEqual([['APPROVAL_TIMED_OUT']]);
    const { state, amendment } = await world.contract('B-live');
    expect([state, amendment]).toEqual(['active', undefined]);
  });

  it('has what has ended looked at for a day all the same', async () => {
    const trust = (await documentsFor(world)).trust;
    const setTrust = (to: string) =>
      there(world, '2015-05-01', 'UpdateRole', {
        RoleName: 'leasehold-provisioning',
        NewAssumeRolePolicyDocument: to,
      });
    const closed = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${PARTNER}:root`] } },
      ],
    });
    await world.onboard('B-left', {
      grantee: managedGrantee({ users: [{ logonName: 'etl', access: 'programmatic' }] }),
    });
    await world.hear('B-left', 'granted');
    await setTrust(closed);
    await world.terminate('B-left');
    await world.hear('B-left', 'revoked');
    await world.calm();
    await renameIndex('index-three');
    await setTrust(trust);
    await hours(1);
    await world.jumpTo(world.clock.now() + 25 * HOUR * 1000);
    await world.calm();
    expect(await usersThere(world)).not.toContain('etl');
  });

  it('has the question asked anew when it is asked for again before anybody saw that its time was over', async () => {
    const lease = leaseOf(40 * DAY);
    await world.onboard('B-again', { grants: [operate], lease });
    await world.hear('B-again', 'approval-needed');
    await world.calm();
    const { terms } = await world.contract('B-again');
    const due = world.objectKeys('index-three', 'due/').filter((key) => key.includes('/B-again/'));
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), 'index-three');
    await index.removeAll([...due, `grantees/${PARTNER}/B-again`]);
    await world.jumpTo(Date.parse(terms?.question?.until ?? '') + HOUR * 1000);
    const heard = world.outbox.heard.length;
    await world.onboard('B-again', { grants: [operate], lease }, 'again');
    await world.calm();
    const asked = world.outbox.heard.slice(heard).filter(({ subject }) => subject === 'B-again');
    expect(asked.map(({ type }) => type)).toEqual(['partner.access.approval-needed']);
    expect(String(asked[0]?.data['until']) > instantOf(world.clock.now())).toBe(true);
  });
});

describe('a register that takes longer than a round has', () => {
  it('is gone through in several', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `B-many-${n}`);
    for (const id of ids) {
      await world.onboard(id, { grants: [operate], lease: leaseOf(40 * DAY) });
      await world.hear(id, 'approval-needed');
    }
    await world.calm();
    const ports = portsAsRoot(world);
    const all = world.objectKeys('index-three', `grantees/${PARTNER}/B-many-`);
    expect(all).toHaveLength(ids.length);
    const bucket = world.cloud.config.indexBucket;
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), bucket);
    for (const key of world.objectKeys(bucket, '')) await index.remove(key);
    // Each page is of five keys, and takes all the time there is.
    let now = instantOf(world.clock.now());
    const list: EvidencePort['list'] = async (prefix, after, limit) => {
      if (limit !== undefined) now = addSeconds(now, 60);
      return ports.evidence.list(prefix, after, limit === undefined ? undefined : 5);
    };
    const slow = {
      ...ports,
      index,
      clock: { ...ports.clock, now: () => now },
      evidence: { ...ports.evidence, list },
    };
    const counts: number[] = [];
    while (counts.at(-1) !== ids.length && counts.length < 20) {
      await rebuildLost(slow);
      counts.push(world.objectKeys(bucket, `grantees/${PARTNER}/B-many-`).length);
    }
    expect(counts.at(-1)).toBe(ids.length);
    const steps = counts.map((count, n) => count - (counts[n - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(3);
  });

  it('is not gone through again as long as rounds see the index', async () => {
    const ports = portsAsRoot(world);
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), 'index-three');
    const due = () => world.objectKeys('index-three', 'due/');
    const some = due().filter((key) => key.endsWith('/approval-timeout'));
    expect(some).not.toEqual([]);
    const portsIn = (seconds: number) => ({
      ...ports,
      index,
      clock: { ...ports.clock, now: () => addSeconds(instantOf(world.clock.now()), seconds) },
    });
    // Until now the rounds of another index were later ones.
    await rebuildLost(portsIn(HOUR));
    await index.removeAll(some);
    await rebuildLost(portsIn(2 * HOUR));
    expect(due()).not.toContain(some[0]);
    // As if the bucket had been out of use meanwhile.
    await rebuildLost(portsIn(6 * HOUR));
    await rebuildLost(portsIn(7 * HOUR));
    expect(due()).toEqual(expect.arrayContaining(some));
  });
});
