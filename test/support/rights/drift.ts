/** What somebody does to roles, policies, stops and the index by hand. */
import { expect } from 'vitest';
import { suspend } from '../changes.js';
import { addEve, WIDE } from '../drift-stage.js';
import { OWNER, PARTNER } from '../requests.js';
import { ended, granted, healed, hour, indexOf, makeBeside, ram, roleOf, type Scenario } from './steps.js';

export const driftScenarios: Readonly<Record<string, Scenario>> = {
  'drift of a role, its policies and tags, healed': async (world, id) => {
    await granted(world, id);
    const role = await world.ram().observeRole(roleOf(id));
    await world.ram().setTrust(roleOf(id), addEve(role?.trust ?? ''));
    await world.ram().setPolicyDocument(`${roleOf(id)}-1`, WIDE);
    await ram(world, 'UntagResources', {
      ResourceType: 'role',
      ResourceNames: JSON.stringify([roleOf(id)]),
      TagKeys: '["leasehold-contract"]',
    });
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AdministratorAccess',
      RoleName: roleOf(id),
    });
    await healed(world, id, 'TRUST_CHANGED', 'POLICY_CHANGED', 'TAGS_LOST', 'FOREIGN_POLICY');
  },
  'drift of a policy that is gone, and of one too many, healed': async (world, id) => {
    await granted(world, id);
    const [policy, extra] = [`${roleOf(id)}-1`, `${roleOf(id)}-7`];
    await makeBeside(world, policy, extra);
    await ram(world, 'AttachPolicyToRole', { PolicyType: 'Custom', PolicyName: extra, RoleName: roleOf(id) });
    await ram(world, 'DetachPolicyFromRole', {
      PolicyType: 'Custom',
      PolicyName: policy,
      RoleName: roleOf(id),
    });
    await ram(world, 'DeletePolicy', { PolicyName: policy });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect(await world.ram().readPolicy({ type: 'Custom', name: extra })).toBeUndefined();
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toEqual([policy]);
  },
  'drift in a resource group, healed': async (world, id) => {
    await granted(world, id);
    await world.asOwner('2020-03-31', 'AttachPolicy', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      PrincipalType: 'ServiceRole',
      PrincipalName: `${roleOf(id)}@role.${OWNER}.onaliyunservice.com`,
      ResourceGroupId: 'rg-one',
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toEqual([
      `${roleOf(id)}-1`,
    ]);
  },
  'a stop that was taken off a suspended contract, put on again': async (world, id) => {
    await granted(world, id);
    await suspend(world, id, `s-${id}`);
    await world.hear(id, 'suspended');
    await ram(world, 'DetachPolicyFromRole', {
      PolicyType: 'Custom',
      PolicyName: 'leasehold-suspended',
      RoleName: roleOf(id),
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toContain(
      'leasehold-suspended',
    );
  },
  'a role that looks like ours and is nobody’s': async (world, id) => {
    await ram(world, 'CreateRole', {
      RoleName: `lease-${id.toLowerCase()}`,
      AssumeRolePolicyDocument: TRUST_NOBODY,
    });
    await ram(world, 'CreatePolicy', { PolicyName: `lease-${id.toLowerCase()}-1`, PolicyDocument: WIDE });
    const before = world.outbox.heard.length;
    await hour(world);
    await hour(world);
    const told = world.outbox.heard.slice(before).filter(({ type }) => type.endsWith('drift-found'));
    expect(JSON.stringify(told)).toContain(`lease-${id.toLowerCase()}`);
  },
  'a foreign policy on a role at its end': async (world, id) => {
    await granted(world, id);
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      RoleName: roleOf(id),
    });
    await ended(world, id);
  },
  'a policy of the contract that somebody else was given, which keeps up its end until he loses it': async (
    world,
    id,
  ) => {
    await granted(world, id);
    const [PolicyName = ''] = (await world.contract(id)).created?.policies ?? [];
    const given = { PolicyType: 'Custom', PolicyName, UserName: `bob-${id}` };
    await ram(world, 'CreateUser', { UserName: given.UserName });
    await ram(world, 'AttachPolicyToUser', given);
    await world.terminate(id);
    const { data } = await world.hear(id, 'failed');
    expect(data).toMatchObject({
      step: 'RemoveAccess',
      code: 'BrokenPromiseError',
      reason: expect.stringContaining(`${PolicyName} was given to user ${given.UserName} by hand`),
    });
    expect(await world.roles()).not.toContain(roleOf(id));
    await ram(world, 'DetachPolicyFromUser', given);
    await world.hear(id, 'revoked');
  },
  'a stop that somebody has edited': async (world, id) => {
    await granted(world, id);
    const PolicyName = 'leasehold-ended';
    const PolicyDocument = DENY_LITTLE;
    const { PolicyVersion } = (await ram(world, 'CreatePolicyVersion', {
      PolicyName,
      PolicyDocument,
      SetAsDefault: 'true',
    })) as { readonly PolicyVersion: { readonly VersionId: string } };
    expect((await ended(world, id))['witness']).toContain('was edited');
    await ram(world, 'SetDefaultPolicyVersion', { PolicyName, VersionId: 'v1' });
    await ram(world, 'DeletePolicyVersion', { PolicyName, VersionId: PolicyVersion.VersionId });
  },
  'a contract whose facts were deleted, stopped all the same': async (world, id) => {
    await granted(world, id);
    const bucket = world.cloud.config.evidenceBucket;
    for (const key of world.objectKeys(bucket, `contracts/${id}/`)) world.cloud.objectsOf(bucket).delete(key);
    await world.terminate(id);
    expect((await world.hear(id, 'failed')).data['reason']).toContain('facts were deleted');
    const RoleName = roleOf(id);
    for (const { policy } of await world.ram().attachmentsOf(RoleName))
      await ram(world, 'DetachPolicyFromRole', {
        PolicyType: policy.type,
        PolicyName: policy.name,
        RoleName,
      });
    await ram(world, 'DeleteRole', { RoleName });
    await world.hear(id, 'revoked');
  },
  'an index entry that was lost, made again': async (world, id) => {
    await granted(world, id);
    const index = indexOf(world);
    const key = `grantees/${PARTNER}/${id}`;
    await index.remove(key);
    await hour(world);
    expect(await index.list(key, 1)).toEqual([key]);
  },
};

/** Where a contract is suspended for it. */
export const scenariosOfSuspending: Readonly<Record<string, Scenario>> = {
  'drift that suspends a contract': async (world, id) => {
    await granted(world, id);
    await ram(world, 'AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AliyunOSSReadOnlyAccess',
      RoleName: roleOf(id),
    });
    await hour(world);
    await world.hear(id, 'drift-found');
    expect((await world.contract(id)).state).toBe('suspended');
    expect((await world.ram().attachmentsOf(roleOf(id))).map((one) => one.policy.name)).toContain(
      'leasehold-suspended',
    );
  },
};

const DENY_LITTLE = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Deny', Action: 'oss:*', Resource: '*' }],
});
const TRUST_NOBODY = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['nobody.aliyuncs.com'] } }],
});
