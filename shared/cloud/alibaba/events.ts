/** `EventsPort` over the official EventBridge SDK. */
import EventBridgePackage, * as EventBridge from '@alicloud/eventbridge';
import { TryLaterError } from '../../domain/errors.js';
import type { EventsPort } from '../ports.js';
import { clientClass } from './client-class.js';
// Types only: EventBridge's SDK is of an older kind, which needs nothing of the generic client that stands in there.
import type { Connection, Credentials } from './connection.js';
import { doing } from './failures.js';
import { withKeys } from './with-keys.js';

const EventBridgeClient = clientClass(EventBridgePackage);

export interface EventAddress {
  readonly bus: string;
  /** CloudEvents `source` of what is sent. */
  readonly source: string;
}

/** An SDK client for the data plane of the owner's EventBridge. Its default protocol is plain HTTP, so HTTPS is asked for. */
export function eventBridgeClient(connection: Connection, credentials: Credentials = connection.credentials) {
  const config = new EventBridge.Config({
    endpoint: connection.endpoint ?? `${connection.owner}.eventbridge.${connection.region}.aliyuncs.com`,
    protocol: connection.endpoint === undefined ? 'https' : 'http',
    regionId: connection.region,
    readTimeout: connection.timeoutMilliseconds,
    connectTimeout: connection.timeoutMilliseconds,
  });
  return new EventBridgeClient(withKeys(config, credentials));
}

/** As it is made by `putEvents`, but without loading the package that its class stands in. */
const AS_CONFIGURED = {} as Parameters<ReturnType<typeof eventBridgeClient>['putEventsWithOptions']>[1];

export interface EventToPost {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: unknown;
}

/**
 * Posts one event to `bus`. May run twice: receivers know an event by source and id.
 * @throws {TryLaterError} `UNAVAILABLE` when the bus took the call but not the event.
 */
export async function postEvent(
  client: ReturnType<typeof eventBridgeClient>,
  bus: string,
  event: EventToPost,
): Promise<void> {
  const reply = await doing(`posting ${event.type} to bus ${bus}`, () =>
    client.putEventsWithOptions(
      [
        new EventBridge.CloudEvent({
          id: event.id,
          source: event.source,
          type: event.type,
          subject: event.subject,
          time: event.time,
          specversion: '1.0',
          datacontenttype: 'application/json; charset=utf-8',
          data: Buffer.from(JSON.stringify(event.data)),
          extensions: { aliyuneventbusname: bus },
        }),
      ],
      AS_CONFIGURED,
    ),
  );
  const code = reply.entryList?.find(({ errorCode }) => errorCode)?.errorCode;
  if (code !== undefined || (reply.failedEntryCount ?? 0) > 0)
    throw new TryLaterError('UNAVAILABLE', `bus ${bus} did not take ${event.type}: ${code ?? 'unknown'}`);
}

/** CloudEvents `source` of everything Leasehold sends: which account's and region's Leasehold it is. */
export const eventBridgeSource = ({ owner, region }: Connection): string => `leasehold/${region}/${owner}`;

export function makeEventsPort(connection: Connection, address: EventAddress): EventsPort {
  const client = eventBridgeClient(connection);
  return { publish: (event) => postEvent(client, address.bus, { ...event, source: address.source }) };
}
