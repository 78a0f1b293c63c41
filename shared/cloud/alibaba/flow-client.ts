/** The official client of CloudFlow, for whoever deploys, starts or looks at flows. */
import FnfClient from '@alicloud/fnf-2019-03-15';
import type { Connection } from './connection.js';

export const flowClient = ({ credentials, endpoint, region }: Connection): FnfClient =>
  new FnfClient({
    accessKeyId: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken === undefined ? {} : { securityToken: credentials.securityToken }),
    endpoint: endpoint === undefined ? `https://${region}.fnf.aliyuncs.com` : `http://${endpoint}`,
  });
