/** Two accounts and a way to call them: the resource owner A with its role, the partner B with its users. */
import * as ramModels from '@alicloud/ram20150501';
import * as stsModels from '@alicloud/sts20150401';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import { type CloudOptions, type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { allow, type Keys, ownerId, partnerId, ramClient, stsClient } from './identity-clients.js';

export interface World {
  readonly running: RunningCloud;
  readonly clock: VirtualClock;
  readonly endpoint: string;
  readonly ownerRoot: Keys;
  readonly partnerRoot: Keys;
  /** A user of A that administers RAM. */
  readonly admin: Keys;
  /** A user of B that may assume any role. */
  readonly alice: Keys;
  /** A user of B that may do nothing. */
  readonly bob: Keys;
  close(): Promise<void>;
}

export async function startWorld(options: CloudOptions = {}): Promise<World> {
  const clock = makeVirtualClock({ startAt: Date.UTC(2026, 11, 1) });
  const running = await startCloud({ clock, ...options });
  const { accounts, endpoint } = running;
  const { rootAccessKey: ownerRoot } = accounts.createAccount(ownerId, { alias: 'enterprise-a' });
  const { rootAccessKey: partnerRoot } = accounts.createAccount(partnerId);
  const admin = accounts.createUser(ownerId, 'admin');
  const alice = accounts.createUser(partnerId, 'alice', { sourceIp: '203.0.113.7' });
  const bob = accounts.createUser(partnerId, 'bob');
  await attachToUser(running, ownerId, 'admin', 'AdministratorAccess');
  await attachToUser(running, partnerId, 'alice', 'AliyunSTSAssumeRoleAccess');
  return {
    running,
    clock,
    endpoint,
    ownerRoot,
    partnerRoot,
    admin,
    alice,
    bob,
    close: () => running.close(),
  };
}

export async function attachToUser(
  running: RunningCloud,
  accountId: string,
  user: string,
  policy: string,
): Promise<void> {
  const root = running.accounts.rootOf(accountId);
  const params = { UserName: user, PolicyName: policy, PolicyType: 'System' };
  await running.cloud.call(root, '2015-05-01', 'AttachPolicyToUser', params, 'cn-hangzhou');
}

/** A call of RAM as `accountId`'s owner, in process. */
export const asOwner = (
  running: RunningCloud,
  accountId: string,
  action: string,
  params: Record<string, string>,
) => running.cloud.call(running.accounts.rootOf(accountId), '2015-05-01', action, params, 'cn-hangzhou');

/** Makes a role in A with one custom policy attached that allows `actions`. */
export async function makeRole(
  world: World,
  name: string,
  trust: string,
  policy = allow('ram:ListRoles'),
): Promise<void> {
  const ram = ramClient(world.endpoint, world.admin);
  await ram.createRole(new ramModels.CreateRoleRequest({ roleName: name, assumeRolePolicyDocument: trust }));
  await ram.createPolicy(
    new ramModels.CreatePolicyRequest({ policyName: `${name}-policy`, policyDocument: policy }),
  );
  await ram.attachPolicyToRole(
    new ramModels.AttachPolicyToRoleRequest({
      roleName: name,
      policyName: `${name}-policy`,
      policyType: 'Custom',
    }),
  );
}

export interface AssumeOptions {
  readonly externalId?: string;
  readonly durationSeconds?: number;
  readonly policy?: string;
  readonly roleSessionName?: string;
  readonly sourceIdentity?: string | undefined;
}

/** Keys of a session of A's role, opened with `keys`. */
export async function assume(
  world: World,
  keys: Keys,
  role: string,
  { sourceIdentity, ...options }: AssumeOptions = {},
): Promise<Keys> {
  const { body } = await stsClient(world.endpoint, keys).assumeRole(
    new stsModels.AssumeRoleRequest({
      roleArn: `acs:ram::${ownerId}:role/${role}`,
      roleSessionName: 'alice',
      ...options,
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    }),
  );
  const { accessKeyId = '', accessKeySecret = '', securityToken = '' } = body?.credentials ?? {};
  return { accessKeyId, accessKeySecret, securityToken };
}
