/** Who sends and receives on RocketMQ 5.x: accounts of the instance and their ACLs. Source: "User identification" of RocketMQ 5.x. */
import type { RocketmqGrant } from '../domain/grant.js';
import type { DataPlaneProduct } from './data-plane.js';

export const rocketmq5DataPlane: DataPlaneProduct<RocketmqGrant> = {
  instanceOf: ({ region, instanceId }) => ({ product: 'rocketmq5', region, instanceId }),

  entriesOf: ({ access, topics = [], groups = [] }) => {
    const entry = (resourceType: string, operation: string) => (resourceName: string) => ({
      resourceType,
      resourceName,
      match: 'exact' as const,
      operation,
      effect: 'allow' as const,
      from: [],
    });
    return access === 'publish'
      ? topics.map(entry('Topic', 'Pub'))
      : [...topics.map(entry('Topic', 'Sub')), ...groups.map(entry('Group', 'Sub'))];
  },

  pausesBy: 'disabling',
  caveat:
    'as long as the instance lets clients inside its VPC in without authentication, those need no account: only the network keeps them out',
};
