/**
 * Where the documentation is silent or speaks of the older language only: what this embedded cloud takes to be so. What may
 * matter to a flow's author is a choice (`Readings`); the rest is fixed:
 *
 * - Wait, Choice and Succeed give on their input; a Task's output is its raw result, which must be a JSON object.
 * - Raw results obey the limit of 64 KiB too, before an OutputConstructor picks from them: they are event data.
 * - The first failing branch or iteration ends its siblings at once; a call already under way is not taken back.
 * - Items of a Map come out in the order they went in; no items give `{Items: []}`.
 * - A retry evaluates InputConstructor and Parameters anew, under a new task token; RetryCount starts at 0.
 * - FnF.ALL matches every error, refusals of permission and exceeded limits included.
 * - A Catch rule without OutputConstructor gives `{}` to its target.
 * - A path that leads nowhere, and a wrong type, is an error. Expressions have no arithmetic.
 * - An expression makes at most 10 calls of built-in functions in all, side by side ones included.
 * - A function's result that is no JSON stays text at `Body`; `StatusCode` and `Header` beside it are assumed.
 * - WaitForSystemCallback on a function gives what RequestComplete gives; on a flow, the child's output or its error.
 * - Refusals by products other than Function Compute are named by their bare code (`ExecutionAlreadyExists`).
 * - A stopped or over-time Standard execution keeps its name; StartExecution takes Standard flows only.
 * - A schedule's cron expression is in UTC; the execution it starts has the payload, bare, as its input.
 * - Beyond its quota of flows or of running executions an account is refused by a code that is made up (`BEYOND_QUOTA`).
 * - Express executions are not tried again by themselves when the system fails: here it does not.
 */
export interface Readings {
  /** The name of a function's own exception: its class (older language's samples), or one name for all. */
  readonly functionErrorName: 'errorType' | 'FC.Unknown';
  /** Whether a Fail state in a branch or iteration ends the execution outright. `false`: Retry and Catch around it apply. */
  readonly failEndsExecution: boolean;
  /** Whether items of a Map may be other than objects, although every state's input must be one. */
  readonly mapTakesAnyItem: boolean;
  /**
   * Whether expressions may say more than the pages do: parentheses, `null`, indices that are no numbers, `&&` beside `||` (`!` and `-`
   * bind closest, then comparison, `&&`, `||`), functions and single quotes in conditions, and `==` between values of any kind, where
   * those of different kinds are unequal.
   */
  readonly undocumentedExpressions: boolean;
}

/** Cautious: whoever comes by with these comes by with the others, or is told at once. */
export const DEFAULT_READINGS: Readings = {
  functionErrorName: 'errorType',
  failEndsExecution: false,
  mapTakesAnyItem: false,
  undocumentedExpressions: false,
};

export type ExecutionMode = 'Standard' | 'Express';

/** A task that runs longer than its `Timeout`. Evidence: samples of the older language. */
export const TASK_TIMEOUT = 'FnF.TaskTimeout';
/** An execution that runs longer than its mode allows; named after the task's. */
export const EXECUTION_TIMEOUT = 'FnF.ExecutionTimeout';
/** An expression or constructor that cannot be evaluated, or a value over a limit; caught like any other error. */
export const RUNTIME_ERROR = 'FnF.RuntimeError';
/** A function that fails without a usable error type. Evidence: samples. */
export const FUNCTION_UNKNOWN = 'FC.Unknown';
/** An action, or a mode of one, that this embedded cloud lacks. */
export const ACTION_LACKING = 'ActionNotSupported';
/** More flows, or more running executions, than an account may have. */
export const BEYOND_QUOTA = 'LimitExceeded';
/** A Fail state without a Code. */
export const FAIL_DEFAULT_CODE = 'Failed';
/** Members of a function's result beside `Body`; only `Body` is evidenced. */
export const functionResult = (status: number, body: unknown): Readonly<Record<string, unknown>> => ({
  StatusCode: status,
  Header: {},
  Body: body,
});
/** State input and output, and an execution's. Source: CloudFlow "Limits", 2025 edition (64 KiB; 32 KB before). */
export const MAX_DATA_BYTES = 64 * 1024;
/** Source: CloudFlow "Global variables". */
export const MAX_GLOBAL_KEY_BYTES = 128;
export const MAX_GLOBAL_VALUE_BYTES = 256 * 1024;
/** Of one execution; the last is kept for its end. Source: CloudFlow "Limits". */
export const MAX_EVENTS = 5_000;
/** Source: CloudFlow "Wait". */
export const WAIT_SECONDS: Readonly<Record<ExecutionMode, { readonly from: number; readonly to: number }>> = {
  Standard: { from: 1, to: 300 },
  Express: { from: 1, to: 20 },
};
/** Source: CloudFlow "Standard and Express workflows": a year, and 5 minutes. */
export const EXECUTION_SECONDS: Readonly<Record<ExecutionMode, number>> = {
  Standard: 365 * 86_400,
  Express: 300,
};
/** Source: CloudFlow "Task". */
export const TIMEOUT_SECONDS = { from: 0, to: 604_800 };
