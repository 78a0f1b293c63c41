/** How each kind of target is given an event. */
import { ApiError, type Cloud, type FunctionInvoker } from '../kernel.js';
import type { Broker } from './broker.js';
import type { Delivery } from './deliveries.js';
import type { Queues } from './queues.js';
import {
  EVENTBRIDGE,
  type EventBridgeSwitches,
  FUNCTION_ROLE,
  FUNCTION_ROLE_PRINCIPAL,
  HTTP_TIMEOUT_MS,
} from './readings.js';
import { routeOf } from './target-types.js';
import { asText, transform } from './transforms.js';

export interface Surroundings {
  readonly cloud: Cloud;
  readonly broker: () => Broker;
  readonly functions: () => FunctionInvoker;
  readonly queues: Queues;
  readonly switches: EventBridgeSwitches;
}

/** One delivery, and its target's parameters as they come out for its event. */
interface Job extends Delivery {
  /** `undefined` when the target has no such parameter. */
  value(key: string): unknown;
  /** '' when the target has no such parameter. */
  text(key: string): string;
}
type Deliver = (surroundings: Surroundings, job: Job) => Promise<void>;

const DELIVER: ReadonlyMap<string, Deliver> = new Map<string, Deliver>([
  ['acs.fnf', startFlow],
  ['acs.fc.function', invokeFunction],
  ['acs.eventbridge', route],
  ['acs.mns.queue', enqueue],
  ['http', post],
  ['https', post],
]);

/** @throws {ApiError} when the target does not take the event */
export async function deliverTo(surroundings: Surroundings, delivery: Delivery): Promise<void> {
  const { target, event } = delivery;
  const value = (key: string): unknown => {
    const param = target.ParamList.find((one) => one.ResourceKey === key);
    return param === undefined ? undefined : transform(param, event);
  };
  const text = (key: string): string => asText(value(key) ?? '');
  const deliver = DELIVER.get(target.Type);
  if (deliver === undefined)
    throw new ApiError(400, 'EventTargetInvalid', `no targets of type ${target.Type}`);
  await deliver(surroundings, { ...delivery, value, text });
}

/** As the role named in the rule. Without `ExecutionName` (or with one that comes out null) the flow names the execution. */
async function startFlow({ cloud, switches }: Surroundings, { bus, value, text }: Job): Promise<void> {
  const { caller } = cloud.identity.assumeForService(
    bus.accountId,
    text('RoleName'),
    switches.startsFlowsAs,
    'eventbridge',
  );
  const [name, input] = [value('ExecutionName') ?? undefined, value('Input')];
  const params = {
    FlowName: text('FlowName'),
    ...(input === undefined ? {} : { Input: asText(input) }),
    ...(name === undefined ? {} : { ExecutionName: asText(name) }),
  };
  try {
    await cloud.call(caller, '2019-03-15', 'StartExecution', params, bus.region);
  } catch (error) {
    const isThere = error instanceof ApiError && error.code === 'ExecutionAlreadyExists';
    if (!isThere || switches.executionExists === 'failed') throw error;
  }
}

/** As the service-linked role, which must be there: this RAM makes it by CreateRole. */
async function invokeFunction(
  { cloud, functions, switches }: Surroundings,
  { bus, target, value, text }: Job,
): Promise<void> {
  const { caller } = cloud.identity.assumeForService(
    bus.accountId,
    FUNCTION_ROLE,
    FUNCTION_ROLE_PRINCIPAL,
    'eventbridge',
  );
  const [service, name, qualifier] = [
    text('serviceName'),
    text('functionName'),
    text('Qualifier') || 'LATEST',
  ];
  const body = value('Body');
  const reply = await functions().invoke({
    caller,
    resourceArn:
      service === '' || name === ''
        ? target.Endpoint
        : `acs:fc:${bus.region}:${bus.accountId}:services/${service}.${qualifier}/functions/${name}`,
    payload: Buffer.from(asText(text('DataFormat') === 'ObjectList' ? [body] : body)),
    invocationType: text('InvocationType') === 'Async' ? 'Async' : 'Sync',
  });
  if (reply.errorType !== undefined && switches.functionErrorFails)
    throw new ApiError(500, reply.errorType, 'the function failed');
}

/**
 * To another bus. In another account it is published as a role there, which must trust `<uid>@eventbridge.aliyuncs.com`.
 * Source: EventBridge "Route events across Alibaba Cloud accounts".
 */
async function route(
  { cloud, broker }: Surroundings,
  { bus, target, event, origin, text }: Job,
): Promise<void> {
  const to = routeOf(target, bus);
  if (to.accountId !== bus.accountId) {
    const { caller } = cloud.identity.assumeForService(
      to.accountId,
      text('RAMRoleName'),
      `${bus.accountId}@${EVENTBRIDGE}`,
      'eventbridge',
    );
    const resource = `acs:eventbridge:${to.region}:${to.accountId}:eventbus/${to.bus}`;
    cloud.identity.demand(caller, { action: 'eventbridge:PutEvents', resource }, 'AccessDenied');
  }
  const next = broker().bus(to.accountId, to.region, to.bus);
  broker().publish(next, event, { ...origin, hops: origin.hops + 1 });
}

async function enqueue({ queues }: Surroundings, { bus, value, text }: Job): Promise<void> {
  const body = asText(value('Body'));
  const isEncoded = text('IsBase64Encode') === 'true';
  queues.send(bus, text('queue'), isEncoded ? Buffer.from(body).toString('base64') : body);
}

/**
 * Unsigned: the service's own certificate cannot be had here. Nothing leaves this machine: what is to go elsewhere counts as not
 * delivered, and so does a redirection.
 */
async function post(_: Surroundings, { target, value, text }: Job): Promise<void> {
  const url = new URL(text('url') || target.Endpoint);
  if (url.hostname !== '127.0.0.1')
    throw new ApiError(
      502,
      'NotOnThisMachine',
      `An embedded cloud calls 127.0.0.1 only, not ${url.hostname}.`,
    );
  const token = text('Token');
  const reply = await fetch(url, {
    method: 'POST',
    body: asText(value('Body')),
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { 'x-eventbridge-signature-token': token }),
    },
    redirect: 'manual',
    signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
  });
  await reply.arrayBuffer();
  if (!reply.ok) throw new ApiError(reply.status, `HttpStatus${reply.status}`, 'the target did not take it');
}
