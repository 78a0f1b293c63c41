/** The two policies that end every right of a role, and what is done where somebody stands in the way of one. */
import type { ObservedRole, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError, NotFoundError } from '../../domain/errors.js';
import { roleNameOf } from '../../domain/role-name.js';
import type { RoleName } from '../../domain/values.js';
import { foreignOn, isOurPolicy, isReplaced } from '../ours.js';

type StopPorts = Pick<Ports, 'ram' | 'settings' | 'log'>;

export interface Stopping {
  /** `instead`: it could not be put on, so the role has no policy any more. `no-role`: ours is not there, whatever has its name. */
  readonly outcome: 'attached' | 'was-attached' | 'instead' | 'no-role';
  /** What the proof says besides; begins with `; ` unless it is empty. */
  readonly besides: string;
}

/** Where the stop is missing every policy is detached instead, and where the role is full what is not ours makes room. May run twice. */
export async function attachStop(contract: Contract, stop: string, ports: StopPorts): Promise<Stopping> {
  const name = roleNameOf(contract.contractId);
  try {
    return { outcome: await attach(name, stop, ports), besides: '' };
  } catch (error) {
    const isFull = error instanceof BrokenPromiseError && error.code === 'QUOTA';
    if (!isFull && !(error instanceof NotFoundError)) throw error;
    const role = await ports.ram.observeRole(name);
    if (role === undefined || (await isSomebodysOwn(role, contract, ports)))
      return { outcome: 'no-role', besides: '' };
    if (isFull) return makeRoom(contract, stop, ports);
    return { outcome: 'instead', besides: await detachAllInstead(contract, stop, 'is missing', ports) };
  }
}

/** Takes a stop off a role that somebody made for himself in the place of ours. Gives back whether there is such a role. May run twice. */
export async function spareReplaced(
  contract: Contract,
  stop: string,
  { ram }: Pick<Ports, 'ram'>,
): Promise<boolean> {
  const name = roleNameOf(contract.contractId);
  const role = await ram.observeRole(name);
  if (role === undefined || !(await isSomebodysOwn(role, contract, { ram }))) return false;
  await ram.detach(name, { policy: { type: 'Custom', name: stop } });
  return true;
}

/** Puts the stop on the role, and off again where somebody made that for himself in the place of ours: the first look may be stale. May run twice. */
export async function stopOurs(contract: Contract, stop: string, ports: StopPorts): Promise<void> {
  await attachStop(contract, stop, ports);
  await spareReplaced(contract, stop, ports);
}

/**
 * Whether somebody made `role` in the place of ours, for something else. One that lets the partner in, or holds a policy of the
 * contract's, may give him what was granted: that is stopped as ours is.
 */
async function isSomebodysOwn(
  role: ObservedRole,
  contract: Contract,
  { ram }: Pick<Ports, 'ram'>,
): Promise<boolean> {
  const partner = contract.requested?.request.grantee.accountId;
  if (!isReplaced(role, contract) || partner === undefined || role.trust.includes(partner)) return false;
  for (const { policy } of await ram.attachmentsOf(role.name)) {
    const isNamedSo = contract.created?.policies.includes(policy.name) === true;
    if (isNamedSo && (await isOurPolicy(policy.name, contract, { ram }))) return false;
  }
  return true;
}

const attach = (role: RoleName, stop: string, { ram }: StopPorts) =>
  ram.attach(role, { policy: { type: 'Custom', name: stop } });

/** Only what somebody put on the role by hand can have filled it: admission keeps two places free. */
async function makeRoom(contract: Contract, stop: string, ports: StopPorts): Promise<Stopping> {
  const { ram, settings, log } = ports;
  const role = roleNameOf(contract.contractId);
  // The vendor's policies are counted apart.
  const foreign = foreignOn(await ram.attachmentsOf(role), contract, { settings }).filter(
    ({ policy }) => policy.type === 'Custom',
  );
  if (foreign.length === 0)
    return { outcome: 'instead', besides: await detachAllInstead(contract, stop, 'has no room', ports) };
  for (const attachment of foreign) await ram.detach(role, attachment);
  const names = foreign.map(({ policy }) => policy.name).join(', ');
  log.warn(
    { contractId: contract.contractId, policy: stop, names },
    'foreign policies made room for the stop',
  );
  return { outcome: await attach(role, stop, ports), besides: `; ${names} made room for ${stop}` };
}

/** A role without any policy lets nobody do anything, whatever `stop` says. Gives back what the proof says of it. May run twice. */
async function detachAllInstead(
  { contractId }: Contract,
  stop: string,
  why: 'is missing' | 'was edited' | 'has no room',
  { ram, log }: Pick<Ports, 'ram' | 'log'>,
): Promise<string> {
  log.warn({ contractId, policy: stop }, `the stop ${why}; detaching every policy instead`);
  const name = roleNameOf(contractId);
  for (const attachment of await ram.attachmentsOf(name))
    if (attachment.policy.name !== stop) await ram.detach(name, attachment);
  return `; ${stop} ${why}, so every other policy was detached`;
}

/** A stop that does not deny everything any more stops nothing: then no policy stays. Gives back what the proof says of it. May run twice. */
export async function makeUpForEdit(
  contract: Contract,
  stop: string,
  ports: Pick<Ports, 'ram' | 'log'>,
): Promise<string> {
  return (await isEdited(stop, ports)) ? detachAllInstead(contract, stop, 'was edited', ports) : '';
}

/** Whether the stop does not deny everything to everybody any more, whatever else it says. */
export async function isEdited(stop: string, { ram }: Pick<Ports, 'ram'>): Promise<boolean> {
  const document = await ram.readPolicy({ type: 'Custom', name: stop });
  return document !== undefined && ![JSON.parse(document).Statement].flat().some(isDenialOfAll);
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
