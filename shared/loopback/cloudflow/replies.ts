/** Flows, executions and schedules as CloudFlow's replies have them. */
import type { Execution } from './executions.js';
import type { Flow } from './flows.js';
import type { Schedule } from './schedules.js';

const time = (epoch: number | undefined): string =>
  epoch === undefined ? '' : new Date(epoch).toISOString();

export const describeFlow = (flow: Flow): object => ({
  Id: flow.id,
  Name: flow.name,
  Definition: flow.text,
  Description: flow.description,
  Type: 'FDL',
  RoleArn: flow.roleArn,
  ExecutionMode: flow.mode,
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

/** As StartExecution has it: a real reply had neither a status nor an output yet. */
export const describeStarted = (execution: Execution): object => ({
  ...describeExecution(execution),
  Output: '',
  Status: '',
});

/** Of an Express execution, once it is over: this reply alone has the error. */
export const describeSyncExecution = (execution: Execution): object => ({
  Name: execution.name,
  FlowName: execution.flowName,
  Status: execution.status,
  Output: execution.output,
  ErrorCode: execution.failure?.code ?? '',
  ErrorMessage: execution.failure?.detail ?? '',
  StartedTime: time(execution.startedAt),
  StoppedTime: time(execution.stoppedAt),
});

export const describeSchedule = (schedule: Schedule): object => ({
  ScheduleId: schedule.id,
  ScheduleName: schedule.name,
  Description: schedule.description,
  CronExpression: schedule.cron,
  Payload: schedule.payload,
  Enable: schedule.isEnabled,
  CreatedTime: time(schedule.createdAt),
  LastModifiedTime: time(schedule.modifiedAt),
});
