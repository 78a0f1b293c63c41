/** CloudFlow (`fnf` 2019-03-15): flows and their executions. Source: its API reference. */
import { randomUUID } from 'node:crypto';
import {
  ApiError,
  type Cloud,
  type EventPublisher,
  type FunctionInvoker,
  type RpcAction,
  type RpcCall,
  type RpcService,
} from '../kernel.js';
import { BadDefinitionError, type Definition, readDefinition } from './definition.js';
import { type Execution, Executions, inputOf } from './executions.js';
import { StateError } from './interpreter.js';
import { RUNTIME_ERROR } from './readings.js';
import { callProduct } from './tasks.js';

interface Flow {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly text: string;
  readonly definition: Definition;
  readonly description: string;
  readonly roleArn: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly executions: Map<string, Execution>;
}

export interface CloudFlowParts {
  readonly rpc: readonly RpcService[];
  /** State entries of all executions so far. */
  stateEntries(): number;
  /** Executions of a flow, oldest first; for tests and the command line. */
  executionsOf(accountId: string, flowName: string): readonly Execution[];
}

/** Source: CloudFlow "Limits". */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,127}$/;
const MAX_DEFINITION_BYTES = 1024 * 1024;

export function cloudFlowService(
  cloud: Cloud,
  parts: { readonly functions?: () => FunctionInvoker; readonly events?: () => EventPublisher } = {},
): CloudFlowParts {
  const flows = new Map<string, Flow>();
  const executions = new Executions(cloud);
  const lacking = (what: string) => (): never => {
    throw new ApiError(500, 'InternalError', `this embedded cloud has no ${what}`);
  };
  const integrationsOf = (flow: Flow) => ({
    cloud,
    region: flow.region,
    childOutput: async (flowName: string, executionName: string): Promise<unknown> => {
      const child = flows.get(`${flow.accountId}/${flow.region}/${flowName}`)?.executions.get(executionName);
      await child?.over;
      if (child?.status === 'Succeeded') return JSON.parse(child.output);
      throw (
        child?.failure ??
        new StateError(RUNTIME_ERROR, `execution ${executionName} of ${flowName} was stopped`)
      );
    },
    functions: parts.functions ?? lacking('functions'),
    events: parts.events ?? lacking('events'),
    caller: () =>
      cloud.identity.assumeForService(
        flow.accountId,
        flow.roleArn.split('/').at(-1) ?? '',
        'fnf.aliyuncs.com',
        'cloudflow',
      ).caller,
  });

  const keyOf = (call: RpcCall, name: string) => `${call.caller.accountId}/${call.region}/${name}`;
  const demand = (call: RpcCall, action: string, name: string): void =>
    cloud.identity.demand(
      call.caller,
      { action: `fnf:${action}`, resource: `acs:fnf:${call.region}:${call.caller.accountId}:flow/${name}` },
      'AccessDenied',
    );
  const find = (call: RpcCall, name: string): Flow => {
    const flow = flows.get(keyOf(call, name));
    if (flow === undefined) throw new ApiError(404, 'FlowNotExists', `Flow '${name}' does not exist`);
    return flow;
  };
  /** An action on a flow that exists, named by `parameter`. */
  const onFlow =
    (action: string, parameter: string, then: (flow: Flow, call: RpcCall) => unknown): RpcAction =>
    (call) => {
      const name = required(call, parameter);
      demand(call, action, name);
      return then(find(call, name), call);
    };
  const onExecution = (action: string, then: (execution: Execution, call: RpcCall) => unknown): RpcAction =>
    onFlow(action, 'FlowName', (flow, call) => {
      const execution = flow.executions.get(required(call, 'ExecutionName'));
      if (execution === undefined)
        throw new ApiError(
          404,
          'ExecutionNotExists',
          `Execution '${call.params['ExecutionName']}' does not exist`,
        );
      return then(execution, call);
    });

  const store = (call: RpcCall, name: string, before?: Flow): Flow => {
    const { params } = call;
    const text = params['Definition'] ?? before?.text ?? '';
    const now = cloud.clock.now();
    const flow: Flow = {
      id: before?.id ?? randomUUID(),
      accountId: call.caller.accountId,
      region: call.region,
      name,
      text,
      definition: definitionOf(text, name),
      description: params['Description'] ?? before?.description ?? '',
      roleArn: params['RoleArn'] ?? before?.roleArn ?? '',
      createdAt: before?.createdAt ?? now,
      modifiedAt: now,
      executions: before?.executions ?? new Map(),
    };
    flows.set(keyOf(call, name), flow);
    return flow;
  };

  const start = (flow: Flow, { params }: RpcCall): Execution => {
    const name = params['ExecutionName'] ?? randomUUID().replace(/^\d/, 'e');
    if (!NAME.test(name)) throw new ApiError(400, 'InvalidArgument', 'ExecutionName is not valid.');
    const known = flow.executions.get(name);
    if (known?.status === 'Running') return known;
    if (known !== undefined)
      throw new ApiError(409, 'ExecutionAlreadyExists', `Execution '${name}' already exists`);
    const integrations = integrationsOf(flow);
    const { definition, text, roleArn } = flow;
    const execution = executions.start({
      flowName: flow.name,
      definition,
      text,
      roleArn,
      name,
      input: inputOf(params['Input'] ?? '{}'),
      call: (task) => callProduct(task, integrations),
    });
    flow.executions.set(name, execution);
    return execution;
  };

  const actions: Readonly<Record<string, RpcAction>> = {
    CreateFlow: (call) => {
      const name = required(call, 'Name');
      demand(call, 'CreateFlow', name);
      if (!NAME.test(name)) throw new ApiError(400, 'InvalidArgument', 'Name is not valid.');
      if (flows.has(keyOf(call, name)))
        throw new ApiError(409, 'FlowAlreadyExists', `Flow '${name}' already exists`);
      if (required(call, 'Type') !== 'FDL') throw new ApiError(400, 'InvalidArgument', 'Type must be FDL.');
      if (call.params['ExecutionMode'] === 'Express')
        throw new ApiError(400, 'ActionNotSupported', 'This embedded CloudFlow runs Standard flows only.');
      required(call, 'Definition');
      return describeFlow(store(call, name));
    },
    UpdateFlow: onFlow('UpdateFlow', 'Name', (flow, call) => describeFlow(store(call, flow.name, flow))),
    DescribeFlow: onFlow('DescribeFlow', 'Name', (flow) => describeFlow(flow)),
    DeleteFlow: onFlow('DeleteFlow', 'Name', (flow, call) => {
      for (const execution of flow.executions.values())
        if (execution.status === 'Running') executions.stop(execution);
      flows.delete(keyOf(call, flow.name));
      return {};
    }),
    ListFlows: (call) => {
      demand(call, 'ListFlows', '*');
      const own = [...flows.values()].filter(
        (flow) => flow.accountId === call.caller.accountId && flow.region === call.region,
      );
      return { Flows: own.map(describeFlow) };
    },
    StartExecution: onFlow('StartExecution', 'FlowName', (flow, call) =>
      describeExecution(start(flow, call)),
    ),
    DescribeExecution: onExecution('DescribeExecution', async (execution, call) => {
      const waitMs = Math.min(60, Number(call.params['WaitTimeSeconds'] ?? 0)) * 1000;
      if (waitMs > 0 && execution.status === 'Running')
        await Promise.race([execution.over, hostWait(waitMs)]);
      return describeExecution(execution);
    }),
    GetExecutionHistory: onExecution('GetExecutionHistory', (execution, { params }) => {
      const limit = limitOf(params['Limit'], 999);
      const from = Number(params['NextToken'] ?? 0);
      const Events = execution.history.slice(from, from + limit);
      const end = from + Events.length;
      return { Events, ...(end < execution.history.length ? { NextToken: String(end) } : {}) };
    }),
    StopExecution: onExecution('StopExecution', (execution) => {
      if (execution.status !== 'Running')
        throw new ApiError(412, 'PreconditionFailed', 'The execution is not running.');
      executions.stop(execution);
      return describeExecution(execution);
    }),
    ListExecutions: onFlow('ListExecutions', 'FlowName', (flow, { params }) => {
      const all = [...flow.executions.values()].filter(
        (one) =>
          (params['Status'] ?? one.status) === one.status &&
          one.name.startsWith(params['ExecutionNamePrefix'] ?? ''),
      );
      return { Executions: all.slice(0, limitOf(params['Limit'], 99)).map(describeExecution) };
    }),
    ReportTaskSucceeded: (call) => {
      demand(call, 'ReportTaskSucceeded', '*');
      executions.callBack(required(call, 'TaskToken'), { output: inputOf(required(call, 'Output')) });
      return { EventId: 0 };
    },
    ReportTaskFailed: (call) => {
      demand(call, 'ReportTaskFailed', '*');
      executions.callBack(required(call, 'TaskToken'), {
        error: new StateError(required(call, 'Error'), call.params['Cause'] ?? ''),
      });
      return { EventId: 0 };
    },
  };

  return {
    rpc: [{ product: 'fnf', version: '2019-03-15', actions }],
    stateEntries: () => executions.stateEntries,
    executionsOf: (accountId, flowName) =>
      [...flows.values()]
        .filter((flow) => flow.accountId === accountId && flow.name === flowName)
        .flatMap((flow) => [...flow.executions.values()]),
  };
}

function definitionOf(text: string, name: string): Definition {
  if (text.length > MAX_DEFINITION_BYTES)
    throw new ApiError(400, 'EntityTooLarge', 'The definition is too large.');
  try {
    const definition = readDefinition(text);
    if (definition.Name !== name)
      throw new BadDefinitionError([`Name in the definition is ${definition.Name}, not ${name}`]);
    return definition;
  } catch (error) {
    if (error instanceof BadDefinitionError) throw new ApiError(400, 'InvalidArgument', error.message);
    throw error;
  }
}

function required({ params }: RpcCall, name: string): string {
  const value = params[name];
  if (value === undefined || value === '')
    throw new ApiError(400, 'MissingRequiredParams', `${name} is required`);
  return value;
}

const limitOf = (text: string | undefined, most: number): number =>
  Math.min(most, Math.max(1, Number(text ?? 60) || 60));
const hostWait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
const time = (epoch: number | undefined): string =>
  epoch === undefined ? '' : new Date(epoch).toISOString();

const describeFlow = (flow: Flow): object => ({
  Id: flow.id,
  Name: flow.name,
  Definition: flow.text,
  Description: flow.description,
  Type: 'FDL',
  RoleArn: flow.roleArn,
  ExecutionMode: 'Standard',
  CreatedTime: time(flow.createdAt),
  LastModifiedTime: time(flow.modifiedAt),
});

const describeExecution = (execution: Execution) => ({
  Name: execution.name,
  FlowName: execution.flowName,
  FlowDefinition: execution.definition,
  Input: execution.input,
  Output: execution.output,
  Status: execution.status,
  StartedTime: time(execution.startedAt),
  StoppedTime: time(execution.stoppedAt),
});
