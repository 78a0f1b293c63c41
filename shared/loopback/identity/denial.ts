import type { Decision } from '../../policy/index.js';
import { type AccessDeniedDetail, ApiError, type Caller } from '../kernel.js';

/** The refusal that a denial becomes on the wire, with the detail that newer gateways add. */
export function denial(
  caller: Caller,
  action: string,
  decision: Extract<Decision, { effect: 'deny' }>,
  code: string,
): ApiError {
  const detail: AccessDeniedDetail = {
    AuthAction: action,
    AuthPrincipalType: { root: 'RootUser', user: 'SubUser', 'role-session': 'AssumedRoleUser' }[caller.kind],
    AuthPrincipalDisplayName: displayNameOf(caller),
    AuthPrincipalOwnerId: caller.accountId,
    NoPermissionType: decision.reason,
    PolicyType: decision.scope,
  };
  return new ApiError(
    403,
    code,
    'You are not authorized to do this action. You should be authorized by RAM.',
    detail,
  );
}

function displayNameOf(caller: Caller): string {
  if (caller.kind === 'root') return caller.accountId;
  return caller.kind === 'user'
    ? (caller.userId ?? '')
    : `${caller.roleName ?? ''}:${caller.sessionName ?? ''}`;
}
