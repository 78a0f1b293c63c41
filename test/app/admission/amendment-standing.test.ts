import { describe, expect, it } from 'vitest';
import { isAskedAgain } from '../../../shared/app/admission/amendment-standing.js';
import { active, amended, amending, amendmentRequested, fact, key } from '../../domain/facts.js';

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
