import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventControl, makeEventControl } from '../../../shared/cloud/alibaba/event-control.js';
import { type CannedCloud, startCannedCloud } from '../../support/canned-cloud.js';

/** As the API reference and the vendor's own readers have it; the embedded cloud has clocks only. */
const SOURCES = [
  { Name: 'queue', SourceScheduledEventParameters: null, SourceMNSParameters: { QueueName: 'q' } },
  { Name: 'webhook', SourceScheduledEventParameters: {}, SourceHttpEventParameters: { Type: 'HTTPS' } },
  { Name: 'topic', SourceRocketMQParameters: { Topic: 't' } },
  { Name: 'tick', Description: 'd', SourceScheduledEventParameters: { Schedule: '0 * * * * *' } },
  { Name: 'tock', SourceScheduledEventParameters: { Schedule: '0 17 * * * *' } },
];

let cloud: CannedCloud;
let events: EventControl;
beforeAll(async () => {
  const body = { Success: true, Code: 'Success', Data: { EventSourceList: SOURCES } };
  cloud = await startCannedCloud(() => ({ body }));
  events = makeEventControl(cloud.connection);
});
afterAll(() => cloud.close());

describe('the clocks of a bus', () => {
  it('are told from other kinds of sources, however these say that they are none, with what is said of them', async () => {
    expect(await events.schedules('orders')).toEqual([
      { name: 'tick', bus: 'orders', description: 'd', cron: '0 * * * * *' },
      { name: 'tock', bus: 'orders', cron: '0 17 * * * *' },
    ]);
  });
});
