/**
 * EventBridge. No level holds a rule or target action: a rule copies events out, past any end. Who subscribes is given a rule
 * of ours (`routes.ts`). Source: EventBridge "Policies".
 */
import type { EventbridgeGrant, EventTarget } from '../domain/grant.js';
import { member } from '../domain/member.js';
import type { AccountId } from '../domain/values.js';
import { describeAs } from './describe.js';
import {
  groupUndocumented,
  missing,
  NAME_FORMS,
  nameIssues,
  someNameIssues,
  unsupported,
  uselessIf,
} from './names.js';
import { idsIn } from './replies.js';
import { longer, rightsOn } from './rights.js';
import type { GrantIssue, GrantStatement, PositiveProbe, Product } from './types.js';

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

/** In whatever case: whether buses are told apart by it is not documented. */
const isDefaultBus = (name: string): boolean => name.toLowerCase() === 'default';

export const eventbridge: Product<EventbridgeGrant> = {
  issuesOf: (grant) => [
    ...nameIssues(grant.eventBus, NAME_FORMS.BUS, '/eventBus'),
    ...groupUndocumented(grant.resourceGroupId, 'EventBridge'),
    ...targetIssues(grant),
    ...(grant.access === 'operate' || grant.access === 'full'
      ? unsupported(
          'operating a bus means rules and targets, which copy events out past any end of the contract',
        )
      : []),
    ...(grant.access === 'publish' && isDefaultBus(grant.eventBus)
      ? unsupported(
          "the bus default is for events of the cloud's own services: whoever publishes there could pass for one, such as the audit trail",
        )
      : []),
  ],

  statementsOf: (grant, owner): readonly GrantStatement[] =>
    grant.access === 'subscribe'
      ? [{ actions: ['eventbridge:GetEventBus'], resources: [busArn(grant, owner)] }]
      : grant.access === 'publish'
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
    ...(grant.access === 'publish' ? rightsOn(['eventbridge:PutEvents'], [busArn(grant, owner)]) : []),
    ...(seesRules(grant) ? rightsOn(['eventbridge:ListRules'], [rulesArn(grant, owner)]) : []),
  ],

  refusedOf: (grant, owner) => [
    ...rightsOn(
      ['eventbridge:PutEvents', 'eventbridge:GetEventBus'],
      [busArn(grant, owner, longer(grant.eventBus))],
    ),
    ...(grant.access === 'publish' ? [] : rightsOn(['eventbridge:PutEvents'], [busArn(grant, owner)])),
    ...(grant.access === 'subscribe' ? rightsOn(['eventbridge:ListRules'], [rulesArn(grant, owner)]) : []),
    ...rightsOn(['eventbridge:UpdateEventBus', 'eventbridge:DeleteEventBus'], [busArn(grant, owner)]),
    ...rightsOn(['eventbridge:UpdateRule'], [busArn(grant, owner)]),
    ...rightsOn([...RULE_AND_TARGET_ACTIONS, ...TARGET_SECRET_ACTIONS], [rulesArn(grant, owner)]),
  ],

  probesOf: (grant, owner) => [
    busProbe(grant, owner),
    ...(seesRules(grant)
      ? [
          {
            call: callOn(grant, 'ListRules'),
            proves: rightsOn(['eventbridge:ListRules'], [rulesArn(grant, owner)]),
          },
        ]
      : []),
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
      findIn: (reply) => idsIn(member(reply, 'Data', 'EventBuses'), 'EventBusName'),
      granted: [grant.eventBus],
      probe: (bus) => busProbe({ ...grant, eventBus: bus }, owner),
    },
  ],

  idsOf: ({ eventBus }) => [eventBus],
  describe: (grant) =>
    describeAs(
      grant,
      `EventBridge bus ${grant.eventBus}`,
      { 'events from': grant.events?.sources, 'events of type': grant.events?.types },
      grant.target === undefined ? undefined : `by a rule of the owner to ${endOf(grant.target)}`,
    ),
};

/** The rules on the bus show the endpoint of everybody's targets: not for those who only publish or subscribe. */
const seesRules = ({ access }: EventbridgeGrant): boolean => access !== 'publish' && access !== 'subscribe';

/** The path of an address may be as good as a password, so a host is all that is shown. */
const endOf = (target: EventTarget): string =>
  target.type === 'bus'
    ? `bus ${target.eventBus} of the grantee`
    : `an endpoint on ${/^https:\/\/([^/?#]*)/.exec(target.url)?.[1] ?? 'the internet'}`;

/** Source: EventBridge "Limits": `source` up to 128 characters, `type` up to 64. Patterns compare whole values here. */
const EVENT_SOURCE = /^[\x21-\x7e]{1,128}$/;
const EVENT_TYPE = /^[\x21-\x7e]{1,64}$/;
const ROLE_NAME = /^[A-Za-z0-9.-]{1,64}$/;
/** Plain: who reads a request, plan or register may read the address, so no password, no query and no fragment may be in it. */
const PLAIN_HTTPS = /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$/;

function targetIssues({ access, eventBus, target, events }: EventbridgeGrant): readonly GrantIssue[] {
  if (access !== 'subscribe')
    return [
      ...uselessIf(target, '/target', 'a target is for subscribing'),
      ...uselessIf(events, '/events', 'events are chosen for subscribing'),
    ];
  return [
    ...(target === undefined
      ? missing('/target', 'subscribing means a rule that Leasehold makes; name the target it leads to')
      : [...endIssues(target), ...needsController(target)]),
    ...someNameIssues(events?.sources ?? ['any'], EVENT_SOURCE, '/events/sources'),
    ...someNameIssues(events?.types ?? ['any'], EVENT_TYPE, '/events/types'),
    ...(isDefaultBus(eventBus) ? trailIssues(events?.types) : []),
  ];
}

/** As in `sts:ActionTrail:ApiCall`, also of kinds that come later. */
const OF_THE_TRAIL = /:ActionTrail:/i;

/**
 * On the bus default the audit trail tells of every call in the account with its parameters: trust policies with the ExternalIds of all
 * contracts, and whatever else somebody sends. Patterns compare whole values, so what is named is all that comes.
 */
const trailIssues = (types: readonly string[] | undefined): readonly GrantIssue[] =>
  types?.some((type) => OF_THE_TRAIL.test(type)) === false
    ? []
    : [
        {
          code: 'UNSUPPORTED_ACCESS',
          pointer: '/events/types',
          message:
            'on the bus default the audit trail speaks, which tells the ExternalIds of every contract: name the types that are wanted, and none of :ActionTrail:',
        },
      ];

const needsController = ({ endsByController }: EventTarget): readonly GrantIssue[] =>
  endsByController === true
    ? []
    : [
        {
          code: 'NEEDS_CONTROLLER',
          pointer: '/target',
          message:
            'RAM bounds no rule in time: accept by target.endsByController that its end depends on Leasehold running',
        },
      ];

function endIssues(target: EventTarget): readonly GrantIssue[] {
  if (target.type === 'https')
    return PLAIN_HTTPS.test(target.url) && URL.canParse(target.url)
      ? []
      : [
          {
            code: 'BAD_TARGET',
            pointer: '/target/url',
            message:
              'must be an https:// address without user, query or fragment: it is kept where a secret in it would be read',
          },
        ];
  return [
    ...nameIssues(target.eventBus, NAME_FORMS.BUS, '/target/eventBus'),
    ...(isDefaultBus(target.eventBus)
      ? [
          {
            code: 'BAD_TARGET',
            pointer: '/target/eventBus',
            message: 'events are routed to custom buses only, not to the bus default',
          } as const,
        ]
      : []),
    ...nameIssues(target.roleName, ROLE_NAME, '/target/roleName'),
  ];
}

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
