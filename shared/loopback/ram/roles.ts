/** RAM 2015-05-01, roles. */
import { type ActionSpec, pageInOrder, whole } from '../identity/actions.js';
import { withEntry, withoutEntry } from '../identity/shared-map.js';
import { type AccountState, keyOf, type RoleState, roleArn, stamp } from '../identity/state.js';
import { newEntityId } from '../identity/store.js';
import { ApiError } from '../kernel.js';
import { carries, checkLength, limitExceeded, nameOf, roleNamed, tagsOf, trustOf } from './checks.js';

/** 1 to 12 hours; API reference, CreateRole. */
const SESSION_SECONDS = { min: 3_600, max: 43_200, fallback: 3_600 };
const MAX_DESCRIPTION = 1_024;

const onRole: ActionSpec['on'] = ({ RoleName = '' }) => [`role/${keyOf(RoleName)}`];
const onAllRoles: ActionSpec['on'] = () => ['role/*'];

const summary = (accountId: string, role: RoleState) => ({
  RoleId: role.id,
  RoleName: role.name,
  Arn: roleArn(accountId, role.name),
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
  CreateDate: stamp(role.createdAt),
});
const details = (accountId: string, role: RoleState) => ({
  ...summary(accountId, role),
  AssumeRolePolicyDocument: role.trustText,
  UpdateDate: stamp(role.updatedAt),
});

const ordered = new WeakMap<AccountState['roles'], readonly RoleState[]>();

/** As pages have them: whoever turns pages asks for the same roles again and again. */
function inOrder(roles: AccountState['roles']): readonly RoleState[] {
  const known = ordered.get(roles);
  if (known !== undefined) return known;
  const sorted = [...roles]
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, role]) => role);
  ordered.set(roles, sorted);
  return sorted;
}

export const roleActions: Readonly<Record<string, ActionSpec>> = {
  CreateRole: {
    needs: ['RoleName', 'AssumeRolePolicyDocument'],
    on: onAllRoles,
    run: ({ core, params, latest, caller, now, update }) => {
      const name = nameOf(params, 'RoleName');
      const { AssumeRolePolicyDocument: trustText = '', Description: description = '' } = params;
      if (description !== '') checkLength('Description', description, MAX_DESCRIPTION);
      const role: RoleState = {
        id: newEntityId(),
        name,
        ...trustOf(core, trustText, 'AssumeRolePolicyDocument'),
        trustUpdatedAt: now,
        description,
        maxSessionSeconds: whole(params, 'MaxSessionDuration', SESSION_SECONDS),
        createdAt: now,
        updatedAt: now,
        tags: tagsOf(params),
      };
      if (latest.roles.has(keyOf(name)))
        throw new ApiError(409, 'EntityAlreadyExists.Role', 'The role does already EXIST.');
      if (latest.roles.size >= core.sessions.switches.roleQuota) throw limitExceeded('Role', 'roles');
      update((account) => ({ ...account, roles: withEntry(account.roles, keyOf(name), role) }));
      return { Role: { ...summary(caller.accountId, role), AssumeRolePolicyDocument: trustText } };
    },
  },
  GetRole: {
    needs: ['RoleName'],
    on: onRole,
    run: ({ params, seen }) => ({ Role: details(seen.id, roleNamed(seen, params)) }),
  },
  UpdateRole: {
    needs: ['RoleName'],
    on: onRole,
    run: ({ core, params, latest, now, update }) => {
      const role = roleNamed(latest, params);
      const { NewAssumeRolePolicyDocument: trustText = '', NewDescription: description } = params;
      if (description !== undefined && description !== '')
        checkLength('Description', description, MAX_DESCRIPTION);
      const changed: RoleState = {
        ...role,
        ...(trustText === ''
          ? {}
          : { ...trustOf(core, trustText, 'NewAssumeRolePolicyDocument'), trustUpdatedAt: now }),
        description: description ?? role.description,
        maxSessionSeconds: whole(params, 'NewMaxSessionDuration', {
          ...SESSION_SECONDS,
          fallback: role.maxSessionSeconds,
        }),
        updatedAt: now,
      };
      update((account) => ({ ...account, roles: withEntry(account.roles, keyOf(role.name), changed) }));
      return { Role: details(latest.id, changed) };
    },
  },
  /** Refuses while a policy is attached, in either scope. Whether the vendor counts resource groups too is not documented. */
  DeleteRole: {
    needs: ['RoleName'],
    on: onRole,
    run: ({ params, latest, update }) => {
      const role = roleNamed(latest, params);
      if (latest.attachments.has(role.id)) {
        throw new ApiError(
          409,
          'DeleteConflict.Role.Policy',
          'The role CAN NOT has any attached policy while deleting the role.',
        );
      }
      update((account) => ({ ...account, roles: withoutEntry(account.roles, keyOf(role.name)) }));
      return {};
    },
  },
  ListRoles: {
    on: onAllRoles,
    run: ({ params, seen }) => {
      const wanted = tagsOf(params);
      const all = inOrder(seen.roles);
      const roles = wanted.size === 0 ? all : all.filter((role) => carries(role.tags, wanted));
      const { items, rest } = pageInOrder(roles, (role) => keyOf(role.name), params);
      return {
        Roles: {
          Role: items.map((role) => ({
            ...summary(seen.id, role),
            UpdateDate: stamp(role.updatedAt),
            Tags: { Tag: [...role.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
          })),
        },
        ...rest,
      };
    },
  },
};
