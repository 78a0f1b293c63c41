/**
 * The templates of Resource Orchestration: what everything runs under, and what starts it. Pure.
 * Sources: the ROS pages of the resource types named below.
 */
import type {
  BucketToDeploy,
  Deployment,
  LogstoreToDeploy,
  RoleToDeploy,
  RosResource,
  RosTemplate,
  RuleToDeploy,
  StopToDeploy,
} from '../../domain/deployment.js';

type Named = readonly (readonly [id: string, resource: RosResource])[];

/**
 * By themselves, in a stack that stays when all else is removed: ROS has no way of its own to make a bucket that is there already, as it
 * has for roles (`IgnoreExisting`), so that one which was left would be in the way of another stack.
 */
export const bucketsTemplate = ({ buckets }: Pick<Deployment, 'buckets'>): RosTemplate =>
  templateOf('Leasehold: its register, and the index of what is due.', buckets.flatMap(bucketOf));

export const rightsTemplate = ({
  roles,
  stops,
  logstores,
}: Pick<Deployment, 'roles' | 'stops' | 'logstores'>): RosTemplate =>
  templateOf('Leasehold: the roles its functions run under, the two stops, its logs.', [
    ...stops.map(stopOf),
    ...roles.flatMap(roleOf),
    ...logstores.flatMap(logstoreOf),
  ]);

export const eventsTemplate = ({ rules }: Pick<Deployment, 'rules'>): RosTemplate =>
  templateOf(
    'Leasehold: which event starts which flow.',
    rules.filter(({ byItself }) => byItself !== true).map(ruleOf),
  );

/**
 * Rules that nothing else may fall with, for ROS takes a stack back as a whole. EventBridge "Limits" lets a pattern name five values of
 * a field, or five patterns, as the edition is: what is excluded may count, or not.
 */
export const answersTemplate = ({ rules }: Pick<Deployment, 'rules'>): RosTemplate =>
  templateOf(
    'Leasehold: which events are answered as not understood.',
    rules.filter(({ byItself }) => byItself === true).map(ruleOf),
  );

const templateOf = (description: string, resources: Named): RosTemplate => ({
  ROSTemplateFormatVersion: '2015-09-01',
  Description: description,
  Resources: Object.fromEntries(resources),
});

/**
 * A template's own name for a resource: letters and digits only. Of all that makes another resource of it, for what an update cannot
 * change under one id makes ROS refuse the whole of it.
 */
const idOf = (kind: string, name: string): string =>
  kind + name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const stopOf = ({ name, description, document }: StopToDeploy): Named[number] => [
  idOf('Stop', name),
  {
    Type: 'ALIYUN::RAM::ManagedPolicy',
    Properties: { PolicyName: name, Description: description, PolicyDocument: JSON.parse(document) },
  },
];

/** As it always was: ROS cannot change a description, of a stop neither, and would refuse the whole update. */
const OF_A_GROUP = 'Leasehold: what one group of functions may do.';

function roleOf({ name, trust, document }: RoleToDeploy, _: number, all: readonly RoleToDeploy[]): Named {
  const role = idOf('Role', name);
  // A trust policy may only name roles that are there.
  const trusted = all
    .filter((one) => trust.includes(`:role/${one.name}"`))
    .map((one) => idOf('Role', one.name));
  return [
    [
      role,
      {
        Type: 'ALIYUN::RAM::Role',
        ...(trusted.length === 0 ? {} : { DependsOn: trusted }),
        Properties: {
          RoleName: name,
          Description: OF_A_GROUP,
          AssumeRolePolicyDocument: JSON.parse(trust),
          MaxSessionDuration: 3600,
        },
      },
    ],
    [
      idOf('Policy', name),
      {
        Type: 'ALIYUN::RAM::ManagedPolicy',
        DependsOn: [role],
        Properties: {
          PolicyName: name,
          Description: OF_A_GROUP,
          PolicyDocument: JSON.parse(document),
          Roles: [name],
        },
      },
    ],
  ];
}

/** Kept when the stack goes: the register outlives Leasehold. Nothing here may ever switch versioning on. */
function bucketOf({ name, retentionDays }: BucketToDeploy): Named {
  const bucket = idOf('Bucket', name);
  return [
    [
      bucket,
      {
        Type: 'ALIYUN::OSS::Bucket',
        DeletionPolicy: 'Retain',
        Properties: { BucketName: name, AccessControl: 'private', BlockPublicAccess: true },
      },
    ],
    ...(retentionDays === undefined
      ? []
      : [
          [
            idOf('Retention', name),
            {
              Type: 'ALIYUN::OSS::BucketWorm',
              DependsOn: [bucket],
              DeletionPolicy: 'Retain',
              Properties: { Bucket: name, RetentionPeriodInDays: retentionDays },
            },
          ] as const,
        ]),
  ];
}

function logstoreOf({ project, logstore, days }: LogstoreToDeploy): Named {
  const full = `${project}-${logstore}`;
  const [projectId, logstoreId] = [idOf('Logs', project), idOf('Logstore', full)];
  return [
    [projectId, { Type: 'ALIYUN::SLS::Project', Properties: { Name: project, Description: 'Leasehold' } }],
    [
      logstoreId,
      {
        Type: 'ALIYUN::SLS::Logstore',
        DependsOn: [projectId],
        Properties: { ProjectName: project, LogstoreName: logstore, TTL: days, AppendMeta: false },
      },
    ],
    [
      idOf('Index', full),
      {
        Type: 'ALIYUN::SLS::Index',
        DependsOn: [logstoreId],
        Properties: { ProjectName: project, LogstoreName: logstore, FullTextIndex: { Enable: true } },
      },
    ],
  ];
}

const ruleOf = ({ bus, name, description, pattern, target }: RuleToDeploy): Named[number] => [
  idOf('Rule', name),
  {
    Type: 'ALIYUN::EventBridge::Rule',
    Properties: {
      EventBusName: bus,
      RuleName: name,
      Description: description,
      Status: 'ENABLE',
      FilterPattern: JSON.parse(pattern),
      Targets: [target],
    },
  },
];
