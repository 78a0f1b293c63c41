import {
  AttachPolicyToRoleRequest,
  AttachPolicyToUserRequest,
  CreatePolicyRequest,
  CreatePolicyVersionRequest,
  CreateRoleRequest,
  CreateRoleRequestTag,
  CreateUserRequest,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  DeleteRoleRequest,
  DetachPolicyFromRoleRequest,
  GetPolicyRequest,
  GetPolicyVersionRequest,
  GetRoleRequest,
  GetUserRequest,
  ListEntitiesForPolicyRequest,
  ListPoliciesForRoleRequest,
  ListPoliciesRequest,
  ListPolicyVersionsRequest,
  ListRolesRequest,
  ListRolesRequestTag,
  ListTagResourcesRequest,
  SetAccountAliasRequest,
  SetDefaultPolicyVersionRequest,
  TagResourcesRequest,
  TagResourcesRequestTag,
  UntagResourcesRequest,
  UpdateRoleRequest,
} from '@alicloud/ram20150501';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allow, codeOf, ownerId, partnerId, ramClient, trusting } from './identity-clients.js';
import { asOwner, assume, makeRole, startWorld, type World } from './identity-world.js';

const trustPartner = trusting(`acs:ram::${partnerId}:root`);

let world: World;
let ram: ReturnType<typeof ramClient>;
beforeEach(async () => {
  world = await startWorld();
  ram = ramClient(world.endpoint, world.admin);
});
afterEach(() => world.close());

const createRole = (roleName: string, more: Partial<CreateRoleRequest> = {}) =>
  ram.createRole(new CreateRoleRequest({ roleName, assumeRolePolicyDocument: trustPartner, ...more }));
const createPolicy = (policyName: string, policyDocument = allow('oss:GetObject')) =>
  ram.createPolicy(new CreatePolicyRequest({ policyName, policyDocument }));
const attach = (roleName: string, policyName: string, policyType = 'Custom') =>
  ram.attachPolicyToRole(new AttachPolicyToRoleRequest({ roleName, policyName, policyType }));

describe('a role', () => {
  it('is made, read, changed, listed and deleted', async () => {
    const { body: made } = await createRole('partner', { description: 'for B', maxSessionDuration: 7_200 });
    expect(made?.role?.arn).toBe(`acs:ram::${ownerId}:role/partner`);
    expect(made?.role?.roleId).toMatch(/^\d{18}$/);

    const trust = trusting(`acs:ram::${partnerId}:user/alice`);
    await ram.updateRole(new UpdateRoleRequest({ roleName: 'partner', newAssumeRolePolicyDocument: trust }));
    const { body: read } = await ram.getRole(new GetRoleRequest({ roleName: 'partner' }));
    expect(read?.role).toMatchObject({
      roleId: made?.role?.roleId,
      assumeRolePolicyDocument: trust,
      description: 'for B',
      maxSessionDuration: 7_200,
      createDate: '2026-12-01T00:00:00Z',
    });

    await ram.deleteRole(new DeleteRoleRequest({ roleName: 'partner' }));
    expect(await codeOf(ram.getRole(new GetRoleRequest({ roleName: 'partner' })))).toBe(
      'EntityNotExist.Role',
    );
    const { body: list } = await ram.listRoles(new ListRolesRequest({}));
    expect(list?.roles?.role).toEqual([]);
  });

  it.each([
    ['with an underscore in its name', { roleName: 'a_b' }, 'InvalidParameter.RoleName.InvalidChars'],
    ['with a name too long', { roleName: 'a'.repeat(65) }, 'InvalidParameter.RoleName.Length'],
    ['without a trust policy', { assumeRolePolicyDocument: '' }, 'MissingAssumeRolePolicyDocument'],
    ['with a trust policy that is no JSON', { assumeRolePolicyDocument: '{' }, 'MalformedPolicyDocument'],
    ['with sessions too long', { maxSessionDuration: 43_201 }, 'InvalidParameter.MaxSessionDuration'],
    [
      'that trusts a user who is not there',
      { assumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:user/nobody`) },
      'MalformedPolicyDocument',
    ],
    [
      'that trusts a role which is not there',
      { assumeRolePolicyDocument: trusting(`acs:ram::${partnerId}:role/nothing`) },
      'MalformedPolicyDocument',
    ],
  ])('%s is refused', async (_case, more, code) => {
    expect(await codeOf(createRole('partner', more))).toBe(code);
  });

  it('takes a Deny in its trust policy under the switch only', async () => {
    const denying = JSON.stringify({
      Version: '1',
      Statement: [
        ...JSON.parse(trustPartner).Statement,
        {
          Effect: 'Deny',
          Action: 'sts:AssumeRole',
          Principal: { RAM: `acs:ram::${partnerId}:user/alice` },
        },
      ],
    });
    await createRole('partner');
    const make = () => createRole('denying', { assumeRolePolicyDocument: denying });
    const edit = () =>
      ram.updateRole(new UpdateRoleRequest({ roleName: 'partner', newAssumeRolePolicyDocument: denying }));
    expect([await codeOf(make()), await codeOf(edit())]).toEqual([
      'MalformedPolicyDocument',
      'MalformedPolicyDocument',
    ]);
    expect(await codeOf(assume(world, world.alice, 'partner'))).toBe('accepted');
    world.running.set({ trustMayDeny: true });
    await edit();
    expect(await codeOf(assume(world, world.alice, 'partner'))).toBe('NoPermission');
  });

  it('is not made twice, whatever the case of its name', async () => {
    await createRole('partner');
    expect(await codeOf(createRole('Partner'))).toBe('EntityAlreadyExists.Role');
  });

  it('is not deleted while a policy is attached', async () => {
    await makeRole(world, 'partner', trustPartner);
    expect(await codeOf(ram.deleteRole(new DeleteRoleRequest({ roleName: 'partner' })))).toBe(
      'DeleteConflict.Role.Policy',
    );
  });

  it('is found by its tags', async () => {
    await createRole('one', { tag: [new CreateRoleRequestTag({ key: 'owner', value: 'leasehold' })] });
    await createRole('two');
    await ram.tagResources(
      new TagResourcesRequest({
        resourceType: 'role',
        resourceNames: ['two'],
        tag: [new TagResourcesRequestTag({ key: 'stage', value: 'test' })],
      }),
    );
    const { body } = await ram.listRoles(
      new ListRolesRequest({ tag: [new ListRolesRequestTag({ key: 'owner', value: 'leasehold' })] }),
    );
    expect(body?.roles?.role?.map(({ roleName }) => roleName)).toEqual(['one']);
    expect(body?.roles?.role?.[0]?.tags?.tag).toMatchObject([{ tagKey: 'owner', tagValue: 'leasehold' }]);

    const tagsOf = async () =>
      (
        await ram.listTagResources(
          new ListTagResourcesRequest({ resourceType: 'role', resourceNames: ['two'] }),
        )
      ).body?.tagResources;
    expect(await tagsOf()).toMatchObject([{ resourceName: 'two', tagKey: 'stage', tagValue: 'test' }]);
    await ram.untagResources(
      new UntagResourcesRequest({ resourceType: 'role', resourceNames: ['two'], tagKeys: ['stage'] }),
    );
    expect(await tagsOf()).toEqual([]);
  });
});

describe('a list of roles', () => {
  it('comes in pages that neither repeat nor leave out', async () => {
    for (let index = 0; index < 7; index += 1) await createRole(`role-${index}`);
    const names: (string | undefined)[] = [];
    let marker: string | undefined;
    do {
      const { body } = await ram.listRoles(
        new ListRolesRequest({ maxItems: 3, ...(marker === undefined ? {} : { marker }) }),
      );
      names.push(...(body?.roles?.role?.map(({ roleName }) => roleName) ?? []));
      marker = body?.marker;
      expect(body?.isTruncated).toBe(marker !== undefined);
    } while (marker !== undefined);
    expect(names).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `role-${index}`));
  });
});

describe('a policy', () => {
  it('is made, read and deleted', async () => {
    const { body: made } = await createPolicy('reads');
    expect(made?.policy).toMatchObject({ policyName: 'reads', policyType: 'Custom', defaultVersion: 'v1' });
    const { body: read } = await ram.getPolicy(
      new GetPolicyRequest({ policyName: 'reads', policyType: 'Custom' }),
    );
    expect(read?.policy?.attachmentCount).toBe(0);
    expect(read?.defaultPolicyVersion).toMatchObject({
      versionId: 'v1',
      isDefaultVersion: true,
      policyDocument: allow('oss:GetObject'),
    });
    await ram.deletePolicy(new DeletePolicyRequest({ policyName: 'reads' }));
    expect(
      await codeOf(ram.getPolicy(new GetPolicyRequest({ policyName: 'reads', policyType: 'Custom' }))),
    ).toBe('EntityNotExist.Policy');
  });

  it.each([
    ['with a dot in its name', 'a.b', allow('oss:GetObject'), 'InvalidParameter.PolicyName.InvalidChars'],
    [
      'that is longer than 6,144 characters',
      'long',
      allow('x'.repeat(6_144)),
      'InvalidParameter.PolicyDocument.Length',
    ],
    [
      'with an operator that RAM refuses',
      'odd',
      allow('oss:*', '*', { StringEqualsIfExists: { 'acs:SourceIp': 'x' } }),
      'MalformedPolicyDocument',
    ],
    ['named as a system policy', 'AdministratorAccess', allow('oss:*'), 'EntityAlreadyExists.Policy'],
  ])('%s is refused', async (_case, name, text, code) => {
    expect(await codeOf(createPolicy(name, text))).toBe(code);
  });

  it('keeps five versions, and turns the oldest out only when asked', async () => {
    await createPolicy('reads');
    const addVersion = (more: Partial<CreatePolicyVersionRequest> = {}) =>
      ram.createPolicyVersion(
        new CreatePolicyVersionRequest({
          policyName: 'reads',
          policyDocument: allow('oss:PutObject'),
          ...more,
        }),
      );
    for (let version = 2; version <= 5; version += 1) await addVersion();
    expect(await codeOf(addVersion())).toBe('LimitExceeded.Policy.Version');
    const { body } = await addVersion({
      setAsDefault: true,
      rotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded',
    });
    expect(body?.policyVersion).toMatchObject({ versionId: 'v6', isDefaultVersion: true });
    const { body: versions } = await ram.listPolicyVersions(
      new ListPolicyVersionsRequest({ policyName: 'reads', policyType: 'Custom' }),
    );
    expect(versions?.policyVersions?.policyVersion?.map(({ versionId }) => versionId)).toEqual([
      'v1',
      'v3',
      'v4',
      'v5',
      'v6',
    ]);
  });

  it('lets no default version go, and gives no number twice', async () => {
    await createPolicy('reads');
    const add = () =>
      ram.createPolicyVersion(
        new CreatePolicyVersionRequest({ policyName: 'reads', policyDocument: allow('oss:PutObject') }),
      );
    const remove = (versionId: string) =>
      ram.deletePolicyVersion(new DeletePolicyVersionRequest({ policyName: 'reads', versionId }));
    await add();
    expect(await codeOf(remove('v1'))).toBe('DeleteConflict.Policy.Version.Default');
    await ram.setDefaultPolicyVersion(
      new SetDefaultPolicyVersionRequest({ policyName: 'reads', versionId: 'v2' }),
    );
    await remove('v1');
    expect((await add()).body?.policyVersion?.versionId).toBe('v3');
    expect(
      await codeOf(
        ram.getPolicyVersion(
          new GetPolicyVersionRequest({ policyName: 'reads', policyType: 'Custom', versionId: 'v1' }),
        ),
      ),
    ).toBe('EntityNotExist.Policy.Version');
  });

  it('with further versions goes only by cascade', async () => {
    await createPolicy('reads');
    await ram.createPolicyVersion(
      new CreatePolicyVersionRequest({ policyName: 'reads', policyDocument: allow('oss:PutObject') }),
    );
    expect(await codeOf(ram.deletePolicy(new DeletePolicyRequest({ policyName: 'reads' })))).toBe(
      'DeleteConflict.Policy.Version',
    );
    await ram.deletePolicy(new DeletePolicyRequest({ policyName: 'reads', cascadingDelete: true }));
  });

  it('stays while it is attached', async () => {
    await makeRole(world, 'partner', trustPartner);
    expect(await codeOf(ram.deletePolicy(new DeletePolicyRequest({ policyName: 'partner-policy' })))).toBe(
      'DeleteConflict.Role.Policy',
    );
  });

  it('of the system is listed and read but never changed', async () => {
    const { body } = await ram.listPolicies(
      new ListPoliciesRequest({ policyType: 'System', maxItems: 1000 }),
    );
    const names = body?.policies?.policy?.map(({ policyName }) => policyName);
    expect(names).toContain('AliyunEventBridgePutEventsPolicy');
    const { body: read } = await ram.getPolicy(
      new GetPolicyRequest({ policyName: 'AliyunSTSAssumeRoleAccess', policyType: 'System' }),
    );
    expect(read?.defaultPolicyVersion?.policyDocument).toContain('sts:AssumeRole');
    expect(
      await codeOf(ram.deletePolicy(new DeletePolicyRequest({ policyName: 'AliyunSTSAssumeRoleAccess' }))),
    ).toBe('EntityNotExist.Policy');
  });
});

describe('attaching a policy to a role', () => {
  it('shows on both sides and can be undone, once', async () => {
    await makeRole(world, 'partner', trustPartner);
    await attach('partner', 'AliyunKafkaReadOnlyAccess', 'System');
    const { body: ofRole } = await ram.listPoliciesForRole(
      new ListPoliciesForRoleRequest({ roleName: 'partner' }),
    );
    expect(
      ofRole?.policies?.policy?.map(({ policyName, policyType }) => `${policyType} ${policyName}`),
    ).toEqual(['Custom partner-policy', 'System AliyunKafkaReadOnlyAccess']);
    const { body: ofPolicy } = await ram.listEntitiesForPolicy(
      new ListEntitiesForPolicyRequest({ policyName: 'partner-policy', policyType: 'Custom' }),
    );
    expect(ofPolicy?.roles?.role?.map(({ roleName }) => roleName)).toEqual(['partner']);

    const detach = () =>
      ram.detachPolicyFromRole(
        new DetachPolicyFromRoleRequest({
          roleName: 'partner',
          policyName: 'partner-policy',
          policyType: 'Custom',
        }),
      );
    await detach();
    expect(await codeOf(detach())).toBe('EntityNotExist.Role.Policy');
  });

  it('twice is refused', async () => {
    await makeRole(world, 'partner', trustPartner);
    expect(await codeOf(attach('partner', 'partner-policy'))).toBe('EntityAlreadyExists.Role.Policy');
  });

  it.each([
    ['an unknown system policy', 'partner', 'AliyunNoSuchAccess', 'System', 'EntityNotExist.Policy'],
    ['an unknown custom policy', 'partner', 'none', 'Custom', 'EntityNotExist.Policy'],
    ['to an unknown role', 'nobody', 'AliyunKafkaReadOnlyAccess', 'System', 'EntityNotExist.Role'],
    ['of an unknown type', 'partner', 'AliyunKafkaReadOnlyAccess', 'Odd', 'InvalidParameter.PolicyType'],
  ])('%s is refused', async (_case, role, policy, type, code) => {
    await createRole('partner');
    expect(await codeOf(attach(role, policy, type))).toBe(code);
  });

  it('works for ten custom policies and no more', async () => {
    await createRole('partner');
    for (let index = 0; index < 11; index += 1) {
      await asOwner(world.running, ownerId, 'CreatePolicy', {
        PolicyName: `p${index}`,
        PolicyDocument: allow('oss:GetObject'),
      });
    }
    for (let index = 0; index < 10; index += 1) await attach('partner', `p${index}`);
    expect(await codeOf(attach('partner', 'p10'))).toBe('LimitExceeded.Role.Policy');
    expect(await codeOf(attach('partner', 'AliyunKafkaReadOnlyAccess', 'System'))).toBe('accepted');
  });

  it('needs the right to the policy as well as to the role', async () => {
    await createRole('lease-a');
    await createPolicy('lease-a');
    const granter = world.running.accounts.createUser(ownerId, 'granter');
    await createPolicy('granter', allow('ram:AttachPolicyToRole', `acs:ram:*:${ownerId}:role/lease-*`));
    await ram.attachPolicyToUser(
      new AttachPolicyToUserRequest({ userName: 'granter', policyName: 'granter', policyType: 'Custom' }),
    );
    const asGranter = () =>
      ramClient(world.endpoint, granter).attachPolicyToRole(
        new AttachPolicyToRoleRequest({ roleName: 'lease-a', policyName: 'lease-a', policyType: 'Custom' }),
      );
    expect(await codeOf(asGranter())).toBe('NoPermission');
    await ram.createPolicyVersion(
      new CreatePolicyVersionRequest({
        policyName: 'granter',
        policyDocument: allow('ram:AttachPolicyToRole', [
          `acs:ram:*:${ownerId}:role/lease-*`,
          `acs:ram:*:${ownerId}:policy/lease-*`,
        ]),
        setAsDefault: true,
      }),
    );
    expect(await codeOf(asGranter())).toBe('accepted');
  });
});

describe('a user made by RAM', () => {
  it('keeps what is said of it, within its length', async () => {
    const said = { displayName: 'Carol', comments: 'etl', email: 'carol@b.example', mobilePhone: '86-100' };
    const make = (more: object = {}) =>
      ram.createUser(new CreateUserRequest({ userName: 'carol', ...said, ...more }));
    expect(await codeOf(make({ comments: 'x'.repeat(129) }))).toBe('InvalidParameter.Comments.Length');
    expect((await make()).body?.user).toMatchObject(said);
    const { body } = await ram.getUser(new GetUserRequest({ userName: 'carol' }));
    expect(body?.user).toMatchObject(said);
  });
});

describe('tagging', () => {
  it('without a tag is refused', async () => {
    await createRole('partner');
    const request = new TagResourcesRequest({ resourceType: 'role', resourceNames: ['partner'] });
    expect(await codeOf(ram.tagResources(request))).toBe('MissingTag');
  });
});

describe('attaching with a resource group', () => {
  it('is refused: the parameter is in no page, and whoever counts on it gets all of the account', async () => {
    await createRole('partner');
    const policy = { roleName: 'partner', policyName: 'AliyunKafkaReadOnlyAccess', policyType: 'System' };
    const grouped = { ...policy, resourceGroupId: 'rg-orders' };
    expect(await codeOf(ram.attachPolicyToRole(new AttachPolicyToRoleRequest(grouped)))).toBe(
      'InvalidParameter.ResourceGroupId',
    );
    const { body } = await ram.listPoliciesForRole(new ListPoliciesForRoleRequest({ roleName: 'partner' }));
    expect(body?.policies?.policy).toEqual([]);
  });
});

describe('an account', () => {
  it('has at most 1,000 roles', async () => {
    for (let index = 0; index < 1_000; index += 1) {
      await asOwner(world.running, ownerId, 'CreateRole', {
        RoleName: `r${index}`,
        AssumeRolePolicyDocument: trustPartner,
      });
    }
    expect(await codeOf(createRole('one-more'))).toBe('LimitExceeded.Role');
  });

  it('changes its alias within the rules', async () => {
    await ram.setAccountAlias(new SetAccountAliasRequest({ accountAlias: 'new-alias' }));
    expect((await ram.getAccountAlias()).body?.accountAlias).toBe('new-alias');
    expect(await codeOf(ram.setAccountAlias(new SetAccountAliasRequest({ accountAlias: '-x' })))).toBe(
      'InvalidParameter.AccountAlias.Format',
    );
    await ram.clearAccountAlias();
    expect((await ram.getAccountAlias()).body?.accountAlias).toBe('');
  });
});

describe('while a write spreads', () => {
  it('is not seen by reads, but already stands in the way of its repeat', async () => {
    world.running.set({ propagationSeconds: 10 });
    await createRole('partner');
    expect(await codeOf(ram.getRole(new GetRoleRequest({ roleName: 'partner' })))).toBe(
      'EntityNotExist.Role',
    );
    expect(await codeOf(createRole('partner'))).toBe('EntityAlreadyExists.Role');
    await world.clock.advance(10_000);
    expect(await codeOf(ram.getRole(new GetRoleRequest({ roleName: 'partner' })))).toBe('accepted');
  });
});

describe('what the tables authorise on all resources', () => {
  const asked = [
    ['2015-05-01', 'ListTagResources', { ResourceType: 'role', 'ResourceNames.1': 'lease' }],
    [
      '2015-05-01',
      'TagResources',
      { ResourceType: 'role', 'ResourceNames.1': 'lease', 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' },
    ],
    ['2015-05-01', 'GetAccountAlias', {}],
    ['2019-08-15', 'GetAccountSummary', {}],
    ['2019-08-15', 'GetDefaultDomain', {}],
    ['2019-08-15', 'GetPasswordPolicy', {}],
    ['2019-08-15', 'ListTagResources', { ResourceType: 'user', 'ResourcePrincipalName.1': 'admin@x' }],
  ] as const;

  it.each(asked)('%s %s needs a grant on *, and no narrower one does', async (version, action, params) => {
    const { caller } = world.running.cloud.identity.authenticate(
      world.running.accounts.createUser(ownerId, 'reader').accessKeyId,
      undefined,
    );
    await createRole('lease');
    const run = () => world.running.cloud.call(caller, version, action, params, 'cn-hangzhou');
    const give = async (name: string, resource: string) => {
      await createPolicy(name, allow(`ram:${action}`, resource));
      await ram.attachPolicyToUser(
        new AttachPolicyToUserRequest({ userName: 'reader', policyName: name, policyType: 'Custom' }),
      );
    };
    await give('narrow', `acs:ram:*:${ownerId}:*`);
    await expect(run()).rejects.toMatchObject({ code: 'NoPermission' });
    await give('all', '*');
    await expect(run().catch(({ code }) => code)).resolves.not.toBe('NoPermission');
  });
});

describe('the quotas of roles and policies', () => {
  it('may be raised for an account, and its summary says so', async () => {
    const run = (version: string, action: string, params: Record<string, string> = {}) =>
      world.running.cloud.call(
        world.running.accounts.rootOf(ownerId),
        version,
        action,
        params,
        'cn-hangzhou',
      );
    const make = (RoleName: string) =>
      run('2015-05-01', 'CreateRole', {
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: '1',
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${ownerId}:root`] } },
          ],
        }),
      });
    world.running.set({ roleQuota: 1 });
    await make('first');
    await expect(make('second')).rejects.toMatchObject({ code: 'LimitExceeded.Role' });
    world.running.set({ roleQuota: 2 });
    await make('second');
    expect(await run('2019-08-15', 'GetAccountSummary')).toMatchObject({
      SummaryMap: { Roles: 2, RolesQuota: 2 },
    });
  });
});
