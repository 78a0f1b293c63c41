/** Whether the grantee's side can be set up as a request asks: every reason against it at once, before any effect. Pure. */
import { canonicalJson } from '../../domain/canonical-json.js';
import { type Reason, reason } from '../../domain/fact.js';
import { isLineOfText } from '../../domain/line-of-text.js';
import { publicKeyIssues } from '../../domain/public-key.js';
import {
  type Accessor,
  isExisting,
  type ManagedRole,
  type ManagedSetup,
  type ManagedUser,
  type OnboardingRequest,
} from '../../domain/request.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { isSameName } from './same-name.js';

/** Tag keys that Leasehold, and the vendor, write themselves. */
const RESERVED_TAG = /^(?:leasehold-|aliyun|acs:)/i;

export function setupReasons({ grantee }: OnboardingRequest): readonly Reason[] {
  const { publicKey, setup } = grantee;
  const keyReasons = (publicKey === undefined ? [] : publicKeyIssues(publicKey)).map((issue) =>
    reason(issue.code, `/data/grantee/publicKey${issue.pointer}`, issue.message),
  );
  return setup.mode === 'managed' ? [...keyReasons, ...managedReasons(setup, grantee)] : keyReasons;
}

const at = (list: 'users' | 'roles', index: number): string => `/data/grantee/setup/${list}/${index}`;

function managedReasons(
  { users, roles }: ManagedSetup,
  { accessors, publicKey }: OnboardingRequest['grantee'],
): readonly Reason[] {
  const names = [
    ['users', users.map(({ logonName }) => logonName)],
    ['roles', roles.map(({ name }) => name)],
  ] as const;
  return [
    ...(users.length + roles.length === 0
      ? [reason('NOBODY_TO_SET_UP', '/data/grantee/setup', 'a managed setup names users or roles')]
      : []),
    // Both are secrets, and a secret leaves sealed or not at all.
    ...(publicKey === undefined && !users.every(isExisting)
      ? [
          reason(
            'KEY_MISSING',
            '/data/grantee/publicKey',
            'users with a password or an AccessKey need a public key that these are sealed to',
          ),
        ]
      : []),
    ...names.flatMap(([list, all]) => twiceReasons(list, all)),
    ...names.flatMap(([list, all]) => dotReasons(list, all)),
    ...users.flatMap((user, index) => [
      ...userReasons(user, at('users', index)),
      ...admissionOf(user, accessors, at('users', index)),
    ]),
    ...roles.flatMap((role, index) => roleAdmission(role, accessors, at('roles', index))),
    ...accessors.flatMap((accessor, index) => orphanReasons(accessor, { users, roles }, index)),
  ];
}

/** Whoever was set up keeps what it was set up with; otherwise it leaves with one amendment and comes back with another. */
export function setupChangeReasons(
  before: Pick<AccessPlan, 'setup'>,
  { setup: after }: Pick<AccessPlan, 'setup'>,
): readonly Reason[] {
  const { users = [], roles = [] } = before.setup ?? {};
  const changed = (list: 'users' | 'roles', index: number, name: string): Reason =>
    reason(
      'SETUP_CHANGED',
      at(list, index),
      `${name} was set up otherwise: leave it out in one amendment, and name it as it shall be in the next`,
    );
  const isOther = (now: unknown, was: unknown) =>
    was !== undefined && canonicalJson(now) !== canonicalJson(was);
  return [
    ...(after?.users ?? []).flatMap((user, index) => {
      const was = users.find(({ logonName }) => isSameName(logonName, user.logonName));
      return isOther(user, was) ? [changed('users', index, user.logonName)] : [];
    }),
    ...(after?.roles ?? []).flatMap((role, index) => {
      const was = roles.find(({ name }) => isSameName(name, role.name));
      return isOther(role, was) ? [changed('roles', index, role.name)] : [];
    }),
  ];
}

/** Two that differ in case alone are a mistake, whether RAM tells them apart or not. */
const twiceReasons = (list: 'users' | 'roles', names: readonly string[]): readonly Reason[] =>
  names.flatMap((name, index) =>
    names.findIndex((other) => isSameName(other, name)) < index
      ? [reason('NAME_TWICE', at(list, index), `${name} is there twice`)]
      : [],
  );

/** Such a name leads elsewhere in the key that claims it, so nobody could be set up under it, nor be let go at the end. */
const dotReasons = (list: 'users' | 'roles', names: readonly string[]): readonly Reason[] =>
  names.flatMap((name, index) =>
    /^\.+$/.test(name) ? [reason('BAD_NAME', at(list, index), 'a name is not of dots alone')] : [],
  );

function userReasons(user: ManagedUser, pointer: string): readonly Reason[] {
  if (isExisting(user)) return [];
  return [
    ...(user.access === 'both' && user.acceptsBothAccessModes !== true
      ? [
          reason(
            'BOTH_ACCESS_MODES',
            `${pointer}/access`,
            'a user logs on at the console or signs with an AccessKey; make two users, or add "acceptsBothAccessModes": true',
          ),
        ]
      : []),
    ...(user.acceptsBothAccessModes === true && user.access !== 'both'
      ? [reason('USELESS_FIELD', `${pointer}/acceptsBothAccessModes`, 'goes with "access": "both" only')]
      : []),
    ...Object.keys(user.tags ?? {})
      .filter((key) => !isLineOfText(key) || RESERVED_TAG.test(key))
      .map(() =>
        reason(
          'BAD_TAG',
          `${pointer}/tags`,
          'a tag key has 1 to 128 characters, none of them a control, and begins with neither leasehold-, aliyun nor acs:',
        ),
      ),
  ];
}

/** Each way a user is set up to enter by must be one by which A's role lets that user in. */
function admissionOf(user: ManagedUser, accessors: readonly Accessor[], pointer: string): readonly Reason[] {
  const own = accessors.filter(({ type, name }) => type === 'user' && name === user.logonName);
  if (isExisting(user))
    return accessors.length === 0 || own.length > 0 ? [] : [notAdmitted(user.logonName, pointer)];
  return waysOf(user.access)
    .filter((via) => !own.some((accessor) => accessor.via === via))
    .flatMap((via) => {
      if (via === 'console') {
        return [
          reason(
            'USER_NOT_ADMITTED',
            pointer,
            `a console logon can send no ExternalId, so the role must name ${user.logonName}: add the accessor {"type": "user", "name": "${user.logonName}", "via": "console"}`,
          ),
        ];
      }
      return accessors.length === 0 ? [] : [notAdmitted(user.logonName, pointer)];
    });
}

const waysOf = (access: 'console' | 'programmatic' | 'both'): readonly Accessor['via'][] =>
  access === 'both' ? ['console', 'api'] : access === 'console' ? ['console'] : ['api'];

const notAdmitted = (name: string, pointer: string): Reason =>
  reason(
    'USER_NOT_ADMITTED',
    pointer,
    `${name} would be set up, but is not among the accessors that the role lets in by API`,
  );

const roleAdmission = (
  { name }: ManagedRole,
  accessors: readonly Accessor[],
  pointer: string,
): readonly Reason[] =>
  accessors.length === 0 || accessors.some((accessor) => accessor.type === 'role' && accessor.name === name)
    ? []
    : [notAdmitted(name, pointer)];

/** Whom the role lets in and nobody sets up could not enter: the policy on the grantee's side would be missing. */
function orphanReasons(
  { type, name }: Accessor,
  { users, roles }: Pick<ManagedSetup, 'users' | 'roles'>,
  index: number,
): readonly Reason[] {
  const isSetUp =
    type === 'user'
      ? users.some(({ logonName }) => logonName === name)
      : roles.some((role) => role.name === name);
  return isSetUp
    ? []
    : [
        reason(
          'ACCESSOR_NOT_SET_UP',
          `/data/grantee/accessors/${index}`,
          `${type} ${name} is let in, but not set up: name it in the setup, with "existing": true where it is the grantee's own`,
        ),
      ];
}
