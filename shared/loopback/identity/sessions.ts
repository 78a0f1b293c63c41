/** Role sessions: opening one, and what stands behind its token at each call. */
import { ApiError, type Caller, type CloudClock, type ServiceSession } from '../kernel.js';
import { sameText } from '../signatures/compare.js';
import type { Switches } from '../switches.js';
import { keyOf, type RoleState, stamp } from './state.js';
import { newSecret, newSecurityToken, newSessionKeyId, type Session, type Store } from './store.js';

export interface SessionRequest {
  readonly accountId: string;
  readonly role: RoleState;
  readonly sessionName: string;
  readonly seconds: number;
  readonly sourceIp: string;
  readonly sessionPolicy?: string;
  readonly sourceIdentity?: string;
  readonly mfaPresent?: boolean;
  readonly isFunction?: boolean;
}

export interface Sessions {
  readonly store: Store;
  readonly clock: CloudClock;
  readonly switches: Switches;
}

export function openSession({ store, clock }: Sessions, request: SessionRequest): ServiceSession {
  const now = clock.now();
  const session: Session = {
    accessKeyId: newSessionKeyId(),
    secret: newSecret(),
    token: newSecurityToken(),
    accountId: request.accountId,
    roleId: request.role.id,
    roleName: request.role.name,
    sessionName: request.sessionName,
    sourceIp: request.sourceIp,
    mfaPresent: request.mfaPresent ?? false,
    isFunction: request.isFunction ?? false,
    openedAt: now,
    expiresAt: now + request.seconds * 1000,
    ...(request.sessionPolicy === undefined ? {} : { sessionPolicy: request.sessionPolicy }),
    ...(request.sourceIdentity === undefined ? {} : { sourceIdentity: request.sourceIdentity }),
  };
  store.addSession(session);
  return {
    caller: callerOf(session),
    credentials: {
      accessKeyId: session.accessKeyId,
      accessKeySecret: session.secret,
      securityToken: session.token,
      expiration: stamp(session.expiresAt),
    },
  };
}

/** Why a token is refused that is not of the key that it came with: it is another session's, or of none. */
export function strayToken({ sessions }: Store, securityToken: string): ApiError {
  const isOfAnother = [...sessions.values()].some(({ token }) => sameText(token, securityToken));
  return isOfAnother
    ? new ApiError(
        400,
        'InvalidSecurityToken.MismatchWithAccessKey',
        'Specified SecurityToken mismatch with the AccessKey.',
      )
    : invalidToken();
}

/** The session behind a temporary key, its token checked. */
export function sessionOf(
  { store }: Sessions,
  accessKeyId: string,
  securityToken: string | undefined,
): { readonly secret: string; readonly caller: Caller } {
  const session = store.sessions.get(accessKeyId);
  if (session === undefined) {
    throw new ApiError(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  }
  if (securityToken === undefined || securityToken === '') {
    throw new ApiError(400, 'MissingSecurityToken', 'SecurityToken is mandatory for this action.');
  }
  if (!sameText(session.token, securityToken)) throw strayToken(store, securityToken);
  return { secret: session.secret, caller: callerOf(session) };
}

/**
 * Refuses a caller whose session is over: expired, or its role deleted (a role made again under the name has another id), or,
 * with `trustEditEndsSessions`, its trust policy edited since. Callers with an access key of their own always pass.
 */
export function checkSessionLives({ store, clock, switches }: Sessions, caller: Caller): void {
  if (caller.kind !== 'role-session') return;
  const session = store.sessions.get(caller.accessKeyId);
  if (clock.now() >= (caller.expiresAt ?? 0)) {
    throw new ApiError(400, 'InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.');
  }
  const account = store.seen(caller.accountId);
  // Roles cannot be given another name, so the one of the session's role is its own or of one that was made again.
  const role = account?.roles.get(keyOf(caller.roleName ?? ''));
  if (role?.id !== caller.roleId || role === undefined || session === undefined) throw invalidToken();
  if (switches.trustEditEndsSessions && role.trustUpdatedAt > session.openedAt) throw invalidToken();
}

const invalidToken = (): ApiError =>
  new ApiError(400, 'InvalidSecurityToken', 'Specified SecurityToken is invalid.');

export const sessionArn = ({ accountId, roleName, sessionName }: Session): string =>
  `acs:ram::${accountId}:assumed-role/${roleName}/${sessionName}`;

function callerOf(session: Session): Caller {
  return {
    accountId: session.accountId,
    kind: 'role-session',
    arn: sessionArn(session),
    accessKeyId: session.accessKeyId,
    sourceIp: session.sourceIp,
    roleName: session.roleName,
    roleId: session.roleId,
    sessionName: session.sessionName,
    expiresAt: session.expiresAt,
    mfaPresent: session.mfaPresent,
    ...(session.sessionPolicy === undefined ? {} : { sessionPolicy: session.sessionPolicy }),
  };
}
