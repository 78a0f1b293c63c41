/** Everything Leasehold throws on purpose. Few classes, told apart by what a workflow does next; many codes. */

/** Root of everything this project throws on purpose. */
export abstract class PartnerAccessError extends Error {
  /** Stable and asserted in tests. Messages may be reworded; codes may not. */
  abstract readonly code: string;
  /** True when the same call, unchanged, may succeed later. */
  abstract readonly retriable: boolean;
}

export type TryLaterCode =
  | 'THROTTLED'
  | 'CONFLICT'
  | 'UNAVAILABLE'
  | 'NOT_YET_VISIBLE'
  /** The grantee's account takes no more calls for now: nobody's queue in the owner's account changes that. */
  | 'GRANTEE_BUSY'
  /** These two: the call may have had its effect, or have it yet. */
  | 'TIMED_OUT'
  | 'NO_ANSWER';
/** The cloud refused for now: throttled, busy, not yet consistent, or an update crossed ours. */
export class TryLaterError extends PartnerAccessError {
  // A literal: bundlers shorten class names, and workflows match errors by this text.
  override readonly name = 'TryLaterError';
  readonly retriable = true;
  constructor(
    readonly code: TryLaterCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const isUnanswered = (error: unknown): boolean =>
  error instanceof TryLaterError && (error.code === 'TIMED_OUT' || error.code === 'NO_ANSWER');

export const isThrottled = (error: unknown): boolean =>
  error instanceof TryLaterError && error.code === 'THROTTLED';

/** Whether the same call, unchanged, may work later; what is none of our errors never does. */
export const isRetriable = (error: unknown): boolean =>
  error instanceof PartnerAccessError && error.retriable;

/** Others go first: nothing was done, and the same call, unchanged, works when it is its turn. */
export class QueuedError extends PartnerAccessError {
  override readonly name = 'QueuedError';
  readonly code = 'QUEUED';
  readonly retriable = true;
}

export type InvalidRequestCode =
  | 'BAD_INSTANT'
  | 'BAD_ACCOUNT_ID'
  | 'BAD_CONTRACT_ID'
  | 'BAD_REGION'
  | 'BAD_EVENT'
  | 'BAD_KEY'
  | 'BAD_EVIDENCE'
  | 'NOTHING_TO_ANSWER'
  | 'BAD_CONFIG';
/** What came in can't be understood; the same input will never be. */
export class InvalidRequestError extends PartnerAccessError {
  override readonly name = 'InvalidRequestError';
  readonly retriable = false;
  constructor(
    readonly code: InvalidRequestCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The cloud says that what was named is not there. */
export class NotFoundError extends PartnerAccessError {
  override readonly name = 'NotFoundError';
  readonly code = 'NOT_FOUND';
  readonly retriable = false;
}

/** The cloud refused the call for want of rights. */
export class DeniedError extends PartnerAccessError {
  override readonly name = 'DeniedError';
  readonly code = 'DENIED';
  readonly retriable = false;
}

export type BrokenPromiseCode =
  | 'NOT_OURS'
  | 'ROLE_NAME_TAKEN'
  | 'WIDER_THAN_APPROVED'
  | 'NOT_APPROVED'
  | 'DRIFTED'
  | 'ACCESS_NOT_VERIFIED'
  | 'STILL_REACHABLE'
  /** RAM lets no trust policy name somebody who does not exist. */
  | 'NO_SUCH_PRINCIPAL'
  /** A policy of ours was given to somebody by hand, and cannot be deleted as long as he has it. */
  | 'HELD_BY_OTHERS'
  /** The grantee's account does not let us in, or not to do what was agreed. */
  | 'GRANTEE_CLOSED'
  /** What is in the grantee's account speaks against what was agreed when it was looked at before. */
  | 'GRANTEE_CHANGED'
  /** A part of Leasehold's own that it needs is not there. */
  | 'NOT_DEPLOYED'
  | 'LOST_THE_RACE'
  | 'REGISTER_BROKEN'
  | 'QUOTA';
/** Going on would break one of the invariants; a person must look, or the flow must roll back. */
export class BrokenPromiseError extends PartnerAccessError {
  override readonly name = 'BrokenPromiseError';
  readonly retriable = false;
  constructor(
    readonly code: BrokenPromiseCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What Function Compute 2.0 puts before the class of an error that a function throws. */
export const UNHANDLED = 'FunctionUnhandledError: ';

/** Classes whose messages say what was being done and what came of it, and quote nothing that somebody sent. */
export const QUOTABLE: ReadonlySet<string> = new Set([
  'TryLaterError',
  'NotFoundError',
  'DeniedError',
  'BrokenPromiseError',
]);

/** How an error is told in a log or a proof: class and code, never its message, which may hold what it failed on. */
export const nameOfError = (error: unknown): string => {
  if (error instanceof PartnerAccessError) return `${error.name} ${error.code}`;
  return error instanceof Error ? error.name : 'unknown';
};
