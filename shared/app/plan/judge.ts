/** Judges by the policy engine, over the documents as RAM gives them back, what no read call can show. Pure. */
import type { Proof } from '../../domain/fact.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { type AccessRequest, authorize, compilePolicies, parsePolicy } from '../../policy/index.js';
import type { Right } from '../../services/types.js';
import type { AccessPlan } from './plan-access.js';

export interface ReadBack {
  readonly name: string;
  readonly text: string;
  readonly resourceGroupId?: string;
}
export interface Judgement {
  /** What is not as planned; none when all is. */
  readonly findings: readonly string[];
  readonly proofs: readonly Proof[];
}

/** An address of documentation (RFC 5737): outside whatever a request restricts access to, unless it names just this. */
const ELSEWHERE = '192.0.2.213';

/** Every planned right within the lease and none outside it; nothing refused, ever. */
export function judgeDocuments(plan: AccessPlan, documents: readonly ReadBack[]): Judgement {
  const compile = (list: readonly ReadBack[]) =>
    compilePolicies(list.map(({ name, text }) => ({ name, document: parsePolicy(text) })));
  const sets = {
    accountLevel: compile(documents.filter((one) => one.resourceGroupId === undefined)),
    resourceGroupLevel: compile(documents.filter((one) => one.resourceGroupId !== undefined)),
  };
  const isAllowed = (right: Right, at: Instant, sourceIp: string): boolean => {
    const request: AccessRequest = {
      ...right,
      context: { 'acs:CurrentTime': at, 'acs:SourceIp': sourceIp, 'acs:SecureTransport': 'true' },
    };
    return authorize(request, sets).effect === 'allow';
  };
  const { startsAt, expiresAt } = plan.lease;
  const within = plan.restrict.sourceIps?.[0]?.split('/')[0] ?? ELSEWHERE;
  const isRestricted =
    plan.restrict.sourceIps !== undefined && !plan.restrict.sourceIps.some((ip) => ip.startsWith('192.0.2.'));

  const findings = [
    ...plan.rights.flatMap((right) => [
      ...(isAllowed(right, startsAt, within) && isAllowed(right, addSeconds(expiresAt, -1), within)
        ? []
        : [`${nameOf(right)} is missing within the lease`]),
      ...(isAllowed(right, addSeconds(startsAt, -1), within)
        ? [`${nameOf(right)} is allowed before the lease`]
        : []),
      ...(isAllowed(right, expiresAt, within) ? [`${nameOf(right)} is allowed after the lease`] : []),
      ...(isRestricted && isAllowed(right, startsAt, ELSEWHERE)
        ? [`${nameOf(right)} is allowed from other addresses`]
        : []),
    ]),
    ...plan.refused.flatMap((right) =>
      isAllowed(right, startsAt, within) ? [`${nameOf(right)} is allowed and must not be`] : [],
    ),
  ];
  return {
    findings,
    proofs: [
      ...plan.rights.map(
        (right): Proof => ({
          right: nameOf(right),
          verdict: 'judged',
          how: 'allowed within the lease and not outside it, by the policies as read back',
        }),
      ),
      ...plan.refused.map(
        (right): Proof => ({
          right: `not ${nameOf(right)}`,
          verdict: 'judged',
          how: 'refused by the policies as read back',
        }),
      ),
    ],
  };
}

const nameOf = ({ action, resource }: Right): string => `${action} on ${resource}`;
