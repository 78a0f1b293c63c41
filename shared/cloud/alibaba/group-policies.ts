/** Policies in resource groups, which RAM's own lists leave out: Resource Management 2020-03-31. */
import ResourceManagerPackage, * as Rm from '@alicloud/resourcemanager20200331';
import type { Attachment, PolicyRef } from '../ports.js';
import { type Trail, UNNOTED } from '../trail.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { doing } from './failures.js';
import { noting } from './noting.js';
import { refOf } from './policy-ref.js';

const RmClient = clientClass(ResourceManagerPackage);

export interface RmPrincipal {
  readonly type: 'ServiceRole' | 'IMSUser';
  /** `<role>@role.<alias or account id>.onaliyunservice.com`, or a full logon name. */
  readonly name: string;
}

export interface GroupPolicies {
  /** Everything that `principal` holds in resource groups; what it holds in the account as a whole is left out. */
  list(principal: RmPrincipal): Promise<readonly Attachment[]>;
  attach(principal: RmPrincipal, policy: PolicyRef, resourceGroupId: string): Promise<unknown>;
  detach(principal: RmPrincipal, policy: PolicyRef, resourceGroupId: string): Promise<unknown>;
}

/** Failures of `attach` and `detach` are as the vendor tells them: whoever attaches in the account as well translates both. */
export function makeGroupPolicies(
  connection: Connection,
  trail: Pick<Trail, 'note'> = UNNOTED,
): GroupPolicies {
  const rm = noting(
    new RmClient(sdkConfig(connection, 'resourcemanager.aliyuncs.com')),
    'resourcemanager',
    trail,
  );
  const named = (principal: RmPrincipal, policy: PolicyRef) => ({
    policyType: policy.type,
    policyName: policy.name,
    principalType: principal.type,
    principalName: principal.name,
  });
  return {
    async list(principal) {
      const found: Attachment[] = [];
      for (let pageNumber = 1, total = 1; (pageNumber - 1) * 100 < total; pageNumber += 1) {
        const { body } = await doing(`listing resource-group grants of ${principal.name}`, () =>
          rm.listPolicyAttachments(
            new Rm.ListPolicyAttachmentsRequest({
              principalType: principal.type,
              principalName: principal.name,
              pageNumber,
              pageSize: 100,
            }),
          ),
        );
        total = body?.totalCount ?? 0;
        for (const one of body?.policyAttachments?.policyAttachment ?? []) {
          // The account's own id as group means account scope, which RAM itself has listed already.
          if (one.resourceGroupId === connection.owner || one.policyName === undefined) continue;
          found.push({
            policy: refOf(one),
            ...(one.resourceGroupId === undefined ? {} : { resourceGroupId: one.resourceGroupId }),
          });
        }
      }
      return found;
    },
    attach: (principal, policy, resourceGroupId) =>
      rm.attachPolicy(new Rm.AttachPolicyRequest({ ...named(principal, policy), resourceGroupId })),
    detach: (principal, policy, resourceGroupId) =>
      rm.detachPolicy(new Rm.DetachPolicyRequest({ ...named(principal, policy), resourceGroupId })),
  };
}
