import { describe, expect, it } from 'vitest';
import { parseSuspensionInput } from '../../../shared/app/admission/amend-output.js';
import { parseHealInput } from '../../../shared/app/drift/heal-drift.js';
import {
  parseContractInput,
  parseContractRef,
  parseEndInput,
  parseFailureInput,
  parseStepInput,
} from '../../../shared/app/inbound/step-input.js';

const failureOf = (code: unknown, detail?: unknown) =>
  parseFailureInput(
    Buffer.from(JSON.stringify({ failed: { contractId: 'C-1', epoch: 1 }, step: 'CutAccess', code, detail })),
  );
const message = 'contract C-1: alikafka GetTopicList still answers after the stop';
const bodyOf = (errorType: string, errorMessage: unknown = message) =>
  JSON.stringify({ errorMessage, errorType, stackTrace: ['at somewhere'] });

describe('the reason of a failure', () => {
  it.each([
    ['the detail, where the flow knows the error by its class', 'BrokenPromiseError', message],
    ['in what Function Compute answered', 'FC.Unknown', bodyOf('BrokenPromiseError')],
    ['there too where the flow knows the class', 'BrokenPromiseError', bodyOf('BrokenPromiseError')],
    ['the detail, of a function of 2.0', 'FunctionUnhandledError: BrokenPromiseError', message],
    ['in what 2.0 answered', 'FC.Unknown', bodyOf('FunctionUnhandledError: BrokenPromiseError')],
  ])('is %s', (_where, code, detail) => {
    expect(failureOf(code, detail)).toMatchObject({ code: 'BrokenPromiseError', reason: message });
  });

  it.each([
    ['of a message that may quote a stranger', 'InvalidRequestError', 'no instant: hunter2'],
    ['of an error that is not of ours', 'TypeError', 'cannot read hunter2'],
    ['of one in what Function Compute answered', 'FC.Unknown', bodyOf('TypeError')],
    ['of what kept the step from running', 'FnF.TaskTimeout', 'state timed out'],
    ['where the flow says nothing', 'BrokenPromiseError', undefined],
    ['where the flow says no text', 'BrokenPromiseError', { errorMessage: message }],
    ['where the error says nothing', 'BrokenPromiseError', ''],
    ['where its message is no text', 'BrokenPromiseError', bodyOf('BrokenPromiseError', 5)],
  ])('is missing %s', (_where, code, detail) => {
    const failure = failureOf(code, detail);
    expect(failure).not.toHaveProperty('reason');
    expect(failure.code).toBe(code);
  });

  it('is cut to 1,000 characters', () => {
    expect(failureOf('DeniedError', 'x'.repeat(5000)).reason).toBe('x'.repeat(1000));
  });
});

describe('a failure to read an event', () => {
  it('is about the subject of the event alone, whatever attributes its sender has put beside it', () => {
    const sent = { type: 'partner.contract.terminated', subject: 'C-1', id: 'evt-1', source: 's' };
    const beside = { contractId: 'C-2', epoch: 7, suspension: 'incident' };
    const failed = (event: object) =>
      parseFailureInput(
        Buffer.from(JSON.stringify({ failed: event, step: 'CutAccess', code: 'DeniedError' })),
      );
    expect(failed({ ...sent, ...beside })).toEqual(failed(sent));
    expect(failed(beside)).toMatchObject(beside);
  });
});

describe('a failure to attend to a due entry', () => {
  it('is about the contract that its key names', () => {
    const failed = { key: 'due/2026-12-01T08:00:00Z/C-1/expiry' };
    const input = Buffer.from(JSON.stringify({ failed, step: 'AttendContract', code: 'TryLaterError' }));
    expect(parseFailureInput(input).contractId).toBe('C-1');
  });
});

describe('an input without a contract id', () => {
  it.each([
    ['a step that needs no more', parseContractInput, {}],
    ['a step of an execution', parseStepInput, { epoch: 1 }],
    ['the end of a contract', parseEndInput, {}],
    ['a look for drift', parseHealInput, {}],
    ['a suspension', parseSuspensionInput, { suspension: 'incident' }],
  ])('is refused by %s, and is about no contract named "undefined"', (_, parse, input) => {
    expect(() => parse(Buffer.from(JSON.stringify(input)))).toThrow('contractId is missing');
  });

  it('is no word of Leasehold’s own to go on', () => {
    expect(parseContractRef('{}')).toBeUndefined();
    expect(parseContractRef('{"contractId":"C-1"}')).toBe('C-1');
  });
});

describe('a flow that Leasehold itself starts again', () => {
  it('names a contract and no type: an event of a stranger’s that names both is none', () => {
    const contractId = 'C-2026-0142';
    expect(parseContractRef(JSON.stringify({ contractId }))).toBe(contractId);
    const type = 'partner.contract.terminated';
    expect(parseContractRef(JSON.stringify({ contractId, type, subject: contractId }))).toBeUndefined();
  });
});
