/** Whom Leasehold sets up in a grantee's account, in plain words. Pure. */
import { isExisting, type ManagedRole, type ManagedSetup, type ManagedUser } from '../../domain/request.js';

const ACCESS = {
  console: 'a console logon with a password',
  programmatic: 'an AccessKey',
  both: 'a console logon with a password, and an AccessKey',
} as const;

/** Each on a line. For people: two that differ may still read alike. */
export const describeSetup = ({ users, roles }: Pick<ManagedSetup, 'users' | 'roles'>): readonly string[] => [
  ...users.map(describeUser),
  ...roles.map(describeRole),
];

function describeUser(user: ManagedUser): string {
  if (isExisting(user)) return `user ${user.logonName} of the grantee's own is given the policy to enter`;
  const { logonName, displayName, access, tags = {} } = user;
  const extras = [
    ...(displayName === undefined ? [] : [`shown as ${displayName}`]),
    ...Object.entries(tags).map(([key, value]) => `tagged ${key}=${value}`),
  ];
  return [`user ${logonName} is made, with ${ACCESS[access]}`, ...extras].join(', ');
}

const describeRole = (role: ManagedRole): string =>
  isExisting(role)
    ? `role ${role.name} of the grantee's own is given the policy to enter`
    : `role ${role.name} is made, for ECS instances to take on`;
