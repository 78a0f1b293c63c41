/** `QuotasPort`: what an account has and may have, which IMS 2019-08-15 counts. */
import ImsPackage from '@alicloud/ims20190815';
import type { QuotasPort } from '../ports.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { doing } from './failures.js';

const ImsClient = clientClass(ImsPackage);

export function makeQuotasPort(connection: Connection): QuotasPort {
  const ims = new ImsClient(sdkConfig(connection, 'ims.aliyuncs.com'));
  return {
    async read() {
      const { body } = await doing('reading quotas', () => ims.getAccountSummary());
      const {
        roles = 0,
        rolesQuota = Number.POSITIVE_INFINITY,
        policies = 0,
        policiesQuota = Number.POSITIVE_INFINITY,
      } = body?.summaryMap ?? {};
      return { roles, rolesQuota, policies, policiesQuota };
    },
  };
}
