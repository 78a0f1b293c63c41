/** The read APIs that probes use, of the products that partners are given. RAM is asked before anything is looked for. */
import type { ServiceParts } from '../cloud.js';
import type { Cloud } from '../kernel.js';
import { kafkaService } from './kafka.js';
import { albService, clbService, nlbService } from './load-balancers.js';
import { rabbitmqService } from './rabbitmq.js';
import { rocketmq4Service } from './rocketmq4.js';
import { rocketmq5Service } from './rocketmq5.js';
import type { ProductSeed } from './seed.js';
import { Shelf } from './shelf.js';

export type { ProductSeed } from './seed.js';

export function productsService(cloud: Cloud, seed: ProductSeed): ServiceParts {
  const shelf = new Shelf(cloud, seed);
  return {
    rpc: [
      kafkaService(shelf),
      rabbitmqService(shelf),
      rocketmq4Service(shelf),
      clbService(shelf),
      albService(shelf),
      nlbService(shelf),
    ],
    http: [rocketmq5Service(cloud, shelf)],
  };
}
