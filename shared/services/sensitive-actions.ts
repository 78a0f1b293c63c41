/** Actions that no partner gets by any way, also not by a system policy: the guard of every role denies them. */
import { RULE_AND_TARGET_ACTIONS } from './eventbridge.js';

/** Read secrets, or make accounts, ACLs, rules and targets, which outlive an end. Source: the products' action tables. */
export const guardedActions: readonly string[] = [
  'alikafka:ListSaslUser',
  'alikafka:CreateSaslUser',
  'alikafka:DeleteSaslUser',
  'alikafka:EnableAcl',
  'alikafka:CreateAcl',
  'alikafka:DeleteAcl',
  'alikafka:QueryMessage',
  'alikafka:DownloadMessage',
  'amqp:ListStaticAccounts',
  'amqp:FetchStaticAccount',
  'amqp:DeleteStaticAccount',
  'mq:QueryMessage',
  'rocketmq:*InstanceAccount*',
  'rocketmq:*InstanceAcl*',
  ...RULE_AND_TARGET_ACTIONS,
  'eventbridge:*EventStreaming*',
  'slb:*ServerCertificate*',
  'ram:*',
  'ims:*',
  'sts:AssumeRole',
  'resourcemanager:*',
];
