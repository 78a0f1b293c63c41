/** What scenarios are made of. */
import { expect } from 'vitest';
import { makeIndexPort } from '../../../shared/cloud/alibaba/oss.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { amend, hearNth } from '../changes.js';
import { WIDE } from '../drift-stage.js';
import { REGION, request } from '../requests.js';
import type { World } from '../world.js';

export type Scenario = (world: World, id: string) => Promise<void>;

export const { lease } = request();

export const roleOf = (id: string) => roleNameOf(parseContractId(id));

export const ram = (world: World, action: string, params: Readonly<Record<string, string>>) =>
  world.asOwner('2015-05-01', action, params);

export async function granted(world: World, id: string, changes: Parameters<World['onboard']>[1] = {}) {
  await world.onboard(id, changes);
  const heard = await world.hear(id, 'granted', 'failed', 'rejected', 'approval-needed');
  expect(heard.type).toBe('partner.access.granted');
  return heard.data;
}

export async function ended(world: World, id: string) {
  await world.terminate(id);
  const heard = await world.hear(id, 'revoked');
  expect(await world.roles()).not.toContain(roleOf(id));
  return heard.data;
}

export async function amended(world: World, id: string, changes: Parameters<typeof amend>[2]) {
  await amend(world, id, changes);
  const heard = await hearNth(world, id, 'amended', changes.revision);
  expect(heard.data).toMatchObject({ revision: changes.revision });
}

export const onBus = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;

/** One of the owner's that is in a resource group. */
export const IN_A_GROUP = {
  service: 'kafka',
  access: 'read',
  region: REGION,
  instanceId: 'alikafka_in-1',
  resourceGroupId: 'rg-one',
} as const;

export const indexOf = (world: World) =>
  makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);

export const hour = async (world: World): Promise<void> => {
  await world.clock.advance(3_600_000);
  await world.calm();
};

/** What was found to be otherwise than approved, at the next hour. */
export async function healed(world: World, id: string, ...codes: readonly string[]) {
  await hour(world);
  const { data } = await world.hear(id, 'drift-found');
  const found = (data['findings'] as readonly { readonly code: string }[]).map(({ code }) => code);
  expect(found.sort()).toEqual([...codes].sort());
  expect(data['action']).toBe('healed');
}

/** A policy that allows all, with the tags of the contract's own policy `like`, so that it passes for one of them. */
export const makeBeside = async (world: World, like: string, name: string): Promise<void> => {
  const tags = Object.entries(await world.ram().tagsOfPolicy(like)).map(([Key, Value]) => ({ Key, Value }));
  await ram(world, 'CreatePolicy', { PolicyName: name, PolicyDocument: WIDE, Tag: JSON.stringify(tags) });
};
