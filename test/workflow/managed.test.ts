import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import { amend, hearNth, reasonsIn, using } from '../support/changes.js';
import { managedGrantee, secretsOf, startManaged, there, usersThere } from '../support/managed.js';
import { kafkaGrant, PARTNER } from '../support/requests.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startManaged();
}, 60_000);
afterAll(() => world.cloud.close());

const etl = { logonName: 'etl', access: 'programmatic' } as const;
const alice = { logonName: 'alice', access: 'console' } as const;
const byConsole = { type: 'user', name: 'alice', via: 'console' } as const;
const byApi = { type: 'user', name: 'etl', via: 'api' } as const;

describe('a partner who lets Leasehold set up its users', () => {
  it('gets a program with a key that enters, and a person with a password', async () => {
    await world.onboard('M-both', { grantee: managedGrantee({ users: [etl, alice] }, [byApi, byConsole]) });
    const granted = await world.hear('M-both', 'granted', 'failed', 'rejected');
    expect(granted.type).toBe('partner.access.granted');
    const secrets = await secretsOf(world, 'M-both');
    const handOver = granted.data as unknown as HandOver;
    const key = secrets.find((one) => one.kind === 'user' && one.accessKeyId !== undefined);
    const person = secrets.find((one) => one.kind === 'user' && one.password !== undefined);
    const entry = secrets.find((one) => one.kind === 'external-id');
    expect(key).toMatchObject({ userPrincipalName: `etl@${PARTNER}.onaliyun.com` });
    expect(person).toMatchObject({ userPrincipalName: `alice@${PARTNER}.onaliyun.com` });
    if (key?.kind !== 'user' || entry?.kind !== 'external-id') throw new Error('nothing to enter with');
    const keys = { accessKeyId: key.accessKeyId ?? '', accessKeySecret: key.accessKeySecret ?? '' };
    const opened = await makeStsPort(world.cloud.connectionOf(keys, PARTNER)).assume({
      roleArn: handOver.roleArn,
      sessionName: 'etl',
      seconds: 3600,
      externalId: entry.externalId,
    });
    if (opened.outcome !== 'opened') throw new Error(opened.code);
    expect(await using(world, opened.session, kafkaGrant)).toBe('allowed');
    const said = JSON.stringify([await world.facts('M-both'), world.outbox.heard, world.lines]);
    for (const secret of [keys.accessKeySecret, person?.kind === 'user' ? person.password : ''])
      expect(said.includes(secret ?? 'nothing')).toBe(false);
  });

  it('has nothing of it left when the contract has ended', async () => {
    expect(await usersThere(world)).toEqual(['alice', 'etl']);
    await world.terminate('M-both');
    const revoked = await world.hear('M-both', 'revoked', 'failed');
    expect(revoked.data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
    const { Policies } = (await there(world, '2015-05-01', 'ListPolicies', { PolicyType: 'Custom' })) as {
      readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
    };
    expect(Policies.Policy.map(({ PolicyName }) => PolicyName)).toEqual(['leasehold-provisioning']);
  });
});

describe('the end of a contract of which somebody gave a policy away by hand', () => {
  it('leaves no user at the partner, though it is not recorded until he has lost it', async () => {
    await world.onboard('M-held', { grantee: managedGrantee({ users: [etl] }) });
    await world.hear('M-held', 'granted');
    const [PolicyName = ''] = (await world.contract('M-held')).created?.policies ?? [];
    const given = { PolicyType: 'Custom', PolicyName, UserName: 'bob' };
    await world.asOwner('2015-05-01', 'CreateUser', { UserName: 'bob' });
    await world.asOwner('2015-05-01', 'AttachPolicyToUser', given);
    await world.terminate('M-held');
    const failed = await world.hear('M-held', 'failed', 'revoked');
    expect([failed.type, await usersThere(world)]).toEqual(['partner.access.failed', []]);
    await world.asOwner('2015-05-01', 'DetachPolicyFromUser', given);
    const revoked = await world.hear('M-held', 'revoked');
    expect(revoked.data).toMatchObject({ leftBehind: [] });
  });
});

describe('joiners and leavers', () => {
  it('come and go by amendment, with no change in the owner’s account', async () => {
    const bob = { logonName: 'bob', access: 'programmatic' } as const;
    await world.onboard('M-people', { grantee: managedGrantee({ users: [etl] }) });
    await world.hear('M-people', 'granted');
    const before = world.ramWrites().length;
    await amend(world, 'M-people', { revision: 1, grantee: managedGrantee({ users: [bob] }) });
    const amended = await hearNth(world, 'M-people', 'amended', 1);
    expect(amended.data).toMatchObject({ revision: 1 });
    expect(await usersThere(world)).toEqual(['bob']);
    expect(world.ramWrites().slice(before)).toEqual([]);
    const secrets = await secretsOf(world, 'M-people', 'amended');
    expect(secrets.filter((one) => one.kind === 'user')).toMatchObject([
      { userPrincipalName: `bob@${PARTNER}.onaliyun.com` },
    ]);
  });

  it('are not made otherwise than they were', async () => {
    const grantee = managedGrantee(
      { users: [{ logonName: 'bob', access: 'both', acceptsBothAccessModes: true }] },
      [
        { type: 'user', name: 'bob', via: 'console' },
        { type: 'user', name: 'bob', via: 'api' },
      ],
    );
    await amend(world, 'M-people', { revision: 2, grantee });
    expect(reasonsIn(await world.hear('M-people', 'rejected'))).toEqual(['SETUP_CHANGED']);
    await world.terminate('M-people');
    await world.hear('M-people', 'revoked');
    expect(await usersThere(world)).toEqual([]);
  });
});
