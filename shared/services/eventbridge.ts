/** EventBridge. No level holds a rule or target action: a rule copies events out, past any end. Source: EventBridge "Policies". */
import type { EventbridgeGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { groupUnsupported, NAME_FORMS, nameIssues, unsupported } from './names.js';
import { field, idsIn } from './replies.js';
import type { GrantStatement, PositiveProbe, Product, Right } from './types.js';

const VERSION = '2020-04-01';
export const RULE_AND_TARGET_ACTIONS = [
  'eventbridge:CreateRule',
  'eventbridge:UpdateRule',
  'eventbridge:EnableRule',
  'eventbridge:DisableRule',
  'eventbridge:DeleteRule',
  'eventbridge:PutTargets',
  'eventbridge:CreateTargets',
  'eventbridge:UpdateTargets',
  'eventbridge:DeleteTargets',
];

const busArn = (grant: EventbridgeGrant, owner: AccountId, bus = grant.eventBus): string =>
  `acs:eventbridge:${grant.region}:${owner}:eventbus/${bus}`;

export const eventbridge: Product<EventbridgeGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.eventBus, NAME_FORMS.BUS, '/eventBus'),
    ...groupUnsupported(grant.resourceGroupId, 'EventBridge'),
    ...(grant.access === 'subscribe'
      ? unsupported(
          'subscribing means a rule to a target; partners make no rules, and a target cannot be named in a request yet',
        )
      : []),
    ...(grant.access === 'operate' || grant.access === 'full'
      ? unsupported(
          'operating a bus means rules and targets, which copy events out past any end of the contract',
        )
      : []),
  ],

  statementsOf: (grant, owner): readonly GrantStatement[] =>
    grant.access === 'publish'
      ? [{ actions: ['eventbridge:PutEvents', 'eventbridge:GetEventBus'], resources: [busArn(grant, owner)] }]
      : [
          { actions: ['eventbridge:GetEventBus'], resources: [busArn(grant, owner)] },
          {
            actions: ['eventbridge:ListRules', 'eventbridge:GetRule'],
            resources: [busArn(grant, owner), `${busArn(grant, owner)}/*`],
          },
        ],

  rightsOf: (grant, owner) => [
    { action: 'eventbridge:GetEventBus', resource: busArn(grant, owner) },
    grant.access === 'publish'
      ? { action: 'eventbridge:PutEvents', resource: busArn(grant, owner) }
      : { action: 'eventbridge:ListRules', resource: `${busArn(grant, owner)}/rule/*` },
  ],

  refusedOf: (grant, owner) => [
    { action: 'eventbridge:PutEvents', resource: busArn(grant, owner, `${grant.eventBus}0`) },
    ...(grant.access === 'publish'
      ? []
      : [{ action: 'eventbridge:PutEvents', resource: busArn(grant, owner) }]),
    ...RULE_AND_TARGET_ACTIONS.map(
      (action): Right => ({ action, resource: `${busArn(grant, owner)}/rule/r` }),
    ),
  ],

  probesOf: (grant, owner) => [probe(grant, owner)],

  neighboursOf: (grant, owner) => [
    {
      list: {
        product: 'eventbridge',
        version: VERSION,
        region: grant.region,
        action: 'ListEventBuses',
        params: { Limit: '100' },
      },
      findIn: (reply) => idsIn(field(reply, 'Data', 'EventBuses'), 'EventBusName'),
      granted: [grant.eventBus],
      probe: (bus) => probe({ ...grant, eventBus: bus }, owner),
    },
  ],

  describe: (grant) => `${grant.access} EventBridge bus ${grant.eventBus} (${grant.region})`,
};

const probe = (grant: EventbridgeGrant, owner: AccountId): PositiveProbe => ({
  call: {
    product: 'eventbridge',
    version: VERSION,
    region: grant.region,
    action: 'GetEventBus',
    params: { EventBusName: grant.eventBus },
  },
  proves: [{ action: 'eventbridge:GetEventBus', resource: busArn(grant, owner) }],
});
