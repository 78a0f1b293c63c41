/** Step HealDrift: looks at one contract's role in full, tells what is not as approved, and does about it what was configured. */
import type { Ports } from '../../cloud/ports.js';
import { atWorkSince, type Contract, isLive } from '../../domain/contract.js';
import { BrokenPromiseError, PartnerAccessError } from '../../domain/errors.js';
import type { DriftFinding, FactData } from '../../domain/fact.js';
import { sha256Hex } from '../../domain/sha256.js';
import { type ContractId, secondsBetween } from '../../domain/values.js';
import { isOpenSuspension } from '../admission/amend-output.js';
import { suspensionName } from '../admission/suspension-name.js';
import { requireApproval } from '../approval/require-approval.js';
import { requireHarmless } from '../approval/require-harmless.js';
import { takeBackStop } from '../changing/take-back-stop.js';
import { dueEnding } from '../ending/due-ending.js';
import { attachStop, makeUpForEdit } from '../ending/stops.js';
import { isShut } from '../grantee/managed-side.js';
import { releaseLate } from '../grantee/release-side.js';
import { contractIdOf, parseObject } from '../inbound/step-input.js';
import { approvedPlan } from '../plan/approved-plan.js';
import { settle } from '../proof/verdict.js';
import { watchProgress } from '../register/index-entries.js';
import { keepDue } from '../register/keep-due.js';
import { appendFact, loadContract } from '../register/register.js';
import { converge } from '../role/converge.js';
import { tellStep } from '../role/plan-convergence.js';
import { announceDrift, BY_HAND, fingerprintOf, onlyTakesAway } from '../role/report-drift.js';
import { wantedAccess } from '../role/wanted-access.js';
import { closeSideDoors } from '../side-doors/close-side-doors.js';
import { mendDoors } from '../side-doors/door-drift.js';
import { tellDoorStep } from '../side-doors/doors.js';
import { type DriftLook, lookForDrift, lookTwice } from './drift-look.js';
import { APPLIED_LATE, areLateWrites } from './late-writes.js';
import { putBackText, readPutBack, tellUnknown } from './lost-facts.js';

export interface HealInput {
  readonly contractId: ContractId;
  /** Whose change called for this look; `undefined` when its turn has come, or somebody asked. */
  readonly who: string | undefined;
}
export interface HealOutput {
  readonly contractId: string;
  /** `amendment`: a suspension was asked for, and that flow carries it out. */
  readonly next: 'amendment' | 'nothing';
  /** Of the flow to start, for people to read. */
  readonly executionName: string;
}

type Drift = FactData['drift-found'];

const BY = 'heal-drift';
/** What is unchanged is told again after so long, so that it is not forgotten. */
const TELL_AGAIN_SECONDS = 24 * 3600;
/** A step that runs again so soon may have died before it told. */
const IN_DOUBT_SECONDS = 10 * 60;
/** How suspensions for drift are named. */
const SUSPENSION = 'drift-';

/** @throws {InvalidRequestError} */
export function parseHealInput(event: Buffer): HealInput {
  const input = parseObject(event);
  const { who } = input;
  return {
    contractId: contractIdOf(input),
    who: typeof who === 'string' && who !== '' ? who : undefined,
  };
}

/**
 * May run twice. What is under way, or about to end, is left to the flow that is at it, once it is seen to that there will be one.
 * @throws {BrokenPromiseError} `DRIFTED` when the role does not become as wanted, `NOT_OURS`, `WIDER_THAN_APPROVED`
 */
export async function healDrift(input: HealInput, ports: Ports): Promise<HealOutput> {
  const contract = await loadContract(input.contractId, ports.evidence);
  await keepDue(contract, ports);
  if (contract.state === 'unknown') await tellUnknown(contract, ports);
  if (!isAtRest(contract, ports)) return outputOf(contract, ports);
  const isCalled = input.who !== undefined;
  const look = await lookTwice(contract, approvedPlan(contract), { isCalled }, ports);
  const after = await settleDrift(contract, look, input, ports);
  // Somebody else wrote first: what is to be done is decided anew by what stands there now.
  if (after === 'lost') return healDrift(input, ports);
  if (isAtRest(after, ports)) await releaseLateJoiners(after, ports);
  return outputOf(after, ports);
}

const isAtRest = (contract: Contract, { clock }: Pick<Ports, 'clock'>): boolean =>
  isLive(contract) &&
  dueEnding(contract, clock.now()) === undefined &&
  (contract.amendment === undefined || atWorkSince(contract.amendment) === undefined) &&
  contract.resuming === undefined &&
  !contract.suspensions.some(isOpenSuspension);

/** A shut account is told with the rest of what is found. */
async function releaseLateJoiners(contract: Contract, ports: Ports): Promise<void> {
  try {
    await releaseLate(contract, BY, ports);
  } catch (error) {
    if (!isShut(error)) throw error;
  }
}

function outputOf(contract: Contract, { clock }: Pick<Ports, 'clock'>): HealOutput {
  const { contractId, seq, suspensions } = contract;
  const isToSuspend = suspensions.some((one) => isOpenSuspension(one) && one.id.startsWith(SUSPENSION));
  return {
    contractId,
    next: isLive(contract) && isToSuspend ? 'amendment' : 'nothing',
    executionName: `drift-${sha256Hex(`${contractId} ${seq} ${clock.now().slice(0, 16)}`).slice(0, 32)}`,
  };
}

async function settleDrift(
  contract: Contract,
  look: DriftLook,
  { who }: HealInput,
  ports: Ports,
): Promise<Contract | 'lost'> {
  if (look.findings.length === 0)
    return contract.drift === undefined ? contract : recordGone(contract, 'undone by hand', ports);
  const isOwn = look.doors.steps.length === 0 && areLateWrites(contract, look.steps);
  const { action, findings } = await decide(contract, look, isOwn, ports);
  const otherwise = isOwn ? APPLIED_LATE : BY_HAND;
  const drift = { findings, action, fingerprint: fingerprintOf(findings), who: who ?? otherwise };
  const told = await tell(contract, drift, ports);
  if (told === 'lost') return 'lost';
  switch (action) {
    case 'reported':
      return told;
    case 'suspended':
      return suspend(told, drift, ports);
    case 'healed':
    case 'stopped-again':
      return mend(told, look, action, ports);
  }
}

/**
 * What is done about it. A suspension's stop is put on again whatever was configured: it was never to be taken off. So is undone what
 * Leasehold itself did late.
 */
async function decide(
  contract: Contract,
  look: DriftLook,
  isOwn: boolean,
  ports: Ports,
): Promise<Pick<Drift, 'action' | 'findings'>> {
  const { findings } = look;
  const otherwise = isStopLacking(look) ? 'stopped-again' : 'reported';
  // With a stop that stops nothing, whatever came onto the role would be open.
  if (look.editedStop !== undefined || isNothingToMend(look)) return { action: otherwise, findings };
  const { onDrift } = ports.settings;
  if (onDrift === 'suspend' && !isOwn && contract.suspensions.length === 0)
    return { action: 'suspended', findings };
  if (onDrift !== 'heal' && !isOwn) return { action: otherwise, findings };
  if (isOwn && onlyTakesAway(look.steps)) return { action: 'healed', findings };
  // What the role has less may be what an amendment took away of which the register knows nothing any more.
  const putBack = isNarrowing(look) ? undefined : await readPutBack(ports.index);
  if (putBack !== undefined) {
    const notHealed: DriftFinding = {
      code: 'REGISTER_PUT_BACK',
      message: `not healed: ${putBackText(putBack)}`,
    };
    return { action: otherwise, findings: [...findings, notHealed] };
  }
  try {
    await requireApproval(contract, contract.terms, ports);
    await requireHarmless(contract, contract.terms, ports);
    return { action: 'healed', findings };
  } catch (error) {
    if (!(error instanceof BrokenPromiseError)) throw error;
    const notApproved: DriftFinding = { code: 'NOT_APPROVED', message: error.message };
    return { action: otherwise, findings: [...findings, notApproved] };
  }
}

const isNothingToMend = ({ steps, doors }: DriftLook): boolean => steps.length + doors.steps.length === 0;

/** Whether mending what was found would only take away. */
const isNarrowing = ({ steps, doors }: DriftLook): boolean =>
  doors.steps.length === 0 && onlyTakesAway(steps);

/** Something of a contract that should be stopped is not: its role, or a side door. */
const isStopLacking = ({ steps, doors, editedStop }: DriftLook): boolean =>
  isStopMissing(steps) || doors.isOpen || editedStop?.isBare === false;

const isStopMissing = (steps: DriftLook['steps']): boolean =>
  steps.some((step) => step.kind === 'attach' && step.isStop === true);

/** Into the register first, then to the world; nothing is written over before. What is known already is not told anew. */
async function tell(contract: Contract, drift: Drift, ports: Ports): Promise<Contract | 'lost'> {
  const known = contract.drift;
  if (known !== undefined && isTold(known, drift, ports)) {
    if (secondsBetween(known.at, ports.clock.now()) < IN_DOUBT_SECONDS)
      await announceDrift(contract, known, ports, known.seq);
    return contract;
  }
  const result = await appendFact(contract, { kind: 'drift-found', data: drift }, BY, ports);
  if (result.outcome === 'lost') return 'lost';
  await announceDrift(result.contract, drift, ports);
  return result.contract;
}

/** Told lately, with as much known of whose doing it was, and with as much done about it. */
const isTold = (
  known: NonNullable<Contract['drift']>,
  { fingerprint, action, who }: Drift,
  { clock }: Pick<Ports, 'clock'>,
): boolean =>
  known.fingerprint === fingerprint &&
  (action === 'reported' || action === known.action) &&
  (who === BY_HAND || known.who !== BY_HAND) &&
  secondsBetween(known.at, clock.now()) < TELL_AGAIN_SECONDS;

/** The amendment flow puts the stop on and sees it work; this asks for it, as an event would. */
async function suspend(
  contract: Contract,
  { fingerprint, findings }: Drift,
  ports: Ports,
): Promise<Contract | 'lost'> {
  const suspension = suspensionName(contract, `${SUSPENSION}${contract.drift?.seq ?? contract.seq}`);
  const event = { source: 'leasehold', id: suspension, contentHash: fingerprint };
  const codes = new Set(findings.map(({ code }) => code));
  const reason = `the role is not as it was approved: ${[...codes].join(', ')}`;
  await watchProgress(contract.contractId, ports);
  const data = { event, suspension, by: `leasehold ${BY}`, reason };
  const result = await appendFact(contract, { kind: 'suspending', data }, BY, ports);
  return result.outcome === 'lost' ? 'lost' : result.contract;
}

/**
 * Brings the role back and reads it back. The append at the end is the look at the register that counts: whoever came between
 * has the last word, and a stop that was put on again for a suspension which is over comes off.
 */
async function mend(
  contract: Contract,
  found: DriftLook,
  action: 'healed' | 'stopped-again',
  ports: Ports,
): Promise<Contract | 'lost'> {
  const plan = approvedPlan(contract);
  try {
    await (action === 'healed' ? heal(contract, found, ports) : stopAgain(contract, found, ports));
    const isMended = (look: DriftLook) =>
      action === 'healed' ? isNothingToMend(look) : !isStopLacking(look);
    const seen = await settle(() => lookForDrift(contract, plan, ports), isMended, ports);
    if (seen.outcome === 'unsettled')
      throw new BrokenPromiseError(
        'DRIFTED',
        `the role of contract ${contract.contractId} is not as wanted after it was mended`,
      );
  } catch (error) {
    // An end that overtook us deletes under our hands; what it leaves behind its closing watch finds.
    if (!(error instanceof PartnerAccessError)) throw error;
    const now = await loadContract(contract.contractId, ports.evidence);
    if (isLive(now)) throw error;
    return now;
  }
  const mended = [...found.steps.map(tellStep), ...found.doors.steps.map(tellDoorStep)];
  ports.log.info({ contractId: contract.contractId, steps: mended, action }, 'mended');
  const gone = await recordGone(contract, 'healed', ports);
  // Whoever came between may have lifted the suspension; he opens the side doors himself.
  if (gone === 'lost' && isStopLacking(found)) await takeBackStop(contract, ports);
  return gone;
}

async function heal(contract: Contract, look: DriftLook, ports: Ports): Promise<void> {
  const { steps, doors } = look;
  const wanted = wantedAccess(contract, approvedPlan(contract), ports.settings);
  // What is not on the role because a stop is not there stays off it until the stop is there again.
  if (isStopMissing(steps) && (await stop(contract, ports)).outcome === 'instead') return;
  if (steps.length > 0) await converge(contract, wanted, ports);
  await mendDoors(doors, ports);
}

const stop = (contract: Contract, ports: Ports) =>
  attachStop(contract, ports.settings.stops.suspended, ports);

async function stopAgain(
  contract: Contract,
  { steps, doors, editedStop }: DriftLook,
  ports: Ports,
): Promise<void> {
  if (editedStop !== undefined) await makeUpForEdit(contract, ports.settings.stops.suspended, ports);
  if (isStopMissing(steps)) await stop(contract, ports);
  if (doors.isOpen) await closeSideDoors(contract, ports);
}

async function recordGone(
  contract: Contract,
  how: FactData['drift-gone']['how'],
  ports: Ports,
): Promise<Contract | 'lost'> {
  const result = await appendFact(contract, { kind: 'drift-gone', data: { how } }, BY, ports);
  return result.outcome === 'lost' ? 'lost' : result.contract;
}
