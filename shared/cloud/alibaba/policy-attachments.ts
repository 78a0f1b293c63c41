/** Policies in resource groups, which RAM's own lists leave out: Resource Management 2020-03-31. */
import ResourceManagerPackage, * as Rm from '@alicloud/resourcemanager20200331';
import type { Attachment, PolicyRef } from '../ports.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { doing } from './failures.js';

const RmClient = clientClass(ResourceManagerPackage);

export interface RmPrincipal {
  readonly type: 'ServiceRole' | 'IMSUser';
  /** `<role>@role.<alias or account id>.onaliyunservice.com`, or a full logon name. */
  readonly name: string;
}

/** Everything that `principal` holds in resource groups; what it holds in the account as a whole is left out. */
export async function groupAttachments(
  connection: Connection,
  principal: RmPrincipal,
): Promise<readonly Attachment[]> {
  const rm = new RmClient(sdkConfig(connection, 'resourcemanager.aliyuncs.com'));
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
}

export const refOf = (policy: { readonly policyType?: string; readonly policyName?: string }): PolicyRef => ({
  type: policy.policyType === 'System' ? 'System' : 'Custom',
  name: policy.policyName ?? '',
});
