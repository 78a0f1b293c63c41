/** Runs a look and gives back what it gave: whoever reports must tell "not there" from "could not look". */
import type { Look } from '../../../domain/deployed.js';
import { PartnerAccessError } from '../../../domain/errors.js';
import { codeOf } from '../failures.js';

const DENIED = /^(?:NoPermission|AccessDenied|Forbidden|AccessForbidden|Unauthorized)\b|^DENIED$/;
/** What gateways answer to an API that a region or cloud does not have; and a host that no name server knows. */
const NO_SUCH_PRODUCT = /^InvalidApi\b|^InvalidAction\b|^InvalidVersion\b|^InvalidProduct\b|^ENOTFOUND$/;

/** Rejects only for what is no answer of a cloud and no lack of one: a mistake of ours. */
export async function look<T>(work: () => Promise<T>): Promise<Look<T>> {
  try {
    return { seen: await work() };
  } catch (failure) {
    const code = codeIn(failure);
    if (code === '') throw failure;
    if (DENIED.test(code)) return { unseen: 'denied', code };
    return { unseen: NO_SUCH_PRODUCT.test(code) ? 'no-such-product' : 'failed', code };
  }
}

/** One look a name. */
export async function looksByName<T>(
  names: readonly string[],
  work: (name: string) => Promise<T>,
): Promise<Readonly<Record<string, Look<T>>>> {
  const looks = names.map(async (name) => [name, await look(() => work(name))] as const);
  return Object.fromEntries(await Promise.all(looks));
}

/** The vendor's code, also of a failure that was translated; our own where it had none. */
function codeIn(failure: unknown): string {
  const cause = failure instanceof Error ? codeOf(failure.cause) : '';
  if (cause !== '') return cause;
  return failure instanceof PartnerAccessError ? failure.code : codeOf(failure);
}
