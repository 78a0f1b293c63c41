import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allTermsOf, type Contract, chainOf } from '../../shared/domain/contract.js';
import type { Fact, FactData, FactKind, LeftBehind } from '../../shared/domain/fact.js';
import { applyFact, foldContract, isReleased, warningKey } from '../../shared/domain/fold-contract.js';
import { CONTRACT, type Written } from '../support/chains.js';
import { NOW, OWNER, request } from '../support/requests.js';
import {
  ACTIVE,
  account,
  accountCredential,
  activated,
  amended,
  amending,
  amendmentRequested,
  approved,
  at,
  doorsIntended,
  doorsSettled,
  drift,
  ending,
  fact,
  fold,
  handedOver,
  handingOver,
  KINDS,
  key,
  leasedFrom,
  made,
  requested,
  resumed,
  resuming,
  route,
  someFact,
  someFactOf,
  someHistory,
  someLife,
  suspending,
  userCredential,
  written,
} from './facts.js';

const active = (...facts: readonly Written[]): Contract => fold(...ACTIVE, ...facts);
const RUNS = { numRuns: 50 };
/** `value` and all that it holds: who writes into it throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
/** All that a contract says, but for where its last fact stands. */
const gist = ({ seq: _, hash: __, changedAt: ___, ...rest }: Contract) => rest;
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
  activated: ['state', 'activated', 'owed'],
  opened: ['opened', 'owed'],
  'grantee-preparing': ['amendment'],
  'grantee-changed': ['granteeSide'],
  'grantee-hindered': ['hindrance'],
  'grantee-prepared': ['granteeSide'],
  'grantee-released': ['granteeSide'],
  'handing-over': ['made', 'handingOver'],
  'hand-over-given-up': ['made', 'handingOver'],
  'credentials-made': ['made'],
  'handed-over': ['made', 'handingOver', 'credentials', 'owed'],
  'inventory-taken': ['inventory'],
  'inventory-compared': ['appeared'],
  'side-doors-intended': ['sideDoors'],
  'side-doors-settled': ['sideDoors', 'credentials'],
  'amendment-requested': ['amendment', 'tried', 'lastRevision', 'events'],
  'amendment-dropped': ['amendment', 'tried'],
  'verified-before': [],
  amending: ['amendment', 'created'],
  'role-changed': [],
  amended: ['amendment', 'terms', 'created', 'drift', 'opened', 'owed'],
  'amendment-failed': ['amendment', 'tried'],
  suspending: ['state', 'suspensions', 'resuming', 'credentials', 'events'],
  suspended: ['suspensions'],
  resuming: ['resuming', 'events'],
  resumed: ['state', 'suspensions', 'resuming', 'resumed', 'owed'],
  'resume-failed': ['resuming'],
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

  it('leave the sequence, hash and time of the last, under the id that was asked for', () => {
    fc.assert(
      fc.property(someHistory, someFact, (history, last) => {
        const seq = history.length + 1;
        const place = { contractId: CONTRACT, seq, hash: `hash-${seq}`, changedAt: at(seq) };
        expect(fold(...history, last)).toMatchObject(place);
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

describe('a request', () => {
  it('is what holds from its fact on, and what is worked on', () => {
    expect(fold(requested())).toMatchObject({
      state: 'requested',
      seq: 1,
      epoch: 1,
      requested: { request: request(), owner: OWNER },
      terms: { revision: 0, request: request(), planHash: 'plan-of-asked', seq: 1 },
      events: [key('asked')],
    });
  });

  it('starts afresh whatever was before, but for its place and the events', () => {
    const anew = requested(request(), 'anew');
    const alone = fold(anew);
    fc.assert(
      fc.property(someLife, (life) => {
        const seq = life.length + 1;
        expect(fold(...life, anew)).toStrictEqual({
          ...alone,
          seq,
          hash: `hash-${seq}`,
          changedAt: at(seq),
          epoch: seq,
          terms: { ...alone.terms, seq },
          events: [...fold(...life).events, key('anew')],
        });
      }),
      RUNS,
    );
  });

  it('that is rejected says why', () => {
    const data = { event: key('no'), reasons: [{ code: 'C', pointer: '', message: 'm' }] };
    expect(fold(requested(), fact('rejected', data))).toMatchObject({
      state: 'rejected',
      rejected: data,
      events: [key('asked'), key('no')],
    });
  });
});

const question = (of: number): FactData['awaiting-approval'] => ({
  of,
  planHash: 'plan-of-asked',
  until: at(600),
  reasons: [],
});
const no = (of: number): FactData['declined'] => ({
  of,
  event: key('no'),
  by: 'carla',
  reason: 'r',
  jws: 'j',
});

describe('a question about a request', () => {
  const asked = [requested(), fact('awaiting-approval', question(1))];

  it('keeps it waiting, and is part of its terms', () => {
    expect(fold(...asked)).toMatchObject({
      state: 'awaiting-approval',
      terms: { seq: 1, question: question(1) },
    });
  });

  it('that is answered by yes lets it go on by that leave', () => {
    const contract = fold(...asked, approved(1));
    expect(contract.state).toBe('requested');
    expect(contract.terms).toMatchObject({
      question: question(1),
      approval: { of: 1, by: 'auto-approval', planHash: 'plan-of-asked', at: at(3) },
    });
  });

  it('that is answered by no declines it', () => {
    expect(fold(...asked, fact('declined', no(1)))).toMatchObject({
      state: 'declined',
      declined: { ...no(1), at: at(3) },
      events: [key('asked'), key('no')],
    });
  });

  it('is not answered by an answer to an earlier request', () => {
    const again = [...asked, requested(request(), 'again')];
    expect(fold(...again, approved(1))).toMatchObject({ state: 'requested', epoch: 3 });
    expect(fold(...again, approved(1)).terms).not.toHaveProperty('approval');
    expect(fold(...again, fact('awaiting-approval', question(1))).state).toBe('requested');
    expect(fold(...again, fact('declined', no(1))).state).toBe('requested');
  });
});

describe('a question about an amendment', () => {
  const waiting = [amendmentRequested(1), fact('awaiting-approval', question(7))];

  it('is part of that, and what holds goes on', () => {
    const contract = active(...waiting);
    expect(contract.state).toBe('active');
    expect(contract.amendment).toMatchObject({ revision: 1, question: question(7) });
    expect(contract.terms).not.toHaveProperty('question');
  });

  it('that is answered by yes is that amendment’s leave alone', () => {
    const contract = active(...waiting, approved(7));
    expect(contract.state).toBe('active');
    expect(contract.amendment).toMatchObject({ approval: { of: 7, at: at(9) } });
    expect(contract.terms?.approval).toEqual(active().terms?.approval);
  });

  it('that is answered by no ends that amendment alone', () => {
    const contract = active(...waiting, fact('declined', no(7)));
    expect(contract).toMatchObject({ state: 'active', declined: { ...no(7), at: at(9) } });
    expect(contract.amendment).toBeUndefined();
    expect(contract.terms).toEqual(active().terms);
  });

  it('is not answered by an answer to an earlier one', () => {
    const later = [
      ...waiting,
      fact('amendment-dropped', { revision: 1, reasons: [] }),
      amendmentRequested(2),
    ];
    expect(active(...later, approved(7)).amendment).not.toHaveProperty('approval');
    expect(active(...later, fact('awaiting-approval', question(7))).amendment).not.toHaveProperty('question');
    expect(active(...later, fact('declined', no(7))).amendment).toMatchObject({ revision: 2 });
  });
});

describe('access that is being set up', () => {
  const data = { nonce: 'n', externalId: 'x', verifierExternalId: 'v' };
  const probing = fact('probing', { token: 't' });

  it('keeps names and ids that its effects are recognised by', () => {
    const facts = [requested(), approved(1), fact('granting', data)];
    expect(fold(...facts)).toMatchObject({ state: 'granting', granting: data });
    const created = { roleId: 'role-1', policies: ['p-1'] };
    expect(fold(...facts, fact('role-created', created))).toMatchObject({ state: 'granting', created });
  });

  it('is being probed since somebody said so, until he says that it is over', () => {
    expect(active(probing).probing).toEqual({ token: 't', at: at(7) });
    expect(active(probing, fact('probing-over', { token: 't' })).probing).toBeUndefined();
  });

  it('is being probed no more once it is verified', () => {
    const proofs = [{ right: 'r', verdict: 'proven' as const, how: 'h' }];
    const contract = active(probing, fact('verified', { proofs }));
    expect(contract.probing).toBeUndefined();
    expect(contract.verified).toEqual({ proofs });
  });

  it('waits for the grantee, who must be told what it is to prepare', () => {
    const contract = fold(...ACTIVE.slice(0, 5), fact('awaiting-grantee', { until: at(600) }));
    expect(contract).toMatchObject({ state: 'awaiting-grantee', awaitingGrantee: { until: at(600) } });
    expect(contract.owed).toEqual([{ what: 'prepared', of: 1 }]);
  });

  it('is given once it is activated, and nothing is owed but to tell that', () => {
    const contract = fold(...ACTIVE.slice(0, 5), fact('awaiting-grantee', { until: at(600) }), activated);
    expect(contract).toMatchObject({ state: 'active', activated: { roleArn: 'arn', proofs: [], at: at(7) } });
    expect(contract.owed).toEqual([{ what: 'granted', of: 1 }]);
  });

  it('is owed for the request that it is given for, not for an earlier one', () => {
    const again = [
      requested(),
      fact('failed', { step: 's', code: 'c', next: 'n' }),
      requested(request(), 'again'),
    ];
    expect(fold(...again, activated).owed).toEqual([{ what: 'granted', of: 3 }]);
    expect(fold(...again, fact('awaiting-grantee', { until: NOW })).owed).toEqual([
      { what: 'prepared', of: 3 },
    ]);
  });

  it('that comes to nothing says at which step', () => {
    const failed = { step: 'CreateRole', code: 'QUOTA', next: 'n' };
    expect(fold(requested(), fact('failed', failed))).toMatchObject({ state: 'failed', failed });
  });
});

describe('what is owed', () => {
  const opened = fact('opened', { proofs: [] });

  it('is listed oldest first, each under the fact that it is owed since or that asked for it', () => {
    const contract = active(opened, amendmentRequested(1), amended(1), suspending('s'), resumed('s'));
    expect(contract.owed).toEqual([
      { what: 'granted', of: 1 },
      { what: 'opened', of: 7 },
      { what: 'amended', of: 8 },
      { what: 'resumed', of: 11 },
    ]);
  });

  it('is owed no more once it is handed over, and the rest still is', () => {
    expect(active(opened, amendmentRequested(1), amended(1), handedOver(7)).owed).toEqual([
      { what: 'granted', of: 1 },
      { what: 'amended', of: 8 },
    ]);
  });

  it('is nothing once an end has begun', () => {
    expect(active(opened, ending()).owed).toEqual([]);
  });

  it('is told of a lease that began, with when', () => {
    expect(active(opened).opened).toEqual({ proofs: [], at: at(7), seq: 7 });
    expect(active(opened).state).toBe('active');
  });
});

describe('what is handed over', () => {
  const [anna, bert] = [userCredential('id-anna', 'k-1'), userCredential('id-bert', 'k-2')];

  it('is being made since somebody said so', () => {
    expect(active(handingOver(1)).handingOver).toEqual({ of: 1, execution: 'e', seq: 7, at: at(7) });
  });

  it('counts as the grantee’s once it was announced, and not before', () => {
    const before = [handingOver(1), made(1, anna)];
    expect(active(...before)).toMatchObject({
      credentials: [],
      made: { of: 1, credentials: [anna], seq: 8 },
      handingOver: { of: 1 },
    });
    const after = active(...before, handedOver(1));
    expect(after.credentials).toEqual([anna]);
    expect(after.made).toBeUndefined();
    expect(after.handingOver).toBeUndefined();
  });

  it('is made anew by a writer who comes between', () => {
    const between = [handingOver(1), made(1, anna), handingOver(1)];
    expect(active(...between).made).toBeUndefined();
    expect(active(...between).handingOver).toMatchObject({ seq: 9 });
    expect(active(...between, made(1, bert), handedOver(1)).credentials).toEqual([bert]);
  });

  it('is nothing where nothing was made for it', () => {
    expect(active(handingOver(1), handedOver(1)).credentials).toEqual([]);
  });

  it('is of each holder the last', () => {
    const [anew, carla] = [userCredential('id-anna', 'k-9'), userCredential('id-carla', 'k-3')];
    const first = [handingOver(1), made(1, anna, bert), handedOver(1)];
    const second = [handingOver(7), made(7, anew, carla), handedOver(7)];
    expect(active(...first, ...second).credentials).toEqual([bert, anew, carla]);
    expect(active(...first, handingOver(7), handedOver(7)).credentials).toEqual([anna, bert]);
  });

  it.each([
    ['a user that was made again under the name', anna, { ...anna, id: 'id-other' }],
    ['accounts of two names', accountCredential('lh-a'), accountCredential('lh-b')],
    ['a user whose id is the name of an account', userCredential('lh-a'), accountCredential('lh-a')],
    ['an account whose name is the id of a user', accountCredential('lh-a'), userCredential('lh-a')],
  ])('has two holders: %s', (_, first, second) => {
    const all = [handingOver(1), made(1, first), handedOver(1), made(7, second), handedOver(7)];
    expect(active(...all).credentials).toEqual([first, second]);
  });

  it('has one holder under the name of an account, whatever its instance', () => {
    const [first, second] = [accountCredential('lh-a', 'i-1'), accountCredential('lh-a', 'i-2')];
    const all = [made(1, first), handedOver(1), made(7, second), handedOver(7)];
    expect(active(...all).credentials).toEqual([second]);
  });

  it('is given up with what was made for it, by the try that is named and no other', () => {
    const tries = [handingOver(1), made(1, anna)];
    const given = active(...tries, fact('hand-over-given-up', { begun: 7 }));
    expect(given.made).toBeUndefined();
    expect(given.handingOver).toBeUndefined();
    const later = [handingOver(1), handingOver(1), made(1, bert)];
    const other = active(...later, fact('hand-over-given-up', { begun: 7 }));
    expect(gist(other)).toStrictEqual(gist(active(...later)));
  });
});

describe('the grantee’s side', () => {
  const changed = (users: readonly string[], roles: readonly string[], id?: string): Written => {
    const things = (names: readonly string[]) =>
      names.map((name) => (id === undefined ? { name } : { name, made: { id, by: CONTRACT } }));
    return fact('grantee-changed', { of: 1, users: things(users), roles: things(roles) });
  };
  const released = (
    users: readonly string[],
    roles: readonly string[],
    ...leftBehind: readonly LeftBehind[]
  ) => fact('grantee-released', { users, roles, leftBehind });
  const left = (type: LeftBehind['type'], name: string, why = 'why'): LeftBehind => ({
    type,
    name,
    given: [why],
    next: 'n',
  });

  it('grows fact by fact, and names everybody once, as last told', () => {
    const { granteeSide } = active(changed(['a', 'b'], ['r']), changed(['a'], ['b'], 'id-1'));
    expect(granteeSide.users).toEqual([{ name: 'b' }, { name: 'a', made: { id: 'id-1', by: CONTRACT } }]);
    expect(granteeSide.roles).toEqual([{ name: 'r' }, { name: 'b', made: { id: 'id-1', by: CONTRACT } }]);
    const again = active(changed(['a'], ['r', 's']), changed([], ['r'], 'id-2')).granteeSide;
    expect(again).toMatchObject({
      users: [{ name: 'a' }],
      roles: [{ name: 's' }, { name: 'r', made: { id: 'id-2' } }],
    });
  });

  it('is set up for what it was last set up for', () => {
    const facts = [fact('grantee-prepared', { of: 1 }), fact('grantee-prepared', { of: 7 })];
    expect(active(changed(['a'], []), ...facts).granteeSide).toMatchObject({
      users: [{ name: 'a' }],
      preparedFor: 7,
    });
  });

  it('loses whom it releases, users and roles each for themselves', () => {
    const { granteeSide } = active(changed(['a', 'b'], ['a', 'c']), released(['a'], ['c']));
    expect(granteeSide).toMatchObject({ users: [{ name: 'b' }], roles: [{ name: 'a' }] });
  });

  it('lists what is left behind as the last release about it says', () => {
    const first = released(
      ['a', 'b'],
      ['a'],
      left('user', 'a'),
      left('user', 'b'),
      left('role', 'a'),
      left('policy', 'p'),
    );
    const { leftBehind } = active(first, released(['a'], [], left('policy', 'p', 'still'))).granteeSide;
    expect(leftBehind).toEqual([left('user', 'b'), left('role', 'a'), left('policy', 'p', 'still')]);
    expect(active(first, released(['a', 'b'], ['a'])).granteeSide.leftBehind).toEqual([]);
  });

  it.each<[string, LeftBehind, boolean]>([
    ['a user that it names', left('user', 'a'), true],
    ['a user of the name of a role', left('user', 'r'), false],
    ['a role that it names', left('role', 'r'), true],
    ['a role of the name of a user', left('role', 'a'), false],
    ['the policy, as each release is', left('policy', 'p'), true],
  ])('is released: %s', (_, one, expected) => {
    expect(isReleased(one, { users: ['a'], roles: ['r'] })).toBe(expected);
  });

  it('tells what last kept it from being set up', () => {
    const hindered = (code: string) => fact('grantee-hindered', { of: 1, code, message: 'm' });
    expect(active(hindered('A'), hindered('B')).hindrance).toEqual({ of: 1, code: 'B', message: 'm' });
  });
});

describe('an amendment', () => {
  const later = leasedFrom(0);

  it('is asked for on top of what holds, and changes none of that', () => {
    const contract = active(amendmentRequested(1, later));
    expect(contract.amendment).toMatchObject({
      revision: 1,
      request: later,
      planHash: 'plan-of-1',
      seq: 7,
      before: active().terms,
      event: key('revision-1'),
      change: { widens: ['more'], narrows: [] },
    });
    expect(contract).toMatchObject({ state: 'active', terms: active().terms, lastRevision: 1 });
  });

  it('counts as the last revision whatever became of it, until a new request', () => {
    const dropped = [amendmentRequested(4), fact('amendment-dropped', { revision: 4, reasons: [] })];
    expect(active(...dropped).lastRevision).toBe(4);
    expect(active(...dropped, requested(request(), 'anew')).lastRevision).toBe(0);
  });

  it('takes the place of one that was asked for before, on top of the same', () => {
    const contract = active(amendmentRequested(1), amendmentRequested(2, later));
    expect(contract.amendment).toMatchObject({ revision: 2, seq: 8, before: active().terms });
    expect(contract.lastRevision).toBe(2);
  });

  it.each<[string, Written]>([
    ['dropped', fact('amendment-dropped', { revision: 1, reasons: [] })],
    ['failed', fact('amendment-failed', { revision: 1, step: 's', code: 'c' })],
  ])('that is %s leaves what held', (_, over) => {
    const contract = active(amendmentRequested(1, later), over);
    expect(contract.amendment).toBeUndefined();
    expect(contract.terms).toEqual(active().terms);
    expect(contract.owed).toEqual(active().owed);
  });

  const undone: readonly (readonly [string, Written])[] = [
    ['failed', fact('amendment-failed', { revision: 1, step: 's', code: 'c' })],
    ['dropped', fact('amendment-dropped', { revision: 1, reasons: [] })],
    ['replaced by another', amendmentRequested(2)],
    ['overtaken by an end', ending()],
  ];
  it.each(
    undone.flatMap(([how, over]) => [
      [how, 'the grantee’s account', fact('grantee-preparing', { of: 7 }), over] as const,
      [how, 'the owner’s', amending(1), over] as const,
    ]),
  )(
    'that is %s is known still where somebody was at work in %s: no fact may name what was made',
    (...row) => {
      const [, , begun, over] = row;
      const contract = active(amendmentRequested(1), begun, over);
      expect(contract.tried).toMatchObject([{ revision: 1, seq: 7 }]);
      expect(allTermsOf(contract).map(({ revision }) => revision)).toContain(1);
      expect(active(amendmentRequested(1), begun, over, ending()).tried).toEqual(contract.tried);
      expect(active(amendmentRequested(1), begun, over, requested(request(), 'anew')).tried).toEqual([]);
    },
  );

  it.each(undone)('that is %s is forgotten where nobody had begun with it', (_, over) => {
    expect(active(amendmentRequested(1), over).tried).toEqual([]);
  });

  it('is at work in the grantee’s account since preparing for it began', () => {
    const contract = active(amendmentRequested(1), fact('grantee-preparing', { of: 7 }));
    expect(contract.amendment).toMatchObject({ revision: 1, preparingSince: at(8) });
    expect(active(amendmentRequested(1), fact('grantee-preparing', { of: 1 })).amendment).not.toHaveProperty(
      'preparingSince',
    );
  });

  it('is at work in the owner’s since it was said which policies it may make; these stay known if it fails', () => {
    const facts = [amendmentRequested(1), amending(1, 'p-2', 'p-3')];
    const contract = active(...facts);
    expect(contract.amendment).toMatchObject({ revision: 1, amendingSince: at(8) });
    expect(contract.created).toEqual({ roleId: 'role-1', policies: ['p-1', 'p-2', 'p-3'] });
    const failed = active(...facts, fact('amendment-failed', { revision: 1, step: 's', code: 'c' }));
    expect(failed.created?.policies).toEqual(['p-1', 'p-2', 'p-3']);
  });

  it('is what holds once it is carried out, with the policies that it left and nothing of the work', () => {
    const contract = active(
      amendmentRequested(1, later),
      fact('awaiting-approval', question(7)),
      approved(7),
      fact('grantee-preparing', { of: 7 }),
      amending(1, 'p-3'),
      amended(1, 'p-1', 'p-3'),
    );
    expect(contract.amendment).toBeUndefined();
    expect(contract.terms).toStrictEqual({
      revision: 1,
      request: later,
      planHash: 'plan-of-1',
      seq: 7,
      before: active().terms,
      question: question(7),
      approval: { of: 7, by: 'auto-approval', planHash: 'plan-of-asked', at: at(9) },
    });
    expect(contract.created).toEqual({ roleId: 'role-1', policies: ['p-1', 'p-3'] });
    expect(contract.owed).toEqual([
      { what: 'granted', of: 1 },
      { what: 'amended', of: 7 },
    ]);
  });

  it('stands on those that held before, down to the request', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 6 }), (outcomes) => {
        const facts = outcomes.flatMap((isDone, index) => [
          amendmentRequested(index + 1),
          isDone ? amended(index + 1) : fact('amendment-dropped', { revision: index + 1, reasons: [] }),
        ]);
        const done = outcomes.flatMap((isDone, index) => (isDone ? [index + 1] : []));
        expect(chainOf(active(...facts).terms).map(({ revision }) => revision)).toEqual([
          ...done.reverse(),
          0,
        ]);
      }),
    );
  });

  it('that is carried out settles the drift that was found before', () => {
    expect(active(drift('reported'), amendmentRequested(1), amended(1)).drift).toBeUndefined();
  });

  it.each([
    ['that puts a lease off has it begin once more', 3600, false],
    ['of a lease that begins a second later has it begin once more', 8 * 60 + 1, false],
    ['of a lease that begins just then leaves it begun', 8 * 60, true],
    ['of a lease that began before leaves it begun', -3600, true],
  ])('%s', (_, seconds, isOpened) => {
    const contract = active(
      fact('opened', { proofs: [] }),
      amendmentRequested(1, leasedFrom(seconds)),
      amended(1),
    );
    expect(contract.changedAt).toBe(at(9));
    expect(contract.opened !== undefined).toBe(isOpened);
  });
});

describe('suspensions', () => {
  it('hold each for itself: access counts as open again once the last is lifted', () => {
    const step = fc.record({ id: fc.constantFrom('s-1', 's-2', 's-3'), isLifted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const holding = new Set<string>();
        const facts: Written[] = [];
        for (const { id, isLifted } of steps) {
          // As they are written: none that holds is begun again, none that does not is lifted.
          if (isLifted !== holding.has(id)) continue;
          if (isLifted) holding.delete(id);
          else holding.add(id);
          facts.push(isLifted ? resumed(id, ...holding) : suspending(id));
        }
        const contract = active(...facts);
        expect(contract.suspensions.map(({ id }) => id)).toEqual([...holding]);
        expect(contract.state).toBe(holding.size === 0 ? 'active' : 'suspended');
      }),
    );
  });

  it('keep access closed where one of two is lifted', () => {
    const contract = active(suspending('A'), suspending('B'), resuming('A'), resumed('A', 'B'));
    expect(contract).toMatchObject({ state: 'suspended', suspensions: [{ id: 'B' }] });
  });

  it('tell who asked for them, why and when, and when they were seen to hold', () => {
    const seen = { suspension: 'B', timeToDenySeconds: 4, witness: 'w', unseen: [] };
    const contract = active(suspending('A'), suspending('B'), fact('suspended', seen));
    expect(contract.suspensions).toEqual([
      { id: 'A', event: key('A'), by: 'anna', reason: 'because of A', since: at(7), seq: 7 },
      { id: 'B', event: key('B'), by: 'anna', reason: 'because of B', since: at(8), seq: 8, seen },
    ]);
    expect(contract.state).toBe('suspended');
  });

  it('are being lifted since somebody said so', () => {
    const contract = active(suspending('A'), resuming('A'));
    expect(contract.resuming).toMatchObject({ suspension: 'A', by: 'bert', reason: 'is over' });
    expect(contract.state).toBe('suspended');
  });

  it('are lifted with a word owed to the grantee', () => {
    const contract = active(suspending('A'), resuming('A'), resumed('A'));
    expect(contract.resuming).toBeUndefined();
    expect(contract.resumed).toEqual({ suspension: 'A', remaining: [], proofs: [], seq: 9 });
    expect(contract.owed.at(-1)).toEqual({ what: 'resumed', of: 9 });
  });

  it('hold on where lifting failed', () => {
    const failed = fact('resume-failed', { suspension: 'A', step: 's', code: 'c' });
    const contract = active(suspending('A'), resuming('A'), failed);
    expect(contract).toMatchObject({ state: 'suspended', suspensions: [{ id: 'A' }] });
    expect(contract.resuming).toBeUndefined();
  });

  it('that begin meanwhile overtake a lifting', () => {
    expect(active(suspending('A'), resuming('A'), suspending('B')).resuming).toBeUndefined();
  });

  it('take from the grantee what it had for accounts that pause by being deleted, and nothing else', () => {
    const all = [
      accountCredential('lh-kept'),
      accountCredential('lh-deleted'),
      userCredential('lh-deleted'),
      accountCredential('lh-unknown'),
    ];
    const doors = doorsIntended(
      [account('lh-kept'), account('lh-deleted', { pausesBy: 'deletion' })],
      [route('lh-unknown')],
    );
    const contract = active(doors, made(1, ...all), handedOver(1), suspending('A'));
    expect(contract.credentials).toEqual([all[0], all[2], all[3]]);
    expect(contract.sideDoors).toEqual(active(doors).sideDoors);
  });
});

describe('a warning', () => {
  it('is remembered by end and days, so that an extended lease is warned of anew', () => {
    const warned = (seconds: number, days: number) => fact('warned', { days, expiresAt: at(seconds) });
    expect(active(warned(1, 30), warned(1, 7), warned(2, 30)).warned).toEqual([
      '2026-12-01T08:00:00Z 30',
      '2026-12-01T08:00:00Z 7',
      '2026-12-01T08:01:00Z 30',
    ]);
    expect(warningKey({ expiresAt: at(1), days: 7 })).toBe('2026-12-01T08:00:00Z 7');
  });
});

describe('drift', () => {
  it('is known as it was last found, with when, as long as it is there', () => {
    const contract = active(drift('reported'), drift('stopped-again'));
    expect(contract.drift).toMatchObject({ action: 'stopped-again', fingerprint: 'f', seq: 8, at: at(8) });
    expect(contract.state).toBe('active');
    expect(active(drift('healed'), fact('drift-gone', { how: 'healed' })).drift).toBeUndefined();
  });
});

describe('an inventory', () => {
  it('is taken in parts, and what it does not show is named once', () => {
    const part = (of: string, ...unseen: readonly string[]) =>
      fact('inventory-taken', { lists: [{ of, names: [`${of}-1`] }], unseen });
    expect(active(part('x', 'u', 'v'), part('y', 'v', 'w')).inventory).toEqual({
      lists: [
        { of: 'x', names: ['x-1'] },
        { of: 'y', names: ['y-1'] },
      ],
      unseen: ['u', 'v', 'w'],
    });
  });

  it('that is compared tells what appeared', () => {
    const data = { appeared: [{ what: 'a topic', next: 'n' }], unseen: [] };
    expect(active(fact('inventory-compared', data)).appeared).toEqual(data);
  });
});

describe('side doors', () => {
  it('are all that was ever intended, as last intended', () => {
    const first = doorsIntended([account('lh-a'), account('lh-b')], [route('lh-r'), route('lh-s')]);
    const [a, r] = [account('lh-a', { caveat: 'other' }), route('lh-r', '{"x":1}')];
    expect(active(first, doorsIntended([a], [r])).sideDoors).toEqual({
      accounts: [account('lh-b'), a],
      routes: [route('lh-s'), r],
    });
    expect(active(first, doorsIntended([], [])).sideDoors).toEqual(active(first).sideDoors);
  });

  it('are ours until they are seen to be gone, also while lost', () => {
    const first = doorsIntended([account('lh-a'), account('lh-b')], [route('lh-r'), route('lh-s')]);
    expect(active(first, doorsSettled(['lh-a', 'lh-r'], ['lh-b'])).sideDoors).toEqual({
      accounts: [account('lh-b')],
      routes: [route('lh-s')],
    });
  });

  it('that are gone or lost take with them what was handed over for them', () => {
    const all = ['lh-gone', 'lh-lost', 'lh-kept'].map((one) => accountCredential(one));
    const user = userCredential('lh-gone');
    const contract = active(made(1, ...all, user), handedOver(1), doorsSettled(['lh-gone'], ['lh-lost']));
    expect(contract.credentials).toEqual([all[2], user]);
  });
});

describe('an end', () => {
  it('is known with who wanted it, when, and the event where there was one', () => {
    const contract = active(ending('over'));
    expect(contract).toMatchObject({
      state: 'ending',
      ending: {
        reason: 'terminated',
        detail: 'as agreed',
        event: key('over'),
        seq: 7,
        at: at(7),
        overtook: false,
      },
    });
    expect(contract.events).toEqual([key('asked'), key('over')]);
    expect(active(ending()).events).toEqual([key('asked')]);
  });

  it('overtakes a change and a lifting', () => {
    expect(active(amendmentRequested(1), ending()).amendment).toBeUndefined();
    expect(active(suspending('A'), resuming('A'), ending()).resuming).toBeUndefined();
  });

  it.each<[string, readonly Written[], boolean]>([
    ['nothing', [], false],
    ['an amendment that nobody has begun with', [amendmentRequested(1)], false],
    [
      'one at work in the grantee’s account alone',
      [amendmentRequested(1), fact('grantee-preparing', { of: 7 })],
      false,
    ],
    ['one at work in the owner’s', [amendmentRequested(1), amending(1)], true],
    ['one that was carried out', [amendmentRequested(1), amending(1), amended(1)], false],
    ['a suspension', [suspending('A')], false],
    ['a lifting', [suspending('A'), resuming('A')], true],
    ['a lifting that is done', [suspending('A'), resuming('A'), resumed('A')], false],
    ['drift that was only told', [drift('reported')], false],
    ['drift that is being healed', [drift('healed')], true],
    ['drift that was healed', [drift('healed'), fact('drift-gone', { how: 'healed' })], false],
    ['an end that overtook nothing', [ending()], false],
    ['an end that overtook a change', [amendmentRequested(1), amending(1), ending()], true],
  ])('says whether somebody may be at the role still: after %s', (_, before, expected) => {
    expect(active(...before, ending()).ending?.overtook).toBe(expected);
  });

  it('forgets neither what was made nor what holds', () => {
    const before = [
      suspending('A'),
      doorsIntended([account('lh-a')], []),
      fact('grantee-changed', { of: 1, users: [{ name: 'a' }], roles: [] }),
      drift('reported'),
    ];
    const kept = ({ created, granteeSide, sideDoors, suspensions, terms, drift: found }: Contract) => ({
      created,
      granteeSide,
      sideDoors,
      suspensions,
      terms,
      found,
    });
    expect(kept(active(...before, ending()))).toEqual(kept(active(...before)));
  });

  it('is told step by step, and is the end once all is done', () => {
    const cut = { timeToDenySeconds: 3, witness: 'w', unseen: [] };
    const removed = { tokenDeath: 't', foreign: [] };
    const facts = [ending(), fact('cut', cut), fact('removed', removed)];
    expect(active(...facts)).toMatchObject({
      state: 'ending',
      cut: { ...cut, at: at(8) },
      removed: { ...removed, at: at(9) },
    });
    const ended = active(...facts, fact('ended', { reason: 'terminated', detail: 'd' }));
    expect(ended).toMatchObject({
      state: 'ended',
      ended: { reason: 'terminated', detail: 'd', at: at(10), seq: 10 },
      ending: { seq: 7 },
    });
  });
});
