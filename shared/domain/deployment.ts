/** Everything Leasehold needs in the owner's account, as data. Read from the project's files by `shared/app/deployment`. */

export interface DeploymentValues {
  readonly region: string;
  readonly account: string;
  readonly prefix: string;
  readonly evidenceBucket: string;
  readonly indexBucket: string;
}

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
  readonly definition: string;
  readonly roleName: string;
}
export interface RuleToDeploy {
  readonly bus: string;
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
  readonly target: TargetToDeploy;
}
/** A source that posts a scheduled event to its bus. */
export interface ScheduleToDeploy {
  readonly name: string;
  readonly bus: string;
  readonly description: string;
  /** Six fields, seconds first, in UTC. */
  readonly cron: string;
}
/** As EventBridge API 2020-04-01 has it. */
export interface TargetToDeploy {
  readonly Id: string;
  readonly Type: 'acs.fnf';
  readonly Endpoint: string;
  readonly PushRetryStrategy: string;
  readonly ErrorsTolerance: 'ALL';
  readonly DeadLetterQueue?: { readonly Arn: string };
  readonly ParamList: readonly {
    readonly ResourceKey: string;
    readonly Form: string;
    readonly Value: string;
  }[];
}

export interface Deployment {
  readonly values: DeploymentValues;
  readonly functions: readonly FunctionToDeploy[];
  readonly roles: readonly RoleToDeploy[];
  readonly stops: readonly StopToDeploy[];
  readonly flows: readonly FlowToDeploy[];
  readonly buses: readonly { readonly name: string; readonly description: string }[];
  readonly rules: readonly RuleToDeploy[];
  readonly schedules: readonly ScheduleToDeploy[];
  readonly buckets: readonly string[];
}
