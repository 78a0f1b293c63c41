/** ApsaraMQ for RabbitMQ: its data plane asks RAM too. Source: "Custom permission policy reference" of ApsaraMQ for RabbitMQ. */
import type { RabbitmqGrant } from '../domain/grant.js';
import { member } from '../domain/member.js';
import type { AccountId } from '../domain/values.js';
import { ACCOUNT_NOTE, describeAs } from './describe.js';
import { groupUndocumented, NAME_FORMS, nameIssues, someNameIssues, uselessIf } from './names.js';
import {
  AMQP_ACTIONS,
  type AmqpAction,
  CONSUME,
  HELD,
  type Place,
  PUBLISH,
  placesOf,
} from './rabbitmq-actions.js';
import { idsIn } from './replies.js';
import { beside, longer, rightsOn } from './rights.js';
import type { GrantIssue, PositiveProbe, Product, Right } from './types.js';

const VERSION = '2019-12-12';
/** The lists take GET alone. Source: the vendor's published API metadata, and its SDK. */
const LIST = { product: 'amqp-open', version: VERSION, method: 'GET' } as const;
/** Passwords and accounts, which outlive any session. */
const STATIC_ACCOUNTS = ['amqp:ListStaticAccounts', 'amqp:FetchStaticAccount', 'amqp:DeleteStaticAccount'];

/** The resource part begins with a slash. */
const instanceArn = (grant: RabbitmqGrant, owner: AccountId, id = grant.instanceId): string =>
  `acs:amqp:${grant.region}:${owner}:/instances/${id}`;
const vhostArn = (grant: RabbitmqGrant, owner: AccountId, vhost: string): string =>
  `${instanceArn(grant, owner)}/vhosts/${vhost}`;
const vhostArns = (grant: RabbitmqGrant, owner: AccountId): readonly string[] =>
  grant.virtualHosts.map((vhost) => vhostArn(grant, owner, vhost));

const lists = ({ access }: RabbitmqGrant): boolean =>
  access === 'read' || access === 'operate' || access === 'full';
/** Narrowed to names, a client declares nothing: it sends to or takes from what is there. */
const isNarrowed = ({ exchanges, queues }: RabbitmqGrant): boolean =>
  exchanges !== undefined || queues !== undefined;
const held = (grant: RabbitmqGrant): readonly AmqpAction[] => {
  if (!isNarrowed(grant)) return HELD[grant.access];
  return grant.access === 'publish' ? PUBLISH : CONSUME;
};

export const rabbitmq: Product<RabbitmqGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.instanceId, NAME_FORMS.ID, '/instanceId'),
    ...someNameIssues(grant.virtualHosts, NAME_FORMS.AMQP, '/virtualHosts'),
    ...someNameIssues(grant.exchanges ?? ['any'], NAME_FORMS.AMQP, '/exchanges'),
    ...someNameIssues(grant.queues ?? ['any'], NAME_FORMS.AMQP, '/queues'),
    ...groupUndocumented(grant.resourceGroupId, 'RabbitMQ'),
    ...staticAccountIssues(grant),
    ...(grant.access === 'publish'
      ? []
      : uselessIf(grant.exchanges, '/exchanges', 'exchanges narrow publish only')),
    ...(grant.access === 'subscribe'
      ? []
      : uselessIf(grant.queues, '/queues', 'queues narrow subscribe only')),
  ],

  statementsOf: (grant, owner) => [
    {
      actions: ['amqp:GetInstance', 'amqp:GetVhost'],
      resources: [instanceArn(grant, owner), ...vhostArns(grant, owner)],
    },
    ...(lists(grant)
      ? [
          {
            actions: ['amqp:ListVhost'],
            // Documents disagree whether the list is checked on the instance or on its virtual hosts: both are given.
            resources: [instanceArn(grant, owner), `${instanceArn(grant, owner)}/vhosts/*`],
            unavoidablyWider: `the list of virtual hosts shows the names of all on RabbitMQ instance ${grant.instanceId}`,
          },
        ]
      : []),
    {
      actions: held(grant).map(codeOf),
      resources: vhostArns(grant, owner).flatMap((arn) => contentsOf(grant, arn)),
    },
  ],

  rightsOf: (grant, owner) => [
    ...rightsOn(['amqp:GetInstance'], [instanceArn(grant, owner)]),
    ...rightsOn(['amqp:GetVhost'], vhostArns(grant, owner)),
    ...(lists(grant)
      ? rightsOn(['amqp:ListVhost'], [instanceArn(grant, owner), `${instanceArn(grant, owner)}/vhosts/*`])
      : []),
    ...vhostArns(grant, owner).flatMap((arn, index) =>
      spanned(held(grant), index).flatMap((action) => rightsBelow(arn, action, grant)),
    ),
  ],

  refusedOf: (grant, owner) => {
    const notHeld = AMQP_ACTIONS.filter((action) => !held(grant).includes(action));
    const otherNames = {
      exchanges: grant.exchanges && beside(grant.exchanges),
      queues: grant.queues && beside(grant.queues),
    };
    return [
      ...rightsOn(
        ['amqp:GetInstance', 'amqp:ListVhost'],
        [instanceArn(grant, owner, longer(grant.instanceId))],
      ),
      ...grant.virtualHosts.flatMap((vhost, index) => [
        ...spanned(held(grant), 1).flatMap((action) =>
          rightsBelow(vhostArn(grant, owner, longer(vhost, grant.virtualHosts)), action),
        ),
        ...spanned(notHeld, index).flatMap((action) => rightsBelow(vhostArn(grant, owner, vhost), action)),
        ...(isNarrowed(grant)
          ? spanned(held(grant), 1).flatMap((action) =>
              rightsBelow(vhostArn(grant, owner, vhost), action, otherNames),
            )
          : []),
      ]),
      ...rightsOn(['amqp:CreateVhost'], [`${instanceArn(grant, owner)}/vhosts/*`]),
      ...rightsOn(['amqp:DeleteVhost'], vhostArns(grant, owner)),
      ...rightsOn(STATIC_ACCOUNTS, [`${instanceArn(grant, owner)}/staticAccount/*`]),
      ...rightsOn(['amqp:DeleteInstance'], [instanceArn(grant, owner)]),
    ];
  },

  /** Publishers and consumers may not list; what they may do no read call shows. */
  probesOf: (grant, owner) =>
    lists(grant)
      ? [hostsProbe(grant, owner), ...grant.virtualHosts.map((vhost) => queuesProbe(grant, owner, vhost))]
      : [],

  /** Where nothing can be seen to work, a refusal would not tell neighbours apart. */
  neighboursOf: (grant, owner) => {
    const list = { ...LIST, region: grant.region };
    if (!lists(grant)) return [];
    return [
      {
        list: { ...list, action: 'ListInstances', params: { MaxResults: '100' } },
        findIn: (reply) => idsIn(member(reply, 'Data', 'Instances'), 'InstanceId'),
        granted: [grant.instanceId],
        probe: (id) => hostsProbe({ ...grant, instanceId: id }, owner),
      },
      {
        list: {
          ...list,
          action: 'ListVirtualHosts',
          params: { InstanceId: grant.instanceId, MaxResults: '100' },
        },
        findIn: (reply) => idsIn(member(reply, 'Data', 'VirtualHosts'), 'Name'),
        granted: grant.virtualHosts,
        probe: (vhost) => queuesProbe(grant, owner, vhost),
      },
    ];
  },

  idsOf: ({ instanceId }) => [instanceId],
  describe: (grant) =>
    describeAs(
      grant,
      `RabbitMQ virtual hosts ${grant.virtualHosts.join(', ')} on instance ${grant.instanceId}`,
      { exchanges: grant.exchanges, queues: grant.queues },
      notesOn(grant),
    ),
};

/** Clients are asked to make user names of a session; what stays is for those that cannot, and only where messages pass. */
function staticAccountIssues({ access, dataPlane }: RabbitmqGrant): readonly GrantIssue[] {
  if (dataPlane === undefined) return [];
  if (dataPlane.staticAccount !== true)
    return uselessIf(
      dataPlane,
      '/dataPlane',
      'RabbitMQ asks RAM about every use, with user names made of a session, which end with it; for clients that cannot make them ask for an account that stays, by dataPlane.staticAccount',
    );
  return access === 'read' || access === 'operate'
    ? uselessIf(dataPlane, '/dataPlane', 'accounts that stay are for whoever sends or receives messages')
    : [];
}

function notesOn(grant: RabbitmqGrant): string | undefined {
  const notes = [
    ...(grant.access === 'full'
      ? ['exchanges, queues and messages in them: no accounts, virtual hosts or settings of the instance']
      : []),
    ...(grant.dataPlane === undefined ? [] : [ACCOUNT_NOTE]),
  ];
  return notes.length === 0 ? undefined : notes.join(', ');
}

/** All on the first virtual host, one on every other: see `rightsOn`. */
const spanned = (actions: readonly AmqpAction[], index: number): readonly AmqpAction[] =>
  index === 0 ? actions : actions.slice(0, 1);

const codeOf = (action: AmqpAction): string => `amqp:${action}`;

function contentsOf({ exchanges, queues }: RabbitmqGrant, vhost: string): readonly string[] {
  if (exchanges !== undefined)
    return exchanges.map((exchange) => `${vhost}/exchanges/${exchange}/messages/*`);
  if (queues !== undefined) return queues.map((queue) => `${vhost}/queues/${queue}/messages/*`);
  return [`${vhost}/*`];
}

interface Names {
  readonly exchanges?: readonly string[] | undefined;
  readonly queues?: readonly string[] | undefined;
}

/** `action` wherever the product checks it below the virtual host `vhost`. */
const rightsBelow = (vhost: string, action: AmqpAction, names: Names = {}): readonly Right[] =>
  rightsOn(
    [codeOf(action)],
    placesOf(action)
      .flatMap((place) => suffixesOf(place, names))
      .map((suffix) => `${vhost}${suffix}`),
  );

function suffixesOf(place: Place, { exchanges = ['*'], queues = ['*'] }: Names): readonly string[] {
  switch (place) {
    case 'exchanges':
      return ['/exchanges/*'];
    case 'exchange':
      return exchanges.map((exchange) => `/exchanges/${exchange}`);
    case 'exchange messages':
      return exchanges.map((exchange) => `/exchanges/${exchange}/messages/*`);
    case 'queues':
      return ['/queues/*'];
    case 'queue':
      return queues.map((queue) => `/queues/${queue}`);
    case 'queue messages':
      return queues.map((queue) => `/queues/${queue}/messages/*`);
  }
}

const hostsProbe = (grant: RabbitmqGrant, owner: AccountId): PositiveProbe => ({
  call: {
    ...LIST,
    region: grant.region,
    action: 'ListVirtualHosts',
    params: { InstanceId: grant.instanceId, MaxResults: '1' },
  },
  proves: rightsOn(['amqp:ListVhost', 'amqp:GetInstance'], [instanceArn(grant, owner)]),
});

const queuesProbe = (grant: RabbitmqGrant, owner: AccountId, vhost: string): PositiveProbe => ({
  call: {
    ...LIST,
    region: grant.region,
    action: 'ListQueues',
    params: { InstanceId: grant.instanceId, VirtualHost: vhost, MaxResults: '1' },
  },
  proves: [
    ...rightsOn(['amqp:ListQueue'], [`${vhostArn(grant, owner, vhost)}/queues/*`]),
    ...rightsOn(['amqp:GetInstance'], [instanceArn(grant, owner)]),
  ],
});
