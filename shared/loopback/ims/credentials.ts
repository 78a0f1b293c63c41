/** IMS 2019-08-15, what users log on and sign with: access keys and login profiles. */
import { newAccessKey } from '../identity/accounts.js';
import { type ActionContext, type ActionSpec, flag } from '../identity/actions.js';
import { type AccessKeyState, type LoginProfileState, stamp, type UserState } from '../identity/state.js';
import { changeUser } from '../identity/users.js';
import { ApiError } from '../kernel.js';
import { limitExceeded, notFound, QUOTA } from '../ram/checks.js';
import { onUser, principalName, userOf } from './names.js';
import { checkPassword } from './password-policy.js';
import { IMS_CODES } from './users.js';

const keyView = (key: AccessKeyState) => ({
  AccessKeyId: key.id,
  Status: key.status,
  CreateDate: stamp(key.createdAt),
  UpdateDate: stamp(key.updatedAt),
});

/** The user that is named, or the caller itself when none is. */
function keyHolder({ latest, params, caller }: ActionContext, account = latest): UserState {
  return params['UserPrincipalName'] || params['UserId'] || caller.userId === undefined
    ? userOf(account, params)
    : userOf(account, { UserId: caller.userId });
}

const statusOf = (text: string | undefined): 'Active' | 'Inactive' => {
  if (text === undefined || text === '' || text === 'Active') return 'Active';
  if (text === 'Inactive') return 'Inactive';
  throw new ApiError(400, 'InvalidParameter.Status', 'The parameter - "Status" is incorrect.');
};

function keyNamed(user: UserState, id: string): AccessKeyState {
  const key = user.accessKeys.get(id);
  if (key === undefined) throw notFound('User.AccessKey', 'The user access key does not exist.');
  return key;
}

const profileView = (context: ActionContext, user: UserState, profile: LoginProfileState) => ({
  LoginProfile: {
    UserPrincipalName: principalName(context.latest, user),
    MFABindRequired: profile.mfaBindRequired,
    PasswordResetRequired: profile.passwordResetRequired,
    Status: profile.status,
    UpdateDate: stamp(profile.updatedAt),
  },
});

function profileOf(user: UserState): LoginProfileState {
  if (user.loginProfile === undefined)
    throw notFound('User.LoginProfile', 'The user login profile does not exist.');
  return user.loginProfile;
}

export const credentialActions: Readonly<Record<string, ActionSpec>> = {
  CreateAccessKey: {
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const user = keyHolder(context);
      if (user.accessKeys.size >= QUOTA.accessKeysPerUser)
        throw limitExceeded('User.AccessKey', 'user access keys');
      const key = newAccessKey(context.now, context.caller.sourceIp);
      changeUser(context, { ...user, accessKeys: new Map(user.accessKeys).set(key.id, key) });
      context.core.store.keyOwners.set(key.id, { accountId: context.caller.accountId, userName: user.name });
      const { UpdateDate: _same, ...view } = keyView(key);
      return { AccessKey: { ...view, AccessKeySecret: key.secret } };
    },
  },
  UpdateAccessKey: {
    needs: ['UserAccessKeyId', 'Status'],
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const user = keyHolder(context);
      const key = keyNamed(user, context.params['UserAccessKeyId'] ?? '');
      const changed: AccessKeyState = {
        ...key,
        status: statusOf(context.params['Status']),
        updatedAt: context.now,
      };
      changeUser(context, { ...user, accessKeys: new Map(user.accessKeys).set(key.id, changed) });
      return {};
    },
  },
  ListAccessKeys: {
    codes: IMS_CODES,
    on: onUser,
    run: (context) => ({
      AccessKeys: { AccessKey: [...keyHolder(context, context.seen).accessKeys.values()].map(keyView) },
    }),
  },
  DeleteAccessKey: {
    needs: ['UserAccessKeyId'],
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const user = keyHolder(context);
      const key = keyNamed(user, context.params['UserAccessKeyId'] ?? '');
      const accessKeys = new Map([...user.accessKeys].filter(([id]) => id !== key.id));
      changeUser(context, { ...user, accessKeys });
      context.core.store.keyOwners.delete(key.id);
      return {};
    },
  },
  CreateLoginProfile: {
    needs: ['UserPrincipalName'],
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const { params, now } = context;
      const user = userOf(context.latest, params);
      if (params['Password']) checkPassword(context.latest.passwordPolicy, params['Password'], user.name);
      if (user.loginProfile !== undefined) {
        throw new ApiError(
          409,
          'EntityAlreadyExists.User.LoginProfile',
          'The user login profile does already EXIST.',
        );
      }
      const loginProfile: LoginProfileState = {
        mfaBindRequired: flag(params, 'MFABindRequired'),
        passwordResetRequired: flag(params, 'PasswordResetRequired'),
        status: statusOf(params['Status']),
        updatedAt: now,
        ...(params['Password'] ? { password: params['Password'] } : {}),
      };
      changeUser(context, { ...user, loginProfile });
      return profileView(context, user, loginProfile);
    },
  },
  UpdateLoginProfile: {
    needs: ['UserPrincipalName'],
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const { params, now } = context;
      const user = userOf(context.latest, params);
      const profile = profileOf(user);
      if (params['Password']) checkPassword(context.latest.passwordPolicy, params['Password'], user.name);
      const loginProfile: LoginProfileState = {
        ...profile,
        ...(params['Password'] ? { password: params['Password'] } : {}),
        mfaBindRequired: params['MFABindRequired']
          ? flag(params, 'MFABindRequired')
          : profile.mfaBindRequired,
        passwordResetRequired: params['PasswordResetRequired']
          ? flag(params, 'PasswordResetRequired')
          : profile.passwordResetRequired,
        status: params['Status'] ? statusOf(params['Status']) : profile.status,
        updatedAt: now,
      };
      changeUser(context, { ...user, loginProfile });
      return profileView(context, user, loginProfile);
    },
  },
  GetLoginProfile: {
    needs: ['UserPrincipalName'],
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const user = userOf(context.seen, context.params);
      return profileView(context, user, profileOf(user));
    },
  },
  DeleteLoginProfile: {
    needs: ['UserPrincipalName'],
    codes: IMS_CODES,
    on: onUser,
    run: (context) => {
      const user = userOf(context.latest, context.params);
      profileOf(user);
      const { loginProfile: _deleted, ...rest } = user;
      changeUser(context, rest);
      return {};
    },
  },
};
