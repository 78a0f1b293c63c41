/** Puts what the events name into the embedded cloud, beside the samples' things, so that neighbours exist; and says what is there. */
import { parseAnyEvent } from '../../app/inbound/every-event.js';
import type { EventToPost } from '../../cloud/alibaba/events.js';
import { type Grant, isResourceGrant, type ResourceGrant } from '../../domain/grant.js';
import {
  type AccountResources,
  type Messaging,
  type ProductSeed,
  type RabbitmqInstance,
  sampleSeed,
  withResources,
} from '../../loopback/products/seed.js';
import { grantIssues } from '../../services/index.js';
import { reasonText } from '../reason-text.js';

/** Nothing has a name that its product does not take, whatever a request says; Leasehold answers such a request. */
const mayExist = (grant: Grant): grant is ResourceGrant =>
  isResourceGrant(grant) && !grantIssues(grant).some(({ code }) => code === 'BAD_NAME');

export const seedFor = (owner: string, grants: readonly Grant[]): ProductSeed =>
  withResources(sampleSeed(owner), owner, grants.filter(mayExist));

export const parsedAsPosted = (event: EventToPost) =>
  parseAnyEvent(JSON.stringify({ ...event, specversion: '1.0' }));

/** What must be there for the contract that `event` asks for. @throws {Error} naming `file`, when it asks for none */
export function resourcesIn(event: EventToPost, file: string): readonly ResourceGrant[] {
  const parsed = parsedAsPosted(event);
  if (!parsed.ok) throw new Error(`${file}: ${parsed.reasons.map(reasonText).join('; ')}`);
  const { event: its } = parsed;
  if (its.type === 'partner.onboarding.requested') return its.data.grants.filter(mayExist);
  if (its.type === 'partner.contract.amended') return its.data.request.grants.filter(mayExist);
  throw new Error(`${file} is a ${its.type}, which names nothing that could be put there`);
}

/** A line a product, for people. */
export function resourceLines(its: AccountResources): readonly string[] {
  const balancers = its.loadBalancers.map(({ loadBalancerId, kind }) => `${loadBalancerId} (${kind})`);
  return [
    `kafka: ${its.kafka.map(withAclText).join(', ')}`,
    `rabbitmq: ${its.rabbitmq.map(hostsText).join(', ')}`,
    `rocketmq 4.x: ${its.rocketmq4.map(messagingText).join(', ')}`,
    `rocketmq 5.x: ${its.rocketmq5.map(withAclText).join(', ')}`,
    `eventbridge: ${its.eventBuses.map(({ name }) => name).join(', ')}`,
    `slb: ${balancers.join(', ')}; ECS instances ${its.ecsInstanceIds.join(', ')}`,
  ];
}

const messagingText = ({ instanceId, topics, groups }: Messaging): string =>
  `${instanceId} (${listed('topics', topics)}; ${listed('groups', groups)})`;
const withAclText = (its: Messaging): string =>
  `${messagingText(its).slice(0, -1)}; ACL ${its.isAclOn === true ? 'on' : 'off'})`;
const hostsText = ({ instanceId, virtualHosts }: RabbitmqInstance): string =>
  `${instanceId} (${listed('virtual hosts', Object.keys(virtualHosts))})`;
const listed = (what: string, names: readonly string[]): string =>
  names.length === 0 ? `no ${what}` : `${what} ${names.join(' ')}`;
