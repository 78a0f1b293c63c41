import { describe, expect, it } from 'vitest';
import {
  codeOf,
  creating,
  doing,
  requestIdOf,
  translate,
  unlessMissing,
} from '../../../shared/cloud/alibaba/failures.js';
import { once } from '../../../shared/cloud/alibaba/once.js';

const failure = (code: string, more: object = {}) =>
  Object.assign(new Error('as the vendor says it, with what was asked: Password=x'), { code, ...more });
const told = (thrown: unknown) => {
  const { name, code } = translate(thrown, 'doing this') as { name?: string; code?: string };
  return `${name} ${code}`;
};

describe('a failure of the cloud', () => {
  it.each([
    ['EntityNotExist.Role', 'NotFoundError NOT_FOUND'],
    ['EntityNotExists.User', 'NotFoundError NOT_FOUND'],
    ['NoSuchKey', 'NotFoundError NOT_FOUND'],
    ['NotFound', 'NotFoundError NOT_FOUND'],
    ['DeleteConflict.Role.Policy', 'TryLaterError CONFLICT'],
    ['ConcurrentUpdateError', 'TryLaterError CONFLICT'],
    ['Throttling.User', 'TryLaterError THROTTLED'],
    ['Throttling.Api', 'TryLaterError THROTTLED'],
    ['TooManyRequests', 'TryLaterError THROTTLED'],
    ['ResourceThrottled', 'TryLaterError THROTTLED'],
    ['ResourceExhausted', 'TryLaterError THROTTLED'],
    ['FlowControl', 'TryLaterError THROTTLED'],
    ['Flow_Control.Limit', 'TryLaterError THROTTLED'],
    ['TotalQpsLimitExceeded', 'TryLaterError THROTTLED'],
    ['UploadTrafficRateLimitExceeded', 'TryLaterError THROTTLED'],
    ['ActiveRequestLimitExceeded', 'TryLaterError THROTTLED'],
    ['ServiceUnavailable', 'TryLaterError UNAVAILABLE'],
    ['InternalError', 'TryLaterError UNAVAILABLE'],
    ['InternalServerError', 'TryLaterError UNAVAILABLE'],
    ['UnknownError', 'TryLaterError UNAVAILABLE'],
    ['ECONNRESET', 'TryLaterError NO_ANSWER'],
    ['EPIPE', 'TryLaterError NO_ANSWER'],
    ['ETIMEDOUT', 'TryLaterError NO_ANSWER'],
    ['UND_ERR_SOCKET', 'TryLaterError NO_ANSWER'],
    ['ECONNREFUSED', 'TryLaterError UNAVAILABLE'],
    ['ENOTFOUND', 'TryLaterError UNAVAILABLE'],
    ['EAI_AGAIN', 'TryLaterError UNAVAILABLE'],
    ['LimitExceeded.Role.Policy', 'BrokenPromiseError QUOTA'],
    ['EventRuleCountExceedLimit', 'BrokenPromiseError QUOTA'],
    ['NoPermission', 'DeniedError DENIED'],
    ['AccessDenied', 'DeniedError DENIED'],
    ['Forbidden.RAM', 'DeniedError DENIED'],
  ])('with the code %s is a %s', (code, expected) => {
    expect(told(failure(code))).toBe(expected);
  });

  it.each([
    ['ReadTimeout', Object.assign(new Error('x'), { name: 'ReadTimeoutError' }), 'TryLaterError TIMED_OUT'],
    ['a time-out in its message', new Error('ReadTimeout(5000). POST https://…'), 'TryLaterError TIMED_OUT'],
    ['RequestError', Object.assign(new Error('x'), { name: 'RequestError' }), 'TryLaterError UNAVAILABLE'],
    ['ResponseError', Object.assign(new Error('x'), { name: 'ResponseError' }), 'TryLaterError UNAVAILABLE'],
    ['what is no JSON', new SyntaxError('Unexpected token <'), 'TryLaterError UNAVAILABLE'],
    ['a status of 500', failure('Odd', { statusCode: 500 }), 'TryLaterError UNAVAILABLE'],
    ['a status of 503', failure('Odd', { status: 503 }), 'TryLaterError UNAVAILABLE'],
  ])('without a code that is known is told by %s', (_, thrown, expected) => {
    expect(told(thrown)).toBe(expected);
  });

  it.each([
    ['what it does not know', failure('InvalidParameter.RoleName', { statusCode: 400 })],
    ['a mistake of ours', new TypeError('undefined is not a function')],
  ])('stays as it is where it is %s', (_, thrown) => {
    expect(translate(thrown, 'doing this')).toBe(thrown);
  });

  it('says what was being done, and quotes nothing that the vendor says', () => {
    const ours = translate(failure('Throttling.User'), 'creating role lease-x') as Error;
    expect(ours.message).toContain('creating role lease-x: Throttling.User');
    expect(ours.message).not.toContain('Password');
  });
});

describe('work in the cloud', () => {
  const failing = (code: string) => () => Promise.reject(failure(code));

  it('has its failure translated', async () => {
    await expect(doing('this', failing('NoPermission'))).rejects.toMatchObject({ code: 'DENIED' });
  });
  it('finds nothing where there is nothing, and else fails', async () => {
    expect(await unlessMissing('this', failing('EntityNotExist.Role'))).toBeUndefined();
    await expect(unlessMissing('this', failing('NoPermission'))).rejects.toMatchObject({ code: 'DENIED' });
  });
  it.each(['EntityAlreadyExists.Role', 'EntityAlreadyExist.Policy'])(
    'makes nothing where there is one already, as %s says, and else fails',
    async (code) => {
      expect(await creating('this', failing(code))).toBe('exists');
      await expect(creating('this', failing('NoPermission'))).rejects.toMatchObject({ code: 'DENIED' });
    },
  );
  it('is asked for once, and again where that failed', async () => {
    let asked = 0;
    const read = once(async () => {
      asked += 1;
      if (asked === 1) throw new Error('down');
      return asked;
    });
    await expect(read()).rejects.toThrow('down');
    expect([await read(), await read()]).toEqual([2, 2]);
  });
});

describe('the id of a call that failed', () => {
  it.each([
    ['in its data', { data: { RequestId: 'R-1' } }, 'R-1'],
    ['by itself', { requestId: 'R-2' }, 'R-2'],
    ['in its cause, however deep', { cause: { cause: { data: { RequestId: 'R-3' } } } }, 'R-3'],
    ['nowhere', { data: {} }, undefined],
    ['nowhere, since it is none', undefined, undefined],
  ])('is found %s', (_, thrown, expected) => {
    expect(requestIdOf(thrown)).toBe(expected);
  });
  it('and its code are none where it carries none', () => {
    expect([codeOf(undefined), codeOf({ code: 5 }), codeOf(new Error('x'))]).toEqual(['', '', '']);
  });
});
