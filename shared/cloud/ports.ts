/**
 * What the use cases need of the outside world, in our words. Adapters in `alibaba/` translate; `undefined` means "does
 * not exist". Every method may reject with `TryLaterError`, `DeniedError` or, where it says so, `NotFoundError`; whatever
 * the adapter does not know it passes on unchanged. Writes are safe to run twice unless they say otherwise.
 */

import type { AdmissionSettings, ApprovalSettings } from '../domain/admission-settings.js';
import type { ApiCall } from '../domain/api-call.js';
import type { CloudCall } from '../domain/fact.js';
import type { Instant, RoleName } from '../domain/values.js';

export interface ClockPort {
  now(): Instant;
  /** Milliseconds on a scale of its own, for measuring spans; never for dates. */
  ticks(): number;
  sleep(seconds: number): Promise<void>;
}

export interface ChancePort {
  /** 32 hex characters from a cryptographic source. */
  nonce(): string;
}

export interface PolicyRef {
  readonly type: 'Custom' | 'System';
  readonly name: string;
}
/** A policy on a role, at account scope or (with `resourceGroupId`) for one resource group. */
export interface Attachment {
  readonly policy: PolicyRef;
  readonly resourceGroupId?: string;
}
export type Tags = Readonly<Record<string, string>>;

export interface ObservedRole {
  readonly name: RoleName;
  /** The cloud's own id: a role that was deleted and made again has another. */
  readonly id: string;
  readonly arn: string;
  readonly trust: string;
  readonly maxSessionSeconds: number;
}

/** Counts and quotas of an account. Source: IMS GetAccountSummary. */
export interface AccountSummary {
  readonly roles: number;
  readonly rolesQuota: number;
  readonly policies: number;
  readonly policiesQuota: number;
}

export interface RamPort {
  accountSummary(): Promise<AccountSummary>;
  observeRole(name: RoleName): Promise<ObservedRole | undefined>;
  tagsOfRole(name: RoleName): Promise<Tags>;
  /** `exists` when a role of that name was there before; then nothing was changed. */
  createRole(role: {
    readonly name: RoleName;
    readonly trust: string;
    readonly description: string;
    readonly maxSessionSeconds: number;
    readonly tags: Tags;
  }): Promise<{ readonly outcome: 'created'; readonly id: string } | { readonly outcome: 'exists' }>;
  setTrust(name: RoleName, trust: string): Promise<void>;
  setMaxSessionSeconds(name: RoleName, seconds: number): Promise<void>;
  /** Adds the tags, or sets their values; others stay. */
  tagRole(name: RoleName, tags: Tags): Promise<void>;
  /** Done when the role is gone, also when it was before. Rejects with `TryLaterError` `CONFLICT` while something is attached. */
  deleteRole(name: RoleName): Promise<void>;

  /** Everything on the role, at account scope and in every resource group. Empty when the role does not exist. */
  attachmentsOf(name: RoleName): Promise<readonly Attachment[]>;
  attach(name: RoleName, attachment: Attachment): Promise<'attached' | 'was-attached'>;
  detach(name: RoleName, attachment: Attachment): Promise<void>;

  createPolicy(policy: {
    readonly name: string;
    readonly document: string;
    readonly description: string;
    readonly tags: Tags;
  }): Promise<'created' | 'exists'>;
  /** The default version's document, as RAM gives it back. */
  readPolicy(policy: PolicyRef): Promise<string | undefined>;
  tagsOfPolicy(name: string): Promise<Tags>;
  /** A new default version; the oldest other one gives way when there are five. */
  setPolicyDocument(name: string, document: string): Promise<void>;
  /** All versions. Done when the policy is gone, also when it was before. */
  deletePolicy(name: string): Promise<void>;
}

/** Temporary keys. They live in memory only: never in a fact, an event, a flow's state or a log. */
export interface Session {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

export type CallOutcome =
  | { readonly outcome: 'allowed'; readonly body: unknown }
  | { readonly outcome: 'denied'; readonly code: string }
  /** Passed authorisation, but what it names is not there. */
  | { readonly outcome: 'not-found'; readonly code: string };

export interface StsPort {
  /** Opens a session; `refused` when either side says no. */
  assume(call: {
    readonly roleArn: string;
    readonly sessionName: string;
    readonly seconds: number;
    readonly externalId?: string;
    /** Narrows the session; at most 2,048 characters. */
    readonly policy?: string;
  }): Promise<
    | { readonly outcome: 'opened'; readonly session: Session }
    | { readonly outcome: 'refused'; readonly code: string }
  >;
  /** `dead` when the token itself is refused, which no Deny can cause: GetCallerIdentity needs no permission. */
  callerOf(
    session: Session,
  ): Promise<
    { readonly outcome: 'alive'; readonly arn: string } | { readonly outcome: 'dead'; readonly code: string }
  >;
}

export interface ProductPort {
  /** Runs a read call with a session's keys, or with our own when there is none. Token and throttling errors reject. */
  call(call: ApiCall, session?: Session): Promise<CallOutcome>;
}

export interface OutboundEvent {
  /** Derived from contract and sequence, so that sending again is recognised as the same. */
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface EventsPort {
  /** Resolves when the outbound bus has taken the event. */
  publish(event: OutboundEvent): Promise<void>;
}

/** Create-once objects. The evidence bucket forbids overwriting; nobody of ours deletes there. */
export interface EvidencePort {
  /** `exists` when the key was taken, also by a retried write of ours: read it and compare. */
  create(key: string, body: string): Promise<'created' | 'exists'>;
  read(key: string): Promise<string | undefined>;
  /** Keys below `prefix`, in order, after `after` when given. Complete: pages are followed. */
  list(prefix: string, after?: string): Promise<readonly string[]>;
}

/** What can be rebuilt from the evidence: who has what, and what must be looked at when. */
export interface IndexPort {
  put(key: string, body: string): Promise<void>;
  remove(key: string): Promise<void>;
  read(key: string): Promise<string | undefined>;
  /** At most `limit` keys below `prefix`, in order, after `after` when given. */
  list(prefix: string, limit: number, after?: string): Promise<readonly string[]>;
}

/** The writes with an effect that were answered, by the ids under which the cloud's own audit trail has them. */
export interface TrailPort {
  /** Those that no fact has yet, oldest first. */
  calls(): readonly CloudCall[];
  /** The `count` oldest of them stand in a fact now. */
  recorded(count: number): void;
}

export interface LogPort {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface Ports {
  readonly clock: ClockPort;
  readonly chance: ChancePort;
  readonly ram: RamPort;
  readonly sts: StsPort;
  readonly products: ProductPort;
  readonly events: EventsPort;
  readonly evidence: EvidencePort;
  readonly index: IndexPort;
  readonly trail: TrailPort;
  readonly log: LogPort;
  readonly settings: Settings;
}

/** What an operator decides. Read once at the edge (`shared/config.ts`). */
export interface Settings {
  /** Account that owns the resources; 16 digits. */
  readonly owner: string;
  /** ARNs of our function roles that may look into a lease role. */
  readonly verifierRoleArns: readonly string[];
  readonly stops: { readonly suspended: string; readonly ended: string };
  readonly verdict: VerdictSettings;
  /** Between two looks that must both find nothing before absence is believed. */
  readonly absenceSeconds: number;
  readonly admission: AdmissionSettings;
  readonly approvals: ApprovalSettings;
  /** Days before an end at which it is told, most first. */
  readonly warningDays: readonly number[];
  /** What is done about a role that is not as it should be; it is reported in any case. */
  readonly onDrift: 'report' | 'heal' | 'suspend';
}
export interface VerdictSettings {
  /** Equal answers in a row that make a verdict; RAM is eventually consistent. */
  readonly answers: number;
  readonly intervalSeconds: number;
  /** How long a verdict may take before it counts as failed. */
  readonly patienceSeconds: number;
}
