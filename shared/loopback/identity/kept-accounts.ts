/** Accounts as they are kept: entry by entry, so that a write costs what it changes and not what the account holds. */
import type { Keeper, Table } from '../keep/keeper.js';
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
      users: new Map(ownedBy(id, this.#users)),
      roles: new Map(ownedBy(id, this.#roles)),
      policies: new Map(ownedBy(id, this.#policies)),
      attachments: ownedBy(id, this.#attachments).map(([, attachment]) => attachment),
      resourceGroups: new Map(ownedBy(id, this.#resourceGroups)),
      groups: new Map(ownedBy(id, this.#groups)),
      recycleBin: new Map(ownedBy(id, this.#recycleBin)),
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
    this.#saveAttachments(id, before?.attachments ?? [], after.attachments);
  }

  /** The two lists differ in one stretch at most. */
  #saveAttachments(id: string, before: readonly Attachment[], after: readonly Attachment[]): void {
    if (before === after) return;
    const shorter = Math.min(before.length, after.length);
    let start = 0;
    while (start < shorter && before[start] === after[start]) start++;
    let end = 0;
    while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
    for (const gone of before.slice(start, before.length - end))
      this.#attachments.remove(`${id}/${placeOf(gone)}`);
    for (const added of after.slice(start, after.length - end))
      this.#attachments.put(`${id}/${placeOf(added)}`, added);
  }
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
  if (before === after) return;
  for (const [key, value] of after) if (before?.get(key) !== value) table.put(`${id}/${key}`, value);
  for (const key of before?.keys() ?? []) if (!after.has(key)) table.remove(`${id}/${key}`);
}
