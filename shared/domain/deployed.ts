/** What is there of Leasehold in the owner's account, as data: what `leasehold doctor` holds against a `Deployment`. */
import type { BusToDeploy, ScheduleThere, TargetToDeploy } from './deployment.js';
import type { ContractId, Instant } from './values.js';

/**
 * What a look gave. `denied`: whoever looks may not. `no-such-product`: nobody answers to such a call there. `failed`: all else.
 * `code` is the vendor's, or the name of the failure.
 */
export type Look<T> =
  | { readonly seen: T }
  | { readonly unseen: 'denied' | 'no-such-product' | 'failed'; readonly code: string };

/** By path in the package: SHA-256 in hex of what stands there. */
export type FileDigests = Readonly<Record<string, string>>;

export interface DeployedFunction {
  readonly functionName: string;
  readonly runtime: string;
  readonly handler: string;
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  /** vCPU and megabytes; not told under 2.0. */
  readonly cpu?: number;
  readonly diskSize?: number;
  /** ARN; of the service under 2.0, as are the logs. */
  readonly role: string;
  readonly logConfig: { readonly project?: string; readonly logstore?: string };
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** Of those that are ours; others' code is not fetched. */
  readonly code?: Look<FileDigests>;
}

export interface DeployedFlow {
  readonly name: string;
  readonly definition: string;
  /** ARN. */
  readonly role: string;
  /** Executions of the last day that neither ended well nor are at work. */
  readonly failures: Look<readonly { readonly execution: string; readonly status: string }[]>;
}

export interface DeployedRule {
  readonly bus: string;
  readonly name: string;
  readonly pattern: string;
  readonly isEnabled: boolean;
  readonly targets: readonly TargetThere[];
}
export type TargetThere = Pick<
  TargetToDeploy,
  'Id' | 'Endpoint' | 'PushRetryStrategy' | 'DeadLetterQueue'
> & {
  readonly Type: string;
  readonly ErrorsTolerance: string;
  readonly ParamList: TargetToDeploy['ParamList'];
};

export interface DeployedRole {
  readonly trust: string;
  /** Default version of the custom policy with the role's name. */
  readonly document: string | undefined;
  /** `<type> <name>` of everything on the role, its own policy too; with the resource group where it is for one. */
  readonly attached: readonly string[];
}

export interface DeployedBucket {
  /** Absent as long as it was never switched on. */
  readonly versioning?: string;
  /** Absent without a retention policy. */
  readonly retention?: { readonly state: string; readonly days: number };
  /** Rules in force that delete objects, or move them to where they cannot be read from. */
  readonly lifecycle: readonly LifecycleRule[];
}
export interface LifecycleRule {
  readonly id: string;
  /** Of the keys that it is for; empty for all. */
  readonly prefix: string;
  readonly does: 'deletes' | 'archives';
}

/** A stack of Resource Orchestration: its status, and that of each resource by its logical id. */
export interface DeployedStack {
  readonly status: string;
  readonly resources: Readonly<Record<string, string>>;
}
export interface DeployedAlarm {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly isRinging: boolean;
}

export interface QuotasThere {
  readonly roles: number;
  readonly rolesQuota: number;
  readonly policies: number;
  readonly policiesQuota: number;
}

/** A contract that the index says should have ended. */
export interface OverdueContract {
  readonly contractId: string;
  readonly dueAt: Instant;
  /** As the register tells it; `broken` when it cannot be believed. */
  readonly state: string;
}

/** Who asks, and by which clock: nothing else is worth a look while these are wrong. */
export interface DeployedAround {
  readonly caller: Look<{ readonly account: string; readonly arn: string }>;
  /** Seconds by which this machine's clock is ahead of the cloud's. */
  readonly clockAheadSeconds: Look<number>;
}

export interface DueThere {
  readonly overdue: readonly OverdueContract[];
  /** Entries of the index that are due for longer than the sweep takes. */
  readonly behind: number;
  /** Since when the first of them is. */
  readonly oldest?: Instant;
  /** Entries besides that this version does not know, so that they are left. */
  readonly unknown: number;
  /** Some contracts of which something is due and that the register does not know. */
  readonly strange: readonly ContractId[];
  /** Contracts of which something is due, or was put off, since what their register says cannot be believed. */
  readonly broken: readonly ContractId[];
  /** What the register lacks and nobody has seen to yet, and what to do about it. */
  readonly putBack?: { readonly seen: string; readonly next: string };
}

/** Whatever is missing is absent; `undefined` under a name means that it was looked for and is not there. */
export interface Deployed extends DeployedAround {
  /** All whose names begin with our prefix. */
  readonly functions: Look<readonly DeployedFunction[]>;
  readonly flows: Look<readonly DeployedFlow[]>;
  readonly buses: Look<readonly BusToDeploy[]>;
  /** On our buses and the default one, all whose names begin with our prefix. */
  readonly rules: Look<readonly DeployedRule[]>;
  readonly schedules: Look<readonly ScheduleThere[]>;
  readonly roles: Readonly<Record<string, Look<DeployedRole | undefined>>>;
  /** Names of all roles that begin with our prefix. */
  readonly roleNames: Look<readonly string[]>;
  /** Documents, by name. */
  readonly stops: Readonly<Record<string, Look<string | undefined>>>;
  readonly buckets: Readonly<Record<string, Look<DeployedBucket | undefined>>>;
  readonly stacks: Readonly<Record<string, Look<DeployedStack | undefined>>>;
  readonly alarms: Look<readonly DeployedAlarm[]>;
  readonly quotas: Look<QuotasThere>;
  readonly due: Look<DueThere>;
}
