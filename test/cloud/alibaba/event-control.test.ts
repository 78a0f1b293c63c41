import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventControl, makeEventControl } from '../../../shared/cloud/alibaba/event-control.js';

/** As the API reference and the vendor's own readers have it; the embedded cloud has clocks only. */
const SOURCES = [
  { Name: 'queue', SourceScheduledEventParameters: null, SourceMNSParameters: { QueueName: 'q' } },
  { Name: 'webhook', SourceScheduledEventParameters: {}, SourceHttpEventParameters: { Type: 'HTTPS' } },
  { Name: 'topic', SourceRocketMQParameters: { Topic: 't' } },
  { Name: 'tick', Description: 'd', SourceScheduledEventParameters: { Schedule: '0 * * * * *' } },
];

let server: Server;
let events: EventControl;
beforeAll(async () => {
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ Success: true, Code: 'Success', Data: { EventSourceList: SOURCES } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  events = makeEventControl({
    region: 'cn-hangzhou',
    owner: '1000000000000001',
    credentials: { accessKeyId: 'id', accessKeySecret: 'secret' },
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    timeoutMilliseconds: 5000,
  });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('the clocks of a bus', () => {
  it('are told from other kinds of sources, however these say that they are none', async () => {
    expect(await events.schedules('orders')).toEqual([
      { name: 'tick', bus: 'orders', description: 'd', cron: '0 * * * * *' },
    ]);
  });
});
