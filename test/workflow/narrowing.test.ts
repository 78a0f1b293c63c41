import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import type { Grant } from '../../shared/domain/grant.js';
import { parseContractId } from '../../shared/domain/values.js';
import { amend, hearNth, reasonsIn } from '../support/changes.js';
import { forge } from '../support/forge.js';
import { letUsIn, managedGrantee, there, usersThere } from '../support/managed.js';
import { redeploy } from '../support/redeploy.js';
import { kafkaGrant, OWNER, PARTNER, REGION, request } from '../support/requests.js';
import {
  accountsIn,
  grantee,
  kafkaDoor,
  logOn,
  rocketmqDoor,
  ruleDoor,
  startDoors,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

const rabbit = {
  service: 'rabbitmq',
  access: 'read',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
} as Grant;
const etl = { logonName: 'etl', access: 'programmatic' } as const;
const bob = { logonName: 'bob', access: 'programmatic' } as const;
const both = kafkaDoor({ topics: ['orders', 'invoices'] });

let world: World;
beforeAll(async () => {
  world = await startDoors();
  await letUsIn(world);
  await world.onboard('N-users', {
    grantee: managedGrantee({ users: [etl, bob] }),
    grants: [kafkaGrant, rabbit],
  });
  await world.onboard('N-shut', { grantee: managedGrantee({ users: [etl] }), grants: [kafkaGrant, rabbit] });
  await world.onboard('N-doors', { grantee, grants: [both, rocketmqDoor(), rabbit] });
  await world.onboard('N-forged', { grantee, grants: [rabbit] });
  for (const id of ['N-users', 'N-shut', 'N-doors', 'N-forged']) await world.hear(id, 'granted');
  await world.calm();
  // From here on the rule covers nothing, and nothing is granted in the region of these contracts.
  await redeploy(world, {
    LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":0}',
    LEASEHOLD_REGIONS: 'cn-beijing',
  });
}, 60_000);
afterAll(() => world?.cloud.close());

const amended = async (id: string) => {
  const heard = await world.hear(id, 'amended', 'rejected', 'failed');
  expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.amended', undefined]);
  return heard;
};

describe('a narrowing, when the rule and the limits by which it was granted are narrower by now', () => {
  it('takes a grant and a user away', async () => {
    await amend(world, 'N-users', {
      revision: 1,
      grantee: managedGrantee({ users: [etl] }),
      grants: [rabbit],
    });
    await amended('N-users');
    await world.calm();
    expect(await usersThere(world)).toEqual(['etl']);
    expect((await world.contract('N-users')).terms?.request.grants).toEqual([rabbit]);
  });

  it('takes rights from an account, and an account away, while the other works on', async () => {
    const [granted] = world.outbox.heard.filter(
      ({ subject, type }) => subject === 'N-doors' && type.endsWith('.granted'),
    );
    const accounts = await accountsIn(granted!);
    const kafka = accounts.find(({ product }) => product === 'kafka')!;
    const rocketmq = accounts.find(({ product }) => product === 'rocketmq5')!;
    expect([logOn(world, kafka, 'invoices'), logOn(world, rocketmq)]).toEqual(['allowed', 'allowed']);
    await amend(world, 'N-doors', { revision: 1, grantee, grants: [kafkaDoor(), rabbit] });
    await amended('N-doors');
    await world.calm();
    expect([logOn(world, kafka), logOn(world, kafka, 'invoices'), logOn(world, rocketmq)]).toEqual([
      'allowed',
      'NO_RIGHT',
      'BAD_CREDENTIALS',
    ]);
  });

  it('does not wait for a grantee who shuts Leasehold out', async () => {
    const trust = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${PARTNER}:root`] } },
      ],
    });
    await there(world, '2015-05-01', 'UpdateRole', {
      RoleName: 'leasehold-provisioning',
      NewAssumeRolePolicyDocument: trust,
    });
    await amend(world, 'N-shut', {
      revision: 1,
      grantee: managedGrantee({ users: [etl] }),
      grants: [rabbit],
    });
    await amended('N-shut');
  });

  it('but whatever widens as well is refused, with nobody there to ask', async () => {
    await amend(world, 'N-users', {
      revision: 2,
      grantee: managedGrantee({ users: [etl] }),
      grants: [kafkaGrant],
    });
    const reasons = reasonsIn(await hearNth(world, 'N-users', 'rejected', 1));
    expect(reasons).toContain('REGION_NOT_SERVED');
  });
});

describe('whoever can write the register alone', () => {
  it('has no account and no rule made, whatever he says was intended', async () => {
    const grants = [rabbit, kafkaDoor(), ruleDoor()];
    const more = request({ contractId: parseContractId('N-forged'), grantee, grants });
    const { planHash, accounts, routes } = planAccess(more, OWNER);
    const asked = (await world.contract('N-forged')).seq + 1;
    const event = { source: 'x', id: 'x', contentHash: 'x' };
    const change = { widens: [], narrows: [] };
    for (const fact of [
      { kind: 'amendment-requested', data: { event, request: more, revision: 1, planHash, change } },
      { kind: 'approved', data: { of: asked, planHash, by: 'auto-approval' } },
      { kind: 'amending', data: { revision: 1, policies: [] } },
      { kind: 'amended', data: { revision: 1, change, policies: [], proofs: [] } },
      { kind: 'side-doors-intended', data: { accounts, routes } },
    ] as const)
      await forge(world, 'N-forged', fact);
    const calls = world.cloud.calls.length;
    await amend(world, 'N-forged', { revision: 1, grantee, grants });
    await world.jumpTo(world.clock.now() + 3_600_000);
    await world.calm();
    const made = world.cloud.calls
      .slice(calls)
      .filter(({ action }) => /^Create(SaslUser|Rule)$/.test(action));
    expect(made).toEqual([]);
  });
});
