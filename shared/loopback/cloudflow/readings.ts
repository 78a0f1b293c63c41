/** Where the documentation is silent or speaks of the older language only: what this embedded cloud takes to be so. */

/** A task that runs longer than its `Timeout`. Evidence: samples of the older language. */
export const TASK_TIMEOUT = 'FnF.TaskTimeout';
/** An expression or constructor that cannot be evaluated, or a value over a limit; caught like any other error. */
export const RUNTIME_ERROR = 'FnF.RuntimeError';
/** A function that fails without a usable error type. Evidence: samples. */
export const FUNCTION_UNKNOWN = 'FC.Unknown';
/** A Fail state in a branch or iteration fails the state around it, whose Catch may catch it. */
export const FAIL_DEFAULT_CODE = 'Failed';
/** Members of a function's result beside `Body`; only `Body` is evidenced. */
export const functionResult = (status: number, body: unknown): Readonly<Record<string, unknown>> => ({
  StatusCode: status,
  Header: {},
  Body: body,
});
/** State input and output, and an execution's. Source: CloudFlow "Limits", 2025 edition (64 KiB; 32 KB before). */
export const MAX_DATA_BYTES = 64 * 1024;
/** Source: CloudFlow "Limits". */
export const MAX_EVENTS = 5_000;
