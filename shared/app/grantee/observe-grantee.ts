/** Looks at the part of a grantee's account that a contract is about. */
import type { GranteePort } from '../../cloud/ports.js';
import type { ObservedSide } from './side.js';

export interface WhatToLookAt {
  readonly policy: string;
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

/** One user after the other: seven reads each, and RAM answers a hundred a second. */
export async function observeGrantee(
  { policy, users, roles }: WhatToLookAt,
  account: GranteePort,
): Promise<ObservedSide> {
  const found = await account.observePolicy(policy);
  return {
    defaultDomain: await account.defaultDomain(),
    passwordPolicy: await account.passwordPolicy(),
    usersLeft: await account.usersLeft(),
    ...(found === undefined ? {} : { policy: found }),
    users: await mapOf(users, (name) => account.observeUser(name)),
    roles: await mapOf(roles, (name) => account.observeRole(name)),
  };
}

async function mapOf<T>(
  names: readonly string[],
  observe: (name: string) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for (const name of names) {
    const thing = await observe(name);
    if (thing !== undefined) found.set(name, thing);
  }
  return found;
}
