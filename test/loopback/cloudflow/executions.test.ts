import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from './tables.js';
import { ACCOUNT, askingTask, definitionOf, type FlowWorld, type States, startFlows } from './world.js';

describe('an execution', () => {
  let world: FlowWorld;
  let clock: FlowWorld['clock'];
  let flows: FlowWorld['flows'];
  let call: FlowWorld['call'];
  let create: FlowWorld['create'];
  beforeAll(async () => {
    world = await startFlows();
    ({ clock, flows, call, create } = world);
  });
  afterAll(() => world.close());
  const lastToken = (): string => JSON.parse(world.payloads.at(-1) ?? '{}').token;

  interface Row {
    readonly what: string;
    readonly states: States;
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
      const [before, from] = [world.payloads.length, clock.now()];
      const given = input ?? { x: 'x'.repeat(inputBytes ?? 0) };
      const execution = await world.run(`flow${index}`, states, given);
      if (error === undefined)
        expect([execution.status, JSON.parse(execution.output || '{}')]).toEqual(['Succeeded', output]);
      else {
        expect([execution.status, execution.failure?.code]).toEqual(['Failed', error]);
        const { Type, EventDetail } = execution.history.at(-1)!;
        expect([Type, JSON.parse(EventDetail).Error]).toEqual(['ExecutionFailed', error]);
      }
      if (expected.calls !== undefined) expect(world.payloads.length - before).toBe(expected.calls);
      if (expected.seconds !== undefined) expect((clock.now() - from) / 1000).toBe(expected.seconds);
    },
  );

  it('goes on when it is called back, once, with what it is given', async () => {
    await create('back', [{ ...askingTask, Timeout: 0 }]);
    await call('StartExecution', { FlowName: 'back', Input: '{}' });
    await clock.settled();
    const [execution] = flows.executionsOf(ACCOUNT, 'back');
    expect(execution!.status).toBe('Running');
    const TaskToken = lastToken();
    await call('ReportTaskSucceeded', { TaskToken, Output: '{"done":true}' });
    await execution!.over;
    expect([execution!.status, execution!.output]).toEqual(['Succeeded', '{"done":true}']);
    await expect(call('ReportTaskSucceeded', { TaskToken, Output: '{}' })).rejects.toMatchObject({
      code: 'TaskTokenNotExists',
    });
  });

  it('that is stopped is over at once, and leaves no timer and no token', async () => {
    await create('stopped', [askingTask]);
    await call('StartExecution', { FlowName: 'stopped', ExecutionName: 'e', Input: '{}' });
    await clock.settled();
    const TaskToken = lastToken();
    await call('StopExecution', { FlowName: 'stopped', ExecutionName: 'e', Error: 'Enough' });
    const [execution] = flows.executionsOf(ACCOUNT, 'stopped');
    await execution!.over;
    expect([execution!.status, execution!.history.at(-1)!.Type]).toEqual(['Stopped', 'ExecutionStopped']);
    const from = clock.now();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(from);
    await expect(call('ReportTaskSucceeded', { TaskToken, Output: '{}' })).rejects.toMatchObject({
      code: 'TaskTokenNotExists',
    });
    await expect(call('StopExecution', { FlowName: 'stopped', ExecutionName: 'e' })).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
  });

  it('fails as a callback says, and tells the task that asked for its end', async () => {
    await create('asks', [askingTask]);
    await create('answers', [{ Type: 'Pass', Name: 'A', OutputConstructor: { told: true }, End: true }]);
    for (const name of ['told', 'failed']) {
      await call('StartExecution', { FlowName: 'asks', ExecutionName: name, Input: '{}' });
      await clock.settled();
      const TaskToken = lastToken();
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
    [
      'a name of 129',
      'StartExecution',
      { FlowName: 'paged', ExecutionName: 'x'.repeat(129) },
      'InvalidArgument',
    ],
    ['a name with a dot', 'StartExecution', { FlowName: 'paged', ExecutionName: 'a.b' }, 'InvalidArgument'],
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
    const parent = (Name: string, child: string) =>
      create(Name, [
        {
          Type: 'Task',
          Name: 'A',
          Action: 'FNF:StartExecution',
          TaskMode: 'WaitForSystemCallback',
          Parameters: { resourceArn: `acs:fnf:::flow/${child}`, 'input.$': '$Input' },
          End: true,
        },
      ]);
    await create('child-waits', [{ Type: 'Wait', Name: 'A', Seconds: 9, End: true }]);
    await create('child-fails', [{ Type: 'Fail', Name: 'A', Code: 'ChildError' }]);
    await world.ram('AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AdministratorAccess',
      RoleName: 'flows',
    });
    await parent('waits', 'child-waits');
    await parent('fails', 'child-fails');
    for (const FlowName of ['waits', 'fails']) await call('StartExecution', { FlowName, Input: '{"x":1}' });
    await clock.advance(1_000);
    await clock.advance(20_000);
    const [waits, fails] = ['waits', 'fails'].map((name) => flows.executionsOf(ACCOUNT, name)[0]!);
    expect([waits!.status, waits!.output]).toEqual(['Succeeded', '{"x":1}']);
    expect([fails!.status, fails!.failure?.code]).toEqual(['Failed', 'ChildError']);
  });

  it('has no status yet when it was just started', async () => {
    await create('begins', [{ Type: 'Succeed', Name: 'A' }]);
    const reply = await call('StartExecution', { FlowName: 'begins', ExecutionName: 'b' });
    expect(reply).toMatchObject({ Name: 'b', FlowName: 'begins', Status: '', Output: '' });
  });

  it('of a name that runs is the same one, and of a name that ran is refused', async () => {
    await create('named', [{ Type: 'Wait', Name: 'A', Seconds: 5, End: true }]);
    const start = () => call('StartExecution', { FlowName: 'named', ExecutionName: 'once', Input: '{}' });
    expect(await start()).toEqual(await start());
    await clock.runUntilIdle();
    await expect(start()).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    expect(flows.executionsOf(ACCOUNT, 'named')).toHaveLength(1);
  });

  it('keeps the definition it was started with', async () => {
    const waiting = (told: number): States => [
      { Type: 'Wait', Name: 'A', Seconds: 5, Next: 'B' },
      { Type: 'Pass', Name: 'B', OutputConstructor: { told }, End: true },
    ];
    await create('kept', waiting(1));
    await call('StartExecution', { FlowName: 'kept', ExecutionName: 'e', Input: '{}' });
    await clock.settled();
    await call('UpdateFlow', { Name: 'kept', Definition: definitionOf('kept', waiting(2)) });
    await clock.runUntilIdle();
    expect(flows.executionsOf(ACCOUNT, 'kept')[0]!.output).toBe('{"told":1}');
  });

  it('is waited for as long as asked, in time of the host', async () => {
    await create('polled', [{ Type: 'Wait', Name: 'A', Seconds: 5, End: true }]);
    await call('StartExecution', { FlowName: 'polled', ExecutionName: 'e', Input: '{}' });
    const poll = (WaitTimeSeconds: string) =>
      call('DescribeExecution', { FlowName: 'polled', ExecutionName: 'e', WaitTimeSeconds });
    expect(await poll('0')).toMatchObject({ Status: 'Running' });
    const polled = poll('60');
    await clock.runUntilIdle();
    expect(await polled).toMatchObject({ Status: 'Succeeded' });
  });

  it.each(['Z', '_', 'A-b_9', 'x'.repeat(128)])('may be called %s', async (ExecutionName) => {
    expect(await call('StartExecution', { FlowName: 'paged', ExecutionName })).toMatchObject({
      Name: ExecutionName,
    });
  });
});
