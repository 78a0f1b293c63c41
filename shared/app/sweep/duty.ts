/** What an entry that is due calls for, by what the register says now. Pure. */
import type { Settings } from '../../cloud/ports.js';
import {
  type Contract,
  isBeingGranted,
  isClosed,
  isLive,
  type Setback,
  type Warning,
} from '../../domain/contract.js';
import type { Reason } from '../../domain/fact.js';
import { TIMED_OUT } from '../../domain/undone-codes.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { isOpenSuspension } from '../admission/amend-output.js';
import { openMatter } from '../approval/open-matter.js';
import { dueEnding } from '../ending/due-ending.js';
import { restsUntil } from '../hand-over/rest.js';
import type { DueEntry } from '../register/index-entries.js';

export type FlowName = 'onboarding' | 'amendment' | 'revocation' | 'reconciliation';

export type Duty =
  /** Nothing (any more). */
  | { readonly kind: 'none' }
  /** A flow is to be started, which looks at the register for what it has to do. */
  | { readonly kind: 'start'; readonly flow: FlowName }
  /** What is left to do has come to nothing too often to be tried again before `until`. */
  | { readonly kind: 'wait'; readonly until: Instant }
  /** The lease has begun: see that access works. */
  | { readonly kind: 'open' }
  | { readonly kind: 'warn'; readonly days: number; readonly expiresAt: Instant }
  /** The warning is recorded, and may not have been told: its entry goes once it is. */
  | { readonly kind: 'tell-warning'; readonly warning: Warning }
  /** Nobody answered. */
  | { readonly kind: 'time-out' }
  /** That nobody answered is recorded, and may not have been told. */
  | { readonly kind: 'tell-time-out'; readonly rejection: Rejection }
  /** The end is recorded, and may not have been told. */
  | { readonly kind: 'tell-end' }
  /** What an end had left behind is gone too. */
  | { readonly kind: 'tell-tidying' }
  /** Suspensions were seen to work, and may not have been told. */
  | { readonly kind: 'tell-suspensions' }
  /** Somebody is asked who may not have heard of it. */
  | { readonly kind: 'tell-question' }
  /** An approver said no. */
  | { readonly kind: 'tell-decline' }
  /** A request was rejected, or its onboarding taken back, and neither may have been told. */
  | { readonly kind: 'tell-rejection' }
  | { readonly kind: 'tell-failure' }
  /** A change failed, and what was before is there again. */
  | { readonly kind: 'tell-setback'; readonly setback: Setback };

/** What came to nothing, and why; `seq` of the fact that says so. */
export interface Rejection {
  readonly seq: number;
  readonly reasons: readonly Reason[];
}

const NONE: Duty = { kind: 'none' };
const OPEN: Duty = { kind: 'open' };
const AMEND: Duty = { kind: 'start', flow: 'amendment' };

export function dutyOf(
  contract: Contract,
  { what }: Pick<DueEntry, 'what'>,
  now: Instant,
  { warningDays }: Pick<Settings, 'warningDays'>,
): Duty {
  switch (what) {
    case 'start':
      return startDuty(contract, now);
    case 'expiry':
      return expiryDuty(contract, now);
    case 'approval-timeout':
      return timeOutDuty(contract, now);
    case 'progress':
      return progressDuty(contract, now);
    case 'closing-watch':
      return isClosed(contract) ? { kind: 'start', flow: 'revocation' } : NONE;
    case 'change-watch':
      return isLive(contract) ? { kind: 'start', flow: 'reconciliation' } : NONE;
    case 'untold-end':
      return contract.state === 'ended' ? { kind: 'tell-end' } : progressDuty(contract, now);
    case 'untold-tidying':
      return isClosed(contract) ? { kind: 'tell-tidying' } : NONE;
    case 'untold-suspension':
      return isLive(contract) && contract.suspensions.some(({ seen }) => seen !== undefined)
        ? { kind: 'tell-suspensions' }
        : progressDuty(contract, now);
    case 'untold-question':
      return openMatter(contract) === undefined ? NONE : { kind: 'tell-question' };
    case 'untold-decline':
      return contract.declined === undefined ? NONE : { kind: 'tell-decline' };
    case 'untold-rejection':
      return contract.state === 'rejected' ? { kind: 'tell-rejection' } : NONE;
    case 'untold-failure':
      return contract.state === 'failed' ? { kind: 'tell-failure' } : NONE;
    default:
      if (isNumbered(what, 'warning-'))
        return warningDuty(contract, Number(what.slice('warning-'.length)), now, warningDays);
      if (isNumbered(what, 'untold-setback-'))
        return setbackDuty(contract, Number(what.slice('untold-setback-'.length)));
      // An entry whose duty is none is removed, so whoever adds a kind must say here what it calls for.
      throw new TypeError(`nobody knows what is to be done about ${what satisfies never}`);
  }
}

const isNumbered = <P extends string>(what: string, prefix: P): what is `${P}${number}` =>
  what.startsWith(prefix);

/** Nothing while suspended: the resumption will see what works. */
function startDuty(contract: Contract, now: Instant): Duty {
  const { state, terms, opened, owed } = contract;
  if (state !== 'active' || terms === undefined) return NONE;
  if (opened !== undefined && !owed.some(({ what }) => what === 'opened')) return NONE;
  const { startsAt, expiresAt } = terms.request.lease;
  if (now < startsAt || expiresAt <= now) return NONE;
  return opened === undefined ? OPEN : unlessResting(contract, now, OPEN);
}

/** `duty`, which is to hand over what is owed and no more. */
function unlessResting(contract: Contract, now: Instant, duty: Duty): Duty {
  const until = restsUntil(contract);
  return until === undefined || until <= now ? duty : { kind: 'wait', until };
}

/** A question that outlived the lease times out; there is nothing to revoke. */
function expiryDuty(contract: Contract, now: Instant): Duty {
  if (contract.state === 'awaiting-approval' || contract.state === 'rejected')
    return timeOutDuty(contract, now);
  return dueEnding(contract, now) !== undefined ? { kind: 'start', flow: 'revocation' } : NONE;
}

function timeOutDuty(contract: Contract, now: Instant): Duty {
  const matter = openMatter(contract);
  if (matter !== undefined && matter.question.until <= now) return { kind: 'time-out' };
  const rejection = lastRejection(contract);
  return rejection?.reasons.some(({ code }) => code === TIMED_OUT)
    ? { kind: 'tell-time-out', rejection }
    : NONE;
}

function setbackDuty(contract: Contract, seq: number): Duty {
  const setback = contract.setbacks.find((one) => one.seq === seq);
  return setback !== undefined && isLive(contract) ? { kind: 'tell-setback', setback } : NONE;
}

function lastRejection(contract: Contract): Rejection | undefined {
  const { state, rejected, undone } = contract;
  if (state === 'rejected') return rejected;
  return isLive(contract) && undone?.kind === 'amendment-dropped' ? undone : undefined;
}

/** What was begun and should be finished by now is begun again: every step may run twice. */
function progressDuty(contract: Contract, now: Instant): Duty {
  const { state, amendment, suspensions, resuming, owed } = contract;
  if (dueEnding(contract, now) !== undefined) return { kind: 'start', flow: 'revocation' };
  if (state === 'requested' || isBeingGranted(contract)) return { kind: 'start', flow: 'onboarding' };
  if (!isLive(contract)) return NONE;
  const isGrantOwed = owed.some(({ what }) => what === 'granted');
  const handOver = isGrantOwed ? ({ kind: 'start', flow: 'onboarding' } as const) : AMEND;
  const owing = owed.length > 0 ? unlessResting(contract, now, handOver) : NONE;
  if (isGrantOwed && owing.kind === 'start') return owing;
  const isWaiting = openMatter(contract) !== undefined;
  const isUnseen = suspensions.some(isOpenSuspension);
  return isUnseen || resuming !== undefined || (amendment !== undefined && !isWaiting) ? AMEND : owing;
}

/** One that is configured no more is not given any more. */
function warningDuty(
  contract: Contract,
  days: number,
  now: Instant,
  configured: Settings['warningDays'],
): Duty {
  if (!isLive(contract) || contract.terms === undefined) return NONE;
  const { expiresAt } = contract.terms.request.lease;
  const isIn = addSeconds(expiresAt, -days * 86_400) <= now && now < expiresAt;
  if (!isIn) return NONE;
  const warning = contract.warned.find((one) => one.days === days && one.expiresAt === expiresAt);
  if (warning !== undefined) return { kind: 'tell-warning', warning };
  return configured.includes(days) ? { kind: 'warn', days, expiresAt } : NONE;
}
