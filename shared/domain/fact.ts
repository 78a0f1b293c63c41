/** What the register holds: facts, past tense, one object each, chained by hash. Shapes only; writing is `shared/app/register/register.ts`. */
import type { DataPlaneAccount } from './data-plane.js';
import type { OnboardingRequest } from './request.js';
import type { Route } from './route.js';
import type { AccountId, ContractId, Instant, RoleName } from './values.js';

/** An event as the register knows it: by source, id *and* content. */
export interface EventKey {
  readonly source: string;
  readonly id: string;
  /** SHA-256 of the event's type, subject and data in canonical JSON. */
  readonly contentHash: string;
  /**
   * When the bus took it, as EventBridge stamped it: each delivery of what was posted once has the same, what is posted again has another.
   * Unset where no bus did, and in what earlier versions wrote.
   */
  readonly takenAt?: string;
}

/** An event is known by its source and id: other senders may choose the same id. */
export const isEvent = (
  { source, id }: Partial<Pick<EventKey, 'source' | 'id'>>,
  other: { readonly source: string | undefined; readonly id: string | undefined },
): boolean => source === other.source && id === other.id;

/** Whether it also says the same; who posts another text under an id is answered. */
export const isSameEvent = (one: Partial<EventKey>, other: EventKey): boolean =>
  isEvent(one, other) && one.contentHash === other.contentHash;

/** Whether it is what was posted once, delivered twice. */
export const isSameDelivery = (one: Partial<EventKey>, other: EventKey): boolean =>
  isSameEvent(one, other) && one.takenAt !== undefined && one.takenAt === other.takenAt;

/** What an amendment changes, in plain words. */
export interface Change {
  /** What the partner may do, or how it may enter, that it might not before. Needs the admission that a request needs. */
  readonly widens: readonly string[];
  readonly narrows: readonly string[];
}

/** One difference between what should be and what is there. */
export interface DriftFinding {
  readonly code: string;
  readonly message: string;
  /** What may be done, or how one may enter, that was not approved; absent where that is not the question. */
  readonly widens?: readonly string[];
  readonly narrows?: readonly string[];
}

/** What a cut or a suspension was seen to do. */
export interface Refusal {
  /** Seconds from the stop to the first of a run of refusals; absent with `witness` saying why. */
  readonly timeToDenySeconds?: number;
  readonly witness: string;
  readonly unseen: readonly string[];
  /** Accounts and rules that were seen to be closed too, one line each; absent where there are none. */
  readonly sideDoors?: readonly string[];
}

export interface Reason {
  readonly code: string;
  /** JSON pointer into the event, '' for the whole. */
  readonly pointer: string;
  readonly message: string;
}
export const reason = (code: string, pointer: string, message: string): Reason => ({
  code,
  pointer,
  message,
});

/** What one probe showed: `proven` by calls, or `unprovable` with the reason why no read call can show it. */
export interface Proof {
  readonly right: string;
  readonly verdict: 'proven' | 'judged' | 'unprovable';
  readonly how: string;
}

/** Something that was not there before a partner could make it. */
export interface Appeared {
  /** `orders-copy, topic of Kafka instance x (cn-hangzhou)` */
  readonly what: string;
  /** What its owner does about it. */
  readonly next: string;
}

/** A write that took effect, as the cloud's own audit trail knows it too. */
export interface CloudCall {
  /** Such as `ram:CreateRole`. */
  readonly action: string;
  readonly requestId: string;
}

/** A user's key or an account was to be made or deleted, and no answer told whether it was: it may still come to that. */
export interface Unsettled {
  readonly what: 'made' | 'deleted';
  /** Name of the user or account. */
  readonly of: string;
}
/** A user or role in the grantee's account that was given the policy to enter with. */
export interface GranteeThing {
  readonly name: string;
  /** Set where a contract made it, with the cloud's own id; unset where it is the grantee's own. */
  readonly made?: { readonly id: string; readonly by: ContractId };
}

/** A thing that we made in the grantee's account and do not delete, or cannot. */
export interface LeftBehind {
  readonly type: 'user' | 'role' | 'policy';
  readonly name: string;
  /** What it has been given besides, or why it is still there, in plain words. */
  readonly given: readonly string[];
  readonly next: string;
  /** Set where we could not remove what we made, as where a door was closed: a later look may. */
  readonly made?: NonNullable<GranteeThing['made']>;
}

/** What somebody logs on or signs with, as it was made: which, never what it is. */
export type MadeCredential = MadeUserCredential | MadeAccountCredential;
export interface MadeAccountCredential {
  readonly kind: 'account';
  /** Name in the data plane of the instance. */
  readonly account: string;
  readonly instanceId: string;
}
export interface MadeUserCredential {
  readonly kind: 'user';
  /** Logon name in the grantee's account. */
  readonly user: string;
  /** The cloud's own id of that user: one that is made again under the name is another. */
  readonly id: string;
  /** Of AccessKeys. */
  readonly keyIds: readonly string[];
  readonly hasPassword: boolean;
}

/** How a step of a flow gave up. */
export interface StepFailure {
  readonly step: string;
  /** The error's class, or the flow's own name for what kept the step from running. */
  readonly code: string;
  /** What the step said of it; absent when it did not get to say anything. */
  readonly reason?: string;
}

/** Of whatever says how a step gave up, that alone. */
export const failureIn = ({ step, code, reason }: StepFailure): StepFailure => ({
  step,
  code,
  ...(reason === undefined ? {} : { reason }),
});

export type EndReason = 'terminated' | 'expired' | 'failed';

export interface FactData {
  readonly requested: {
    readonly event: EventKey;
    readonly request: OnboardingRequest;
    readonly owner: AccountId;
    readonly roleName: RoleName;
    readonly planHash: string;
  };
  readonly rejected: { readonly event: EventKey; readonly reasons: readonly Reason[] };
  /** The auto-approval rule does not cover what was asked; nobody works on it until somebody answers, or `until` is over. */
  readonly 'awaiting-approval': {
    /** Sequence of the `requested` or `amendment-requested` that is to be approved. */
    readonly of: number;
    readonly planHash: string;
    readonly until: Instant;
    readonly reasons: readonly Reason[];
  };
  readonly approved: {
    readonly of: number;
    /** `auto-approval`, `narrowing` or the approver's id. */
    readonly by: string;
    readonly planHash: string;
    /** What a person signed; the steps that widen check it for themselves. */
    readonly jws?: string;
  };
  readonly declined: {
    readonly of: number;
    readonly event: EventKey;
    readonly by: string;
    readonly reason: string;
    readonly jws: string;
  };
  /** Intent: names and ids that an effect whose reply was lost is recognised by. */
  readonly granting: {
    readonly nonce: string;
    readonly externalId: string;
    readonly verifierExternalId: string;
    /** What role and policies say of whose they are, of several Leaseholds in an account. */
    readonly deployment?: string;
  };
  readonly 'role-created': { readonly roleId: string; readonly policies: readonly string[] };
  /** Intent: until it is over, or the lease is verified, somebody's probes go through without the bounds of the lease. */
  readonly probing: { readonly token: string };
  readonly 'probing-over': { readonly token: string };
  readonly verified: { readonly proofs: readonly Proof[] };
  readonly activated: { readonly roleArn: string; readonly proofs: readonly Proof[] };
  /**
   * Whom the role is to let in does not exist in the grantee's account yet, and RAM names nobody who does not. The role stays closed,
   * the grantee is told what it needs, and the opening is tried again until `until`.
   */
  readonly 'awaiting-grantee': { readonly until: Instant };
  /** The lease began and access was seen to work. */
  readonly opened: { readonly proofs: readonly Proof[] };
  /** Intent: users and roles that the terms asked for at `of` name may be made in the grantee's account. */
  readonly 'grantee-preparing': { readonly of: number };
  /** Who of the grantee's account may enter now; a long list comes in several of these, so that progress shows. */
  readonly 'grantee-changed': {
    readonly of: number;
    readonly users: readonly GranteeThing[];
    readonly roles: readonly GranteeThing[];
  };
  /** Why setting up there came to an end before it was through, in our words; `of`: the epoch that it was under. */
  readonly 'grantee-hindered': { readonly of: number; readonly code: string; readonly message: string };
  /** Everybody whom the terms asked for at `of` name is set up there; nobody has anything to log on with by that. */
  readonly 'grantee-prepared': { readonly of: number };
  /** What was undone there: those named may no longer enter, and what was made for them is gone or listed. */
  readonly 'grantee-released': {
    readonly users: readonly string[];
    readonly roles: readonly string[];
    readonly leftBehind: readonly LeftBehind[];
  };
  /** Intent: from here on what users and accounts of the grantee log on with may be made, until it is handed over. */
  readonly 'handing-over': {
    readonly of: number;
    /** Whose it is; absent when it was called by hand, or before executions were told apart. */
    readonly execution?: string;
  };
  /** The try that the fact numbered `begun` began has come to nothing: whoever comes next need not let it finish. */
  readonly 'hand-over-given-up': {
    readonly begun: number;
    readonly unsettled?: Unsettled;
  };
  /** It was made, by this writer alone; what is announced is announced under this fact. */
  readonly 'credentials-made': {
    readonly of: number;
    readonly credentials: readonly MadeCredential[];
    /** What was seen of the accounts among them; absent where there are none. */
    readonly proofs?: readonly Proof[];
  };
  /** What was owed since `of` was announced; the credentials that were made for it are the grantee's now. */
  readonly 'handed-over': { readonly of: number };
  readonly 'amendment-requested': {
    readonly event: EventKey;
    readonly request: OnboardingRequest;
    /** Counts up; whoever comes with a lower one is too late. */
    readonly revision: number;
    readonly planHash: string;
    readonly change: Change;
  };
  /** Nothing of it was done: declined, timed out, or overtaken by a later revision. */
  readonly 'amendment-dropped': { readonly revision: number; readonly reasons: readonly Reason[] };
  /** What the role gave, and did not give, before the change. */
  readonly 'verified-before': { readonly revision: number; readonly proofs: readonly Proof[] };
  /** Intent: names of the policies that the change may make. */
  readonly amending: { readonly revision: number; readonly policies: readonly string[] };
  readonly amended: {
    readonly revision: number;
    readonly change: Change;
    readonly policies: readonly string[];
    readonly proofs: readonly Proof[];
  };
  /** What an amendment or a resumption did to the role; whether that is as it should be is seen after. */
  readonly 'role-changed': { readonly steps: readonly string[] };
  /** What was there of what the partner may make, before it could. */
  readonly 'inventory-taken': {
    readonly lists: readonly { readonly of: string; readonly names: readonly string[] }[];
    /** What no list shows, or what could not be read. */
    readonly unseen: readonly string[];
  };
  /** What is there besides, once the partner can make nothing any more; whose doing it was, the lists do not tell. */
  readonly 'inventory-compared': {
    readonly appeared: readonly Appeared[];
    readonly unseen: readonly string[];
  };
  /** Intent: accounts and rules that are about to be made. Their names were free before, or are this contract's already. */
  readonly 'side-doors-intended': {
    readonly accounts: readonly DataPlaneAccount[];
    readonly routes: readonly Route[];
  };
  /** What needs no new password is as it should be, as read back. */
  readonly 'side-doors-settled': {
    readonly steps: readonly string[];
    /** Names of accounts and rules that are not this contract's any more, and are seen to be gone. */
    readonly gone: readonly string[];
    /** Names of accounts that are to be, and are not there: what was handed over for them is good for nothing. */
    readonly lost: readonly string[];
    readonly proofs: readonly Proof[];
  };
  /** It was tried; what was before is there again. */
  readonly 'amendment-failed': StepFailure & { readonly revision: number };
  readonly suspending: {
    readonly event: EventKey;
    /** Names this suspension, for the resume that lifts it: the id of the event that asked for it, with a number after it where that was taken. */
    readonly suspension: string;
    readonly by: string;
    readonly reason: string;
  };
  readonly suspended: Refusal & { readonly suspension: string };
  readonly resuming: {
    readonly event: EventKey;
    readonly suspension: string;
    readonly by: string;
    readonly reason: string;
  };
  readonly resumed: {
    readonly suspension: string;
    /** Suspensions that still hold; access is open again only when there is none. */
    readonly remaining: readonly string[];
    readonly proofs: readonly Proof[];
  };
  /** It was tried; the stop is on the role again. */
  readonly 'resume-failed': StepFailure & { readonly suspension: string };
  readonly warned: { readonly days: number; readonly expiresAt: Instant };
  readonly 'drift-found': {
    readonly findings: readonly DriftFinding[];
    /** What is done about it. `stopped-again`: the stop of a suspension is put on again, all else is only told. */
    readonly action: 'reported' | 'healed' | 'suspended' | 'stopped-again';
    /** SHA-256 of the findings: what is unchanged is not told anew. */
    readonly fingerprint: string;
    /** Whose doing it was, where the cloud's audit trail told; nobody of Leasehold's in any case. */
    readonly who: string;
  };
  /** What had been found is not there any more. */
  readonly 'drift-gone': { readonly how: 'healed' | 'undone by hand' };
  readonly ending: {
    readonly reason: EndReason;
    readonly detail: string;
    readonly event?: EventKey;
    /** Who wanted it; absent where nobody did, such as at the end of a lease. */
    readonly by?: string;
    /** Carried out by a person from his own machine, past the bus and the flows. */
    readonly direct?: true;
    /** Of an onboarding that is taken back: what it failed by. */
    readonly failure?: StepFailure;
  };
  readonly cut: Refusal;
  readonly removed: {
    readonly tokenDeath: string;
    readonly foreign: readonly string[];
    /** Accounts and rules that were seen to be gone, one line each; absent where there are none. */
    readonly sideDoors?: readonly string[];
  };
  readonly ended: { readonly reason: EndReason; readonly detail: string };
  readonly failed: StepFailure & { readonly next: string };
}
export type FactKind = keyof FactData;

interface FactOf<K extends FactKind> {
  readonly v: 1;
  /** Counts from 1. */
  readonly seq: number;
  readonly at: Instant;
  readonly contractId: ContractId;
  readonly kind: K;
  /** Who wrote it: the step. */
  readonly by: string;
  readonly data: FactData[K];
  /** What was done in the cloud since the writer's last fact; absent when nothing was, or no reply told of it. */
  readonly calls?: readonly CloudCall[];
  /** The writer's own, to recognise its own object when the reply was lost. */
  readonly nonce: string;
  readonly prevHash: string;
  readonly hash: string;
}
export type Fact = { readonly [K in FactKind]: FactOf<K> }[FactKind];
export type NewFact = {
  readonly [K in FactKind]: { readonly kind: K; readonly data: FactData[K] };
}[FactKind];

export const FACT_KINDS: ReadonlySet<string> = new Set<FactKind>([
  'requested',
  'rejected',
  'awaiting-approval',
  'approved',
  'declined',
  'granting',
  'role-created',
  'probing',
  'probing-over',
  'verified',
  'awaiting-grantee',
  'activated',
  'opened',
  'grantee-preparing',
  'grantee-changed',
  'grantee-hindered',
  'grantee-prepared',
  'grantee-released',
  'handing-over',
  'hand-over-given-up',
  'credentials-made',
  'handed-over',
  'inventory-taken',
  'inventory-compared',
  'side-doors-intended',
  'side-doors-settled',
  'amendment-requested',
  'amendment-dropped',
  'verified-before',
  'amending',
  'role-changed',
  'amended',
  'amendment-failed',
  'suspending',
  'suspended',
  'resuming',
  'resumed',
  'resume-failed',
  'warned',
  'drift-found',
  'drift-gone',
  'ending',
  'cut',
  'removed',
  'ended',
  'failed',
]);
