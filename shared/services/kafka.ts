/** ApsaraMQ for Kafka. RAM knows instances only: no topic, no group. Source: "Custom policies" of ApsaraMQ for Kafka. */
import type { KafkaGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import type { AccountId } from '../domain/values.js';
import { accountNote, describeAs } from './describe.js';
import { dataPlaneIssues, groupUnsupported, NAME_FORMS, nameIssues } from './names.js';
import { idsIn } from './replies.js';
import { longer, rightsOn } from './rights.js';
import type { GrantIssue, GrantStatement, PositiveProbe, Product } from './types.js';

const VERSION = '2019-09-16';
/**
 * The API pages say "All Resources", the published custom policy the instance: the narrow form, seen to work before hand-over, unless the
 * grant asks for the other.
 */
const READS = ['alikafka:ListInstance', 'alikafka:ListTopic', 'alikafka:ListGroup'];
/** A producer needs no group. */
const reads = ({ access }: KafkaGrant): readonly string[] =>
  access === 'publish' ? READS.filter((action) => action !== 'alikafka:ListGroup') : READS;
const CHANGES = [
  'alikafka:UpdateTopic',
  'alikafka:DeleteTopic',
  'alikafka:CreateGroup',
  'alikafka:UpdateGroup',
  'alikafka:DeleteGroup',
];
/** Documented as "All Resources" only: an instance ARN does not match it. */
const ANYWHERE = ['alikafka:CreateTopic'];
/** What no level holds: passwords, accounts, ACLs (also by way of UpdateInstance), message bodies, the instance itself. */
const NEVER = [
  'alikafka:ListSaslUser',
  'alikafka:CreateSaslUser',
  'alikafka:DeleteSaslUser',
  'alikafka:EnableAcl',
  'alikafka:DeleteAcl',
  'alikafka:QueryMessage',
  'alikafka:DownloadMessage',
  'alikafka:UpdateInstance',
  'alikafka:ReleaseInstance',
];
const NEVER_ANYWHERE = ['alikafka:CreateAcl'];

/** The instance id follows the last colon at once; there is no `instance/` segment. */
const instanceArn = (grant: KafkaGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:alikafka:${grant.region}:${owner}:${id}`;

const isAnywhere = ({ listsAnywhere }: KafkaGrant): boolean => listsAnywhere === true;
const readsOn = (grant: KafkaGrant, owner: AccountId): string =>
  isAnywhere(grant) ? '*' : instanceArn(grant, owner);

const operates = ({ access }: KafkaGrant): boolean => access === 'operate' || access === 'full';
const changes = (grant: KafkaGrant): readonly string[] => (operates(grant) ? CHANGES : []);

export const kafka: Product<KafkaGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...nameIssues(grant.topics, NAME_FORMS.TOPIC, '/topics'),
    ...nameIssues(grant.groups, NAME_FORMS.TOPIC, '/groups'),
    ...dataPlaneIssues(grant, 'Kafka'),
    ...groupIssues(grant),
  ],

  statementsOf: (grant, owner) => {
    const isNamed = grant.topics !== undefined || grant.groups !== undefined;
    const own: GrantStatement = {
      actions: [...(isAnywhere(grant) ? [] : reads(grant)), ...changes(grant)],
      resources: [instanceArn(grant, owner)],
      ...(isNamed
        ? {
            unavoidablyWider: `RAM knows no topic or group of Kafka, so the right covers all of instance ${grant.instanceId}`,
          }
        : {}),
    };
    const lists: GrantStatement = {
      actions: reads(grant),
      resources: ['*'],
      unavoidablyWider:
        'Kafka checks lists against no instance, as the request says, so instances, topics and groups of the whole account can be listed',
    };
    const anywhere: GrantStatement = {
      actions: ANYWHERE,
      resources: ['*'],
      unavoidablyWider:
        'Kafka checks CreateTopic against no instance, so topics can be created on every instance of the account',
    };
    return [
      ...(own.actions.length === 0 ? [] : [own]),
      ...(isAnywhere(grant) ? [lists] : []),
      ...(operates(grant) ? [anywhere] : []),
    ];
  },

  rightsOf: (grant, owner) => [
    ...rightsOn(reads(grant), [readsOn(grant, owner)]),
    ...rightsOn(changes(grant), [instanceArn(grant, owner)]),
    ...(operates(grant) ? rightsOn(ANYWHERE, ['*']) : []),
  ],

  refusedOf: (grant, owner) => [
    ...rightsOn(
      [...(isAnywhere(grant) ? [] : READS), ...CHANGES],
      [instanceArn(grant, owner, longer(grant.instanceId))],
    ),
    ...rightsOn(operates(grant) ? NEVER : [...NEVER, ...CHANGES], [instanceArn(grant, owner)]),
    ...rightsOn(operates(grant) ? NEVER_ANYWHERE : [...NEVER_ANYWHERE, ...ANYWHERE], ['*']),
  ],

  probesOf: (grant, owner) => [
    probe(grant, owner, 'GetTopicList', 'alikafka:ListTopic'),
    ...(grant.access === 'publish' ? [] : [probe(grant, owner, 'GetConsumerList', 'alikafka:ListGroup')]),
  ],

  /** What may be listed everywhere no neighbour refuses. */
  neighboursOf: (grant, owner) => {
    if (isAnywhere(grant)) return [];
    return [
      {
        list: {
          product: 'alikafka',
          version: VERSION,
          region: grant.region,
          action: 'GetInstanceList',
          params: {},
        },
        findIn: (reply) => idsIn(member(reply, 'InstanceList', 'InstanceVO'), 'InstanceId'),
        granted: [grant.instanceId],
        probe: (id) => probe({ ...grant, instanceId: id }, owner, 'GetTopicList', 'alikafka:ListTopic'),
      },
    ];
  },

  idsOf: ({ instanceId }) => [instanceId],
  describe: (grant) =>
    describeAs(
      grant,
      `Kafka instance ${grant.instanceId}`,
      { topics: grant.topics, groups: grant.groups },
      grant.access === 'full'
        ? 'topics and groups only: no accounts, ACLs, messages or settings of the instance'
        : accountNote(grant),
    ),
};

/** What is checked on everything is in no group, so that a right to it in one lets nobody do it; nor would any probe show that. */
const groupIssues = (grant: KafkaGrant): readonly GrantIssue[] => [
  ...(operates(grant)
    ? groupUnsupported(
        grant.resourceGroupId,
        'Kafka checks CreateTopic against no instance, so no right in a resource group lets anybody make topics; ask for this without the group, or for read',
      )
    : []),
  ...(isAnywhere(grant)
    ? groupUnsupported(
        grant.resourceGroupId,
        'what is listed anywhere is in no resource group; ask for listsAnywhere without the group',
      )
    : []),
];

const probe = (grant: KafkaGrant, owner: AccountId, action: string, right: string): PositiveProbe => ({
  call: {
    product: 'alikafka',
    version: VERSION,
    region: grant.region,
    action,
    params: { InstanceId: grant.instanceId },
  },
  proves: rightsOn([right], [readsOn(grant, owner)]),
  ...(isAnywhere(grant)
    ? {}
    : { remedy: 'if Kafka checks lists on no instance, ask again with "listsAnywhere": true in the grant' }),
});
