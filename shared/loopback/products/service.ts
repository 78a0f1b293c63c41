/** The read APIs that probes use, of the products that partners are given. RAM is asked before anything is looked for. */
import type { ServiceParts } from '../cloud.js';
import type { Cloud } from '../kernel.js';
import { albService } from './alb.js';
import { clbService } from './clb.js';
import { kafkaService } from './kafka.js';
import { nlbService } from './nlb.js';
import { rabbitmqService } from './rabbitmq.js';
import { PRODUCT_READINGS, type ProductReadings } from './readings.js';
import { rocketmq4Service } from './rocketmq4.js';
import { rocketmq5Service } from './rocketmq5.js';
import type { ProductSeed } from './seed.js';
import { Shelf } from './shelf.js';

export type { ProductReadings } from './readings.js';
export type { ProductSeed } from './seed.js';

/** Kafka, RabbitMQ, RocketMQ and load balancers with what `seed` puts there. No messages are carried. */
export function productsService(
  cloud: Cloud,
  seed: ProductSeed,
  readings: ProductReadings = PRODUCT_READINGS,
): ServiceParts {
  const shelf = new Shelf(cloud, seed);
  return {
    rpc: [
      kafkaService(shelf, readings),
      rabbitmqService(shelf),
      rocketmq4Service(shelf),
      clbService(shelf, cloud.keeper),
      albService(shelf),
      nlbService(shelf),
    ],
    http: [rocketmq5Service(cloud, shelf)],
  };
}
