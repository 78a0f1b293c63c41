/** Work in a grantee's account, which may refuse for a moment what it allows: a refusal is believed when it lasts. */
import type { Ports } from '../../cloud/ports.js';
import { isShut } from './managed-side.js';

/** Pauses before further tries, in intervals between looks. A burst of writes is answered `NoPermission` for less than all of them. */
const PAUSES = [1, 2, 4, 8];

/** `work` may run as often as it is safe to run twice. Its last refusal is thrown, and anything else at once. */
export async function insist<T>(
  work: () => Promise<T>,
  { clock, settings }: Pick<Ports, 'clock' | 'settings'>,
): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await work();
    } catch (error) {
      if (!isShut(error)) throw error;
    }
    await clock.sleep(pause * settings.verdict.intervalSeconds);
  }
  return work();
}
