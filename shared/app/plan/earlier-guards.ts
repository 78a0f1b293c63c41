/**
 * What the guard denied in versions before, newest first. A contract keeps the guard that was approved with it until it is amended, so
 * that a version which denies more still knows its plan. Whoever changes the guard adds here what it was; a list may go once no contract
 * can live that was let in under it (`DEFAULT_ADMISSION.maxLeaseSeconds`).
 */
export const EARLIER_GUARDS: readonly (readonly string[])[] = [
  // Until 2026-11-29.
  [
    'alikafka:*SaslUser*',
    'amqp:*Account*',
    'rocketmq:*InstanceAccount*',
    'eventbridge:GetRule',
    'eventbridge:ListTargets',
    'eventbridge:*Connection*',
    'alikafka:QueryMessage*',
    'alikafka:DownloadMessage*',
    'mq:QueryMessage*',
    'rocketmq:*Message*',
    'eventbridge:Query*',
    'alikafka:EnableAcl',
    'alikafka:CreateAcl',
    'alikafka:DeleteAcl',
    'alikafka:CreateDeployment',
    'rocketmq:*InstanceAcl*',
    'eventbridge:CreateRule',
    'eventbridge:UpdateRule',
    'eventbridge:EnableRule',
    'eventbridge:DisableRule',
    'eventbridge:DeleteRule',
    'eventbridge:PutTargets',
    'eventbridge:CreateTargets',
    'eventbridge:UpdateTargets',
    'eventbridge:DeleteTargets',
    'eventbridge:*EventStreaming*',
    'eventbridge:*ApiDestination*',
    'eventbridge:*EventSource',
    'slb:*ServerCertificate*',
    'slb:CreateAccessControlList',
    'slb:SetAccessControlListAttribute',
    'slb:AddAccessControlListEntry',
    'slb:RemoveAccessControlListEntry',
    'slb:DeleteAccessControlList',
    'alb:*Acl',
    'ram:*',
    'ims:*',
    'sts:AssumeRole',
    'resourcemanager:*',
  ],
];
