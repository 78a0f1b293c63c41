/** What a Task can do here. Source: CloudFlow "Integrations". */
import { randomUUID } from 'node:crypto';
import { textIn } from '../json-values.js';
import { ApiError, type Caller, type Cloud, type EventPublisher, type FunctionInvoker } from '../kernel.js';
import type { Template } from './definition.js';
import {
  ACTION_LACKING,
  FUNCTION_UNKNOWN,
  functionResult,
  type Readings,
  RUNTIME_ERROR,
} from './readings.js';
import { StateError } from './state-error.js';
import type { Task } from './surroundings.js';

export interface Integrations {
  readonly cloud: Cloud;
  readonly readings: Readings;
  readonly region: string;
  readonly accountId: string;
  readonly flowName: string;
  /** The flow's role, as CloudFlow's own session of it. @throws {ApiError} when the role does not trust CloudFlow */
  readonly caller: () => Caller;
  readonly functions: () => FunctionInvoker;
  readonly events: () => EventPublisher;
  /** Output of a child execution once it is over. @throws {StateError} under the child's own error */
  readonly childOutput: (flowName: string, executionName: string) => Promise<unknown>;
}

/** The raw result of `task`. @throws {StateError} whatever goes wrong, so that Retry and Catch see it */
export async function callProduct(task: Task, parts: Integrations): Promise<unknown> {
  const action = ACTIONS.get(task.action);
  if (action === undefined) throw lacking(task.action);
  try {
    if (task.mode === 'WaitForSystemCallback') return await waitForSystem(task, parts);
    return await action(task, parts);
  } catch (error) {
    throw asStateError(error, task.action.startsWith('FC:'));
  }
}

function asStateError(error: unknown, isFunction: boolean): StateError {
  if (error instanceof StateError) return error;
  if (error instanceof ApiError)
    return new StateError(`${isFunction ? 'FC.' : ''}${error.code}`, error.message);
  const detail = error instanceof Error ? error.message : String(error);
  return new StateError(isFunction ? FUNCTION_UNKNOWN : RUNTIME_ERROR, detail);
}

const lacking = (what: string): StateError =>
  new StateError(ACTION_LACKING, `this embedded CloudFlow has no ${what}`);

/** What the service itself reports back: a function's reply, or a child execution's output. Others have no such mode. */
async function waitForSystem(task: Task, parts: Integrations): Promise<unknown> {
  if (task.action === 'FC:InvokeFunction')
    return invokeFunction({ ...task, parameters: { ...task.parameters, invocationType: 'Sync' } }, parts);
  if (task.action !== 'FNF:StartExecution') throw lacking(`WaitForSystemCallback for ${task.action}`);
  const { FlowName, ExecutionName } = await startExecution(task, parts);
  return parts.childOutput(FlowName, ExecutionName);
}

type Action = (task: Task, parts: Integrations) => Promise<unknown>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['FC:InvokeFunction', invokeFunction],
  ['FNF:StartExecution', startExecution],
  ['EventBridge:PutEvents', putEvents],
  ['HTTP:Request', httpRequest],
]);

async function invokeFunction({ parameters }: Task, parts: Integrations): Promise<unknown> {
  const { body, invocationType, resourceArn } = parameters;
  if (typeof resourceArn !== 'string') throw new StateError('FC.InvalidArgument', 'resourceArn is due');
  if (invocationType !== 'Sync' && invocationType !== 'Async')
    throw new StateError('FC.InvalidArgument', 'invocationType is Sync or Async');
  const reply = await parts.functions().invoke({
    caller: parts.caller(),
    resourceArn: completed(resourceArn, parts),
    payload: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {})),
    invocationType,
  });
  const text = reply.body.toString('utf8');
  if (reply.errorType !== undefined) throw functionError(text, parts.readings);
  if (reply.status < 200 || reply.status > 299) throw refusal(reply.status, text);
  return functionResult(reply.status, parsedOr(text, text));
}

/** Region and account may be left out of a function's ARN: then they are the flow's. */
const completed = (arn: string, { region, accountId }: Integrations): string =>
  arn.replace(
    /^acs:fc:([^:]*):([^:]*):/,
    (_, given: string, owner: string) => `acs:fc:${given || region}:${owner || accountId}:`,
  );

/** An uncaught exception surfaces under its class name, or (the other reading) under one name for all. */
function functionError(text: string, { functionErrorName }: Readings): StateError {
  const { errorType, errorMessage } = membersOf(text);
  const isNamed = functionErrorName === 'errorType' && typeof errorType === 'string' && errorType !== '';
  return new StateError(
    isNamed ? errorType : FUNCTION_UNKNOWN,
    typeof errorMessage === 'string' && isNamed ? errorMessage : text.slice(0, 1000),
  );
}

/** Function Compute itself said no: its error bodies have a code. */
function refusal(status: number, text: string): StateError {
  const { Code, ErrorCode, Message, ErrorMessage } = membersOf(text);
  const code = [Code, ErrorCode].find((one) => typeof one === 'string' && one !== '');
  return new StateError(
    code === undefined ? FUNCTION_UNKNOWN : `FC.${code}`,
    `${status}: ${Message ?? ErrorMessage ?? text.slice(0, 1000)}`,
  );
}

function membersOf(text: string): Template {
  const value = parsedOr(text, undefined);
  return typeof value === 'object' && value !== null ? (value as Template) : {};
}

function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

interface Started {
  readonly FlowName: string;
  readonly ExecutionName: string;
  readonly RequestID: string;
}

/** `acs:fnf:::flow/<name>`, region and account filled in or not: of this region and account in any case. */
const FLOW_ARN = /^acs:fnf:([a-z0-9-]*):(\d*):flow\/([A-Za-z_][\w-]{0,127})$/;

/** Without a name of its own it is named after the task, so that a task which is resumed finds it again. */
async function startExecution(
  { parameters, taskToken, isResumed }: Task,
  parts: Integrations,
): Promise<Started> {
  const { resourceArn, executionName, input } = parameters;
  const [, region = '', account = '', FlowName] = FLOW_ARN.exec(textIn(resourceArn)) ?? [];
  if (
    FlowName === undefined ||
    (region !== '' && region !== parts.region) ||
    (account !== '' && account !== parts.accountId)
  )
    throw new StateError('InvalidArgument', 'resourceArn is no flow of this region and account');
  const ExecutionName = typeof executionName === 'string' ? executionName : taskToken.replace(/^\d/, 'e');
  const params = { FlowName, ExecutionName, Input: JSON.stringify(input ?? {}) };
  try {
    await parts.cloud.call(parts.caller(), '2019-03-15', 'StartExecution', params, parts.region);
  } catch (error) {
    const wasStarted = error instanceof ApiError && error.code === 'ExecutionAlreadyExists';
    if (!wasStarted || isResumed !== true) throw error;
  }
  return { FlowName, ExecutionName, RequestID: randomUUID().toUpperCase() };
}

/** One event; what it is about is this flow unless it says otherwise. Source: CloudFlow "EventBridge". */
async function putEvents({ parameters }: Task, parts: Integrations): Promise<unknown> {
  const { id, source, type, subject, data, eventBusName } = parameters;
  const flowArn = `acs:fnf:${parts.region}:${parts.accountId}:flow/${parts.flowName}`;
  return parts.events().publish(parts.caller(), parts.region, [
    {
      id,
      source,
      type,
      subject: subject ?? flowArn,
      data,
      specversion: '1.0',
      time: new Date(parts.cloud.clock.now()).toISOString(),
      aliyuneventbusname: eventBusName,
    },
  ]);
}

/** In host time; a server that never answers must not keep the cloud busy for ever. */
const MAX_HTTP_MS = 60_000;

/** Nothing leaves this machine: redirects are not followed either. Source: CloudFlow "HTTP:Request". */
async function httpRequest({ parameters, mode, taskToken }: Task): Promise<unknown> {
  const { url, method, body, headers } = parameters;
  const target = new URL(textIn(url));
  if (target.hostname !== '127.0.0.1')
    throw new StateError(RUNTIME_ERROR, `an embedded cloud calls 127.0.0.1 only, not ${target.hostname}`);
  const reply = await fetch(target, {
    method: textIn(method ?? 'GET').toUpperCase(),
    redirect: 'manual',
    signal: AbortSignal.timeout(MAX_HTTP_MS),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: {
      ...((headers ?? {}) as Readonly<Record<string, string>>),
      ...(mode === 'WaitForCustomCallback' ? { 'X-FnF-Http-Callback-Task-Token': taskToken } : {}),
    },
  });
  return { Header: Object.fromEntries(reply.headers), Code: reply.status, Body: await reply.text() };
}
