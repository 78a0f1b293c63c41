/** The part of `GranteePort` that is about roles and policies: RAM 2015-05-01 in the grantee's account. */
import ImsPackage from '@alicloud/ims20190815';
import RamPackage, * as Ram from '@alicloud/ram20150501';
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import type { GranteePort, GranteePrincipal } from '../ports.js';
import type { Trail } from '../trail.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { createdAtOf } from './created-at.js';
import { answered, creating, doing, unlessMissing } from './failures.js';
import { makeGroupPolicies } from './group-policies.js';
import { noting } from './noting.js';
import { refOf } from './policy-ref.js';
import { makeRamPort } from './ram.js';

const ImsClient = clientClass(ImsPackage);
const RamClient = clientClass(RamPackage);

type PolicyMethods = Pick<
  GranteePort,
  | 'provisioningPolicies'
  | 'observeRole'
  | 'createRole'
  | 'deleteRole'
  | 'observePolicy'
  | 'createPolicy'
  | 'setPolicyDocument'
  | 'deletePolicy'
  | 'attach'
  | 'detach'
>;

export function granteePolicies(connection: Connection, trail: Pick<Trail, 'note'>): PolicyMethods {
  const ram = noting(new RamClient(sdkConfig(connection, 'ram.aliyuncs.com')), 'ram', trail);
  const ims = new ImsClient(sdkConfig(connection, 'ims.aliyuncs.com'));
  // The same calls as in the owner's account, under other keys.
  const port = makeRamPort(connection, trail);

  /** The alias, or the account id where none is set: the stem of its default domain. */
  const stem = async (): Promise<string> => {
    const { body } = await doing('reading the default domain', () => ims.getDefaultDomain());
    return (body?.defaultDomainName ?? connection.owner).replace(/\.onaliyun\.com$/, '');
  };

  async function policiesOfRole(name: string) {
    const reply = await unlessMissing(`listing policies of role ${name}`, () =>
      ram.listPoliciesForRole(new Ram.ListPoliciesForRoleRequest({ roleName: name })),
    );
    return (reply?.body?.policies?.policy ?? []).map(refOf);
  }

  async function holdersOf(name: string): Promise<readonly GranteePrincipal[]> {
    const reply = await unlessMissing(`listing who holds ${name}`, () =>
      ram.listEntitiesForPolicy(
        new Ram.ListEntitiesForPolicyRequest({ policyName: name, policyType: 'Custom' }),
      ),
    );
    const { users, roles, groups } = reply?.body ?? {};
    return [
      ...(users?.user ?? []).map(({ userName = '' }) => ({ type: 'user' as const, name: userName })),
      ...(roles?.role ?? []).map(({ roleName = '' }) => ({ type: 'role' as const, name: roleName })),
      ...(groups?.group ?? []).map(({ groupName = '' }) => ({ type: 'group' as const, name: groupName })),
    ];
  }

  return {
    async provisioningPolicies() {
      const documents: { name: string; document: string }[] = [];
      for (const policy of await policiesOfRole(PROVISIONING_ROLE))
        documents.push({ name: policy.name, document: (await port.readPolicy(policy)) ?? '' });
      return documents;
    },

    async observeRole(name) {
      const reply = await unlessMissing(`reading role ${name}`, () =>
        ram.getRole(new Ram.GetRoleRequest({ roleName: name })),
      );
      if (reply === undefined) return undefined;
      const role = answered(`reading role ${name}`, reply.body?.role);
      const account = (await policiesOfRole(name)).map((policy) => ({ policy }));
      const principal = {
        type: 'ServiceRole',
        name: `${name}@role.${await stem()}.onaliyunservice.com`,
      } as const;
      return {
        id: role.roleId ?? '',
        createdAt: createdAtOf(`role ${name}`, role.createDate),
        tags: await port.tagsOfRole(name as Parameters<typeof port.tagsOfRole>[0]),
        attachments: [...account, ...(await makeGroupPolicies(connection).list(principal))],
      };
    },

    async createRole({ name, trust, description, tags }) {
      const made = await creating(`creating role ${name}`, () =>
        ram.createRole(
          new Ram.CreateRoleRequest({
            roleName: name,
            assumeRolePolicyDocument: trust,
            description,
            tag: Object.entries(tags).map(([key, value]) => new Ram.CreateRoleRequestTag({ key, value })),
          }),
        ),
      );
      return made === 'exists'
        ? { outcome: 'exists' }
        : { outcome: 'created', id: made.body?.role?.roleId ?? '' };
    },

    async deleteRole(name) {
      await unlessMissing(`deleting role ${name}`, () =>
        ram.deleteRole(new Ram.DeleteRoleRequest({ roleName: name })),
      );
    },

    async observePolicy(name) {
      const document = await port.readPolicy({ type: 'Custom', name });
      return document === undefined
        ? undefined
        : { document, tags: await port.tagsOfPolicy(name), holders: await holdersOf(name) };
    },

    createPolicy: port.createPolicy,
    setPolicyDocument: port.setPolicyDocument,
    deletePolicy: port.deletePolicy,

    async attach({ type, name }, policyName) {
      const policy = { policyType: 'Custom', policyName };
      const made = await creating<unknown>(`attaching ${policyName} to ${type} ${name}`, () => {
        switch (type) {
          case 'user':
            return ram.attachPolicyToUser(new Ram.AttachPolicyToUserRequest({ ...policy, userName: name }));
          case 'role':
            return ram.attachPolicyToRole(new Ram.AttachPolicyToRoleRequest({ ...policy, roleName: name }));
          case 'group':
            return ram.attachPolicyToGroup(
              new Ram.AttachPolicyToGroupRequest({ ...policy, groupName: name }),
            );
        }
      });
      return made === 'exists' ? 'was-attached' : 'attached';
    },

    async detach({ type, name }, policyName) {
      const policy = { policyType: 'Custom', policyName };
      await unlessMissing<unknown>(`detaching ${policyName} from ${type} ${name}`, () => {
        switch (type) {
          case 'user':
            return ram.detachPolicyFromUser(
              new Ram.DetachPolicyFromUserRequest({ ...policy, userName: name }),
            );
          case 'role':
            return ram.detachPolicyFromRole(
              new Ram.DetachPolicyFromRoleRequest({ ...policy, roleName: name }),
            );
          case 'group':
            return ram.detachPolicyFromGroup(
              new Ram.DetachPolicyFromGroupRequest({ ...policy, groupName: name }),
            );
        }
      });
    },
  };
}
