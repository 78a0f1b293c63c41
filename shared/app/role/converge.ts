/** Does the steps of a plan for a role. The thinking is in `plan-convergence.ts`. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, isLive } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import { isOurPolicy, roleTagsFor } from '../ours.js';
import { appendWhenever } from '../register/register.js';
import { type ObservedAccess, observeAccess } from './observe-access.js';
import { type AccessStep, planConvergence } from './plan-convergence.js';
import type { WantedAccess } from './wanted-access.js';

/**
 * Brings the role to what is wanted, from whatever it is. May run twice: the second run finds nothing to do. `beforeWrite` may stop it by
 * what it throws, at the last moment before each write.
 * @throws {BrokenPromiseError} `NOT_OURS` when the role is not the one that the register speaks of
 */
export async function converge(
  contract: Contract,
  wanted: WantedAccess,
  ports: Ports,
  beforeWrite: () => void = () => undefined,
): Promise<readonly AccessStep[]> {
  const observed = await observeOurs(contract, wanted, ports);
  const steps = planConvergence(observed, wanted);
  for (const step of steps) {
    const touched = touchedPolicyOf(step);
    if (touched !== undefined) await requireOurs(touched, contract, ports);
    beforeWrite();
    await applyStep(step, wanted, contract, ports, beforeWrite);
  }
  return steps;
}

/** The policy that a step writes over, which somebody else may have made again under the name of ours. */
function touchedPolicyOf(step: AccessStep): string | undefined {
  if (step.kind === 'setDocument') return step.policy.name;
  return step.kind === 'narrowDocument' ? step.name : undefined;
}

/** Records what was done to the role, for steps whose outcome another step sees and records. Nothing when nothing was done. */
export async function recordSteps(contract: Contract, steps: readonly string[], by: string, ports: Ports) {
  if (steps.length === 0) return contract;
  return appendWhenever(contract, { kind: 'role-changed', data: { steps } }, by, ports, isLive);
}

/**
 * As `observeAccess`, of a role that must be there and ours.
 * @throws {BrokenPromiseError} `NOT_OURS`
 */
export async function observeOurs(
  contract: Contract,
  wanted: WantedAccess,
  ports: Pick<Ports, 'ram'>,
): Promise<ObservedAccess> {
  const observed = await observeAccess(
    wanted.roleName,
    wanted.policies.map(({ name }) => name),
    ports,
  );
  if (observed === undefined || observed.role.id !== contract.created?.roleId) {
    throw new BrokenPromiseError(
      'NOT_OURS',
      `role ${wanted.roleName} of contract ${contract.contractId} is not there any more as it was made; terminate the contract and request a new one`,
    );
  }
  return observed;
}

async function applyStep(
  step: AccessStep,
  { roleName }: WantedAccess,
  contract: Contract,
  { ram }: Pick<Ports, 'ram'>,
  beforeWrite: () => void,
): Promise<void> {
  switch (step.kind) {
    case 'createPolicy': {
      const { name, text: document } = step.policy;
      const made = await ram.createPolicy({
        name,
        document,
        description: `Leasehold: contract ${contract.contractId}. Do not edit by hand.`,
        tags: roleTagsFor(contract),
      });
      // A lost reply of an earlier try: ours by its tags, and then with the document that is wanted now.
      if (made === 'exists') {
        await requireOurs(name, contract, { ram });
        beforeWrite();
        await ram.setPolicyDocument(name, document);
      }
      return;
    }
    case 'setDocument':
      return ram.setPolicyDocument(step.policy.name, step.policy.text);
    case 'narrowDocument':
      return ram.setPolicyDocument(step.name, step.text);
    case 'attach':
      await ram.attach(roleName, step.attachment);
      return;
    case 'setMaxSession':
      return ram.setMaxSessionSeconds(roleName, step.seconds);
    case 'setTrust':
      return ram.setTrust(roleName, step.trust);
    case 'setTags':
      return ram.tagRole(roleName, step.tags);
    case 'detach':
      return ram.detach(roleName, step.attachment);
    case 'deletePolicy':
      // A policy that only bears a name like ours was detached; deleting it is not for us.
      if (await isOurPolicy(step.name, contract, { ram })) await ram.deletePolicy(step.name);
      return;
  }
}

async function requireOurs(name: string, contract: Contract, ports: Pick<Ports, 'ram'>): Promise<void> {
  if (await isOurPolicy(name, contract, ports)) return;
  throw new BrokenPromiseError(
    'NOT_OURS',
    `policy ${name} exists but was not made for contract ${contract.contractId}`,
  );
}
