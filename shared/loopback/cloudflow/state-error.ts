/** Fails a state under a name that Retry and Catch match. */
export class StateError extends Error {
  override readonly name = 'StateError';
  constructor(
    readonly code: string,
    readonly detail: string,
    /** True when no Retry and no Catch applies; see `Readings.failEndsExecution`. */
    readonly endsExecution = false,
  ) {
    super(`${code}: ${detail}`);
  }
}
