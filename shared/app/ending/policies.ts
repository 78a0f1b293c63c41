/** What is left of the policies of a contract that ends: deleted where they are its own. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError, NotFoundError, TryLaterError } from '../../domain/errors.js';
import { roleNameOf } from '../../domain/role-name.js';
import { isOurPolicy } from '../ours.js';

/**
 * Gives back those that the register has and that no tag says to be ours any more: they may have been made again by hand, and let nobody
 * in by themselves. May run twice.
 * @throws {BrokenPromiseError} `HELD_BY_OTHERS`
 */
export async function deletePolicies(
  contract: Contract,
  ports: Pick<Ports, 'ram' | 'settings'>,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const name of policyNamesOf(contract)) {
    if (await isOurPolicy(name, contract, ports)) await deletePolicy(name, contract, ports);
    else if (contract.created !== undefined && (await isPolicyThere(name, ports)))
      left.push(`policy ${name}`);
  }
  return left;
}

async function isPolicyThere(name: string, { ram }: Pick<Ports, 'ram'>): Promise<boolean> {
  try {
    await ram.holdersOf(name);
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

/** @throws {BrokenPromiseError} `HELD_BY_OTHERS`: whom somebody gave it is not ours to change */
async function deletePolicy(
  name: string,
  { contractId }: Contract,
  { ram }: Pick<Ports, 'ram'>,
): Promise<void> {
  try {
    await ram.deletePolicy(name);
  } catch (error) {
    if (!(error instanceof TryLaterError && error.code === 'CONFLICT')) throw error;
    const own = roleNameOf(contractId);
    // Our role is gone, and may be listed for a moment yet; one that is there was made by hand in its place.
    const isThere = (await ram.observeRole(own)) !== undefined;
    const others = (await ram.holdersOf(name)).filter((holder) => isThere || holder !== `role ${own}`);
    if (others.length === 0) throw error;
    throw new BrokenPromiseError(
      'HELD_BY_OTHERS',
      `policy ${name} was given to ${others.join(', ')} by hand; it is deleted once it was taken from there`,
      { cause: error },
    );
  }
}

/** From the register, or from the plan's stem when the reply of their creation was lost. */
export const policyNamesOf = (contract: Contract): readonly string[] =>
  contract.created?.policies ?? plannedPolicyNames(contract);

/** At most eight policies are ever made for a role, the name of each a function of the contract alone. */
const plannedPolicyNames = (contract: Contract): readonly string[] =>
  contract.granting === undefined
    ? []
    : Array.from({ length: 8 }, (_, index) => policyNameOf(contract, index));

const policyNameOf = (contract: Contract, index: number): string =>
  `${roleNameOf(contract.contractId)}-${index + 1}`;
