import { describe, expect, it } from 'vitest';
import { isAskedAgain, standingReason } from '../../../shared/app/admission/amendment-standing.js';
import { parseAccountId } from '../../../shared/domain/values.js';
import { active, amended, amending, amendmentRequested, fact, key } from '../../domain/facts.js';
import { NOW, request } from '../../support/requests.js';

const failed = (revision: number, code: string) =>
  fact('amendment-failed', { revision, step: 'VerifyChange', code });
const dropped = (revision: number, code: string) =>
  fact('amendment-dropped', { revision, reasons: [{ code, pointer: '', message: 'test' }] });

describe('an amendment that is posted again', () => {
  it.each([
    ['failed', [amendmentRequested(1), amending(1), failed(1, 'TryLaterError')]],
    ['was answered by nobody', [amendmentRequested(1), dropped(1, 'APPROVAL_TIMED_OUT')]],
  ])('is asked for again where it %s', (_, facts) => {
    expect(isAskedAgain(active(...facts), key('revision-1'))).toBe(true);
    expect(isAskedAgain(active(...facts), key('something-else'))).toBe(false);
  });

  it.each([
    ['holds', [amendmentRequested(1), amending(1), amended(1)]],
    ['is under way', [amendmentRequested(1), amending(1)]],
    ['was overtaken', [amendmentRequested(1), dropped(1, 'OVERTAKEN')]],
    ['was abandoned for a later one', [amendmentRequested(1), amending(1), failed(1, 'ABANDONED')]],
    [
      'failed before a later one was asked for',
      [amendmentRequested(1), amending(1), failed(1, 'TryLaterError'), amendmentRequested(2)],
    ],
    [
      'failed, and a later one too',
      [
        ...[amendmentRequested(1), amending(1), failed(1, 'TryLaterError')],
        ...[amendmentRequested(2), amending(2), failed(2, 'TryLaterError')],
      ],
    ],
  ])('is a repeat where it %s', (_, facts) => {
    expect(isAskedAgain(active(...facts), key('revision-1'))).toBe(false);
  });
});

describe('an amendment that the register stands against', () => {
  const wish = (revision: number, accountId = request().grantee.accountId) => ({
    revision,
    request: request({ grantee: { ...request().grantee, accountId } }),
  });
  const said = (contract: ReturnType<typeof active>, ...asked: Parameters<typeof wish>) =>
    standingReason(contract, key('asked-now'), wish(...asked), NOW)?.code;

  it('is one of a revision that was asked for already, or of a lower one', () => {
    const contract = active(amendmentRequested(2), amending(2), amended(2));
    expect([1, 2, 3].map((revision) => said(contract, revision))).toEqual([
      'STALE_REVISION',
      'STALE_REVISION',
      undefined,
    ]);
  });

  it('is not one that failed and is posted again', () => {
    const contract = active(amendmentRequested(1), amending(1), failed(1, 'TryLaterError'));
    expect(standingReason(contract, key('revision-1'), wish(1), NOW)).toBeUndefined();
  });

  it('is one for another grantee', () => {
    expect(said(active(), 1, parseAccountId('3000000000000003'))).toBe('OTHER_GRANTEE');
  });

  it.each([
    ['unknown', 'UNKNOWN_CONTRACT'],
    ['ending', 'CONTRACT_ENDED'],
    ['ended', 'CONTRACT_ENDED'],
    ['granting', 'NOT_ACTIVE'],
    ['failed', 'NOT_ACTIVE'],
    ['suspended', undefined],
  ] as const)('is one of a contract that is %s: %s', (state, code) => {
    expect(said({ ...active(), state }, 1)).toBe(code);
  });
});
