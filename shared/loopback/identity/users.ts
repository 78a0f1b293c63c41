/** RAM users, as RAM and IMS both make and remove them. */
import { ApiError } from '../kernel.js';
import type { ActionContext } from './actions.js';
import { withEntry, withoutEntry } from './shared-map.js';
import type { Tags, UserState } from './state.js';
import { newEntityId } from './store.js';

/** RAM users an account may have; "Limits", not adjustable. */
export const MAX_USERS = 5_000;
/** The bin has a quota of its own, and forgets its oldest user beyond that. Source: RAM user guide, "Delete a RAM user". */
const MAX_RECYCLED_USERS = 1_000;

export interface NewUser {
  readonly name: string;
  readonly displayName: string;
  readonly comments?: string;
  readonly email?: string;
  readonly mobilePhone?: string;
  readonly tags?: Tags;
}

/** @throws {ApiError} `EntityAlreadyExists.User` or `LimitExceeded.User` */
export function addUser(
  { latest, now, update }: ActionContext,
  { tags = new Map(), ...asked }: NewUser,
): UserState {
  if (latest.users.has(asked.name))
    throw new ApiError(409, 'EntityAlreadyExists.User', 'The user does already EXIST.');
  if (latest.users.size >= latest.usersQuota) {
    throw new ApiError(409, 'LimitExceeded.User', 'The count of users beyond the current limits.');
  }
  const user: UserState = {
    ...asked,
    tags,
    id: newEntityId(),
    createdAt: now,
    updatedAt: now,
    accessKeys: new Map(),
  };
  update((account) => ({ ...account, users: withEntry(account.users, user.name, user) }));
  return user;
}

/**
 * Moves a user that nothing hangs on any more to the recycle bin: its name is free again at once (whether the vendor keeps it
 * is not documented). @throws {ApiError} `DeleteConflict.User.<what still hangs on it>`
 */
export function removeUser({ latest, now, update }: ActionContext, user: UserState): void {
  const hindrance =
    (user.accessKeys.size > 0 && 'AccessKey') ||
    (latest.attachments.has(user.id) && 'Policy') ||
    (user.loginProfile !== undefined && 'LoginProfile') ||
    (user.mfaDevice !== undefined && 'MFADevice') ||
    ([...latest.groups.values()].some(({ members }) => members.has(user.id)) && 'Group');
  if (hindrance !== false) {
    throw new ApiError(
      409,
      `DeleteConflict.User.${hindrance}`,
      `The user CAN NOT have any ${hindrance} while deleting the user.`,
    );
  }
  update((account) => {
    const recycled = [...account.recycleBin, [user.id, { user, recycledAt: now }] as const];
    return {
      ...account,
      users: withoutEntry(account.users, user.name),
      recycleBin: new Map(recycled.slice(-MAX_RECYCLED_USERS)),
    };
  });
}

export function changeUser({ update }: ActionContext, user: UserState): void {
  update((account) => ({ ...account, users: withEntry(account.users, user.name, user) }));
}
