/** `PutEvents`, for the data plane and for the integrations of other products. */
import { randomUUID } from 'node:crypto';
import { ApiError, type Caller, type Cloud } from '../kernel.js';
import { Seconds } from '../rates.js';
import { Broker, DEFAULT_BUS } from './broker.js';
import { type Json, readBatch } from './events.js';
import type { EventBridgeSwitches } from './readings.js';

/** Of one bus. Source: EventBridge "Limits". */
const EVENTS_A_SECOND = { default: 10_000, custom: 3_000 };

/** Takes the events as the request's body has them. Throws `ApiError` when it takes none; entries tell who alone was refused. */
export type PutEvents = (caller: Caller, region: string, events: unknown) => Json;

export function makePutEvents(parts: {
  readonly cloud: Cloud;
  readonly broker: Broker;
  readonly switches: EventBridgeSwitches;
}): PutEvents {
  const { cloud, broker, switches } = parts;
  const taken = new Seconds(() => cloud.clock.now());
  return (caller, region, body) => {
    const { bus: name, events } = readBatch(body, switches.timeMayLack);
    const resource = `acs:eventbridge:${region}:${caller.accountId}:eventbus/${name}`;
    cloud.identity.demand(caller, { action: 'eventbridge:PutEvents', resource }, 'AccessDenied');
    const bus = broker.bus(caller.accountId, region, name);
    if (name === DEFAULT_BUS && !switches.customEventsOnDefaultBus)
      throw new ApiError(
        409,
        'PutEventsRequestSecurityCheckFailed',
        'The default event bus takes events of cloud services only.',
      );
    const key = Broker.key(caller.accountId, region, name);
    const perSecond = EVENTS_A_SECOND[name === DEFAULT_BUS ? 'default' : 'custom'];
    if (switches.limitsEvents && !taken.take(key, perSecond, events.length))
      throw new ApiError(
        429,
        'TooManyRequests',
        'The request is denied by flow limiter for too many requests.',
      );
    const EntryList = events.map((event) => {
      const refusal = switches.refuseEntry(event);
      if (refusal === undefined)
        broker.publish(bus, event, { accountId: caller.accountId, sourceIp: caller.sourceIp, hops: 0 });
      return {
        EventId: event.id,
        TraceId: randomUUID(),
        ErrorCode: refusal ?? null,
        ErrorMessage: refusal === undefined ? null : 'The event was not taken.',
      };
    });
    return {
      ResourceOwnerAccountId: caller.accountId,
      FailedEntryCount: EntryList.filter((entry) => entry.ErrorCode !== null).length,
      EntryList,
    };
  };
}
