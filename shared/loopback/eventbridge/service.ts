/** EventBridge: the data plane that `@alicloud/eventbridge` speaks, and the control API 2020-04-01. */
import {
  ApiError,
  type Caller,
  type Cloud,
  type EventPublisher,
  type FunctionInvoker,
  type HttpService,
  type RpcAction,
  type RpcService,
} from '../kernel.js';
import { Broker, DEFAULT_BUS, type Listener } from './broker.js';
import { busOperations, type ControlOperation, type ControlOperations, ruleOperations } from './control.js';
import { dataPlane } from './data-plane.js';
import { type DeadLetter, Deliveries, type Delivery, type DeliveryRecord } from './deliveries.js';
import type { CloudEvent, Json } from './events.js';
import { text } from './params.js';
import { makePutEvents } from './put-events.js';
import { Queues } from './queues.js';
import { DEFAULT_REGION, defaultSwitches, type EventBridgeSwitches } from './readings.js';
import { sourceOperations, startSource } from './sources.js';
import { deadLetterPlace } from './target-types.js';
import { deliverTo } from './targets.js';

export interface EventBridgeParts {
  readonly rpc: readonly RpcService[];
  readonly http: readonly HttpService[];
  readonly publisher: EventPublisher;
  /** Puts what a cloud service tells of on the account's default bus, which takes it from nobody else. */
  tell(accountId: string, event: CloudEvent, region?: string): void;
  /** Hears of every event on a bus from now on, stamped. Returns how to stop. Default region: China (Hangzhou). */
  tap(accountId: string, bus: string, listener: Listener, region?: string): () => void;
  /** What became of events so far; an event on its way is not in it. The oldest are forgotten beyond 10,000. */
  readonly deliveries: readonly DeliveryRecord[];
  /** Events that no retry could deliver and a dead-letter queue took, oldest first; forgotten as above. */
  deadLetters(): readonly DeadLetter[];
  /** Bodies in an in-memory MNS queue, oldest first, written by targets or as dead letters; nobody takes them out. */
  queue(accountId: string, name: string, region?: string): readonly string[];
  /** May be set at any time. */
  readonly switches: EventBridgeSwitches;
  /** Goes on with the schedules and deliveries that were kept. */
  resume(): void;
}

export function eventBridgeService(
  cloud: Cloud,
  parts: { readonly functions?: () => FunctionInvoker } = {},
): EventBridgeParts {
  const switches = defaultSwitches();
  const queues = new Queues(cloud.keeper);
  const surroundings = {
    cloud,
    switches,
    queues,
    broker: () => broker,
    functions: parts.functions ?? noFunctions,
  };
  const bury = (delivery: Delivery, arn: string): void => {
    const place = deadLetterPlace(arn);
    if (place === undefined) throw new ApiError(409, 'EventTargetInvalid', 'no such dead-letter queue');
    const { event, origin } = delivery;
    if (place.kind === 'queue') {
      queues.send(place, place.name, JSON.stringify(event));
      return;
    }
    const bus = broker.bus(place.accountId, place.region, place.name);
    broker.publish(bus, event, { ...origin, hops: origin.hops + 1 });
  };
  const deliveries = new Deliveries(cloud, switches, (delivery) => deliverTo(surroundings, delivery), bury);
  const broker: Broker = new Broker(cloud, deliveries, switches);
  const operations = savedAfter(broker, {
    ...busOperations(broker),
    ...ruleOperations(broker, deliveries),
    ...sourceOperations(cloud, broker),
  });
  const run = (
    operation: ControlOperation,
    call: { readonly caller: Caller; readonly region: string; readonly params: Json },
    refusal: string,
  ): Json => {
    const stem = `acs:eventbridge:${call.region}:${call.caller.accountId}:eventbus/`;
    return operation({
      ...call,
      demand: (action, resource) => {
        const [bus = '*'] = resource.split('/');
        if (cloud.switches.missingBeforeDenied && bus !== '*')
          broker.bus(call.caller.accountId, call.region, bus);
        cloud.identity.demand(
          call.caller,
          { action: `eventbridge:${action}`, resource: `${stem}${resource}` },
          refusal,
        );
      },
    });
  };
  const put = makePutEvents({ cloud, broker, switches });

  return {
    rpc: [
      {
        product: 'eventbridge',
        version: '2020-04-01',
        actions: rpcActions(operations, run),
        refusal: (error) => (switches.refusesByReply ? refusalOf(error) : undefined),
      },
    ],
    http: [
      dataPlane(cloud, {
        put,
        control: (name, caller, region, params) => {
          const operation = operations[name];
          if (operation === undefined) throw new ApiError(404, 'InvalidApi.NotFound', `There is no ${name}.`);
          return run(operation, { caller, region, params }, 'AccessDenied');
        },
      }),
    ],
    publisher: { publish: async (caller, region, events) => put(caller, region, events) },
    tell: (accountId, event, region = DEFAULT_REGION) =>
      broker.publish(broker.bus(accountId, region, DEFAULT_BUS), event, { accountId, sourceIp: '', hops: 0 }),
    tap: (accountId, bus, listener, region = DEFAULT_REGION) =>
      broker.listen(Broker.key(accountId, region, bus), listener),
    deliveries: deliveries.records,
    deadLetters: () => deliveries.deadLetters,
    queue: (accountId, name, region = DEFAULT_REGION) => queues.read({ accountId, region }, name),
    switches,
    resume: () => {
      broker.resume((bus, source) => startSource(cloud, broker, bus, source));
      deliveries.resumeKept((accountId, region, name) => broker.bus(accountId, region, name));
    },
  };
}

const READS = /^(?:Get|List|Test)/;

/** Operations that keep the bus they named as they left it. */
function savedAfter(broker: Broker, operations: ControlOperations): ControlOperations {
  const saving =
    (operation: ControlOperation): ControlOperation =>
    (call) => {
      const reply = operation(call);
      broker.save(call.caller.accountId, call.region, text(call.params, 'EventBusName'));
      return reply;
    };
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      READS.test(name) ? operation : saving(operation),
    ]),
  );
}

type Run = (
  operation: ControlOperation,
  call: { readonly caller: Caller; readonly region: string; readonly params: Json },
  refusal: string,
) => Json;

/** Names that only the other API has. */
const NOT_IN_RPC = new Set(['CreateTargets']);

function rpcActions(operations: Readonly<Record<string, ControlOperation>>, run: Run) {
  const actions = Object.entries(operations)
    .filter(([name]) => !NOT_IN_RPC.has(name))
    .map(([name, operation]): readonly [string, RpcAction] => [
      name,
      (call) => ({
        Code: 'Success',
        Message: 'success',
        Success: true,
        Data: run(operation, call, 'NoPermission'),
      }),
    ]);
  return Object.fromEntries(actions);
}

/** What the product itself refuses; rights, rates and signatures are the gateway's. */
const refusalOf = ({ status, code, message }: ApiError): object | undefined =>
  status === 409 ? { Code: code, Message: message, Success: false } : undefined;

const noFunctions = (): never => {
  throw new ApiError(500, 'InternalError', 'this embedded cloud has no functions');
};
