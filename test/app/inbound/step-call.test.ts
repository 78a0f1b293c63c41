import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCall } from '../../../shared/app/inbound/step-call.js';

const about = (call: unknown) => parseCall(Buffer.from(JSON.stringify(call))).about;

describe('a call of a step', () => {
  it.each([
    [
      'an event',
      { specversion: '1.0', id: 'evt-1', subject: 'C-1' },
      { contractId: 'C-1', eventId: 'evt-1' },
    ],
    ['ids between two steps', { contractId: 'C-1', epoch: 3 }, { contractId: 'C-1' }],
    ['a failure', { failed: { id: 'e', subject: 'C-1' }, step: 'X' }, { contractId: 'C-1', eventId: 'e' }],
    ['an entry of the index', { key: 'due/2026-12-01T00:00:00Z/C-1/expiry' }, { contractId: 'C-1' }],
    ['a tick of the clock', { type: 'eventbridge:Events:ScheduledEvent' }, {}],
    ['a subject that is no contract', { subject: 'no contract at all!' }, {}],
  ])('says which execution, contract and event %s is about', (_, input, subject) => {
    expect(about({ execution: 'run-1', input })).toEqual({ execution: 'run-1', ...subject });
    expect(about(input)).toEqual(subject);
  });

  it('gives its input on as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (execution, input) => {
        const call = Buffer.from(`{"execution":${JSON.stringify(execution)},"input":${input}}`);
        expect(JSON.parse(parseCall(call).input.toString())).toEqual(JSON.parse(input));
        const bare = Buffer.from(`[${input}]`);
        expect(parseCall(bare).input).toBe(bare);
      }),
    );
  });

  it('is not taken apart where it only looks like one', () => {
    const call = Buffer.from('{"execution":"run-1","input":{},"contractId":"C-1"}');
    expect(parseCall(call)).toEqual({ input: call, about: { contractId: 'C-1' } });
  });

  it('never fails to be read, and keeps strangers\u2019 ids short', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const torn = Buffer.from(bytes);
        expect(parseCall(torn).input.length).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(about({ id: 'x'.repeat(5000) }).eventId).toHaveLength(128);
  });
});
