/** Control calls on event sources. Scheduled ones are served, all others refused by name. */
import { ApiError, type Cloud } from '../kernel.js';
import type { Broker, Bus } from './broker.js';
import { busArn, type ControlCall, type ControlOperations } from './control.js';
import type { Json } from './events.js';
import { optional, pageOf, parsed, text } from './params.js';
import { readScheduled, type ScheduledSource, scheduledEvent, startSchedule } from './schedules.js';

/** Source: EventBridge "Limits". */
const NAME = /^[A-Za-z0-9./-]{1,127}$/;
const SCHEDULED = 'SourceScheduledEventParameters';
/** The service itself publishes scheduled events; whose address they tell is not documented. */
const SERVICE_IP = '127.0.0.1';

export function sourceOperations(cloud: Cloud, broker: Broker): ControlOperations {
  const busOf = (action: string, call: ControlCall): Bus => {
    const name = text(call.params, 'EventBusName');
    call.demand(action, `${name}/eventsource/${text(call.params, 'EventSourceName')}`);
    return broker.bus(call.caller.accountId, call.region, name);
  };
  const sourceOf = (bus: Bus, { params }: ControlCall): ScheduledSource => {
    const name = text(params, 'EventSourceName');
    const source = bus.sources.get(name);
    if (source === undefined)
      throw new ApiError(409, 'EventSourceNotExist', `The event source [${name.slice(0, 130)}] not existed!`);
    return source;
  };
  const start = (bus: Bus, { params }: ControlCall, before?: ScheduledSource): Json => {
    const name = text(params, 'EventSourceName');
    const { next: _, ...parameters } = scheduleIn(params);
    before?.stop();
    startSource(cloud, broker, bus, {
      name,
      description: optional(params, 'Description') ?? before?.description ?? '',
      parameters,
      createdAt: before?.createdAt ?? cloud.clock.now(),
    });
    return { EventSourceARN: sourceArn(bus, name) };
  };
  return {
    CreateEventSource: (call) => {
      const bus = busOf('CreateEventSource', call);
      const name = text(call.params, 'EventSourceName');
      if (!NAME.test(name))
        throw new ApiError(409, 'EventSourceNameInvalid', 'The event source name is not valid.');
      if (bus.sources.has(name))
        throw new ApiError(409, 'EventSourceAlreadyExist', `The event source [${name}] already existed!`);
      return start(bus, call);
    },
    UpdateEventSource: (call) => {
      const bus = busOf('UpdateEventSource', call);
      return start(bus, call, sourceOf(bus, call));
    },
    DeleteEventSource: (call) => {
      const bus = busOf('DeleteEventSource', call);
      const source = sourceOf(bus, call);
      source.stop();
      bus.sources.delete(source.name);
      return {};
    },
    ListUserDefinedEventSources: (call) => {
      const name = optional(call.params, 'EventBusName');
      call.demand('ListUserDefinedEventSources', `${name ?? '*'}/eventsource/*`);
      const { caller, region, params } = call;
      const buses =
        name === undefined
          ? broker.busesOf(caller.accountId, region)
          : [broker.bus(caller.accountId, region, name)];
      const all = buses.flatMap((bus) => [...bus.sources.values()].map((source) => describe(bus, source)));
      const { items, rest } = pageOf(
        all.filter((source) => source.Name.startsWith(optional(params, 'NamePrefix') ?? '')),
        params,
      );
      return { EventSourceList: items, ...rest };
    },
  };
}

/** Puts a source on its bus, in place of one of its name, and starts it. */
export function startSource(
  cloud: Cloud,
  broker: Broker,
  bus: Bus,
  source: Omit<ScheduledSource, 'stop'>,
): void {
  const scheduled = readScheduled(source.parameters);
  if (typeof scheduled === 'string') throw new Error(`source ${source.name}: ${scheduled}`);
  const stop = startSchedule(cloud.clock, scheduled.next, () => {
    const event = scheduledEvent(source.name, source.parameters, cloud.clock.now());
    broker.publish(bus, event, { accountId: bus.accountId, sourceIp: SERVICE_IP, hops: 0 });
  });
  bus.sources.set(source.name, { ...source, stop });
}

/** @throws {ApiError} naming the kind of source that is not served; the codes are the open-source sibling's */
function scheduleIn(params: Json) {
  const other = Object.keys(params).find((key) => /^Source.*Parameters/.test(key) && key !== SCHEDULED);
  if (
    other !== undefined ||
    params['LinkedExternalSource'] === 'true' ||
    params['LinkedExternalSource'] === true
  )
    throw new ApiError(
      409,
      'EventSourceTypeInvalid',
      `This embedded EventBridge has scheduled event sources only, no ${other ?? 'external sources'}.`,
    );
  const scheduled = readScheduled(parsed(params, SCHEDULED));
  if (typeof scheduled === 'string')
    throw new ApiError(409, 'EventSourceIneffectiveAttribute', `${scheduled}.`);
  return scheduled;
}

const sourceArn = (bus: Bus, name: string): string => `${busArn(bus)}/eventsource/${name}`;
const describe = (bus: Bus, { name, description, parameters, createdAt }: ScheduledSource) => ({
  Name: name,
  Description: description,
  Arn: sourceArn(bus, name),
  Status: 'Activated',
  Type: 'UserDefined',
  ExternalSourceType: 'ScheduledEvent',
  Ctime: createdAt,
  EventBusName: bus.name,
  [SCHEDULED]: parameters,
});
