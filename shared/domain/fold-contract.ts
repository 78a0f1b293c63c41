/** From facts to the contract that they describe. Pure. */
import {
  atWorkSince,
  type Contract,
  type GranteeSide,
  namesOfDoors,
  type Owed,
  type Setback,
  type SideDoors,
  type Terms,
  type Undone,
} from './contract.js';
import {
  type Fact,
  type FactData,
  failureIn,
  type GranteeThing,
  type LeftBehind,
  type MadeCredential,
} from './fact.js';
import type { ContractId, Instant } from './values.js';

export const GENESIS_HASH = '0'.repeat(64);

/** The contract that `facts` (in sequence, from 1) describe; state `unknown` when there are none. */
export function foldContract(contractId: ContractId, facts: readonly Fact[]): Contract {
  const none: Contract = {
    contractId,
    state: 'unknown',
    facts: [],
    seq: 0,
    hash: GENESIS_HASH,
    epoch: 0,
    lastRevision: 0,
    granteeSide: { users: [], roles: [], preparedFor: 0, leftBehind: [] },
    owed: [],
    credentials: [],
    sideDoors: { accounts: [], routes: [] },
    inventory: { lists: [], unseen: [] },
    tried: [],
    setbacks: [],
    suspensions: [],
    warned: [],
    events: [],
  };
  return { ...facts.reduce(changedBy, none), facts };
}

/** `contract` one fact later. */
export const applyFact = (contract: Contract, fact: Fact): Contract => ({
  ...changedBy(contract, fact),
  facts: [...contract.facts, fact],
});

/** As `applyFact`, but for `facts`: who goes through many puts them there once, for to copy them each time takes the square of their number. */
export function changedBy(contract: Contract, fact: Fact): Contract {
  const next = { ...contract, seq: fact.seq, hash: fact.hash, changedAt: fact.at };
  switch (fact.kind) {
    case 'requested':
    case 'rejected':
    case 'awaiting-approval':
    case 'approved':
    case 'declined':
      return applyAdmission(next, fact);
    case 'granting':
      return { ...next, state: 'granting', granting: fact.data };
    case 'role-created':
      return { ...next, created: fact.data };
    case 'probing':
      return { ...next, probing: { ...fact.data, at: fact.at } };
    case 'probing-over':
      return withoutProbing(next);
    case 'verified':
      return { ...withoutProbing(next), verified: fact.data };
    case 'awaiting-grantee':
      return {
        ...owing(next, { what: 'prepared', of: next.epoch }),
        state: 'awaiting-grantee',
        awaitingGrantee: fact.data,
      };
    case 'activated':
      return {
        ...owing({ ...next, owed: [] }, { what: 'granted', of: next.epoch }),
        state: 'active',
        activated: { ...fact.data, at: fact.at },
        proofs: fact.data.proofs,
      };
    case 'opened':
      return {
        ...owing(next, { what: 'opened', of: fact.seq }),
        opened: { ...fact.data, at: fact.at, seq: fact.seq },
      };
    case 'grantee-preparing': {
      const { amendment } = next;
      if (amendment?.seq !== fact.data.of) return next;
      return { ...next, amendment: { ...amendment, preparingSince: fact.at } };
    }
    case 'grantee-hindered':
      return { ...next, hindrance: fact.data };
    case 'grantee-changed':
    case 'grantee-prepared':
    case 'grantee-released':
      return { ...next, granteeSide: granteeSideAfter(next.granteeSide, fact) };
    case 'handing-over':
    case 'hand-over-given-up':
    case 'credentials-made':
    case 'handed-over':
      return applyHandOver(next, fact);
    case 'amendment-requested':
    case 'amendment-dropped':
    case 'amending':
    case 'amended':
    case 'amendment-failed':
      return applyAmendment(next, fact);
    case 'suspending':
    case 'suspended':
    case 'resuming':
    case 'resumed':
    case 'resume-failed':
      return applySuspension(next, fact);
    case 'warned':
      return { ...next, warned: [...next.warned, { ...fact.data, seq: fact.seq, at: fact.at }] };
    case 'drift-found':
      return { ...next, drift: { ...fact.data, seq: fact.seq, at: fact.at } };
    case 'drift-gone':
      return withoutDrift(next);
    case 'inventory-taken': {
      const { lists, unseen } = next.inventory;
      const inventory = {
        lists: [...lists, ...fact.data.lists],
        unseen: union(unseen, fact.data.unseen),
      };
      return { ...next, inventory };
    }
    case 'inventory-compared':
      return { ...next, appeared: fact.data };
    case 'side-doors-intended':
    case 'side-doors-settled':
      return applySideDoors(next, fact);
    case 'role-changed':
    case 'verified-before':
      return next;
    case 'ending':
      return {
        ...amendmentUndone(withoutResuming(next)),
        state: 'ending',
        owed: [],
        ending: { ...fact.data, seq: fact.seq, at: fact.at, overtook: isBeingChanged(next) },
        events: fact.data.event === undefined ? next.events : [...next.events, fact.data.event],
      };
    case 'cut':
      return { ...next, cut: { ...fact.data, at: fact.at } };
    case 'removed':
      return { ...next, removed: { ...fact.data, at: fact.at } };
    case 'ended':
      return { ...next, state: 'ended', ended: { ...fact.data, at: fact.at, seq: fact.seq } };
    case 'failed':
      return { ...next, state: 'failed', failed: { ...fact.data, seq: fact.seq, at: fact.at } };
  }
}

type FactOfKind<K extends Fact['kind']> = Extract<Fact, { readonly kind: K }>;

function applyAdmission(
  next: Contract,
  fact: FactOfKind<'requested' | 'rejected' | 'awaiting-approval' | 'approved' | 'declined'>,
): Contract {
  switch (fact.kind) {
    case 'requested':
      // A new request starts afresh: what an earlier, failed one made is gone and must not be taken for ours.
      return {
        ...foldContract(next.contractId, []),
        state: 'requested',
        seq: next.seq,
        hash: next.hash,
        changedAt: fact.at,
        epoch: fact.seq,
        requested: fact.data,
        terms: { revision: 0, request: fact.data.request, planHash: fact.data.planHash, seq: fact.seq },
        events: [...next.events, fact.data.event],
      };
    case 'rejected':
      return {
        ...next,
        state: 'rejected',
        rejected: { ...fact.data, seq: fact.seq, at: fact.at },
        events: [...next.events, fact.data.event],
      };
    case 'awaiting-approval': {
      const asked = answering(next, fact.data.of, (terms) => ({ ...terms, question: fact.data }));
      return fact.data.of === next.epoch ? { ...asked, state: 'awaiting-approval' } : asked;
    }
    case 'approved': {
      const approval = { ...fact.data, at: fact.at };
      const approved = answering(next, fact.data.of, (terms) => ({ ...terms, approval }));
      return fact.data.of === next.epoch ? { ...approved, state: 'requested' } : approved;
    }
    case 'declined':
      return {
        ...(fact.data.of === next.amendment?.seq ? amendmentUndone(next) : next),
        ...(fact.data.of === next.epoch ? { state: 'declined' as const } : {}),
        declined: { ...fact.data, at: fact.at },
        events: [...next.events, fact.data.event],
      };
  }
}

/** `change` made to the terms that `of` speaks of: the request's, or those of the amendment that waits. */
function answering(next: Contract, of: number, change: <T extends Terms>(terms: T) => T): Contract {
  const { terms, amendment } = next;
  if (terms?.seq === of) return { ...next, terms: change(terms) };
  return amendment?.seq === of ? { ...next, amendment: change(amendment) } : next;
}

function granteeSideAfter(
  side: GranteeSide,
  fact: FactOfKind<'grantee-changed' | 'grantee-prepared' | 'grantee-released'>,
): GranteeSide {
  const without = (things: readonly GranteeThing[], names: readonly string[]) =>
    things.filter(({ name }) => !names.includes(name));
  const namesOf = (things: readonly GranteeThing[]) => things.map(({ name }) => name);
  switch (fact.kind) {
    case 'grantee-changed': {
      const { users, roles } = fact.data;
      return {
        ...side,
        users: [...without(side.users, namesOf(users)), ...users],
        roles: [...without(side.roles, namesOf(roles)), ...roles],
      };
    }
    case 'grantee-prepared':
      return { ...side, preparedFor: fact.data.of };
    case 'grantee-released': {
      const { users, roles, leftBehind } = fact.data;
      return {
        ...side,
        users: without(side.users, users),
        roles: without(side.roles, roles),
        leftBehind: [...side.leftBehind.filter((one) => !isReleased(one, fact.data)), ...leftBehind],
      };
    }
  }
}

/** Whether a release is about it: what it is now, if it is still there, that release says. */
export const isReleased = (
  { type, name }: LeftBehind,
  { users, roles }: Pick<FactData['grantee-released'], 'users' | 'roles'>,
): boolean => type === 'policy' || (type === 'user' ? users : roles).includes(name);

const owing = <T extends Contract>(contract: T, owed: Owed): T => ({
  ...contract,
  owed: [...contract.owed, owed],
});

/** What was made counts as the grantee's once it was announced: a writer who comes between makes it anew. */
function applyHandOver(
  next: Contract,
  fact: FactOfKind<'handing-over' | 'hand-over-given-up' | 'credentials-made' | 'handed-over'>,
): Contract {
  switch (fact.kind) {
    case 'handing-over': {
      const { made: _, ...rest } = next;
      return { ...rest, handingOver: { ...fact.data, seq: fact.seq, at: fact.at } };
    }
    case 'hand-over-given-up': {
      const { made: _made, handingOver, ...rest } = next;
      if (handingOver?.seq !== fact.data.begun) return next;
      const { unsettled } = fact.data;
      return unsettled === undefined ? rest : { ...rest, unsettled: { ...unsettled, at: fact.at } };
    }
    case 'credentials-made':
      return { ...next, made: { ...fact.data, seq: fact.seq } };
    case 'handed-over': {
      const { made, handingOver: _, unsettled: _unsettled, ...rest } = next;
      const fresh = made?.credentials ?? [];
      const kept = next.credentials.filter((one) => !fresh.some((other) => isSameHolder(one, other)));
      return {
        ...rest,
        credentials: [...kept, ...fresh],
        owed: next.owed.filter(({ of }) => of !== fact.data.of),
      };
    }
  }
}

const isSameHolder = (left: MadeCredential, right: MadeCredential): boolean =>
  left.kind === right.kind && holderOf(left) === holderOf(right);
const holderOf = (one: MadeCredential): string => (one.kind === 'user' ? one.id : one.account);

function applyAmendment(
  next: Contract,
  fact: FactOfKind<'amendment-requested' | 'amendment-dropped' | 'amending' | 'amended' | 'amendment-failed'>,
): Contract {
  const { amendment, created } = next;
  switch (fact.kind) {
    case 'amendment-requested': {
      const { event, revision } = fact.data;
      return {
        ...withoutUndone(amendmentUndone(next)),
        ...(next.terms === undefined
          ? {}
          : { amendment: { ...fact.data, seq: fact.seq, before: next.terms } }),
        lastRevision: revision,
        events: [...next.events, event],
      };
    }
    case 'amending':
      return {
        ...next,
        ...(amendment === undefined ? {} : { amendment: { ...amendment, amendingSince: fact.at } }),
        ...(created === undefined
          ? {}
          : { created: { ...created, policies: union(created.policies, fact.data.policies) } }),
      };
    case 'amended': {
      if (amendment === undefined) return next;
      const { event: _, change: __, preparingSince: ___, amendingSince: ____, ...terms } = amendment;
      return {
        ...owing(withoutDrift(unopened(withoutAmendment(next), terms, fact.at)), {
          what: 'amended',
          of: terms.seq,
        }),
        terms,
        ...(fact.data.proofs.length === 0 ? {} : { proofs: fact.data.proofs }),
        ...(created === undefined ? {} : { created: { ...created, policies: fact.data.policies } }),
      };
    }
    case 'amendment-dropped':
    case 'amendment-failed': {
      if (amendment === undefined) return next;
      const { kind, seq, data } = fact;
      const undone = { ...amendmentUndone(next), undone: { kind, seq, ...data } as Undone };
      return fact.kind === 'amendment-failed' ? setBack(undone, fact, { epoch: amendment.seq }) : undone;
    }
  }
}

/** A lease that was put off begins once more. */
function unopened(contract: Contract, { request }: Terms, at: Instant): Contract {
  if (request.lease.startsAt <= at) return contract;
  const { opened: _, ...rest } = contract;
  return rest;
}

function applySuspension(
  next: Contract,
  fact: FactOfKind<'suspending' | 'suspended' | 'resuming' | 'resumed' | 'resume-failed'>,
): Contract {
  switch (fact.kind) {
    case 'suspending': {
      const { suspension: id, event, by, reason } = fact.data;
      return {
        // A resume that was under way has lost: it finds another fact where it wanted to write its own.
        ...withoutAccounts(withoutResuming(next), deletedByPause(next)),
        state: 'suspended',
        suspensions: [...next.suspensions, { id, event, by, reason, since: fact.at, seq: fact.seq }],
        events: [...next.events, event],
      };
    }
    case 'suspended':
      return {
        ...next,
        suspensions: next.suspensions.map((one) =>
          one.id === fact.data.suspension ? { ...one, seen: fact.data } : one,
        ),
      };
    case 'resume-failed': {
      const { suspension } = fact.data;
      return next.resuming?.suspension === suspension
        ? setBack(withoutResuming(next), fact, { suspension })
        : withoutResuming(next);
    }
    case 'resuming':
      return { ...next, resuming: fact.data, events: [...next.events, fact.data.event] };
    case 'resumed': {
      const suspensions = next.suspensions.filter((one) => one.id !== fact.data.suspension);
      return {
        ...owing(withoutResuming(next), { what: 'resumed', of: fact.seq }),
        state: suspensions.length === 0 ? 'active' : 'suspended',
        suspensions,
        resumed: { ...fact.data, seq: fact.seq },
      };
    }
  }
}

function applySideDoors(
  next: Contract,
  fact: FactOfKind<'side-doors-intended' | 'side-doors-settled'>,
): Contract {
  if (fact.kind === 'side-doors-intended') {
    const { accounts, routes } = fact.data;
    const known = without(next.sideDoors, namesOfDoors(fact.data));
    const sideDoors = { accounts: [...known.accounts, ...accounts], routes: [...known.routes, ...routes] };
    return { ...next, sideDoors };
  }
  const { gone, lost } = fact.data;
  return withoutAccounts({ ...next, sideDoors: without(next.sideDoors, gone) }, [...gone, ...lost]);
}

const without = ({ accounts, routes }: SideDoors, names: readonly string[]): SideDoors => ({
  accounts: accounts.filter(({ account }) => !names.includes(account)),
  routes: routes.filter(({ rule }) => !names.includes(rule)),
});

/** What was handed over for accounts that are there no more is good for nothing: they are made anew before they open. */
const withoutAccounts = <T extends Contract>(contract: T, names: readonly string[]): T => ({
  ...contract,
  credentials: contract.credentials.filter((one) => one.kind !== 'account' || !names.includes(one.account)),
});

/** Accounts that pause by being deleted. */
const deletedByPause = ({ sideDoors }: Contract): readonly string[] =>
  sideDoors.accounts.filter(({ pausesBy }) => pausesBy === 'deletion').map(({ account }) => account);

const union = (left: readonly string[], right: readonly string[]): readonly string[] => [
  ...new Set([...left, ...right]),
];

const setBack = (
  next: Contract,
  { seq, at, data }: FactOfKind<'amendment-failed' | 'resume-failed'>,
  of: Setback['of'],
): Contract => ({ ...next, setbacks: [...next.setbacks, { ...failureIn(data), seq, at, of }] });

/** What somebody had begun with may have had things made that no fact names. */
const amendmentUndone = ({ amendment, ...rest }: Contract): Contract =>
  amendment === undefined || atWorkSince(amendment) === undefined
    ? rest
    : { ...rest, tried: [...rest.tried, amendment] };
const withoutUndone = ({ undone: _, ...rest }: Contract): Contract => rest;
const withoutAmendment = ({ amendment: _, ...rest }: Contract): Contract => rest;
const withoutProbing = ({ probing: _, ...rest }: Contract): Contract => rest;
const isBeingChanged = ({ amendment, resuming, drift, ending }: Contract): boolean =>
  amendment?.amendingSince !== undefined ||
  resuming !== undefined ||
  drift?.action === 'healed' ||
  ending?.overtook === true;
const withoutDrift = ({ drift: _, ...rest }: Contract): Contract => rest;
const withoutResuming = ({ resuming: _, ...rest }: Contract): Contract => rest;
