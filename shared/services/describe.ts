/** One line about a grant, for a person. */
import type { AccessLevel, ResourceGrant } from '../domain/grant.js';

const VERBS: Readonly<Record<AccessLevel, string>> = {
  read: 'read',
  publish: 'publish to',
  subscribe: 'subscribe to',
  operate: 'operate',
  full: 'full access to',
};

/** `subscribe to RocketMQ 4.x instance x (cn-hangzhou), topics a, b`; lists that are not given are left out. */
export function describeAs(
  grant: ResourceGrant,
  what: string,
  lists: Readonly<Record<string, readonly string[] | undefined>> = {},
  note?: string,
): string {
  const named = Object.entries(lists).flatMap(([label, names]) =>
    names === undefined ? [] : [`${label} ${names.join(', ')}`],
  );
  return [
    `${VERBS[grant.access]} ${what} (${grant.region})`,
    ...named,
    ...(grant.resourceGroupId === undefined ? [] : [`within resource group ${grant.resourceGroupId}`]),
    ...(note === undefined ? [] : [note]),
  ].join(', ');
}

export const ACCOUNT_NOTE = 'by an account in its data plane, which ends only when Leasehold removes it';

/** Said of grants that need an account in a data plane. */
export const accountNote = ({ dataPlane }: { readonly dataPlane?: unknown }): string | undefined =>
  dataPlane === undefined ? undefined : ACCOUNT_NOTE;
