/** Actions that no partner gets by any way, also not by a system policy: the guard of every role denies them. */
import { RULE_AND_TARGET_ACTIONS, TARGET_SECRET_ACTIONS } from './eventbridge.js';

/** `*` takes in names that the products' action tables leave open; no level of any product needs what it matches. */
const RETURN_SECRETS = [
  'alikafka:*SaslUser*',
  'amqp:*Account*',
  'rocketmq:*InstanceAccount*',
  // Of a plan's instances it has the names and the passwords by which messages are copied from one to the other.
  'rocketmq:*DisasterRecoveryPlan*',
  ...TARGET_SECRET_ACTIONS,
  'eventbridge:*Connection*',
  // Whoever knows the address of a webhook source may post to its bus by it, without a key and past any end.
  'eventbridge:ListUserDefinedEventSources',
  // The audit trail has every call with its parameters, so the ExternalIds of all contracts too.
  'actiontrail:*',
  'ims:GetAppSecret',
];
const RETURN_MESSAGES = [
  'alikafka:QueryMessage*',
  'alikafka:DownloadMessage*',
  'mq:*Message*',
  'rocketmq:*Message*',
  // A message's trace has its body.
  'rocketmq:*Trace*',
  // Of the vendor's read-only policy, and on no page: by Kafka's names for the like, queries for messages, and what they found.
  'rocketmq:SubmitQuery*',
  'rocketmq:Download*',
  // Also `EventCenterQueryResult`, which the vendor's read-only policy holds: by its neighbours' names it is about the bus default,
  // where the audit trail tells of every call in the account.
  'eventbridge:*Query*',
];
/** ACLs, rules and streams go on after a contract's end; a connector or a target copies data out past it. */
const OUTLIVE_THE_END = [
  'alikafka:EnableAcl',
  'alikafka:CreateAcl',
  'alikafka:DeleteAcl',
  'alikafka:CreateDeployment',
  // Of accounts on instances with open-source authentication.
  'amqp:*Permission*',
  // Addresses from which an instance takes clients.
  'alikafka:*AllowedIp*',
  'amqp:*WhiteList*',
  'rocketmq:*Whitelist*',
  'rocketmq:*InstanceAcl*',
  'rocketmq:*DisasterRecoveryItem*',
  ...RULE_AND_TARGET_ACTIONS,
  'eventbridge:*EventStreaming*',
  'eventbridge:*ApiDestination*',
  'eventbridge:*EventSource',
  'eventbridge:*OnDefaultBus',
  'slb:*ServerCertificate*',
  'slb:CreateAccessControlList',
  'slb:SetAccessControlListAttribute',
  'slb:AddAccessControlListEntry',
  'slb:RemoveAccessControlListEntry',
  'slb:DeleteAccessControlList',
  'alb:*Acl',
];
const IDENTITIES = ['ram:*', 'ims:*', 'sts:AssumeRole', 'resourcemanager:*'];

/**
 * Reads that hand out a secret or a message body, with the reason in plain words. `amqp:BasicGet` and `mq:SUB` are not among
 * them: they are how a consumer takes what it may consume, so that they are held where consuming is granted, and by no `read`.
 */
export const REVEALING: readonly { readonly what: string; readonly actions: readonly string[] }[] = [
  { what: 'returns passwords or other secrets', actions: RETURN_SECRETS },
  { what: 'returns message bodies', actions: [...RETURN_MESSAGES, 'amqp:BasicGet'] },
];

/** For the guard's Deny: what reads secrets or makes accounts, ACLs, rules and targets. Source: the products' action tables. */
export const guardedActions: readonly string[] = [
  ...new Set([
    ...RETURN_SECRETS.filter((action) => !action.startsWith('ims:')),
    ...RETURN_MESSAGES,
    ...OUTLIVE_THE_END,
    ...IDENTITIES,
  ]),
];
