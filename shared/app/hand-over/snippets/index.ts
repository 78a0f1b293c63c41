/** Every file of a hand-over, in the order in which it is of use. */
import { type Grant, isSystemPolicyGrant } from '../../../domain/grant.js';
import { type HandOver, isByApi } from '../hand-over.js';
import { apiSnippets, selfCheck } from './apis.js';
import { eventbridgeClients } from './eventbridge.js';
import { kafkaClients } from './kafka.js';
import { nameClients } from './name-clients.js';
import { opener } from './opening.js';
import { rabbitmqClients, staticAccountClients } from './rabbitmq.js';
import { rocketmqClients } from './rocketmq.js';
import { rocketmq5Clients } from './rocketmq5.js';
import { routeSnippets } from './routes.js';
import { selfServiceSnippets } from './self-service.js';
import { cliProfile, nodeSession } from './session.js';
import type { Client, Snippet } from './snippet.js';

export interface SnippetSet {
  /** Empty where nothing is sealed. */
  readonly opening: readonly Snippet[];
  readonly setUp: readonly Snippet[];
  /** What lets events in that the owner sends. */
  readonly events: readonly Snippet[];
  /** Empty where nobody enters by API. */
  readonly entering: readonly Snippet[];
  readonly products: readonly Snippet[];
  readonly check: readonly Snippet[];
  readonly takeDown: readonly Snippet[];
}

const TAKES_DOWN: ReadonlySet<string> = new Set(['take-down.sh', 'keep-events-out.sh']);

export function snippetsOf(handOver: HandOver): SnippetSet {
  const own = selfServiceSnippets(handOver);
  const routes = routeSnippets(handOver);
  const isTakeDown = ({ file }: Snippet): boolean => TAKES_DOWN.has(file);
  const isSetUp = (one: Snippet): boolean => !isTakeDown(one);
  const sides = {
    opening: handOver.keyThumbprint === undefined ? [] : [opener()],
    setUp: own.filter(isSetUp),
    events: routes.filter(isSetUp),
    takeDown: [...own, ...routes].filter(isTakeDown),
  };
  const ofData = handOver.resources.flatMap(dataPlaneClients);
  if (!isByApi(handOver)) return { ...sides, entering: [], products: nameClients(ofData), check: [] };
  const clients = [...ofData, ...handOver.resources.flatMap((grant) => productClients(grant, handOver))];
  return {
    ...sides,
    entering: [cliProfile(handOver), nodeSession(handOver)],
    products: [...nameClients(clients), ...apiSnippets(handOver)],
    check: [selfCheck(handOver)],
  };
}

/** What logs on with an account of its own, so also where nobody enters by API. */
function dataPlaneClients(grant: Grant): readonly Client[] {
  if (isSystemPolicyGrant(grant)) return [];
  switch (grant.service) {
    case 'kafka':
      return kafkaClients(grant);
    case 'rocketmq':
      return rocketmq5Clients(grant);
    case 'rabbitmq':
      return staticAccountClients(grant);
    case 'eventbridge':
    case 'slb':
      return [];
  }
}

function productClients(grant: Grant, handOver: HandOver): readonly Client[] {
  if (isSystemPolicyGrant(grant)) return [];
  switch (grant.service) {
    case 'rabbitmq':
      return grant.access === 'publish' || grant.access === 'subscribe' || grant.access === 'full'
        ? rabbitmqClients(grant)
        : [];
    case 'rocketmq':
      return rocketmqClients(grant, handOver);
    case 'eventbridge':
      return eventbridgeClients(grant, handOver);
    case 'kafka':
    case 'slb':
      return [];
  }
}
