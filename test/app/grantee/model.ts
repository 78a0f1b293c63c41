/** A grantee's account and our register of it as plain values, with what each step does to them. */
import fc from 'fast-check';
import {
  type GranteeStep,
  isOurs,
  type KnownSide,
  type KnownThing,
  type ObservedSide,
  UNKNOWN,
  type WantedSide,
} from '../../../shared/app/grantee/side.js';
import type { Attachment, ObservedGranteePolicy, ObservedUser } from '../../../shared/cloud/ports.js';
import { isExisting, type ManagedRole, type ManagedUser } from '../../../shared/domain/request.js';
import { parseContractId, parseInstant } from '../../../shared/domain/values.js';

export const POLICY = 'lease-c-1-0123-enter';
export const TAGS = { 'leasehold-contract': 'C-1', 'leasehold-nonce': 'n-1' };
export const OTHER = parseContractId('C-2');
export const CREATED_AT = parseInstant('2026-03-01T08:00:05Z');
const INTENDED_AT = parseInstant('2026-03-01T08:00:00Z');
const OTHER_TAGS = { 'leasehold-contract': 'C-2', 'leasehold-nonce': 'n-2' };

export const wantedSide = (
  users: readonly ManagedUser[],
  roles: readonly ManagedRole[] = [],
): WantedSide => ({
  contractId: parseContractId('C-1'),
  tags: TAGS,
  policy: { name: POLICY, document: '{"of":"now"}' },
  users,
  roles,
});

export interface Model {
  readonly observed: ObservedSide;
  readonly known: KnownSide;
}

export const userOf = (changes: Partial<ObservedUser> = {}): ObservedUser => ({
  id: 'u-1',
  createdAt: CREATED_AT,
  tags: {},
  keys: [],
  hasMfaDevice: false,
  groups: [],
  attachments: [],
  ...changes,
});

export const emptyModel: Model = {
  observed: {
    defaultDomain: '2000000000000002.onaliyun.com',
    passwordPolicy: {
      minimumLength: 8,
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: true,
      differentCharacters: 0,
      notContainUserName: false,
    },
    usersLeft: 100,
    users: new Map(),
    roles: new Map(),
  },
  known: { users: new Map(), roles: new Map() },
};

let lastId = 0;
const newId = (): string => {
  lastId += 1;
  return `id-${lastId}`;
};
const own = (policy: string): Attachment => ({ policy: { type: 'Custom', name: policy } });
const isOwn = (policy: string) => (one: Attachment) =>
  one.policy.name === policy && one.policy.type === 'Custom' && one.resourceGroupId === undefined;

/** What a step does, as the cloud documents it; what it refuses, it refuses here too. */
export function applyToModel(model: Model, step: GranteeStep): Model {
  const { observed } = model;
  const users = new Map(observed.users);
  const roles = new Map(observed.roles);
  let { policy, usersLeft } = observed;
  const change = (name: string, changed: (user: ObservedUser) => ObservedUser): void => {
    const user = users.get(name);
    if (user === undefined) throw new Error(`no user ${name}`);
    users.set(name, changed(user));
  };
  const must = (holds: boolean): void => {
    if (!holds) throw new Error(`the cloud refuses ${JSON.stringify(step)}`);
  };
  switch (step.kind) {
    case 'createPolicy':
      must(policy === undefined);
      policy = { document: step.document, tags: step.tags, holders: [] };
      break;
    case 'setPolicyDocument':
      policy = { ...(policy as ObservedGranteePolicy), document: step.document };
      break;
    case 'deletePolicy':
      must(policy?.holders.length === 0);
      policy = undefined;
      break;
    case 'createUser':
      must(!users.has(step.user) && usersLeft > 0);
      usersLeft -= 1;
      users.set(step.user, userOf({ id: newId(), tags: step.tags }));
      break;
    case 'deleteUser':
      change(step.user, (user) => {
        must(
          user.keys.length + user.groups.length + user.attachments.length === 0 &&
            user.login === undefined &&
            !user.hasMfaDevice,
        );
        return user;
      });
      users.delete(step.user);
      break;
    case 'createLogin':
      change(step.user, (user) => {
        must(user.login === undefined);
        return { ...user, login: { status: 'Active' } };
      });
      break;
    case 'deleteLogin':
      change(step.user, ({ login: _, ...user }) => user);
      break;
    case 'disableLogin':
      change(step.user, (user) => ({ ...user, login: { status: 'Inactive' } }));
      break;
    case 'createKey':
      change(step.user, (user) => {
        must(user.keys.length < 2);
        return { ...user, keys: [...user.keys, { id: newId(), status: 'Active' }] };
      });
      break;
    case 'deleteKey':
      change(step.user, (user) => ({ ...user, keys: user.keys.filter(({ id }) => id !== step.keyId) }));
      break;
    case 'disableKey':
      change(step.user, (user) => ({
        ...user,
        keys: user.keys.map((key) => (key.id === step.keyId ? { ...key, status: 'Inactive' } : key)),
      }));
      break;
    case 'unbindMfa':
      change(step.user, (user) => ({ ...user, hasMfaDevice: false }));
      break;
    case 'createRole':
      must(!roles.has(step.role));
      roles.set(step.role, { id: newId(), createdAt: CREATED_AT, tags: step.tags, attachments: [] });
      break;
    case 'deleteRole':
      must(roles.get(step.role)?.attachments.length === 0);
      roles.delete(step.role);
      break;
    case 'attach':
    case 'detach': {
      const { principal } = step;
      const isAttach = step.kind === 'attach';
      must(policy !== undefined);
      const held = policy as ObservedGranteePolicy;
      const others = held.holders.filter(
        ({ type, name }) => type !== principal.type || name !== principal.name,
      );
      policy = { ...held, holders: isAttach ? [...others, principal] : others };
      const withChange = (list: readonly Attachment[]): readonly Attachment[] => {
        const rest = list.filter((one) => !isOwn(step.policy)(one));
        return isAttach ? [...rest, own(step.policy)] : rest;
      };
      if (principal.type === 'user')
        change(principal.name, (user) => ({ ...user, attachments: withChange(user.attachments) }));
      const role = roles.get(principal.name);
      if (principal.type === 'role' && role !== undefined)
        roles.set(principal.name, { ...role, attachments: withChange(role.attachments) });
      break;
    }
  }
  const { policy: _, ...rest } = observed;
  return {
    ...model,
    observed: { ...rest, usersLeft, users, roles, ...(policy === undefined ? {} : { policy }) },
  };
}

export const applyAll = (model: Model, steps: readonly GranteeStep[]): Model =>
  steps.reduce(applyToModel, model);

/** The register says that who is wanted, and not on record, may be made. */
export function intend(model: Model, { users, roles }: WantedSide, intendedAt = INTENDED_AT): Model {
  const { observed, known } = model;
  const withIntent = (all: KnownSide['users'], names: readonly string[]) =>
    new Map([
      ...all,
      ...names
        .filter((name) => all.get(name)?.madeId === undefined)
        .map((name) => [name, { ...(all.get(name) ?? UNKNOWN), intendedAt }] as const),
    ]);
  const isMade = (one: ManagedUser | ManagedRole) => !isExisting(one);
  return {
    observed,
    known: {
      users: withIntent(
        known.users,
        users.filter(isMade).map(({ logonName }) => logonName),
      ),
      roles: withIntent(
        known.roles,
        roles.filter(isMade).map(({ name }) => name),
      ),
    },
  };
}

/** As far as it must be when what is there was made: nobody is given anything to log on with before he is on record. */
export function record({ observed, known }: Model): Model {
  const users = new Map(known.users);
  for (const [name, there] of observed.users) {
    const { intendedAt: _, ...one } = users.get(name) ?? UNKNOWN;
    const holdsSomething = there.keys.length > 0 || there.login !== undefined;
    if (holdsSomething && isOurs(there, users.get(name) ?? UNKNOWN, TAGS))
      users.set(name, { ...one, madeId: there.id });
  }
  return { observed, known: { ...known, users } };
}

/** The hand-over has gone out: the register records what was made and who holds it. */
export function handOver(model: Model, wanted: WantedSide): Model {
  const { observed, known } = intend(model, wanted);
  const { users, roles, tags } = wanted;
  const knownUsers = new Map(known.users);
  for (const user of users) {
    const there = observed.users.get(user.logonName);
    const unrecorded = knownUsers.get(user.logonName) ?? UNKNOWN;
    const { intendedAt: _, ...before } = unrecorded;
    if (isExisting(user) || there === undefined || !isOurs(there, unrecorded, tags) || before.isHandedOver)
      continue;
    knownUsers.set(user.logonName, {
      ...before,
      madeId: there.id,
      isHandedOver: true,
      keyIds: there.keys.map(({ id }) => id),
      hasPassword: there.login !== undefined,
    });
  }
  const knownRoles = new Map(known.roles);
  for (const role of roles) {
    const there = observed.roles.get(role.name);
    if (!isExisting(role) && there !== undefined)
      knownRoles.set(role.name, { ...(knownRoles.get(role.name) ?? UNKNOWN), madeId: there.id });
  }
  return { observed, known: { users: knownUsers, roles: knownRoles } };
}

const NAMES = ['alice', 'bob', 'carol', 'dave'];
const foreignPolicies = fc.uniqueArray(
  fc.constantFrom<Attachment>(
    { policy: { type: 'System', name: 'AliyunOSSReadOnlyAccess' } },
    { policy: { type: 'Custom', name: 'team' } },
    { policy: { type: 'Custom', name: POLICY }, resourceGroupId: 'rg-1' },
  ),
  { maxLength: 2 },
);

const foreignUser: fc.Arbitrary<ObservedUser> = fc
  .record({
    keys: fc.integer({ min: 0, max: 2 }),
    login: fc.constantFrom(undefined, 'Active' as const, 'Inactive' as const),
    hasMfaDevice: fc.boolean(),
    groups: fc.constantFrom<readonly string[]>([], ['ops']),
    attachments: foreignPolicies,
  })
  .map(({ keys, login, ...user }) =>
    userOf({
      ...user,
      id: newId(),
      keys: Array.from({ length: keys }, () => ({ id: newId(), status: 'Active' as const })),
      ...(login === undefined ? {} : { login: { status: login } }),
    }),
  );

/** Made by another contract of ours, and handed over, or just about to be. */
const sharedUser = fc
  .record({ access: fc.constantFrom('console', 'programmatic'), isHandedOver: fc.boolean() })
  .map(({ access, isHandedOver }): [ObservedUser, KnownThing] => {
    const id = newId();
    const keyIds = access === 'console' ? [] : [newId()];
    const user = userOf({
      id,
      tags: OTHER_TAGS,
      keys: keyIds.map((keyId) => ({ id: keyId, status: 'Active' as const })),
      ...(access === 'console' ? { login: { status: 'Active' as const } } : {}),
      attachments: [{ policy: { type: 'Custom', name: 'lease-c-2-4567-enter' } }],
    });
    const hasPassword = access === 'console';
    const known = isHandedOver ? { keyIds, hasPassword } : { keyIds: [], hasPassword: false };
    return [user, { ...known, madeId: id, isHandedOver, otherClaims: [OTHER], aliases: [] }];
  });

/** An account with users of its own, and some that another contract made. */
export const anyModel: fc.Arbitrary<Model> = fc
  .record({
    foreign: fc.dictionary(fc.constantFrom(...NAMES), foreignUser),
    shared: fc.dictionary(fc.constantFrom(...NAMES), sharedUser),
  })
  .map(({ foreign, shared }) => ({
    observed: {
      ...emptyModel.observed,
      users: new Map([
        ...Object.entries(foreign),
        ...Object.entries(shared).map(([name, [user]]) => [name, user] as const),
      ]),
    },
    known: {
      users: new Map(Object.entries(shared).map(([name, [, known]]) => [name, known] as const)),
      roles: new Map(),
    },
  }));

const anyUser = (name: string): fc.Arbitrary<ManagedUser> =>
  fc.constantFrom<ManagedUser>(
    { logonName: name, existing: true },
    { logonName: name, access: 'console', displayName: name.toUpperCase() },
    { logonName: name, access: 'programmatic', tags: { team: 'etl' } },
    { logonName: name, access: 'both', acceptsBothAccessModes: true },
  );

export const anyWanted: fc.Arbitrary<WantedSide> = fc
  .record({
    users: fc
      .uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 })
      .chain((names) => fc.tuple(...names.map(anyUser))),
    roles: fc.constantFrom<readonly ManagedRole[]>([], [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }]),
  })
  .map(({ users, roles }) => wantedSide(users, roles));
