/** CloudEvents as they come in and as they are passed on. Source: EventBridge "Event overview" and "Limits". */
import { ApiError } from '../kernel.js';

export type Json = Readonly<Record<string, unknown>>;
export type CloudEvent = Json & {
  readonly id: string;
  readonly source: string;
  readonly type: string;
};

const MAX_EVENTS = 16;
const MAX_EVENT_BYTES = 256 * 1024;
const MAX_BATCH_BYTES = 1024 * 1024;
const ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const JSON_CONTENT = /^application\/json(?:\s*;.*)?$/;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The batch of one `PutEvents`, and the one bus it is for.
 * @throws {ApiError} when it cannot be taken as a whole. The codes for batches and events that are too large are not
 *   documented; `InvalidArgument` is a guess.
 */
export function readBatch(
  body: unknown,
  timeMayLack = false,
): { readonly bus: string; readonly events: readonly CloudEvent[] } {
  if (!Array.isArray(body) || body.length === 0 || body.length > MAX_EVENTS)
    throw invalid(`a call takes 1 to ${MAX_EVENTS} events`);
  if (sizeOf(body) > MAX_BATCH_BYTES) throw invalid('the batch is larger than 1 MB');
  const events = body.map((event) => readEvent(event, timeMayLack));
  const [bus, ...others] = new Set(events.map((event) => event['aliyuneventbusname']));
  if (others.length > 0)
    throw new ApiError(
      409,
      'PutEventsRequestMoreThanOneEventBus',
      'All events of one call must name the same bus.',
    );
  if (typeof bus !== 'string' || bus === '') throw invalid('aliyuneventbusname is missing');
  return { bus, events };
}

function readEvent(event: unknown, timeMayLack: boolean): CloudEvent {
  if (!isObject(event)) throw invalid('an event is no object');
  const text = (name: string): string => {
    const value = event[name];
    if (value !== undefined && value !== null && typeof value !== 'string') throw attribute(name);
    return value ?? '';
  };
  const within = (name: string, min: number, max: number): void => {
    if (text(name).length < min || text(name).length > max) throw attribute(name);
  };
  if (!ID.test(text('id'))) throw attribute('id');
  within('source', 1, 128);
  within('type', 1, 64);
  within('subject', 0, 512);
  if (text('specversion') !== '1.0') throw attribute('specversion');
  const isTime = TIME.test(text('time')) && !Number.isNaN(Date.parse(text('time')));
  if (!isTime && !(timeMayLack && text('time') === '')) throw attribute('time');
  if (text('datacontenttype') !== '' && !JSON_CONTENT.test(text('datacontenttype')))
    throw attribute('datacontenttype');
  if (event['data_base64'] !== undefined) throw attribute('data_base64');
  if (sizeOf(event) > MAX_EVENT_BYTES) throw invalid('an event is larger than 256 KB');
  return event as CloudEvent;
}

/** Bytes as compact JSON; what is nested too deep to be written has no size that could be taken. */
function sizeOf(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch (error) {
    if (error instanceof RangeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

const invalid = (message: string): ApiError => new ApiError(400, 'InvalidArgument', message);
const attribute = (name: string): ApiError =>
  new ApiError(409, 'JsonAttributeInvalid', `The attribute ${name} is missing or not valid.`);

/** Where an event comes from: the account that published it, from which address, and how often it was routed on since. */
export interface Origin {
  readonly accountId: string;
  readonly sourceIp: string;
  readonly hops: number;
}

/** The attributes that the service adds on receipt, in place of any that the publisher sent under their names. */
export const stamped = (
  event: CloudEvent,
  bus: { readonly accountId: string; readonly region: string; readonly name: string },
  now: number,
  origin: Origin,
): CloudEvent => ({
  ...event,
  aliyunaccountid: bus.accountId,
  aliyunpublishtime: new Date(now).toISOString(),
  aliyuneventbusname: bus.name,
  aliyunregionid: bus.region,
  aliyunpublishaddr: origin.sourceIp,
  aliyunoriginalaccountid: origin.accountId,
});
