/** What stands beside a contract's role: users and roles in the partner's account, accounts in data planes, rules for events. */
import type { SealedAccount, Secret } from '../../../shared/app/hand-over/seal.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { accountDoor, knownDoors, ruleDoor, workOff } from '../../../shared/app/side-doors/doors.js';
import { openHandOvers, readHandOver } from '../../../shared/cli/open.js';
import type { Contract } from '../../../shared/domain/contract.js';
import type { DataPlaneInstance } from '../../../shared/domain/data-plane.js';
import { there } from '../../support/managed.js';
import { OWNER, PARTNER } from '../../support/requests.js';
import { accountsIn, keys, logOn, logOnToAmqp, portsAsRoot } from '../../support/side-doors.js';
import { companionOf, purgePolicy, roleOf, type Stage, unlessGone } from './stage.js';

export interface Beside {
  readonly users: readonly ObservedUser[];
  readonly roles: readonly PartnerRole[];
  /** Policies of the contract in the partner's account. */
  readonly policies: readonly string[];
  /** The partner's own user and role, where it lends them. */
  readonly lent: readonly Lent[];
  readonly accounts: readonly ObservedAccount[];
  /** Whether each rule of the contract is on; those that are not there are left out. */
  readonly rules: readonly boolean[];
}
export interface ObservedUser {
  readonly name: string;
  readonly policies: readonly string[];
  /** Keys that work. */
  readonly keyIds: readonly string[];
  /** Of those, how many the partner was not told the secret of. */
  readonly keysOfNobody: number;
  /** Whether there is a password for the console, and whether the partner was told the one that opens it. */
  readonly console: 'none' | 'told' | 'untold';
}
export interface Lent {
  readonly kind: 'user' | 'role';
  readonly name: string;
  readonly policies: readonly string[];
}
export interface PartnerRole {
  readonly name: string;
  readonly policies: readonly string[];
}
export interface ObservedAccount {
  readonly name: string;
  readonly product: string;
  readonly entries: number;
  /** What a client is told that has the password which was announced last; `untold` when none was. */
  readonly logOn: string;
}

/** Names of users and roles of a contract's own; of one contract alone. */
export const ownNameOf = (who: string, id: string): string => `${who}.${id}`;
/** The partner's own, which the contract may use and must leave as they were. */
export const lentNameOf = (kind: Lent['kind'], id: string): string => `their-${kind}-${id}`;
/** What they had before. */
export const LENT_POLICY = 'AliyunOSSReadOnlyAccess';
const isOfContract = (id: string) => (name: string) => name.endsWith(`.${id}`);

export async function observeBeside(stage: Stage, id: string, contract: Contract): Promise<Beside> {
  const { accounts, rules } = await observeDoors(stage, contract);
  return {
    users: await observeUsers(stage, id),
    roles: await observeRoles(stage, id),
    lent: await observeLent(stage, id),
    policies: (await policiesThere(stage)).filter((name) => name.startsWith(roleOf(id))),
    accounts,
    rules,
  };
}

interface Users {
  readonly Users: { readonly User: readonly { readonly UserName: string }[] };
}
interface Keys {
  readonly AccessKeys: {
    readonly AccessKey: readonly { readonly AccessKeyId: string; readonly Status: string }[];
  };
}
interface Policies {
  readonly Policies: {
    readonly Policy: readonly { readonly PolicyName: string; readonly PolicyType: string }[];
  };
}

const principal = (name: string) => `${name}@${PARTNER}.onaliyun.com`;
const keysOf = async ({ world }: Stage, name: string): Promise<Keys> =>
  (await there(world, '2019-08-15', 'ListAccessKeys', { UserPrincipalName: principal(name) })) as Keys;

async function observeUsers(stage: Stage, id: string): Promise<readonly ObservedUser[]> {
  const { world } = stage;
  const { Users } = (await there(world, '2015-05-01', 'ListUsers', { MaxItems: '1000' })) as Users;
  const names = Users.User.map(({ UserName }) => UserName).filter(isOfContract(id));
  if (names.length === 0) return [];
  const told = await usersTold(stage, id);
  return Promise.all(
    names.sort().map(async (name) => {
      const { AccessKeys } = await keysOf(stage, name);
      const { Policies } = (await there(world, '2015-05-01', 'ListPoliciesForUser', {
        UserName: name,
      })) as Policies;
      const keyIds = AccessKeys.AccessKey.filter(({ Status }) => Status === 'Active').map(
        ({ AccessKeyId }) => AccessKeyId,
      );
      return {
        name,
        policies: Policies.Policy.map(({ PolicyName }) => PolicyName),
        keyIds,
        keysOfNobody: keyIds.filter((key) => !told.some(({ accessKeyId }) => accessKeyId === key)).length,
        console: await consoleOf(stage, name, told),
      };
    }),
  );
}

async function consoleOf(
  { world }: Stage,
  name: string,
  told: readonly TellsOfUser[],
): Promise<ObservedUser['console']> {
  const profile = await unlessGone(
    there(world, '2019-08-15', 'GetLoginProfile', { UserPrincipalName: principal(name) }),
  );
  if (profile === undefined) return 'none';
  const opens = (password = '') => world.cloud.accounts.canLogOn(PARTNER, name, password);
  return told.some(({ password }) => opens(password)) ? 'told' : 'untold';
}

/** As the partner's administrator makes them. */
export async function lend({ world }: Stage, id: string): Promise<void> {
  const policy = { PolicyType: 'System', PolicyName: LENT_POLICY };
  const UserName = lentNameOf('user', id);
  await there(world, '2015-05-01', 'CreateUser', { UserName });
  await there(world, '2015-05-01', 'AttachPolicyToUser', { ...policy, UserName });
  const RoleName = lentNameOf('role', id);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }],
  });
  await there(world, '2015-05-01', 'CreateRole', { RoleName, AssumeRolePolicyDocument });
  await there(world, '2015-05-01', 'AttachPolicyToRole', { ...policy, RoleName });
}

async function observeLent({ world }: Stage, id: string): Promise<readonly Lent[]> {
  const lent = async (kind: Lent['kind'], action: string, parameter: string): Promise<readonly Lent[]> => {
    const name = lentNameOf(kind, id);
    const listed = (await unlessGone(there(world, '2015-05-01', action, { [parameter]: name }))) as
      | Policies
      | undefined;
    if (listed === undefined) return [];
    return [{ kind, name, policies: listed.Policies.Policy.map(({ PolicyName }) => PolicyName).sort() }];
  };
  return [
    ...(await lent('user', 'ListPoliciesForUser', 'UserName')),
    ...(await lent('role', 'ListPoliciesForRole', 'RoleName')),
  ];
}

async function observeRoles({ world }: Stage, id: string): Promise<readonly PartnerRole[]> {
  interface Roles {
    readonly Roles: { readonly Role: readonly { readonly RoleName: string }[] };
  }
  const { Roles } = (await there(world, '2015-05-01', 'ListRoles', { MaxItems: '1000' })) as Roles;
  const names = Roles.Role.map(({ RoleName }) => RoleName).filter(isOfContract(id));
  return Promise.all(
    names.sort().map(async (name) => {
      const { Policies } = (await there(world, '2015-05-01', 'ListPoliciesForRole', {
        RoleName: name,
      })) as Policies;
      return { name, policies: Policies.Policy.map(({ PolicyName }) => PolicyName) };
    }),
  );
}

/** In the order of the register: what was announced first may come last. */
const heardOf = ({ world }: Stage, ...ids: readonly string[]) =>
  world.outbox.heard
    .filter(({ subject }) => ids.includes(subject))
    .sort((left, right) => seqOf(left.data) - seqOf(right.data));
const seqOf = ({ register }: Readonly<Record<string, unknown>>): number =>
  (register as { readonly seq?: number } | undefined)?.seq ?? 0;

/** All that was sealed to the partner, also with another contract that names the same users. */
async function opened(stage: Stage, ...ids: readonly string[]): Promise<readonly Secret[]> {
  const files = heardOf(stage, ...ids).map(({ data }, index) => ({
    file: `event ${index}`,
    text: JSON.stringify(data),
  }));
  const sealed = files.filter(({ text }) => text.includes('"jwe"'));
  return sealed.length === 0 ? [] : openHandOvers(sealed.map(readHandOver), JSON.stringify(keys.privateKey));
}

type TellsOfUser = Extract<Secret, { readonly kind: 'user' }>;
/** What the partner was told of users. */
const usersTold = async (stage: Stage, id: string): Promise<readonly TellsOfUser[]> =>
  (await opened(stage, id, companionOf(id))).flatMap((secret) => (secret.kind === 'user' ? [secret] : []));

/** Keys' secrets and passwords that the partner was told. */
export const secretsTold = async (stage: Stage, id: string): Promise<readonly string[]> =>
  (await opened(stage, id)).flatMap((secret) => {
    if (secret.kind === 'data-plane-account') return [secret.password];
    return secret.kind === 'user' ? [secret.accessKeySecret ?? [], secret.password ?? []].flat() : [];
  });

async function policiesThere({ world }: Stage): Promise<readonly string[]> {
  const { Policies } = (await there(world, '2015-05-01', 'ListPolicies', {
    PolicyType: 'Custom',
    MaxItems: '1000',
  })) as Policies;
  return Policies.Policy.map(({ PolicyName }) => PolicyName);
}

/** RabbitMQ does not tell a password that is wrong from an account that is switched off. */
function logsOn(
  { world }: Stage,
  secret: SealedAccount,
  { isEnabled }: { readonly isEnabled: boolean },
): string {
  if (secret.product !== 'rabbitmq') return logOn(world, secret);
  const answer = logOnToAmqp(world, secret);
  return answer === 'BAD_CREDENTIALS' && !isEnabled ? 'off' : answer;
}

/** RabbitMQ names an account by the key that it is made from. */
const isOf =
  ({ product, instanceId }: DataPlaneInstance, name: string) =>
  (secret: SealedAccount): boolean =>
    product === 'rabbitmq' ? secret.instanceId === instanceId : secret.username === name;

/** Those of the plan, and those that the register knows besides. */
async function observeDoors(stage: Stage, contract: Contract): Promise<Pick<Beside, 'accounts' | 'rules'>> {
  const request = (contract.terms ?? contract.requested)?.request;
  if (request === undefined) return { accounts: [], rules: [] };
  const plan = planAccess(request, OWNER);
  if (plan.accounts.length + plan.routes.length === 0) return { accounts: [], rules: [] };
  const ports = portsAsRoot(stage.world);
  const told = (await Promise.all(heardOf(stage, contract.contractId).map(accountsIn))).flat();
  const accounts = await Promise.all(
    plan.accounts.map(async (account) => {
      const { account: name, instance, entries } = accountDoor(contract, account, 'open').account;
      const observed = await ports.dataPlanes.observe(instance, name, entries);
      if (observed?.account === undefined) return [];
      const secret = told.findLast(isOf(instance, name));
      return [
        {
          name,
          product: instance.product,
          entries: observed.entries.length,
          logOn: secret === undefined ? 'untold' : logsOn(stage, secret, observed.account),
        },
      ];
    }),
  );
  const rules = await Promise.all(
    plan.routes.map(async (route) => {
      const observed = await ports.routes.observe(ruleDoor(contract, route, 'open').route);
      return observed?.rule === undefined ? [] : [observed.rule.isEnabled];
    }),
  );
  return { accounts: accounts.flat(), rules: rules.flat() };
}

/** Takes accounts and rules of the contract away, while the register tells of them: a bus takes 50 rules. */
export async function purgeDoors({ world }: Stage, id: string): Promise<void> {
  await workOff(knownDoors(await world.contract(id), 'gone'), portsAsRoot(world));
}

/** Takes users, roles and policies of the contract out of the partner's account. */
export async function purgeBeside(stage: Stage, id: string): Promise<void> {
  const call: Stage['asOwner'] = async (action, params) =>
    (await there(stage.world, '2015-05-01', action, params)) as never;
  for (const { name, policies, console } of await observeUsers(stage, id)) {
    if (console !== 'none')
      await there(stage.world, '2019-08-15', 'DeleteLoginProfile', { UserPrincipalName: principal(name) });
    for (const { AccessKeyId } of (await keysOf(stage, name)).AccessKeys.AccessKey)
      await there(stage.world, '2019-08-15', 'DeleteAccessKey', {
        UserPrincipalName: principal(name),
        UserAccessKeyId: AccessKeyId,
      });
    for (const PolicyName of policies)
      await call('DetachPolicyFromUser', { PolicyType: 'Custom', PolicyName, UserName: name });
    await call('DeleteUser', { UserName: name });
  }
  for (const { name, policies } of await observeRoles(stage, id)) {
    for (const PolicyName of policies)
      await call('DetachPolicyFromRole', { PolicyType: 'Custom', PolicyName, RoleName: name });
    await call('DeleteRole', { RoleName: name });
  }
  for (const { kind, name, policies } of await observeLent(stage, id)) {
    const parameter = kind === 'user' ? 'UserName' : 'RoleName';
    for (const PolicyName of policies)
      await call(kind === 'user' ? 'DetachPolicyFromUser' : 'DetachPolicyFromRole', {
        PolicyType: PolicyName === LENT_POLICY ? 'System' : 'Custom',
        PolicyName,
        [parameter]: name,
      });
    await call(kind === 'user' ? 'DeleteUser' : 'DeleteRole', { [parameter]: name });
  }
  for (const PolicyName of await policiesThere(stage))
    if (PolicyName.startsWith(roleOf(id))) await purgePolicy(PolicyName, call);
}
