/** Which flows are there, and which of their executions ended badly of late. */
import FnfClient from '@alicloud/fnf-2019-03-15';
import type { DeployedFlow } from '../../../domain/deployed.js';
import type { Connection } from '../connection.js';
import { doing } from '../failures.js';
import { look } from './look.js';

/** Far enough back for whoever looks once a day. */
const BACK_MILLISECONDS = 86_400_000;
/** One page: that there are more makes no other finding. */
const MOST_FAILURES = '20';
const BAD_ENDS = ['Failed', 'TimedOut'];

type Entry = Readonly<Record<string, unknown>>;

/** All whose names begin with `prefix`. */
export async function deployedFlows(
  prefix: string,
  connection: Connection,
): Promise<readonly DeployedFlow[]> {
  const client = fnfClient(connection);
  const names: string[] = [];
  for (let token = ''; ; ) {
    const page = await doing('listing flows', () =>
      client.listFlows(token === '' ? {} : { NextToken: token }),
    );
    names.push(...((page['Flows'] ?? []) as readonly Entry[]).map((flow) => String(flow['Name'])));
    token = String(page['NextToken'] ?? '');
    if (token === '') break;
  }
  return Promise.all(
    names
      .filter((name) => name.startsWith(prefix))
      .map(async (name) => {
        const flow = await doing(`reading flow ${name}`, () => client.describeFlow({ Name: name }));
        return {
          name,
          definition: String(flow['Definition'] ?? ''),
          role: String(flow['RoleArn'] ?? ''),
          failures: await look(() => failuresOf(name, client)),
        };
      }),
  );
}

async function failuresOf(flow: string, client: FnfClient) {
  const begin = new Date(Date.now() - BACK_MILLISECONDS).toISOString();
  const pages = await Promise.all(
    BAD_ENDS.map((status) =>
      doing(`listing executions of ${flow}`, () =>
        client.listExecutions({
          FlowName: flow,
          Status: status,
          StartedTimeBegin: begin,
          Limit: MOST_FAILURES,
        }),
      ),
    ),
  );
  return pages
    .flatMap((page) => (page['Executions'] ?? []) as readonly Entry[])
    .map((one) => ({ execution: String(one['Name']), status: String(one['Status']) }));
}

function fnfClient({ credentials, endpoint, region }: Connection): FnfClient {
  return new FnfClient({
    accessKeyId: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken === undefined ? {} : { securityToken: credentials.securityToken }),
    endpoint: endpoint === undefined ? `https://${region}.fnf.aliyuncs.com` : `http://${endpoint}`,
  });
}
