/** IMS 2019-08-15, users. Its own error codes are not published; RAM's are used. */
import { type ActionSpec, type Params, page } from '../identity/actions.js';
import { type AccountState, stamp, type UserState } from '../identity/state.js';
import { addUser, removeUser } from '../identity/users.js';
import { ApiError } from '../kernel.js';
import { carries, checkLength, MAX_COMMENTS, nameOf, notFound, tagsOf } from '../ram/checks.js';
import { missing } from '../signatures/compare.js';
import { bareName, defaultDomain, onUser, principalName, userOf } from './names.js';

/** Documented as `ram,ims` on the authorisation page of IMS. */
export const IMS_CODES = { anyOf: ['ram', 'ims'] };
/** What CreateUser of IMS says; that of RAM says 128. */
const MAX_DISPLAY_NAME = 24;

const view = (account: AccountState, user: UserState) => ({
  UserId: user.id,
  UserPrincipalName: principalName(account, user),
  DisplayName: user.displayName,
  Comments: user.comments ?? '',
  Email: user.email ?? '',
  MobilePhone: user.mobilePhone ?? '',
  ProvisionType: 'Manual',
  CreateDate: stamp(user.createdAt),
  UpdateDate: stamp(user.updatedAt),
  LastLoginDate: '',
  Tags: { Tag: [...user.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
});

const statusOf = ({ isFrozen }: UserState) => (isFrozen === true ? 'freeze' : 'active');

/** Who was frozen is left out unless asked for, by status or by tag. Source: ListUsers, ListUserBasicInfos, `Status`. */
function wantedOf({ users }: AccountState, params: Params): readonly UserState[] {
  const tags = tagsOf(params);
  const statuses = (tags.size > 0 ? 'active,freeze' : params['Status'] || 'active').split(',');
  return [...users.values()].filter((user) => carries(user.tags, tags) && statuses.includes(statusOf(user)));
}

export const imsUserActions: Readonly<Record<string, ActionSpec>> = {
  GetDefaultDomain: {
    codes: IMS_CODES,
    on: () => ['*'],
    run: ({ seen }) => ({ DefaultDomainName: defaultDomain(seen) }),
  },
  CreateUser: {
    needs: ['UserPrincipalName', 'DisplayName'],
    codes: IMS_CODES,
    on: () => ['user/*'],
    run: (context) => {
      const { params, latest } = context;
      const { UserPrincipalName = '', DisplayName = '', Comments, Email, MobilePhone } = params;
      checkLength('DisplayName', DisplayName, MAX_DISPLAY_NAME);
      if (Comments) checkLength('Comments', Comments, MAX_COMMENTS);
      const user = addUser(context, {
        name: nameOf({ UserName: bareName(latest, UserPrincipalName) }, 'UserName'),
        displayName: DisplayName,
        tags: tagsOf(params),
        ...(Comments ? { comments: Comments } : {}),
        ...(Email ? { email: Email } : {}),
        ...(MobilePhone ? { mobilePhone: MobilePhone } : {}),
      });
      return { User: view(latest, user) };
    },
  },
  GetUser: {
    codes: IMS_CODES,
    on: onUser,
    run: ({ params, seen }) => {
      const { UserPrincipalName, UserId, UserAccessKeyId: keyId } = params;
      const given = [UserPrincipalName, UserId, keyId].filter((value) => value !== undefined && value !== '');
      if (given.length === 0) throw missing('UserPrincipalName');
      if (given.length > 1) {
        throw new ApiError(
          400,
          'InvalidParameter',
          'Give exactly one of UserPrincipalName, UserId and UserAccessKeyId.',
        );
      }
      const user = keyId
        ? [...seen.users.values()].find((one) => one.accessKeys.has(keyId))
        : userOf(seen, params);
      if (user === undefined) throw notFound('User', 'The user does not exist.');
      return { User: { ...view(seen, user), UserName: user.name } };
    },
  },
  ListUsers: {
    codes: IMS_CODES,
    on: () => ['user/*'],
    run: ({ params, seen }) => {
      const { items, rest } = page(wantedOf(seen, params), (user) => user.name, params, 1_000);
      return { Users: { User: items.map((user) => view(seen, user)) }, ...rest };
    },
  },
  ListUserBasicInfos: {
    codes: IMS_CODES,
    on: () => ['user/*'],
    run: ({ params, seen }) => {
      const { items, rest } = page(wantedOf(seen, params), (user) => user.name, params);
      return {
        UserBasicInfos: {
          UserBasicInfo: items.map((user) => ({
            UserId: user.id,
            UserPrincipalName: principalName(seen, user),
            DisplayName: user.displayName,
            Status: statusOf(user),
          })),
        },
        ...rest,
      };
    },
  },
  /** Into the recycle bin, from which it can be restored. */
  DeleteUser: {
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      removeUser(context, userOf(context.latest, context.params));
      return {};
    },
  },
};
