/**
 * What the use cases need of the outside world, in our words. Adapters in `alibaba/` translate; `undefined` means "does
 * not exist". Every method may reject with `TryLaterError`, `DeniedError` or, where it says so, `NotFoundError`; whatever
 * the adapter does not know it passes on unchanged. Writes are safe to run twice unless they say otherwise.
 */

import type { AdmissionSettings, ApprovalSettings } from '../domain/admission-settings.js';
import type { ApiCall } from '../domain/api-call.js';
import type { AclEntry, DataPlaneInstance, DataPlaneStep, ObservedDataPlane } from '../domain/data-plane.js';
import type { CloudCall } from '../domain/fact.js';
import type { ObservedRoute, Route, RouteStep } from '../domain/route.js';
import type { AccountId, Instant, RoleName } from '../domain/values.js';

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

/** A role as a list has it. */
export interface ListedRole {
  readonly name: string;
  readonly tags: Tags;
}
export interface PolicyVersion {
  readonly id: string;
  readonly isDefault: boolean;
  readonly document: string;
}

/** Counts and quotas of an account. Source: IMS GetAccountSummary. */
export interface AccountSummary {
  readonly roles: number;
  readonly rolesQuota: number;
  readonly policies: number;
  readonly policiesQuota: number;
}

export interface QuotasPort {
  /** What the cloud leaves out is taken for none there and no limit. */
  read(): Promise<AccountSummary>;
}

export interface RamPort {
  observeRole(name: RoleName): Promise<ObservedRole | undefined>;
  tagsOfRole(name: RoleName): Promise<Tags>;
  /** Every role of the account, whoever's. Complete: pages are followed. */
  listRoles(): Promise<readonly ListedRole[]>;
  /** `exists` when a role of that name was there before; then nothing was changed. */
  createRole(role: {
    readonly name: RoleName;
    readonly trust: string;
    readonly description: string;
    readonly maxSessionSeconds: number;
    readonly tags: Tags;
  }): Promise<{ readonly outcome: 'created'; readonly id: string } | { readonly outcome: 'exists' }>;
  /** Rejects with `BrokenPromiseError` `NO_SUCH_PRINCIPAL`, nothing having changed, when a user or role that it names does not exist. */
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
  /** Names of every custom policy of the account, whoever's. Complete: pages are followed. */
  listPolicies(): Promise<readonly string[]>;
  /** Every custom policy with a tag of this key, and the tag's value. Complete: pages are followed. */
  policiesTagged(key: string): Promise<readonly { readonly name: string; readonly value: string }[]>;
  /** Of a custom policy; none when it does not exist. */
  policyVersions(name: string): Promise<readonly PolicyVersion[]>;
  /** A new default version; the oldest other one gives way when there are five. */
  setPolicyDocument(name: string, document: string): Promise<void>;
  /** A new version that takes no effect, and its id; the oldest but the default one gives way when there are five. */
  addPolicyVersion(name: string, document: string): Promise<string>;
  setDefaultVersion(name: string, id: string): Promise<void>;
  /** Done when it is gone, also when it was before. Rejects with `TryLaterError` `CONFLICT` while it is the default one. */
  deletePolicyVersion(name: string, id: string): Promise<void>;
  /**
   * All versions, and what accounts in data planes hold of it. Done when the policy is gone, also when it was before. Rejects with
   * `TryLaterError` `CONFLICT` while anybody else holds it.
   */
  deletePolicy(name: string): Promise<void>;
  /** Who holds a custom policy in the account's scope, such as `user bob`. @throws {NotFoundError} */
  holdersOf(name: string): Promise<readonly string[]>;
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

/** Rules for the passwords of an account's users. Source: IMS GetPasswordPolicy. */
export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
  /** How many characters must differ from each other. */
  readonly differentCharacters: number;
  readonly notContainUserName: boolean;
}

export type Status = 'Active' | 'Inactive';
export interface ObservedUser {
  /** The cloud's own id: a user that was deleted and made again has another. */
  readonly id: string;
  readonly createdAt: Instant;
  readonly tags: Tags;
  /** Console logon; absent when there is none. */
  readonly login?: { readonly status: Status };
  readonly keys: readonly { readonly id: string; readonly status: Status }[];
  readonly hasMfaDevice: boolean;
  readonly groups: readonly string[];
  /** At account scope and in every resource group. */
  readonly attachments: readonly Attachment[];
}
export interface ObservedGranteeRole {
  readonly id: string;
  readonly createdAt: Instant;
  readonly tags: Tags;
  readonly attachments: readonly Attachment[];
}
export interface GranteePrincipal {
  readonly type: 'user' | 'role' | 'group';
  /** Of a user the logon name, without domain. */
  readonly name: string;
}
export interface ObservedGranteePolicy {
  readonly document: string;
  readonly tags: Tags;
  /** Whoever holds it at account scope, also by somebody else's hand. */
  readonly holders: readonly GranteePrincipal[];
}

/** A grantee's account, entered by its role `leasehold-provisioning`. Users are named by logon name, without domain. */
export interface GranteePort {
  /** `<alias or account id>.onaliyun.com`: what follows the `@` of a logon name. */
  defaultDomain(): Promise<string>;
  passwordPolicy(): Promise<PasswordPolicy>;
  /** How many users the account still takes. */
  usersLeft(): Promise<number>;
  /** What the role we entered by may do, policy by policy. Rejects with `DeniedError` when it may not look at that itself. */
  provisioningPolicies(): Promise<readonly { readonly name: string; readonly document: string }[]>;

  observeUser(logonName: string): Promise<ObservedUser | undefined>;
  /** Logon names of the users that carry this tag. */
  usersTagged(key: string, value: string): Promise<readonly string[]>;
  /** `exists` when a user of that name was there before; then nothing was changed. Rejects with `BrokenPromiseError` `QUOTA`. */
  createUser(user: {
    readonly logonName: string;
    /** At most 24 characters. */
    readonly displayName: string;
    readonly comments?: string;
    readonly tags: Tags;
  }): Promise<{ readonly outcome: 'created'; readonly id: string } | { readonly outcome: 'exists' }>;
  /** Done when the user is gone, also when it was before. Rejects with `TryLaterError` `CONFLICT` while something hangs on it. */
  deleteUser(logonName: string): Promise<void>;
  /** Console logon, active, with a password to be changed and an MFA device to be bound at the first logon. */
  createLogin(logonName: string, password: string): Promise<'created' | 'exists'>;
  setLogin(logonName: string, status: Status): Promise<void>;
  deleteLogin(logonName: string): Promise<void>;
  /** Not safe to run twice: each call makes another key, and shows its secret this once. */
  createKey(logonName: string): Promise<{ readonly id: string; readonly secret: string }>;
  setKey(logonName: string, keyId: string, status: Status): Promise<void>;
  /** Disabled first, which the console demands and the API may. */
  deleteKey(logonName: string, keyId: string): Promise<void>;
  /** Done when no MFA device is bound, also when none was. */
  unbindMfa(logonName: string): Promise<void>;

  observeRole(name: string): Promise<ObservedGranteeRole | undefined>;
  createRole(role: {
    readonly name: string;
    readonly trust: string;
    readonly description: string;
    readonly tags: Tags;
  }): Promise<{ readonly outcome: 'created'; readonly id: string } | { readonly outcome: 'exists' }>;
  deleteRole(name: string): Promise<void>;

  observePolicy(name: string): Promise<ObservedGranteePolicy | undefined>;
  createPolicy(policy: {
    readonly name: string;
    readonly document: string;
    readonly description: string;
    readonly tags: Tags;
  }): Promise<'created' | 'exists'>;
  setPolicyDocument(name: string, document: string): Promise<void>;
  /** All versions. Done when the policy is gone. Rejects with `TryLaterError` `CONFLICT` while somebody holds it. */
  deletePolicy(name: string): Promise<void>;
  attach(principal: GranteePrincipal, policyName: string): Promise<'attached' | 'was-attached'>;
  detach(principal: GranteePrincipal, policyName: string): Promise<void>;
}

/** The way into accounts of grantees: by their role `leasehold-provisioning` and by no other. */
export interface GranteeGatePort {
  /**
   * `refused` when the role is not there, or does not trust us with this ExternalId (or, without one, at all). `elsewhere` when
   * the session that was opened is not of that account's role: then nothing may be done with it.
   */
  enter(
    accountId: AccountId,
    externalId?: string,
  ): Promise<
    | { readonly outcome: 'entered'; readonly account: GranteePort }
    | { readonly outcome: 'refused'; readonly code: string }
    | { readonly outcome: 'elsewhere'; readonly arn: string }
  >;
}

export interface ProductPort {
  /** Runs a read call with a session's keys, or with our own when there is none. Token and throttling errors reject. */
  call(call: ApiCall, session?: Session): Promise<CallOutcome>;
}

/** What a client of a data plane logs on with. */
export interface Logon {
  readonly username: string;
  readonly password: string;
}

/** Accounts inside instances of products, and what they may. */
export interface DataPlanePort {
  /**
   * What there is of one account; `undefined` when there is no such instance, and nothing left of the account elsewhere. `expected`
   * are entries that are looked for whatever the instance's own lists say. A change may take a minute to be seen, and to bind clients.
   */
  observe(
    instance: DataPlaneInstance,
    account: string,
    expected: readonly AclEntry[],
  ): Promise<ObservedDataPlane | undefined>;
  /**
   * Does one step; done when the goal is reached, also when it was before. `createAccount` resolves with what was made here and
   * is kept nowhere else: seal it or lose it. It rejects with `TryLaterError` `CONFLICT` when the name is there.
   */
  apply(instance: DataPlaneInstance, account: string, step: DataPlaneStep): Promise<Partial<Logon>>;
  /** Names that begin with `prefix`, whoever made them; `undefined` when there is no such instance, and nothing left of it elsewhere. */
  listAccounts(instance: DataPlaneInstance, prefix: string): Promise<readonly string[] | undefined>;
}

/** Rules of ours on the owner's buses. */
export interface RoutesPort {
  /** What there is under the rule's name; `undefined` when there is no such bus. */
  observe(route: Route): Promise<ObservedRoute | undefined>;
  /**
   * Does one step; done when the goal is reached, also when it was before. `createRule` rejects with `TryLaterError`
   * `CONFLICT` when the name is there.
   */
  apply(route: Route, step: RouteStep): Promise<void>;
  /** Names that begin with `prefix`, whoever made them; `undefined` when there is no such bus. */
  listRules(bus: Pick<Route, 'region' | 'eventBus'>, prefix: string): Promise<readonly string[] | undefined>;
}

export interface ResourceGroupsPort {
  /** Whether the resource group exists, is ready, and belongs to the owner's account. */
  isOurs(resourceGroupId: string): Promise<boolean>;
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

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  /** Whether it holds just `text`; false also when the listing does not tell. */
  holds(text: string): boolean;
}

/** Create-once objects. The evidence bucket forbids overwriting; nobody of ours deletes there. */
export interface EvidencePort {
  /** `exists` when the key was taken, also by a retried write of ours: read it and compare. */
  create(key: string, body: string): Promise<'created' | 'exists'>;
  read(key: string): Promise<string | undefined>;
  /** Keys below `prefix`, in order, after `after` when given. Complete up to `limit`: pages are followed. */
  list(prefix: string, after?: string, limit?: number): Promise<readonly string[]>;
  /** The objects below `prefix`, as `list` has their keys. */
  objects(prefix: string): Promise<readonly ListedObject[]>;
}

/** What can be rebuilt from the evidence: who has what, and what must be looked at when. */
export interface IndexPort {
  put(key: string, body: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Does nothing when there are none. May run twice. */
  removeAll(keys: readonly string[]): Promise<void>;
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
  readonly quotas: QuotasPort;
  readonly sts: StsPort;
  readonly grantees: GranteeGatePort;
  readonly products: ProductPort;
  readonly dataPlanes: DataPlanePort;
  readonly routes: RoutesPort;
  readonly resourceGroups: ResourceGroupsPort;
  readonly events: EventsPort;
  readonly evidence: EvidencePort;
  readonly index: IndexPort;
  readonly trail: TrailPort;
  readonly log: LogPort;
  readonly settings: Settings;
  /** Name of the flow's execution that this is done for; `undefined` by hand. */
  readonly execution?: string;
}

/** What no two Leaseholds of an account share: the prefix of their names, and the name of the evidence bucket. */
export interface DeploymentName {
  readonly prefix: string;
  readonly register: string;
}
/** What an operator decides. Read once at the edge (`shared/config.ts`). */
export interface Settings {
  /** Account that owns the resources. */
  readonly owner: AccountId;
  /** By which one Leasehold of an account knows what another one has made. */
  readonly deployment: DeploymentName;
  /** ARNs of our function roles that may look into a lease role. */
  readonly verifierRoleArns: readonly string[];
  /** ARN of the one role of ours that grantees let in to be set up. */
  readonly provisionerRoleArn: string;
  readonly stops: { readonly suspended: string; readonly ended: string };
  readonly verdict: VerdictSettings;
  /** Between two looks that must both find nothing before absence is believed. */
  readonly absenceSeconds: number;
  /** Attachments, and likewise detachments, that RAM takes in a second for the whole account; 0: nobody waits for others. */
  readonly writesPerSecond: number;
  readonly admission: AdmissionSettings;
  readonly approvals: ApprovalSettings;
  /** How long the opening of a role waits for whom it names to exist. */
  readonly granteeSeconds: number;
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
