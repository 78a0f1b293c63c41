/** Whether a policy of the vendor's may be given to a partner: judged by what its document allows, not by its name. Pure. */
import type { AdmissionSettings } from '../../domain/admission-settings.js';
import type { Reason } from '../../domain/fact.js';
import type { SystemPolicyGrant } from '../../domain/grant.js';
import type { AccountId } from '../../domain/values.js';
import {
  globMatches,
  MalformedPolicyError,
  type PolicyDocument,
  parsePolicy,
  type Statement,
} from '../../policy/index.js';
import { globsMeet } from '../../services/globs-meet.js';
import { highRiskReasons } from '../../services/index.js';

/** What the granting functions' own policy lets them attach (`functions/roles.yaml`). */
const ATTACHABLE = /^Aliyun.*ReadOnlyAccess$/;

export interface SystemPolicyFacts {
  readonly owner: AccountId;
  readonly settings: Pick<AdmissionSettings, 'protectedNames'>;
  /** Documents of the system policies that the request names; `undefined` for one that does not exist. Unset where nobody can ask. */
  readonly systemPolicies?: Readonly<Record<string, string | undefined>>;
}

/** Reasons against one grant at `pointer`; all at once. */
export function systemPolicyReasons(
  { systemPolicy, acceptsHighRisk }: SystemPolicyGrant,
  pointer: string,
  facts: SystemPolicyFacts,
): readonly Reason[] {
  const at = `${pointer}/systemPolicy`;
  const listed = attachableReasons(systemPolicy, at);
  if (facts.systemPolicies === undefined) {
    const message = `what ${systemPolicy} allows the cloud alone can say, which is asked when the event is posted, and by plan --live`;
    return [{ code: 'UNKNOWN_SYSTEM_POLICY', pointer: at, message }, ...listed];
  }
  const text = facts.systemPolicies[systemPolicy];
  if (text === undefined) {
    const message = `no system policy ${systemPolicy} could be read to be judged`;
    return [{ code: 'UNKNOWN_SYSTEM_POLICY', pointer: at, message }];
  }
  const document = readDocument(text);
  if (document === undefined) {
    const message = `${systemPolicy} says what this version cannot judge`;
    return [{ code: 'UNREADABLE_SYSTEM_POLICY', pointer: at, message }];
  }
  return [
    ...listed,
    ...(acceptsHighRisk === true
      ? []
      : highRiskReasons(document).map(
          (why): Reason => ({ code: 'HIGH_RISK_POLICY', pointer: at, message: `${systemPolicy} ${why}` }),
        )),
    ...(reachesOurs(document, facts)
      ? [
          {
            code: 'PROTECTED',
            pointer: at,
            message: `${systemPolicy} reaches Leasehold's own buses, buckets, functions or flows`,
          },
        ]
      : []),
  ];
}

const attachableReasons = (systemPolicy: string, pointer: string): readonly Reason[] =>
  ATTACHABLE.test(systemPolicy)
    ? []
    : [
        {
          code: 'NOT_ALLOW_LISTED',
          pointer,
          message: `Leasehold may attach policies named Aliyun…ReadOnlyAccess alone; ask for ${systemPolicy} by access levels`,
        },
      ];

/** `undefined` for what this version cannot judge. */
export function readDocument(text: string): PolicyDocument | undefined {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedPolicyError) return undefined;
    throw error;
  }
}

/** One of each kind of thing that Leasehold runs on, by service. Roles and policies are high risk anyway. */
const oursOf = ({ prefix, buckets }: AdmissionSettings['protectedNames']) =>
  [
    ['eventbridge', `eventbus/${prefix}`],
    ['eventbridge', `eventbus/${prefix}-out`],
    ['eventbridge', `eventbus/${prefix}/rule/${prefix}-contract-terminated`],
    ['fc', `functions/${prefix}-cut-access`],
    ['fc', `services/${prefix}-fn-revoke.LATEST/functions/${prefix}-cut-access`],
    ['fnf', `flow/${prefix}-revocation`],
    ['fnf', `flow/${prefix}-revocation/execution/x`],
    ...buckets.map((bucket) => ['oss', bucket] as const),
    ...buckets.map((bucket) => ['oss', `${bucket}/contracts/x/00000001.json`] as const),
  ] as const;

/** A condition or a Deny in the document is no excuse: either may bind less than it seems. */
function reachesOurs(document: PolicyDocument, { owner, settings }: SystemPolicyFacts): boolean {
  const ours = oursOf(settings.protectedNames);
  return document.statements
    .filter((statement) => statement.effect === 'Allow')
    .some((statement) =>
      ours.some(
        ([service, name]) =>
          touches(statement, service) &&
          statement.resources.some((resource) =>
            globMatches(resource, `acs:${service}:${regionIn(resource)}:${owner}:${name}`),
          ),
      ),
    );
}

/** Ours may be in any region, so also in the one that a pattern is bound to. */
const regionIn = (resource: string): string =>
  /^acs:[^:]*:([a-z0-9-]+):/.exec(resource)?.[1] ?? 'cn-hangzhou';

/** To read definitions of flows and functions does no harm; to read the register does, ExternalIds stand in it. */
const HARMLESS = /^(?:eventbridge|fc|fnf):(?:get|list|describe)/;

const touches = ({ actions = ['*'] }: Statement, service: string): boolean =>
  actions
    .map((action) => action.toLowerCase())
    .some((action) => globsMeet(action, `${service}:*`) && !HARMLESS.test(action));
