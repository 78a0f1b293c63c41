import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../../../shared/domain/contract.js';
import type { Fact, FactKind } from '../../../shared/domain/fact.js';
import { applyFact, foldContract } from '../../../shared/domain/fold-contract.js';
import { CONTRACT, type Written } from '../../support/chains.js';
import { NOW } from '../../support/requests.js';
import {
  active,
  amended,
  amending,
  amendmentRequested,
  approved,
  at,
  doorsSettled,
  fact,
  fold,
  gist,
  handedOver,
  KINDS,
  key,
  requested,
  someFact,
  someFactOf,
  someHistory,
  someLife,
  written,
} from '../facts.js';

const RUNS = { numRuns: 50 };
/** `value` and all that it holds: who writes into it throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
const eventOf = ({ data }: Pick<Fact, 'data'>) => ('event' in data ? data.event : undefined);

/** What a fact of each kind speaks of; a request speaks of everything. */
const SPEAKS_OF: { readonly [K in Exclude<FactKind, 'requested'>]: readonly (keyof Contract)[] } = {
  rejected: ['state', 'rejected', 'events'],
  'awaiting-approval': ['state', 'terms', 'amendment'],
  approved: ['state', 'terms', 'amendment'],
  declined: ['state', 'amendment', 'tried', 'declined', 'events'],
  granting: ['state', 'granting'],
  'role-created': ['created'],
  probing: ['probing'],
  'probing-over': ['probing'],
  verified: ['probing', 'verified'],
  'awaiting-grantee': ['state', 'awaitingGrantee', 'owed'],
  activated: ['state', 'activated', 'proofs', 'owed'],
  opened: ['opened', 'owed'],
  'grantee-preparing': ['amendment'],
  'grantee-changed': ['granteeSide'],
  'grantee-hindered': ['hindrance'],
  'grantee-prepared': ['granteeSide'],
  'grantee-released': ['granteeSide'],
  'handing-over': ['made', 'handingOver'],
  'hand-over-given-up': ['made', 'handingOver', 'unsettled'],
  'credentials-made': ['made'],
  'handed-over': ['made', 'handingOver', 'unsettled', 'credentials', 'owed'],
  'inventory-taken': ['inventory'],
  'inventory-compared': ['appeared'],
  'side-doors-intended': ['sideDoors'],
  'side-doors-settled': ['sideDoors', 'credentials'],
  'amendment-requested': ['amendment', 'tried', 'undone', 'lastRevision', 'events'],
  'amendment-dropped': ['amendment', 'tried', 'undone'],
  'verified-before': [],
  amending: ['amendment', 'created'],
  'role-changed': [],
  amended: ['amendment', 'terms', 'proofs', 'created', 'drift', 'opened', 'owed'],
  'amendment-failed': ['amendment', 'tried', 'undone', 'setbacks'],
  suspending: ['state', 'suspensions', 'resuming', 'credentials', 'events'],
  suspended: ['suspensions'],
  resuming: ['resuming', 'events'],
  resumed: ['state', 'suspensions', 'resuming', 'resumed', 'owed'],
  'resume-failed': ['resuming', 'setbacks'],
  warned: ['warned'],
  'drift-found': ['drift'],
  'drift-gone': ['drift'],
  ending: ['state', 'ending', 'amendment', 'tried', 'resuming', 'owed', 'events'],
  cut: ['cut'],
  removed: ['removed'],
  ended: ['state', 'ended'],
  failed: ['state', 'failed'],
};

describe('a contract that no fact is about', () => {
  it('is unknown, and nothing is known of it', () => {
    expect(foldContract(CONTRACT, [])).toStrictEqual({
      contractId: CONTRACT,
      state: 'unknown',
      facts: [],
      seq: 0,
      hash: '0000000000000000000000000000000000000000000000000000000000000000',
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
    });
  });
});

describe('facts, whatever they are', () => {
  it('come to the same one by one as all at once', () => {
    fc.assert(
      fc.property(someHistory, fc.nat(), (history, cut) => {
        const facts = written(history);
        const known = cut % (facts.length + 1);
        const before = foldContract(CONTRACT, facts.slice(0, known));
        expect(facts.slice(known).reduce(applyFact, before)).toStrictEqual(foldContract(CONTRACT, facts));
      }),
      RUNS,
    );
  });

  it('are kept in sequence, with the sequence, hash and time of the last, under the id that was asked for', () => {
    fc.assert(
      fc.property(someHistory, someFact, (history, last) => {
        const seq = history.length + 1;
        const place = { contractId: CONTRACT, seq, hash: `hash-${seq}`, changedAt: at(seq) };
        const contract = fold(...history, last);
        expect(contract).toMatchObject(place);
        expect(contract.facts).toStrictEqual(written([...history, last]));
      }),
      RUNS,
    );
  });

  it('change neither what was known before nor themselves', () => {
    fc.assert(
      fc.property(someLife, (life) => {
        let contract = frozen(foldContract(CONTRACT, []));
        for (const one of frozen(written(life))) contract = frozen(applyFact(contract, one));
        expect(contract.seq).toBe(life.length);
      }),
      RUNS,
    );
  });

  it.each(KINDS.filter((kind) => kind !== 'requested'))('of kind %s say nothing of all else', (kind) => {
    const others = (contract: Contract) =>
      Object.fromEntries(
        Object.entries(gist(contract)).filter(([name]) => !SPEAKS_OF[kind].includes(name as keyof Contract)),
      );
    fc.assert(
      fc.property(someHistory, someFactOf(kind), (history, last) => {
        expect(others(fold(...history, last))).toStrictEqual(others(fold(...history)));
      }),
      { numRuns: 15 },
    );
  });

  it('leave every event that one was written for, oldest first', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const events = written(history)
          .map(eventOf)
          .filter((event) => event !== undefined);
        expect(fold(...history).events).toEqual(events);
      }),
      RUNS,
    );
  });

  it('owe nothing once one of them begins an end', () => {
    fc.assert(
      fc.property(someHistory, someFactOf('ending'), (history, end) => {
        expect(fold(...history, end).owed).toEqual([]);
      }),
      RUNS,
    );
  });
});

describe('a fact about what is not there', () => {
  it.each<[string, Written]>([
    ['an answer to a question of another request', approved(9)],
    [
      'a question about another request',
      fact('awaiting-approval', { of: 9, planHash: 'p', until: NOW, reasons: [] }),
    ],
    ['the end of a probing that nobody began', fact('probing-over', { token: 't' })],
    ['preparing for an amendment that nobody asked for', fact('grantee-preparing', { of: 9 })],
    ['preparing for the request', fact('grantee-preparing', { of: 1 })],
    [
      'the dropping of an amendment that nobody asked for',
      fact('amendment-dropped', { revision: 1, reasons: [] }),
    ],
    ['the failing of one', fact('amendment-failed', { revision: 1, step: 's', code: 'c' })],
    ['the carrying out of one', amended(1, 'p-9')],
    ['the beginning of one', amending(1)],
    ['a look before one', fact('verified-before', { revision: 1, proofs: [] })],
    ['a change of the role', fact('role-changed', { steps: ['attach'] })],
    ['a suspension that nobody began', fact('suspended', { suspension: 's', witness: 'w', unseen: [] })],
    [
      'the failing of a resumption that nobody began',
      fact('resume-failed', { suspension: 's', step: 's', code: 'c' }),
    ],
    ['the going of a drift that nobody found', fact('drift-gone', { how: 'healed' })],
    ['the giving up of a hand-over that nobody began', fact('hand-over-given-up', { begun: 3 })],
    ['the handing over of what is not owed', handedOver(9)],
    ['accounts and rules that nobody intended', doorsSettled(['lh-a', 'lh-r'], ['lh-b'])],
    [
      'the release of whom nobody set up',
      fact('grantee-released', { users: ['u'], roles: ['r'], leftBehind: [] }),
    ],
  ])('changes nothing: %s', (_, about) => {
    expect(gist(active(about))).toStrictEqual(gist(active()));
  });

  it('is remembered by revision and event where an amendment of nothing is asked for', () => {
    const contract = fold(amendmentRequested(3));
    expect(contract).toMatchObject({ state: 'unknown', lastRevision: 3, events: [key('revision-3')] });
    expect(contract.amendment).toBeUndefined();
  });

  it('names no policies of a role that is not there', () => {
    const before = [requested(), amendmentRequested(1)];
    expect(fold(...before, amending(1, 'p-3')).created).toBeUndefined();
    expect(fold(...before, amended(1, 'p-3')).created).toBeUndefined();
  });
});
