/** How each kind of target is given an event. */
import { ApiError, type Cloud, type FunctionInvoker } from '../kernel.js';
import type { Broker } from './broker.js';
import type { Delivery } from './deliveries.js';
import { asText, transform } from './transforms.js';

/** Principal that a target's role must trust. Not documented for flows; taken from the naming of the other services. */
const PRINCIPAL = 'eventbridge.aliyuncs.com';

export interface Surroundings {
  readonly cloud: Cloud;
  readonly broker: () => Broker;
  readonly functions: () => FunctionInvoker;
  /** In-memory queues by ARN tail, standing in for the message service. */
  readonly queues: Map<string, unknown[]>;
}

/** @throws {ApiError} when the target does not take the event */
export async function deliverTo(
  { cloud, broker, functions, queues }: Surroundings,
  delivery: Delivery,
): Promise<void> {
  const { bus, target, event } = delivery;
  const value = (key: string): unknown => {
    const param = target.ParamList.find((one) => one.ResourceKey === key);
    return param === undefined ? undefined : transform(param, event);
  };
  const text = (key: string): string => asText(value(key) ?? '');
  switch (target.Type) {
    case 'acs.fnf':
      return startFlow(cloud, delivery, {
        flow: text('FlowName'),
        name: value('ExecutionName'),
        input: value('Input'),
        role: text('RoleName'),
      });
    case 'acs.fc.function': {
      const { caller } = serviceCaller(cloud, bus.accountId);
      const resourceArn = target.Endpoint;
      const invocationType = text('InvocationType') === 'Async' ? 'Async' : 'Sync';
      const reply = await functions().invoke({
        caller,
        resourceArn,
        payload: Buffer.from(text('Body')),
        invocationType,
      });
      // Undocumented whether a failing function counts as a failing delivery; the cautious reading tries again.
      if (reply.errorType !== undefined) throw new ApiError(500, reply.errorType, 'the function failed');
      return;
    }
    case 'acs.eventbridge': {
      const [, , , region = bus.region, account = bus.accountId, path = ''] = target.Endpoint.split(':');
      broker().publish(broker().bus(account, region, path.replace('eventbus/', '')), event, {
        sourceIp: '127.0.0.1',
        accountId: bus.accountId,
      });
      return;
    }
    case 'acs.mns.queue': {
      const queue = text('queue');
      queues.set(queue, [...(queues.get(queue) ?? []), value('Body')]);
      return;
    }
    default:
      return post(text('url') || target.Endpoint, text('Body'));
  }
}

interface FlowStart {
  readonly flow: string;
  readonly name: unknown;
  readonly input: unknown;
  readonly role: string;
}

async function startFlow(
  cloud: Cloud,
  { bus }: Delivery,
  { flow, name, input, role }: FlowStart,
): Promise<void> {
  const { caller } = cloud.identity.assumeForService(bus.accountId, role, PRINCIPAL, 'eventbridge');
  const params = {
    FlowName: flow,
    Input: asText(input ?? {}),
    ...(typeof name === 'string' && name !== '' ? { ExecutionName: name } : {}),
  };
  try {
    await cloud.call(caller, '2019-03-15', 'StartExecution', params, bus.region);
  } catch (error) {
    // Undocumented; an execution of that name has run, so the event was delivered.
    if (!(error instanceof ApiError && error.code === 'ExecutionAlreadyExists')) throw error;
  }
}

/** The service-linked role that EventBridge sends to functions with may invoke any function of the account. */
function serviceCaller(cloud: Cloud, accountId: string) {
  return cloud.identity.assumeForService(
    accountId,
    'aliyunserviceroleforeventbridgesendtofc',
    'sendevent-fc.eventbridge.aliyuncs.com',
    'eventbridge',
  );
}

/** Nothing leaves this machine. */
async function post(url: string, body: string): Promise<void> {
  if (new URL(url).hostname !== '127.0.0.1')
    throw new ApiError(
      400,
      'InvalidArgument',
      `An embedded cloud calls 127.0.0.1 only, not ${new URL(url).hostname}.`,
    );
  const reply = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(10_000),
  });
  if (!reply.ok) throw new ApiError(reply.status, 'HttpStatus', `the target answered ${reply.status}`);
}
