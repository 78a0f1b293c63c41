/** Each row of what the vendor's five help pages have a person do by hand, done from events. test/README.md has the same table. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { handOverPage } from '../../shared/app/hand-over/page.js';
import type { Secret } from '../../shared/app/hand-over/seal.js';
import { eventBridgeClient, postEvent } from '../../shared/cloud/alibaba/events.js';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import type { Session } from '../../shared/cloud/ports.js';
import type { Grant, ResourceGrant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { sampleSeed, withResources } from '../../shared/loopback/products/seed.js';
import { grantProbes } from '../../shared/services/index.js';
import { amend, enterAs, hearNth, reasonsIn, using } from '../support/changes.js';
import { letUsIn, managedGrantee, secretsOf, there, usersThere } from '../support/managed.js';
import { groupedGrant, kafkaGrant, OWNER, PARTNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const rocketmq = {
  service: 'rocketmq',
  series: '4.x',
  access: 'subscribe',
  region: REGION,
  instanceId: `MQ_INST_${OWNER}_x1`,
  topics: ['orders'],
  groups: ['GID_globex'],
} as const satisfies Grant;
const bus = {
  service: 'eventbridge',
  access: 'publish',
  region: REGION,
  eventBus: 'orders',
} as const satisfies Grant;
const system = (systemPolicy: string): Grant => ({ systemPolicy });

let world: World;
beforeAll(async () => {
  world = await startWorld({
    runner: 'in-process',
    seed: withResources(sampleSeed(OWNER), OWNER, [groupedGrant]),
    env: {
      LEASEHOLD_AUTO_APPROVAL: JSON.stringify({
        maxLeaseSeconds: 31_622_400,
        allowUnavoidablyWider: true,
        allowSystemPolicies: true,
      }),
    },
  });
  await letUsIn(world);
}, 60_000);
afterAll(() => world.cloud.close());

const onboard = async (id: string, changes: Parameters<typeof request>[0]): Promise<HandOver> => {
  await world.onboard(id, changes);
  const heard = await world.hear(id, 'granted', 'rejected', 'failed');
  expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
  return heard.data as unknown as HandOver;
};
const refused = async (id: string, changes: Parameters<typeof request>[0]) => {
  await world.onboard(id, changes);
  return reasonsIn(await world.hear(id, 'rejected', 'granted', 'failed'));
};
const roleOf = (id: string) => world.ram().observeRole(roleNameOf(parseContractId(id)));
const policiesOn = async (id: string) =>
  (await world.ram().attachmentsOf(roleNameOf(parseContractId(id)))).map(({ policy, ...scope }) => ({
    ...policy,
    ...scope,
  }));
const policyOf = (id: string) =>
  world.ram().readPolicy({ type: 'Custom', name: `${roleNameOf(parseContractId(id))}-1` });
const ask = async (session: Session, grant: Grant) => {
  const port = makeProductPort(world.cloud.connectionOf(world.cloud.root));
  const answers = grantProbes(grant as ResourceGrant, OWNER).map(({ call }) => port.call(call, session));
  return [...new Set((await Promise.all(answers)).map(({ outcome }) => outcome))];
};
type UserSecret = Extract<Secret, { readonly kind: 'user' }>;
const secretFor = (secrets: readonly Secret[], name: string) =>
  secrets.find((one) => one.kind === 'user' && one.userPrincipalName.startsWith(`${name}@`)) as UserSecret;
const enterWith = async (handOver: HandOver, secrets: readonly Secret[], name: string): Promise<Session> => {
  const { accessKeyId = '', accessKeySecret = '' } = secretFor(secrets, name);
  const entry = secrets.find((one) => one.kind === 'external-id');
  const opened = await makeStsPort(
    world.cloud.connectionOf({ accessKeyId, accessKeySecret }, PARTNER),
  ).assume({
    roleArn: handOver.roleArn,
    sessionName: name,
    seconds: 3600,
    ...(entry?.kind === 'external-id' ? { externalId: entry.externalId } : {}),
  });
  if (opened.outcome !== 'opened') throw new Error(opened.code);
  return opened.session;
};
const publish = async (session: Session, eventBus: string): Promise<string> => {
  const event = { id: `e-${eventBus}`, source: 'partner', type: 'order:Created', subject: 's', data: {} };
  const client = eventBridgeClient(world.cloud.connectionOf(session));
  return postEvent(client, eventBus, { ...event, time: new Date(world.clock.now()).toISOString() }).then(
    () => 'published',
    () => 'refused',
  );
};

describe('what the owner does by hand', () => {
  it('R1: a role that trusts the whole account of the partner', async () => {
    const { roleName } = await onboard('R-1', { grants: [rocketmq] });
    expect(roleName).toMatch(/^[A-Za-z0-9-]{1,64}$/);
    expect((await roleOf('R-1'))?.trust).toContain(`acs:ram::${PARTNER}:root`);
  });

  it('R2: trust narrowed to one user of the partner', async () => {
    const grantee = {
      ...request().grantee,
      accessors: [{ type: 'user', name: 'dora', via: 'console' }] as const,
    };
    await world.partner.prepare(request({ grantee }));
    await onboard('R-2', { grantee });
    const trust = (await roleOf('R-2'))?.trust ?? '';
    expect(trust).toContain(`acs:ram::${PARTNER}:user/dora`);
    expect(trust).not.toContain(`acs:ram::${PARTNER}:root`);
  });

  it('R3: several system policies at once, on several roles', async () => {
    const grants = [system('AliyunALBReadOnlyAccess'), system('AliyunSLBReadOnlyAccess')];
    for (const id of ['R-3a', 'R-3b']) {
      await onboard(id, { grants });
      expect((await policiesOn(id)).filter(({ type }) => type === 'System').map(({ name }) => name)).toEqual([
        'AliyunALBReadOnlyAccess',
        'AliyunSLBReadOnlyAccess',
      ]);
    }
  });

  it('R4: a custom policy with permissions on single resources', async () => {
    await onboard('R-4', { grants: [kafkaGrant] });
    const session = await enterAs(world, 'R-4');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    expect(await ask(session, { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as Grant)).toEqual([
      'denied',
    ]);
  });

  it('R5: RocketMQ by instance, topic and group', async () => {
    const policy = (await policyOf('R-1')) ?? '';
    for (const resource of [
      `MQ_INST_${OWNER}_x1"`,
      `MQ_INST_${OWNER}_x1%orders"`,
      `MQ_INST_${OWNER}_x1%GID_globex"`,
    ])
      expect(policy).toContain(resource);
    expect(policy).not.toContain('%invoices');
  });

  it('R6: publishing of events to one bus', async () => {
    await onboard('R-6', { grants: [bus] });
    const session = await enterAs(world, 'R-6');
    expect([await publish(session, 'orders'), await publish(session, 'invoices')]).toEqual([
      'published',
      'refused',
    ]);
  });

  it('R7: scope of one resource group', async () => {
    await onboard('R-7', { grants: [groupedGrant] });
    expect(await policiesOn('R-7')).toContainEqual({
      type: 'Custom',
      name: `${roleNameOf(parseContractId('R-7'))}-2`,
      resourceGroupId: 'rg-partners',
    });
    const session = await enterAs(world, 'R-7');
    expect(await ask(session, groupedGrant)).toEqual(['allowed']);
    expect(await ask(session, { ...groupedGrant, instanceId: 'alikafka_pre-cn-x1' })).toEqual(['denied']);
  });

  it('R8: high-risk system policies are pointed out and refused', async () => {
    expect(await refused('R-8', { grants: [system('AliyunKafkaReadOnlyAccess')] })).toContain(
      'HIGH_RISK_POLICY',
    );
  });
});

describe('what the partner does by hand, done for it', () => {
  const people = {
    users: [
      { logonName: 'alice', displayName: 'Alice A.', access: 'console', tags: { team: 'data' } },
      { logonName: 'etl', access: 'programmatic' },
    ],
    roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }],
  } as const;
  const accessors = [
    { type: 'user', name: 'alice', via: 'console' },
    { type: 'user', name: 'etl', via: 'api' },
    { type: 'role', name: 'etl-ecs', via: 'api' },
  ] as const;
  let handOver: HandOver;
  let secrets: readonly Secret[];
  let imsCalls: readonly string[];
  beforeAll(async () => {
    const before = world.cloud.calls.length;
    handOver = await onboard('R-9', {
      grantee: managedGrantee(people, accessors),
      grants: [kafkaGrant, rocketmq],
    });
    secrets = await secretsOf(world, 'R-9');
    imsCalls = world.cloud.calls
      .slice(before)
      .filter(({ product }) => product === 'Ims')
      .map(({ action }) => action);
  }, 60_000);
  const user = async (name: string) =>
    (
      (await there(world, '2019-08-15', 'GetUser', {
        UserPrincipalName: `${name}@${PARTNER}.onaliyun.com`,
      })) as { readonly User: Readonly<Record<string, unknown>> }
    ).User;

  it('R9: users with logon name, display name and tags, several at once', async () => {
    expect(await usersThere(world)).toEqual(expect.arrayContaining(['alice', 'etl']));
    const alice = await user('alice');
    expect(alice).toMatchObject({ DisplayName: 'Alice A.' });
    expect(JSON.stringify(alice['Tags'])).toContain('team');
  });

  it('R10: console access with a password within the policy, to be reset, and MFA', async () => {
    const { LoginProfile } = (await there(world, '2019-08-15', 'GetLoginProfile', {
      UserPrincipalName: `alice@${PARTNER}.onaliyun.com`,
    })) as { readonly LoginProfile: Readonly<Record<string, unknown>> };
    expect(LoginProfile).toMatchObject({
      PasswordResetRequired: true,
      MFABindRequired: true,
      Status: 'Active',
    });
    expect(world.cloud.accounts.canLogOn(PARTNER, 'alice', secretFor(secrets, 'alice').password ?? '')).toBe(
      true,
    );
  });

  it('R11: an AccessKey whose secret is shown once, to the partner alone', async () => {
    const { accessKeySecret = '' } = secretFor(secrets, 'etl');
    expect(accessKeySecret.length).toBeGreaterThan(20);
    const everythingElse = JSON.stringify([await world.facts('R-9'), world.outbox.heard, world.lines]);
    expect(everythingElse.includes(accessKeySecret)).toBe(false);
  });

  it('R12: one access mode a user', async () => {
    const both = { logonName: 'zoe', access: 'both' } as const;
    const ways = [
      { type: 'user', name: 'zoe', via: 'console' },
      { type: 'user', name: 'zoe', via: 'api' },
    ] as const;
    expect(await refused('R-12', { grantee: managedGrantee({ users: [both] }, ways) })).toEqual([
      'BOTH_ACCESS_MODES',
    ]);
    expect(secretFor(secrets, 'alice').accessKeyId).toBeUndefined();
    expect(secretFor(secrets, 'etl').password).toBeUndefined();
  });

  it('R13: by the calls that the page lists, in their order', () => {
    const at = (action: string) => imsCalls.indexOf(action);
    expect(at('GetDefaultDomain')).toBeGreaterThanOrEqual(0);
    expect(at('GetDefaultDomain')).toBeLessThan(at('CreateUser'));
    expect(at('GetPasswordPolicy')).toBeLessThan(at('CreateLoginProfile'));
    expect(at('CreateUser')).toBeLessThan(at('CreateLoginProfile'));
    expect(at('CreateUser')).toBeLessThan(at('CreateAccessKey'));
  });

  it('R14: users may assume this one role and no other', async () => {
    const { Policies } = (await there(world, '2015-05-01', 'ListPoliciesForUser', { UserName: 'etl' })) as {
      readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
    };
    expect(Policies.Policy.map(({ PolicyName }) => PolicyName)).toEqual([`${handOver.roleName}-enter`]);
    const { accessKeyId = '', accessKeySecret = '' } = secretFor(secrets, 'etl');
    const other = await makeStsPort(
      world.cloud.connectionOf({ accessKeyId, accessKeySecret }, PARTNER),
    ).assume({
      roleArn: `acs:ram::${OWNER}:role/${roleNameOf(parseContractId('R-1'))}`,
      sessionName: 'etl',
      seconds: 900,
    });
    expect(other.outcome).toBe('refused');
  });

  it('R15: entering by console, with the links and forms filled in', async () => {
    const page = handOverPage(handOver);
    expect(page).toContain(`https://signin.aliyun.com/${PARTNER}.onaliyun.com/login.htm`);
    expect(page).toContain(`switchRole.htm?parentAlias=${OWNER}.onaliyun.com&roleName=${handOver.roleName}`);
    const { credentials } = world.cloud.accounts.switchRole(
      { accountId: PARTNER, name: 'alice', mfa: true, sourceIp: '192.0.2.1' },
      { accountId: OWNER, name: handOver.roleName },
    );
    expect(await ask(credentials, kafkaGrant)).toEqual(['allowed']);
  });

  it('R16: entering by API: AssumeRole, then the product with the three values', async () => {
    expect(await ask(await enterWith(handOver, secrets, 'etl'), kafkaGrant)).toEqual(['allowed']);
  });

  it('R17: RocketMQ by SDK with a token that is renewed without a restart', () => {
    expect(handOverPage(handOver)).toMatch(/updateCredential\(/);
  });

  it('R18: RocketMQ on ECS with an instance role and no key', async () => {
    const { Role } = (await there(world, '2015-05-01', 'GetRole', { RoleName: 'etl-ecs' })) as {
      readonly Role: { readonly AssumeRolePolicyDocument: string };
    };
    expect(Role.AssumeRolePolicyDocument).toContain('ecs.aliyuncs.com');
    expect(handOverPage(handOver)).toContain('ALIBABA_CLOUD_ECS_METADATA');
  });

  it('R19: joiners and leavers need no change on the owner’s side', async () => {
    const users = (names: readonly string[]) => ({
      users: names.map((logonName) => ({ logonName, access: 'programmatic' as const })),
    });
    await onboard('R-19', { grantee: managedGrantee(users(['ann'])) });
    const writes = world.ramWrites().length;
    await amend(world, 'R-19', { revision: 1, grantee: managedGrantee(users(['ben'])) });
    await hearNth(world, 'R-19', 'amended', 1);
    expect(await usersThere(world)).toContain('ben');
    expect(await usersThere(world)).not.toContain('ann');
    expect(world.ramWrites().slice(writes)).toEqual([]);
  });

  it('R20: ended at any time, for sessions that live too, and nothing of it left on either side', async () => {
    const session = await enterWith(handOver, secrets, 'etl');
    await world.terminate('R-9');
    const revoked = await world.hear('R-9', 'revoked');
    expect(revoked.data).toMatchObject({ reason: 'terminated', leftBehind: [] });
    const sts = makeStsPort(world.cloud.connectionOf(world.cloud.root));
    expect(await sts.callerOf(session)).toMatchObject({ outcome: 'dead' });
    expect(await roleOf('R-9')).toBeUndefined();
    for (const name of ['alice', 'etl']) expect(await usersThere(world)).not.toContain(name);
  });

  it('R21: nothing but temporary keys opens a resource of the owner’s', async () => {
    await onboard('R-21', {
      grantee: managedGrantee({ users: [{ logonName: 'job', access: 'programmatic' }] }),
    });
    const { accessKeyId = '', accessKeySecret = '' } = secretFor(await secretsOf(world, 'R-21'), 'job');
    const permanent = { accessKeyId, accessKeySecret, securityToken: '' };
    expect(await ask(permanent, kafkaGrant)).not.toContain('allowed');
  });
});
