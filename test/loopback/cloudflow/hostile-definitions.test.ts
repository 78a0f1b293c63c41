import { describe, expect, it } from 'vitest';
import { BadDefinitionError, readDefinition } from '../../../shared/loopback/cloudflow/definition.js';

// Each was found by the fuzz.
const flow = (changes: object) =>
  JSON.stringify({
    Type: 'StateMachine',
    SpecVersion: 'v1',
    Name: 'f',
    StartAt: 'A',
    States: [],
    ...changes,
  });

describe('a definition', () => {
  it.each([
    ['StartAt', { StartAt: { toString: 'A' } }],
    ['the name of a state', { States: [{ Name: { toString: null }, Type: 'Pass' }] }],
    ['the type of a state', { States: [{ Name: 'A', Type: { toString: {} } }] }],
  ])('whose %s says how to become text is refused, not failed on', (_what, changes) => {
    expect(() => readDefinition(flow(changes))).toThrow(BadDefinitionError);
  });

  it('with a mistake at every character is refused with the first of them only', () => {
    const text = `{"a": "x" ${'[0]'.repeat(2_000)}}`;
    const { stackTraceLimit } = Error;
    try {
      readDefinition(text);
      expect.unreachable();
    } catch (error) {
      expect((error as BadDefinitionError).problems.length).toBeLessThanOrEqual(20);
    }
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
