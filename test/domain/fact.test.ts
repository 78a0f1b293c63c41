import { describe, expect, it } from 'vitest';
import { failureIn, isEvent, isSameDelivery, isSameEvent, reason } from '../../shared/domain/fact.js';
import { at, key } from './facts.js';

describe('an event', () => {
  const one = key('one');
  it.each([
    ['itself', one, true],
    ['one that says something else', { ...one, contentHash: 'other' }, true],
    ['another sender’s of the same id', { ...one, source: 'other' }, false],
    ['another of the same sender', { ...one, id: 'other' }, false],
    ['one that says of itself nothing', { source: undefined, id: undefined }, false],
  ])('is known by source and id from %s', (_, other, isIt) => {
    expect(isEvent(one, other)).toBe(isIt);
  });

  it('is the same where it also says the same', () => {
    expect(isSameEvent(one, key('one'))).toBe(true);
    expect(isSameEvent(one, { ...one, contentHash: 'other' })).toBe(false);
    expect(isSameEvent(one, { ...one, id: 'other' })).toBe(false);
  });

  it('is the same delivery where the bus also took it at the same time, which is known', () => {
    const taken = { ...one, takenAt: at(1) };
    expect(isSameDelivery(taken, { ...taken })).toBe(true);
    expect(isSameDelivery(taken, { ...taken, takenAt: at(2) })).toBe(false);
    expect(isSameDelivery(taken, { ...taken, contentHash: 'other' })).toBe(false);
    expect(isSameDelivery(taken, one)).toBe(false);
    expect(isSameDelivery(one, key('one'))).toBe(false);
  });
});

describe('a failure', () => {
  it('is the step, its code and what it said, and nothing that stands beside them', () => {
    const failure = { step: 's', code: 'c', owner: 'somebody' };
    expect(failureIn(failure)).toStrictEqual({ step: 's', code: 'c' });
    expect(failureIn({ ...failure, reason: 'r' })).toStrictEqual({ step: 's', code: 'c', reason: 'r' });
  });
});

describe('a reason', () => {
  it('is a code, the place in the event, and words', () => {
    expect(reason('CODE', '/data', 'words')).toStrictEqual({
      code: 'CODE',
      pointer: '/data',
      message: 'words',
    });
  });
});
