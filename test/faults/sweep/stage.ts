/** A world in which flow after flow runs under faults, each on a contract of its own that leaves no trace for the next. */
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { type Instant, instantOf, parseContractId, type RoleName } from '../../../shared/domain/values.js';
import type { FunctionRunner } from '../../../shared/loopback/function-compute/service.js';
import { ApiError, type Caller, type CallInfo } from '../../../shared/loopback/kernel.js';
import { OWNER, PARTNER, REGION } from '../../support/requests.js';
import { startWorld, type World } from '../../support/world.js';

export interface Stage {
  readonly world: World;
  /** Somebody of the partner's who may assume whatever trusts the partner's account. */
  readonly operator: Caller;
  /** A call of the owner's administrator, authorised and recorded as any, but over no wire. */
  asOwner<T>(action: string, params: Readonly<Record<string, string>>, version?: string): Promise<T>;
  now(): Instant;
  /** What `looking` calls is not the flow's; nothing of the flow may be under way meanwhile. */
  aside<T>(looking: () => Promise<T>): Promise<T>;
  readonly isAside: boolean;
  /** Goes on for `ms` at least, to five seconds into a minute: the sweep has just run, and the hourly round is far. */
  goOn(ms?: number): Promise<void>;
  /** Takes the contract out of the world: register, index, role and policies. */
  purge(id: string): Promise<void>;
  close(): Promise<void>;
}

export const RAM = '2015-05-01';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const IN_THE_HOUR = 20 * MINUTE + 5_000;

export const roleOf = (id: string): RoleName => roleNameOf(parseContractId(id));
/** Another contract of the same partner's, where a flow is about two. */
export const companionOf = (id: string): string => `${id}-b`;

/** Calls of Leasehold itself, not those by which a test acts or looks. */
export const isOurs = ({ callerArn = '' }: Pick<CallInfo, 'callerArn'>): boolean =>
  /leasehold-fn-|leasehold-verifier|leasehold-provisioning/.test(callerArn);

/** `undefined` of what RAM says is not there. */
export const unlessGone = async <T>(asking: Promise<T>): Promise<T | undefined> => {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ApiError && /^EntityNotExist/.test(error.code)) return undefined;
    throw error;
  }
};

export interface StageOptions {
  /** What Leasehold is configured with beside the defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the world has beside what every world has, made once. */
  readonly stage?: (world: World) => Promise<unknown>;
}

/** Gives the partner's account somebody, `operator`, who may assume whatever trusts it. */
export async function letIn({ cloud: { cloud, accounts } }: World, accountId: string): Promise<void> {
  if (accounts.keyOf(accountId) === undefined) accounts.createAccount(accountId);
  if (accounts.keyOf(accountId, 'operator') === undefined) accounts.createUser(accountId, 'operator');
  const asPartner = (action: string, params: Readonly<Record<string, string>>) =>
    cloud.call(accounts.rootOf(accountId), RAM, action, params, REGION);
  await asPartner('CreatePolicy', {
    PolicyName: 'may-assume',
    PolicyDocument: JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
    }),
  });
  await asPartner('AttachPolicyToUser', {
    PolicyType: 'Custom',
    PolicyName: 'may-assume',
    UserName: 'operator',
  });
}

export async function startStage(
  { env = {}, stage: prepare }: StageOptions = {},
  runner: FunctionRunner = 'in-process',
): Promise<Stage> {
  const world = await startWorld({ runner, env });
  await prepare?.(world);
  const { cloud, accounts, config } = world.cloud;
  const asOwner: Stage['asOwner'] = async (action, params, version = RAM) =>
    (await cloud.call(accounts.rootOf(OWNER), version, action, params, REGION)) as never;
  await letIn(world, PARTNER);
  await addNeighbour(asOwner);
  const empty = (bucket: string, prefix: string, isIts: (key: string) => boolean): void => {
    const objects = world.cloud.objectsOf(bucket);
    for (const key of world.objectKeys(bucket, prefix).filter(isIts)) objects.delete(key);
  };
  let asides = 0;
  return {
    world,
    aside: async (looking) => {
      asides += 1;
      try {
        return await looking();
      } finally {
        asides -= 1;
      }
    },
    get isAside() {
      return asides > 0;
    },
    operator: accounts.userOf(PARTNER, 'operator'),
    asOwner,
    now: () => instantOf(world.clock.now()),
    goOn: (ms = 0) =>
      world.jumpTo(Math.ceil((world.clock.now() + ms - IN_THE_HOUR) / HOUR) * HOUR + IN_THE_HOUR),
    purge: async (id) => {
      await purgeRole(id, asOwner);
      for (const prefix of [`contracts/${id}/`, `names/${roleOf(id)}`, `hand-overs/${id}/`])
        empty(config.evidenceBucket, prefix, () => true);
      for (const prefix of ['due/', 'grantees/'])
        empty(config.indexBucket, prefix, (key) => key.split('/').includes(id));
    },
    close: () => world.cloud.close(),
  };
}

/** A role with its policy that Leasehold's functions may touch and no contract here is about: of another Leasehold in the account. */
async function addNeighbour(asOwner: Stage['asOwner']): Promise<void> {
  const RoleName = 'lease-neighbour-0000000000000000';
  const PolicyName = `${RoleName}-1`;
  const Statement = [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${OWNER}:root` } },
  ];
  const Tag = { 'Tag.1.Key': 'leasehold-deployment', 'Tag.1.Value': 'another' };
  await asOwner('CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement }),
    ...Tag,
  });
  const PolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'alikafka:ListTopic', Resource: '*' }],
  });
  await asOwner('CreatePolicy', { PolicyName, PolicyDocument, ...Tag });
  await asOwner('AttachPolicyToRole', { PolicyType: 'Custom', PolicyName, RoleName });
}

interface RoleList {
  readonly Roles: { readonly Role: readonly { readonly RoleName: string }[] };
}
interface PolicyList {
  readonly Policies: {
    readonly Policy: readonly { readonly PolicyName: string; readonly PolicyType: string }[];
  };
}

async function purgeRole(id: string, asOwner: Stage['asOwner']): Promise<void> {
  const name = roleOf(id);
  const { Roles } = await asOwner<RoleList>('ListRoles', {});
  if (Roles.Role.some(({ RoleName }) => RoleName === name)) {
    const { Policies } = await asOwner<PolicyList>('ListPoliciesForRole', { RoleName: name });
    for (const { PolicyName, PolicyType } of Policies.Policy)
      await asOwner('DetachPolicyFromRole', { PolicyType, PolicyName, RoleName: name });
    await asOwner('DeleteRole', { RoleName: name });
  }
  const { Policies } = await asOwner<PolicyList>('ListPolicies', { PolicyType: 'Custom' });
  for (const { PolicyName } of Policies.Policy.filter(({ PolicyName }) => PolicyName.startsWith(name)))
    await purgePolicy(PolicyName, asOwner);
}

/** A policy that nobody holds, with all its versions; `call` is as somebody in its account. */
export async function purgePolicy(PolicyName: string, call: Stage['asOwner']): Promise<void> {
  interface Versions {
    readonly PolicyVersions: {
      readonly PolicyVersion: readonly { readonly VersionId: string; readonly IsDefaultVersion: boolean }[];
    };
  }
  const { PolicyVersions } = await call<Versions>('ListPolicyVersions', {
    PolicyType: 'Custom',
    PolicyName,
  });
  for (const { VersionId, IsDefaultVersion } of PolicyVersions.PolicyVersion)
    if (!IsDefaultVersion) await call('DeletePolicyVersion', { PolicyName, VersionId });
  await call('DeletePolicy', { PolicyName });
}
