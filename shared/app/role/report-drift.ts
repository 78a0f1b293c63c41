/** Says what on a role is not as it was approved, in the register and to the world. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { DriftFinding, FactData } from '../../domain/fact.js';
import { announce } from '../outbound.js';
import { appendWhenever } from '../register.js';
import type { AccessStep } from './plan-convergence.js';

/** What each step would mend, said as what is found. */
export const findingsOf = (steps: readonly AccessStep[]): readonly DriftFinding[] => steps.map(findingOf);

function findingOf(step: AccessStep): DriftFinding {
  switch (step.kind) {
    case 'createPolicy':
      return { code: 'POLICY_MISSING', message: `policy ${step.policy.name} does not exist` };
    case 'attach':
      return { code: 'NOT_ATTACHED', message: `policy ${step.attachment.policy.name} is not on the role` };
    case 'setDocument':
      return { code: 'POLICY_CHANGED', message: `policy ${step.policy.name} says something else` };
    case 'setMaxSession':
      return {
        code: 'SESSION_CHANGED',
        message: `sessions may not last the ${step.seconds} s that were approved`,
      };
    case 'setTrust':
      return {
        code: 'TRUST_CHANGED',
        message: 'other people may enter than were approved, or in another way',
      };
    case 'setTags':
      return { code: 'TAGS_LOST', message: 'the tags that show the role to be ours are gone or changed' };
    case 'detach':
      return { code: 'FOREIGN_POLICY', message: `policy ${step.attachment.policy.name} was put on the role` };
    case 'deletePolicy':
      return { code: 'POLICY_LEFT_OVER', message: `policy ${step.name} is not needed any more` };
  }
}

/** Appends the finding and announces it. Gives back the contract as it stands then. */
export async function reportDrift(
  contract: Contract,
  steps: readonly AccessStep[],
  action: FactData['drift-found']['action'],
  by: string,
  ports: Ports,
): Promise<Contract> {
  const findings = findingsOf(steps);
  const data = { findings, action };
  const from = contract.seq;
  const told = await appendWhenever(
    contract,
    { kind: 'drift-found', data },
    by,
    ports,
    (now) => now.seq >= from,
  );
  await announce('partner.access.drift-found', told, data, ports);
  ports.log.warn(
    { contractId: contract.contractId, findings: findings.map(({ code }) => code), action },
    'drift found',
  );
  return told;
}
