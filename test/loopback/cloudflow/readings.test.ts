import { describe, expect, it } from 'vitest';
import { BEYOND_QUOTA } from '../../../shared/loopback/cloudflow/readings.js';
import type { CloudFlowOptions } from '../../../shared/loopback/cloudflow/service.js';
import { codeOf } from '../identity-clients.js';
import { ACCOUNT, askingTask, START, type States, startFlows } from './world.js';

const run = async (options: CloudFlowOptions, states: States, input: object = {}) => {
  const world = await startFlows(options);
  try {
    const execution = await world.run('f', states, input);
    const { status, output, failure } = execution;
    return { status, output, code: failure?.code, calls: world.payloads.length };
  } finally {
    await world.close();
  }
};

const throwing = (caught: string): States => [
  {
    Type: 'Task',
    Name: 'A',
    Action: 'FC:InvokeFunction',
    Parameters: { resourceArn: 'throw TryLaterError', invocationType: 'Sync' },
    Catch: [
      {
        Errors: [caught],
        Description: 'd',
        OutputConstructor: { 'why.$': '$Context.Current.Error.Detail' },
        Next: 'B',
      },
    ],
    End: true,
  },
  { Type: 'Succeed', Name: 'B' },
];

describe('a function that throws', () => {
  it('is caught by the name of its class, unless names are read as not arriving', async () => {
    expect(await run({}, throwing('TryLaterError'))).toMatchObject({ output: '{"why":"as told"}' });
    const readings = { functionErrorName: 'FC.Unknown' } as const;
    expect(await run({ readings }, throwing('TryLaterError'))).toMatchObject({ code: 'FC.Unknown' });
    const { output } = await run({ readings }, throwing('FC.Unknown'));
    expect(JSON.parse(JSON.parse(output).why)).toEqual({
      errorType: 'TryLaterError',
      errorMessage: 'as told',
    });
  });
});

describe.each(['Parallel', 'Map'])('a Fail state within %s', (Type) => {
  const inner = { StartAt: 'F', States: [{ Type: 'Fail', Name: 'F', Code: 'Broken' }] };
  const states: States = [
    {
      Type,
      Name: 'A',
      ...(Type === 'Map' ? { ItemsPath: '$Input.list', Processor: inner } : { Branches: [inner] }),
      Retry: [{ Errors: ['Broken'], Description: 'd', MaxAttempts: 1, IntervalSeconds: 1 }],
      Catch: [{ Errors: ['FnF.ALL'], Description: 'd', Next: 'B' }],
      End: true,
    },
    { Type: 'Succeed', Name: 'B' },
  ];
  it('is caught around it, unless it is read as ending the flow', async () => {
    const input = { list: [{}] };
    expect(await run({}, states, input)).toMatchObject({ status: 'Succeeded' });
    expect(await run({ readings: { failEndsExecution: true } }, states, input)).toMatchObject({
      status: 'Failed',
      code: 'Broken',
    });
  });
});

describe('a Map over texts', () => {
  const states: States = [
    {
      Type: 'Map',
      Name: 'A',
      ItemsPath: '$Input.list',
      Processor: {
        StartAt: 'P',
        States: [{ Type: 'Pass', Name: 'P', OutputConstructor: { 'is.$': '$Input' }, End: true }],
      },
      End: true,
    },
  ];
  it('fails, since a state’s input is an object, unless any item is read as allowed', async () => {
    const input = { list: ['a', 'b'] };
    expect(await run({}, states, input)).toMatchObject({ code: 'FnF.RuntimeError' });
    expect(await run({ readings: { mapTakesAnyItem: true } }, states, input)).toMatchObject({
      output: '{"Items":[{"is":"a"},{"is":"b"}]}',
    });
  });
});

describe('an expression that says what no page does', () => {
  const choice = (Condition: string): States => [
    { Type: 'Choice', Name: 'A', Branches: [{ Condition, Next: 'B' }], Default: 'C' },
    { Type: 'Succeed', Name: 'B' },
    { Type: 'Fail', Name: 'C', Code: 'NotSo' },
  ];
  const giving = (expression: string): States => [
    {
      Type: 'Map',
      Name: 'A',
      ItemsPath: '$Input.list',
      Processor: {
        StartAt: 'P',
        States: [{ Type: 'Pass', Name: 'P', OutputConstructor: { in: { 'it.$': expression } }, End: true }],
      },
      End: true,
    },
  ];
  const input = { flag: true, text: 'a', list: [{ n: 1 }] };

  it.each([
    ['groups', choice('!($Input.text == "b")'), 'parentheses'],
    ['mixes && and ||', choice('$Input.flag || $Input.flag && $Input.flag'), 'both && and ||'],
    ['calls a function in a condition', choice('length($Input.text) == 1'), 'a function'],
    ['quotes a text of a condition singly', choice("$Input.text == 'a'"), 'single quotes'],
    ['names a key in brackets', giving('$Input["n"]'), 'an index'],
    ['is null', giving('toArray(null)'), 'null'],
  ])('that %s is refused with its flow, unless it is read as taken', async (_what, states, problem) => {
    await expect(run({}, states, input)).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining(problem),
    });
    const readings = { undocumentedExpressions: true };
    expect(await run({ readings }, states, input)).toMatchObject({ status: 'Succeeded' });
  });

  it.each(['$Input.flag == true', '$Input.text != 1', '$Input.flag != $Input.text'])(
    'that compares other things than two numbers or two texts (%s) fails, unless it is read as taken',
    async (condition) => {
      expect(await run({}, choice(condition), input)).toMatchObject({ code: 'FnF.RuntimeError' });
      const readings = { undocumentedExpressions: true };
      expect(await run({ readings }, choice(condition), input)).toMatchObject({ status: 'Succeeded' });
    },
  );

  it('is told from one that every page agrees on', async () => {
    const documented = '!$Input.no && $Input.text == "a" && "n" in $Input.list[0] && -1 < 2.5';
    expect(await run({}, choice(documented), { ...input, no: false })).toMatchObject({ status: 'Succeeded' });
    expect(await run({}, giving("arrayContains(['a',10],$Input.n)"), input)).toMatchObject({
      output: '{"Items":[{"in":{"it":false}}]}',
    });
  });
});

describe('a function’s result', () => {
  it.each<[string, string, object]>([
    ['parsed when it is JSON', '[1,{"a":null}]', { Body: [1, { a: null }] }],
    ['text when it is none', 'done', { Body: 'done' }],
    ['empty text when there is none', '', { Body: '' }],
  ])('is %s', async (_how, text, expected) => {
    const task = {
      Type: 'Task',
      Name: 'A',
      Action: 'FC:InvokeFunction',
      Parameters: { resourceArn: `raw ${text}`, invocationType: 'Sync' },
      End: true,
    };
    const { output } = await run({}, [task]);
    expect(JSON.parse(output)).toEqual({ StatusCode: 200, Header: {}, ...expected });
  });

  it('over 64 KiB fails the task, also when only a part of it is kept', async () => {
    const task = {
      Type: 'Task',
      Name: 'A',
      Action: 'FC:InvokeFunction',
      Parameters: { resourceArn: `raw ${JSON.stringify('x'.repeat(66_000))}`, invocationType: 'Sync' },
      OutputConstructor: { 'n.$': 'length($Output.Body)' },
      Catch: [{ Errors: ['FnF.RuntimeError'], Description: 'd', Next: 'B' }],
      End: true,
    };
    expect(await run({}, [task, { Type: 'Succeed', Name: 'B' }])).toMatchObject({ output: '{}', calls: 1 });
  });
});

describe('an account', () => {
  it('has no more executions running than its quota, until one of them is over', async () => {
    const world = await startFlows({ limits: { runningExecutions: 2 } });
    try {
      await world.create('asking', [askingTask]);
      const start = (ExecutionName: string) =>
        codeOf(world.call('StartExecution', { FlowName: 'asking', ExecutionName }));
      expect([await start('a'), await start('b'), await start('c')]).toEqual([
        'accepted',
        'accepted',
        BEYOND_QUOTA,
      ]);
      expect(await start('a')).toBe('accepted');
      await world.call('StopExecution', { FlowName: 'asking', ExecutionName: 'a' });
      expect(await start('c')).toBe('accepted');
      expect(await start('d')).toBe(BEYOND_QUOTA);
    } finally {
      await world.close();
    }
  });

  it('has no more flows than its quota, until one of them is deleted', async () => {
    const world = await startFlows({ limits: { flows: 2 } });
    try {
      const create = (name: string) => codeOf(world.create(name, [askingTask]));
      expect([await create('a'), await create('b'), await create('c')]).toEqual([
        'accepted',
        'accepted',
        BEYOND_QUOTA,
      ]);
      await world.call('DeleteFlow', { Name: 'a' });
      expect(await create('c')).toBe('accepted');
    } finally {
      await world.close();
    }
  });
});

describe('the limit on state entries', () => {
  const chain = (length: number): States =>
    Array.from({ length }, (_, n) => ({
      Type: 'Pass',
      Name: `P${n}`,
      ...(n === length - 1 ? { End: true } : { Next: `P${n + 1}` }),
    }));

  it('makes states wait their turn, across the executions of an account', async () => {
    const world = await startFlows({ limits: { stateEntries: { perSecond: 10, burst: 20 } } });
    try {
      await world.create('chain', chain(30));
      for (let n = 0; n < 2; n++) await world.call('StartExecution', { FlowName: 'chain', Input: '{}' });
      await world.clock.runUntilIdle();
      const done = world.flows.executionsOf(ACCOUNT, 'chain');
      await Promise.all(done.map(({ over }) => over));
      expect(done.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded']);
      expect(world.flows.stateEntries()).toBe(60);
      // 60 entries, 20 of them at once and 10 a second from then on.
      expect((world.clock.now() - START) / 1000).toBeCloseTo(4, 1);
    } finally {
      await world.close();
    }
  });

  it('is not kept unless asked for', async () => {
    const world = await startFlows();
    try {
      await world.run('chain', chain(2_000));
      expect(world.clock.now()).toBe(START);
    } finally {
      await world.close();
    }
  });
});
