/** The APIs of the products that partners are given: reads that probes use, and accounts in data planes. RAM is asked first. */
import type { ServiceParts } from '../cloud.js';
import type { Cloud } from '../kernel.js';
import { albService } from './alb.js';
import { clbService } from './clb.js';
import { kafkaService } from './kafka.js';
import { type KafkaAccounts, kafkaLogon, noKafkaAccounts } from './kafka-accounts.js';
import { KeptMap, PerInstance } from './kept.js';
import { type InstancePlace, type LogonAnswer, type Logons, refused } from './logons.js';
import { nlbService } from './nlb.js';
import { rabbitmqService } from './rabbitmq.js';
import { rabbitmqLogon, type StaticAccounts } from './rabbitmq-accounts.js';
import { PRODUCT_READINGS, type ProductReadings } from './readings.js';
import { rocketmq4Service } from './rocketmq4.js';
import { rocketmq5Service } from './rocketmq5.js';
import { type Rocketmq5Accounts, rocketmq5Logon, withDefaultAccount } from './rocketmq5-accounts.js';
import { NO_RESOURCES, type ProductSeed } from './seed.js';
import { Shelf } from './shelf.js';

export type { LogonAnswer, Logons } from './logons.js';
export type { ProductReadings } from './readings.js';
export type { ProductSeed } from './seed.js';

export interface ProductParts extends ServiceParts {
  /** What a client of a data plane would be told. */
  readonly logons: Logons;
}

/** Kafka, RabbitMQ, RocketMQ and load balancers with what `seed` puts there. No messages are carried. */
export function productsService(
  cloud: Cloud,
  seed: ProductSeed,
  readings: Partial<ProductReadings> = {},
): ProductParts {
  const shelf = new Shelf(cloud, seed);
  const read = { ...PRODUCT_READINGS, ...readings };
  const kafka = new PerInstance(cloud.keeper.table<KafkaAccounts>('kafka/accounts'), noKafkaAccounts);
  const rocketmq5 = new PerInstance(
    cloud.keeper.table<Rocketmq5Accounts>('rocketmq5/accounts'),
    withDefaultAccount,
  );
  const staticAccounts: StaticAccounts = new KeptMap(cloud.keeper.table('rabbitmq/static-accounts'));
  return {
    rpc: [
      kafkaService(shelf, read, kafka),
      rabbitmqService(cloud, shelf, read, staticAccounts),
      rocketmq4Service(shelf),
      clbService(shelf, cloud.keeper),
      albService(shelf),
      nlbService(shelf),
    ],
    http: [rocketmq5Service(cloud, shelf, read, rocketmq5)],
    logons: {
      kafka: (use) => at(seed, 'kafka', use, (instance) => kafkaLogon(instance, kafka.of(use), use)),
      rocketmq5: (use) =>
        at(seed, 'rocketmq5', use, (instance) => rocketmq5Logon(instance, rocketmq5.of(use), use)),
      rabbitmq: (use) => at(seed, 'rabbitmq', use, () => rabbitmqLogon(cloud, staticAccounts, use)),
    },
  };
}

/** Asks the instance at `place`; refused when there is none. */
function at<K extends 'kafka' | 'rabbitmq' | 'rocketmq5'>(
  seed: ProductSeed,
  product: K,
  place: InstancePlace,
  ask: (instance: (typeof NO_RESOURCES)[K][number]) => LogonAnswer,
): LogonAnswer {
  const all: readonly (typeof NO_RESOURCES)[K][number][] = (seed[place.accountId] ?? NO_RESOURCES)[product];
  const instance = all.find((one) => one.instanceId === place.instanceId && one.region === place.region);
  return instance === undefined ? refused('NO_INSTANCE', `no instance ${place.instanceId}`) : ask(instance);
}
