import { describe, expect, it } from 'vitest';
import { type DueKind, dueKey, parseDueKey } from '../../../shared/app/register/index-entries.js';
import { dutyOf } from '../../../shared/app/sweep/duty.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import { parseContractId, parseInstant } from '../../../shared/domain/values.js';
import { request } from '../../support/requests.js';

const id = parseContractId('C-2026-0142');
const { lease } = request();
const at = (text: string) => parseInstant(text);
const contract = (changes: Partial<Contract> = {}): Contract => ({
  ...foldContract(id, []),
  state: 'active',
  epoch: 1,
  terms: { revision: 0, request: request(), planHash: 'p', seq: 1, approval: approval(1) },
  ...changes,
});
const approval = (of: number) => ({ of, by: 'auto-approval', planHash: 'p', at: lease.startsAt });
const question = (of: number) => ({ of, planHash: 'p', until: at('2026-12-08T00:00:00Z'), reasons: [] });
const event = { source: 's', id: 'e', contentHash: 'h' };
const terms = { revision: 0, request: request(), planHash: 'p', seq: 1 };
const amendment = {
  ...terms,
  revision: 1,
  seq: 9,
  before: terms,
  event,
  change: { widens: [], narrows: [] },
};
const sooner = { ...lease, expiresAt: at('2026-12-03T00:00:00Z') };
const suspension = { id: 's', event, by: 'b', reason: 'r', since: lease.startsAt, seq: 8 };
const warning = { days: 7, expiresAt: lease.expiresAt, seq: 9, at: lease.startsAt };
const timedOut = {
  event,
  reasons: [{ code: 'APPROVAL_TIMED_OUT', pointer: '', message: 'nobody answered' }] as const,
  seq: 9,
  at: lease.startsAt,
};
const undone = { kind: 'amendment-dropped', revision: 1, reasons: timedOut.reasons, seq: 9 } as const;
const setback = { step: 'AmendAccess', code: 'c', seq: 9, at: lease.startsAt, of: { epoch: 8 } };
const resuming = { suspension: 's', event, by: 'b', reason: 'r' };
const seen = { suspension: 's', timeToDenySeconds: 1, witness: [], unseen: [] } as never;
const duty = (state: Contract, what: DueKind, now: string) =>
  dutyOf(state, { what }, at(now), { warningDays: [30, 7, 1] });

/** Owed, and tried in vain at these instants. */
const tried = (what: 'granted' | 'opened' | 'amended', ...instants: readonly string[]) => ({
  owed: [{ what, of: 2 }],
  facts: instants.map((instant, index) => ({ kind: 'handing-over', seq: index + 3, at: instant })) as never,
});

describe('what is left to be handed over', () => {
  const [first, last, now] = ['2026-12-01T08:00:00Z', '2026-12-01T12:00:00Z', '2026-12-01T12:30:00Z'];
  const wait = { kind: 'wait', until: '2026-12-01T13:00:00Z' };
  const opened = { at: lease.startsAt, seq: 2, proofs: [] };

  it.each(['granted', 'amended'] as const)('waits once it has come to nothing too often: %s', (what) => {
    const state = contract(tried(what, first, last));
    expect(duty(state, 'progress', now)).toEqual(wait);
    expect(duty(state, 'progress', wait.until)).toMatchObject({ kind: 'start' });
    expect(duty({ ...state, suspensions: [suspension] }, 'progress', now)).toMatchObject({
      flow: 'amendment',
    });
    expect(duty(state, 'progress', lease.expiresAt)).toMatchObject({ flow: 'revocation' });
  });

  it('waits where a lease was seen to begin, and not where it was not', () => {
    const state = contract({ ...tried('opened', first, last), opened });
    expect(duty(state, 'start', now)).toEqual(wait);
    expect(duty(state, 'start', wait.until)).toEqual({ kind: 'open' });
    expect(duty(contract(tried('amended', first, last)), 'start', now)).toEqual({ kind: 'open' });
  });
});

describe('what is due', () => {
  it.each<[string, Contract, DueKind, string, unknown]>([
    [
      'an end that may not have been told',
      contract({ state: 'ended' }),
      'untold-end',
      lease.expiresAt,
      { kind: 'tell-end' },
    ],
    [
      'the end that an amendment asks for which was admitted',
      contract({ amendment: { ...amendment, request: { ...amendment.request, lease: sooner } } }),
      'progress',
      sooner.expiresAt,
      { kind: 'start', flow: 'revocation' },
    ],
    [
      'the end that an amendment asks for which waits for an answer: that of its question, and no other',
      contract({
        amendment: {
          ...amendment,
          request: { ...amendment.request, lease: sooner },
          question: { ...question(9), until: sooner.expiresAt },
        },
      }),
      'progress',
      sooner.expiresAt,
      { kind: 'none' },
    ],
    [
      'an end that was about to be recorded and told',
      contract({
        state: 'ending',
        ending: { reason: 'terminated', detail: 'test', seq: 9, at: lease.startsAt, overtook: false },
      }),
      'untold-end',
      lease.startsAt,
      { kind: 'start', flow: 'revocation' },
    ],
    [
      'a suspension that may not have been told',
      contract({ state: 'suspended', suspensions: [{ ...suspension, seen }] }),
      'untold-suspension',
      lease.startsAt,
      { kind: 'tell-suspensions' },
    ],
    [
      'the telling of a suspension that was not seen',
      contract({ state: 'suspended', suspensions: [suspension] }),
      'untold-suspension',
      lease.startsAt,
      { kind: 'start', flow: 'amendment' },
    ],
    [
      'a change that failed and may not have been told',
      contract({ setbacks: [{ ...setback, seq: 8 }, setback, { ...setback, seq: 10 }] }),
      'untold-setback-9',
      lease.startsAt,
      { kind: 'tell-setback', setback },
    ],
    [
      'the same, of what has ended since',
      contract({ state: 'ended', setbacks: [setback] }),
      'untold-setback-9',
      lease.expiresAt,
      { kind: 'none' },
    ],
    ['one, where none did', contract(), 'untold-setback-9', lease.startsAt, { kind: 'none' }],
    [
      'the telling of a suspension of what is ending',
      contract({ state: 'ending', suspensions: [{ ...suspension, seen }] }),
      'untold-suspension',
      lease.startsAt,
      { kind: 'none' },
    ],
    ['the telling of what has not ended', contract(), 'untold-end', lease.startsAt, { kind: 'none' }],
    ['an end is revoked', contract(), 'expiry', lease.expiresAt, { kind: 'start', flow: 'revocation' }],
    ['a second too early', contract(), 'expiry', '2027-05-31T23:59:59Z', { kind: 'none' }],
    ['after the end', contract({ state: 'ended' }), 'expiry', lease.expiresAt, { kind: 'none' }],
    ['of what failed', contract({ state: 'failed' }), 'expiry', lease.expiresAt, { kind: 'none' }],
    [
      'of what waits for an answer, the end times it out',
      contract({ state: 'awaiting-approval', terms: { ...terms, question: question(1) } }),
      'expiry',
      lease.expiresAt,
      { kind: 'time-out' },
    ],
    ['a start of a lease that is over', contract(), 'start', lease.expiresAt, { kind: 'none' }],
    ['a start is looked at', contract(), 'start', lease.startsAt, { kind: 'open' }],
    ['a start while suspended', contract({ state: 'suspended' }), 'start', lease.startsAt, { kind: 'none' }],
    [
      'a start that was seen',
      contract({ opened: { proofs: [], at: lease.startsAt, seq: 7 } }),
      'start',
      lease.startsAt,
      { kind: 'none' },
    ],
    [
      'a question that may not have been told',
      contract({ state: 'awaiting-approval', terms: { ...terms, question: question(1) } }),
      'untold-question',
      lease.startsAt,
      { kind: 'tell-question' },
    ],
    [
      'the telling of a question that was answered',
      contract({ amendment: { ...amendment, question: question(9), approval: approval(9) } }),
      'untold-question',
      lease.startsAt,
      { kind: 'none' },
    ],
    [
      'a no that may not have been told',
      contract({
        state: 'declined',
        declined: { of: 1, event, by: 'b', reason: 'r', jws: 'j', at: lease.startsAt },
      }),
      'untold-decline',
      lease.startsAt,
      { kind: 'tell-decline' },
    ],
    [
      'a rejection that may not have been told',
      contract({ state: 'rejected' }),
      'untold-rejection',
      lease.startsAt,
      { kind: 'tell-rejection' },
    ],
    [
      'the telling of a rejection of what was asked for again',
      contract({ state: 'requested', terms }),
      'untold-rejection',
      lease.startsAt,
      { kind: 'none' },
    ],
    [
      'a failure that may not have been told',
      contract({ state: 'failed' }),
      'untold-failure',
      lease.startsAt,
      { kind: 'tell-failure' },
    ],
    [
      'the telling of a failure of what was granted since',
      contract(),
      'untold-failure',
      lease.startsAt,
      { kind: 'none' },
    ],
    [
      'a warning',
      contract(),
      'warning-7',
      '2027-05-25T00:00:00Z',
      { kind: 'warn', days: 7, expiresAt: lease.expiresAt },
    ],
    [
      'a warning that is not configured any more',
      contract(),
      'warning-8',
      '2027-05-25T00:00:00Z',
      { kind: 'none' },
    ],
    [
      'one that was recorded when it was, and may not have been told',
      contract({ warned: [{ ...warning, days: 8 }] }),
      'warning-8',
      '2027-05-26T00:00:00Z',
      { kind: 'tell-warning', warning: { ...warning, days: 8 } },
    ],
    ['a warning too early', contract(), 'warning-7', '2027-05-24T23:59:59Z', { kind: 'none' }],
    ['a warning after the end', contract(), 'warning-7', lease.expiresAt, { kind: 'none' }],
    [
      'a warning that is recorded, and may not have been told',
      contract({ warned: [warning] }),
      'warning-7',
      '2027-05-26T00:00:00Z',
      { kind: 'tell-warning', warning },
    ],
    [
      'a warning of another end',
      contract({ warned: [{ ...warning, expiresAt: lease.startsAt }] }),
      'warning-7',
      '2027-05-26T00:00:00Z',
      { kind: 'warn', days: 7, expiresAt: lease.expiresAt },
    ],
    [
      'that a question timed out, which may not have been told',
      contract({ state: 'rejected', rejected: timedOut }),
      'approval-timeout',
      '2026-12-08T00:00:00Z',
      { kind: 'tell-time-out', rejection: timedOut },
    ],
    [
      'that a question about an amendment timed out, which may not have been told',
      contract({ undone }),
      'approval-timeout',
      '2026-12-08T00:00:00Z',
      { kind: 'tell-time-out', rejection: undone },
    ],
    [
      'a question whose amendment came to nothing otherwise',
      contract({ undone: { ...undone, reasons: [{ ...timedOut.reasons[0], code: 'OVERTAKEN' }] } }),
      'approval-timeout',
      '2026-12-08T00:00:00Z',
      { kind: 'none' },
    ],
    [
      'a question that nobody answered',
      contract({ state: 'awaiting-approval', terms: { ...terms, question: question(1) } }),
      'approval-timeout',
      '2026-12-08T00:00:00Z',
      { kind: 'time-out' },
    ],
    [
      'a question that has time left',
      contract({ state: 'awaiting-approval', terms: { ...terms, question: question(1) } }),
      'approval-timeout',
      '2026-12-07T23:59:59Z',
      { kind: 'none' },
    ],
    [
      'a question about an amendment',
      contract({ amendment: { ...amendment, question: question(9) } }),
      'approval-timeout',
      '2026-12-09T00:00:00Z',
      { kind: 'time-out' },
    ],
    [
      'a question that was answered',
      contract({ amendment: { ...amendment, question: question(9), approval: approval(9) } }),
      'approval-timeout',
      '2026-12-09T00:00:00Z',
      { kind: 'none' },
    ],
    [
      'an onboarding that is not finished',
      contract({ state: 'granting' }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'onboarding' },
    ],
    [
      'an amendment that is not finished',
      contract({ amendment: { ...amendment, approval: approval(9) } }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'amendment' },
    ],
    [
      'an amendment that waits for an answer',
      contract({ amendment: { ...amendment, question: question(9) } }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'none' },
    ],
    [
      'a suspension that was not seen to hold',
      contract({ state: 'suspended', suspensions: [suspension] }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'amendment' },
    ],
    [
      'an end that is not finished',
      contract({
        state: 'ending',
        ending: { reason: 'terminated', detail: 'd', seq: 7, at: lease.startsAt, overtook: false },
      }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'revocation' },
    ],
    ['work that is done', contract(), 'progress', '2026-12-02T00:00:00Z', { kind: 'none' }],
    [
      'a request that was admitted, and whose flow was lost then',
      contract({ state: 'requested', terms }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'onboarding' },
    ],
    [
      'a resumption that is not finished',
      contract({ state: 'suspended', suspensions: [{ ...suspension, seen }], resuming }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'amendment' },
    ],
    [
      'access that works, and that the partner was not told of',
      contract({ owed: [{ what: 'granted', of: 5 }] }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'onboarding' },
    ],
    [
      'a change that holds, and that the partner was not told of',
      contract({ owed: [{ what: 'amended', of: 5 }] }),
      'progress',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'amendment' },
    ],
    [
      'a look at the closed',
      contract({ state: 'ended' }),
      'closing-watch',
      lease.expiresAt,
      { kind: 'start', flow: 'revocation' },
    ],
    [
      'a look at what failed',
      contract({ state: 'failed' }),
      'closing-watch',
      lease.expiresAt,
      { kind: 'start', flow: 'revocation' },
    ],
    [
      'a look at what failed and was granted since',
      contract(),
      'closing-watch',
      '2026-12-02T00:00:00Z',
      { kind: 'none' },
    ],
    [
      'a look at a role after a change that failed',
      contract(),
      'change-watch',
      '2026-12-02T00:00:00Z',
      { kind: 'start', flow: 'reconciliation' },
    ],
    [
      'the same, of what has ended since',
      contract({ state: 'ended' }),
      'change-watch',
      lease.expiresAt,
      { kind: 'none' },
    ],
  ])('%s', (_, state, what, now, expected) => {
    expect(duty(state, what, now)).toEqual(expected);
  });
});

describe('a kind that nobody knows', () => {
  it('is not taken for one of which nothing is to be done', () => {
    expect(() => duty(contract(), 'untold-else' as DueKind, lease.startsAt)).toThrow('untold-else');
  });
});

describe('the key of a due entry', () => {
  it.each<DueKind>([
    'start',
    'expiry',
    'warning-30',
    'approval-timeout',
    'progress',
    'closing-watch',
    'change-watch',
    'untold-tidying',
    'untold-setback-9',
  ])('of %s reads back as it was written', (what) => {
    const entry = { at: lease.startsAt, contractId: id, what };
    expect(parseDueKey(dueKey(entry))).toEqual(entry);
  });

  it.each([
    'due/x/C-1/expiry',
    'due/2026-12-01T00:00:00Z/C-1/else',
    'else',
    'due/2026-12-01T00:00:00Z/../start',
  ])('"%s" is none', (key) => {
    expect(() => parseDueKey(key)).toThrow();
  });
});
