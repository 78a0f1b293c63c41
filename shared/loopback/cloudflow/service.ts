/** CloudFlow (`fnf` 2019-03-15): flows and their executions. Source: its API reference. */
import { randomUUID } from 'node:crypto';
import { ApiError, type Cloud, type RpcAction, type RpcCall, type RpcService } from '../kernel.js';
import { dataOf, type Execution, Executions } from './executions.js';
import { type Flow, Flows } from './flows.js';
import { integrationsOf, type Neighbours } from './integrations.js';
import { invalid, nameOf, pageOf, refuse, required, shortText, wholeNumber } from './parameters.js';
import { RUNTIME_ERROR } from './readings.js';
import { describeExecution, describeFlow } from './replies.js';
import { StateError } from './state-error.js';
import { callProduct } from './tasks.js';

export interface CloudFlowParts {
  readonly rpc: readonly RpcService[];
  /** State entries of all executions so far. */
  stateEntries(): number;
  /** Executions of a flow, oldest first; for tests and the command line. */
  executionsOf(accountId: string, flowName: string): readonly Execution[];
}

/** Parameters of the service that would change what happens, and that are not acted on here. */
const LACKING_OF_FLOWS = ['Environment', 'ExternalStorageLocation', 'FlowVersion'];
const LACKING_OF_EXECUTIONS = ['Qualifier', 'Environment', 'MapRunName'];

export function cloudFlowService(cloud: Cloud, neighbours: Neighbours = {}): CloudFlowParts {
  const flows = new Flows();
  const executions = new Executions(cloud);
  const now = () => cloud.clock.now();

  const demand = ({ caller, region }: RpcCall, action: string, name: string): void =>
    cloud.identity.demand(
      caller,
      { action: `fnf:${action}`, resource: `acs:fnf:${region}:${caller.accountId}:flow/${name}` },
      'AccessDenied',
    );
  /** An action on a flow that exists, named by `parameter`. */
  const onFlow =
    (action: string, parameter: string, then: (flow: Flow, call: RpcCall) => unknown): RpcAction =>
    (call) => {
      const name = required(call, parameter);
      demand(call, action, name);
      return then(flows.find(call, name), call);
    };
  const onExecution = (action: string, then: (execution: Execution, call: RpcCall) => unknown): RpcAction =>
    onFlow(action, 'FlowName', (flow, call) => {
      const name = required(call, 'ExecutionName');
      const execution = flow.executions.get(name);
      if (execution === undefined)
        throw new ApiError(404, 'ExecutionNotExists', `Execution '${name}' does not exist`);
      return then(execution, call);
    });

  /** A name that runs is that execution again; one that ran is taken for good. */
  const start = (flow: Flow, call: RpcCall): Execution => {
    refuse(call, LACKING_OF_EXECUTIONS);
    const { params } = call;
    const name = nameOf(params['ExecutionName'] ?? randomUUID().replace(/^\d/, 'e'), 'ExecutionName');
    const known = flow.executions.get(name);
    if (known?.status === 'Running') return known;
    if (known !== undefined)
      throw new ApiError(409, 'ExecutionAlreadyExists', `Execution '${name}' already exists`);
    const integrations = integrationsOf({ cloud, flows, neighbours }, flow, name);
    const { definition, text, roleArn } = flow;
    const execution = executions.start({
      flowName: flow.name,
      definition,
      text,
      roleArn,
      name,
      input: dataOf(params['Input'] || '{}', 'Input'),
      call: (task) => callProduct(task, integrations),
    });
    flow.executions.set(name, execution);
    const token = params['CallbackFnFTaskToken'];
    if (token !== undefined && token !== '')
      void execution.over.then(() => executions.reportEnd(token, execution));
    return execution;
  };

  const actions: Readonly<Record<string, RpcAction>> = {
    CreateFlow: (call) => {
      const name = required(call, 'Name');
      demand(call, 'CreateFlow', name);
      nameOf(name, 'Name');
      refuse(call, LACKING_OF_FLOWS);
      if (flows.get(call.caller.accountId, call.region, name) !== undefined)
        throw new ApiError(409, 'FlowAlreadyExists', `Flow '${name}' already exists`);
      for (const parameter of ['Type', 'Definition', 'Description']) required(call, parameter);
      if (call.params['ExecutionMode'] === 'Express')
        throw new ApiError(400, 'ActionNotSupported', 'This embedded CloudFlow runs Standard flows only.');
      return describeFlow(flows.store(call, name, now()));
    },
    UpdateFlow: onFlow('UpdateFlow', 'Name', (flow, call) => {
      refuse(call, LACKING_OF_FLOWS);
      return describeFlow(flows.store(call, flow.name, now(), flow));
    }),
    DescribeFlow: onFlow('DescribeFlow', 'Name', (flow, call) => {
      refuse(call, LACKING_OF_FLOWS);
      return describeFlow(flow);
    }),
    DeleteFlow: onFlow('DeleteFlow', 'Name', (flow) => {
      for (const execution of flow.executions.values()) execution.stop();
      flows.delete(flow);
      return {};
    }),
    ListFlows: (call) => {
      demand(call, 'ListFlows', '*');
      const own = flows
        .all()
        .filter((flow) => flow.accountId === call.caller.accountId && flow.region === call.region);
      const { page, next } = pageOf(call, own, 999);
      return { Flows: page.map(describeFlow), ...next };
    },
    StartExecution: onFlow('StartExecution', 'FlowName', (flow, call) =>
      describeExecution(start(flow, call)),
    ),
    DescribeExecution: onExecution('DescribeExecution', async (execution, call) => {
      const waitSeconds = wholeNumber(call, 'WaitTimeSeconds', { from: 0, to: 60, otherwise: 0 });
      if (waitSeconds > 0 && execution.status === 'Running')
        await Promise.race([execution.over, hostWait(waitSeconds * 1000)]);
      return describeExecution(execution);
    }),
    GetExecutionHistory: onExecution('GetExecutionHistory', ({ history }, call) => {
      const { page, next } = pageOf(call, history, 999);
      return { Events: page, ...next };
    }),
    StopExecution: onExecution('StopExecution', (execution, { params }) => {
      const reason = {
        Error: shortText(params['Error'], 128, 'Error'),
        Cause: shortText(params['Cause'], 4096, 'Cause'),
      };
      if (execution.status !== 'Running')
        throw new ApiError(412, 'PreconditionFailed', 'The execution is not running.');
      execution.stop(reason);
      return describeExecution(execution);
    }),
    ListExecutions: onFlow('ListExecutions', 'FlowName', (flow, call) => {
      refuse(call, LACKING_OF_EXECUTIONS);
      const { Status, ExecutionNamePrefix = '' } = call.params;
      const [begin, end] = [timeOf(call, 'StartedTimeBegin'), timeOf(call, 'StartedTimeEnd')];
      const matching = [...flow.executions.values()].filter(
        (one) =>
          (Status || one.status) === one.status &&
          one.name.startsWith(ExecutionNamePrefix) &&
          one.startedAt >= (begin ?? 0) &&
          one.startedAt <= (end ?? Number.POSITIVE_INFINITY),
      );
      const { page, next } = pageOf(call, matching, 99);
      return { Executions: page.map(describeExecution), ...next };
    }),
    ReportTaskSucceeded: (call) => {
      demand(call, 'ReportTaskSucceeded', '*');
      const output = dataOf(required(call, 'Output'), 'Output');
      executions.callBack(required(call, 'TaskToken'), { output });
      return { EventId: 0 };
    },
    ReportTaskFailed: (call) => {
      demand(call, 'ReportTaskFailed', '*');
      const code = shortText(required(call, 'Error'), 128, 'Error') ?? RUNTIME_ERROR;
      const cause = shortText(call.params['Cause'], 4096, 'Cause') ?? '';
      executions.callBack(required(call, 'TaskToken'), { error: new StateError(code, cause) });
      return { EventId: 0 };
    },
  };

  return {
    rpc: [{ product: 'fnf', version: '2019-03-15', actions }],
    stateEntries: () => executions.stateEntries,
    executionsOf: (accountId, flowName) =>
      flows
        .all()
        .filter((flow) => flow.accountId === accountId && flow.name === flowName)
        .flatMap((flow) => [...flow.executions.values()]),
  };
}

/** A caller who waits does so in host time: time of the cloud may stand still. */
const hostWait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

function timeOf({ params }: RpcCall, name: string): number | undefined {
  const text = params[name];
  if (text === undefined || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`${name} is no time.`);
  return time;
}
