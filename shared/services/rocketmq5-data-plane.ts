/** Who sends and receives on RocketMQ 5.x: accounts of the instance and their ACLs. Source: "User identification" of RocketMQ 5.x. */
import type { RocketmqGrant } from '../domain/grant.js';
import { type DataPlaneProduct, mayOn } from './data-plane.js';

export const rocketmq5DataPlane: DataPlaneProduct<RocketmqGrant> = {
  instanceOf: ({ region, instanceId }) => ({ product: 'rocketmq5', region, instanceId }),

  entriesOf: ({ access, topics = [], groups = [] }) =>
    access === 'publish'
      ? topics.map(mayOn('Topic', 'Pub'))
      : [...topics.map(mayOn('Topic', 'Sub')), ...groups.map(mayOn('Group', 'Sub'))],

  pausesBy: 'disabling',
  caveat:
    'as long as the instance lets clients inside its VPC in without authentication, those need no account: only the network keeps them out',
};
