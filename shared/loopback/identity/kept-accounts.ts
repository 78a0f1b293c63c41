/** Accounts as they are kept: entry by entry, so that a write costs what it changes and not what the account holds. */
import type { Keeper, Table } from '../keep/keeper.js';
import { keysChanged } from './shared-map.js';
import type {
  AccessKeyState,
  AccountState,
  Attachment,
  GroupState,
  PasswordPolicyState,
  PolicyState,
  RecycledUser,
  ResourceGroupState,
  RoleState,
  UserState,
} from './state.js';

interface Account {
  readonly alias: string | undefined;
  readonly usersQuota: number;
  readonly passwordPolicy: PasswordPolicyState;
}

export class KeptAccounts {
  readonly #accounts: Table<Account>;
  readonly #rootKeys: Table<AccessKeyState>;
  readonly #users: Table<UserState>;
  readonly #roles: Table<RoleState>;
  readonly #policies: Table<PolicyState>;
  readonly #groups: Table<GroupState>;
  readonly #recycleBin: Table<RecycledUser>;
  readonly #resourceGroups: Table<ResourceGroupState>;
  readonly #attachments: Table<Attachment>;

  constructor(keeper: Keeper) {
    this.#accounts = keeper.table('identity/accounts');
    this.#rootKeys = keeper.table('identity/root-keys');
    this.#users = keeper.table('identity/users');
    this.#roles = keeper.table('identity/roles');
    this.#policies = keeper.table('identity/policies');
    this.#groups = keeper.table('identity/groups');
    this.#recycleBin = keeper.table('identity/recycle-bin');
    this.#resourceGroups = keeper.table('identity/resource-groups');
    this.#attachments = keeper.table('identity/attachments');
  }

  load(): readonly AccountState[] {
    return [...this.#accounts.entries].map(([id, { alias, usersQuota, passwordPolicy }]) => ({
      id,
      ...(alias === undefined ? {} : { alias }),
      rootKeys: new Map(ownedBy(id, this.#rootKeys)),
      users: new Map(ownedBy(id, this.#users).map(([name, user]) => [name, withWholeKeys(user)])),
      roles: new Map(ownedBy(id, this.#roles)),
      policies: new Map(ownedBy(id, this.#policies)),
      attachments: byPrincipal(ownedBy(id, this.#attachments).map(([, attachment]) => attachment)),
      resourceGroups: new Map(ownedBy(id, this.#resourceGroups)),
      groups: new Map(
        ownedBy(id, this.#groups).map(([name, group]) => [name, { ...group, members: whole(group.members) }]),
      ),
      recycleBin: new Map(
        ownedBy(id, this.#recycleBin).map(([key, kept]) => [
          key,
          { ...kept, user: withWholeKeys(kept.user) },
        ]),
      ),
      usersQuota,
      passwordPolicy,
    }));
  }

  /** Keeps what is different; parts that were not touched are the same objects. */
  save(before: AccountState | undefined, after: AccountState): void {
    const { id, alias, usersQuota, passwordPolicy } = after;
    const isSame =
      before !== undefined &&
      before.alias === alias &&
      before.usersQuota === usersQuota &&
      before.passwordPolicy === passwordPolicy;
    if (!isSame)
      this.#accounts.put(id, {
        alias,
        usersQuota,
        passwordPolicy,
      });
    saveMap(id, this.#resourceGroups, before?.resourceGroups, after.resourceGroups);
    saveMap(id, this.#groups, before?.groups, after.groups);
    saveMap(id, this.#recycleBin, before?.recycleBin, after.recycleBin);
    saveMap(id, this.#rootKeys, before?.rootKeys, after.rootKeys);
    saveMap(id, this.#users, before?.users, after.users);
    saveMap(id, this.#roles, before?.roles, after.roles);
    saveMap(id, this.#policies, before?.policies, after.policies);
    this.#saveAttachments(id, before?.attachments ?? new Map(), after.attachments);
  }

  #saveAttachments(
    id: string,
    before: AccountState['attachments'],
    after: AccountState['attachments'],
  ): void {
    for (const principal of keysChanged(before, after)) {
      const [had, has] = [before.get(principal) ?? [], after.get(principal) ?? []];
      for (const gone of had.filter((one) => !has.includes(one)))
        this.#attachments.remove(`${id}/${placeOf(gone)}`);
      for (const added of has.filter((one) => !had.includes(one)))
        this.#attachments.put(`${id}/${placeOf(added)}`, added);
    }
  }
}

/** A map as earlier builds wrote some: what it shared with an older one, and what was set since. */
interface WrittenInParts<K, V> {
  readonly shared: ReadonlyMap<K, V>;
  readonly changes: ReadonlyMap<K, V>;
}
const whole = <K, V>(map: ReadonlyMap<K, V> | WrittenInParts<K, V>): ReadonlyMap<K, V> =>
  'shared' in map ? new Map([...map.shared, ...map.changes]) : map;

const withWholeKeys = (user: UserState): UserState => ({ ...user, accessKeys: whole(user.accessKeys) });

function byPrincipal(attachments: readonly Attachment[]): AccountState['attachments'] {
  const grouped = new Map<string, Attachment[]>();
  for (const one of attachments)
    grouped.set(one.principal.id, [...(grouped.get(one.principal.id) ?? []), one]);
  return grouped;
}

const placeOf = ({ scope, policyType, policyName, principal }: Attachment): string =>
  [scope, policyType, policyName, principal.kind, principal.id].join(' ');

const ownedBy = <T>(id: string, { entries }: Table<T>): readonly (readonly [string, T])[] =>
  [...entries].flatMap(([key, value]) =>
    key.startsWith(`${id}/`) ? [[key.slice(id.length + 1), value] as const] : [],
  );

function saveMap<T>(
  id: string,
  table: Table<T>,
  before: ReadonlyMap<string, T> | undefined,
  after: ReadonlyMap<string, T>,
): void {
  for (const key of keysChanged(before ?? new Map<string, T>(), after)) {
    const value = after.get(key);
    if (value === undefined) table.remove(`${id}/${key}`);
    else if (before?.get(key) !== value) table.put(`${id}/${key}`, value);
  }
}
