import { describe, expect, it } from 'vitest';
import {
  BrokenPromiseError,
  DeniedError,
  InvalidRequestError,
  isRetriable,
  isThrottled,
  isUnanswered,
  NotFoundError,
  nameOfError,
  PartnerAccessError,
  QueuedError,
  TryLaterError,
} from '../../shared/domain/errors.js';

const cause = new TypeError('of the vendor');

describe('what is thrown on purpose', () => {
  // Workflows match errors by name and people by code: both are a promise, and no bundler may shorten them.
  it.each<[string, string, boolean, () => PartnerAccessError]>([
    ['TryLaterError', 'CONFLICT', true, () => new TryLaterError('CONFLICT', 'secret', { cause })],
    ['QueuedError', 'QUEUED', true, () => new QueuedError('secret', { cause })],
    ['InvalidRequestError', 'BAD_KEY', false, () => new InvalidRequestError('BAD_KEY', 'secret', { cause })],
    ['NotFoundError', 'NOT_FOUND', false, () => new NotFoundError('secret', { cause })],
    ['DeniedError', 'DENIED', false, () => new DeniedError('secret', { cause })],
    ['BrokenPromiseError', 'QUOTA', false, () => new BrokenPromiseError('QUOTA', 'secret', { cause })],
  ])('%s with code %s has its own name, and says whether to try again: %s', (name, code, retriable, make) => {
    const error = make();
    expect(error).toBeInstanceOf(PartnerAccessError);
    expect(error).toBeInstanceOf(Error);
    expect({ name: error.name, code: error.code, retriable: error.retriable }).toEqual({
      name,
      code,
      retriable,
    });
    expect({ message: error.message, cause: error.cause }).toEqual({ message: 'secret', cause });
    expect(isRetriable(error)).toBe(retriable);
    // What it failed on may be in the message, so that is never told.
    expect(nameOfError(error)).toBe(`${name} ${code}`);
  });
});

describe('an error that is not ours', () => {
  it.each<[string, unknown]>([
    ['TypeError', cause],
    ['Error', new Error('secret')],
    ['unknown', 'secret'],
    ['unknown', undefined],
    ['unknown', { name: 'secret', code: 'secret' }],
  ])('is told as %s', (told, error) => {
    expect(nameOfError(error)).toBe(told);
    expect(isRetriable(error)).toBe(false);
  });
});

describe('throttling', () => {
  it.each<[string, boolean, unknown]>([
    ['that the cloud says', true, new TryLaterError('THROTTLED', 'm')],
    ['another reason to try later', false, new TryLaterError('UNAVAILABLE', 'm')],
    ['an error of another class', false, new DeniedError('m')],
    ['the vendor’s own error under that code', false, Object.assign(new Error('m'), { code: 'THROTTLED' })],
    ['nothing', false, undefined],
  ])('is told apart: %s', (_, expected, error) => {
    expect(isThrottled(error)).toBe(expected);
  });
});

describe('a call that nobody answered', () => {
  it.each([
    ['TIMED_OUT', true],
    ['NO_ANSWER', true],
    ['THROTTLED', false],
    ['UNAVAILABLE', false],
  ] as const)('is told by its code, %s: %s', (code, isSo) => {
    expect(isUnanswered(new TryLaterError(code, 'm'))).toBe(isSo);
  });

  it('is none where something else was thrown, whatever its code', () => {
    expect(isUnanswered(Object.assign(new Error('m'), { code: 'TIMED_OUT' }))).toBe(false);
  });
});
