/** Hand-overs as contracts would have them. */
import { type HandOver, handOverOf } from '../../shared/app/hand-over/hand-over.js';
import { planAccess } from '../../shared/app/plan/plan-access.js';
import type { Contract } from '../../shared/domain/contract.js';
import type { Grant } from '../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { kafkaGrant, OWNER, REGION, request } from './requests.js';

export const EXTERNAL_ID = 'e4c1a7d05b9f4f0e8f6a2b7c9d1e3f50';

/** A contract that was granted and activated, as far as a hand-over looks at it. */
export const contractOf = (asked: OnboardingRequest): Contract =>
  ({
    contractId: asked.contractId,
    terms: { request: asked },
    granting: { nonce: 'n', externalId: EXTERNAL_ID, verifierExternalId: 'v' },
    activated: { roleArn: '' },
    proofs: [
      { right: 'alikafka:ListTopic', verdict: 'proven', how: 'a call' },
      { right: 'mq:SUB', verdict: 'judged', how: 'the policies' },
    ],
  }) as unknown as Contract;

export const handOverFor = (changes: Parameters<typeof request>[0] = {}): HandOver => {
  const asked = request(changes);
  return handOverOf(contractOf(asked), planAccess(asked, OWNER), { owner: OWNER });
};

export const rabbitmqGrant: Grant = {
  service: 'rabbitmq',
  access: 'publish',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
};
export const rocketmqGrant: Grant = {
  service: 'rocketmq',
  series: '4.x',
  access: 'full',
  region: REGION,
  instanceId: `MQ_INST_${OWNER}_x1`,
  topics: ['orders'],
  groups: ['GID_globex'],
};
export const eventbridgeGrant: Grant = {
  service: 'eventbridge',
  access: 'publish',
  region: REGION,
  eventBus: 'orders',
};
export const slbGrant: Grant = {
  service: 'slb',
  kind: 'clb',
  access: 'read',
  region: REGION,
  loadBalancerIds: ['lb-x1'],
};
/** One grant a product. */
export const everyGrant: readonly Grant[] = [
  kafkaGrant,
  rabbitmqGrant,
  rocketmqGrant,
  { service: 'rocketmq', series: '5.x', access: 'read', region: REGION, instanceId: 'rmq-cn-x1' },
  eventbridgeGrant,
  slbGrant,
];
