import { expect } from 'vitest';
import { provisioningExternalId } from '../../shared/app/grantee/provisioning.js';
import { provisioningDocuments } from '../../shared/app/grantee/provisioning-rights.js';
import { openHandOvers, readHandOver } from '../../shared/cli/open.js';
import { systemChance } from '../../shared/cloud/alibaba/system.js';
import type { Accessor, ManagedSetup, OnboardingRequest } from '../../shared/domain/request.js';
import { makeKeyPair } from './key-pairs.js';
import { PARTNER, request } from './requests.js';
import { startWorld, type World } from './world.js';

const { publicKey, privateKey } = makeKeyPair('x25519');

type Setup = Omit<ManagedSetup, 'mode'>;

/** A grantee who lets us set up whom `setup` names. */
export const managedGrantee = (
  setup: Partial<Setup>,
  accessors: readonly Accessor[] = [],
  key: OnboardingRequest['grantee']['publicKey'] = publicKey,
): OnboardingRequest['grantee'] => ({
  ...request().grantee,
  ...(key === undefined ? {} : { publicKey: key }),
  accessors,
  setup: { mode: 'managed', users: [], roles: [], ...setup },
});

/** What the partner is told to make, with the ExternalId that the register has for it. */
export const documentsFor = async (world: World) =>
  provisioningDocuments({
    accountId: PARTNER,
    functionRoleArn: world.cloud.config.settings.provisionerRoleArn,
    externalId: await provisioningExternalId(PARTNER, { evidence: world.evidence(), chance: systemChance }),
  });

export const letUsIn = async (world: World): Promise<void> =>
  world.partner.letUsIn(await documentsFor(world));

/** A world whose partner has let Leasehold in. */
export async function startManaged(): Promise<World> {
  const world = await startWorld({ runner: 'in-process' });
  await letUsIn(world);
  return world;
}

/**
 * As the partner, with the private half: every secret that an event about the contract brought, the last first. Of two events that cross
 * on the way the later in the register is the last.
 */
export async function secretsOf(world: World, contractId: string, kind = 'granted') {
  const anchorOf = ({ data }: { readonly data: Readonly<Record<string, unknown>> }) =>
    (data['register'] as { readonly seq: number }).seq;
  const parts = world.outbox.heard
    .filter(({ subject, type }) => subject === contractId && type.endsWith(`.${kind}`))
    .sort((left, right) => anchorOf(right) - anchorOf(left));
  return openHandOvers(
    parts.map(({ data }, index) => readHandOver({ file: `event ${index}`, text: JSON.stringify(data) })),
    JSON.stringify(privateKey),
  );
}

/** Logon names in the partner's account, without those that a test world has. */
export async function usersThere(world: World): Promise<readonly string[]> {
  const { Users } = (await there(world, '2015-05-01', 'ListUsers', {})) as {
    readonly Users: { readonly User: readonly { readonly UserName: string }[] };
  };
  return Users.User.map(({ UserName }) => UserName)
    .filter((name) => name !== 'operator')
    .sort();
}

/** A call of RAM or IMS as the partner's administrator. */
export const there = (
  world: World,
  version: '2015-05-01' | '2019-08-15',
  action: string,
  params: Readonly<Record<string, string>>,
): Promise<unknown> =>
  world.cloud.cloud.call(world.cloud.accounts.rootOf(PARTNER), version, action, params, 'cn-hangzhou');

/** Two users whom Leasehold may make. */
export const etl = { logonName: 'etl', access: 'programmatic' } as const;
export const bob = { logonName: 'bob', access: 'programmatic' } as const;
/** A user of the partner's, as IMS calls it. */
export const principal = (name: string) => `${name}@${PARTNER}.onaliyun.com`;

/** Has a contract granted whose grantee lets us set up whom `setup` names. */
export async function granted(world: World, id: string, setup: Partial<Setup>) {
  await world.onboard(id, { grantee: managedGrantee(setup) });
  const heard = await world.hear(id, 'granted', 'failed', 'rejected');
  expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
  return heard;
}

export async function ended(world: World, id: string) {
  await world.terminate(id);
  return world.hear(id, 'revoked');
}

/** What was told of drift. Two looks that are due at once tell one thing twice, under one id. */
export function driftToldOf(world: World, id: string) {
  const told = world.outbox.heard.filter(
    ({ subject, type }) => subject === id && type.endsWith('.drift-found'),
  );
  const byId = new Map(told.map((event) => [(event as unknown as { readonly id: string }).id, event.data]));
  return [...byId.values()];
}

/** Names of the policies that a user of the partner's holds. */
export async function policiesOf(world: World, name: string): Promise<readonly string[]> {
  const { Policies } = (await there(world, '2015-05-01', 'ListPoliciesForUser', { UserName: name })) as {
    readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
  };
  return Policies.Policy.map(({ PolicyName }) => PolicyName);
}

interface Key {
  readonly AccessKeyId: string;
  readonly Status: string;
}

/** Keys of a user of the partner's. */
export async function keysOf(world: World, name: string): Promise<readonly Key[]> {
  const { AccessKeys } = (await there(world, '2019-08-15', 'ListAccessKeys', {
    UserPrincipalName: principal(name),
  })) as { readonly AccessKeys: { readonly AccessKey: readonly Key[] } };
  return AccessKeys.AccessKey;
}

export const keyIdsOf = async (world: World, name: string) =>
  (await keysOf(world, name)).map(({ AccessKeyId }) => AccessKeyId);
