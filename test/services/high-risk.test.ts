import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatches, parsePolicy } from '../../shared/policy/index.js';
import { globsMeet } from '../../shared/services/globs-meet.js';
import { guardedActions, highRiskReasons } from '../../shared/services/index.js';
import { allowing } from './judging.js';

describe('the actions of a vendor policy', () => {
  it.each([
    ['*', 'allows every action of every service'],
    ['*:*', 'allows every action of every service'],
    ['ram:*', 'allows ram:*, which reaches ram'],
    ['RAM:PassRole', 'allows RAM:PassRole, which reaches ram'],
    ['ram:CreateServiceLinkedRole', 'allows ram:CreateServiceLinkedRole, which reaches ram'],
    ['sts:AssumeRole', 'allows sts:AssumeRole, which reaches sts'],
    ['s?s:*', 'allows s?s:*, which reaches sts'],
    ['ims:Create*', 'allows ims:Create*, which reaches ims'],
    [
      'resourcemanager:CreateResourceGroup',
      'allows resourcemanager:CreateResourceGroup, which reaches resourcemanager',
    ],
    ['*:CreateAccessKey', 'allows *:CreateAccessKey, which reaches ram'],
    ['ram:Get*', 'allows ram:Get*, which reaches ram'],
    // Neither is one action by its full name.
    ['ram:GetUser*', 'allows ram:GetUser*, which reaches ram'],
    ['*am:GetUser', 'allows *am:GetUser, which reaches ram'],
    ['alikafka:List*', 'allows alikafka:List*, which returns passwords or other secrets'],
    ['alikafka:Query*', 'allows alikafka:Query*, which returns message bodies'],
    ['alikafka:Download*', 'allows alikafka:Download*, which returns message bodies'],
    ['amqp:List*', 'allows amqp:List*, which returns passwords or other secrets'],
    ['amqp:BasicGet', 'allows amqp:BasicGet, which returns message bodies'],
    ['rocketmq:Get*', 'allows rocketmq:Get*, which returns passwords or other secrets'],
    [
      'rocketmq:ListDisasterRecoveryPlans',
      'allows rocketmq:ListDisasterRecoveryPlans, which returns passwords or other secrets',
    ],
    ['rocketmq:GetTrace', 'allows rocketmq:GetTrace, which returns message bodies'],
    ['rocketmq:SubmitQuery*', 'allows rocketmq:SubmitQuery*, which returns message bodies'],
    ['rocketmq:Download*', 'allows rocketmq:Download*, which returns message bodies'],
    ['mq:Query*', 'allows mq:Query*, which returns message bodies'],
    ['mq:Download*', 'allows mq:Download*, which returns message bodies'],
    ['eventbridge:Get*', 'allows eventbridge:Get*, which returns passwords or other secrets'],
    [
      'eventbridge:ListUserDefinedEventSources',
      'allows eventbridge:ListUserDefinedEventSources, which returns passwords or other secrets',
    ],
    [
      'eventbridge:EventCenterQueryResult',
      'allows eventbridge:EventCenterQueryResult, which returns message bodies',
    ],
    ['actiontrail:LookupEvents', 'allows actiontrail:LookupEvents, which returns passwords or other secrets'],
    ['ims:GetAppSecret', 'allows ims:GetAppSecret, which returns passwords or other secrets'],
  ])('%s: %s', (action, reason) => {
    expect(highRiskReasons(allowing([action]))).toContain(reason);
  });

  it.each([
    'slb:Describe*',
    'alb:*',
    'cms:QueryMetricList',
    'eventbridge:PutEvents',
    'mq:PUB',
    'mq:OnsInstanceBaseInfo',
    'ram:GetRole',
    'sts:GetCallerIdentity',
    'oss:GetObject',
  ])('%s: nothing speaks against it', (action) => expect(highRiskReasons(allowing([action]))).toEqual([]));

  it('counts for much when everything but something is allowed, whatever is left out', () => {
    const document = parsePolicy(
      '{"Version":"1","Statement":[{"Effect":"Allow","NotAction":["ram:*","ims:*"],"Resource":"*"}]}',
    );
    expect(highRiskReasons(document)).toEqual(['allows everything except ram:*, ims:*']);
  });

  it('counts for nothing in a Deny, and a Deny is no excuse', () => {
    const deny = { effect: 'Deny', actions: ['ram:*'], resources: ['*'] } as const;
    const allow = { effect: 'Allow', actions: ['ram:*'], resources: ['*'] } as const;
    expect(highRiskReasons({ version: '1', statements: [deny] })).toEqual([]);
    expect(highRiskReasons({ version: '1', statements: [deny, allow] })).toHaveLength(1);
  });
});

describe('the guard', () => {
  const isDenied = (action: string) => guardedActions.some((pattern) => globMatches(pattern, action));

  it.each([
    ...[
      'ListSaslUser',
      'CreateSaslUser',
      'DeleteSaslUser',
      'EnableAcl',
      'CreateAcl',
      'DeleteAcl',
      'QueryMessage',
      'DownloadMessage',
      'CreateDeployment',
    ].map((name) => `alikafka:${name}`),
    ...[
      'ListStaticAccounts',
      'FetchStaticAccount',
      'DeleteStaticAccount',
      'CreateOpenSourceAccount',
      'CreateOpenSourcePermission',
      'DeleteOpenSourcePermission',
    ].map((name) => `amqp:${name}`),
    ...['QueryMessage', 'DownloadMessage'].map((name) => `mq:${name}`),
    ...[
      'GetInstanceAccount',
      'ListInstanceAccount',
      'CreateInstanceAccount',
      'CreateInstanceAcl',
      'GetMessageDetail',
      'GetTrace',
      'SubmitQueryTask',
      'DownloadQueryResult',
      'GetDisasterRecoveryPlan',
      'ListDisasterRecoveryPlans',
      'CreateDisasterRecoveryPlan',
      'AddDisasterRecoveryItem',
      'StartDisasterRecoveryItem',
    ].map((name) => `rocketmq:${name}`),
    ...[
      'CreateRule',
      'UpdateRule',
      'EnableRule',
      'PutTargets',
      'CreateTargets',
      'UpdateTargets',
      'DeleteTargets',
      'GetRule',
      'CreateEventStreaming',
      'CreateEventSource',
      'CreateConnection',
      'ListUserDefinedEventSources',
      'QueryEvent',
      'EventCenterQueryRun',
      'EventCenterQueryResult',
    ].map((name) => `eventbridge:${name}`),
    'alikafka:UpdateAllowedIp',
    'amqp:UpdateInstanceWhiteList',
    'rocketmq:UpdateInstanceIpWhitelist',
    'eventbridge:EventCenterEnableOnDefaultBus',
    'actiontrail:LookupEvents',
    'slb:UploadServerCertificate',
    'slb:AddAccessControlListEntry',
    'alb:AddEntriesToAcl',
    'ram:PassRole',
    'sts:AssumeRole',
  ])('denies %s', (action) => expect(isDenied(action)).toBe(true));

  it.each([
    'amqp:BasicGet',
    'mq:SUB',
    'alikafka:ListTopic',
    'eventbridge:PutEvents',
    'eventbridge:ListRules',
    'slb:DescribeLoadBalancerAttribute',
    'alb:ListAcls',
  ])('leaves %s to those who were granted it', (action) => expect(isDenied(action)).toBe(false));

  it('is written in the policy language, without repeats, and leaves room in its policy', () => {
    const text = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Deny', Action: guardedActions, Resource: '*' }],
    });
    expect(() => parsePolicy(text)).not.toThrow();
    expect(new Set(guardedActions).size).toBe(guardedActions.length);
    expect(text.length).toBeLessThan(2048);
  });
});

describe('two patterns', () => {
  const pattern = fc.stringMatching(/^[ab*?]{0,6}$/);
  const texts = [
    '',
    ...['a', 'b'].flatMap((x) => [
      x,
      ...['a', 'b'].flatMap((y) => [
        x + y,
        ...['a', 'b'].flatMap((z) => [x + y + z, `${x}${y}${z}a`, `${x}${y}${z}b`]),
      ]),
    ]),
  ];

  it('meet wherever both match one text', () => {
    fc.assert(
      fc.property(pattern, pattern, fc.constantFrom(...texts), (left, right, text) => {
        if (globMatches(left, text) && globMatches(right, text)) expect(globsMeet(left, right)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('meet in the same way round and about, and only when some text shows it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*?]{0,2}$/), fc.stringMatching(/^[ab*?]{0,2}$/), (left, right) => {
        expect(globsMeet(left, right)).toBe(globsMeet(right, left));
        // Patterns this short meet in a text of four characters or in none.
        expect(globsMeet(left, right)).toBe(
          texts.some((text) => globMatches(left, text) && globMatches(right, text)),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
