/** Every file of a hand-over, in the order in which it is of use. */
import { type Grant, isSystemPolicyGrant } from '../../../domain/grant.js';
import { type HandOver, isByApi } from '../hand-over.js';
import { apiSnippets, selfCheck } from './apis.js';
import { eventbridgeSnippets } from './eventbridge.js';
import { kafkaSnippets } from './kafka.js';
import { rabbitmqSnippets } from './rabbitmq.js';
import { rocketmqSnippets } from './rocketmq.js';
import { selfServiceSnippets } from './self-service.js';
import { cliProfile, nodeSession } from './session.js';
import type { Snippet } from './snippet.js';

export interface SnippetSet {
  readonly setUp: readonly Snippet[];
  /** Empty where nobody enters by API. */
  readonly entering: readonly Snippet[];
  readonly products: readonly Snippet[];
  readonly check: readonly Snippet[];
  readonly takeDown: readonly Snippet[];
}

export function snippetsOf(handOver: HandOver): SnippetSet {
  const own = selfServiceSnippets(handOver);
  const isTakeDown = ({ file }: Snippet): boolean => file === 'take-down.sh';
  const sides = { setUp: own.filter((one) => !isTakeDown(one)), takeDown: own.filter(isTakeDown) };
  if (!isByApi(handOver)) return { ...sides, entering: [], products: [], check: [] };
  const products = [
    ...handOver.resources.flatMap((grant) => productSnippets(grant, handOver)),
    ...apiSnippets(handOver),
  ];
  return {
    ...sides,
    entering: [cliProfile(handOver), nodeSession(handOver)],
    // Two grants on one instance give the same file.
    products: [...new Map(products.map((one) => [one.file, one])).values()],
    check: [selfCheck(handOver)],
  };
}

function productSnippets(grant: Grant, handOver: HandOver): readonly Snippet[] {
  if (isSystemPolicyGrant(grant)) return [];
  switch (grant.service) {
    case 'kafka':
      return kafkaSnippets(grant);
    case 'rabbitmq':
      return grant.access === 'publish' || grant.access === 'subscribe' || grant.access === 'full'
        ? rabbitmqSnippets(grant)
        : [];
    case 'rocketmq':
      return rocketmqSnippets(grant, handOver);
    case 'eventbridge':
      return eventbridgeSnippets(grant, handOver);
    case 'slb':
      return [];
  }
}
