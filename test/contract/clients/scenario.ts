/** One life of everything that RPC serves: every action at least once, in an order in which each is taken. */
import { createHmac } from 'node:crypto';
import type { AccountAdmin } from '../../../shared/loopback/identity/accounts.js';
import { OWNER, REGION } from '../../support/requests.js';

export interface Step {
  readonly version: string;
  readonly action: string;
  /** The only method that the action takes, where it does not take both. */
  readonly method?: 'GET' | 'POST';
  /** What is done outside of any call before it. */
  readonly before?: (accounts: AccountAdmin) => unknown;
  readonly params: Params | ((replies: Replies) => Params);
}
type Params = Readonly<Record<string, string>>;
/** Of the last call of each action so far. */
export type Replies = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const RAM = '2015-05-01';
const STS = '2015-04-01';
const IMS = '2019-08-15';
const RESOURCES = '2020-03-31';
const KAFKA = '2019-09-16';
const RABBITMQ = '2019-12-12';
const ROCKETMQ4 = '2019-02-14';
const CLB = '2014-05-15';
const group = { VServerGroupId: 'rsp-clb-x1' };
const groupServers = '[{"ServerId":"i-x1","Port":8080}]';
const ALB = '2020-06-16';
const NLB = '2022-04-30';
const EVENTBRIDGE = '2020-04-01';
const CLOUDFLOW = '2019-03-15';

const of =
  (version: string) =>
  (action: string, params: Step['params'] = {}): Step => ({ version, action, params });
const ram = of(RAM);
const sts = of(STS);
const ims = of(IMS);
const resources = of(RESOURCES);
const kafka = of(KAFKA);
const rabbitmq = (method: 'GET' | 'POST', action: string, params: Step['params']): Step => ({
  ...of(RABBITMQ)(action, params),
  method,
});
const rocketmq = of(ROCKETMQ4);
const clb = of(CLB);
const alb = of(ALB);
const nlb = of(NLB);
const bridge = of(EVENTBRIDGE);
const flow = of(CLOUDFLOW);

const document = (Action: string): string =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const trust = (Principal: object): string =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] });
const role = { RoleName: 'Conformance' };
const policy = { PolicyName: 'conformance' };
const custom = { ...policy, PolicyType: 'Custom' };
const user = { UserName: 'carol' };
const upn = { UserPrincipalName: `dave@${OWNER}.onaliyun.com` };
const tagged = { ResourceType: 'user', 'ResourcePrincipalName.1': upn.UserPrincipalName };
const saslUser = { InstanceId: 'alikafka_pre-cn-x1', Username: 'conformance' };
const acl = {
  ...saslUser,
  AclResourceType: 'Topic',
  AclResourceName: 'orders',
  AclResourcePatternType: 'LITERAL',
  AclOperationType: 'Write',
};
/** A static account of RabbitMQ is made from an access key, by what only its holder can work out. */
const staticAccount = ({ AccessKeyId = '', AccessKeySecret = '' }: Params): Params => {
  const createTimestamp = '1796112000000';
  return {
    ...place,
    instanceId: 'amqp-cn-x1',
    accountAccessKey: AccessKeyId,
    userName: Buffer.from(`2:amqp-cn-x1:${AccessKeyId}`).toString('base64'),
    createTimestamp,
    secretSign: createHmac('sha1', createTimestamp).update(AccessKeySecret).digest('hex').toUpperCase(),
    signature: createHmac('sha1', AccessKeySecret).update(createTimestamp).digest('hex'),
  };
};
/** The user whom `GetUser` showed last. */
const recycled = (replies: Replies): Params => ({
  UserId: String((replies['GetUser']?.['User'] as Params | undefined)?.['UserId']),
});
/** Binding a device takes the codes that it shows, so no call can do it. */
const withDevice = (step: Step): Step => ({
  ...step,
  before: (accounts) => accounts.bindMfaDevice(OWNER, 'dave'),
});
const keyIn = (replies: Replies) => replies['CreateAccessKey']?.['AccessKey'] as Params;
const bus = { EventBusName: 'conformance' };
const rule = { ...bus, RuleName: 'rule' };
const source = { ...bus, EventSourceName: 'tick' };
const target = {
  Id: 'queue',
  Type: 'acs.mns.queue',
  Endpoint: `acs:mns:${REGION}:${OWNER}:/queues/q`,
  ParamList: [
    { ResourceKey: 'queue', Form: 'CONSTANT', Value: 'q' },
    { ResourceKey: 'Body', Form: 'JSONPATH', Value: '$.id' },
  ],
};
const scheduled = (Schedule: string) => ({
  SourceScheduledEventParameters: JSON.stringify({ Schedule, TimeZone: 'GMT+0:00' }),
});
const definition = (Name: string, state: object): string =>
  JSON.stringify({
    Type: 'StateMachine',
    SpecVersion: 'v1',
    Name,
    StartAt: 'S',
    States: [{ Name: 'S', ...state }],
  });
const asking = {
  Type: 'Task',
  Action: 'HTTP:Request',
  TaskMode: 'WaitForCustomCallback',
  Timeout: 3600,
  Parameters: { 'url.$': '$Input.url', method: 'POST' },
  End: true,
};
const fdl = { Type: 'FDL', Description: 'd' };
const execution = { FlowName: 'waiting', ExecutionName: 'one' };
const schedule = { FlowName: 'waiting', ScheduleName: 'hourly' };
const place = { RegionId: REGION };

/** `tokens`: of the tasks that wait, in the order in which they were asked; `url`: where they ask. */
export const scenario = ({
  url,
  tokens,
}: {
  readonly url: string;
  readonly tokens: readonly string[];
}): readonly Step[] => [
  ram('SetAccountAlias', { AccountAlias: 'conformance' }),
  ram('GetAccountAlias'),
  ram('ClearAccountAlias'),
  ram('CreateRole', {
    ...role,
    AssumeRolePolicyDocument: trust({ RAM: [`acs:ram::${OWNER}:root`] }),
    Description: 'made',
  }),
  ram('GetRole', role),
  ram('ListRoles', { MaxItems: '1' }),
  ram('UpdateRole', { ...role, NewMaxSessionDuration: '7200' }),
  ram('CreatePolicy', { ...policy, PolicyDocument: document('oss:GetObject') }),
  ram('UpdatePolicyDescription', { ...policy, NewDescription: 'described' }),
  ram('GetPolicy', custom),
  ram('ListPolicies', { PolicyType: 'Custom' }),
  ram('CreatePolicyVersion', { ...policy, PolicyDocument: document('oss:PutObject') }),
  ram('ListPolicyVersions', custom),
  ram('GetPolicyVersion', { ...custom, VersionId: 'v2' }),
  ram('SetDefaultPolicyVersion', { ...policy, VersionId: 'v2' }),
  ram('DeletePolicyVersion', { ...policy, VersionId: 'v1' }),
  ram('AttachPolicyToRole', { ...custom, ...role }),
  ram('ListPoliciesForRole', role),
  ram('CreateUser', user),
  ram('GetUser', user),
  ram('ListUsers'),
  ram('AttachPolicyToUser', { ...custom, ...user }),
  ram('ListPoliciesForUser', user),
  ram('ListEntitiesForPolicy', custom),
  ram('TagResources', {
    ResourceType: 'role',
    'ResourceNames.1': 'Conformance',
    'Tag.1.Key': 'k',
    'Tag.1.Value': 'v',
  }),
  ram('ListTagResources', { ResourceType: 'role', 'ResourceNames.1': 'Conformance' }),
  ram('UntagResources', { ResourceType: 'role', 'ResourceNames.1': 'Conformance', 'TagKey.1': 'k' }),
  sts('GetCallerIdentity'),
  sts('AssumeRole', { RoleArn: `acs:ram::${OWNER}:role/conformance`, RoleSessionName: 'conformance' }),
  ram('DetachPolicyFromUser', { ...custom, ...user }),
  ram('DetachPolicyFromRole', { ...custom, ...role }),
  ram('DeleteUser', user),
  resources('CreateResourceGroup', { Name: 'conformance', DisplayName: 'Conformance' }),
  resources('GetResourceGroup', (replies) => ({
    ResourceGroupId: String(
      (replies['CreateResourceGroup']?.['ResourceGroup'] as Params | undefined)?.['Id'],
    ),
  })),
  resources('ListResourceGroups'),
  resources('AttachPolicy', {
    ...custom,
    ResourceGroupId: OWNER,
    PrincipalType: 'ServiceRole',
    PrincipalName: `Conformance@role.${OWNER}.onaliyunservice.com`,
  }),
  resources('ListPolicyAttachments', { ...custom }),
  resources('DetachPolicy', {
    ...custom,
    ResourceGroupId: OWNER,
    PrincipalType: 'ServiceRole',
    PrincipalName: `Conformance@role.${OWNER}.onaliyunservice.com`,
  }),
  ram('DeletePolicy', policy),
  ram('DeleteRole', role),
  ims('GetDefaultDomain'),
  ims('GetPasswordPolicy'),
  ims('CreateUser', { ...upn, DisplayName: 'Dave' }),
  ims('GetUser', upn),
  ims('ListUsers'),
  ims('ListUserBasicInfos'),
  ims('CreateAccessKey', upn),
  rabbitmq('POST', 'CreateAccount', (replies) => staticAccount(keyIn(replies))),
  rabbitmq('POST', 'ListAccounts', { ...place, InstanceId: 'amqp-cn-x1' }),
  rabbitmq('POST', 'DeleteAccount', (replies) => ({
    ...place,
    UserName: staticAccount(keyIn(replies))['userName'] ?? '',
  })),
  ims('ListAccessKeys', upn),
  ims('UpdateAccessKey', (replies) => ({
    ...upn,
    UserAccessKeyId: keyIn(replies)['AccessKeyId'] ?? '',
    Status: 'Inactive',
  })),
  ims('DeleteAccessKey', (replies) => ({ ...upn, UserAccessKeyId: keyIn(replies)['AccessKeyId'] ?? '' })),
  ims('CreateLoginProfile', { ...upn, Password: 'Correct-Horse-7', PasswordResetRequired: 'false' }),
  ims('UpdateLoginProfile', { ...upn, MFABindRequired: 'true' }),
  ims('GetLoginProfile', upn),
  ims('DeleteLoginProfile', upn),
  ims('SetPasswordPolicy', { MinimumPasswordLength: '12' }),
  ims('CreateGroup', { GroupName: 'group', Comments: 'made' }),
  ims('AddUserToGroup', { ...upn, GroupName: 'group' }),
  ims('ListGroupsForUser', upn),
  ims('RemoveUserFromGroup', { ...upn, GroupName: 'group' }),
  ims('DeleteGroup', { GroupName: 'group' }),
  ims('TagResources', { ...tagged, 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' }),
  ims('ListTagResources', tagged),
  ims('UntagResources', { ...tagged, 'TagKey.1': 'k' }),
  ims('GetUserMFAInfo', upn),
  withDevice(ims('DisableVirtualMFA', upn)),
  withDevice(ims('UnbindMFADevice', upn)),
  ims('DeleteUser', upn),
  ims('ListUsersInRecycleBin'),
  ims('GetUserInRecycleBin', recycled),
  ims('RestoreUserFromRecycleBin', recycled),
  ims('DeleteUser', upn),
  ims('DeleteUserInRecycleBin', recycled),
  ims('GetAccountSummary'),
  kafka('GetInstanceList', place),
  kafka('GetTopicList', { ...place, InstanceId: 'alikafka_pre-cn-x1', CurrentPage: '1', PageSize: '10' }),
  kafka('GetConsumerList', { ...place, InstanceId: 'alikafka_pre-cn-x1' }),
  kafka('CreateSaslUser', { ...place, ...saslUser, Password: 'secret_1' }),
  kafka('DescribeSaslUsers', { ...place, InstanceId: 'alikafka_pre-cn-x1' }),
  kafka('CreateAcl', { ...place, ...acl }),
  kafka('DescribeAcls', { ...place, ...acl }),
  kafka('DescribeAclResourceName', { ...place, ...acl }),
  kafka('DeleteAcl', { ...place, ...acl }),
  kafka('DeleteSaslUser', { ...place, ...saslUser }),
  rabbitmq('GET', 'ListInstances', { ...place, MaxResults: '10' }),
  rabbitmq('GET', 'ListVirtualHosts', { ...place, InstanceId: 'amqp-cn-x1', MaxResults: '10' }),
  rabbitmq('GET', 'ListQueues', {
    ...place,
    InstanceId: 'amqp-cn-x1',
    VirtualHost: 'shop',
    MaxResults: '10',
  }),
  rabbitmq('GET', 'ListExchanges', {
    ...place,
    InstanceId: 'amqp-cn-x1',
    VirtualHost: 'shop',
    MaxResults: '10',
  }),
  rocketmq('OnsInstanceInServiceList', place),
  rocketmq('OnsInstanceBaseInfo', { ...place, InstanceId: `MQ_INST_${OWNER}_x1` }),
  rocketmq('OnsTopicList', { ...place, InstanceId: `MQ_INST_${OWNER}_x1` }),
  rocketmq('OnsGroupList', { ...place, InstanceId: `MQ_INST_${OWNER}_x1` }),
  clb('DescribeLoadBalancers', place),
  clb('AddBackendServers', { ...place, LoadBalancerId: 'lb-x1', BackendServers: '[{"ServerId":"i-x1"}]' }),
  clb('DescribeLoadBalancerAttribute', { ...place, LoadBalancerId: 'lb-x1' }),
  clb('DescribeHealthStatus', { ...place, LoadBalancerId: 'lb-x1' }),
  clb('DescribeVServerGroups', { ...place, LoadBalancerId: 'lb-x1' }),
  clb('AddVServerGroupBackendServers', { ...place, ...group, BackendServers: groupServers }),
  clb('DescribeVServerGroupAttribute', { ...place, ...group }),
  clb('RemoveVServerGroupBackendServers', { ...place, ...group, BackendServers: groupServers }),
  clb('RemoveBackendServers', { ...place, LoadBalancerId: 'lb-x1', BackendServers: '["i-x1"]' }),
  ...[alb, nlb].flatMap((balancer, n) => [
    balancer('ListLoadBalancers', place),
    balancer('GetLoadBalancerAttribute', { ...place, LoadBalancerId: `${n === 0 ? 'alb' : 'nlb'}-x1` }),
    balancer('ListListeners', place),
  ]),
  nlb('ListServerGroups', place),
  bridge('CreateEventBus', bus),
  bridge('UpdateEventBus', { ...bus, Description: 'described' }),
  bridge('GetEventBus', bus),
  bridge('ListEventBuses', { Limit: '1' }),
  bridge('CreateRule', { ...rule, FilterPattern: '{"type":["t"]}', EventTargets: JSON.stringify([target]) }),
  bridge('GetRule', rule),
  bridge('ListRules', bus),
  bridge('UpdateRule', { ...rule, Description: 'described' }),
  bridge('DisableRule', rule),
  bridge('EnableRule', rule),
  bridge('PutTargets', { ...rule, Targets: JSON.stringify([{ ...target, Id: 'other' }]) }),
  bridge('ListTargets', rule),
  bridge('DeleteTargets', { ...rule, TargetIds: '["other"]' }),
  bridge('TestEventPattern', { EventPattern: '{"type":["t"]}', Event: '{"type":"t"}' }),
  bridge('CreateEventSource', { ...source, ...scheduled('0 0 * * * *') }),
  bridge('UpdateEventSource', { ...source, ...scheduled('0 30 * * * *') }),
  bridge('ListUserDefinedEventSources', bus),
  bridge('DeleteEventSource', source),
  bridge('DeleteRule', rule),
  bridge('DeleteEventBus', bus),
  flow('CreateFlow', { ...fdl, Name: 'waiting', Definition: definition('waiting', asking) }),
  flow('DescribeFlow', { Name: 'waiting' }),
  flow('UpdateFlow', { Name: 'waiting', Description: 'described' }),
  flow('CreateSchedule', { ...schedule, CronExpression: '@every 60m' }),
  flow('UpdateSchedule', { ...schedule, Enable: 'false' }),
  flow('DescribeSchedule', schedule),
  flow('ListSchedules', { FlowName: 'waiting' }),
  flow('DeleteSchedule', schedule),
  flow('StartExecution', { ...execution, Input: JSON.stringify({ url }) }),
  flow('DescribeExecution', execution),
  flow('GetExecutionHistory', execution),
  flow('ListExecutions', { FlowName: 'waiting' }),
  flow('ReportTaskSucceeded', () => ({ TaskToken: tokens[0] ?? '', Output: '{"said":"yes"}' })),
  flow('StartExecution', { ...execution, ExecutionName: 'two', Input: JSON.stringify({ url }) }),
  flow('ReportTaskFailed', () => ({ TaskToken: tokens[1] ?? '', Error: 'No', Cause: 'asked' })),
  flow('StartExecution', { ...execution, ExecutionName: 'three', Input: JSON.stringify({ url }) }),
  flow('StopExecution', { ...execution, ExecutionName: 'three' }),
  flow('DeleteFlow', { Name: 'waiting' }),
  flow('CreateFlow', {
    ...fdl,
    Name: 'quick',
    Definition: definition('quick', { Type: 'Pass', End: true }),
    ExecutionMode: 'Express',
  }),
  flow('StartSyncExecution', { FlowName: 'quick', Input: '{"n":1}' }),
  flow('ListFlows'),
  flow('DeleteFlow', { Name: 'quick' }),
];
