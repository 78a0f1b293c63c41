/** RAM's verdict on a request: gathers the policies of a caller, compiled once per set of versions, and asks the engine. */

import {
  assumeRoleDecision,
  authorize,
  type CompiledPolicies,
  compilePolicies,
  compileTrust,
  type Decision,
  type Entrant,
  evaluateTrust,
  type NamedPolicy,
  parsePolicy,
  type TrustDocument,
} from '../../policy/index.js';
import {
  ApiError,
  type AuthorizationRequest,
  type Caller,
  type CloudClock,
  type Identity,
  type Judged,
} from '../kernel.js';
import type { Switches } from '../switches.js';
import { attachmentsOf } from './attachments.js';
import {
  type AccountState,
  defaultVersion,
  keyOf,
  type PolicyVersionState,
  type RoleState,
  stamp,
} from './state.js';
import type { Store } from './store.js';
import { SYSTEM_POLICIES } from './system-policies.js';

export interface Verdicts {
  /** RAM's verdict on anything but entering a role. */
  judge(caller: Caller, request: AuthorizationRequest): Decision;
  /** Whether `caller` may enter `role`: its own policies *and* the trust policy must allow. */
  judgeEntry(caller: Caller, entry: RoleEntry): Decision;
  /** Whether the trust policy admits a cloud service. */
  admitsService(role: RoleState, service: string): boolean;
  watch: Identity['watch'];
}

export interface RoleEntry {
  readonly roleArn: string;
  readonly role: RoleState;
  /** What was sent along: `sts:ExternalId`, `sts:SourceIdentity`. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Sets of policies compiled so far; beyond this many the oldest are compiled again when needed. */
const MAX_COMPILED = 2_000;

export function makeVerdicts(store: Store, clock: CloudClock, switches: Switches): Verdicts {
  const compiled = new Map<string, CompiledPolicies>();
  const serials = new WeakMap<PolicyVersionState, number>();
  let lastSerial = 0;
  const serialOf = (version: PolicyVersionState): number => {
    const known = serials.get(version);
    if (known !== undefined) return known;
    lastSerial += 1;
    serials.set(version, lastSerial);
    return lastSerial;
  };
  const options = () => ({
    negativeOperatorMatchesMissingKey: switches.negativeOperatorMatchesMissingKey,
    starsCrossColons: switches.starsCrossColons,
  });
  const remember = (name: string, policies: () => readonly NamedPolicy[]): CompiledPolicies => {
    const key = `${switches.negativeOperatorMatchesMissingKey} ${switches.starsCrossColons} ${name}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const made = compilePolicies(policies(), options());
    const oldest = compiled.keys().next().value;
    if (compiled.size >= MAX_COMPILED && oldest !== undefined) compiled.delete(oldest);
    compiled.set(key, made);
    return made;
  };

  /** The policies attached to the caller in one scope, as a compiled set. A version is immutable, so the key never goes stale. */
  const policiesIn = (account: AccountState, principalId: string, scope: string): CompiledPolicies => {
    const attached = attachmentsOf(account, principalId)
      .filter((attachment) => attachment.scope === scope)
      .flatMap(({ policyType, policyName }) => {
        const from = policyType === 'System' ? SYSTEM_POLICIES : account.policies;
        const policy = from.get(keyOf(policyName));
        const version = policy === undefined ? undefined : defaultVersion(policy);
        return policy === undefined || version === undefined ? [] : [{ name: policy.name, version }];
      });
    const key = attached.map(({ version }) => serialOf(version)).join(',');
    return remember(key, () => attached.map(({ name, version }) => ({ name, document: version.document })));
  };

  const sessionPolicyOf = (text: string | undefined): CompiledPolicies | undefined =>
    text === undefined
      ? undefined
      : remember(`session ${text}`, () => [{ name: 'session policy', document: parsePolicy(text) }]);

  let stamped = { at: Number.NaN, as: '' };
  /** Time often stands still while much is asked. */
  const currentTime = (): string => {
    const at = clock.now();
    if (at !== stamped.at) stamped = { at, as: stamp(at) };
    return stamped.as;
  };
  const contextOf = (caller: Caller): Record<string, string> => ({
    'acs:CurrentTime': currentTime(),
    'acs:SourceIp': caller.sourceIp,
    // Clients of the real cloud speak HTTPS; plain HTTP is an accident of listening on the loopback only.
    'acs:SecureTransport': 'true',
    // Calls signed with an access key do not carry the key at all; only a console logon with MFA does.
    ...(caller.mfaPresent === true ? { 'acs:MFAPresent': 'true' } : {}),
  });

  const policiesOf = (caller: Caller, resourceGroupId: string | undefined) => {
    const account = store.seen(caller.accountId);
    const principalId = caller.kind === 'user' ? caller.userId : caller.roleId;
    if (account === undefined || principalId === undefined)
      throw new ApiError(500, 'InternalError', `no account ${caller.accountId}`);
    const session = sessionPolicyOf(caller.sessionPolicy);
    return {
      accountLevel: policiesIn(account, principalId, 'account'),
      ...(resourceGroupId === undefined
        ? {}
        : { resourceGroupLevel: policiesIn(account, principalId, resourceGroupId) }),
      ...(session === undefined ? {} : { session }),
    };
  };

  const listeners = new Set<(judged: Judged) => void>();
  const told = (judged: Judged): Decision => {
    for (const listener of listeners) listener(judged);
    return judged.decision;
  };

  const trustOf = (role: RoleState, trust = role.trust) =>
    compileTrust(trust, `trust policy of ${role.name}`, options());

  const judge = (caller: Caller, request: AuthorizationRequest): Decision => {
    const owner = request.resource === '*' ? caller.accountId : (request.resource.split(':')[3] ?? '');
    // The vendor's own policies are everyone's to read and to attach.
    const isOwn = [caller.accountId, 'system', '*', ''].includes(owner);
    // What another account owns is out of reach of identity policies; only entering a role crosses the border.
    if (!isOwn && request.action !== 'sts:AssumeRole') return REFUSED;
    if (caller.kind === 'root') return request.action === 'sts:AssumeRole' ? REFUSED : OWNER;
    return authorize(
      {
        action: request.action,
        resource: request.resource,
        context: { ...contextOf(caller), ...request.context },
      },
      policiesOf(caller, request.resourceGroupId),
    );
  };

  const judgeEntry = (
    caller: Caller,
    request: AuthorizationRequest & { readonly context: Readonly<Record<string, string>> },
    role: RoleState,
  ): Decision => {
    if (caller.kind === 'root') return REFUSED;
    const entrant: Entrant =
      caller.kind === 'user'
        ? { kind: 'user', accountId: caller.accountId, name: caller.userName ?? '' }
        : { kind: 'role', accountId: caller.accountId, name: caller.roleName ?? '' };
    const trust = switches.trustBindsIds ? asTrusted(role, caller) : role.trust;
    return assumeRoleDecision(request, policiesOf(caller, undefined), trustOf(role, trust), entrant);
  };

  return {
    judge: (caller, request) => told({ caller, request, decision: judge(caller, request) }),
    judgeEntry: (caller, { roleArn, role, context: sent }) => {
      const context = { ...contextOf(caller), ...sent };
      const request = { action: 'sts:AssumeRole', resource: roleArn, context };
      return told({ caller, request, decision: judgeEntry(caller, request, role) });
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    admitsService: (role, service) => {
      const context = { 'acs:CurrentTime': stamp(clock.now()), 'acs:SecureTransport': 'true' };
      const entrant: Entrant = { kind: 'service', name: service };
      return evaluateTrust(trustOf(role), entrant, 'sts:AssumeRole', context).verdict === 'Allow';
    },
  };
}

/** The trust policy as `caller` meets it: without the names that were others' when it was written. */
function asTrusted({ trust, trustedIds }: RoleState, caller: Caller): TrustDocument {
  const own = caller.userId ?? caller.roleId;
  const isOfOther = (arn: string) => (trustedIds?.get(arn) ?? own) !== own;
  const statements = trust.statements.map((statement) => ({
    ...statement,
    principals: {
      ...statement.principals,
      ram: statement.principals.ram.filter((arn) => !isOfOther(arn)),
    },
  }));
  return { ...trust, statements };
}

/** The account's owner: full rights over what it owns, bound by no policy. */
const OWNER: Decision = {
  effect: 'allow',
  scope: 'AccountLevelIdentityBasedPolicy',
  match: { policy: 'account owner', statement: 0 },
};
const REFUSED: Decision = {
  effect: 'deny',
  scope: 'AccountLevelIdentityBasedPolicy',
  reason: 'ImplicitDeny',
};
