import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadDefinitionError, readDefinition } from '../../../shared/loopback/cloudflow/definition.js';
import { ExpressionError } from '../../../shared/loopback/cloudflow/expression-error.js';
import { ANY_KIND, parseExpression } from '../../../shared/loopback/cloudflow/expressions.js';
import { table } from './tables.js';
import { definitionOf } from './world.js';

describe('an expression', () => {
  const variables = {
    $Input: { a: { b: 1 }, list: ['x', 'y'], flag: true },
    $Context: {},
    $Global: {},
    [ANY_KIND]: true,
  };
  it.each(
    table<{ readonly expression: string; readonly value?: unknown; readonly error?: true }>('expressions'),
  )('$expression', ({ expression, value, error }) => {
    const evaluate = () => parseExpression(expression)(variables);
    if (error) expect(evaluate).toThrow(ExpressionError);
    else expect(evaluate()).toEqual(value);
  });

  it('of any text at all is read or refused, and nothing else', () => {
    const piece = fc.constantFrom(
      '$Input',
      '.a',
      '[',
      ']',
      '(',
      ')',
      '"x"',
      '1',
      '&&',
      '||',
      '!',
      '-',
      'in',
      '==',
      '<',
      ',',
      'length',
      ' ',
      '`',
      'é',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 30 }), (parts) => {
        try {
          parseExpression(parts.join(''))(variables);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a definition', () => {
  const state = { Type: 'Pass', Name: 'A', End: true };
  it.each([
    ['in the older language', 'version: v1\ntype: flow\nsteps: []'],
    [
      'with an unknown field',
      JSON.stringify({
        Type: 'StateMachine',
        SpecVersion: 'v1',
        Name: 'f',
        StartAt: 'A',
        States: [{ ...state, Goto: 'B' }],
      }),
    ],
    ['with an unknown state type', definitionOf('f', [{ ...state, Type: 'Group' }])],
    ['that leads nowhere', definitionOf('f', [{ Type: 'Pass', Name: 'A', Next: 'B' } as never])],
    ['with two states of one name', definitionOf('f', [state, state])],
    [
      'with a Map in distributed mode',
      definitionOf('f', [
        {
          Type: 'Map',
          Name: 'A',
          ItemsPath: '$Input.x',
          Processor: { StartAt: 'B', States: [{ ...state, Name: 'B' }] },
          ProcessorConfig: { ExecutionMode: 'Express' },
          End: true,
        } as never,
      ]),
    ],
    [
      'with an expression that cannot be read',
      definitionOf('f', [{ ...state, OutputConstructor: { 'a.$': '$Input.' } } as never]),
    ],
    [
      'with 51 branches',
      definitionOf('f', [
        {
          Type: 'Parallel',
          Name: 'A',
          End: true,
          Branches: Array.from({ length: 51 }, () => ({ StartAt: 'A', States: [state] })),
        } as never,
      ]),
    ],
    [
      'with a Wait of an hour',
      definitionOf('f', [{ Type: 'Wait', Name: 'A', Seconds: 3600, End: true } as never]),
    ],
    [
      'that is a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d]`,
    ],
    [
      'with a retry rule in the words of the older language',
      definitionOf('f', [
        {
          Type: 'Task',
          Name: 'A',
          Action: 'FC:InvokeFunction',
          Retry: [{ Errors: ['E'], MaxAttempts: 1, IntervalSeconds: 1, MaxIntervalSeconds: 9 }],
          End: true,
        },
      ]),
    ],
    [
      'with a rule that has no Description',
      definitionOf('f', [
        {
          Type: 'Task',
          Name: 'A',
          Action: 'FC:InvokeFunction',
          Catch: [{ Errors: ['FnF.ALL'], Next: 'A' }],
          End: true,
        },
      ]),
    ],
    [
      'with a catch of nothing',
      definitionOf('f', [
        { Type: 'Task', Name: 'A', Action: 'FC:InvokeFunction', Catch: [{ Next: 'A' }], End: true },
      ]),
    ],
    ['with a Choice without branches', definitionOf('f', [{ Type: 'Choice', Name: 'A', Default: 'A' }])],
    [
      'with a key both as literal and as expression',
      definitionOf('f', [{ ...state, OutputConstructor: { a: 1, 'a.$': '$Input' } }]),
    ],
    ['with parameters that are no mapping', definitionOf('f', [{ ...state, InputConstructor: [1] }])],
    ['that is nested deeper than any stack', '['.repeat(100_000)],
  ])('%s is refused', (_what, text) => {
    expect(() => readDefinition(text)).toThrow(BadDefinitionError);
  });

  it('is told everything that is wrong with it at once', () => {
    try {
      readDefinition('Type: X\nStates: [{Type: Wait, Name: A, Next: B}]');
      expect.unreachable();
    } catch (error) {
      expect((error as BadDefinitionError).problems.length).toBeGreaterThanOrEqual(5);
    }
  });

  it('of any text at all is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .json()
            .map(
              (json) =>
                `{"Type":"StateMachine","SpecVersion":"v1","Name":"f","StartAt":"A","States":[${json}]}`,
            ),
        ),
        (text) => {
          try {
            readDefinition(text);
          } catch (error) {
            expect(error).toBeInstanceOf(BadDefinitionError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
