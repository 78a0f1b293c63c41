/** Where ApsaraMQ for RabbitMQ checks each action, and which a level holds. Source: its "Custom permission policy reference". */
import type { AccessLevel } from '../domain/grant.js';

/** Below a virtual host; `*` stands for every name, as the reference prints it. */
export type Place = 'exchanges' | 'exchange' | 'exchange messages' | 'queues' | 'queue' | 'queue messages';

const CHECKED_ON = {
  ListExchange: ['exchanges'],
  GetExchange: ['exchange'],
  CreateExchange: ['exchanges', 'exchange'],
  DeleteExchange: ['exchange'],
  ListQueue: ['queues'],
  GetQueue: ['queue'],
  CreateQueue: ['queues'],
  DeleteQueue: ['queue'],
  QueuePurge: ['queue messages'],
  BasicPublish: ['exchange messages'],
  BasicConsume: ['queue messages'],
  BasicCancel: ['queue messages'],
  BasicAck: ['queue messages'],
  BasicNack: ['queue messages'],
  BasicReject: ['queue messages'],
  BasicGet: ['queue messages'],
  BasicRecover: ['queues'],
} as const satisfies Readonly<Record<string, readonly Place[]>>;
export type AmqpAction = keyof typeof CHECKED_ON;

export const AMQP_ACTIONS = Object.keys(CHECKED_ON) as readonly AmqpAction[];
export const placesOf = (action: AmqpAction): readonly Place[] => CHECKED_ON[action];

const LOOK: readonly AmqpAction[] = ['ListExchange', 'GetExchange', 'ListQueue', 'GetQueue'];
const DECLARE: readonly AmqpAction[] = ['CreateExchange', 'CreateQueue', 'GetExchange', 'GetQueue'];
/** All that a consumer needs who declares nothing. */
export const CONSUME: readonly AmqpAction[] = [
  'BasicConsume',
  'BasicCancel',
  'BasicAck',
  'BasicNack',
  'BasicReject',
  'BasicGet',
];
export const PUBLISH: readonly AmqpAction[] = ['BasicPublish'];

/** QueuePurge is in the vendor's example for consumers and destroys messages; only `full` holds it. */
export const HELD: Readonly<Record<AccessLevel, readonly AmqpAction[]>> = {
  read: LOOK,
  publish: [...DECLARE, ...PUBLISH, 'BasicRecover', 'BasicAck', 'BasicNack'],
  subscribe: [...DECLARE, ...CONSUME, 'BasicRecover'],
  operate: [...LOOK, 'CreateExchange', 'DeleteExchange', 'CreateQueue', 'DeleteQueue'],
  full: AMQP_ACTIONS,
};
