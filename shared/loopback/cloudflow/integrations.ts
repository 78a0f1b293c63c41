/** What the tasks of one execution may reach, and as whom. */
import { ApiError, type Cloud, type EventPublisher, type FunctionInvoker } from '../kernel.js';
import type { Flow, Flows } from './flows.js';
import { type Readings, RUNTIME_ERROR } from './readings.js';
import { StateError } from './state-error.js';
import type { Integrations } from './tasks.js';

/** Other products as CloudFlow uses them; asked for when a task first needs them. */
export interface Neighbours {
  readonly functions?: () => FunctionInvoker;
  readonly events?: () => EventPublisher;
}

/** Names of role sessions have 2 to 64 characters, those of executions 1 to 128. */
const sessionNameOf = (executionName: string): string => executionName.slice(0, 64).padEnd(2, '_');

export const integrationsOf = (
  {
    cloud,
    flows,
    neighbours,
    readings,
  }: {
    readonly cloud: Cloud;
    readonly flows: Flows;
    readonly neighbours: Neighbours;
    readonly readings: Readings;
  },
  flow: Flow,
  executionName: string,
): Integrations => ({
  cloud,
  readings,
  region: flow.region,
  accountId: flow.accountId,
  flowName: flow.name,
  functions: neighbours.functions ?? lacking('functions'),
  events: neighbours.events ?? lacking('events'),
  caller: () =>
    cloud.identity.assumeForService(
      flow.accountId,
      flow.roleArn.split('/').at(-1) ?? '',
      'fnf.aliyuncs.com',
      sessionNameOf(executionName),
    ).caller,
  childOutput: async (flowName, childName) => {
    const child = flows.get(flow.accountId, flow.region, flowName)?.executions.get(childName);
    await child?.over;
    if (child?.status === 'Succeeded') return JSON.parse(child.output);
    throw (
      child?.failure ?? new StateError(RUNTIME_ERROR, `execution ${childName} of ${flowName} was stopped`)
    );
  },
});

const lacking = (what: string) => (): never => {
  throw new ApiError(500, 'InternalError', `this embedded cloud has no ${what}`);
};
