/** Whether a request may be carried out: every reason against it at once. Pure. */
import type { AdmissionSettings } from '../../domain/admission-settings.js';
import type { Reason } from '../../domain/fact.js';
import { type Grant, isSystemPolicyGrant, type SystemPolicyGrant } from '../../domain/grant.js';
import type { Accessor, OnboardingRequest } from '../../domain/request.js';
import { type AccountId, type Instant, secondsBetween } from '../../domain/values.js';
import { compilePolicies, evaluate, type PolicyDocument, parsePolicy } from '../../policy/index.js';
import { grantIssues, highRiskReasons } from '../../services/index.js';
import { MAX_POLICY_CHARACTERS } from './documents.js';
import { MAX_POLICIES } from './limits.js';
import { type AccessPlan, planAccess } from './plan-access.js';

export interface AdmissionFacts {
  readonly now: Instant;
  readonly owner: AccountId;
  readonly settings: AdmissionSettings;
  /** Documents of the system policies that the request names; `undefined` for one that does not exist. */
  readonly systemPolicies?: Readonly<Record<string, string | undefined>>;
}

/** None when the request may be carried out at once. */
export function admissionReasons(request: OnboardingRequest, facts: AdmissionFacts): readonly Reason[] {
  const plan = planAccess(request, facts.owner);
  const reasons = [
    ...leaseReasons(request, facts),
    ...granteeReasons(request, facts),
    ...request.grants.flatMap((grant, index) => grantReasons(grant, `/data/grants/${index}`, facts)),
    ...setReasons(request, facts),
    ...restrictReasons(request),
    ...planReasons(plan),
  ];
  // Whether a rule covers what can't be done anyway is beside the point.
  return reasons.length > 0 ? reasons : approvalReasons(request, plan, facts);
}

const reason = (code: string, pointer: string, message: string): Reason => ({ code, pointer, message });

function leaseReasons({ lease }: OnboardingRequest, { now, settings }: AdmissionFacts): readonly Reason[] {
  const seconds = secondsBetween(lease.startsAt, lease.expiresAt);
  return [
    ...(seconds <= 0
      ? [reason('LEASE_ENDS_BEFORE_START', '/data/lease/expiresAt', 'the lease must end after it starts')]
      : []),
    ...(lease.expiresAt <= now
      ? [reason('LEASE_IN_THE_PAST', '/data/lease/expiresAt', `the lease is over already (it is ${now})`)]
      : []),
    ...(seconds > settings.maxLeaseSeconds
      ? [
          reason(
            'LEASE_TOO_LONG',
            '/data/lease/expiresAt',
            `a lease lasts at most ${settings.maxLeaseSeconds} seconds; renew it instead`,
          ),
        ]
      : []),
  ];
}

function granteeReasons({ grantee }: OnboardingRequest, { owner }: AdmissionFacts): readonly Reason[] {
  const at = (index: number) => `/data/grantee/accessors/${index}`;
  const seen = new Set<string>();
  return [
    ...(grantee.accountId === owner
      ? [
          reason(
            'GRANTEE_IS_OWNER',
            '/data/grantee/accountId',
            'the grantee must be another account than the resource owner',
          ),
        ]
      : []),
    ...grantee.accessors.flatMap((accessor, index): readonly Reason[] => {
      const name = `${accessor.type} ${accessor.name} ${accessor.via}`;
      const isRepeated = seen.has(name);
      seen.add(name);
      return [
        ...(isRepeated ? [reason('ACCESSOR_TWICE', at(index), `${name} is named twice`)] : []),
        ...accessorReasons(accessor, at(index)),
      ];
    }),
  ];
}

const accessorReasons = ({ type, via, requireMfa, name }: Accessor, pointer: string): readonly Reason[] => [
  ...(via === 'api' && requireMfa === true
    ? [
        reason(
          'MFA_BY_API',
          `${pointer}/requireMfa`,
          'calls signed with an AccessKey carry no MFA; nobody could enter',
        ),
      ]
    : []),
  ...(via === 'console' && type === 'role'
    ? [reason('CONSOLE_NEEDS_USER', `${pointer}/via`, 'only a RAM user can log on at the console')]
    : []),
  // Roles take neither "_" nor a dot at an end; users do.
  ...(type === 'role' && !/^[A-Za-z0-9.-]{1,64}$/.test(name)
    ? [reason('BAD_NAME', `${pointer}/name`, 'a RAM role name has letters, digits, "." and "-"')]
    : []),
];

function grantReasons(grant: Grant, pointer: string, facts: AdmissionFacts): readonly Reason[] {
  if (isSystemPolicyGrant(grant)) return systemPolicyReasons(grant, pointer, facts);
  const issues = grantIssues(grant).map((issue) =>
    reason(issue.code, `${pointer}${issue.pointer}`, issue.message),
  );
  const isOurs = grant.service === 'eventbridge' && isProtected(grant.eventBus, facts.settings);
  return isOurs
    ? [...issues, reason('PROTECTED', `${pointer}/eventBus`, "this bus is Leasehold's own")]
    : issues;
}

const isProtected = (name: string, { protectedNames }: AdmissionSettings): boolean =>
  name === protectedNames.prefix ||
  name.startsWith(`${protectedNames.prefix}-`) ||
  protectedNames.buckets.includes(name);

function systemPolicyReasons(
  { systemPolicy }: SystemPolicyGrant,
  pointer: string,
  facts: AdmissionFacts,
): readonly Reason[] {
  const at = `${pointer}/systemPolicy`;
  const text = facts.systemPolicies?.[systemPolicy];
  if (text === undefined)
    return [
      reason('UNKNOWN_SYSTEM_POLICY', at, `no system policy ${systemPolicy} could be read to be judged`),
    ];
  const document = parsePolicy(text);
  return [
    ...highRiskReasons(document).map((why) => reason('HIGH_RISK_POLICY', at, `${systemPolicy} ${why}`)),
    ...(reachesOurs(document, facts)
      ? [
          reason(
            'PROTECTED',
            at,
            `${systemPolicy} reaches Leasehold's own buses, buckets, functions or flows`,
          ),
        ]
      : []),
  ];
}

/** One right on each kind of thing that Leasehold runs on. */
function reachesOurs(document: PolicyDocument, { owner, settings }: AdmissionFacts): boolean {
  const { prefix, buckets } = settings.protectedNames;
  const policies = compilePolicies([{ name: 'system policy', document }]);
  const ours = [
    ['eventbridge:PutEvents', `acs:eventbridge:cn-hangzhou:${owner}:eventbus/${prefix}`],
    ['eventbridge:PutTargets', `acs:eventbridge:cn-hangzhou:${owner}:eventbus/${prefix}/rule/r`],
    ['fc:UpdateFunction', `acs:fc:cn-hangzhou:${owner}:functions/${prefix}-grant-access`],
    ['fc:InvokeFunction', `acs:fc:cn-hangzhou:${owner}:functions/${prefix}-grant-access`],
    ['fnf:UpdateFlow', `acs:fnf:cn-hangzhou:${owner}:flow/${prefix}-onboarding`],
    ['fnf:StartExecution', `acs:fnf:cn-hangzhou:${owner}:flow/${prefix}-onboarding`],
    ...buckets.map((bucket) => ['oss:PutObject', `acs:oss:*:${owner}:${bucket}/contracts/x`] as const),
    ...buckets.map((bucket) => ['oss:GetObject', `acs:oss:*:${owner}:${bucket}/contracts/x`] as const),
  ] as const;
  return ours.some(
    ([action, resource]) => evaluate(policies, { action, resource, context: {} }).verdict === 'Allow',
  );
}

function setReasons({ grants }: OnboardingRequest, { settings }: AdmissionFacts): readonly Reason[] {
  const texts = grants.map((grant) => JSON.stringify(Object.entries(grant).sort()));
  return [
    ...(grants.length > settings.maxGrants
      ? [
          reason(
            'TOO_MANY_GRANTS',
            '/data/grants',
            `a contract has at most ${settings.maxGrants} grants; this has ${grants.length}`,
          ),
        ]
      : []),
    ...texts.flatMap((text, index) =>
      texts.indexOf(text) < index
        ? [reason('GRANT_TWICE', `/data/grants/${index}`, 'this grant is there twice')]
        : [],
    ),
  ];
}

/** Shorter prefixes take in so many networks that they restrict nothing. */
const SHORTEST_PREFIX = 8;

function restrictReasons({ restrict }: OnboardingRequest): readonly Reason[] {
  return (restrict.sourceIps ?? []).flatMap((ip, index): readonly Reason[] => {
    const pointer = `/data/restrict/sourceIps/${index}`;
    const [address = '', prefix = '32'] = ip.split('/');
    if (address.split('.').some((part) => Number(part) > 255) || Number(prefix) > 32)
      return [reason('BAD_SOURCE_IP', pointer, `${ip} is no IPv4 address or CIDR block`)];
    return Number(prefix) < SHORTEST_PREFIX
      ? [reason('SOURCE_IP_TOO_WIDE', pointer, `${ip} restricts nothing worth the name`)]
      : [];
  });
}

function planReasons({ policies }: AccessPlan): readonly Reason[] {
  const tooLong = policies.some(
    ({ text, probingText }) => Math.max(text.length, probingText.length) > MAX_POLICY_CHARACTERS,
  );
  return [
    ...(policies.length > MAX_POLICIES
      ? [
          reason(
            'TOO_MANY_POLICIES',
            '/data/grants',
            `the grants need ${policies.length} policies and a role takes ${MAX_POLICIES}; split the contract`,
          ),
        ]
      : []),
    ...(tooLong
      ? [
          reason(
            'POLICY_TOO_LONG',
            '/data',
            `a statement needs more than ${MAX_POLICY_CHARACTERS} characters and cannot be split`,
          ),
        ]
      : []),
  ];
}

/** Until approvals exist, what the rule does not cover is refused with what it lacks. */
function approvalReasons(
  request: OnboardingRequest,
  plan: AccessPlan,
  { settings }: AdmissionFacts,
): readonly Reason[] {
  const rule = settings.autoApproval;
  const not = (pointer: string, what: string): Reason =>
    reason('NOT_AUTO_APPROVED', pointer, `the auto-approval rule does not cover ${what}`);
  return [
    ...(secondsBetween(request.lease.startsAt, request.lease.expiresAt) > rule.maxLeaseSeconds
      ? [not('/data/lease', `leases of more than ${rule.maxLeaseSeconds} seconds`)]
      : []),
    ...(rule.granteeAccounts !== undefined && !rule.granteeAccounts.includes(request.grantee.accountId)
      ? [not('/data/grantee/accountId', 'this grantee')]
      : []),
    ...(plan.unavoidablyWider.length > 0 && !rule.allowUnavoidablyWider
      ? [not('/data/grants', `wider rights than asked for: ${plan.unavoidablyWider.join('; ')}`)]
      : []),
    ...request.grants.flatMap((grant, index): readonly Reason[] => {
      const pointer = `/data/grants/${index}`;
      if (isSystemPolicyGrant(grant))
        return rule.allowSystemPolicies ? [] : [not(pointer, 'system policies')];
      return [
        ...(rule.services !== undefined && !rule.services.includes(grant.service)
          ? [not(`${pointer}/service`, grant.service)]
          : []),
        ...(rule.accessLevels !== undefined && !rule.accessLevels.includes(grant.access)
          ? [not(`${pointer}/access`, grant.access)]
          : []),
      ];
    }),
  ];
}
