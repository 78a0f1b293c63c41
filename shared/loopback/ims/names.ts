/** How IMS names users: by logon name, `<user>@<alias or account id>.onaliyun.com`. */
import type { Params } from '../identity/actions.js';
import { type AccountState, type UserState, userById } from '../identity/state.js';
import { ApiError } from '../kernel.js';
import { notFound } from '../ram/checks.js';
import { missing } from '../signatures/compare.js';

export const defaultDomain = (account: AccountState): string => `${account.alias ?? account.id}.onaliyun.com`;
export const principalName = (account: AccountState, user: { readonly name: string }): string =>
  `${user.name}@${defaultDomain(account)}`;

/** The bare name in a logon name of this account. @throws {ApiError} `InvalidParameter.UserPrincipalName.Format` */
export function bareName(account: AccountState, upn: string): string {
  const [, name, domain = ''] = /^([A-Za-z0-9._-]{1,64})@(.+)$/.exec(upn) ?? [];
  if (name === undefined || upn.length > 128 || domain !== defaultDomain(account)) {
    throw new ApiError(
      400,
      'InvalidParameter.UserPrincipalName.Format',
      'The format of the parameter - "UserPrincipalName" is incorrect.',
    );
  }
  return name;
}

/** The user by logon name or id, whichever is given. @throws {ApiError} `MissingUserPrincipalName`, `EntityNotExist.User` */
export function userOf(account: AccountState, { UserPrincipalName: upn, UserId: id }: Params): UserState {
  if (!upn && !id) throw missing('UserPrincipalName');
  const user = upn ? account.users.get(bareName(account, upn)) : userById(account, id ?? '');
  if (user === undefined) throw notFound('User', 'The user does not exist.');
  return user;
}

/** What a user's action is authorised on. An id instead of a name can only be granted on all users. */
export const onUser = ({ UserPrincipalName = '' }: Params): readonly string[] => [
  `user/${UserPrincipalName === '' ? '*' : UserPrincipalName.split('@')[0]}`,
];
