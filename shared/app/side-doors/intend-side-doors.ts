/** The word in the register that comes before anything is made under a new name, and what must be so before that. */
import type { EvidencePort, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError, TryLaterError } from '../../domain/errors.js';
import { appendFact, loadContract } from '../register/register.js';
import { claimDoors } from './claims.js';
import type { Door, DoorLook, DoorStep } from './doors.js';

export type Intended =
  | {
      readonly outcome: 'intended';
      readonly contract: Contract;
      /** What was seen before; nothing in it but its standing is another now. */
      readonly looks: readonly DoorLook[];
    }
  /** Another writer was first, and nothing was done. */
  | { readonly outcome: 'lost'; readonly contract: Contract };

/**
 * What is there and in use, and could not be opened now, is drift: told as such, and in nobody's way.
 * @throws {BrokenPromiseError} `NOT_OURS`, `ACCESS_NOT_VERIFIED`
 * @throws {TryLaterError} `CONFLICT` when another has written since `contract` was read: what stands there may be his
 */
export async function requireOpenable(
  { contractId, seq }: Contract,
  looks: readonly DoorLook[],
  evidence: EvidencePort,
): Promise<void> {
  const refused = looks.filter((look) => !isInUse(look)).flatMap((look) => look.refused);
  if (refused.length === 0) return;
  if ((await loadContract(contractId, evidence)).seq !== seq)
    throw new TryLaterError(
      'CONFLICT',
      `contract ${contractId} was changed while its side doors were looked at`,
    );
  const code = refused.some((one) => one.code === 'NAME_TAKEN') ? 'NOT_OURS' : 'ACCESS_NOT_VERIFIED';
  const why = refused.map(({ message }) => message).join('; ');
  throw new BrokenPromiseError(code, `contract ${contractId}: ${why}`);
}

const isInUse = ({ door: { kind, standing } }: DoorLook): boolean =>
  kind === 'account' ? standing.isHandedOver : standing.isIntended;

export const isNew = ({ door }: DoorLook): boolean =>
  !door.standing.isIntended && (door.kind === 'rule' || door.goal === 'open');

/** Written before anything is made under a new name: from then on what bears it is ours. */
export async function intend(
  contract: Contract,
  looks: readonly DoorLook[],
  by: string,
  ports: Ports,
): Promise<Intended> {
  const fresh = looks.filter(isNew).map(({ door }) => door);
  if (fresh.length === 0) return { outcome: 'intended', contract, looks };
  await claimDoors(contract.contractId, fresh, ports.evidence);
  const data = {
    accounts: fresh.flatMap((door) => (door.kind === 'account' ? [door.account] : [])),
    routes: fresh.flatMap((door) => (door.kind === 'rule' ? [door.route] : [])),
  };
  const result = await appendFact(contract, { kind: 'side-doors-intended', data }, by, ports);
  return result.outcome === 'lost'
    ? result
    : { outcome: 'intended', contract: result.contract, looks: looks.map(asIntended) };
}

/** What was free to take under a name is planned for alike once the name is taken, so that nothing is looked at for it again. */
const asIntended = (look: DoorLook): DoorLook => {
  if (!isNew(look)) return look;
  const steps = look.steps.map((step) => ({ ...step, door: intendedDoor(step.door) }) as DoorStep);
  return { ...look, door: intendedDoor(look.door), steps };
};

const intendedDoor = <D extends Door>(door: D): D => ({
  ...door,
  standing: { ...door.standing, isIntended: true },
});
