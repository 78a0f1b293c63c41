/** Starts executions of flows over the official SDK. */
import type { Connection } from './connection.js';
import { doing } from './failures.js';
import { flowClient } from './flow-client.js';

/** Gives back the execution's name. May run twice: each call starts one of its own. */
export async function startFlow(flow: string, input: object, connection: Connection): Promise<string> {
  const reply = await doing(`starting flow ${flow}`, () =>
    flowClient(connection).startExecution({ FlowName: flow, Input: JSON.stringify(input) }),
  );
  return String(reply.Name ?? '');
}
