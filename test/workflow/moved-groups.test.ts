import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowedPairs } from '../../shared/app/plan/compare-plans.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import type { Grant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { sampleSeed, withResources } from '../../shared/loopback/products/seed.js';
import { amend, enterAs, using } from '../support/changes.js';
import { OWNER, REGION, request } from '../support/requests.js';
import { LETS_ALL_THROUGH } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

const read = {
  service: 'rocketmq',
  series: '5.x',
  access: 'read',
  region: REGION,
  instanceId: 'rmq-cn-g1',
  topics: ['orders'],
  groups: ['GID_globex'],
  resourceGroupId: 'rg-partners',
} as const;
const operate = { ...read, access: 'operate' } as const;
const elsewhere = { ...read, instanceId: 'rmq-cn-g2', resourceGroupId: 'rg-others' };

let world: World;
beforeAll(async () => {
  world = await startWorld({
    runner: 'in-process',
    env: LETS_ALL_THROUGH,
    seed: withResources(sampleSeed(OWNER), OWNER, [operate, elsewhere]),
  });
});
afterAll(() => world?.cloud.close());

describe('an amendment that moves a contract from one resource group to another', () => {
  const id = 'G-moves';
  const role = roleNameOf(parseContractId(id));
  /** What the role's policies allow, each in the place that it hangs in. */
  const givenNow = async (): Promise<readonly string[]> => {
    const ram = world.ram();
    const attached = await ram.attachmentsOf(role);
    const given = await Promise.all(
      attached.map(async ({ policy, resourceGroupId: group }) => {
        const probingText = (await ram.readPolicy(policy)) ?? '';
        return allowedPairs({ probingText, ...(group === undefined ? {} : { resourceGroupId: group }) });
      }),
    );
    return given.flat().map((pair) => JSON.stringify(pair));
  };
  const plannedFor = (grant: Grant) =>
    planAccess(request({ contractId: parseContractId(id), grants: [grant] }), OWNER)
      .policies.flatMap(allowedPairs)
      .map((pair) => JSON.stringify(pair));

  it('gives at no moment in the one what was granted in the other', async () => {
    await world.onboard(id, { grants: [operate] });
    await world.hear(id, 'granted', 'failed', 'rejected');
    const session = await enterAs(world, id);
    const moments: (readonly string[])[] = [];
    const undo = world.cloud.cloud.faults.add({
      before: async ({ product, callerArn }) => {
        const isChange = /^(?:Ram|ResourceManager)$/.test(product) && callerArn?.includes('amend-access');
        if (isChange) moments.push(await givenNow());
        return undefined;
      },
    });
    const before = world.cloud.calls.length;
    await amend(world, id, { revision: 1, grants: [elsewhere] });
    const heard = await world.hear(id, 'amended', 'failed', 'rejected');
    undo();
    expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.amended', undefined]);
    const either = new Set([...plannedFor(operate), ...plannedFor(elsewhere)]);
    expect(moments.length).toBeGreaterThan(3);
    expect(moments.flat().filter((pair) => !either.has(pair))).toEqual([]);
    expect(world.ramWrites(before)).toEqual(['DetachPolicy', 'CreatePolicyVersion', 'AttachPolicy']);
    expect(await givenNow()).toEqual(plannedFor(elsewhere));
    expect(await using(world, session, elsewhere)).toBe('allowed');
    expect(await using(world, session, read)).toBe('denied');
  });
});
