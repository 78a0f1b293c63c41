/** Who is who, and who may do what: the `Identity` that every service is handed. */
import { ApiError, type Caller, type CloudClock, type Identity } from '../kernel.js';
import type { Switches } from '../switches.js';
import { denial } from './denial.js';
import {
  checkSessionLives,
  openSession,
  type Sessions,
  sessionArn,
  sessionOf,
  strayToken,
} from './sessions.js';
import { keyOf, roleArn, rootArn, userArn } from './state.js';
import type { Store } from './store.js';
import { makeVerdicts, type Verdicts } from './verdicts.js';

/** The vendor's gateways accept a request for 15 minutes to either side of its stamp. */
const FRESH_MS = 15 * 60_000;
/** Sessions opened by cloud services last an hour unless told otherwise. */
const SERVICE_SESSION_SECONDS = 3_600;

/** What the identity services (RAM, STS, IMS, Resource Management) share beyond `Identity`. */
export interface IdentityCore {
  readonly identity: Identity;
  readonly store: Store;
  readonly verdicts: Verdicts;
  readonly sessions: Sessions;
}

export function makeIdentity(store: Store, clock: CloudClock, switches: Switches): IdentityCore {
  const sessions: Sessions = { store, clock, switches };
  const verdicts = makeVerdicts(store, clock, switches);
  const nonces = new NonceMemory();

  const authorize: Identity['authorize'] = (caller, request) => verdicts.judge(caller, request);

  const identity: Identity = {
    authenticate: (accessKeyId, securityToken) => {
      if (!accessKeyId.startsWith('STS.')) {
        const holder = keyHolder(store, accessKeyId);
        // A partner who signs with his own key and sends the session's token along mixes up what he was given.
        if (securityToken) throw strayToken(store, securityToken);
        return holder;
      }
      const held = sessionOf(sessions, accessKeyId, securityToken);
      checkSessionLives(sessions, held.caller);
      return held;
    },
    arnOf: (accessKeyId) => {
      const session = store.sessions.get(accessKeyId);
      if (session !== undefined) return sessionArn(session);
      const owner = store.keyOwners.get(accessKeyId);
      if (owner?.userName === undefined) return owner && rootArn(owner.accountId);
      return userArn(owner.accountId, owner.userName);
    },
    isFresh: (accessKeyId, signedAt) => {
      const isFunction = store.sessions.get(accessKeyId)?.isFunction ?? false;
      return [Date.now(), ...(isFunction ? [clock.now()] : [])].some(
        (now) => Math.abs(now - signedAt) <= FRESH_MS,
      );
    },
    useNonce: (accessKeyId, nonce) => nonces.use(`${accessKeyId} ${nonce}`),
    authorize,
    watch: verdicts.watch,
    demand: (caller, request, code = 'NoPermission') => {
      checkSessionLives(sessions, caller);
      const decision = authorize(caller, request);
      if (decision.effect === 'deny') throw denial(caller, request.action, decision, code);
    },
    assumeForService: (accountId, roleName, service, sessionName, options = {}) => {
      const role = store.seen(accountId)?.roles.get(keyOf(roleName));
      if (role === undefined) {
        throw new ApiError(
          404,
          'EntityNotExist.Role',
          `The role not exists: ${roleArn(accountId, roleName)}.`,
        );
      }
      if (!verdicts.admitsService(role, service)) {
        throw new ApiError(
          403,
          'NoPermission',
          `The role ${roleArn(accountId, roleName)} does not trust ${service}.`,
        );
      }
      return openSession(sessions, {
        accountId,
        role,
        sessionName,
        seconds: options.seconds ?? SERVICE_SESSION_SECONDS,
        sourceIp: SERVICE_IP,
        isFunction: options.isFunction ?? false,
      });
    },
  };
  return { identity, store, verdicts, sessions };
}

/** Address that calls of cloud services are taken to come from: the vendor's own network (RFC 6598 space). */
const SERVICE_IP = '100.100.0.1';

function keyHolder(store: Store, accessKeyId: string): { readonly secret: string; readonly caller: Caller } {
  const owner = store.keyOwners.get(accessKeyId);
  const account = owner === undefined ? undefined : store.latest(owner.accountId);
  const user = owner?.userName === undefined ? undefined : account?.users.get(owner.userName);
  const key =
    owner?.userName === undefined ? account?.rootKeys.get(accessKeyId) : user?.accessKeys.get(accessKeyId);
  if (account === undefined || key === undefined) {
    throw new ApiError(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  }
  if (key.status !== 'Active') {
    throw new ApiError(400, 'InvalidAccessKeyId.Inactive', 'Specified access key is disabled.');
  }
  const common = { accountId: account.id, accessKeyId, sourceIp: key.sourceIp };
  const caller: Caller =
    user === undefined
      ? { ...common, kind: 'root', arn: rootArn(account.id) }
      : {
          ...common,
          kind: 'user',
          arn: userArn(account.id, user.name),
          userName: user.name,
          userId: user.id,
        };
  return { secret: key.secret, caller };
}

/** Nonces seen lately; older than twice the time a request stays fresh they cannot come back. */
class NonceMemory {
  readonly #seenAt = new Map<string, number>();

  use(nonce: string): boolean {
    const now = Date.now();
    for (const [old, at] of this.#seenAt) {
      if (now - at <= 2 * FRESH_MS) break;
      this.#seenAt.delete(old);
    }
    if (this.#seenAt.has(nonce)) return false;
    this.#seenAt.set(nonce, now);
    return true;
  }
}
