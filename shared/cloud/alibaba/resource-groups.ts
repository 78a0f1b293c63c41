/** `ResourceGroupsPort` over the official SDK of Resource Management. */
import ResourceManagerPackage, * as Rm from '@alicloud/resourcemanager20200331';
import type { ResourceGroupsPort } from '../ports.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { unlessMissing } from './failures.js';

const RmClient = clientClass(ResourceManagerPackage);

export function makeResourceGroupsPort(connection: Connection): ResourceGroupsPort {
  const rm = new RmClient(sdkConfig(connection, 'resourcemanager.aliyuncs.com'));
  return {
    async isOurs(resourceGroupId) {
      const reply = await unlessMissing(`looking for resource group ${resourceGroupId}`, () =>
        rm.getResourceGroup(new Rm.GetResourceGroupRequest({ resourceGroupId })),
      );
      const group = reply?.body?.resourceGroup;
      return group?.accountId === connection.owner && group.status === 'OK';
    },
  };
}
