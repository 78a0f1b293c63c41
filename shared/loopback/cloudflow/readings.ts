/**
 * Where the documentation is silent or speaks of the older language only: what this embedded cloud takes to be so.
 *
 * - Wait, Choice and Succeed give on their input; a Task's output is its raw result, which must be a JSON object.
 * - A Fail state in a branch or iteration fails the state around it, whose Retry and Catch apply to it.
 * - The first failing branch or iteration ends its siblings at once; a call already under way is not taken back.
 * - Items of a Map come out in the order they went in, and may be of any type; no items give `{Items: []}`.
 * - A retry evaluates InputConstructor and Parameters anew, under a new task token; RetryCount starts at 0.
 * - FnF.ALL matches every error, refusals of permission and exceeded limits included.
 * - A Catch rule without OutputConstructor gives `{}` to its target.
 * - A path that leads nowhere, and a wrong type, is an error. Values of different types are unequal, and in no order.
 * - Expressions have parentheses and `null`, no arithmetic; `!` and `-` bind closest, then comparison, `&&`, `||`.
 * - WaitForSystemCallback on a function gives what RequestComplete gives; on a flow, the child's output or its error.
 */

/** A task that runs longer than its `Timeout`. Evidence: samples of the older language. */
export const TASK_TIMEOUT = 'FnF.TaskTimeout';
/** An expression or constructor that cannot be evaluated, or a value over a limit; caught like any other error. */
export const RUNTIME_ERROR = 'FnF.RuntimeError';
/** A function that fails without a usable error type. Evidence: samples. */
export const FUNCTION_UNKNOWN = 'FC.Unknown';
/** An action, or a mode of one, that this embedded cloud lacks. */
export const ACTION_LACKING = 'ActionNotSupported';
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
/** Source: CloudFlow "Wait", Standard mode; "Task". */
export const WAIT_SECONDS = { from: 1, to: 300 };
export const TIMEOUT_SECONDS = { from: 0, to: 604_800 };
