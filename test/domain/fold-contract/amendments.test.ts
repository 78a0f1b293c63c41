import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allTermsOf, chainOf } from '../../../shared/domain/contract.js';
import type { FactData } from '../../../shared/domain/fact.js';
import type { Written } from '../../support/chains.js';
import { request } from '../../support/requests.js';
import {
  active,
  amended,
  amending,
  amendmentRequested,
  approved,
  at,
  drift,
  ending,
  fact,
  key,
  leasedFrom,
  question,
  requested,
} from '../facts.js';

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

  it('says what was proven of it where something was, else what was proven before stands', () => {
    const proofs = [{ right: 'r', verdict: 'proven' as const, how: 'h' }];
    const carriedOut = (revision: number, seen: typeof proofs) => {
      const { data } = amended(revision, 'p-1') as { readonly data: FactData['amended'] };
      return [amendmentRequested(revision), amending(revision), fact('amended', { ...data, proofs: seen })];
    };
    expect(active(...carriedOut(1, proofs)).proofs).toEqual(proofs);
    expect(active(...carriedOut(1, proofs), ...carriedOut(2, [])).proofs).toEqual(proofs);
  });

  it('that failed is a setback under its own sequence, beside those before it; one that was dropped is none', () => {
    const failing = (revision: number) =>
      fact('amendment-failed', { revision, step: `s-${revision}`, code: 'c', reason: 'r' });
    const contract = active(amendmentRequested(1), failing(1), amendmentRequested(2), failing(2));
    expect(contract.setbacks).toEqual([
      { step: 's-1', code: 'c', reason: 'r', seq: 8, at: at(8), of: { epoch: 7 } },
      { step: 's-2', code: 'c', reason: 'r', seq: 10, at: at(10), of: { epoch: 9 } },
    ]);
    const dropped = fact('amendment-dropped', { revision: 1, reasons: [] });
    expect(active(amendmentRequested(1), dropped).setbacks).toEqual([]);
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
