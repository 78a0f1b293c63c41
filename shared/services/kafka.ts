/** ApsaraMQ for Kafka. RAM knows instances only: no topic, no group. Source: "Custom policies" of ApsaraMQ for Kafka. */
import type { KafkaGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { NAME_FORMS, nameIssues, needsDataPlane } from './names.js';
import { field, idsIn } from './replies.js';
import type { GrantStatement, PositiveProbe, Product, Right } from './types.js';

const VERSION = '2019-09-16';
const READS = ['alikafka:ListInstance', 'alikafka:ListTopic', 'alikafka:ListGroup'];
const CHANGES = [
  'alikafka:UpdateTopic',
  'alikafka:DeleteTopic',
  'alikafka:CreateGroup',
  'alikafka:UpdateGroup',
  'alikafka:DeleteGroup',
];
/** Documented as "All Resources": an instance ARN does not match it. */
const ANYWHERE = ['alikafka:CreateTopic'];

/** The instance id follows the last colon at once; there is no `instance/` segment. */
const instanceArn = (grant: KafkaGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:alikafka:${grant.region}:${owner}:${id}`;

const operates = (grant: KafkaGrant): boolean => grant.access === 'operate' || grant.access === 'full';

export const kafka: Product<KafkaGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.topics, NAME_FORMS.TOPIC, '/topics'),
    ...nameIssues(grant.groups, NAME_FORMS.TOPIC, '/groups'),
    ...(grant.access === 'publish' || grant.access === 'subscribe' || grant.dataPlane !== undefined
      ? needsDataPlane('Kafka')
      : []),
  ],

  statementsOf: (grant, owner) => {
    const isNamed = grant.topics !== undefined || grant.groups !== undefined;
    const own: GrantStatement = {
      actions: operates(grant) ? [...READS, ...CHANGES] : READS,
      resources: [instanceArn(grant, owner)],
      ...(isNamed
        ? {
            unavoidablyWider: `RAM knows no topic or group of Kafka, so the right covers all of instance ${grant.instanceId}`,
          }
        : {}),
    };
    const anywhere: GrantStatement = {
      actions: ANYWHERE,
      resources: ['*'],
      unavoidablyWider:
        'Kafka checks CreateTopic against no instance, so topics can be created on every instance of the account',
    };
    return operates(grant) ? [own, anywhere] : [own];
  },

  rightsOf: (grant, owner) => {
    const here: readonly string[] = operates(grant) ? [...READS, ...CHANGES, ...ANYWHERE] : READS;
    return here.map((action): Right => ({ action, resource: instanceArn(grant, owner) }));
  },

  refusedOf: (grant, owner) => [
    ...READS.map(
      (action): Right => ({ action, resource: instanceArn(grant, owner, `${grant.instanceId}0`) }),
    ),
    ...[
      'alikafka:ListSaslUser',
      'alikafka:CreateSaslUser',
      'alikafka:CreateAcl',
      'alikafka:QueryMessage',
      'alikafka:ReleaseInstance',
    ].map((action): Right => ({ action, resource: instanceArn(grant, owner) })),
    ...(operates(grant) ? [] : [{ action: 'alikafka:DeleteTopic', resource: instanceArn(grant, owner) }]),
  ],

  probesOf: (grant, owner) => [
    probe(grant, owner, 'GetTopicList', 'alikafka:ListTopic'),
    probe(grant, owner, 'GetConsumerList', 'alikafka:ListGroup'),
  ],

  neighboursOf: (grant, owner) => [
    {
      list: {
        product: 'alikafka',
        version: VERSION,
        region: grant.region,
        action: 'GetInstanceList',
        params: {},
      },
      findIn: (reply) => idsIn(field(reply, 'InstanceList', 'InstanceVO'), 'InstanceId'),
      granted: [grant.instanceId],
      probe: (id) => probe({ ...grant, instanceId: id }, owner, 'GetTopicList', 'alikafka:ListTopic'),
    },
  ],

  describe: (grant) => `${grant.access} Kafka instance ${grant.instanceId} (${grant.region})`,
};

const probe = (grant: KafkaGrant, owner: AccountId, action: string, right: string): PositiveProbe => ({
  call: {
    product: 'alikafka',
    version: VERSION,
    region: grant.region,
    action,
    params: { InstanceId: grant.instanceId },
  },
  proves: [{ action: right, resource: instanceArn(grant, owner) }],
});
