/** Step ReportFailure: names reason, owner and next step. */
import type { Ports } from '../../cloud/ports.js';
import { canonicalJson } from '../../domain/canonical-json.js';
import { type Contract, isBeingTakenBack, isClosed, isLive, type Setback } from '../../domain/contract.js';
import { BrokenPromiseError, TryLaterError } from '../../domain/errors.js';
import { type FactData, failureIn, isEvent, type StepFailure } from '../../domain/fact.js';
import { NOT_APPROVED } from '../approval/require-approval.js';
import { ABOUT_NOTHING, type FailureInput } from '../inbound/step-input.js';
import { tellWatched, watchChange, watchClosed, watchClosedLater } from '../register/index-entries.js';
import { appendFact, loadContract } from '../register/register.js';
import { announce, announceUnanchored, occasionOf } from './outbound.js';
import { isUnheard, MAY_PASS } from './unheard.js';

export interface ReportOutput {
  /** Whether the flow is to begin again, with the same event. */
  readonly again: boolean;
}

const OWNER = 'platform engineer';

/** What a person can do about a failure, by the error's class or, for what failed on its way here, a code of the flow's. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  TryLaterError: 'the cloud stayed busy; post the event again',
  DeniedError: 'a right of Leasehold is missing; compare the deployed roles with functions/roles.yaml',
  BrokenPromiseError: 'see to what the reason names; the log of the step says what led to it',
  // An answer that lacks what the flow reads of it.
  'FnF.RuntimeError':
    'flow and function may be of two versions: deploy one of them whole, then post the event again',
  UNDELIVERED:
    'the event did not get through for a day; ends and suspensions are carried out now, post all else again',
};
const NEXT_OTHERWISE = 'read the log of the step, then post the event again';
const NEXT_AGAIN = 'nothing: it is begun again every few minutes, for a day';
const NEXT_UNAPPROVED =
  'amend the contract by something that widens it, such as an end a minute later, and have an approver sign that';
const nextStep = ({ code, reason }: Pick<StepFailure, 'code' | 'reason'>): string =>
  reason?.startsWith(NOT_APPROVED) ? NEXT_UNAPPROVED : (NEXT_STEPS[code] ?? NEXT_OTHERWISE);

/** May run twice: the same failure has the same id. */
export async function reportFailure(failure: FailureInput, ports: Ports): Promise<ReportOutput> {
  const { withdrawn, eventId } = failure;
  const event = eventId === undefined ? {} : { eventId };
  const data = { ...failureIn(failure), ...event, owner: OWNER, next: nextStep(failure), withdrawn };
  ports.log.warn({ contractId: failure.contractId, ...data }, 'a flow gave up');
  if (failure.contractId === undefined) {
    const what = eventId ?? `${failure.code} ${dayOf(ports)}`;
    const about = { key: `${failure.step} ${what}`, subject: 'unreadable' };
    await announceUnanchored('partner.access.failed', about, data, ports);
    return { again: false };
  }
  try {
    const contract = await recordFailure(await loadContract(failure.contractId, ports.evidence), data, ports);
    const setback = setbackOf(failure, contract);
    await lookLater(failure, contract, ports);
    if (isOf(failure, contract)) {
      if (contract.failed !== undefined) await watchClosed(contract, contract.failed.at, ports);
      const watched = { outcome: 'failure', begun: contract.failed?.at ?? ports.clock.now() } as const;
      await tellWatched(contract, watched, () => tellFailed(contract, ports), ports);
    } else if (setback !== undefined) {
      // What the change has written may be applied after it was undone.
      await watchChange(contract.contractId, ports);
      const watched = { outcome: `setback-${setback.seq}`, begun: setback.at } as const;
      await tellWatched(contract, watched, () => tellSetback(contract, setback, ports), ports);
    } else {
      const again = isUnheard(failure, contract, ports.clock.now());
      const next = again ? { next: NEXT_AGAIN } : {};
      const told = { ...data, ...hindranceOf(contract, failure), ...next, state: contract.state };
      const occasion = occasionOf(contract, failingOf(failure, contract, ports));
      await announce('partner.access.failed', contract, told, ports, occasion);
      return { again };
    }
  } catch (error) {
    if (!(error instanceof BrokenPromiseError || error instanceof TryLaterError)) throw error;
    // A register that can't be believed, or reached, is itself what must be told; there is nothing to anchor the telling to.
    const key = `${failure.contractId} ${failure.step} ${error.code} ${eventId ?? dayOf(ports)}`;
    const about = { key, subject: failure.contractId };
    await announceUnanchored(
      'partner.access.failed',
      about,
      { ...data, contractId: failure.contractId, register: error.code },
      ports,
    );
    // What the register lacks of this is written once it can be: the flow tries again, and tells the same under the same id.
    if (error.retriable) throw error;
  }
  return { again: false };
}

const LOOKS_AT_CLOSED = ['CutAccess', 'RemoveAccess', 'ReportRevoked'];

/**
 * A look's entry goes when it is due: of one that could not be taken, or not be finished, nobody would come back to what is there again.
 * What only a person can put right is told, and not looked at over and over.
 */
async function lookLater({ step, code }: FailureInput, contract: Contract, ports: Ports): Promise<void> {
  const { contractId } = contract;
  const isCutOff = LOOKS_AT_CLOSED.includes(step) && MAY_PASS.test(code);
  if (isClosed(contract) && (step === 'StartRevocation' || isCutOff))
    await watchClosedLater(contractId, ports);
  if (isLive(contract) && step === 'StartReconciliation') await watchChange(contractId, ports);
}

/** What no event led to is told anew each day, lest what fails a year later be taken for it. */
const dayOf = ({ clock }: Pick<Ports, 'clock'>): string => clock.now().slice(0, 10);

/**
 * What it is told from others of the same contract by. Of an event that the register does not know nobody else tells, or goes on with
 * it.
 */
function failingOf(
  { step, code, eventSource: source, eventId: id }: FailureInput,
  { events }: Contract,
  ports: Pick<Ports, 'clock'>,
): string {
  const isUnknown = id !== undefined && !events.some((one) => isEvent(one, { source, id }));
  return canonicalJson(isUnknown ? [step, code, source ?? '', id] : [step, code, dayOf(ports)]);
}

/** As `reportFailure`, of an onboarding that whoever comes after a crash has taken back. May run twice. */
export async function reportTakenBack({ contractId, epoch, ending }: Contract, ports: Ports): Promise<void> {
  const failure = ending?.failure ?? { step: 'WithdrawAccess', code: 'TryLaterError' };
  await reportFailure({ ...ABOUT_NOTHING, contractId, epoch, ...failure, withdrawn: true }, ports);
}

/** Whether it is by this failure that the contract's onboarding was taken back. */
const isOf = ({ step, code, withdrawn }: FailureInput, { state, failed }: Contract): boolean =>
  withdrawn && state === 'failed' && failed?.step === step && failed.code === code;

/** By this failure what was before is there again, whichever try put it back. */
const setbackOf = (failure: FailureInput, contract: Contract): Setback | undefined => {
  const { step, code, epoch, suspension } = failure;
  const isOfIt = ({ of }: Setback): boolean =>
    'epoch' in of ? of.epoch === epoch : of.suspension === suspension;
  return isLive(contract)
    ? contract.setbacks.findLast((one) => one.step === step && one.code === code && isOfIt(one))
    : undefined;
};

/** Announces a change that failed, once that is recorded. May run twice: it has the same id. */
export async function tellSetback(
  contract: Contract,
  setback: Setback,
  ports: Pick<Ports, 'events' | 'clock'>,
): Promise<void> {
  const { step, seq, of } = setback;
  const told = {
    ...failureIn(setback),
    owner: OWNER,
    next: nextStep(setback),
    withdrawn: true,
    ...hindranceOf(contract, { step, epoch: 'epoch' in of ? of.epoch : undefined }),
    state: contract.state,
  };
  await announce('partner.access.failed', contract, told, ports, seq);
}

/** Announces an onboarding that was taken back, once that is recorded. May run twice: it has the same id. */
export async function tellFailed(contract: Contract, ports: Pick<Ports, 'events' | 'clock'>): Promise<void> {
  const { failed, state, epoch } = contract;
  if (failed === undefined) return;
  const { seq, at: _, ...data } = failed;
  const told = {
    ...data,
    owner: OWNER,
    withdrawn: true,
    ...hindranceOf(contract, { step: failed.step, epoch }),
    state,
  };
  await announce('partner.access.failed', contract, told, ports, seq);
}

/** What kept the grantee's account from being set up is for its administrator to mend, and no secret. */
function hindranceOf({ hindrance }: Contract, { step, epoch }: Pick<FailureInput, 'step' | 'epoch'>): object {
  if (step !== 'PrepareGrantee' || hindrance === undefined || hindrance.of !== epoch) return {};
  const { code, message } = hindrance;
  return {
    reasons: [{ code, pointer: '/data/grantee/setup', message }],
    next: 'have the partner mend what the reasons name in its account, then post the event again',
  };
}

/** An onboarding that was taken back may be requested again; an ending that failed stays ending until it is done. */
async function recordFailure(contract: Contract, data: FactData['failed'], ports: Ports): Promise<Contract> {
  const isWithdrawn = isBeingTakenBack(contract) && contract.removed !== undefined;
  if (!isWithdrawn) return contract;
  const fact = { kind: 'failed', data: { ...failureIn(data), next: data.next } } as const;
  const result = await appendFact(contract, fact, 'report-failure', ports);
  return result.outcome === 'appended' ? result.contract : recordFailure(result.contract, data, ports);
}
