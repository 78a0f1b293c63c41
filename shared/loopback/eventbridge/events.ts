/** CloudEvents as they come in. Source: EventBridge "Event overview" and "Limits". */
import { ApiError } from '../kernel.js';

export type CloudEvent = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly source: string;
  readonly type: string;
};

const MAX_EVENTS = 16;
const MAX_EVENT_BYTES = 256 * 1024;
const MAX_BATCH_BYTES = 1024 * 1024;

/** @throws {ApiError} 400 when the batch cannot be taken as a whole; what those are named is not documented */
export function readBatch(body: unknown): { readonly bus: string; readonly events: readonly CloudEvent[] } {
  if (!Array.isArray(body) || body.length === 0 || body.length > MAX_EVENTS)
    throw invalid(`a call takes 1 to ${MAX_EVENTS} events`);
  if (JSON.stringify(body).length > MAX_BATCH_BYTES) throw invalid('the batch is larger than 1 MB');
  const events = body.map(readEvent);
  const buses = new Set(events.map((event) => event['aliyuneventbusname']));
  const [bus] = buses;
  if (buses.size > 1)
    throw new ApiError(
      409,
      'PutEventsRequestMoreThanOneEventBus',
      'All events of one call must name the same bus.',
    );
  if (typeof bus !== 'string' || bus === '') throw invalid('aliyuneventbusname is missing');
  return { bus, events };
}

function readEvent(value: unknown): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('an event is no object');
  const event = value as Readonly<Record<string, unknown>>;
  const text = (name: string) => (typeof event[name] === 'string' ? event[name] : '');
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/.test(text('id'))) throw attribute('id');
  if (text('source') === '' || text('source').length > 128) throw attribute('source');
  if (text('type') === '' || text('type').length > 64) throw attribute('type');
  if (text('specversion') !== '1.0') throw attribute('specversion');
  if (text('subject').length > 512) throw attribute('subject');
  if (event['datacontenttype'] !== undefined && !text('datacontenttype').startsWith('application/json'))
    throw attribute('datacontenttype');
  if (JSON.stringify(event).length > MAX_EVENT_BYTES) throw invalid('an event is larger than 256 KB');
  return event as CloudEvent;
}

const invalid = (message: string): ApiError => new ApiError(400, 'InvalidArgument', message);
const attribute = (name: string): ApiError =>
  new ApiError(409, 'JsonAttributeInvalid', `The attribute ${name} is missing or not valid.`);
