/** What is to be undone in a grantee's account when a contract, or somebody's part in it, ends. Pure. */
import type {
  GranteePrincipal,
  ObservedGranteePolicy,
  ObservedGranteeRole,
  ObservedUser,
  Tags,
} from '../../cloud/ports.js';
import type { LeftBehind } from '../../domain/fact.js';
import { discardSteps } from './plan-grantee.js';
import {
  carries,
  type GranteeStep,
  holds,
  type Identity,
  isOurs,
  type KnownSide,
  type KnownThing,
  UNKNOWN,
} from './side.js';

export interface LeavingSide {
  readonly tags: Tags;
  readonly policy: string;
  /** Whether the policy goes too: not while others of the contract stay. */
  readonly isLast: boolean;
  /** Logon names of those who leave, made by us or not. */
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

export interface LeftSide {
  readonly policy?: ObservedGranteePolicy;
  readonly users: ReadonlyMap<string, ObservedUser>;
  readonly roles: ReadonlyMap<string, ObservedGranteeRole>;
}

export interface GranteeRemovalPlan {
  readonly steps: readonly GranteeStep[];
  readonly leftBehind: readonly LeftBehind[];
}

/** Steps in an order that works, and that cuts first: whoever may enter no longer may, then keys, then what they hang on. */
export function planGranteeRemoval(
  leaving: LeavingSide,
  left: LeftSide,
  known: KnownSide,
): GranteeRemovalPlan {
  const users = leaving.users.map((name) =>
    userRemoval(name, leaving, left.users.get(name), known.users.get(name) ?? UNKNOWN),
  );
  const roles = leaving.roles.map((name) =>
    roleRemoval(name, leaving, left.roles.get(name), known.roles.get(name) ?? UNKNOWN),
  );
  const { leavers, others } = holdersOf(leaving, left);
  const steps = [
    ...leavers.map((principal) => detachFrom(principal, leaving)),
    ...[...users, ...roles].flatMap((one) => one.steps),
  ];
  return {
    steps: [
      ...PHASES.flatMap((phase) => steps.filter(({ kind }) => phase.includes(kind))),
      // To take it from those may be refused; nothing that we made is to stay for that.
      ...others.map((principal) => detachFrom(principal, leaving)),
      ...policySteps(leaving, left),
    ],
    leftBehind: [...[...users, ...roles].flatMap((one) => one.leftBehind), ...policyLeft(leaving, left)],
  };
}

const PHASES: readonly (readonly GranteeStep['kind'][])[] = [
  ['detach'],
  ['disableKey', 'disableLogin', 'deleteKey'],
  ['deleteLogin', 'unbindMfa', 'deleteUser', 'deleteRole'],
];

/** Those who leave, and whoever else holds the policy, when it goes: it was ours to give. */
function holdersOf(
  { users, roles, policy, isLast, tags }: LeavingSide,
  left: LeftSide,
): Record<'leavers' | 'others', readonly GranteePrincipal[]> {
  const held = isLast && left.policy !== undefined && carries(left.policy, tags) ? left.policy.holders : [];
  const isHeldBy = (principal: GranteePrincipal, there: Parameters<typeof isHolder>[0]) =>
    isHolder(there, policy) || held.some((one) => isSame(one, principal));
  const leaving = {
    users: users.map((name) => ({ type: 'user', name }) as const),
    roles: roles.map((name) => ({ type: 'role', name }) as const),
  };
  const leavers = [
    ...leaving.users.filter((one) => isHeldBy(one, left.users.get(one.name))),
    ...leaving.roles.filter((one) => isHeldBy(one, left.roles.get(one.name))),
  ];
  return { leavers, others: held.filter((one) => !leavers.some((leaver) => isSame(leaver, one))) };
}

const isSame = (left: GranteePrincipal, right: GranteePrincipal): boolean =>
  left.type === right.type && left.name === right.name;

const detachFrom = (principal: GranteePrincipal, { policy }: LeavingSide): GranteeStep => ({
  kind: 'detach',
  principal,
  policy,
});

const isHolder = (thing: Pick<ObservedUser, 'attachments'> | undefined, policy: string): boolean =>
  thing !== undefined && holds(thing, policy);

const policySteps = ({ policy, isLast, tags }: LeavingSide, left: LeftSide): readonly GranteeStep[] =>
  isLast && left.policy !== undefined && carries(left.policy, tags) ? [{ kind: 'deletePolicy', policy }] : [];

/** Of a policy without its tags nobody can say that it is ours, whatever its name. */
const policyLeft = ({ policy, isLast, tags }: LeavingSide, left: LeftSide): readonly LeftBehind[] =>
  isLast && left.policy !== undefined && !carries(left.policy, tags)
    ? [
        {
          type: 'policy',
          name: policy,
          given: ['it does not carry the tags of this contract'],
          next: "the grantee's administrator deletes it; it opens nothing in the owner's account any more",
        },
      ]
    : [];

const NOTHING: GranteeRemovalPlan = { steps: [], leftBehind: [] };

/** Somebody else's user, or one that another contract still uses, loses the policy and nothing else. */
function userRemoval(
  user: string,
  { policy, tags }: LeavingSide,
  there: ObservedUser | undefined,
  known: KnownThing,
): GranteeRemovalPlan {
  if (there === undefined || known.otherClaims.length > 0 || !isOurs(there, known, tags)) return NOTHING;
  if (known.unbelieved !== undefined) return leftToUnbelieved({ type: 'user', name: user }, there, known);
  if (known.aliases.length > 0) return leftToAliases('user', user, known);
  const handed = known.madeId === there.id ? known : WITHOUT_CREDENTIALS;
  const given = [
    ...givenPolicies(there, policy),
    ...there.groups.map((group) => `group ${group}`),
    ...there.keys.filter((key) => !isOurKey(key, handed)).map(({ id }) => `AccessKey ${id}`),
    ...(there.login === undefined || isOurLogin(handed) ? [] : ['console logon']),
  ];
  if (given.length === 0) {
    return {
      steps: [
        ...discardSteps(user, there),
        ...(there.hasMfaDevice ? [{ kind: 'unbindMfa', user } as const] : []),
        { kind: 'deleteUser', user },
      ],
      leftBehind: [],
    };
  }
  return {
    steps: disableSteps(user, there, handed),
    leftBehind: [
      {
        type: 'user',
        name: user,
        given,
        next: "what we made for it is disabled; the grantee's administrator deletes the user, or enables it as his own",
      },
    ],
  };
}

/** It loses this contract's policy. Whether the other uses it nobody knows: a later look sees to it, or whoever mends that register. */
const leftToUnbelieved = (
  thing: Pick<LeftBehind, 'type' | 'name'>,
  { id }: Identity,
  { unbelieved, madeBy }: KnownThing,
): GranteeRemovalPlan => ({
  steps: [],
  leftBehind: [
    {
      ...thing,
      ...(madeBy === undefined ? {} : { made: { id, by: madeBy } }),
      given: [`contract ${unbelieved} claims it, whose register cannot be believed (REGISTER_BROKEN)`],
      next: 'mend that register and end its contract; or, where that does not use it, the grantee’s administrator deletes it',
    },
  ],
});

/** Whether it is theirs too is for the grantee to say, whose RAM tells names apart by case or not. */
const leftToAliases = (type: 'user' | 'role', name: string, { aliases }: KnownThing): GranteeRemovalPlan => ({
  steps: [],
  leftBehind: [
    {
      type,
      name,
      given: aliases.map((alias) => `contract ${alias.contractId} names a ${type} ${alias.name}`),
      next: `it no longer enters ours; the grantee's administrator deletes it, unless it is the one that is named so`,
    },
  ],
});

type Handed = Pick<KnownThing, 'isHandedOver' | 'keyIds' | 'hasPassword'>;

/** Of a user who is not on record: what it logs on with would be made only after that, so whatever there is was made by others. */
const WITHOUT_CREDENTIALS: Handed = { isHandedOver: true, keyIds: [], hasPassword: false };

/** Until a user was handed over, nobody but us had a hand in it. */
const isOurKey = ({ id }: { readonly id: string }, { isHandedOver, keyIds }: Handed): boolean =>
  !isHandedOver || keyIds.includes(id);
const isOurLogin = ({ isHandedOver, hasPassword }: Handed): boolean => !isHandedOver || hasPassword;

/** What somebody else made stays as it is. */
const disableSteps = (user: string, there: ObservedUser, known: Handed): readonly GranteeStep[] => [
  ...there.keys
    .filter((key) => key.status === 'Active' && isOurKey(key, known))
    .map(({ id: keyId }) => ({ kind: 'disableKey', user, keyId }) as const),
  ...(there.login?.status === 'Active' && isOurLogin(known) ? [{ kind: 'disableLogin', user } as const] : []),
];

function roleRemoval(
  role: string,
  { policy, tags }: LeavingSide,
  there: ObservedGranteeRole | undefined,
  known: KnownThing,
): GranteeRemovalPlan {
  if (there === undefined || known.otherClaims.length > 0 || !isOurs(there, known, tags)) return NOTHING;
  if (known.unbelieved !== undefined) return leftToUnbelieved({ type: 'role', name: role }, there, known);
  if (known.aliases.length > 0) return leftToAliases('role', role, known);
  const given = givenPolicies(there, policy);
  return given.length === 0
    ? { steps: [{ kind: 'deleteRole', role }], leftBehind: [] }
    : {
        steps: [],
        leftBehind: [
          {
            type: 'role',
            name: role,
            given,
            next: "it no longer enters ours; the grantee's administrator deletes it, or keeps it as his own",
          },
        ],
      };
}

const givenPolicies = ({ attachments }: Pick<ObservedUser, 'attachments'>, own: string): readonly string[] =>
  attachments
    .filter(
      (one) => one.policy.type !== 'Custom' || one.policy.name !== own || one.resourceGroupId !== undefined,
    )
    .map(
      (one) =>
        `policy ${one.policy.name}${one.resourceGroupId === undefined ? '' : ` on ${one.resourceGroupId}`}`,
    );
