/** Judges by the policy engine, over the documents as RAM gives them back, what no read call can show. Pure. */
import type { Proof } from '../../domain/fact.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { authorize, compilePolicies, type Decision, parsePolicy } from '../../policy/index.js';
import type { Right } from '../../services/types.js';
import type { AccessPlan } from './plan-access.js';
import { addressOutside } from './source-addresses.js';

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

/** A moment and a place that a call may come from. */
interface Standpoint {
  readonly at: Instant;
  readonly sourceIp: string;
}
/** Where nothing may be allowed, with the words for a finding. */
interface Closed extends Standpoint {
  readonly when: string;
}

/** An action of no product: only what is said of everything says something of it. */
const ANYTHING: Right = { action: 'any:Action', resource: '*' };

/**
 * Every planned right within the lease and none outside it; nothing refused, ever; and everything denied outright outside
 * the lease, since a vendor's policy on the role carries no bounds of its own.
 */
export function judgeDocuments(plan: AccessPlan, documents: readonly ReadBack[]): Judgement {
  const decide = deciderOf(documents);
  const isAllowed = (right: Right, from: Standpoint): boolean => decide(right, from).effect === 'allow';
  const { open, closed, problems } = standpointsOf(plan);
  const findings = [
    ...problems,
    ...closed.flatMap((from) =>
      isDeniedOutright(decide(ANYTHING, from)) ? [] : [`the guard does not deny everything ${from.when}`],
    ),
    ...plan.rights.flatMap((right) => [
      ...(open.every((from) => isAllowed(right, from))
        ? []
        : [`${nameOf(right)} is missing within the lease`]),
      ...closed
        .filter((from) => isAllowed(right, from))
        .map(({ when }) => `${nameOf(right)} is allowed ${when}`),
    ]),
    ...plan.refused
      .filter((right) => open.some((from) => isAllowed(right, from)))
      .map((right) => `${nameOf(right)} is allowed and must not be`),
  ];
  return { findings, proofs: proofsOf(plan) };
}

function deciderOf(documents: readonly ReadBack[]): (right: Right, from: Standpoint) => Decision {
  const compile = (list: readonly ReadBack[]) =>
    compilePolicies(list.map(({ name, text }) => ({ name, document: parsePolicy(text) })));
  const sets = {
    accountLevel: compile(documents.filter((one) => one.resourceGroupId === undefined)),
    resourceGroupLevel: compile(documents.filter((one) => one.resourceGroupId !== undefined)),
  };
  return (right, { at, sourceIp }) =>
    authorize(
      {
        ...right,
        context: { 'acs:CurrentTime': at, 'acs:SourceIp': sourceIp, 'acs:SecureTransport': 'true' },
      },
      sets,
    );
}

const isDeniedOutright = (decision: Decision): boolean =>
  decision.effect === 'deny' && decision.reason === 'ExplicitDeny';

/** Both ends of the lease, from the inside and from the outside; and elsewhere, where the request is bound to addresses. */
function standpointsOf({ lease, restrict }: AccessPlan): {
  readonly open: readonly Standpoint[];
  readonly closed: readonly Closed[];
  readonly problems: readonly string[];
} {
  const { startsAt, expiresAt } = lease;
  const elsewhere = addressOutside(restrict.sourceIps ?? []);
  const sourceIp = restrict.sourceIps?.[0]?.split('/')[0] ?? elsewhere ?? '';
  return {
    open: [
      { at: startsAt, sourceIp },
      { at: addSeconds(expiresAt, -1), sourceIp },
    ],
    closed: [
      { at: addSeconds(startsAt, -1), sourceIp, when: 'before the lease' },
      { at: expiresAt, sourceIp, when: 'after the lease' },
      ...(restrict.sourceIps === undefined || elsewhere === undefined
        ? []
        : [{ at: startsAt, sourceIp: elsewhere, when: 'from other addresses' }]),
    ],
    problems: elsewhere === undefined ? ['the source addresses leave none out to be refused'] : [],
  };
}

const proofsOf = ({ rights, refused }: AccessPlan): readonly Proof[] => [
  {
    right: 'nothing outside the lease',
    verdict: 'judged',
    how: 'everything is denied outright before, after and from elsewhere, by the policies as read back',
  },
  ...rights.map(
    (right): Proof => ({
      right: nameOf(right),
      verdict: 'judged',
      how: 'allowed within the lease and not outside it, by the policies as read back',
    }),
  ),
  ...refused.map(
    (right): Proof => ({
      right: `not ${nameOf(right)}`,
      verdict: 'judged',
      how: 'refused by the policies as read back',
    }),
  ),
];

const nameOf = ({ action, resource }: Right): string => `${action} on ${resource}`;
