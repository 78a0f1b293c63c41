import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRamLists } from '../../../shared/cloud/alibaba/ram-lists.js';
import type { RamPort } from '../../../shared/cloud/ports.js';
import { allow, ownerId, partnerId, ramClient, trusting } from '../../loopback/identity-clients.js';
import { asOwner, type World } from '../../loopback/identity-world.js';
import { startRam } from './ram-world.js';

let world: World;
let ram: RamPort;
beforeAll(async () => {
  ({ world, ram } = await startRam());
});
afterAll(() => world.close());

const nameOf = (n: number) => `lease-${String(n).padStart(4, '0')}`;

describe('lists of RAM that are longer than a page', () => {
  it('are read to their end: policies', async () => {
    for (let n = 0; n < 1_234; n++)
      await asOwner(world.running, ownerId, 'CreatePolicy', {
        PolicyName: nameOf(n),
        PolicyDocument: allow('oss:GetObject'),
        ...(n % 10 === 0
          ? { Tag: `[{"Key":"leasehold-contract","Value":"C-${n}"},{"Key":"other","Value":"x"}]` }
          : {}),
      });
    const calls = world.running.calls.length;
    const names = await ram.listPolicies();
    expect(new Set(names)).toEqual(new Set(Array.from({ length: 1_234 }, (_, n) => nameOf(n))));
    expect(names).toHaveLength(1_234);
    expect(world.running.calls.slice(calls).filter(({ action }) => action === 'ListPolicies')).toHaveLength(
      2,
    );
  });

  it('are read to their end: tagged policies, each once and by that tag alone', async () => {
    const tagged = await ram.policiesTagged('leasehold-contract');
    expect(tagged).toHaveLength(124);
    expect(tagged).toContainEqual({ name: nameOf(120), value: 'C-120' });
  });

  it('are read to their end: roles, with their tags', async () => {
    for (let n = 0; n < 1_000; n++)
      await asOwner(world.running, ownerId, 'CreateRole', {
        RoleName: nameOf(n),
        AssumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:root`),
        Tag: `[{"Key":"leasehold-contract","Value":"C-${n}"}]`,
      });
    const calls = world.running.calls.length;
    // An account has room for 1,000 of them, which is a page: shorter ones are asked for.
    const roles = await makeRamLists(ramClient(world.endpoint, world.admin), 100).listRoles();
    expect(world.running.calls.slice(calls).filter(({ action }) => action === 'ListRoles')).toHaveLength(10);
    expect(await ram.listRoles()).toEqual(roles);
    expect(roles).toHaveLength(1_000);
    expect(roles).toContainEqual({ name: nameOf(7), tags: { 'leasehold-contract': 'C-7' } });
  });
});

describe('versions of a policy', () => {
  it('are told with their documents and which is the default one; none of a policy that is not there', async () => {
    await ram.setPolicyDocument(nameOf(1), allow('oss:PutObject'));
    expect(await ram.policyVersions(nameOf(1))).toEqual([
      { id: 'v1', isDefault: false, document: allow('oss:GetObject') },
      { id: 'v2', isDefault: true, document: allow('oss:PutObject') },
    ]);
    expect(await ram.policyVersions('lease-none')).toEqual([]);
  });
});
