import { readFileSync } from 'node:fs';
import FnfPackage from '@alicloud/fnf-2019-03-15';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { BadDefinitionError, readDefinition } from '../../shared/loopback/cloudflow/definition.js';
import { ExpressionError } from '../../shared/loopback/cloudflow/expression-error.js';
import { parseExpression } from '../../shared/loopback/cloudflow/expressions.js';
import { type CloudFlowParts, cloudFlowService } from '../../shared/loopback/cloudflow/service.js';
import { ApiError } from '../../shared/loopback/kernel.js';

const ACCOUNT = '1000000000000001';
const table = <Row>(name: string): readonly Row[] =>
  JSON.parse(readFileSync(new URL(`./tables/${name}.json`, import.meta.url), 'utf8'));
const definitionOf = (
  Name: string,
  states: readonly { readonly Name: string; readonly [field: string]: unknown }[],
) =>
  JSON.stringify({ Type: 'StateMachine', SpecVersion: 'v1', Name, StartAt: states[0]!.Name, States: states });

describe('an expression', () => {
  const variables = { $Input: { a: { b: 1 }, list: ['x', 'y'], flag: true }, $Context: {}, $Global: {} };
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

describe('an execution', () => {
  let clock: VirtualClock;
  let cloud: RunningCloud;
  let flows: CloudFlowParts;
  let calls = 0;
  let lastPayload = '';
  const call = (action: string, params: Readonly<Record<string, string>>) =>
    cloud.cloud.call(cloud.accounts.rootOf(ACCOUNT), '2019-03-15', action, params, 'cn-hangzhou');
  beforeAll(async () => {
    clock = makeVirtualClock({ startAt: Date.parse('2026-12-01T00:00:00Z') });
    cloud = await startCloud({
      clock,
      services: [
        (its) => {
          flows = cloudFlowService(its, {
            functions: () => ({
              invoke: async ({ resourceArn, payload }) => {
                calls += 1;
                lastPayload = payload.toString();
                if (resourceArn === 'break') throw new TypeError('the product broke');
                if (resourceArn === 'throttle')
                  return { status: 429, body: Buffer.from('{"Code":"ResourceThrottled"}') };
                if (resourceArn === 'refuse') throw new ApiError(404, 'FunctionNotFound', 'no such function');
                const [, errorType] = /^throw (\w+)$/.exec(resourceArn) ?? [];
                if (errorType === undefined) return { status: 200, body: payload };
                return {
                  status: 200,
                  errorType: 'UnhandledInvocationError',
                  body: Buffer.from(JSON.stringify({ errorType, errorMessage: 'as told' })),
                };
              },
            }),
          });
          return flows;
        },
      ],
    });
    cloud.accounts.createAccount(ACCOUNT);
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fnf.aliyuncs.com'] } },
      ],
    });
    await cloud.cloud.call(
      cloud.accounts.rootOf(ACCOUNT),
      '2015-05-01',
      'CreateRole',
      { RoleName: 'flows', AssumeRolePolicyDocument },
      'cn-hangzhou',
    );
  });
  afterAll(() => cloud.close());

  interface Row {
    readonly what: string;
    readonly states: readonly { readonly Name: string; readonly [field: string]: unknown }[];
    readonly input?: object;
    readonly inputBytes?: number;
    readonly output?: object;
    readonly error?: string;
    readonly calls?: number;
    readonly seconds?: number;
  }
  it.each(table<Row>('flows').map((row, index) => ({ ...row, index })))(
    '$what',
    async ({ states, input, inputBytes, output, error, index, ...expected }) => {
      const name = `flow${index}`;
      await call('CreateFlow', {
        Name: name,
        Type: 'FDL',
        Description: 'd',
        Definition: definitionOf(name, states),
        RoleArn: `acs:ram::${ACCOUNT}:role/flows`,
      });
      const [before, from] = [calls, clock.now()];
      await call('StartExecution', {
        FlowName: name,
        Input: JSON.stringify(input ?? { x: 'x'.repeat(inputBytes ?? 0) }),
      });
      await clock.runUntilIdle();
      const [execution] = flows.executionsOf(ACCOUNT, name);
      await execution!.over;
      const failure =
        execution!.history.find((event) => event.Type === 'ExecutionFailed') ?? execution!.history.at(-1);
      if (error === undefined)
        expect([execution!.status, JSON.parse(execution!.output || '{}')]).toEqual(['Succeeded', output]);
      else
        expect([
          execution!.status,
          failure?.Type === 'ExecutionFailed' ? JSON.parse(failure.EventDetail).Error : error,
        ]).toEqual(['Failed', error]);
      if (expected.calls !== undefined) expect(calls - before).toBe(expected.calls);
      if (expected.seconds !== undefined) expect((clock.now() - from) / 1000).toBe(expected.seconds);
    },
  );

  it('goes on when it is called back, once, with what it is given', async () => {
    const task = {
      Type: 'Task',
      Name: 'A',
      Action: 'FC:InvokeFunction',
      TaskMode: 'WaitForCustomCallback',
      Parameters: { resourceArn: 'echo', body: { 'token.$': '$Context.Current.TaskToken' } },
      End: true,
    };
    await call('CreateFlow', {
      Name: 'back',
      Type: 'FDL',
      Description: 'd',
      Definition: definitionOf('back', [task]),
      RoleArn: `acs:ram::${ACCOUNT}:role/flows`,
    });
    await call('StartExecution', { FlowName: 'back', Input: '{}' });
    await clock.settled();
    const [execution] = flows.executionsOf(ACCOUNT, 'back');
    expect(execution!.status).toBe('Running');
    const { token } = JSON.parse(lastPayload);
    await call('ReportTaskSucceeded', { TaskToken: token, Output: '{"done":true}' });
    await execution!.over;
    expect([execution!.status, execution!.output]).toEqual(['Succeeded', '{"done":true}']);
    await expect(call('ReportTaskSucceeded', { TaskToken: token, Output: '{}' })).rejects.toMatchObject({
      code: 'TaskTokenNotExists',
    });
  });

  const create = (Name: string, states: Parameters<typeof definitionOf>[1]) =>
    call('CreateFlow', {
      Name,
      Type: 'FDL',
      Description: 'd',
      Definition: definitionOf(Name, states),
      RoleArn: `acs:ram::${ACCOUNT}:role/flows`,
    });
  const asked = {
    Type: 'Task',
    Name: 'A',
    Action: 'FC:InvokeFunction',
    TaskMode: 'WaitForCustomCallback',
    Timeout: 604_800,
    Parameters: { resourceArn: 'echo', body: { 'token.$': '$Context.Current.TaskToken' } },
    End: true,
  };

  it('that is stopped is over at once, and leaves no timer and no token', async () => {
    await create('stopped', [asked]);
    await call('StartExecution', { FlowName: 'stopped', ExecutionName: 'e', Input: '{}' });
    await clock.settled();
    const { token } = JSON.parse(lastPayload);
    await call('StopExecution', { FlowName: 'stopped', ExecutionName: 'e', Error: 'Enough' });
    const [execution] = flows.executionsOf(ACCOUNT, 'stopped');
    await execution!.over;
    expect([execution!.status, execution!.history.at(-1)!.Type]).toEqual(['Stopped', 'ExecutionStopped']);
    const from = clock.now();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(from);
    await expect(call('ReportTaskSucceeded', { TaskToken: token, Output: '{}' })).rejects.toMatchObject({
      code: 'TaskTokenNotExists',
    });
    await expect(call('StopExecution', { FlowName: 'stopped', ExecutionName: 'e' })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
  });

  it('fails as a callback says, and tells the task that asked for its end', async () => {
    await create('asks', [asked]);
    await create('answers', [{ Type: 'Pass', Name: 'A', OutputConstructor: { told: true }, End: true }]);
    for (const name of ['told', 'failed']) {
      await call('StartExecution', { FlowName: 'asks', ExecutionName: name, Input: '{}' });
      await clock.settled();
      const TaskToken = JSON.parse(lastPayload).token;
      if (name === 'failed') await call('ReportTaskFailed', { TaskToken, Error: 'Refused', Cause: 'no' });
      else await call('StartExecution', { FlowName: 'answers', CallbackFnFTaskToken: TaskToken });
    }
    const [told, failed] = flows.executionsOf(ACCOUNT, 'asks');
    await Promise.all([told!.over, failed!.over]);
    expect([told!.output, failed!.failure?.code]).toEqual(['{"told":true}', 'Refused']);
  });

  it('is listed page by page, and so is its history', async () => {
    await create('paged', [{ Type: 'Succeed', Name: 'A' }]);
    for (const ExecutionName of ['a', 'b', 'c'])
      await call('StartExecution', { FlowName: 'paged', ExecutionName, Input: '{}' });
    await clock.settled();
    const first = await call('ListExecutions', { FlowName: 'paged', Limit: '2' });
    expect(first).toMatchObject({ Executions: [{ Name: 'a' }, { Name: 'b' }], NextToken: '2' });
    const rest = (await call('ListExecutions', { FlowName: 'paged', Limit: '2', NextToken: '2' })) as object;
    expect(rest).toMatchObject({ Executions: [{ Name: 'c' }] });
    expect(rest).not.toHaveProperty('NextToken');
    expect(await call('GetExecutionHistory', { FlowName: 'paged', ExecutionName: 'a' })).toMatchObject({
      Events: [
        { EventId: 1, Type: 'ExecutionStarted' },
        { Type: 'StepEntered', StepName: 'A' },
        { Type: 'StepExited', StepName: 'A' },
        { Type: 'ExecutionSucceeded' },
      ],
    });
  });

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      'a name that starts with a digit',
      'StartExecution',
      { FlowName: 'paged', ExecutionName: '1' },
      'InvalidArgument',
    ],
    ['input that is no object', 'StartExecution', { FlowName: 'paged', Input: '[]' }, 'InvalidArgument'],
    [
      'input over 64 KiB',
      'StartExecution',
      { FlowName: 'paged', Input: `{"a":"${'é'.repeat(40_000)}"}` },
      'EntityTooLarge',
    ],
    [
      'a version, which is not here',
      'StartExecution',
      { FlowName: 'paged', Qualifier: '1' },
      'ActionNotSupported',
    ],
    ['a token of no page', 'ListExecutions', { FlowName: 'paged', NextToken: 'x' }, 'InvalidArgument'],
    [
      'an execution that is not there',
      'DescribeExecution',
      { FlowName: 'paged', ExecutionName: 'z' },
      'ExecutionNotExists',
    ],
    [
      'a longer wait than a minute',
      'DescribeExecution',
      { FlowName: 'paged', ExecutionName: 'a', WaitTimeSeconds: '61' },
      'InvalidArgument',
    ],
    [
      'a role of another account',
      'UpdateFlow',
      { Name: 'paged', RoleArn: 'acs:ram::2:role/x' },
      'InvalidArgument',
    ],
    [
      'a definition of another name',
      'UpdateFlow',
      { Name: 'paged', Definition: definitionOf('other', [{ Type: 'Succeed', Name: 'A' }]) },
      'InvalidArgument',
    ],
    ['a flow that is there', 'CreateFlow', { Name: 'paged', Type: 'FDL' }, 'FlowAlreadyExists'],
    ['a flow without a definition', 'CreateFlow', { Name: 'new', Type: 'FDL' }, 'MissingRequiredParams'],
  ])('is refused for %s', async (_what, action, params, code) => {
    await expect(call(action, params)).rejects.toMatchObject({ code });
  });

  it('waits for another execution, and fails as that one fails', async () => {
    const RoleArn = `acs:ram::${ACCOUNT}:role/flows`;
    const parent = (Name: string, child: string) =>
      call('CreateFlow', {
        Name,
        Type: 'FDL',
        Description: 'd',
        RoleArn,
        Definition: definitionOf(Name, [
          {
            Type: 'Task',
            Name: 'A',
            Action: 'FNF:StartExecution',
            TaskMode: 'WaitForSystemCallback',
            Parameters: { resourceArn: `acs:fnf:::flow/${child}`, 'input.$': '$Input' },
            End: true,
          },
        ]),
      });
    await call('CreateFlow', {
      Name: 'child-waits',
      Type: 'FDL',
      Description: 'd',
      Definition: definitionOf('child-waits', [{ Type: 'Wait', Name: 'A', Seconds: 9, End: true }]),
    });
    await call('CreateFlow', {
      Name: 'child-fails',
      Type: 'FDL',
      Description: 'd',
      Definition: definitionOf('child-fails', [{ Type: 'Fail', Name: 'A', Code: 'ChildError' }]),
    });
    await cloud.cloud.call(
      cloud.accounts.rootOf(ACCOUNT),
      '2015-05-01',
      'AttachPolicyToRole',
      { PolicyType: 'System', PolicyName: 'AdministratorAccess', RoleName: 'flows' },
      'cn-hangzhou',
    );
    await parent('waits', 'child-waits');
    await parent('fails', 'child-fails');
    for (const FlowName of ['waits', 'fails']) await call('StartExecution', { FlowName, Input: '{"x":1}' });
    await clock.advance(1_000);
    await clock.advance(20_000);
    const [waits, fails] = ['waits', 'fails'].map((name) => flows.executionsOf(ACCOUNT, name)[0]!);
    expect([waits!.status, waits!.output]).toEqual(['Succeeded', '{"x":1}']);
    expect([fails!.status, fails!.failure?.code]).toEqual(['Failed', 'ChildError']);
  });

  it('of a name that runs is the same one, and of a name that ran is refused', async () => {
    await call('CreateFlow', {
      Name: 'named',
      Type: 'FDL',
      Description: 'd',
      Definition: definitionOf('named', [{ Type: 'Wait', Name: 'A', Seconds: 5, End: true } as never]),
    });
    const first = await call('StartExecution', { FlowName: 'named', ExecutionName: 'once', Input: '{}' });
    expect(await call('StartExecution', { FlowName: 'named', ExecutionName: 'once', Input: '{}' })).toEqual(
      first,
    );
    await clock.runUntilIdle();
    await flows.executionsOf(ACCOUNT, 'named')[0]!.over;
    await expect(
      call('StartExecution', { FlowName: 'named', ExecutionName: 'once', Input: '{}' }),
    ).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    expect(flows.executionsOf(ACCOUNT, 'named')).toHaveLength(1);
  });

  it('speaks to the official SDK, and refuses a user without rights', async () => {
    const Client = (FnfPackage as unknown as { default?: typeof FnfPackage }).default ?? FnfPackage;
    const clientOf = (keys: { readonly accessKeyId: string; readonly accessKeySecret: string }) =>
      new Client({ ...keys, endpoint: cloud.origin });
    const nobody = clientOf(cloud.accounts.createUser(ACCOUNT, 'nobody'));
    await expect(nobody.startExecution({ FlowName: 'named', Input: '{}' })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    const owner = clientOf(cloud.accounts.createUser(ACCOUNT, 'somebody'));
    await cloud.cloud.call(
      cloud.accounts.rootOf(ACCOUNT),
      '2015-05-01',
      'AttachPolicyToUser',
      { PolicyType: 'System', PolicyName: 'AdministratorAccess', UserName: 'somebody' },
      'cn-hangzhou',
    );
    expect(await owner.startExecution({ FlowName: 'named', Input: '{}' })).toMatchObject({
      FlowName: 'named',
      Status: 'Running',
    });
    await expect(owner.startExecution({ FlowName: 'nothing', Input: '{}' })).rejects.toMatchObject({
      code: 'FlowNotExists',
    });
  });
});
