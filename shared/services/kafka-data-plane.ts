/** Who sends and receives on Kafka: SASL users and the instance's ACL. Source: "Grant permissions to SASL users" of ApsaraMQ for Kafka. */
import type { KafkaGrant } from '../domain/grant.js';
import { type DataPlaneProduct, mayOn } from './data-plane.js';

export const kafkaDataPlane: DataPlaneProduct<KafkaGrant> = {
  instanceOf: ({ region, instanceId }) => ({ product: 'kafka', region, instanceId }),

  /** No `Cluster` entry: it would hold for the whole instance. Producers that want to be idempotent cannot be. */
  entriesOf: ({ access, topics = [], groups = [] }) =>
    access === 'publish'
      ? topics.map(mayOn('Topic', 'Write'))
      : [...topics.map(mayOn('Topic', 'Read')), ...groups.map(mayOn('Group', 'Read'))],

  // No call of the API switches a SASL user off.
  pausesBy: 'deletion',
  caveat:
    'clients inside the VPC that reach the default endpoint (port 9092) need no account: only the IP whitelist keeps them out',
};
