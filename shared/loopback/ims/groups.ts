/** IMS 2019-08-15, groups and their members. Policies of groups are not served: such a call fails by name. */
import type { ActionSpec, Params } from '../identity/actions.js';
import { withEntry, withoutEntry } from '../identity/shared-map.js';
import { type AccountState, type GroupState, stamp } from '../identity/state.js';
import { newEntityId } from '../identity/store.js';
import { ApiError } from '../kernel.js';
import { checkLength, limitExceeded, notFound } from '../ram/checks.js';
import { onUser, userOf } from './names.js';
import { IMS_CODES } from './users.js';

/** "Limits": 300 groups an account, 10 groups a user. */
const MAX_GROUPS = 300;
const MAX_GROUPS_PER_USER = 10;

const onGroup: ActionSpec['on'] = ({ GroupName = '' }) => [`group/${GroupName}`];

function groupNamed(account: AccountState, { GroupName = '' }: Params): GroupState {
  const group = account.groups.get(GroupName);
  if (group === undefined) throw notFound('Group', 'The group does not exist.');
  return group;
}

const view = (group: GroupState) => ({
  GroupId: group.id,
  GroupName: group.name,
  DisplayName: group.name,
  Comments: group.comments,
  CreateDate: stamp(group.createdAt),
  UpdateDate: stamp(group.createdAt),
});

const groupsOf = (account: AccountState, userId: string): readonly GroupState[] =>
  [...account.groups.values()].filter(({ members }) => members.has(userId));

export const groupActions: Readonly<Record<string, ActionSpec>> = {
  CreateGroup: {
    needs: ['GroupName'],
    codes: IMS_CODES,
    on: () => ['group/*'],
    run: ({ params, latest, now, update }) => {
      const { GroupName: name = '', Comments: comments = '' } = params;
      checkLength('GroupName', name, 64);
      if (latest.groups.has(name))
        throw new ApiError(409, 'EntityAlreadyExists.Group', 'The group does already EXIST.');
      if (latest.groups.size >= MAX_GROUPS) throw limitExceeded('Group', 'groups');
      const group: GroupState = { id: newEntityId(), name, comments, createdAt: now, members: new Map() };
      update((account) => ({ ...account, groups: withEntry(account.groups, name, group) }));
      return { Group: view(group) };
    },
  },
  DeleteGroup: {
    needs: ['GroupName'],
    codes: IMS_CODES,
    on: onGroup,
    run: ({ params, latest, update }) => {
      const group = groupNamed(latest, params);
      if (group.members.size > 0) {
        throw new ApiError(
          409,
          'DeleteConflict.Group.User',
          'The group CAN NOT have any user while deleting the group.',
        );
      }
      update((account) => ({ ...account, groups: withoutEntry(account.groups, group.name) }));
      return {};
    },
  },
  AddUserToGroup: {
    needs: ['GroupName', 'UserPrincipalName'],
    codes: IMS_CODES,
    on: (params) => [...onGroup(params), ...onUser(params)],
    run: ({ params, latest, now, update }) => {
      const [group, user] = [groupNamed(latest, params), userOf(latest, params)];
      if (group.members.has(user.id)) {
        throw new ApiError(409, 'EntityAlreadyExists.User.Group', 'The user is in the group already.');
      }
      if (groupsOf(latest, user.id).length >= MAX_GROUPS_PER_USER)
        throw limitExceeded('User.Group', 'groups of a user');
      const members = new Map(group.members).set(user.id, now);
      update((account) => ({
        ...account,
        groups: withEntry(account.groups, group.name, { ...group, members }),
      }));
      return {};
    },
  },
  RemoveUserFromGroup: {
    needs: ['GroupName', 'UserPrincipalName'],
    codes: IMS_CODES,
    on: (params) => [...onGroup(params), ...onUser(params)],
    run: ({ params, latest, update }) => {
      const [group, user] = [groupNamed(latest, params), userOf(latest, params)];
      if (!group.members.has(user.id)) throw notFound('User.Group', 'The user is not in the group.');
      const members = new Map([...group.members].filter(([id]) => id !== user.id));
      update((account) => ({
        ...account,
        groups: withEntry(account.groups, group.name, { ...group, members }),
      }));
      return {};
    },
  },
  ListGroupsForUser: {
    needs: ['UserPrincipalName'],
    codes: IMS_CODES,
    on: onUser,
    run: ({ params, seen }) => {
      const user = userOf(seen, params);
      return {
        Groups: {
          Group: groupsOf(seen, user.id).map((group) => ({
            GroupId: group.id,
            GroupName: group.name,
            DisplayName: group.name,
            Comments: group.comments,
            JoinDate: stamp(group.members.get(user.id) ?? group.createdAt),
          })),
        },
      };
    },
  },
};
