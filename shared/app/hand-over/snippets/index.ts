/** Every file of a hand-over, in the order in which it is of use. */
import { type Grant, isSystemPolicyGrant } from '../../../domain/grant.js';
import { type HandOver, isByApi } from '../hand-over.js';
import { apiSnippets, selfCheck } from './apis.js';
import { eventbridgeSnippets } from './eventbridge.js';
import { kafkaSnippets } from './kafka.js';
import { rabbitmqSnippets, staticAccountSnippets } from './rabbitmq.js';
import { rocketmqSnippets } from './rocketmq.js';
import { rocketmq5Snippets } from './rocketmq5.js';
import { routeSnippets } from './routes.js';
import { selfServiceSnippets } from './self-service.js';
import { cliProfile, nodeSession } from './session.js';
import type { Snippet } from './snippet.js';

export interface SnippetSet {
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
    setUp: own.filter(isSetUp),
    events: routes.filter(isSetUp),
    takeDown: [...own, ...routes].filter(isTakeDown),
  };
  const ofData = handOver.resources.flatMap(dataPlaneSnippets);
  if (!isByApi(handOver)) return { ...sides, entering: [], products: distinct(ofData), check: [] };
  const products = [
    ...ofData,
    ...handOver.resources.flatMap((grant) => productSnippets(grant, handOver)),
    ...apiSnippets(handOver),
  ];
  return {
    ...sides,
    entering: [cliProfile(handOver), nodeSession(handOver)],
    products: distinct(products),
    check: [selfCheck(handOver)],
  };
}

/** Two grants on one instance give the same file. */
const distinct = (snippets: readonly Snippet[]): readonly Snippet[] => [
  ...new Map(snippets.map((one) => [one.file, one])).values(),
];

/** What logs on with an account of its own, so also where nobody enters by API. */
function dataPlaneSnippets(grant: Grant): readonly Snippet[] {
  if (isSystemPolicyGrant(grant)) return [];
  switch (grant.service) {
    case 'kafka':
      return kafkaSnippets(grant);
    case 'rocketmq':
      return rocketmq5Snippets(grant);
    case 'rabbitmq':
      return staticAccountSnippets(grant);
    case 'eventbridge':
    case 'slb':
      return [];
  }
}

function productSnippets(grant: Grant, handOver: HandOver): readonly Snippet[] {
  if (isSystemPolicyGrant(grant)) return [];
  switch (grant.service) {
    case 'rabbitmq':
      return grant.access === 'publish' || grant.access === 'subscribe' || grant.access === 'full'
        ? rabbitmqSnippets(grant)
        : [];
    case 'rocketmq':
      return rocketmqSnippets(grant, handOver);
    case 'eventbridge':
      return eventbridgeSnippets(grant, handOver);
    case 'kafka':
    case 'slb':
      return [];
  }
}
