/** `RamPort` over the official SDKs: RAM 2015-05-01 for roles and policies, Resource Management for resource groups. */
import RamPackage, * as Ram from '@alicloud/ram20150501';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { RoleName } from '../../domain/values.js';
import type { Attachment, ObservedRole, RamPort, Tags } from '../ports.js';
import { type Trail, UNNOTED } from '../trail.js';
import { atFirstCall } from './at-first-call.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { answered, codeOf, creating, doing, unlessMissing } from './failures.js';
import { noting } from './noting.js';
import { once } from './once.js';
import { refOf } from './policy-ref.js';
import { makeRamLists } from './ram-lists.js';

const RamClient = clientClass(RamPackage);

/** What names of accounts in data planes begin with, and of the RAM users behind some. */
const ACCOUNT_PREFIX = 'lh-';

const tagList = (tags: Tags) => Object.entries(tags).map(([key, value]) => ({ key, value }));

/** `trail`: where writes that took effect are noted by their request ids. */
export function makeRamPort(connection: Connection, trail: Pick<Trail, 'note'> = UNNOTED): RamPort {
  const ram = noting(new RamClient(sdkConfig(connection, 'ram.aliyuncs.com')), 'ram', trail);
  // An SDK of its own, which many a step does without.
  const groups = atFirstCall(async () =>
    (await import('./group-policies.js')).makeGroupPolicies(connection, trail),
  );
  /** The alias of the account, or its id where none is set. */
  const stem = once(async () => {
    const { body } = await doing('reading the alias of the account', () => ram.getAccountAlias());
    return body?.accountAlias || connection.owner;
  });
  /** A role as a principal, by the one name that lists know it by. Source: Resource Management "AttachPolicy". */
  const principalOf = async (name: RoleName) =>
    ({ type: 'ServiceRole', name: `${name}@role.${await stem()}.onaliyunservice.com` }) as const;

  async function tagsOf(resourceType: 'role' | 'policy', name: string): Promise<Tags> {
    const tags: Record<string, string> = {};
    let nextToken: string | undefined;
    do {
      const page: Ram.ListTagResourcesResponse | undefined = await unlessMissing(
        `reading tags of ${resourceType} ${name}`,
        () =>
          ram.listTagResources(
            new Ram.ListTagResourcesRequest({
              resourceType,
              resourceNames: [name],
              pageSize: 100,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
          ),
      );
      for (const tag of page?.body?.tagResources ?? []) {
        if (tag.tagKey !== undefined) tags[tag.tagKey] = tag.tagValue ?? '';
      }
      nextToken = page?.body?.nextToken || undefined;
    } while (nextToken !== undefined);
    return tags;
  }

  async function entitiesWith(policyName: string) {
    const request = new Ram.ListEntitiesForPolicyRequest({ policyType: 'Custom', policyName });
    return (await ram.listEntitiesForPolicy(request)).body;
  }

  /** From the users of ours alone that stand behind accounts in data planes; what somebody else holds stays in the way. */
  async function takeFromAccounts(policyName: string): Promise<void> {
    const policy = { policyType: 'Custom', policyName };
    for (const { userName = '' } of (await entitiesWith(policyName))?.users?.user ?? [])
      if (userName.startsWith(ACCOUNT_PREFIX))
        await ram.detachPolicyFromUser(new Ram.DetachPolicyFromUserRequest({ ...policy, userName }));
  }

  async function writeVersion(name: string, document: string, setAsDefault: boolean): Promise<string> {
    const made = await doing(`writing a version of policy ${name}`, () =>
      ram.createPolicyVersion(
        new Ram.CreatePolicyVersionRequest({
          policyName: name,
          policyDocument: document,
          setAsDefault,
          rotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded',
        }),
      ),
    );
    return made.body?.policyVersion?.versionId ?? '';
  }

  return {
    ...makeRamLists(ram),

    async observeRole(name) {
      const reply = await unlessMissing(`reading role ${name}`, () =>
        ram.getRole(new Ram.GetRoleRequest({ roleName: name })),
      );
      if (reply === undefined) return undefined;
      const role = answered(`reading role ${name}`, reply.body?.role);
      return {
        name,
        id: role.roleId ?? '',
        arn: role.arn ?? '',
        trust: role.assumeRolePolicyDocument ?? '',
        maxSessionSeconds: role.maxSessionDuration ?? 3600,
      } satisfies ObservedRole;
    },

    tagsOfRole: (name) => tagsOf('role', name),
    tagsOfPolicy: (name) => tagsOf('policy', name),

    async createRole(role) {
      const made = await creating(`creating role ${role.name}`, () =>
        ram.createRole(
          new Ram.CreateRoleRequest({
            roleName: role.name,
            assumeRolePolicyDocument: role.trust,
            description: role.description,
            maxSessionDuration: role.maxSessionSeconds,
            tag: tagList(role.tags).map((tag) => new Ram.CreateRoleRequestTag(tag)),
          }),
        ),
      );
      return made === 'exists'
        ? { outcome: 'exists' }
        : { outcome: 'created', id: made.body?.role?.roleId ?? '' };
    },

    async setTrust(name, trust) {
      await doing(`setting the trust policy of ${name}`, async () => {
        try {
          await ram.updateRole(
            new Ram.UpdateRoleRequest({ roleName: name, newAssumeRolePolicyDocument: trust }),
          );
        } catch (failure) {
          // Our documents are well formed, so what RAM finds wrong with one is whom it names.
          if (!/^MalformedPolicyDocument\b|^InvalidPrincipal\b/.test(codeOf(failure))) throw failure;
          throw new BrokenPromiseError(
            'NO_SUCH_PRINCIPAL',
            `role ${name} is to let in somebody who does not exist`,
            {
              cause: failure,
            },
          );
        }
      });
    },

    async setMaxSessionSeconds(name, seconds) {
      await doing(`setting the longest session of ${name}`, () =>
        ram.updateRole(new Ram.UpdateRoleRequest({ roleName: name, newMaxSessionDuration: seconds })),
      );
    },

    async tagRole(name, tags) {
      await doing(`tagging ${name}`, () =>
        ram.tagResources(
          new Ram.TagResourcesRequest({
            resourceType: 'role',
            resourceNames: [name],
            tag: tagList(tags).map((tag) => new Ram.TagResourcesRequestTag(tag)),
          }),
        ),
      );
    },

    async deleteRole(name) {
      await unlessMissing(`deleting role ${name}`, () =>
        ram.deleteRole(new Ram.DeleteRoleRequest({ roleName: name })),
      );
    },

    async attachmentsOf(name) {
      const reply = await unlessMissing(`listing policies of ${name}`, () =>
        ram.listPoliciesForRole(new Ram.ListPoliciesForRoleRequest({ roleName: name })),
      );
      if (reply === undefined) return [];
      const account = (reply.body?.policies?.policy ?? []).map(
        (policy): Attachment => ({ policy: refOf(policy) }),
      );
      return [...account, ...(await groups.list(await principalOf(name)))];
    },

    async attach(name, { policy, resourceGroupId }) {
      const outcome = await creating(`attaching ${policy.name} to ${name}`, async () =>
        resourceGroupId === undefined
          ? ram.attachPolicyToRole(
              new Ram.AttachPolicyToRoleRequest({
                policyType: policy.type,
                policyName: policy.name,
                roleName: name,
              }),
            )
          : groups.attach(await principalOf(name), policy, resourceGroupId),
      );
      return outcome === 'exists' ? 'was-attached' : 'attached';
    },

    async detach(name, { policy, resourceGroupId }) {
      await unlessMissing<unknown>(`detaching ${policy.name} from ${name}`, async () =>
        resourceGroupId === undefined
          ? ram.detachPolicyFromRole(
              new Ram.DetachPolicyFromRoleRequest({
                policyType: policy.type,
                policyName: policy.name,
                roleName: name,
              }),
            )
          : groups.detach(await principalOf(name), policy, resourceGroupId),
      );
    },

    async createPolicy(policy) {
      const made = await creating(`creating policy ${policy.name}`, () =>
        ram.createPolicy(
          new Ram.CreatePolicyRequest({
            policyName: policy.name,
            policyDocument: policy.document,
            description: policy.description,
            tag: tagList(policy.tags).map((tag) => new Ram.CreatePolicyRequestTag(tag)),
          }),
        ),
      );
      return made === 'exists' ? 'exists' : 'created';
    },

    async readPolicy(policy) {
      const reply = await unlessMissing(`reading policy ${policy.name}`, () =>
        ram.getPolicy(new Ram.GetPolicyRequest({ policyName: policy.name, policyType: policy.type })),
      );
      if (reply === undefined) return undefined;
      return answered(`reading policy ${policy.name}`, reply.body?.defaultPolicyVersion?.policyDocument);
    },

    async setPolicyDocument(name, document) {
      await writeVersion(name, document, true);
    },

    addPolicyVersion: (name, document) => writeVersion(name, document, false),

    async setDefaultVersion(name, id) {
      await doing(`making ${id} the default version of policy ${name}`, () =>
        ram.setDefaultPolicyVersion(
          new Ram.SetDefaultPolicyVersionRequest({ policyName: name, versionId: id }),
        ),
      );
    },

    async deletePolicyVersion(name, id) {
      await unlessMissing(`deleting version ${id} of policy ${name}`, () =>
        ram.deletePolicyVersion(new Ram.DeletePolicyVersionRequest({ policyName: name, versionId: id })),
      );
    },

    async deletePolicy(name) {
      const request = new Ram.DeletePolicyRequest({ policyName: name, cascadingDelete: true });
      await unlessMissing(`deleting policy ${name}`, async () => {
        try {
          await ram.deletePolicy(request);
        } catch (failure) {
          if (codeOf(failure) !== 'DeleteConflict.Policy.User') throw failure;
          await takeFromAccounts(name);
          await ram.deletePolicy(request);
        }
      });
    },

    async holdersOf(name) {
      const { users, groups, roles } =
        (await doing(`listing who holds policy ${name}`, () => entitiesWith(name))) ?? {};
      return [
        ...(users?.user ?? []).map(({ userName }) => `user ${userName}`),
        ...(groups?.group ?? []).map(({ groupName }) => `group ${groupName}`),
        ...(roles?.role ?? []).map(({ roleName }) => `role ${roleName}`),
      ];
    },
  };
}
