/** Which flows are there, and which of their executions ended badly of late. */
import { setTimeout as wait } from 'node:timers/promises';
import type FnfClient from '@alicloud/fnf-2019-03-15';
import type { DeployedFlow } from '../../../domain/deployed.js';
import { isThrottled } from '../../../domain/errors.js';
import type { Connection } from '../connection.js';
import { doing } from '../failures.js';
import { flowClient } from '../flow-client.js';
import { look } from './look.js';

/** Far enough back for whoever looks once a day. */
const BACK_MILLISECONDS = 86_400_000;
/**
 * What is listed is chosen by when it began, and a flow tries for a day to tell what failed before it fails itself. Source: CloudFlow
 * API reference, ListExecutions.
 */
const BEGAN_MILLISECONDS = 2 * BACK_MILLISECONDS;
/** One page, the longest: that there are more makes no other finding. */
const MOST_FAILURES = '99';
const BAD_ENDS = ['Failed', 'TimedOut'];
/** Ten calls at once, then two a second, are what an account is given. Source: CloudFlow "Limits". */
const PAUSE_MILLISECONDS = 1_000;
const TRIES = 20;

type Entry = Readonly<Record<string, unknown>>;

/** All whose names begin with `prefix`. */
export async function deployedFlows(
  prefix: string,
  connection: Connection,
): Promise<readonly DeployedFlow[]> {
  const client = flowClient(connection);
  const names: string[] = [];
  for (let token = ''; ; ) {
    const page = await asking('listing flows', () =>
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
        const flow = await asking(`reading flow ${name}`, () => client.describeFlow({ Name: name }));
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
  const now = Date.now();
  const begin = new Date(now - BEGAN_MILLISECONDS).toISOString();
  const pages = await Promise.all(
    BAD_ENDS.map((status) =>
      asking(`listing executions of ${flow}`, () =>
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
    .filter((one) => !(Date.parse(String(one['StoppedTime'])) < now - BACK_MILLISECONDS))
    .map((one) => ({ execution: String(one['Name']), status: String(one['Status']) }));
}

/** As `doing`; what is throttled is asked again a little later. */
async function asking<T>(what: string, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await doing(what, work);
    } catch (error) {
      if (!isThrottled(error) || tried === TRIES) throw error;
      await wait(PAUSE_MILLISECONDS);
    }
  }
}
