import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpressionError } from '../../../shared/loopback/cloudflow/expression-error.js';
import { parseExpression } from '../../../shared/loopback/cloudflow/expressions.js';
import { ACCOUNT, type FlowWorld, startFlows } from './world.js';

/** Expressions that can be read; most of them cannot be evaluated. */
const expression = fc.letrec<{ any: string; deep: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      '$Input',
      '$Input.n',
      '$Input.list',
      '$Input.list[0]',
      '$Input.nowhere',
      '$Output',
      '$Global.g',
      '$Context.Current.Name',
      '1',
      '2.5',
      '"a"',
      '`b`',
      'true',
      'null',
      '[]',
    ),
    tie('deep'),
  ),
  deep: fc.oneof(
    fc
      .tuple(tie('any'), fc.constantFrom('==', '!=', '<', '>=', '&&', '||', 'in'), tie('any'))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie('any').map((inner) => `!(${inner})`),
    tie('any').map((inner) => `-(${inner})`),
    fc
      .tuple(
        fc.constantFrom(
          'arrayContains',
          'toArray',
          'format',
          'split',
          'get',
          'intAdd',
          'randomInt',
          'jsonMerge',
          'hash',
          'regexMatchString',
        ),
        tie('any'),
        tie('any'),
      )
      .map(([name, left, right]) => `${name}(${left}, ${right})`),
    fc
      .tuple(
        fc.constantFrom('arrayUnique', 'length', 'mapKeys', 'mapValues', 'stringToJson', 'fromBase64'),
        tie('any'),
      )
      .map(([name, inner]) => `${name}(${inner})`),
  ),
})).any;

describe('an expression that can be read', () => {
  const variables = { $Input: { n: 1, list: ['x', { a: 1 }] }, $Global: { g: 2 }, $Context: { Current: {} } };
  it('has a value of JSON or is refused, and nothing else', () => {
    fc.assert(
      fc.property(expression, (text) => {
        try {
          const value = parseExpression(text)(variables);
          expect(JSON.parse(JSON.stringify({ value }))).toHaveProperty('value');
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['regexMatchString("(a+)+$", $Input.s)', 'regexMatchString("(x|x)*y$", $Input.x)'])(
    'does not hang: %s',
    (text) => {
      const hard = { $Input: { s: `${'a'.repeat(60)}b`, x: 'x'.repeat(60) } };
      expect(() => parseExpression(text)(hard)).toThrow(ExpressionError);
    },
  );
});

const NAMES = ['A', 'B', 'C'];
const name = fc.constantFrom(...NAMES);
const template = fc.dictionary(
  fc.constantFrom('n', 'list', 'g.$', 'n.$', 'list.$'),
  fc.oneof(expression, expression, fc.constant('1')),
  { maxKeys: 2 },
);
const constructors = fc.record(
  { InputConstructor: template, OutputConstructor: template, GlobalConstructor: template },
  { requiredKeys: [] },
);
const onward = fc.oneof(fc.record({ Next: name }), fc.constant({ End: true }));
const rules = fc.record(
  {
    Retry: fc.constant([{ Errors: ['FnF.ALL'], Description: 'd', MaxAttempts: 1, IntervalSeconds: 1 }]),
    Catch: fc.tuple(name).map(([Next]) => [{ Errors: ['FnF.ALL'], Description: 'd', Next }]),
  },
  { requiredKeys: [] },
);
const joined = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all));
const stateOf = (depth: number): fc.Arbitrary<object> => {
  const plain = [
    joined(fc.constant({ Type: 'Pass' }), constructors, onward),
    joined(fc.constant({ Type: 'Wait', Seconds: 1 }), constructors, onward),
    fc.constant({ Type: 'Fail', Code: 'Broken' }),
    fc.record({
      Type: fc.constant('Choice'),
      Branches: fc.tuple(fc.record({ Condition: expression, Next: name })),
      Default: name,
    }),
    joined(
      fc.constant({ Type: 'Task', Action: 'FC:InvokeFunction' }),
      fc.record({
        Parameters: fc.constantFrom(
          { resourceArn: 'echo', 'body.$': '$Input' },
          { resourceArn: 'throw Busy' },
          { resourceArn: 'refuse' },
        ),
        Timeout: fc.constantFrom(0, 5),
        TaskMode: fc.constantFrom('RequestComplete', 'WaitForSystemCallback'),
      }),
      constructors,
      rules,
      onward,
    ),
  ];
  if (depth === 0) return fc.oneof(...plain);
  const scope = scopeOf(depth - 1);
  return fc.oneof(
    ...plain,
    joined(
      fc.constant({ Type: 'Parallel' }),
      fc.record({ Branches: fc.array(scope, { minLength: 1, maxLength: 3 }) }),
      rules,
      onward,
    ),
    joined(
      fc.constant({ Type: 'Map', ItemsPath: '$Input.list', MaxConcurrency: 2 }),
      fc.record({ Processor: scope }),
      rules,
      onward,
    ),
  );
};
const scopeOf = (depth: number): fc.Arbitrary<{ readonly StartAt: string; readonly States: object[] }> =>
  fc.tuple(...NAMES.map(() => stateOf(depth))).map((states) => ({
    StartAt: 'A',
    States: states.map((state, index) => ({ Name: NAMES[index], ...state })),
  }));

describe('a flow that is well formed', () => {
  let world: FlowWorld;
  let count = 0;
  beforeAll(async () => {
    world = await startFlows();
  });
  afterAll(() => world.close());

  it('ends, as a success or a failure, with a history that fits', async () => {
    const ended = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scopeOf(1), async (scope) => {
        const Name = `f${count++}`;
        const Definition = JSON.stringify({ Type: 'StateMachine', SpecVersion: 'v1', Name, ...scope });
        const RoleArn = `acs:ram::${ACCOUNT}:role/flows`;
        try {
          await world.call('CreateFlow', { Name, Type: 'FDL', Description: 'd', Definition, RoleArn });
        } catch (error) {
          // Constructors with a key both ways, and expressions of too many calls.
          expect(error).toMatchObject({ code: 'InvalidArgument' });
          return;
        }
        const Input = '{"n":1,"list":[{"n":1},{"list":[]}]}';
        await world.call('StartExecution', { FlowName: Name, Input });
        await world.clock.runUntilIdle();
        const [execution] = world.flows.executionsOf(ACCOUNT, Name);
        expect(['Succeeded', 'Failed']).toContain(execution?.status);
        expect(execution?.history.length).toBeLessThanOrEqual(5_000);
        expect(execution?.history.at(-1)?.Type).toBe(`Execution${execution?.status}`);
        ended.add(execution?.failure?.code ?? 'Succeeded');
        await world.call('DeleteFlow', { Name });
      }),
      { numRuns: 60 },
    );
    expect(ended).toContain('Succeeded');
    expect(ended).toContain('FnF.RuntimeError');
  }, 60_000);
});
