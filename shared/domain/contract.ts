/** What is known of a contract: the fold of its facts (`fold-contract.ts`). Pure. */
import type { DataPlaneAccount } from './data-plane.js';
import type {
  Change,
  EventKey,
  Fact,
  FactData,
  GranteeThing,
  LeftBehind,
  MadeCredential,
  Proof,
  StepFailure,
  Unsettled,
} from './fact.js';
import type { OnboardingRequest } from './request.js';
import type { Route } from './route.js';
import type { ContractId, Instant } from './values.js';

export const CONTRACT_STATES = [
  'unknown',
  'requested',
  'awaiting-approval',
  'granting',
  'awaiting-grantee',
  'active',
  'suspended',
  'ending',
  'ended',
  'rejected',
  'declined',
  'failed',
] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];

export type Approval = FactData['approved'] & { readonly at: Instant };
export type Question = FactData['awaiting-approval'];

/** What was asked for, and by whose leave: the request itself, or an amendment of it. */
export interface Terms {
  /** 0 for the request itself. */
  readonly revision: number;
  readonly request: OnboardingRequest;
  readonly planHash: string;
  /** Sequence of the fact that asked for them: what an execution that works for them names. */
  readonly seq: number;
  readonly question?: Question;
  readonly approval?: Approval;
  /** The terms that these amend: what widens nothing rests on the approval of those. */
  readonly before?: Terms;
}

/** An amendment that is asked for and neither carried out nor dropped. */
export interface Amendment extends Terms {
  readonly before: Terms;
  readonly event: EventKey;
  readonly change: Change;
  /** When work on it began in the grantee's account, where there is any. */
  readonly preparingSince?: Instant;
  /** When work on it began in the owner's. */
  readonly amendingSince?: Instant;
}

/** When work on an amendment began; `undefined` when nobody has begun. */
export const atWorkSince = ({ preparingSince, amendingSince }: Amendment): Instant | undefined =>
  preparingSince ?? amendingSince;

export interface Suspension {
  readonly id: string;
  readonly event: EventKey;
  readonly by: string;
  readonly reason: string;
  readonly since: Instant;
  /** Sequence of the fact that it began with. */
  readonly seq: number;
  /** Set once refusal was seen. */
  readonly seen?: FactData['suspended'];
}

/** What was done in the grantee's account, as far as it was recorded. */
export interface GranteeSide {
  /** Who may enter, with who made them. */
  readonly users: readonly GranteeThing[];
  readonly roles: readonly GranteeThing[];
  /** Sequence of the request or amendment that it was last set up for. */
  readonly preparedFor: number;
  readonly leftBehind: readonly LeftBehind[];
}

/** Something that the grantee must be told, with what it needs for it, and has not been. */
export interface Owed {
  readonly what: 'prepared' | 'granted' | 'opened' | 'amended' | 'resumed';
  /** Sequence of the fact that it is owed since; of `prepared`, `granted` and `amended`, of the fact that asked for it. */
  readonly of: number;
}

/**
 * Side doors are what gives access that RAM neither decides nor bounds: accounts in data planes, and rules that take events
 * out. Known here is all that was ever intended for this request, under names that were free before: ours, whether or not it is
 * there, until it is seen to be gone.
 */
export interface SideDoors {
  readonly accounts: readonly DataPlaneAccount[];
  readonly routes: readonly Route[];
}

/** Of all accounts and rules among them. */
export const namesOfDoors = ({ accounts, routes }: SideDoors): readonly string[] => [
  ...accounts.map(({ account }) => account),
  ...routes.map(({ rule }) => rule),
];

export type Warning = FactData['warned'] & { readonly seq: number; readonly at: Instant };

/** `seq`: of the fact that says so. */
export type Undone = { readonly seq: number } & (
  | ({ readonly kind: 'amendment-dropped' } & FactData['amendment-dropped'])
  | ({ readonly kind: 'amendment-failed' } & FactData['amendment-failed'])
);

/** A change that failed, after which what was before is there again. */
export interface Setback extends StepFailure {
  /** Of the fact that says so. */
  readonly seq: number;
  readonly at: Instant;
  /** Sequence of the amendment, or the suspension that was to be lifted. */
  readonly of: { readonly epoch: number } | { readonly suspension: string };
}

export interface Contract {
  readonly contractId: ContractId;
  readonly state: ContractState;
  /** What all else here follows from, in sequence. */
  readonly facts: readonly Fact[];
  /** Sequence and hash of the last fact: what the next one is appended to, and what outbound events are anchored by. */
  readonly seq: number;
  readonly hash: string;
  /** When the last fact was written. */
  readonly changedAt?: Instant;
  /** Sequence of the request that is being, or was last, worked on: a later request has another epoch. */
  readonly epoch: number;
  readonly requested?: FactData['requested'];
  /** What holds now: the request as it was granted, or as it was last amended. */
  readonly terms?: Terms;
  readonly declined?: FactData['declined'] & { readonly at: Instant };
  readonly granting?: FactData['granting'];
  /** `policies` also names what an amendment made, or may have made. */
  readonly created?: FactData['role-created'];
  /** The bounds of the lease may be off the role's policies; only one execution at a time may have them so. */
  readonly probing?: FactData['probing'] & { readonly at: Instant };
  readonly verified?: FactData['verified'];
  readonly awaitingGrantee?: FactData['awaiting-grantee'];
  readonly activated?: FactData['activated'] & { readonly at: Instant };
  /** What was seen of the terms that hold, when they came to. */
  readonly proofs?: readonly Proof[];
  readonly opened?: FactData['opened'] & { readonly at: Instant; readonly seq: number };
  readonly granteeSide: GranteeSide;
  /** Oldest first; none once an end has begun. */
  readonly owed: readonly Owed[];
  /** Somebody makes what is to be handed over, or did and came to no end. */
  readonly handingOver?: FactData['handing-over'] & { readonly seq: number; readonly at: Instant };
  /** Of the last try that came to nothing: what it asked for and may still come to pass. */
  readonly unsettled?: Unsettled & { readonly at: Instant };
  /** Credentials that were made for what is owed, and may not have reached the grantee. */
  readonly made?: FactData['credentials-made'] & { readonly seq: number };
  /** What was made to log on with and has reached the grantee; of each holder the last. */
  readonly credentials: readonly MadeCredential[];
  readonly sideDoors: SideDoors;
  /** What last kept the grantee's account from being set up. */
  readonly hindrance?: FactData['grantee-hindered'];
  /** What was there of what the partner may make, before it could. */
  readonly inventory: FactData['inventory-taken'];
  readonly appeared?: FactData['inventory-compared'];
  readonly amendment?: Amendment;
  /** Those that somebody had begun with and that came to nothing, oldest first: what was made for them may be there. */
  readonly tried: readonly Amendment[];
  /** The last amendment that came to nothing, until another is asked for. */
  readonly undone?: Undone;
  /** All there were, whatever came after. */
  readonly setbacks: readonly Setback[];
  /** Every revision up to this one was asked for; a lower one is too late. */
  readonly lastRevision: number;
  /** The suspensions that hold; none in any state but `suspended`, `ending` and `ended`. */
  readonly suspensions: readonly Suspension[];
  readonly resuming?: FactData['resuming'];
  /** The last suspension that was lifted. */
  readonly resumed?: FactData['resumed'] & { readonly seq: number };
  /** Warnings given; an extended lease is warned of anew. */
  readonly warned: readonly Warning[];
  /** What was found to differ from what was approved, as long as it does. */
  readonly drift?: FactData['drift-found'] & { readonly seq: number; readonly at: Instant };
  /** `overtook`: somebody had said that he changes the role, and may be at it still. */
  readonly ending?: FactData['ending'] & {
    readonly seq: number;
    readonly at: Instant;
    readonly overtook: boolean;
  };
  readonly cut?: FactData['cut'] & { readonly at: Instant };
  readonly removed?: FactData['removed'] & { readonly at: Instant };
  /** `seq`: what the end is announced under, whatever has been appended since. */
  readonly ended?: FactData['ended'] & { readonly at: Instant; readonly seq: number };
  readonly rejected?: FactData['rejected'] & { readonly seq: number; readonly at: Instant };
  readonly failed?: FactData['failed'] & { readonly seq: number; readonly at: Instant };
  /** Every event that a fact was written for. */
  readonly events: readonly EventKey[];
}

/** Whether the partner was let in and no end has begun: what may be amended, suspended, warned and looked after. */
export const isLive = ({ state }: Contract): boolean => state === 'active' || state === 'suspended';

/** Whether nobody has anything by it, nor will have unless it is requested again. */
export const isOver = ({ state }: Pick<Contract, 'state'>): boolean =>
  state === 'rejected' || state === 'declined' || state === 'failed' || state === 'ended';

/** As `isOver`, and also of what the register does not know. */
export const isOverOrUnknown = (contract: Pick<Contract, 'state'>): boolean =>
  contract.state === 'unknown' || isOver(contract);

/** Whether what was made for it was taken away again: nothing of it should be there. */
export const isClosed = ({ state }: Contract): boolean => state === 'ended' || state === 'failed';

/** Whether it was admitted and is being set up: the role, if there is one, lets nobody of the grantee's in yet. */
export const isBeingGranted = ({ state, terms }: Contract): boolean =>
  state === 'granting' ||
  state === 'awaiting-grantee' ||
  (state === 'requested' && terms?.approval !== undefined);

/** Whether what a failed onboarding made is being removed; a termination that comes meanwhile makes an end of it. */
export const isBeingTakenBack = ({ state, ending }: Contract): boolean =>
  state === 'ending' && ending?.reason === 'failed';

/** `terms`, those that they amend, and so on: the request's own come last. */
export function chainOf(terms: Terms | undefined): readonly Terms[] {
  const all: Terms[] = [];
  for (let one = terms; one !== undefined; one = one.before) all.push(one);
  return all;
}

/** What holds, and what is under way to hold after it. */
export const standingTerms = ({ terms, amendment }: Contract): readonly Terms[] =>
  [terms, amendment].filter((one) => one !== undefined);

/** Of these, what does not wait for an answer, which may never come to hold. */
export const approvedTerms = (contract: Contract): readonly Terms[] =>
  standingTerms(contract).filter(({ approval }) => approval !== undefined);

/** Every terms that may have had something made: those that are under way, all that held, and those that came to nothing. */
export const allTermsOf = ({ terms, amendment, tried }: Contract): readonly Terms[] => [
  ...chainOf(amendment ?? terms),
  ...tried,
];
