/**
 * What a partner who operates may have made or changed on what it was given: read calls that list it, before and after. Lists
 * alone; what is in them by the owner's own doing meanwhile is told too, since nobody can tell whose it is. Pure.
 */
import {
  type EventbridgeGrant,
  type Grant,
  isResourceGrant,
  isSystemPolicyGrant,
  type ResourceGrant,
  type RocketmqGrant,
} from '../domain/grant.js';
import type { PolicyDocument } from '../policy/index.js';
import { clbLists, nlbLists } from './inventory-balancers.js';
import type { Inventory } from './inventory-list.js';
import { eventbridgeLists, kafkaLists, rabbitmqLists, rocketmq5Lists } from './inventory-messaging.js';

/**
 * Empty for whoever only reads, sends or receives. `documents`: of the system policies among `grants`, by name; one that is not
 * there could not be read.
 */
export function inventoryOf(
  grants: readonly Grant[],
  documents: ReadonlyMap<string, PolicyDocument> = new Map(),
): Inventory {
  const all = grants.map((grant) =>
    isSystemPolicyGrant(grant)
      ? ofSystemPolicy(grant.systemPolicy, documents.get(grant.systemPolicy))
      : ofGrant(grant),
  );
  // Who may make nothing anywhere leaves no rule on a bus either.
  const operates = all.some(({ lists, unseen }) => lists.length + unseen.length > 0);
  const lists = [
    ...all.flatMap((one) => one.lists),
    ...(operates ? grants.flatMap((grant) => (isOnBus(grant) ? eventbridgeLists(grant) : [])) : []),
  ];
  return {
    lists: [...new Map(lists.map((list) => [list.of, list])).values()],
    unseen: [...new Set(all.flatMap((one) => one.unseen))],
  };
}

const isOnBus = (grant: Grant): grant is EventbridgeGrant =>
  isResourceGrant(grant) && grant.service === 'eventbridge';

const NOTHING: Inventory = { lists: [], unseen: [] };

function ofGrant(grant: ResourceGrant): Inventory {
  if (grant.access !== 'operate' && grant.access !== 'full') return NOTHING;
  switch (grant.service) {
    case 'kafka':
      return {
        lists: kafkaLists(grant),
        unseen: [
          `more entries of an ACL that Kafka instance ${grant.instanceId} had before: its lists name what has one, and ask for a user`,
        ],
      };
    case 'rocketmq':
      return grant.series === '5.x' ? { lists: rocketmq5Lists(grant), unseen: [] } : ofRocketmq4(grant);
    case 'rabbitmq':
      return { lists: rabbitmqLists(grant), unseen: [] };
    case 'slb':
      return { lists: grant.kind === 'clb' ? clbLists(grant) : nlbLists(grant), unseen: [] };
    case 'eventbridge':
      return NOTHING; // operating a bus cannot be had
  }
}

/** To see the others it would take the right to read messages. */
const ofRocketmq4 = ({ instanceId, topics = [], groups = [] }: RocketmqGrant): Inventory => ({
  lists: [],
  unseen: [
    ...(topics.length > 0 ? [`topics ${topics.join(', ')} of RocketMQ 4.x instance ${instanceId}`] : []),
    ...(groups.length > 0 ? [`consumer groups of any name of RocketMQ 4.x instance ${instanceId}`] : []),
  ].map((what) => `${what}, which are listed only to whoever may use them`),
});

/** As the vendor names what changes nothing. */
const READS =
  /^[a-z0-9-]+:(?:get|batchget|list|describe|query|search|check|count|lookup|preview|read|view|is)[a-z*]/;

/** By what its document allows: nothing is left behind by whoever reads. */
function ofSystemPolicy(name: string, document: PolicyDocument | undefined): Inventory {
  if (document === undefined)
    return {
      lists: [],
      unseen: [`what system policy ${name} lets a partner make, since it could not be read`],
    };
  const making = document.statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ actions, notActions = [] }) => actions ?? [`all but ${notActions.join(', ')}`])
    .filter((action) => !READS.test(action.toLowerCase()));
  if (making.length === 0) return NOTHING;
  return {
    lists: [],
    unseen: [`what system policy ${name} lets a partner make: ${[...new Set(making)].join(', ')}`],
  };
}
