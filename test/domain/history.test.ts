import { describe, expect, it } from 'vitest';
import type { FactData } from '../../shared/domain/fact.js';
import { foldContract } from '../../shared/domain/fold-contract.js';
import { readHistory } from '../../shared/domain/history.js';
import { CONTRACT, chainOf, type Written } from '../support/chains.js';
import {
  ACTIVE,
  activated,
  amendmentRequested,
  approved,
  ending,
  fact,
  question,
  requested,
  resumed,
  resuming,
  suspending,
} from './facts.js';

const read = (...facts: readonly Written[]) => readHistory(CONTRACT, chainOf(facts));
const breakOf = (...facts: readonly Written[]) => {
  const history = read(...facts);
  return history.ok ? undefined : history.break;
};

const rejected = fact('rejected', { event: { source: 's', id: 'r', contentHash: 'c' }, reasons: [] });
const asking = fact('awaiting-approval', question(1));
const declined = (of: number) =>
  fact('declined', {
    of,
    event: { source: 's', id: 'd', contentHash: 'd' },
    by: 'boss',
    reason: 'no',
    jws: 'j',
  });
const granting = ACTIVE[2]!;
const ended = fact('ended', { reason: 'terminated', detail: 'as agreed' });
const failed = fact('failed', { step: 's', code: 'c', next: 'n' });
const endingFor = (reason: FactData['ending']['reason']) => fact('ending', { reason, detail: 'd' });
const waitingForGrantee = fact('awaiting-grantee', { until: '2026-12-02T00:00:00Z' as never });

const DECLINED = [requested(), asking, declined(1)];
const ENDING = [...ACTIVE, ending('end')];
const ENDED = [...ENDING, ended];

describe('a history that somebody of ours can have written', () => {
  it.each<[string, readonly Written[]]>([
    ['none', []],
    ['a contract that is granted', ACTIVE],
    ['one that waits for an answer and gets it', [requested(), asking, approved(1), granting]],
    ['one that is asked for otherwise while it waits', [requested(), asking, requested(), approved(3)]],
    ['one that was rejected and is requested again', [rejected, requested(), approved(2)]],
    [
      'one that failed and is requested again',
      [requested(), approved(1), granting, endingFor('failed'), failed, requested(), approved(6)],
    ],
    ['one that failed and is terminated', [requested(), endingFor('failed'), failed, ending('t'), ended]],
    ['one that is terminated while it is taken back', [requested(), endingFor('failed'), ending('t'), ended]],
    ['a termination of what nobody knows', [ending('t'), ended]],
    ['a termination of what was declined', [...DECLINED, ending('t'), ended]],
    [
      'an amendment that is approved while the contract is suspended',
      [...ACTIVE, suspending('s'), amendmentRequested(1), approved(8), resuming('s'), resumed('s')],
    ],
    ['what is written of an end once it is over', [...ENDED, fact('grantee-released', none())]],
  ])('is read: %s', (_, facts) => {
    const chain = chainOf(facts);
    expect(readHistory(CONTRACT, chain)).toStrictEqual({ ok: true, contract: foldContract(CONTRACT, chain) });
  });
});

describe('a history that nobody of ours would write', () => {
  const reviving: readonly [string, Written][] = [
    ['request', requested()],
    ['rejection', rejected],
    ['question', asking],
    ['approval', approved(1)],
    ['intent to grant', granting],
    ['wait for the grantee', waitingForGrantee],
    ['activation', activated],
    ['suspension', suspending('s')],
    ['lifted suspension', resumed('s')],
    ['failure', failed],
    ['end for a failure', endingFor('failed')],
  ];
  it.each(reviving)('brings nothing to life again by a %s', (_, last) => {
    for (const over of [DECLINED, ENDING, ENDED])
      expect(breakOf(...over, last)).toEqual({ seq: over.length + 1, what: expect.stringMatching(/\w \w/) });
  });

  it('neither ends for a failure nor fails what ends otherwise, or ends for one already', () => {
    const failing = [requested(), endingFor('failed')];
    for (const over of [ENDING, failing])
      expect(breakOf(...over, endingFor('failed'))).toMatchObject({ seq: over.length + 1 });
    expect(breakOf(...ENDING, endingFor('expired'))).toMatchObject({ seq: ENDING.length + 1 });
    expect(breakOf(...failing, activated)).toMatchObject({ seq: 3 });
  });

  it('neither ends nor declines anew what has ended', () => {
    for (const last of [ending('again'), endingFor('expired'), declined(1)])
      expect(breakOf(...ENDED, last)).toMatchObject({ seq: ENDED.length + 1 });
  });

  it.each<[string, readonly Written[]]>([
    ['of nothing', [approved(1)]],
    ['of another request', [requested(), approved(2)]],
    ['of the request before', [requested(), asking, requested(), approved(1)]],
    ['a second time', [requested(), approved(1), approved(1)]],
    ['of what is granted', [...ACTIVE, approved(1)]],
    ['of an amendment that is none', [...ACTIVE, approved(7)]],
    ['of an amendment a second time', [...ACTIVE, amendmentRequested(1), approved(7), approved(7)]],
    [
      'of an amendment that was dropped',
      [
        ...ACTIVE,
        amendmentRequested(1),
        fact('amendment-dropped', { revision: 1, reasons: [] }),
        approved(7),
      ],
    ],
    ['of what failed', [requested(), endingFor('failed'), failed, approved(1)]],
  ])('approves nothing %s', (_, facts) => {
    expect(breakOf(...facts)).toEqual({ seq: facts.length, what: 'approves of what waits for no answer' });
  });

  it('asks for nothing anew that somebody has', () => {
    for (const before of [ACTIVE, ACTIVE.slice(0, 3), ACTIVE.slice(0, 2), [...ACTIVE, suspending('s')]])
      expect(breakOf(...before, requested())).toMatchObject({ seq: before.length + 1 });
  });

  it('is told by the first fact that cannot be', () => {
    expect(breakOf(...ENDED, requested(), approved(9), granting)).toEqual({
      seq: 9,
      what: 'asks anew for what is ended',
    });
  });

  it('is told by its chain where that breaks first', () => {
    const chain = chainOf(ENDED);
    expect(readHistory(CONTRACT, [...chain.slice(1)])).toMatchObject({ ok: false, break: { seq: 1 } });
  });
});

function none(): FactData['grantee-released'] {
  return { users: [], roles: [], leftBehind: [] };
}
