/** `ProductPort`: the products' read APIs through the generic client, since most have no package of their own on the registry. */
import type { ApiCall } from '../../domain/api-call.js';
import { DeniedError } from '../../domain/errors.js';
import type { CallOutcome, ProductPort } from '../ports.js';
import type { Connection } from './connection.js';
import { codeOf, translate } from './failures.js';
import { callOpenApi } from './open-api.js';

const DENIED = /^NoPermission\b|^Forbidden\b|^AccessDenied\b/;
/**
 * Most products write words together; the Ons API writes `INSTANCE_NOT_FOUND`. A product that is not in a region has no host there, nor has
 * any in a region that there is not: whoever went on asking would never come to an end.
 */
const NOT_FOUND = /NotExist|NotFound|NOT_FOUND|^ENOTFOUND$/;

export function makeProductPort(connection: Connection): ProductPort {
  return {
    async call(call, session) {
      try {
        return {
          outcome: 'allowed',
          body: await callOpenApi(connection, { ...call, query: call.params }, session),
        };
      } catch (failure) {
        return outcomeOfCode(codeOf(failure)) ?? rethrow(failure, call);
      }
    },
  };
}

/** A refusal by RAM, or a thing that is not there; `undefined` for codes that tell neither. */
function outcomeOfCode(code: string): CallOutcome | undefined {
  if (DENIED.test(code)) return { outcome: 'denied', code };
  if (NOT_FOUND.test(code) && !/^InvalidAccessKeyId|^InvalidApi|^InvalidSecurityToken/.test(code))
    return { outcome: 'not-found', code };
  return undefined;
}

/** @throws what the failure means; a token problem is a denial of everything, not of this right, so it is told apart. */
function rethrow(failure: unknown, call: ApiCall): never {
  if (/^InvalidSecurityToken|^InvalidAccessKeyId|^SecurityTokenExpired/.test(codeOf(failure))) {
    throw new DeniedError(`the session is dead: ${codeOf(failure)} from ${call.product} ${call.action}`, {
      cause: failure,
    });
  }
  throw translate(failure, `calling ${call.product} ${call.action}`);
}
