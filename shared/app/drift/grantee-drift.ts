/** What in a grantee's account is not as it was set up. It is the grantee's account, so it is told and left as it is. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { DriftFinding } from '../../domain/fact.js';
import { lookAtSide } from '../grantee/look-at-side.js';
import { enterGrantee, granteeOf, isShut, managedSetupOf, namesIn } from '../grantee/managed-side.js';
import { isAboutCredentials } from '../grantee/prepare-side.js';
import { isSameName } from '../grantee/same-name.js';
import type { GranteeStep, ObservedSide } from '../grantee/side.js';
import type { AccessPlan } from '../plan/plan-access.js';

/** So many stand in the register and are told; more are counted, since whoever is at home there decides how many there are. */
const MOST_FINDINGS = 50;

/** None in self-service. An account that lets Leasehold in no more is a finding, not a failure. */
export async function granteeFindings(
  contract: Contract,
  plan: AccessPlan,
  ports: Ports,
): Promise<readonly DriftFinding[]> {
  const setup = contract.terms === undefined ? undefined : managedSetupOf(contract.terms.request);
  if (setup === undefined) return [];
  try {
    const accountId = granteeOf(contract);
    const entered = { accountId, account: await enterGrantee(accountId, ports) };
    const look = await lookAtSide(contract, { plan, setup }, entered, ports);
    const missing = look.plan.ok
      ? look.plan.steps.filter((step) => !isAboutCredentials(step)).map(findingOf)
      : look.plan.reasons.map(({ code, message }) => ({ code: `GRANTEE_${code}`, message }));
    return [
      ...atMost('GRANTEE_CHANGED', missing),
      ...atMost(OTHER_HOLDER, otherHolders(look.observed, look.wanted.policy.name, namesIn(setup))),
    ];
  } catch (error) {
    if (!isShut(error)) throw error;
    return [
      {
        code: 'GRANTEE_CLOSED',
        message:
          'the grantee’s account does not let Leasehold in any more, or not to look: what was made there cannot be removed at the end',
      },
    ];
  }
}

function findingOf(step: GranteeStep): DriftFinding {
  switch (step.kind) {
    case 'createPolicy':
      return gone(`policy ${step.policy} is not there any more: nobody can enter`);
    case 'setPolicyDocument':
      return { code: 'GRANTEE_POLICY_CHANGED', message: `policy ${step.policy} says something else` };
    case 'createUser':
      return gone(`user ${step.user} is not there any more`);
    case 'createRole':
      return gone(`role ${step.role} is not there any more`);
    case 'attach':
      return gone(
        `${step.principal.type} ${step.principal.name} does not hold policy ${step.policy} any more`,
      );
    default:
      return { code: 'GRANTEE_CHANGED', message: `${step.kind} would be needed` };
  }
}

const OTHER_HOLDER = 'GRANTEE_OTHER_HOLDER';

/** The first of them, and under `code` how many more there are. */
const atMost = (code: string, findings: readonly DriftFinding[]): readonly DriftFinding[] =>
  findings.length <= MOST_FINDINGS
    ? findings
    : [
        ...findings.slice(0, MOST_FINDINGS - 1),
        { code, message: `and ${findings.length - MOST_FINDINGS + 1} more like that` },
      ];

const gone = (message: string): DriftFinding => ({ code: 'GRANTEE_SETUP_GONE', message });

/** Whom the role itself lets in is decided in the owner's account; that somebody else may knock is told. */
function otherHolders(
  { policy }: ObservedSide,
  name: string,
  { users, roles }: { readonly users: readonly string[]; readonly roles: readonly string[] },
): readonly DriftFinding[] {
  const holders = policy?.holders ?? [];
  const isHolder = (type: string, named: string) =>
    holders.some((holder) => holder.type === type && holder.name === named);
  // RAM spells it as it was made, which may be in another case than it is named in.
  const isNamed = ({ type, name: holder }: (typeof holders)[number]) =>
    (type === 'user' ? users : roles).some(
      (named) => named === holder || (isSameName(named, holder) && !isHolder(type, named)),
    );
  return holders
    .filter((holder) => !isNamed(holder))
    .map((holder) => ({
      code: OTHER_HOLDER,
      message: `${holder.type} ${holder.name} was given policy ${name} by somebody else`,
    }));
}
