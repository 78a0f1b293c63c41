/** Fails a state under a name that Retry and Catch match. */
export class StateError extends Error {
  override readonly name = 'StateError';
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
