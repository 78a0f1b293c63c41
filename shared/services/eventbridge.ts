/** EventBridge. No level holds a rule or target action: a rule copies events out, past any end. Source: EventBridge "Policies". */
import type { EventbridgeGrant } from '../domain/grant.js';
import type { AccountId } from '../domain/values.js';
import { describeAs } from './describe.js';
import { groupUnsupported, NAME_FORMS, nameIssues, unsupported } from './names.js';
import { field, idsIn } from './replies.js';
import { longer, rightsOn } from './rights.js';
import type { GrantStatement, PositiveProbe, Product } from './types.js';

const VERSION = '2020-04-01';
/** Documents, SDKs and policies each use other names for changing targets; all exist. */
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
/** They return the parameters of targets, such as the `SecretKey` of a chat robot. */
export const TARGET_SECRET_ACTIONS = ['eventbridge:GetRule', 'eventbridge:ListTargets'];

const busArn = (grant: EventbridgeGrant, owner: AccountId, bus = grant.eventBus): string =>
  `acs:eventbridge:${grant.region}:${owner}:eventbus/${bus}`;
const rulesArn = (grant: EventbridgeGrant, owner: AccountId): string => `${busArn(grant, owner)}/rule/*`;

export const eventbridge: Product<EventbridgeGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.eventBus, NAME_FORMS.BUS, '/eventBus'),
    ...groupUnsupported(grant.resourceGroupId, 'EventBridge'),
    ...(grant.access === 'subscribe'
      ? unsupported(
          'subscribing means a rule that Leasehold makes to a target of the partner, and a request cannot name a target yet',
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
      ? // Published is PutEvents on `*` only; the form for one bus is composed of the bus's ARN and what is below it.
        [
          {
            actions: ['eventbridge:PutEvents', 'eventbridge:GetEventBus'],
            resources: [busArn(grant, owner), `${busArn(grant, owner)}/*`],
          },
        ]
      : [
          { actions: ['eventbridge:GetEventBus'], resources: [busArn(grant, owner)] },
          {
            actions: ['eventbridge:ListRules'],
            // Rule actions are checked on the bus in one document and on its rules in the other.
            resources: [busArn(grant, owner), rulesArn(grant, owner)],
            unavoidablyWider: `the list of rules on bus ${grant.eventBus} shows the endpoint of every target, and the address of a webhook may hold a token`,
          },
        ],

  rightsOf: (grant, owner) => [
    ...rightsOn(['eventbridge:GetEventBus'], [busArn(grant, owner)]),
    ...(grant.access === 'publish'
      ? rightsOn(['eventbridge:PutEvents'], [busArn(grant, owner)])
      : rightsOn(['eventbridge:ListRules'], [rulesArn(grant, owner)])),
  ],

  refusedOf: (grant, owner) => [
    ...rightsOn(
      ['eventbridge:PutEvents', 'eventbridge:GetEventBus'],
      [busArn(grant, owner, longer(grant.eventBus))],
    ),
    ...(grant.access === 'publish' ? [] : rightsOn(['eventbridge:PutEvents'], [busArn(grant, owner)])),
    ...rightsOn(['eventbridge:UpdateEventBus', 'eventbridge:DeleteEventBus'], [busArn(grant, owner)]),
    ...rightsOn(['eventbridge:UpdateRule'], [busArn(grant, owner)]),
    ...rightsOn([...RULE_AND_TARGET_ACTIONS, ...TARGET_SECRET_ACTIONS], [rulesArn(grant, owner)]),
  ],

  probesOf: (grant, owner) => [
    busProbe(grant, owner),
    ...(grant.access === 'publish'
      ? []
      : [
          {
            call: callOn(grant, 'ListRules'),
            proves: rightsOn(['eventbridge:ListRules'], [rulesArn(grant, owner)]),
          },
        ]),
  ],

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
      probe: (bus) => busProbe({ ...grant, eventBus: bus }, owner),
    },
  ],

  describe: (grant) => describeAs(grant, `EventBridge bus ${grant.eventBus}`),
};

const callOn = (grant: EventbridgeGrant, action: string): PositiveProbe['call'] => ({
  product: 'eventbridge',
  version: VERSION,
  region: grant.region,
  action,
  params: { EventBusName: grant.eventBus },
});

const busProbe = (grant: EventbridgeGrant, owner: AccountId): PositiveProbe => ({
  call: callOn(grant, 'GetEventBus'),
  proves: rightsOn(['eventbridge:GetEventBus'], [busArn(grant, owner)]),
});
