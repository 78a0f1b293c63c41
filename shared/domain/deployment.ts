/** Everything Leasehold needs in the owner's account, as data. Read from the project's files by `shared/app/deployment`. */

/** What fills the placeholders of flows, rules, alarms and roles. */
export interface DeploymentValues {
  readonly region: string;
  readonly account: string;
  readonly prefix: string;
  readonly evidenceBucket: string;
  readonly indexBucket: string;
  readonly logProject: string;
}

/** `2.0`: functions live in services, one a role, since there the role is the service's. */
export type FunctionComputeGeneration = '2.0' | '3.0';

export interface FunctionToDeploy {
  readonly functionName: string;
  /** Folder with the bundle, relative to the project. */
  readonly code: string;
  readonly role: string;
  readonly runtime: string;
  readonly handler: string;
  readonly memorySize: number;
  readonly cpu: number;
  readonly diskSize: number;
  /** Seconds. */
  readonly timeout: number;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly logs: LogsOfFunction;
}
export interface LogsOfFunction {
  readonly project: string;
  readonly logstore: string;
}

export interface RoleToDeploy {
  readonly name: string;
  readonly trust: string;
  /** Its one custom policy has the role's name. */
  readonly document: string;
}
export interface StopToDeploy {
  readonly name: string;
  readonly description: string;
  readonly document: string;
}
export interface FlowToDeploy {
  readonly name: string;
  readonly description: string;
  readonly definition: string;
  readonly roleName: string;
}
export interface BusToDeploy {
  readonly name: string;
  readonly description: string;
}
export interface RuleToDeploy {
  readonly bus: string;
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
  readonly target: TargetToDeploy;
  /** Whether it may be refused without taking the other rules back. */
  readonly byItself?: true;
}
/** A source that posts a scheduled event to its bus. */
export interface ScheduleToDeploy {
  readonly name: string;
  readonly bus: string;
  readonly description: string;
  /** Six fields, seconds first, in UTC. */
  readonly cron: string;
}
/** A clock that is there. That EventBridge tells its description the vendor's Terraform provider has, and its SDK's model has not. */
export type ScheduleThere = Omit<ScheduleToDeploy, 'description'> & { readonly description?: string };
/** As EventBridge API 2020-04-01 has it. */
export interface TargetToDeploy {
  readonly Id: string;
  readonly Type: 'acs.fnf';
  readonly Endpoint: string;
  readonly PushRetryStrategy: string;
  readonly ErrorsTolerance: 'ALL';
  /** Unset only where what can't be delivered has nowhere else to go. */
  readonly DeadLetterQueue?: { readonly Arn: string };
  readonly ParamList: readonly {
    readonly ResourceKey: string;
    readonly Form: string;
    readonly Value: string;
  }[];
}

/** Never versioned: on a versioned bucket nothing keeps an object from being overwritten. */
export interface BucketToDeploy {
  readonly name: string;
  /** Days for which nobody can change or delete what is in it; unset for no such lock. */
  readonly retentionDays?: number;
}
export interface LogstoreToDeploy extends LogsOfFunction {
  /** After which entries go. */
  readonly days: number;
}
/** A threshold that CloudMonitor watches. */
export interface AlarmToDeploy {
  readonly name: string;
  readonly namespace: string;
  readonly metric: string;
  /** By which a value may be formed, the best first: which of them a metric has, only CloudMonitor knows. */
  readonly statistics: readonly string[];
  readonly comparison: 'GreaterThanThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  /** Seconds over which one value is formed. */
  readonly periodSeconds: number;
  /** Values in a row beyond the threshold before it rings. */
  readonly times: number;
  /** What a stretch without any data means. */
  readonly noData: 'KEEP_LAST_STATE' | 'INSUFFICIENT_DATA' | 'OK';
  readonly resources: readonly Readonly<Record<string, string>>[];
  /** Groups of CloudMonitor that are told. */
  readonly contacts: readonly string[];
}

/** A template of Resource Orchestration (ROS). It holds no function of the template language: every value is written out. */
export interface RosTemplate {
  readonly ROSTemplateFormatVersion: '2015-09-01';
  readonly Description: string;
  readonly Resources: Readonly<Record<string, RosResource>>;
}
export interface RosResource {
  readonly Type: string;
  readonly DependsOn?: readonly string[];
  /** `Retain`: stays when the stack is deleted. */
  readonly DeletionPolicy?: 'Retain';
  readonly Properties: Readonly<Record<string, unknown>>;
}
export interface StackToDeploy {
  readonly name: string;
  readonly template: RosTemplate;
}

/** One after the other, as Serverless Devs does them. `file` is where the component of `s.yaml` reads what it deploys. */
export type DeploymentStep =
  | { readonly kind: 'command'; readonly run: string }
  | { readonly kind: 'function'; readonly toDeploy: FunctionToDeploy }
  | { readonly kind: 'flow'; readonly file: string; readonly toDeploy: FlowToDeploy }
  | { readonly kind: 'stack'; readonly file: string; readonly toDeploy: StackToDeploy };

export interface Deployment {
  readonly values: DeploymentValues;
  readonly generation: FunctionComputeGeneration;
  readonly functions: readonly FunctionToDeploy[];
  readonly flows: readonly FlowToDeploy[];
  readonly roles: readonly RoleToDeploy[];
  readonly stops: readonly StopToDeploy[];
  readonly buckets: readonly BucketToDeploy[];
  readonly logstores: readonly LogstoreToDeploy[];
  readonly buses: readonly BusToDeploy[];
  /** The bus among `buses` that takes what could not be delivered. */
  readonly deadLetterBus: string;
  readonly schedules: readonly ScheduleToDeploy[];
  readonly rules: readonly RuleToDeploy[];
  /** None where nobody is to be told. */
  readonly alarms: readonly AlarmToDeploy[];
  /** Of all alarms, also where nobody is to be told: there may be some of when somebody was. */
  readonly alarmNames: readonly string[];
  /** All of the above in the order of `s.yaml`; stacks hold roles, stops, buckets, logstores and rules. */
  readonly steps: readonly DeploymentStep[];
}
