/** What a Task can do here. Source: CloudFlow "Integrations". */
import { ApiError, type Caller, type Cloud, type EventPublisher, type FunctionInvoker } from '../kernel.js';
import type { Template } from './definition.js';
import { StateError, type Task } from './interpreter.js';
import { FUNCTION_UNKNOWN, functionResult, RUNTIME_ERROR } from './readings.js';

export interface Integrations {
  readonly cloud: Cloud;
  readonly region: string;
  /** The flow's role, as CloudFlow's own session of it. @throws {ApiError} when the role does not trust CloudFlow */
  readonly caller: () => Caller;
  readonly functions: () => FunctionInvoker;
  readonly events: () => EventPublisher;
  /** Output of a child execution once it is over. @throws {StateError} under the child's own error */
  readonly childOutput: (flowName: string, executionName: string) => Promise<unknown>;
}

/** The raw result of `task`. @throws {StateError} */
export async function callProduct(task: Task, parts: Integrations): Promise<unknown> {
  const action = ACTIONS.get(task.action);
  if (action === undefined)
    throw new StateError('ActionNotSupported', `this embedded CloudFlow has no ${task.action}`);
  try {
    if (task.mode === 'WaitForSystemCallback') return await waitForSystem(task, parts);
    return await action(task.parameters, parts);
  } catch (error) {
    if (error instanceof ApiError)
      throw new StateError(`${task.action.startsWith('FC:') ? 'FC.' : ''}${error.code}`, error.message);
    throw error;
  }
}

/** What the service itself reports back: a function's reply, or a child execution's output. Others have no such mode. */
async function waitForSystem(task: Task, parts: Integrations): Promise<unknown> {
  if (task.action === 'FC:InvokeFunction')
    return invokeFunction({ ...task.parameters, invocationType: 'Sync' }, parts);
  if (task.action !== 'FNF:StartExecution')
    throw new StateError('ActionNotSupported', `${task.action} has no WaitForSystemCallback`);
  const { FlowName, ExecutionName } = await startExecution(task.parameters, parts);
  return parts.childOutput(FlowName, ExecutionName);
}

type Action = (parameters: Template, parts: Integrations) => Promise<unknown>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['FC:InvokeFunction', invokeFunction],
  ['FNF:StartExecution', startExecution],
  ['EventBridge:PutEvents', putEvents],
  ['HTTP:Request', httpRequest],
]);

async function invokeFunction(parameters: Template, parts: Integrations): Promise<unknown> {
  const body = parameters['body'];
  const reply = await parts.functions().invoke({
    caller: parts.caller(),
    resourceArn: String(parameters['resourceArn']),
    payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {})),
    invocationType: parameters['invocationType'] === 'Async' ? 'Async' : 'Sync',
  });
  const text = reply.body.toString('utf8');
  if (reply.errorType !== undefined) throw functionError(text);
  return functionResult(reply.status, parsedOr(text, text));
}

/** An uncaught exception surfaces under its class name. */
function functionError(text: string): StateError {
  const body = parsedOr(text, {}) as { readonly errorType?: unknown; readonly errorMessage?: unknown };
  const name =
    typeof body.errorType === 'string' && body.errorType !== '' ? body.errorType : FUNCTION_UNKNOWN;
  return new StateError(name, String(body.errorMessage ?? ''));
}

function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

async function startExecution(
  parameters: Template,
  { cloud, caller, region }: Integrations,
): Promise<{ readonly FlowName: string; readonly ExecutionName: string; readonly RequestID: string }> {
  const FlowName = String(parameters['resourceArn']).split('/').at(-1) ?? '';
  const name = parameters['executionName'];
  const reply = (await cloud.call(
    caller(),
    '2019-03-15',
    'StartExecution',
    {
      FlowName,
      Input: JSON.stringify(parameters['input'] ?? {}),
      ...(typeof name === 'string' ? { ExecutionName: name } : {}),
    },
    region,
  )) as { readonly Name: string };
  return { FlowName, ExecutionName: reply.Name, RequestID: '' };
}

async function putEvents(parameters: Template, { events, caller, region }: Integrations): Promise<unknown> {
  const { id, source, type, subject, data, eventBusName } = parameters;
  return events().publish(caller(), region, [
    { id, source, type, subject, data, specversion: '1.0', aliyuneventbusname: eventBusName },
  ]);
}

/** Nothing leaves this machine. */
async function httpRequest({ url, method, body, headers }: Template): Promise<unknown> {
  const target = new URL(String(url));
  if (target.hostname !== '127.0.0.1')
    throw new StateError(RUNTIME_ERROR, `an embedded cloud calls 127.0.0.1 only, not ${target.hostname}`);
  const reply = await fetch(target, {
    method: String(method ?? 'GET').toUpperCase(),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: (headers ?? {}) as Record<string, string>,
  });
  return { Header: Object.fromEntries(reply.headers), Code: reply.status, Body: await reply.text() };
}
