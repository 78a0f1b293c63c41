/** RAM 2015-05-01, users by bare name (IMS knows them by their full logon name) and the account's alias. */
import { type ActionSpec, page } from '../identity/actions.js';
import { stamp, type UserState } from '../identity/state.js';
import { addUser, removeUser } from '../identity/users.js';
import { ApiError } from '../kernel.js';
import { checkLength, MAX_COMMENTS, nameOf, userNamed } from './checks.js';

const onUser: ActionSpec['on'] = ({ UserName = '' }) => [`user/${UserName}`];
const onAllUsers: ActionSpec['on'] = () => ['user/*'];
/** Source: the authorisation tables of the alias's pages, "All Resources". */
const onAll: ActionSpec['on'] = () => ['*'];

const view = (user: UserState) => ({
  UserId: user.id,
  UserName: user.name,
  DisplayName: user.displayName,
  Comments: user.comments ?? '',
  Email: user.email ?? '',
  MobilePhone: user.mobilePhone ?? '',
  CreateDate: stamp(user.createdAt),
  UpdateDate: stamp(user.updatedAt),
});

export const userActions: Readonly<Record<string, ActionSpec>> = {
  CreateUser: {
    needs: ['UserName'],
    on: onAllUsers,
    run: (context) => {
      const { params } = context;
      const name = nameOf(params, 'UserName');
      const { DisplayName = name, Comments, Email, MobilePhone } = params;
      checkLength('DisplayName', DisplayName, 128);
      if (Comments) checkLength('Comments', Comments, MAX_COMMENTS);
      const user = addUser(context, {
        name,
        displayName: DisplayName,
        ...(Comments ? { comments: Comments } : {}),
        ...(Email ? { email: Email } : {}),
        ...(MobilePhone ? { mobilePhone: MobilePhone } : {}),
      });
      return { User: view(user) };
    },
  },
  GetUser: {
    needs: ['UserName'],
    on: onUser,
    run: ({ params, seen }) => ({ User: view(userNamed(seen, params)) }),
  },
  ListUsers: {
    on: onAllUsers,
    run: ({ params, seen }) => {
      const { items, rest } = page([...seen.users.values()], (user) => user.name, params);
      return { Users: { User: items.map(view) }, ...rest };
    },
  },
  DeleteUser: {
    needs: ['UserName'],
    on: onUser,
    run: (context) => {
      removeUser(context, userNamed(context.latest, context.params));
      return {};
    },
  },
  GetAccountAlias: {
    on: onAll,
    run: ({ seen }) => ({ AccountAlias: seen.alias ?? '' }),
  },
  SetAccountAlias: {
    needs: ['AccountAlias'],
    on: onAll,
    run: ({ core, params, caller, update }) => {
      const { AccountAlias: alias = '' } = params;
      if (!/^(?=.{3,32}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(alias)) {
        throw new ApiError(
          400,
          'InvalidParameter.AccountAlias.Format',
          'The format of parameter - "AccountAlias" is incorrect.',
        );
      }
      const others = core.store.accountIds().filter((id) => id !== caller.accountId);
      if (others.some((id) => core.store.latest(id)?.alias === alias)) {
        throw new ApiError(409, 'EntityAlreadyExists.AccountAlias', 'The account alias does already EXIST.');
      }
      update((account) => ({ ...account, alias }));
      return {};
    },
  },
  ClearAccountAlias: {
    on: onAll,
    run: ({ update }) => {
      update(({ alias: _cleared, ...account }) => account);
      return {};
    },
  },
};
