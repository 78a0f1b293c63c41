/** CloudFlow (`fnf` 2019-03-15): flows, their executions, their schedules. Source: its API reference. */
import type { Cloud, RpcService } from '../kernel.js';
import { Core } from './core.js';
import type { EntryLimit } from './entry-rate.js';
import { executionActions } from './execution-actions.js';
import { type Execution, Executions } from './executions.js';
import { flowActions } from './flow-actions.js';
import { Flows } from './flows.js';
import type { Neighbours } from './integrations.js';
import { DEFAULT_READINGS, type Readings } from './readings.js';
import { scheduleActions, startScheduleOf } from './schedule-actions.js';

export interface CloudFlowOptions extends Neighbours {
  /** Readings of what is not documented; what is left out stays at its cautious default. */
  readonly readings?: Partial<Readings>;
  readonly limits?: CloudFlowLimits;
}

/** Of an account. Source: CloudFlow "Limits". */
export interface CloudFlowLimits {
  /** Published: 100 at once, and 100 a second. Default: none, since a loopback is faster than any network. */
  readonly stateEntries?: EntryLimit;
  /** Default, as published: 10,000. */
  readonly runningExecutions?: number;
  /** Default, as published: 10,000. */
  readonly flows?: number;
}

const PUBLISHED = { runningExecutions: 10_000, flows: 10_000 };

export interface CloudFlowParts {
  readonly rpc: readonly RpcService[];
  /** State entries of all executions so far. */
  stateEntries(): number;
  /** Those of one flow's executions alone. */
  stateEntriesOf(accountId: string, flowName: string): number;
  /** Executions of a flow, oldest first; for tests and the command line. */
  executionsOf(accountId: string, flowName: string): readonly Execution[];
  /** Goes on with the executions and schedules that were kept. */
  resume(): void;
}

export function cloudFlowService(cloud: Cloud, options: CloudFlowOptions = {}): CloudFlowParts {
  const readings = { ...DEFAULT_READINGS, ...options.readings };
  const flows = new Flows(cloud.keeper, readings);
  const executions = new Executions(cloud, readings, options.limits?.stateEntries);
  const limits = { ...PUBLISHED, ...options.limits };
  const core = new Core(cloud, flows, executions, readings, options, limits);
  const actions = { ...flowActions(core), ...executionActions(core), ...scheduleActions(core) };
  const executionsOf: CloudFlowParts['executionsOf'] = (accountId, flowName) =>
    flows
      .all()
      .filter((flow) => flow.accountId === accountId && flow.name === flowName)
      .flatMap((flow) => [...flow.executions.values()]);
  return {
    rpc: [{ product: 'fnf', version: '2019-03-15', actions }],
    stateEntries: () => executions.stateEntries,
    stateEntriesOf: (accountId, flowName) =>
      executionsOf(accountId, flowName)
        .flatMap(({ history }) => history)
        .filter(({ Type }) => Type === 'StepEntered').length,
    executionsOf,
    resume: () => {
      core.resume();
      flows.resume((flow, schedule) => startScheduleOf(core, flow, schedule));
    },
  };
}
