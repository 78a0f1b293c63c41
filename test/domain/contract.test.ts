import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Amendment,
  allTermsOf,
  approvedTerms,
  atWorkSince,
  CONTRACT_STATES,
  type Contract,
  type ContractState,
  chainOf,
  isBeingGranted,
  isBeingTakenBack,
  isClosed,
  isLive,
  isOver,
  isOverOrUnknown,
  standingTerms,
  type Terms,
} from '../../shared/domain/contract.js';
import { foldContract } from '../../shared/domain/fold-contract.js';
import { CONTRACT } from '../support/chains.js';
import { NOW, request } from '../support/requests.js';
import { at, key } from './facts.js';

const contract = (changes: Partial<Contract> = {}): Contract => ({
  ...foldContract(CONTRACT, []),
  ...changes,
});
const terms = (revision: number, before?: Terms): Terms => ({
  revision,
  request: request(),
  planHash: 'p',
  seq: revision + 1,
  ...(before === undefined ? {} : { before }),
});
const amendment = (before: Terms, changes: Partial<Amendment> = {}): Amendment => ({
  ...terms(before.revision + 1),
  before,
  event: key('amend'),
  change: { widens: [], narrows: [] },
  ...changes,
});
const OVER: ReadonlySet<ContractState> = new Set(['rejected', 'declined', 'failed', 'ended']);
const approval = { of: 1, by: 'auto-approval', planHash: 'p', at: NOW };
const statesOf = (
  holds: (one: Contract) => boolean,
  changes: Partial<Contract> = {},
): readonly ContractState[] => CONTRACT_STATES.filter((state) => holds(contract({ ...changes, state })));

describe('a contract', () => {
  it('is live from when the partner was let in until an end begins', () => {
    expect(statesOf(isLive)).toEqual(['active', 'suspended']);
  });

  it('is being granted while it is set up, and before that once it was approved', () => {
    expect(statesOf(isBeingGranted)).toEqual(['granting', 'awaiting-grantee']);
    expect(statesOf(isBeingGranted, { terms: terms(0) })).toEqual(['granting', 'awaiting-grantee']);
    expect(statesOf(isBeingGranted, { terms: { ...terms(0), approval } })).toEqual([
      'requested',
      'granting',
      'awaiting-grantee',
    ]);
  });
});

describe('a contract that nobody has anything by', () => {
  it('is over where it was refused, declined, taken back or ended', () => {
    expect(statesOf(isOver)).toEqual(CONTRACT_STATES.filter((state) => OVER.has(state)));
  });

  it('is over or unknown where the register does not know of it either', () => {
    const others = new Set([...OVER, 'unknown']);
    expect(statesOf(isOverOrUnknown)).toEqual(CONTRACT_STATES.filter((state) => others.has(state)));
  });

  it('is closed where what was made for it was taken away again', () => {
    expect(new Set(statesOf(isClosed))).toEqual(new Set(['failed', 'ended']));
  });

  it('is being taken back while it ends because it failed, and not when it ends otherwise', () => {
    const ending = (reason: 'failed' | 'terminated') => ({
      reason,
      detail: 'd',
      seq: 2,
      at: NOW,
      overtook: false,
    });
    expect(statesOf(isBeingTakenBack, { ending: ending('failed') })).toEqual(['ending']);
    expect(statesOf(isBeingTakenBack, { ending: ending('terminated') })).toEqual([]);
    expect(statesOf(isBeingTakenBack)).toEqual([]);
  });
});

describe('terms', () => {
  it('that stand are those that hold and those under way after them; those that were approved wait for no answer', () => {
    const held = { ...terms(0), approval };
    const asked = amendment(held);
    expect(standingTerms(contract())).toEqual([]);
    expect(standingTerms(contract({ terms: held }))).toEqual([held]);
    expect(standingTerms(contract({ terms: held, amendment: asked }))).toEqual([held, asked]);
    expect(approvedTerms(contract({ terms: held, amendment: asked }))).toEqual([held]);
    expect(approvedTerms(contract({ terms: terms(0) }))).toEqual([]);
  });

  it('go back to the request’s own, which come last', () => {
    fc.assert(
      fc.property(fc.nat({ max: 8 }), (count) => {
        let last = terms(0);
        for (let revision = 1; revision <= count; revision++) last = terms(revision, last);
        const chain = chainOf(last);
        expect(chain[0]).toBe(last);
        expect(chain.map(({ revision }) => revision)).toEqual(
          Array.from({ length: count + 1 }, (_, index) => count - index),
        );
      }),
    );
  });

  it('that are not there are none', () => {
    expect(chainOf(undefined)).toEqual([]);
    expect(allTermsOf(contract())).toEqual([]);
  });

  it('of a contract are all that held, those that are under way, and those that came to nothing', () => {
    const held = terms(1, terms(0));
    expect(allTermsOf(contract({ terms: held }))).toEqual([held, terms(0)]);
    const asked = amendment(held);
    expect(allTermsOf(contract({ terms: held, amendment: asked }))).toEqual([asked, held, terms(0)]);
    expect(allTermsOf(contract({ terms: held, tried: [asked] }))).toEqual([held, terms(0), asked]);
  });
});

describe('an amendment', () => {
  it.each<[string, Partial<Amendment>, string | undefined]>([
    ['since nobody has begun, not at all', {}, undefined],
    ['since preparing began', { preparingSince: at(2) }, at(2)],
    ['since the change began, where there was nothing to prepare', { amendingSince: at(3) }, at(3)],
    ['since the first of both', { preparingSince: at(2), amendingSince: at(3) }, at(2)],
  ])('is at work %s', (_, changes, since) => {
    expect(atWorkSince(amendment(terms(0), changes))).toBe(since);
  });
});
