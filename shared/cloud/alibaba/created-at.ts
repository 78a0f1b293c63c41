import { TryLaterError } from '../../domain/errors.js';
import { type Instant, instantOf } from '../../domain/values.js';

/** What RAM and IMS call `CreateDate`. @throws {TryLaterError} `UNAVAILABLE` when the reply has none, or none that says a time */
export function createdAtOf(what: string, createDate: string | undefined): Instant {
  const at = Date.parse(createDate ?? '');
  if (Number.isNaN(at))
    throw new TryLaterError('UNAVAILABLE', `no time of creation was answered for ${what}`);
  return instantOf(at);
}
