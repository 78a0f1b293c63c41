/** The two policies that end every right of a role, and what is done where somebody has deleted or edited one. */
import type { Ports } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import { NotFoundError } from '../domain/errors.js';
import { roleNameOf } from '../domain/role-name.js';

/** Where the stop itself is missing every policy is detached instead. May run twice. */
export async function attachStop(
  contract: Contract,
  stop: string,
  ports: Pick<Ports, 'ram' | 'log'>,
): Promise<'attached' | 'was-attached' | 'no-role'> {
  const name = roleNameOf(contract.contractId);
  try {
    return await ports.ram.attach(name, { policy: { type: 'Custom', name: stop } });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if ((await ports.ram.observeRole(name)) === undefined) return 'no-role';
    await detachAllInstead(contract, stop, 'is missing', ports);
    return 'attached';
  }
}

/** A role without any policy lets nobody do anything, whatever `stop` says. May run twice. */
export async function detachAllInstead(
  { contractId }: Contract,
  stop: string,
  why: string,
  { ram, log }: Pick<Ports, 'ram' | 'log'>,
): Promise<void> {
  log.warn({ contractId, policy: stop }, `the stop ${why}; detaching every policy instead`);
  const name = roleNameOf(contractId);
  for (const attachment of await ram.attachmentsOf(name))
    if (attachment.policy.name !== stop) await ram.detach(name, attachment);
}

/** Whether the stop still denies everything to everybody, whatever else it says. */
export async function isIntact(stop: string, { ram }: Pick<Ports, 'ram'>): Promise<boolean> {
  const document = await ram.readPolicy({ type: 'Custom', name: stop });
  return document !== undefined && [JSON.parse(document).Statement].flat().some(isDenialOfAll);
}

interface RawStatement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

const isDenialOfAll = ({ Effect, Action, Resource, Condition }: RawStatement): boolean =>
  Effect === 'Deny' &&
  [Action].flat().includes('*') &&
  [Resource].flat().includes('*') &&
  Condition === undefined;
