import { DeleteRoleRequest, ListPoliciesForRoleRequest } from '@alicloud/ram20150501';
import {
  AttachPolicyRequest,
  CreateResourceGroupRequest,
  DetachPolicyRequest,
  GetResourceGroupRequest,
  ListPolicyAttachmentsRequest,
  ListResourceGroupsRequest,
} from '@alicloud/resourcemanager20200331';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  codeOf,
  ownerId,
  partnerId,
  ramClient,
  resourceManagerClient,
  trusting,
} from './identity-clients.js';
import { assume, makeRole, startWorld, type World } from './identity-world.js';

const roleName = 'partner@role.enterprise-a.onaliyunservice.com';
const inGroup = {
  resourceGroupId: 'rg-orders',
  policyType: 'System',
  policyName: 'AliyunSLBReadOnlyAccess',
  principalType: 'ServiceRole',
  principalName: roleName,
};

let world: World;
let manager: ReturnType<typeof resourceManagerClient>;
beforeEach(async () => {
  world = await startWorld();
  world.running.accounts.createResourceGroup(ownerId, 'rg-orders');
  await makeRole(world, 'partner', trusting(`acs:ram::${partnerId}:root`), allow('ram:GetRole'));
  manager = resourceManagerClient(world.endpoint, world.admin);
});
afterEach(() => world.close());

const attach = (more = {}) => manager.attachPolicy(new AttachPolicyRequest({ ...inGroup, ...more }));
const attachments = async (filter = {}) =>
  (await manager.listPolicyAttachments(new ListPolicyAttachmentsRequest(filter))).body;

describe('a policy attached within a resource group', () => {
  it('shows in Resource Management, not in RAM, and can be undone once', async () => {
    await attach();
    const listed = await attachments({ principalType: 'ServiceRole', resourceGroupId: 'rg-orders' });
    expect(listed?.totalCount).toBe(1);
    expect(listed?.policyAttachments?.policyAttachment).toMatchObject([
      { policyName: 'AliyunSLBReadOnlyAccess', principalName: roleName, resourceGroupId: 'rg-orders' },
    ]);
    const ram = ramClient(world.endpoint, world.admin);
    const { body } = await ram.listPoliciesForRole(new ListPoliciesForRoleRequest({ roleName: 'partner' }));
    expect(body?.policies?.policy?.map(({ policyName }) => policyName)).toEqual(['partner-policy']);

    await manager.detachPolicy(new DetachPolicyRequest(inGroup));
    expect(await codeOf(manager.detachPolicy(new DetachPolicyRequest(inGroup)))).toBe(
      'EntityNotExist.Role.Policy',
    );
  });

  it('counts for resources of that group only', async () => {
    await attach();
    const session = await assume(world, world.alice, 'partner');
    const { identity } = world.running.cloud;
    const { caller } = identity.authenticate(session.accessKeyId, session.securityToken);
    const request = {
      action: 'slb:DescribeLoadBalancers',
      resource: `acs:slb:cn-hangzhou:${ownerId}:loadbalancer/lb-1`,
    };
    expect(identity.authorize(caller, { ...request, resourceGroupId: 'rg-orders' }).effect).toBe('allow');
    expect(identity.authorize(caller, { ...request, resourceGroupId: 'rg-other' }).effect).toBe('deny');
    expect(identity.authorize(caller, request).effect).toBe('deny');
  });

  it('keeps its role from being deleted', async () => {
    const ram = ramClient(world.endpoint, world.admin);
    await attach();
    await manager.detachPolicy(
      new DetachPolicyRequest({
        ...inGroup,
        resourceGroupId: ownerId,
        policyType: 'Custom',
        policyName: 'partner-policy',
      }),
    );
    expect(await codeOf(ram.deleteRole(new DeleteRoleRequest({ roleName: 'partner' })))).toBe(
      'DeleteConflict.Role.Policy',
    );
    await manager.detachPolicy(new DetachPolicyRequest(inGroup));
    expect(await codeOf(ram.deleteRole(new DeleteRoleRequest({ roleName: 'partner' })))).toBe('accepted');
  });

  it.each([
    ['in an unknown group', { resourceGroupId: 'rg-none' }, 'EntityNotExists.ResourceGroup'],
    ['that nobody knows', { policyName: 'AliyunNone' }, 'EntityNotExist.Policy'],
    [
      'to an unknown role',
      { principalName: 'none@role.enterprise-a.onaliyunservice.com' },
      'EntityNotExist.Role',
    ],
    [
      'to a role of another domain',
      { principalName: 'partner@role.other.onaliyunservice.com' },
      'EntityNotExist.Role',
    ],
    [
      'to a role under the account’s id, though it has an alias',
      { principalName: `partner@role.${ownerId}.onaliyunservice.com` },
      'EntityNotExist.Role',
    ],
    [
      'to a user under the account’s id, though it has an alias',
      { principalType: 'IMSUser', principalName: `admin@${ownerId}.onaliyun.com` },
      'EntityNotExist.User',
    ],
    ['to an odd principal', { principalType: 'Robot' }, 'InvalidParameter.PrincipalType'],
    ['without a policy type', { policyType: '' }, 'MissingPolicyType'],
  ])('%s is refused', async (_case, more, code) => {
    expect(await codeOf(attach(more))).toBe(code);
  });
});

describe('a list of attachments', () => {
  it('comes in numbered pages over both scopes', async () => {
    await attach();
    const first = await attachments({ pageSize: 1, principalName: roleName });
    const second = await attachments({ pageSize: 1, pageNumber: 2, principalName: roleName });
    expect([first?.totalCount, second?.totalCount]).toEqual([2, 2]);
    const groups = [first, second].map(
      (body) => body?.policyAttachments?.policyAttachment?.[0]?.resourceGroupId,
    );
    expect(groups).toEqual([ownerId, 'rg-orders']);
  });
});

describe('a resource group', () => {
  const create = (name: string, displayName = name) =>
    manager.createResourceGroup(new CreateResourceGroupRequest({ name, displayName }));
  const get = (resourceGroupId: string, as = manager) =>
    as.getResourceGroup(new GetResourceGroupRequest({ resourceGroupId }));

  it('is made, read by its id, and found by its name', async () => {
    const { body } = await create('orders-team', 'Orders');
    const made = body?.resourceGroup;
    expect(made).toMatchObject({ name: 'orders-team', accountId: ownerId, status: 'Creating' });
    expect(made?.id).toMatch(/^rg-[A-Za-z0-9]{15}$/);
    expect((await get(made?.id ?? '')).body?.resourceGroup).toMatchObject({
      displayName: 'Orders',
      status: 'OK',
    });
    const found = await manager.listResourceGroups(new ListResourceGroupsRequest({ name: 'orders-team' }));
    expect(found.body?.resourceGroups?.resourceGroup).toMatchObject([{ id: made?.id }]);
  });

  it('is not there for another account, whatever its id', async () => {
    const keys = world.running.accounts.createUser(partnerId, 'group-reader');
    expect(await codeOf(get('rg-orders', resourceManagerClient(world.endpoint, keys)))).toBe('NoPermission');
    expect(await codeOf(get('rg-none'))).toBe('EntityNotExists.ResourceGroup');
    const partner = world.running.accounts.rootOf(partnerId);
    await expect(
      world.running.cloud.call(
        partner,
        '2020-03-31',
        'GetResourceGroup',
        { ResourceGroupId: 'rg-orders' },
        'cn-hangzhou',
      ),
    ).rejects.toMatchObject({ code: 'EntityNotExists.ResourceGroup' });
  });

  it('has a name of its own, well formed, and there are at most 30', async () => {
    expect(await codeOf(create('1st'))).toBe('InvalidParameter.Name');
    expect(await codeOf(create('a'))).toBe('InvalidParameter.Name');
    expect(await codeOf(create('ok', 'x'.repeat(51)))).toBe('InvalidParameter.DisplayName');
    for (let number = 1; number < 30; number++) await create(`group-${number}`);
    expect(await codeOf(create('group-1'))).toBe('EntityAlreadyExists.ResourceGroup');
    expect(await codeOf(create('one-more'))).toBe('LimitExceeded.ResourceGroup');
    const page = await manager.listResourceGroups(
      new ListResourceGroupsRequest({ pageNumber: 3, pageSize: 14 }),
    );
    expect(page.body).toMatchObject({ totalCount: 30, pageNumber: 3, pageSize: 14 });
    expect(page.body?.resourceGroups?.resourceGroup).toHaveLength(2);
  });
});
