/** What clients of the data planes would be told, asked in process: no messaging protocol is spoken here. */

/** Where an instance is. */
export interface InstancePlace {
  /** The account that owns the instance. */
  readonly accountId: string;
  readonly region: string;
  readonly instanceId: string;
}

/** One use of a topic by a client that logs on with user name and password. */
export interface TopicUse extends InstancePlace {
  readonly username: string;
  readonly password: string;
  readonly does: 'publish' | 'subscribe';
  readonly topic: string;
  /** The consumer group; a consumer is never without one. */
  readonly group?: string;
}

/** One use of a virtual host by an AMQP client. */
export interface AmqpUse extends InstancePlace {
  readonly username: string;
  readonly password: string;
  readonly virtualHost: string;
  readonly does: { readonly publishTo: string } | { readonly consumeFrom: string };
}

export type RefusalReason = 'NO_INSTANCE' | 'BAD_CREDENTIALS' | 'ACCOUNT_DISABLED' | 'NO_RIGHT';
export type LogonAnswer =
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly detail: string };

/** Asks each product's data plane. Ids of topics and groups are not looked up: only accounts and rights are judged. */
export interface Logons {
  kafka(use: TopicUse): LogonAnswer;
  rocketmq5(use: TopicUse): LogonAnswer;
  rabbitmq(use: AmqpUse): LogonAnswer;
}

export const ALLOWED: LogonAnswer = { outcome: 'allowed' };
export const refused = (reason: RefusalReason, detail: string): LogonAnswer => ({
  outcome: 'refused',
  reason,
  detail,
});
