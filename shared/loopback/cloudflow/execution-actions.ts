/** Actions on executions, and callbacks of tasks. Source: CloudFlow API reference. */
import { ApiError, type RpcAction, type RpcCall } from '../kernel.js';
import type { Core } from './core.js';
import { dataOf } from './executions.js';
import { invalid, pageOf, refuse, required, shortText, wholeNumber } from './parameters.js';
import { RUNTIME_ERROR } from './readings.js';
import { describeExecution, describeStarted, describeSyncExecution } from './replies.js';
import { demandFlow } from './rights.js';
import { StateError } from './state-error.js';

/** Parameters of the service that would change what happens, and that are not acted on here. */
const LACKING = ['Qualifier', 'Environment', 'MapRunName', 'MetadataOnly'];

export function executionActions(core: Core): Readonly<Record<string, RpcAction>> {
  const { identity, clock } = core.cloud;
  return {
    StartExecution: core.onExecutions('StartExecution', (flow, call) => {
      refuse(call, LACKING);
      if (flow.mode !== 'Standard') throw invalid('An Express flow is started by StartSyncExecution.');
      return describeStarted(core.start(flow, call.params));
    }),
    StartSyncExecution: core.onExecutions('StartSyncExecution', async (flow, call) => {
      refuse(call, LACKING);
      if (flow.mode !== 'Express') throw invalid('StartSyncExecution is for Express flows.');
      const execution = core.start(flow, call.params);
      await clock.rest(() => execution.over);
      return describeSyncExecution(execution);
    }),
    DescribeExecution: core.onExecution('DescribeExecution', async (execution, call) => {
      const waitSeconds = wholeNumber(call, 'WaitTimeSeconds', { from: 0, to: 60, otherwise: 0 });
      if (waitSeconds > 0 && execution.status === 'Running')
        await clock.rest(() => inHostTime(execution.over, waitSeconds * 1000));
      return describeExecution(execution);
    }),
    GetExecutionHistory: core.onExecution('GetExecutionHistory', ({ history }, call) => {
      const { page, next } = pageOf(call, history, 999);
      return { Events: page, ...next };
    }),
    StopExecution: core.onExecution('StopExecution', (execution, { params }) => {
      const reason = {
        Error: shortText(params['Error'], 128, 'Error'),
        Cause: shortText(params['Cause'], 4096, 'Cause'),
      };
      if (execution.status !== 'Running')
        throw new ApiError(412, 'PreconditionFailed', 'The execution is not running.');
      execution.stop(reason);
      return describeExecution(execution);
    }),
    ListExecutions: core.onExecutions('ListExecutions', (flow, call) => {
      refuse(call, LACKING);
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
      demandFlow(identity, call, 'ReportTaskSucceeded', '*');
      const output = dataOf(required(call, 'Output'), 'Output');
      core.executions.callBack(required(call, 'TaskToken'), { output });
      return { EventId: 0 };
    },
    ReportTaskFailed: (call) => {
      demandFlow(identity, call, 'ReportTaskFailed', '*');
      const code = shortText(required(call, 'Error'), 128, 'Error') ?? RUNTIME_ERROR;
      const cause = shortText(call.params['Cause'], 4096, 'Cause') ?? '';
      core.executions.callBack(required(call, 'TaskToken'), { error: new StateError(code, cause) });
      return { EventId: 0 };
    },
  };
}

/** When `over` settles, or `ms` of host time later: a caller who waits does so in host time, the cloud's may stand still. */
const inHostTime = (over: Promise<void>, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    void over.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });

function timeOf({ params }: RpcCall, name: string): number | undefined {
  const text = params[name];
  if (text === undefined || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`${name} is no time.`);
  return time;
}
