/** Any expressions, and any flows made of them. */
import fc from 'fast-check';

/** Expressions that can be read; most of them cannot be evaluated. */
export const expression = fc.letrec<{ any: string; deep: string }>((tie) => ({
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
          { resourceArn: 'echo', invocationType: 'Sync', 'body.$': '$Input' },
          { resourceArn: 'throw Busy', invocationType: 'Sync' },
          { resourceArn: 'refuse', invocationType: 'Sync' },
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
export const scopeOf = (
  depth: number,
): fc.Arbitrary<{ readonly StartAt: string; readonly States: object[] }> =>
  fc.tuple(...NAMES.map(() => stateOf(depth))).map((states) => ({
    StartAt: 'A',
    States: states.map((state, index) => ({ Name: NAMES[index], ...state })),
  }));
