import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactData } from '../../../shared/domain/fact.js';
import { NOW, OWNER, request } from '../../support/requests.js';
import {
  ACTIVE,
  activated,
  active,
  amended,
  amendmentRequested,
  approved,
  at,
  ending,
  fact,
  fold,
  handedOver,
  key,
  question,
  requested,
  resumed,
  someLife,
  suspending,
  written,
} from '../facts.js';

const RUNS = { numRuns: 50 };

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
          facts: written([...life, anew]),
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
