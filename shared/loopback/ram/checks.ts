/** Limits and formats of RAM. Numbers: "Limits", https://www.alibabacloud.com/help/en/ram/product-overview/limits (December 2025). */
import {
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
  parseTrustPolicy,
} from '../../policy/index.js';
import { type ActionContext, list, type Params } from '../identity/actions.js';
import type { IdentityCore } from '../identity/identity.js';
import {
  type AccountState,
  defaultVersion,
  keyOf,
  type PolicyState,
  type PolicyType,
  type PolicyVersionState,
  type RoleState,
  type Tags,
  type UserState,
} from '../identity/state.js';
import { SYSTEM_POLICIES } from '../identity/system-policies.js';
import { ApiError } from '../kernel.js';

export const QUOTA = {
  users: 5_000,
  accessKeysPerUser: 2,
  roles: 1_000,
  policies: 1_500,
  versionsPerPolicy: 5,
  policyChars: 6_144,
  systemPoliciesPerPrincipal: 20,
  customPoliciesPerPrincipal: 10,
  tagsPerResource: 20,
} as const;

/** Of users, as RAM and IMS both take them. */
export const MAX_COMMENTS = 128;

/** Not published for trust documents; taken as that of policies. */
const TRUST_CHARS = QUOTA.policyChars;

const NAMES = {
  RoleName: { pattern: /^[A-Za-z0-9.-]+$/, max: 64 },
  PolicyName: { pattern: /^[A-Za-z0-9-]+$/, max: 128 },
  UserName: { pattern: /^[A-Za-z0-9._-]+$/, max: 64 },
} as const;

/** The name, its form checked. @throws {ApiError} `InvalidParameter.<field>.Length` or `.InvalidChars` */
export function nameOf(params: Params, field: keyof typeof NAMES): string {
  const name = params[field] ?? '';
  const { pattern, max } = NAMES[field];
  checkLength(field, name, max);
  if (!pattern.test(name)) {
    throw new ApiError(
      400,
      `InvalidParameter.${field}.InvalidChars`,
      `The parameter - "${field}" contains invalid chars.`,
    );
  }
  return name;
}

/** @throws {ApiError} `InvalidParameter.<field>.Length` */
export function checkLength(field: string, text: string, max: number): void {
  if (text.length < 1 || text.length > max) {
    throw new ApiError(
      400,
      `InvalidParameter.${field}.Length`,
      `The parameter - "${field}" beyond the length limit.`,
    );
  }
}

/** @throws {ApiError} `InvalidParameter.PolicyType` */
export function policyTypeOf(params: Params): PolicyType {
  const type = params['PolicyType'];
  if (type === 'System' || type === 'Custom') return type;
  throw new ApiError(400, 'InvalidParameter.PolicyType', 'The parameter - "PolicyType" is incorrect.');
}

/** @throws {ApiError} `InvalidParameter.PolicyDocument.Length` or `MalformedPolicyDocument` */
export function documentOf(text: string): PolicyDocument {
  checkLength('PolicyDocument', text, QUOTA.policyChars);
  return wellFormed(() => parsePolicy(text));
}

/**
 * A trust document whose named users and roles exist, and who they are; a root principal is not looked up, so a partner's account
 * need not be open in this cloud.
 * @throws {ApiError} `InvalidParameter.<field>.Length` or `MalformedPolicyDocument`
 */
export function trustOf(
  core: IdentityCore,
  text: string,
  field: string,
): Pick<RoleState, 'trustText' | 'trust' | 'trustedIds'> {
  checkLength(field, text, TRUST_CHARS);
  const trust = wellFormed(() => parseTrustPolicy(text));
  if (!core.sessions.switches.trustMayDeny && trust.statements.some(({ effect }) => effect === 'Deny'))
    throw new ApiError(400, 'MalformedPolicyDocument', 'A trust policy must have the effect Allow.');
  const trustedIds = new Map<string, string>();
  for (const arn of trust.statements.flatMap((statement) => statement.principals.ram)) {
    const [, accountId = '', kind, name = ''] = /^acs:ram::([^:]*):(user|role)\/(.+)$/.exec(arn) ?? [];
    if (kind === undefined) continue;
    const account = core.store.latest(accountId);
    const named = kind === 'user' ? account?.users.get(name) : account?.roles.get(keyOf(name));
    if (named === undefined)
      throw new ApiError(400, 'MalformedPolicyDocument', `The principal ${arn} does not exist.`);
    trustedIds.set(arn, named.id);
  }
  return { trustText: text, trust, trustedIds };
}

function wellFormed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedPolicyError)
      throw new ApiError(400, 'MalformedPolicyDocument', error.message);
    throw error;
  }
}

/** Tags of a request, `Key` and `Value`. @throws {ApiError} `InvalidParameter.Tag` when there are more than 20. */
export function tagsOf(params: Params): Tags {
  const tags = list(params, 'Tag').flatMap((tag) =>
    typeof tag === 'string' ? [] : [[tag['Key'] ?? '', tag['Value'] ?? ''] as const],
  );
  if (tags.length > QUOTA.tagsPerResource || tags.some(([key]) => key === '')) {
    throw new ApiError(400, 'InvalidParameter.Tag', 'The parameter - "Tag" is incorrect.');
  }
  return new Map(tags);
}

/** Whether a thing carries every tag of a list request's filter; a filter without value takes any. */
export function carries(tags: Tags, wanted: Tags): boolean {
  return [...wanted].every(([key, value]) => (value === '' ? tags.has(key) : tags.get(key) === value));
}

export const notFound = (what: string, message: string): ApiError =>
  new ApiError(404, `EntityNotExist.${what}`, message);
export const limitExceeded = (what: string, message: string): ApiError =>
  new ApiError(409, `LimitExceeded.${what}`, `The count of ${message} beyond the current limits.`);

/** What a call on a policy is authorised on; the vendor's own policies belong to an account called `system`. */
export const policyResource = ({ PolicyName = '', PolicyType }: Params): string =>
  PolicyType === 'System' ? `acs:ram::system:policy/${PolicyName}` : `policy/${PolicyName}`;

/** @throws {ApiError} `EntityNotExist.Role` */
export function roleNamed(account: AccountState, params: Params): RoleState {
  const role = account.roles.get(keyOf(nameOf(params, 'RoleName')));
  if (role === undefined) throw notFound('Role', 'The role does not exist.');
  return role;
}

/** @throws {ApiError} `EntityNotExist.User` */
export function userNamed(account: AccountState, params: Params): UserState {
  const user = account.users.get(nameOf(params, 'UserName'));
  if (user === undefined) throw notFound('User', 'The user does not exist.');
  return user;
}

/** @throws {ApiError} `EntityNotExist.Policy` */
export function policyNamed(account: AccountState, type: PolicyType, name: string): PolicyState {
  const policy = (type === 'System' ? SYSTEM_POLICIES : account.policies).get(keyOf(name));
  if (policy === undefined) throw notFound('Policy', 'The policy does not exist.');
  return policy;
}

/** The custom policy a write names. @throws {ApiError} `EntityNotExist.Policy`, also for system policies. */
export const customPolicy = ({ latest, params }: ActionContext): PolicyState =>
  policyNamed(latest, 'Custom', nameOf(params, 'PolicyName'));

/** The default version; every policy has one. */
export function currentVersion(policy: PolicyState): PolicyVersionState {
  const version = defaultVersion(policy);
  if (version === undefined) throw new ApiError(500, 'InternalError', 'An internal error occurred.');
  return version;
}
