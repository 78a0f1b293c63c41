/**
 * The vendor's ready-made policies that this cloud knows; any other is answered with `EntityNotExist.Policy`.
 * Documents from the policy pages under https://www.alibabacloud.com/help/en/ram/developer-reference/ (one page a policy, named
 * after it). Where a page names a list of service-linked roles "and further names", only the named ones are here.
 */
import { parsePolicy } from '../../policy/index.js';
import { keyOf, type PolicyState } from './state.js';

interface Grant {
  readonly actions: string | readonly string[];
  readonly resource?: string | readonly string[];
  /** Condition key and the values it must have one of. */
  readonly only?: readonly [key: string, values: readonly string[]];
  readonly notActions?: readonly string[];
}

const linkedRoles = (...serviceNames: readonly string[]): Grant => ({
  actions: 'ram:CreateServiceLinkedRole',
  only: ['ram:ServiceName', serviceNames],
});

/** What the load balancers' consoles read besides. */
const AROUND_LOAD_BALANCERS = [
  'ecs:DescribeInstances',
  'ecs:DescribeNetworkInterfaces',
  'eci:DescribeContainerGroups',
  'cms:QueryMetricList',
  'vpc:DescribeVpcs',
  'vpc:DescribeVSwitches',
];

const GRANTS: Readonly<Record<string, readonly Grant[]>> = {
  AdministratorAccess: [{ actions: '*' }],
  // The page names what it leaves out, not the document.
  PowerUserAccess: [{ actions: [], notActions: ['ram:*', 'ims:*', 'resourcemanager:*'] }],
  AliyunRAMFullAccess: [{ actions: 'ram:*' }],
  AliyunSTSAssumeRoleAccess: [{ actions: 'sts:AssumeRole' }],

  AliyunKafkaFullAccess: [
    { actions: 'alikafka:*' },
    linkedRoles(
      'connector.alikafka.aliyuncs.com',
      'instanceencryption.alikafka.aliyuncs.com',
      'alikafka.aliyuncs.com',
      'etl.alikafka.aliyuncs.com',
    ),
  ],
  AliyunKafkaReadOnlyAccess: [
    {
      actions: [
        'alikafka:List*',
        'alikafka:Query*',
        'alikafka:Get*',
        'alikafka:Download*',
        'alikafka:Check*',
        'alikafka:DashboardList',
        'alikafka:MetaData',
        'alikafka:RegionData',
        'alikafka:ReportMigrationProcess',
        'alikafka:DashboardCheckServiceStatus',
      ],
      resource: 'acs:alikafka:*:*:*',
    },
    {
      actions: 'ram:GetRole',
      resource: ['acs:ram:*:*:role/aliyunkafkakopilotonlyreadrole', 'acs:ram:*:*:role/aliyunkafkatablerole'],
    },
  ],
  AliyunAMQPFullAccess: [{ actions: 'amqp:*' }],
  AliyunAMQPReadOnlyAccess: [{ actions: ['amqp:Get*', 'amqp:List*'] }],
  AliyunMQFullAccess: [
    { actions: ['mq:*', 'rocketmq:*', 'mq-as:*'] },
    linkedRoles('ons.aliyuncs.com', 'migration.rmq.aliyuncs.com'),
  ],
  AliyunMQReadOnlyAccess: [
    {
      actions: [
        'mq:OnsInstanceBaseInfo',
        'mq:List*',
        'mq:Query*',
        'mq:Get*',
        'mq:Download*',
        'mq:Dashboard*',
        'rocketmq:List*',
        'rocketmq:SubmitQuery*',
        'rocketmq:Get*',
        'rocketmq:Download*',
        'mq-as:List*',
        'mq-as:Get*',
      ],
    },
  ],
  AliyunMQPubOnlyAccess: [{ actions: ['mq:PUB', 'mq:OnsInstanceBaseInfo'] }, linkedRoles('ons.aliyuncs.com')],
  // The document of this one is not published; composed after its counterpart above.
  AliyunMQSubOnlyAccess: [{ actions: ['mq:SUB', 'mq:OnsInstanceBaseInfo'] }],

  AliyunEventBridgeFullAccess: [
    { actions: 'eventbridge:*' },
    linkedRoles('sendevent-fc.eventbridge.aliyuncs.com', 'sendevent-mns.eventbridge.aliyuncs.com'),
  ],
  AliyunEventBridgeReadOnlyAccess: [
    {
      actions: [
        'eventbridge:Get*',
        'eventbridge:List*',
        'eventbridge:EventCenterCheckEnabledOnDefaultBus',
        'eventbridge:EventCenterQueryRun',
        'eventbridge:EventCenterQueryResult',
      ],
    },
  ],
  AliyunEventBridgePutEventsPolicy: [{ actions: 'eventbridge:PutEvents' }],
  AliyunEventBridgeResourceCreatePolicy: [
    {
      actions: [
        ...[
          'CreateEventBus',
          'CreateRule',
          'CreateEventSource',
          'PutTargets',
          'CreateEventStreaming',
          'CreateConnection',
        ],
        ...[
          'CreateApiDestination',
          'EventCenterEnableOnDefaultBus',
          'EventCenterDisableOnDefaultBus',
          'CreateSchema',
        ],
        ...['CreateSchemaVersion', 'CreateSchemaGroup'],
      ].map((name) => `eventbridge:${name}`),
    },
    linkedRoles('sendevent-fc.eventbridge.aliyuncs.com'),
  ],
  AliyunEventBridgeResourceUpdatePolicy: [
    {
      actions: [
        ...[
          'UpdateEventBus',
          'UpdateRule',
          'EnableRule',
          'DisableRule',
          'CreateTargets',
          'UpdateTargets',
          'PutTargets',
        ],
        ...[
          'DeleteTargets',
          'UpdateEventSource',
          'UpdateEventStreaming',
          'StartEventStreaming',
          'PauseEventStreaming',
        ],
        ...[
          'UpdateConnection',
          'UpdateApiDestination',
          'EventCenterEnableOnDefaultBus',
          'EventCenterDisableOnDefaultBus',
        ],
        ...['UpdateSchema', 'UpdateSchemaVersion', 'UpdateSchemaGroup'],
      ].map((name) => `eventbridge:${name}`),
    },
    linkedRoles(
      'sendevent-fc.eventbridge.aliyuncs.com',
      'sendevent-mns.eventbridge.aliyuncs.com',
      'sendevent-sms.eventbridge.aliyuncs.com',
    ),
  ],
  AliyunEventBridgeResourceDeletePolicy: [
    {
      actions: [
        ...['DeleteEventBus', 'DeleteRule', 'DeleteTargets', 'DeleteEventSource', 'DeleteEventStreaming'],
        ...[
          'DeleteConnection',
          'DeleteApiDestination',
          'DeleteSchema',
          'DeleteSchemaVersion',
          'DeleteSchemaGroup',
        ],
      ].map((name) => `eventbridge:${name}`),
    },
  ],

  // The document of this one is not published; composed after the other load balancers'.
  AliyunSLBFullAccess: [{ actions: 'slb:*' }],
  AliyunSLBReadOnlyAccess: [{ actions: ['slb:Describe*', 'slb:List*', 'slb:Get*', 'cms:QueryMetric*'] }],
  AliyunALBFullAccess: [
    { actions: ['alb:*', ...AROUND_LOAD_BALANCERS] },
    linkedRoles(
      'alb.aliyuncs.com',
      'logdelivery.alb.aliyuncs.com',
      'clone.alb.aliyuncs.com',
      'ga.alb.aliyuncs.com',
      'fc.alb.aliyuncs.com',
    ),
  ],
  AliyunALBReadOnlyAccess: [{ actions: ['alb:Describe*', 'alb:List*', 'alb:Get*', 'cms:QueryMetricList'] }],
  AliyunNLBFullAccess: [{ actions: ['nlb:*', ...AROUND_LOAD_BALANCERS] }, linkedRoles('nlb.aliyuncs.com')],
  AliyunNLBReadOnlyAccess: [{ actions: ['nlb:Describe*', 'nlb:List*', 'nlb:Get*', 'cms:QueryMetricList'] }],

  AliyunFCFullAccess: [
    { actions: 'fc:*' },
    { actions: 'ram:PassRole', only: ['acs:Service', ['fc.aliyuncs.com']] },
  ],
  // The documents of the next one and of OSS's two are not on the pages read; composed after their names.
  AliyunFCReadOnlyAccess: [{ actions: ['fc:Get*', 'fc:List*'] }],
  AliyunFCInvocationAccess: [{ actions: 'fc:InvokeFunction' }],
  AliyunOSSFullAccess: [{ actions: 'oss:*' }],
  AliyunOSSReadOnlyAccess: [{ actions: ['oss:Get*', 'oss:List*'] }],
};

/** 2020-01-01: the vendor's policies are older than anything an account holds. */
const SYSTEM_EPOCH = Date.UTC(2020, 0, 1);

function systemPolicy(name: string, grants: readonly Grant[]): PolicyState {
  const text = JSON.stringify({
    Version: '1',
    Statement: grants.map(({ actions, notActions, resource = '*', only }) => ({
      Effect: 'Allow',
      ...(notActions === undefined ? { Action: actions } : { NotAction: notActions }),
      Resource: resource,
      ...(only === undefined ? {} : { Condition: { StringEquals: { [only[0]]: only[1] } } }),
    })),
  });
  return {
    name,
    type: 'System',
    description: `System policy ${name}`,
    versions: [{ id: 'v1', text, document: parsePolicy(text), createdAt: SYSTEM_EPOCH }],
    defaultVersionId: 'v1',
    lastVersionNumber: 1,
    createdAt: SYSTEM_EPOCH,
    updatedAt: SYSTEM_EPOCH,
    tags: new Map(),
  };
}

/** By `keyOf(name)`. */
export const SYSTEM_POLICIES: ReadonlyMap<string, PolicyState> = new Map(
  Object.entries(GRANTS).map(([name, grants]) => [keyOf(name), systemPolicy(name, grants)]),
);
