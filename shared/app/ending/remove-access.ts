/** Step RemoveAccess: nothing of the contract stays in either account, and a token is seen to die with the role. */
import type { Attachment, ObservedRole, Ports, Session } from '../../cloud/ports.js';
import { type Contract, isClosed } from '../../domain/contract.js';
import { BrokenPromiseError, TryLaterError } from '../../domain/errors.js';
import type { FactData } from '../../domain/fact.js';
import { isSystemPolicyGrant } from '../../domain/grant.js';
import { roleNameOf } from '../../domain/role-name.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { LONGEST_CHANGE_SECONDS } from '../changing/longest-change.js';
import { releaseWhole } from '../grantee/release-side.js';
import { type EndInput, type EndOutput, endingOf, NOTHING_TO_END } from '../inbound/step-input.js';
import { foreignOn, isMadeLate, isOrphan, isOurPolicy, isOurRole, verifierOf } from '../ours.js';
import { closedTrust } from '../plan/trust.js';
import { compareInventory } from '../proof/inventory.js';
import { openVerifierSession, SESSION_SECONDS } from '../proof/look-inside.js';
import { settle } from '../proof/verdict.js';
import { appendWhenever, loadContract } from '../register/register.js';
import { isSideDoorLeft, removeSideDoors } from '../side-doors/close-side-doors.js';
import { endRank } from '../turns/rank.js';
import { inTurn } from '../turns/turns.js';
import { deletePolicies, policyNamesOf } from './policies.js';
import { attachStop, spareReplaced } from './stops.js';

const BY = 'remove-access';
/** Nobody waits longer than this for others' removals, whatever the index says of them; nor does the flow. */
const QUEUE_SECONDS = 3000;

/** To be called when the writes that others wait to make as well are made. */
type Leave = () => Promise<void>;

/**
 * Removes role and policies of an ending contract. May run twice: what is gone is not missed.
 * @throws {BrokenPromiseError} `STILL_REACHABLE` when a token outlives the role, `NOT_OURS` when the register has lost it
 * @throws {QueuedError} when others are removed first
 */
export async function removeAccess(input: EndInput, ports: Ports): Promise<EndOutput> {
  if (input.contractId === undefined) return NOTHING_TO_END;
  const contract = await loadContract(input.contractId, ports.evidence);
  // One that is over comes here when something of it was found again.
  if (isClosed(contract)) await takeBackLate(contract, ports);
  else await removeContract(contract, ports);
  return endingOf(input.contractId);
}

/** As `removeAccess`, for a contract already loaded. Nothing is touched unless the contract is ending. */
export async function removeContract(contract: Contract, ports: Ports): Promise<Contract> {
  if (contract.state !== 'ending') return contract;
  const { contractId, terms, created, cut, ending } = contract;
  const since = cut?.at ?? ending?.at ?? ports.clock.now();
  const systemPolicies = terms?.request.grants.filter(isSystemPolicyGrant) ?? [];
  const place = {
    lane: 'detach',
    rank: endRank(terms?.request, ports.settings.owner),
    contractId,
    // Its own policies, those of the vendor's, and the stop.
    writes: (created?.policies.length ?? 0) + systemPolicies.length + 1,
    until: addSeconds(since, QUEUE_SECONDS),
  } as const;
  return inTurn(place, ports, (own, leave) => removeWhole(contract, leave, own));
}

async function removeWhole(contract: Contract, onDismantled: Leave, ports: Ports): Promise<Contract> {
  const role = await ports.ram.observeRole(roleNameOf(contract.contractId));
  const removal =
    role === undefined
      ? await confirmAbsence(contract, onDismantled, ports)
      : await removeRole(role, contract, onDismantled, ports);
  const rest = await unlessStuck(() => removeRest(contract, ports));
  const compared = await compareInventory(contract, BY, ports);
  const released = await releaseWhole(compared, BY, ports);
  if ('stuck' in rest) throw rest.stuck;
  const { doors, left } = rest;
  const data = {
    ...removal,
    foreign: [...removal.foreign, ...left, ...doors.foreign],
    ...(doors.gone.length === 0 ? {} : { sideDoors: doors.gone }),
  };
  return appendWhenever(
    released,
    { kind: 'removed', data },
    BY,
    ports,
    (now) => now.state === 'ending' && now.removed === undefined,
  );
}

/** Of what is in the owner's account beside the role. Accounts may hold the policies. */
async function removeRest(contract: Contract, ports: Ports) {
  const doors = await removeSideDoors(contract, ports);
  return { doors, left: await deletePolicies(contract, ports) };
}

/** What only a person can put right, such as a policy that somebody gave away by hand, keeps no user in the grantee's account. */
async function unlessStuck<T>(work: () => Promise<T>): Promise<T | { readonly stuck: BrokenPromiseError }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BrokenPromiseError) return { stuck: error };
    throw error;
  }
}

/** Absence is believed after two looks. Without a granting intent nothing can ever have been made. */
async function confirmAbsence(
  contract: Contract,
  onDismantled: Leave,
  ports: Ports,
): Promise<FactData['removed']> {
  if (contract.granting !== undefined && contract.removed === undefined) {
    await ports.clock.sleep(ports.settings.absenceSeconds);
    const role = await ports.ram.observeRole(roleNameOf(contract.contractId));
    if (role !== undefined) return removeRole(role, contract, onDismantled, ports);
  }
  return { tokenDeath: 'n/a: the role does not exist, so no token of it can work', foreign: [] };
}

async function removeRole(
  role: ObservedRole,
  contract: Contract,
  onDismantled: Leave,
  ports: Ports,
): Promise<FactData['removed']> {
  if (!(await isOurRole(role, contract, ports))) {
    if (await isOrphan(role, contract, ports)) throw orphaned(role, contract);
    // Somebody else's, or made again by hand after ours was deleted: left alone, and told.
    for (const stop of Object.values(ports.settings.stops)) await spareReplaced(contract, stop, ports);
    return {
      tokenDeath: 'n/a: our role does not exist, so no token of it can work',
      foreign: [`role ${role.name}`],
    };
  }
  const runsOutAt = addSeconds(ports.clock.now(), SESSION_SECONDS);
  const witness = await openVerifierSession(contract, ports);
  const attachments = await dismantle(role, contract, ports);
  await onDismantled();
  const tokenDeath =
    witness.outcome === 'opened'
      ? await seeTokenDie({ ...witness, runsOutAt }, role, contract, ports)
      : await seeAbsence(role, contract, `no token was to be had (${witness.code})`, ports);
  return { tokenDeath, foreign: foreignOn(attachments, contract, ports).map(({ policy }) => policy.name) };
}

const orphaned = ({ name }: ObservedRole, { contractId }: Contract): BrokenPromiseError =>
  new BrokenPromiseError(
    'NOT_OURS',
    `role ${name} says by its tags that it is of contract ${contractId}, and the register does not know of it: facts were deleted. It is stopped, and not deleted: look at it, and delete it by hand; then the end is recorded`,
  );

/**
 * Closes, strips and deletes a role of ours. Gives back what was attached.
 * @throws {TryLaterError} `CONFLICT` as long as a change that the end has overtaken may go on: what it put on the role between the
 * stop's going and the role's would let live sessions in
 */
async function dismantle(
  role: ObservedRole,
  contract: Contract,
  { ram, settings, log, clock }: Ports,
): Promise<readonly Attachment[]> {
  await ram.setTrust(role.name, closedTrust(verifierOf(contract, { settings })));
  const attachments = await ram.attachmentsOf(role.name);
  const isStop = ({ policy }: Attachment) => policy.type === 'Custom' && policy.name === settings.stops.ended;
  for (const attachment of attachments.filter((one) => !isStop(one))) await ram.detach(role.name, attachment);
  if (contract.ending?.overtook && clock.now() < addSeconds(contract.ending.at, LONGEST_CHANGE_SECONDS))
    throw new TryLaterError(
      'CONFLICT',
      `contract ${contract.contractId}: a change that its end has overtaken may still be at work; the stop stays on the role until it cannot be`,
    );
  // The stop goes last and immediately before the role, so that no moment is open however slowly detaching takes effect.
  for (const stop of attachments.filter(isStop)) await ram.detach(role.name, stop);
  try {
    await ram.deleteRole(role.name);
  } catch (error) {
    // Somebody attached something since we looked: the role is stopped again at once, and taken down by the next try.
    await attachStop(contract, settings.stops.ended, { ram, settings, log });
    throw error;
  }
  return attachments;
}

/**
 * Takes back what a step made after the contract's end had already been through: writes may be applied late. What carries
 * another request's nonce is not touched. May run twice.
 */
export async function takeBackLate(contract: Contract, ports: Ports): Promise<void> {
  const role = await lateRoleOf(contract, ports);
  if (role !== undefined) await dismantle(role, contract, ports);
  const rest = await unlessStuck(() => removeRest(contract, ports));
  await releaseWhole(contract, BY, ports);
  if ('stuck' in rest) throw rest.stuck;
}

/** Whether a role, policy, account or rule of ours is there, of a contract whose end is recorded. Reads only. */
export async function isAnythingLeft(
  contract: Contract,
  ports: Pick<Ports, 'ram' | 'settings' | 'dataPlanes' | 'routes'>,
): Promise<boolean> {
  if ((await lateRoleOf(contract, ports)) !== undefined) return true;
  const ours = await Promise.all(policyNamesOf(contract).map((name) => isOurPolicy(name, contract, ports)));
  return ours.includes(true) || isSideDoorLeft(contract, ports);
}

/** A role of ours that is there though the contract is over. */
async function lateRoleOf(
  contract: Contract,
  ports: Pick<Ports, 'ram' | 'settings'>,
): Promise<ObservedRole | undefined> {
  const role = await ports.ram.observeRole(roleNameOf(contract.contractId));
  if (role === undefined) return undefined;
  const isOurs = (await isOurRole(role, contract, ports)) || (await isMadeLate(role, contract, ports));
  return isOurs ? role : undefined;
}

interface Token {
  readonly session: Session;
  readonly runsOutAt: Instant;
}

/**
 * GetCallerIdentity needs no permission: if it fails, the token is dead and not merely denied. One that has run out says nothing: whatever
 * this runs on may have slept.
 */
async function seeTokenDie(
  { session, runsOutAt }: Token,
  role: ObservedRole,
  contract: Contract,
  ports: Ports,
): Promise<string> {
  const verdict = await settle(
    () => ports.sts.callerOf(session),
    (answer) => answer.outcome === 'dead',
    ports,
  );
  if (ports.clock.now() >= runsOutAt)
    return seeAbsence(role, contract, 'the token had run out by then', ports);
  if (verdict.outcome === 'settled' && verdict.answer.outcome === 'dead')
    return `a live token was refused: ${verdict.answer.code}`;
  throw new BrokenPromiseError(
    'STILL_REACHABLE',
    `a token of contract ${contract.contractId} outlives its deleted role`,
  );
}

/** Without a token nothing can be seen to die; that the role is gone, which ends every token of it, can. */
async function seeAbsence(
  { name, id }: ObservedRole,
  contract: Contract,
  why: string,
  ports: Ports,
): Promise<string> {
  const verdict = await settle(
    () => ports.ram.observeRole(name),
    (there) => there?.id !== id,
    ports,
  );
  if (verdict.outcome === 'settled') return `not seen: ${why}; the role reads back as deleted`;
  throw new BrokenPromiseError(
    'STILL_REACHABLE',
    `the role of contract ${contract.contractId} is still there after it was deleted`,
  );
}
