/** What is to be done in a grantee's account so that its users and roles may enter. Pure; a dry run is this, printed. */
import type { ObservedUser } from '../../cloud/ports.js';
import { sayTheSame } from '../../domain/canonical-json.js';
import { TryLaterError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import { type CreatedUser, isExisting, type ManagedRole, type ManagedUser } from '../../domain/request.js';
import { formatTrustPolicy } from '../../policy/index.js';
import { passwordHindrance } from './password.js';
import {
  carries,
  type GranteeStep,
  holds,
  isOurs,
  type KnownSide,
  type KnownThing,
  type ObservedSide,
  UNKNOWN,
  type WantedSide,
} from './side.js';

export type GranteePlan =
  | { readonly ok: true; readonly steps: readonly GranteeStep[] }
  /** Then nothing may be done, not even in part. */
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/** Source: IMS CreateUser, `UserPrincipalName`. */
const MAX_PRINCIPAL_NAME = 128;
/** Source: IMS CreateUser, `DisplayName`. */
const MAX_DISPLAY_NAME = 24;

/**
 * Steps from what is there to what is wanted; none when it is there and was handed over. Whoever may enter gets the policy last,
 * so that a run that dies half-way leaves clutter behind, never access. What a user logs on or signs with is made once: until it
 * has reached the grantee nobody holds it, so it is deleted and made again; from then on it is the grantee's and left alone.
 */
export function planGrantee(wanted: WantedSide, observed: ObservedSide, known: KnownSide): GranteePlan {
  const reasons = reasonsAgainst(wanted, observed, known);
  if (reasons.length > 0) return { ok: false, reasons };
  return {
    ok: true,
    steps: [
      ...policySteps(wanted, observed),
      ...wanted.users.flatMap((user) => userSteps(user, wanted, observed, known)),
      ...wanted.roles.flatMap((role) => roleSteps(role, wanted, observed)),
    ],
  };
}

/** A role that ECS instances take on; programs on them then need no key. */
export const ecsTrust = (): string =>
  formatTrustPolicy({
    version: '1',
    statements: [
      {
        effect: 'Allow',
        actions: ['sts:AssumeRole'],
        principals: { ram: [], service: ['ecs.aliyuncs.com'], federated: [] },
      },
    ],
  });

function policySteps({ policy, tags }: WantedSide, observed: ObservedSide): readonly GranteeStep[] {
  const { name, document } = policy;
  if (observed.policy === undefined) return [{ kind: 'createPolicy', policy: name, document, tags }];
  // RAM may give a document back in other white space than it was given.
  return sayTheSame(observed.policy.document, document)
    ? []
    : [{ kind: 'setPolicyDocument', policy: name, document }];
}

function userSteps(
  user: ManagedUser,
  { policy, tags }: WantedSide,
  observed: ObservedSide,
  known: KnownSide,
): readonly GranteeStep[] {
  const name = user.logonName;
  const there = observed.users.get(name);
  const attach: readonly GranteeStep[] =
    there !== undefined && holds(there, policy.name)
      ? []
      : [{ kind: 'attach', principal: { type: 'user', name }, policy: policy.name }];
  if (isExisting(user)) return attach;
  if (there === undefined) {
    const displayName = user.displayName ?? name.slice(0, MAX_DISPLAY_NAME);
    return [
      { kind: 'createUser', user: name, displayName, tags: { ...user.tags, ...tags } },
      ...credentialSteps(user),
      ...attach,
    ];
  }
  // Another contract made it, and handed over what it logs on with.
  if (!carries(there, tags)) return attach;
  const { isHandedOver } = known.users.get(name) ?? UNKNOWN;
  return isHandedOver ? attach : [...discardSteps(name, there), ...credentialSteps(user), ...attach];
}

const credentialSteps = ({ logonName: user, access }: CreatedUser): readonly GranteeStep[] => [
  ...(access === 'programmatic' ? [] : [{ kind: 'createLogin', user } as const]),
  ...(access === 'console' ? [] : [{ kind: 'createKey', user } as const]),
];

/** What was made for a user and has reached nobody. */
export const discardSteps = (
  user: string,
  { keys, login }: Pick<ObservedUser, 'keys' | 'login'>,
): readonly GranteeStep[] => [
  ...keys.map(({ id: keyId }) => ({ kind: 'deleteKey', user, keyId }) as const),
  ...(login === undefined ? [] : [{ kind: 'deleteLogin', user } as const]),
];

function roleSteps(
  role: ManagedRole,
  { policy, tags }: WantedSide,
  observed: ObservedSide,
): readonly GranteeStep[] {
  const there = observed.roles.get(role.name);
  const principal = { type: 'role', name: role.name } as const;
  return [
    ...(there === undefined && !isExisting(role)
      ? [{ kind: 'createRole', role: role.name, trust: ecsTrust(), tags } as const]
      : []),
    ...(there !== undefined && holds(there, policy.name)
      ? []
      : [{ kind: 'attach', principal, policy: policy.name } as const]),
  ];
}

function reasonsAgainst(wanted: WantedSide, observed: ObservedSide, known: KnownSide): readonly Reason[] {
  const missing = wanted.users.filter(
    (user) => !isExisting(user) && !observed.users.has(user.logonName),
  ).length;
  return [
    ...(observed.policy !== undefined && !carries(observed.policy, wanted.tags)
      ? [
          reason(
            'NOT_OURS',
            '',
            `the account has a policy ${wanted.policy.name} that this contract did not make; its administrator must look at it`,
          ),
        ]
      : []),
    ...(missing > observed.usersLeft
      ? [
          reason(
            'USER_QUOTA',
            '/users',
            `${missing} users are to be made, and the account takes ${observed.usersLeft} more`,
          ),
        ]
      : []),
    ...wanted.users.flatMap((user, index) =>
      userReasons(user, `/users/${index}`, wanted, observed, known.users.get(user.logonName) ?? UNKNOWN),
    ),
    ...wanted.roles.flatMap((role, index) =>
      roleReasons(role, `/roles/${index}`, wanted, observed, known.roles.get(role.name) ?? UNKNOWN),
    ),
  ];
}

const reason = (code: string, pointer: string, message: string): Reason => ({
  code,
  pointer: `/data/grantee/setup${pointer}`,
  message,
});

/** Which access mode such a user has is seen once it was handed over. */
const IN_THE_MAKING = 'USER_IN_THE_MAKING';
/** Whether it goes, or stays for whoever else claims it, is seen once that contract has let go of it. */
const LEAVING = 'LEAVING';

/**
 * What another contract makes or removes is waited for until that is done: what speaks against it then is said then.
 * @throws {TryLaterError} `CONFLICT`
 */
export function waitForOthers(plan: GranteePlan): void {
  const waits = plan.ok
    ? undefined
    : plan.reasons.find(({ code }) => code === IN_THE_MAKING || code === LEAVING);
  if (waits !== undefined) throw new TryLaterError('CONFLICT', waits.message);
}

function userReasons(
  user: ManagedUser,
  pointer: string,
  { tags }: WantedSide,
  observed: ObservedSide,
  known: KnownThing,
): readonly Reason[] {
  const name = user.logonName;
  const there = observed.users.get(name);
  const inOtherCase = aliasReasons(user, `user ${name}`, pointer, known);
  if (inOtherCase.length > 0) return inOtherCase;
  if (isExisting(user)) {
    return there === undefined
      ? [reason('USER_MISSING', pointer, `the account has no user ${name}; ask for one to be made instead`)]
      : stillLeaving(`user ${name}`, pointer, known);
  }
  if (there === undefined) return newUserReasons(user, pointer, observed);
  if (!isOurs(there, known, tags)) {
    return [
      leavingReason(`user ${name}`, pointer, known) ??
        reason(
          'USER_EXISTS',
          pointer,
          `the account has a user ${name} already; name it with "existing": true, and it is left as it is but for the policy`,
        ),
    ];
  }
  // Shared with the contract that made it: what it logs on with cannot be made a second time.
  if (carries(there, tags) || hasAccess(there, user.access)) return [];
  return [
    known.isHandedOver
      ? reason(
          'ACCESS_DIFFERS',
          `${pointer}/access`,
          `user ${name} was made by another contract with another access mode; make another user`,
        )
      : reason(
          IN_THE_MAKING,
          `${pointer}/access`,
          `user ${name} is being made by another contract, and what it logs on with was not handed over yet`,
        ),
  ];
}

/**
 * Who is in the way by a name that differs in case alone: where one of the two makes it, and RAM takes both for one, the end of one
 * would take from the other what it uses. What is set up already stays.
 */
const aliasReasons = (
  thing: ManagedUser | ManagedRole,
  what: string,
  pointer: string,
  { aliases, isOnRecord }: KnownThing,
): readonly Reason[] =>
  isOnRecord === true
    ? []
    : aliases
        .filter(({ isTheirOwn }) => !(isTheirOwn && isExisting(thing)))
        .slice(0, 1)
        .map(({ contractId, name }) =>
          reason(
            'NAME_IN_OTHER_CASE',
            pointer,
            `contract ${contractId} has ${name} set up, which RAM may take for ${what}: write the name as it is there, or take another`,
          ),
        );

const leavingReason = (what: string, pointer: string, { leaving }: KnownThing): Reason | undefined =>
  leaving === undefined
    ? undefined
    : reason(
        LEAVING,
        pointer,
        `${what} is being removed with contract ${leaving}, or left to whoever else uses it`,
      );

/** Of what is said to be the grantee's own: it may be ours all the same, and about to go with the contract that made it. */
const stillLeaving = (what: string, pointer: string, known: KnownThing): readonly Reason[] => {
  const leaving = leavingReason(what, pointer, known);
  return leaving === undefined ? [] : [leaving];
};

const hasAccess = ({ login, keys }: ObservedUser, access: CreatedUser['access']): boolean =>
  (access === 'programmatic' || login !== undefined) && (access === 'console' || keys.length > 0);

function newUserReasons(user: CreatedUser, pointer: string, observed: ObservedSide): readonly Reason[] {
  const principalName = `${user.logonName}@${observed.defaultDomain}`;
  const hindrance =
    user.access === 'programmatic' ? undefined : passwordHindrance(observed.passwordPolicy, user.logonName);
  return [
    ...(principalName.length > MAX_PRINCIPAL_NAME
      ? [
          reason(
            'LOGON_NAME_TOO_LONG',
            `${pointer}/logonName`,
            `with the domain of the account the logon name has ${principalName.length} characters; ${MAX_PRINCIPAL_NAME} are the most`,
          ),
        ]
      : []),
    ...(hindrance === undefined
      ? []
      : [
          reason(
            'PASSWORD_POLICY',
            `${pointer}/access`,
            `no password meets the account's password policy: ${hindrance}`,
          ),
        ]),
  ];
}

function roleReasons(
  role: ManagedRole,
  pointer: string,
  { tags }: WantedSide,
  observed: ObservedSide,
  known: KnownThing,
): readonly Reason[] {
  const there = observed.roles.get(role.name);
  const inOtherCase = aliasReasons(role, `role ${role.name}`, pointer, known);
  if (inOtherCase.length > 0) return inOtherCase;
  if (isExisting(role)) {
    return there === undefined
      ? [reason('ROLE_MISSING', pointer, `the account has no role ${role.name}`)]
      : stillLeaving(`role ${role.name}`, pointer, known);
  }
  return there === undefined || isOurs(there, known, tags)
    ? []
    : [
        leavingReason(`role ${role.name}`, pointer, known) ??
          reason(
            'ROLE_EXISTS',
            pointer,
            `the account has a role ${role.name} already; name it with "existing": true`,
          ),
      ];
}
