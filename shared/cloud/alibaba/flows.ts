/** Starts executions of flows over the official SDK. */
import FnfClient from '@alicloud/fnf-2019-03-15';
import type { Connection } from './connection.js';
import { doing } from './failures.js';

/** Gives back the execution's name. May run twice: each call starts one of its own. */
export async function startFlow(flow: string, input: object, connection: Connection): Promise<string> {
  const { credentials, endpoint, region } = connection;
  const client = new FnfClient({
    accessKeyId: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken === undefined ? {} : { securityToken: credentials.securityToken }),
    endpoint: endpoint === undefined ? `https://${region}.fnf.aliyuncs.com` : `http://${endpoint}`,
  });
  const reply = await doing(`starting flow ${flow}`, () =>
    client.startExecution({ FlowName: flow, Input: JSON.stringify(input) }),
  );
  return String(reply.Name ?? '');
}
