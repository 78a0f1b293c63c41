/** Flows and executions as CloudFlow's replies have them. */
import type { Execution } from './executions.js';
import type { Flow } from './flows.js';

const time = (epoch: number | undefined): string =>
  epoch === undefined ? '' : new Date(epoch).toISOString();

export const describeFlow = (flow: Flow): object => ({
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

/** Without the reason of a failure: the service gives that in the history only. */
export const describeExecution = (execution: Execution): object => ({
  Name: execution.name,
  FlowName: execution.flowName,
  FlowDefinition: execution.definition,
  Input: execution.input,
  Output: execution.output,
  Status: execution.status,
  StartedTime: time(execution.startedAt),
  StoppedTime: time(execution.stoppedAt),
});
