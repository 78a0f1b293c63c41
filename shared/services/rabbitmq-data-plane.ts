/**
 * User names of RabbitMQ that stay. The product makes one only of an AccessKey of the instance's owner or of a RAM user of his, so
 * each is a RAM user of its own, whose key nobody keeps. Source: CreateAccount and "Manage static usernames and passwords" of
 * ApsaraMQ for RabbitMQ.
 */
import type { RabbitmqGrant } from '../domain/grant.js';
import { type DataPlaneProduct, mayOn } from './data-plane.js';

/**
 * RAM is asked about every use, on behalf of the RAM user: it holds the policies of the contract, and with them the lease and the
 * guard, so that it may what the role may and no longer. `policies`: their names.
 */
export const rabbitmqDataPlane = (policies: readonly string[]): DataPlaneProduct<RabbitmqGrant> => ({
  instanceOf: ({ region, instanceId }) => ({ product: 'rabbitmq', region, instanceId }),
  entriesOf: () => policies.map(mayOn('RAM policy', 'Use')),
  // An AccessKey that is disabled makes the user name that was made of it invalid, as the product's pages say.
  pausesBy: 'disabling',
  caveat:
    'with a static account of RabbitMQ a client may do on its instance all that this contract lets the role do there; it is a RAM user in the owner’s account whose AccessKey nobody keeps, and connections that are open when it ends are not known to be checked again',
});
