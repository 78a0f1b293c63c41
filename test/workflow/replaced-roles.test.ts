import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoleName } from '../../shared/domain/values.js';
import { amend, enterAs, resume, suspend, using } from '../support/changes.js';
import { HOUR, roleOf } from '../support/drift-stage.js';
import { kafkaGrant } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  const rule = { maxLeaseSeconds: 31_622_400, allowUnavoidablyWider: true, allowSystemPolicies: true };
  world = await startWorld({
    runner: 'in-process',
    env: { LEASEHOLD_AUTO_APPROVAL: JSON.stringify(rule) },
  });
}, 60_000);
afterAll(() => world.cloud.close());

const ram = (action: string, params: Readonly<Record<string, string>>) =>
  world.asOwner('2015-05-01', action, params);
const document = (action: string) =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const TRUSTS_ECS = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } }],
});
const onIt = async (id: string) =>
  (await world.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name).sort();

async function granted(id: string, changes: Parameters<World['onboard']>[1] = {}): Promise<RoleName> {
  await world.onboard(id, changes);
  await world.hear(id, 'granted');
  await world.settle();
  return roleOf(id);
}

/** Somebody deletes the contract's role, and makes one of his own of its name, with policies of his own. */
async function replaced(id: string, policies: readonly string[]): Promise<string> {
  const RoleName = await granted(id);
  await ram('DetachPolicyFromRole', { PolicyType: 'Custom', PolicyName: `${RoleName}-1`, RoleName });
  await ram('DeleteRole', { RoleName });
  await ram('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUSTS_ECS });
  for (const PolicyName of policies) {
    await ram('CreatePolicy', { PolicyName, PolicyDocument: document('oss:*') });
    await ram('AttachPolicyToRole', { PolicyType: 'Custom', PolicyName, RoleName });
  }
  return RoleName;
}

describe('a role that somebody made in the place of ours', () => {
  it('has all of its policies after the end, and no other, also if it is full', async () => {
    const own = Array.from({ length: 10 }, (_, index) => `full-${index}`);
    const role = await replaced('F-full', own);
    await world.terminate('F-full');
    const { data } = await world.hear('F-full', 'revoked');
    expect(await onIt('F-full')).toEqual(own);
    expect(data['foreign']).toEqual([`role ${role}`]);
  });

  it('is not stopped for good by the end, nor by a suspension', async () => {
    await replaced('F-few', ['few-1']);
    await suspend(world, 'F-few', 'incident');
    const { data } = await world.hear('F-few', 'suspended');
    expect(data['witness']).toContain('one that somebody made in its place is as it was');
    expect(await onIt('F-few')).toEqual(['few-1']);
    await world.terminate('F-few');
    await world.hear('F-few', 'revoked');
    expect(await onIt('F-few')).toEqual(['few-1']);
  });

  it('keeps its policies where the account has no stop to put on', async () => {
    await replaced('F-bare', ['bare-1', 'bare-2']);
    await ram('DeletePolicy', { PolicyName: 'leasehold-ended' });
    await world.terminate('F-bare');
    await world.hear('F-bare', 'revoked');
    expect(await onIt('F-bare')).toEqual(['bare-1', 'bare-2']);
    await ram('CreatePolicy', {
      PolicyName: 'leasehold-ended',
      PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
    });
  });

  it('holds up the end as long as it has a policy of the contract, which is told', async () => {
    const RoleName = await replaced('F-ours', []);
    const policy = { PolicyType: 'Custom', PolicyName: `${RoleName}-1`, RoleName };
    await ram('AttachPolicyToRole', policy);
    await world.terminate('F-ours');
    const { data } = await world.hear('F-ours', 'failed');
    expect(data['reason']).toContain(`was given to role ${RoleName} by hand`);
    await ram('DetachPolicyFromRole', policy);
    await world.hear('F-ours', 'revoked');
  });
});

describe('a role that somebody made in the place of ours, and that lets the partner in', () => {
  /** As ours was, but for our own way in, and with those of its policies that are of `type`. */
  async function copied(
    id: string,
    type: 'Custom' | 'System',
    changes: Parameters<World['onboard']>[1] = {},
  ): Promise<string> {
    const RoleName = await granted(id, changes);
    const trust = JSON.parse((await world.ram().observeRole(RoleName))?.trust ?? '{}');
    const attached = (await world.ram().attachmentsOf(RoleName)).map(({ policy }) => ({
      PolicyType: policy.type,
      PolicyName: policy.name,
      RoleName,
    }));
    for (const policy of attached) await ram('DetachPolicyFromRole', policy);
    await ram('DeleteRole', { RoleName });
    const Statement = trust.Statement.filter((one: object) => !JSON.stringify(one).includes('leasehold-fn'));
    const AssumeRolePolicyDocument = JSON.stringify({ ...trust, Statement });
    await ram('CreateRole', { RoleName, AssumeRolePolicyDocument });
    for (const policy of attached) if (policy.PolicyType === type) await ram('AttachPolicyToRole', policy);
    return RoleName;
  }
  const byPartner = async (id: string) => using(world, await enterAs(world, id), kafkaGrant);

  it('is stopped by a suspension and by the end, and has the stop after it', async () => {
    const RoleName = await copied('C-own', 'Custom');
    expect(await byPartner('C-own')).toBe('allowed');
    await suspend(world, 'C-own', 'incident');
    await world.hear('C-own', 'suspended', 'failed');
    expect(await byPartner('C-own')).toBe('denied');
    await world.terminate('C-own');
    await world.hear('C-own', 'failed');
    const policy = { PolicyType: 'Custom', PolicyName: `${RoleName}-1`, RoleName };
    await ram('DetachPolicyFromRole', policy);
    await world.hear('C-own', 'revoked');
    expect(await onIt('C-own')).toContain('leasehold-ended');
  });

  it('is stopped with a policy of the vendor’s too', async () => {
    await copied('C-vendor', 'System', { grants: [{ systemPolicy: 'AliyunSLBReadOnlyAccess' }] });
    await world.terminate('C-vendor');
    await world.hear('C-vendor', 'revoked');
    expect(await onIt('C-vendor')).toEqual(['AliyunSLBReadOnlyAccess', 'leasehold-ended']);
  });
});

describe('a role of somebody’s own in the place of ours', () => {
  it('has no stop of a suspension that could not be lifted', async () => {
    const RoleName = await granted('S-own');
    await suspend(world, 'S-own', 'incident');
    await world.hear('S-own', 'suspended');
    await world.calm();
    for (const { policy } of await world.ram().attachmentsOf(RoleName))
      await ram('DetachPolicyFromRole', { PolicyType: policy.type, PolicyName: policy.name, RoleName });
    await ram('DeleteRole', { RoleName });
    await ram('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUSTS_ECS });
    await resume(world, 'S-own', 'incident');
    await world.hear('S-own', 'failed');
    await world.calm();
    expect(await onIt('S-own')).toEqual([]);
  });

  it('has no stop of a later look at a contract that has ended', async () => {
    const name = `${await granted('S-late')}-1`;
    const document = (await world.ram().readPolicy({ type: 'Custom', name })) ?? '';
    const tags = await world.ram().tagsOfPolicy(name);
    await world.terminate('S-late');
    await world.hear('S-late', 'revoked');
    await world.calm();
    await ram('CreateRole', { RoleName: roleOf('S-late'), AssumeRolePolicyDocument: TRUSTS_ECS });
    // As if it were applied late.
    await world.ram().createPolicy({ name, document, description: 'late', tags });
    await world.clock.advance(26 * HOUR);
    await world.calm();
    expect(await onIt('S-late')).toEqual([]);
    expect(await world.ram().readPolicy({ type: 'Custom', name })).toBeUndefined();
  });
});

describe('a role of ours whose tags somebody took away', () => {
  const untag = (type: 'role' | 'policy', name: string) =>
    ram('UntagResources', {
      ResourceType: type,
      'ResourceNames.1': name,
      'TagKeys.1': 'leasehold-contract',
      'TagKeys.2': 'leasehold-nonce',
    });

  it('ends like any other: the register has its id', async () => {
    const role = await granted('U-role');
    await untag('role', role);
    await world.terminate('U-role');
    const { data } = await world.hear('U-role', 'revoked', 'failed');
    expect(data).toMatchObject({
      tokenDeath: expect.stringContaining('a live token was refused'),
      foreign: [],
    });
    expect(await world.roles()).not.toContain(role);
  });

  it('ends, and a policy that says no more whose it is stays and is told', async () => {
    const role = await granted('U-both');
    await untag('role', role);
    await untag('policy', `${role}-1`);
    await world.terminate('U-both');
    const { data } = await world.hear('U-both', 'revoked', 'failed');
    expect(data).toMatchObject({ foreign: [`policy ${role}-1`] });
    expect(await world.roles()).not.toContain(role);
  });
});

describe('a policy of a contract that somebody deleted and made again by hand', () => {
  it('comes off the role where an amendment cannot use it, which fails, and leaves nothing at work', async () => {
    const RoleName = await granted('P-again');
    const policy = { PolicyType: 'Custom', PolicyName: `${RoleName}-1`, RoleName };
    await ram('DetachPolicyFromRole', policy);
    await ram('DeletePolicy', { PolicyName: `${RoleName}-1` });
    await ram('CreatePolicy', { PolicyName: `${RoleName}-1`, PolicyDocument: document('alikafka:*') });
    await ram('AttachPolicyToRole', policy);
    await amend(world, 'P-again', { revision: 1, grants: [{ ...kafkaGrant, access: 'full' }] as never });
    const { data } = await world.hear('P-again', 'failed');
    expect(data).toMatchObject({ withdrawn: true });
    expect(await onIt('P-again')).toEqual([]);
    expect((await world.contract('P-again')).amendment).toBeUndefined();
    await world.clock.advance(HOUR);
    await world.calm();
    const told = await world.hear('P-again', 'drift-found');
    expect(JSON.stringify(told.data['findings'])).toContain(`${RoleName}-1`);
  });
});
