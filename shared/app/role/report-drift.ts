/** Says what on a role is not as it was approved, in the register and to the world. */
import type { Attachment, Ports, Tags } from '../../cloud/ports.js';
import { canonicalJson } from '../../domain/canonical-json.js';
import { type Contract, isLive } from '../../domain/contract.js';
import type { Change, DriftFinding, FactData } from '../../domain/fact.js';
import { sha256Hex } from '../../domain/sha256.js';
import { appendWhenever } from '../register/register.js';
import { announce } from '../telling/outbound.js';
import { policyDiff, trustDiff } from './document-diff.js';
import type { AccessStep } from './plan-convergence.js';

/** What is said of a change that no audit trail has told of. Leasehold's own changes are in the register. */
export const BY_HAND = 'by hand, outside Leasehold; the audit trail has not told by whom';

/** What each step would mend, said as what is found. */
export const findingsOf = (steps: readonly AccessStep[]): readonly DriftFinding[] => steps.flatMap(findingOf);

function findingOf(step: AccessStep): readonly DriftFinding[] {
  switch (step.kind) {
    case 'createPolicy':
      return [found('POLICY_MISSING', `policy ${step.policy.name} does not exist`)];
    case 'attach':
      if (step.isStop === true) return [STOP_MISSING];
      return [
        found(
          'NOT_ATTACHED',
          `policy ${placeOf(step.attachment)} is not on the role`,
          policyDiff(undefined, step.text),
        ),
      ];
    case 'setDocument':
      return [changedPolicy(step)];
    case 'narrowDocument':
      return []; // on the way to a document that is told of itself
    case 'setMaxSession':
      return [changedSessions(step.was, step.seconds)];
    case 'setTrust':
      return [changedTrust(trustDiff(step.was, step.trust))];
    case 'setTags':
      return [found('TAGS_LOST', `the tags that show the role to be ours differ: ${tagsText(step)}`)];
    case 'detach':
      return [
        found(
          'FOREIGN_POLICY',
          `policy ${placeOf(step.attachment)} was put on the role`,
          step.text === undefined ? undefined : policyDiff(step.text, undefined),
        ),
      ];
    case 'deletePolicy':
      return [found('POLICY_LEFT_OVER', `policy ${step.name} is not needed any more`)];
  }
}

const STOP_MISSING: DriftFinding = {
  code: 'STOP_MISSING',
  message: 'the contract is suspended, and the stop is not on the role',
  widens: ['everything that was granted, to whoever may enter'],
  narrows: [],
};

const found = (code: string, message: string, change?: Change): DriftFinding => ({
  code,
  message,
  ...change,
});

const placeOf = ({ policy, resourceGroupId }: Attachment): string =>
  `${policy.name}${policy.type === 'System' ? ' (of the vendor)' : ''}${resourceGroupId === undefined ? '' : ` in resource group ${resourceGroupId}`}`;

/** The middle of a sentence that begins with what was changed. */
function compared({ widens, narrows }: Change): string {
  if (widens.length + narrows.length === 0) return 'says the same as was approved, in other words';
  if (narrows.length === 0) return 'gives more than was approved';
  return widens.length === 0 ? 'gives less than was approved' : 'gives other things than were approved';
}

function changedPolicy({
  policy: { name, text },
  was,
  revertedTo,
}: Extract<AccessStep, { readonly kind: 'setDocument' }>): DriftFinding {
  const change = policyDiff(was, text);
  return revertedTo === undefined
    ? found('POLICY_CHANGED', `policy ${name} ${compared(change)}`, change)
    : found(
        'DEFAULT_VERSION_MOVED',
        `version ${revertedTo} of policy ${name} was made the default one; it ${compared(change)}`,
        change,
      );
}

const changedTrust = (change: Change): DriftFinding =>
  found('TRUST_CHANGED', `the trust policy of the role ${compared(change)}`, change);

const changedSessions = (was: number, seconds: number): DriftFinding => {
  const line = [`sessions of ${was} s instead of ${seconds} s`];
  return found('SESSION_CHANGED', `the role allows ${line[0]}`, {
    widens: was > seconds ? line : [],
    narrows: was < seconds ? line : [],
  });
};

/** Which keys, not which values: one of them is the nonce that shows a role to be ours. */
const tagsText = ({ tags, was }: { readonly tags: Tags; readonly was: Tags }): string =>
  Object.keys(tags)
    .filter((key) => was[key] !== tags[key])
    .map((key) => `${key} is ${was[key] === undefined ? 'gone' : 'changed'}`)
    .join(', ');

export const fingerprintOf = (findings: readonly DriftFinding[]): string =>
  sha256Hex(canonicalJson(findings));

/** Whether doing `steps` only takes away: what is wanted is on the role already. */
export const onlyTakesAway = (steps: readonly AccessStep[]): boolean =>
  steps.every(({ kind }) => kind !== 'attach' && kind !== 'createPolicy') &&
  findingsOf(steps).every(({ narrows = [] }) => narrows.length === 0);

/** Tells what is about to be written over, unless an end came before. Gives back the contract as it stands then. */
export async function reportDrift(
  contract: Contract,
  steps: readonly AccessStep[],
  by: string,
  ports: Ports,
): Promise<Contract> {
  const findings = findingsOf(steps);
  const data = { findings, action: 'healed', fingerprint: fingerprintOf(findings), who: BY_HAND } as const;
  const told = await appendWhenever(contract, { kind: 'drift-found', data }, by, ports, isLive);
  if (isLive(told)) await announceDrift(told, data, ports);
  return told;
}

/** What a person can do about what was found. */
function nextStepOf({ findings, action }: FactData['drift-found']): string {
  const codes = new Set(findings.map(({ code }) => code));
  if (codes.has('ROLE_GONE') || codes.has('ROLE_REPLACED'))
    return 'Leasehold makes no role anew by itself: terminate the contract, and request another one if access is still wanted';
  if (codes.has('STOP_EDITED'))
    return 'find out who edited the stop, and make the version of it that denies everything the default one again; until then the role of a suspended contract has no other policy';
  if (codes.has('VENDOR_POLICY_CHANGED'))
    return 'the vendor has changed what its policy allows: amend the contract, so that it has it no more or an approver accepts it as high risk';
  if (codes.has('NOT_APPROVED'))
    return 'it is not healed, since what should be there is not covered by an approval any more: amend or terminate the contract';
  if (codes.has('ACCOUNT_GONE'))
    return 'a new password is made only to be handed over: suspend and resume the contract, and the account is made again';
  if (codes.has('ACL_OFF'))
    return 'switch the ACL of the instance on again, or terminate the contract: until then its account may use every topic';
  switch (action) {
    case 'healed':
      return 'nothing, if the change was unwanted; otherwise amend the contract, so that it lasts';
    case 'suspended':
      return 'put back what differs by hand, or terminate the contract; a resume is refused until the role is as approved';
    case 'stopped-again':
      return 'find out who took the stop off; if the suspension is over, resume the contract';
    case 'reported':
      return codes.has('STOP_UNEXPECTED')
        ? 'detach the stop by hand, or post a suspension if the contract is to be stopped'
        : 'put back what differs by hand, or amend the contract, so that it is approved';
  }
}

/** Sends what a `drift-found` says. May run twice. */
export async function announceDrift(
  contract: Contract,
  drift: FactData['drift-found'],
  ports: Ports,
  seq: number = contract.seq,
): Promise<void> {
  const { findings, action, who } = drift;
  const data = { findings, action, who, next: nextStepOf(drift) };
  await announce('partner.access.drift-found', contract, data, ports, seq);
  ports.log.warn(
    { contractId: contract.contractId, findings: findings.map(({ code }) => code), action, who },
    'drift found',
  );
}
