/** One call from access to none, and the sight of it: what a cut and a suspension have in common. */
import type { Ports, Session } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError, nameOfError } from '../../domain/errors.js';
import type { Refusal } from '../../domain/fact.js';
import { roleNameOf } from '../../domain/role-name.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { isOrphan, isOurRole, otherDeploymentIn } from '../ours.js';
import {
  askProbes,
  isLetIn,
  isMissing,
  isRefused,
  nameOfProbe,
  openVerifierSession,
  type ProbeAnswer,
  probesOf,
} from '../proof/look-inside.js';
import { settle } from '../proof/verdict.js';
import { closeSideDoors, seeSideDoorsClosed } from '../side-doors/close-side-doors.js';
import { endRank } from '../turns/rank.js';
import { inTurn } from '../turns/turns.js';
import { attachStop, makeUpForEdit, spareReplaced } from './stops.js';

/** The stop waits no longer than this for its witness. */
const WITNESS_SECONDS = 1;
/** Longer than a stop takes as a rule to bind. */
const SUSPICIOUS_SECONDS = 15;
/** Nor than this for others' stops, whatever the index says of them: RAM stops 10,000 roles in less. */
const QUEUE_SECONDS = 1200;

export interface Stop {
  /** Name of the policy. */
  readonly stop: string;
  /** The register could not be asked, so a role of that name is taken for ours, unless it says that another Leasehold made it. */
  readonly isBlind: boolean;
  /** When it was called for. */
  readonly since: Instant;
}

/**
 * Attaches the stop, in one call, closes the side doors at once after it, or without it where it has to wait, and sees every session
 * refused and every door closed. May run twice.
 * @throws {BrokenPromiseError} `STILL_REACHABLE`
 * @throws {QueuedError} when others are to be stopped first
 */
export async function stopAndLook(contract: Contract, how: Stop, ports: Ports): Promise<Refusal> {
  const refusal = await stopRole(contract, how, ports);
  const closed = await seeSideDoorsClosed(contract, ports);
  if (closed.length === 0) return refusal;
  const unseen = [...new Set([...refusal.unseen, UNSEEN_CONNECTIONS])];
  return { ...refusal, unseen, sideDoors: closed };
}

async function stopRole(contract: Contract, how: Stop, ports: Ports): Promise<Refusal> {
  const { log } = ports;
  const { stop, isBlind } = how;
  const name = roleNameOf(contract.contractId);

  // Until the register says that the role was made, a role of that name may be somebody else's: it is looked at first.
  if (contract.created === undefined && !(await mayBeOurs(contract, isBlind, ports))) {
    await closeSideDoors(contract, ports);
    return { witness: 'n/a: nothing was ever granted', unseen: [] };
  }

  const { witness, cutTick, stopping } = await attachOrClose(contract, how, ports);
  const doors = await closeSideDoors(contract, ports);
  const { outcome, besides } = stopping;
  log.info({ contractId: contract.contractId, role: name, stop: outcome, policy: stop, doors }, 'stopped');
  if (outcome === 'no-role') return { witness: NO_ROLE, unseen: [] };
  // The stop came first; whose role it is matters where nobody of ours could enter.
  if (witness.session === undefined && (await spareReplaced(contract, stop, ports)))
    return { witness: `${NO_ROLE}; one that somebody made in its place is as it was`, unseen: [] };
  const stopped = { contract, stop, witness, cutTick, wasAttached: outcome === 'was-attached' };
  const { unseen, ...seen } = await lookAtStopped(stopped, ports);
  return {
    ...seen,
    witness: `${seen.witness}${besides}`,
    unseen: [...unseen, UNSEEN_USE, UNSEEN_CONNECTIONS],
  };
}

async function mayBeOurs(contract: Contract, isBlind: boolean, ports: Ports): Promise<boolean> {
  const { ram, settings } = ports;
  const name = roleNameOf(contract.contractId);
  const role = await ram.observeRole(name);
  if (role === undefined) return isBlind;
  return isBlind
    ? otherDeploymentIn(await ram.tagsOfRole(name), settings) === undefined
    : (await isOurRole(role, contract, ports)) || (await isOrphan(role, contract, ports));
}

const NO_ROLE = 'n/a: the role does not exist';

interface Stopped {
  readonly contract: Contract;
  readonly stop: string;
  readonly witness: Witness;
  readonly cutTick: number;
  /** Before this try. */
  readonly wasAttached: boolean;
}

async function lookAtStopped(stopped: Stopped, ports: Ports): Promise<Refusal> {
  const { contract, stop, witness } = stopped;
  /** What refuses is at least looked at, where no call can show that it does. */
  const lookAtStop = async (why: string, unseen: string): Promise<Refusal> => {
    const edited = await makeUpForEdit(contract, stop, ports);
    const seen = await seeStop(contract, stop, ports);
    return { witness: `none: ${why}; ${seen}${edited}`, unseen: [unseen] };
  };
  if (contract.granting === undefined)
    return lookAtStop('the register does not know what was granted', UNKNOWN);
  const probes = probesOf(contract);
  if (probes.length === 0)
    return lookAtStop('nothing granted has a read call to probe with', UNSHOWN_REFUSAL);
  const session = witness.session ?? (await openLateWitness(contract, ports));
  if (session === undefined) return lookAtStop(`${witness.note}, nor after it`, UNSEEN_REFUSAL);
  const ask = () => askProbes(probes, session, ports);
  const { verdict, edited } = await seeRefused(contract, stop, ask, ports);
  const seen =
    verdict.outcome === 'settled'
      ? { ...toldOfRefusal(stopped, verdict.sinceTick), unseen: [] }
      : await seeRestRefused(stopped, ask, ports);
  return { ...seen, witness: `${seen.witness}${edited}` };
}

function toldOfRefusal(
  { witness, cutTick, wasAttached }: Stopped,
  sinceTick: number,
): Pick<Refusal, 'witness' | 'timeToDenySeconds'> {
  if (wasAttached) return { witness: 'an earlier try made the cut; sessions were seen to be refused since' };
  if (witness.session === undefined) return { witness: `${witness.note}; refusal was seen with a later one` };
  if (!witness.worked) return { witness: witness.note };
  return { witness: witness.note, timeToDenySeconds: Math.max(0, Math.round(sinceTick - cutTick) / 1000) };
}

type Ask = () => Promise<readonly ProbeAnswer[]>;
type Patience = Pick<Ports, 'clock' | 'settings'>;

const within = (patienceSeconds: number, { clock, settings }: Patience): Patience => ({
  clock,
  settings: { ...settings, verdict: { ...settings.verdict, patienceSeconds } },
});

/** Looks until all are refused; who is let in for long may be let in by a stop that somebody has edited. */
async function seeRefused(contract: Contract, stop: string, ask: Ask, ports: Ports) {
  const areRefused = (answers: readonly ProbeAnswer[]) => answers.every(isRefused);
  const { patienceSeconds } = ports.settings.verdict;
  const soon = await settle(ask, areRefused, within(Math.min(SUSPICIOUS_SECONDS, patienceSeconds), ports));
  if (soon.outcome === 'settled') return { verdict: soon, edited: '' };
  const edited = await makeUpForEdit(contract, stop, ports);
  return { verdict: await settle(ask, areRefused, ports), edited };
}

/**
 * A thing that its owner has deleted meanwhile lets nobody in, and a product may look for it before it asks RAM: then no refusal will
 * ever be seen there.
 * @throws {BrokenPromiseError} `STILL_REACHABLE` when anything else is not seen to be refused
 */
async function seeRestRefused(
  { contract, stop, witness }: Stopped,
  ask: Ask,
  ports: Ports,
): Promise<Refusal> {
  const namesOf = (answers: readonly ProbeAnswer[]) => answers.map(({ probe }) => nameOfProbe(probe));
  const isShut = (one: ProbeAnswer) => isRefused(one) || isMissing(one);
  // Time enough has passed for a refusal to come.
  const verdict = await settle(ask, (answers) => answers.every(isShut), within(0, ports));
  if (verdict.outcome === 'unsettled') {
    const open = namesOf(verdict.last.filter(isLetIn));
    throw new BrokenPromiseError(
      'STILL_REACHABLE',
      `contract ${contract.contractId}: ${open.join(', ')} still answers after the stop`,
    );
  }
  const note = verdict.answer.every(isMissing)
    ? 'n/a: nothing of what was granted is there any more'
    : witness.note;
  return {
    witness: `${note}; ${await seeStop(contract, stop, ports)}`,
    unseen: namesOf(verdict.answer.filter(isMissing)).map(
      (name) => `that ${name} is refused: what it is about is not there any more`,
    ),
  };
}

/** As `attachInTurn`; but RAM decides nothing behind a side door, so none is open until RAM takes the stop. */
async function attachOrClose(contract: Contract, how: Stop, ports: Ports) {
  try {
    return await attachInTurn(contract, how, ports);
  } catch (error) {
    try {
      await closeSideDoors(contract, ports);
    } catch (another) {
      const { contractId } = contract;
      ports.log.warn({ contractId, error: nameOfError(another) }, 'nor could all side doors be closed');
    }
    throw error;
  }
}

/** Where many are to be stopped at once, those who can do most go first. Without a register there is no telling, and no waiting. */
async function attachInTurn(contract: Contract, { stop, isBlind, since }: Stop, ports: Ports) {
  const attach = async (own: Ports) => {
    const witness = await openWitness(contract, own);
    const cutTick = own.clock.ticks();
    return { witness, cutTick, stopping: await attachStop(contract, stop, own) };
  };
  const { contractId, terms } = contract;
  const rank = endRank(terms?.request, ports.settings.owner);
  const until = addSeconds(since, QUEUE_SECONDS);
  return isBlind
    ? attach(ports)
    : inTurn({ lane: 'attach', rank, contractId, writes: 1, until }, ports, attach);
}

const UNSEEN_USE = 'publishing and consuming, which no read call shows';
const UNKNOWN =
  'accounts and rules of which the register may have known: those that are there are told as strays';
const UNSEEN_CONNECTIONS = 'connections that were open before the cut';

interface Witness {
  readonly session: Session | undefined;
  /** True when the session was seen to work before the cut, so that the time to the first refusal means something. */
  readonly worked: boolean;
  readonly note: string;
}

/** A session that works now, so that it can be seen to be refused later; never waited for longer than a second. */
async function openWitness(contract: Contract, ports: Ports): Promise<Witness> {
  const none = (note: string): Witness => ({ session: undefined, worked: false, note });
  const tooLate = async (): Promise<Witness> => {
    await ports.clock.sleep(WITNESS_SECONDS);
    return none('no session could be opened within a second');
  };
  const open = async (): Promise<Witness> => {
    const opened = await openVerifierSession(contract, ports);
    if (opened.outcome === 'refused')
      return none(`no session could be opened before the cut (${opened.code})`);
    const answers = await askProbes(probesOf(contract), opened.session, ports);
    const worked = answers.length > 0 && answers.every(isLetIn);
    return {
      session: opened.session,
      worked,
      note: worked ? 'a live session worked before the cut' : 'n/a: access was closed before the cut',
    };
  };
  try {
    return await Promise.race([open(), tooLate()]);
  } catch (error) {
    // The cut must not fail for want of a witness; what went wrong is part of the proof.
    return none(`no witness before the cut: ${nameOfError(error)}`);
  }
}

/** The stop binds sessions, not the door: a session opened after the cut shows the refusal just as well. */
async function openLateWitness(contract: Contract, ports: Ports): Promise<Session | undefined> {
  const opened = await openVerifierSession(contract, ports);
  return opened.outcome === 'opened' ? opened.session : undefined;
}

const UNSEEN_REFUSAL = 'that live sessions were refused: nobody could enter the role to see it';
const UNSHOWN_REFUSAL =
  'that live sessions were refused: nothing that was granted has a read call to show it';

/** That the stop is on the role, or no policy at all. */
async function seeStop(contract: Contract, stop: string, ports: Ports): Promise<string> {
  const verdict = await settle(
    () => ports.ram.attachmentsOf(roleNameOf(contract.contractId)),
    (attached) => attached.length === 0 || attached.some(({ policy }) => policy.name === stop),
    ports,
  );
  if (verdict.outcome === 'settled') return `${stop} was read back on the role, or no policy at all`;
  throw new BrokenPromiseError(
    'STILL_REACHABLE',
    `contract ${contract.contractId}: ${stop} is not on the role after it was attached`,
  );
}
