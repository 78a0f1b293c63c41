/** Whether a request may be carried out: every reason against it at once. Pure. */
import type { AccountSummary } from '../../cloud/ports.js';
import type { AdmissionSettings } from '../../domain/admission-settings.js';
import { type Reason, reason } from '../../domain/fact.js';
import { type Grant, isSystemPolicyGrant } from '../../domain/grant.js';
import type { Accessor, OnboardingRequest } from '../../domain/request.js';
import { type Instant, secondsBetween } from '../../domain/values.js';
import { grantIssues } from '../../services/index.js';
import { setupReasons } from '../grantee/setup-reasons.js';
import { type SideDoorFacts, sideDoorReasons } from '../side-doors/admit-side-doors.js';
import { judgeDocuments } from './judge.js';
import { type AccessPlan, planAccess } from './plan-access.js';
import { roomReasons } from './room.js';
import { type SystemPolicyFacts, systemPolicyReasons } from './system-policies.js';

export interface AdmissionFacts extends SystemPolicyFacts {
  readonly now: Instant;
  readonly settings: AdmissionSettings;
  /** Counts and quotas of the owner's account; unset: not looked at, and RAM has the last word. */
  readonly account?: AccountSummary;
  /** Whether a resource group that is named is there and the owner's; unset: not looked at. */
  readonly resourceGroups?: Readonly<Record<string, boolean>>;
  /** What stands in the way of accounts and rules; unset: not looked at. */
  readonly sideDoors?: SideDoorFacts;
}

/** None when the request may be carried out, by whoever's leave: that is `auto-approval.ts`. */
export function admissionReasons(request: OnboardingRequest, facts: AdmissionFacts): readonly Reason[] {
  const plan = planAccess(request, facts.owner);
  const reasons = [
    ...leaseReasons(request, facts),
    ...granteeReasons(request, facts),
    ...setupReasons(request),
    ...request.grants.flatMap((grant, index) => grantReasons(grant, `/data/grants/${index}`, facts)),
    ...setReasons(request, facts),
    ...restrictReasons(request),
    ...groupReasons(request, facts),
    ...sideDoorReasons(request, plan, facts.sideDoors),
    ...roomReasons(plan, facts.account),
  ];
  if (reasons.length > 0) return reasons;
  return conflictReasons(plan, facts);
}

/** Without what is set by configuration and may have been drawn closer since: what a request says is judged, and no more. */
export const withoutLimits = ({ regions: _, ...settings }: AdmissionSettings): AdmissionSettings => ({
  ...settings,
  maxLeaseSeconds: Number.POSITIVE_INFINITY,
  maxGrants: Number.POSITIVE_INFINITY,
});

/**
 * Judged as it will be judged once it is made, but before the first effect: a system policy may give what another grant's
 * narrowness keeps out, and then no verification would ever pass.
 */
function conflictReasons(plan: AccessPlan, { systemPolicies = {} }: AdmissionFacts): readonly Reason[] {
  const vendors = plan.attachments
    .filter(({ policy }) => policy.type === 'System')
    .map(({ policy: { name } }) => ({ name, text: systemPolicies[name] ?? '' }));
  const ours = plan.policies.map(({ name, text }) => ({ name, text }));
  const { findings } = judgeDocuments(plan, [...ours, ...vendors]);
  const [first] = findings;
  if (first === undefined) return [];
  const others = findings.length === 1 ? '' : `, and ${findings.length - 1} more`;
  return [
    reason(
      'GRANTS_CONFLICT',
      '/data/grants',
      `together the grants give more than one of them asks: ${first}${others}`,
    ),
  ];
}

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
            `a lease lasts at most ${settings.maxLeaseSeconds / 86_400} days from startsAt to expiresAt; renew it in time instead, by an amendment with a later startsAt`,
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
      // In whatever case: RAM may take two for one.
      const isRepeated = seen.has(name.toLowerCase());
      seen.add(name.toLowerCase());
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
  const { regions } = facts.settings;
  const isOurs = grant.service === 'eventbridge' && isProtected(grant.eventBus, facts.settings);
  return [
    ...issues,
    ...(regions === undefined || regions.includes(grant.region)
      ? []
      : [
          reason(
            'REGION_NOT_SERVED',
            `${pointer}/region`,
            `nothing is granted in ${grant.region}; served are ${regions.join(', ')}`,
          ),
        ]),
    ...(isOurs ? [reason('PROTECTED', `${pointer}/eventBus`, "this bus is Leasehold's own")] : []),
  ];
}

/** A grant in a group that is not there, or not the owner's, would give nothing. */
function groupReasons(
  { grants }: OnboardingRequest,
  { resourceGroups = {} }: AdmissionFacts,
): readonly Reason[] {
  return grants.flatMap(({ resourceGroupId: group }, index) =>
    group !== undefined && resourceGroups[group] === false
      ? [
          reason(
            'UNKNOWN_RESOURCE_GROUP',
            `/data/grants/${index}/resourceGroupId`,
            `the owner's account has no resource group ${group} that is ready`,
          ),
        ]
      : [],
  );
}

/** In whatever case: whether RAM tells two buses apart by it is not documented. */
const isProtected = (name: string, { protectedNames: { prefix } }: AdmissionSettings): boolean =>
  `${name.toLowerCase()}-`.startsWith(`${prefix.toLowerCase()}-`);

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
