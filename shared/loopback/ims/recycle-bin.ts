/**
 * IMS 2019-08-15, the recycle bin of users: kept for 30 days, then forgotten. Source: RAM user guide, "Delete a RAM user". The
 * bin of access keys is not served: a key that was deleted here is gone.
 */
import { type ActionSpec, page, required } from '../identity/actions.js';
import { withEntry, withoutEntry } from '../identity/shared-map.js';
import { type AccountState, type RecycledUser, stamp } from '../identity/state.js';
import { ApiError } from '../kernel.js';
import { notFound } from '../ram/checks.js';
import { principalName } from './names.js';
import { IMS_CODES } from './users.js';

const KEPT_MS = 30 * 86_400_000;

const kept = (account: AccountState, now: number): readonly RecycledUser[] =>
  [...account.recycleBin.values()].filter(({ recycledAt }) => now < recycledAt + KEPT_MS);

function recycledOf(account: AccountState, id: string, now: number): RecycledUser {
  const found = kept(account, now).find(({ user }) => user.id === id);
  if (found === undefined) throw notFound('User', 'The user does not exist.');
  return found;
}

const view = (account: AccountState, { user, recycledAt }: RecycledUser) => ({
  UserId: user.id,
  UserPrincipalName: principalName(account, user),
  DisplayName: user.displayName,
  CreateDate: stamp(user.createdAt),
  RecycleDate: stamp(recycledAt),
  DeleteDate: stamp(recycledAt + KEPT_MS),
});

/** Documented as authorised on all resources. */
const onAll: ActionSpec['on'] = () => ['*'];

export const recycleBinActions: Readonly<Record<string, ActionSpec>> = {
  ListUsersInRecycleBin: {
    codes: IMS_CODES,
    on: onAll,
    run: ({ params, seen, now }) => {
      const { items, rest } = page(kept(seen, now), ({ user }) => user.id, params);
      return { Users: { User: items.map((one) => view(seen, one)) }, ...rest };
    },
  },
  GetUserInRecycleBin: {
    codes: IMS_CODES,
    on: onAll,
    run: ({ params, seen, now }) => ({
      User: view(seen, recycledOf(seen, required(params, 'UserId'), now)),
    }),
  },
  DeleteUserInRecycleBin: {
    codes: IMS_CODES,
    on: onAll,
    run: ({ params, latest, now, update }) => {
      const { user } = recycledOf(latest, required(params, 'UserId'), now);
      update((account) => ({ ...account, recycleBin: withoutEntry(account.recycleBin, user.id) }));
      return {};
    },
  },
  RestoreUserFromRecycleBin: {
    codes: IMS_CODES,
    on: onAll,
    run: ({ params, latest, now, update }) => {
      const { user } = recycledOf(latest, required(params, 'UserId'), now);
      if (latest.users.has(user.name))
        throw new ApiError(409, 'EntityAlreadyExists.User', 'The user does already EXIST.');
      update((account) => ({
        ...account,
        users: withEntry(account.users, user.name, user),
        recycleBin: withoutEntry(account.recycleBin, user.id),
      }));
      return {};
    },
  },
};
