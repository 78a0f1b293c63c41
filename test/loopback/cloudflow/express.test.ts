import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, askingTask, definitionOf, type FlowWorld, START, startFlows } from './world.js';

const EXPRESS = { ExecutionMode: 'Express' };

describe('an Express flow', () => {
  let world: FlowWorld;
  beforeAll(async () => {
    world = await startFlows();
  });
  afterAll(() => world.close());

  it('answers with its output, and its name may be used again', async () => {
    await world.create(
      'adds',
      [{ Type: 'Pass', Name: 'A', OutputConstructor: { n: 1 }, End: true }],
      EXPRESS,
    );
    const replies = await Promise.all(
      [1, 2].map(() =>
        world.call('StartSyncExecution', { FlowName: 'adds', ExecutionName: 'again', Input: '{}' }),
      ),
    );
    for (const reply of replies)
      expect(reply).toMatchObject({ Status: 'Succeeded', Output: '{"n":1}', ErrorCode: '' });
    const names = replies.map(({ Name }) => String(Name));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^again:[0-9a-f-]{36}$/);
  });

  it('answers with the error that ended it', async () => {
    await world.create('fails', [{ Type: 'Fail', Name: 'A', Code: 'Broken', Detail: 'why' }], EXPRESS);
    expect(await world.call('StartSyncExecution', { FlowName: 'fails' })).toMatchObject({
      Status: 'Failed',
      Output: '',
      ErrorCode: 'Broken',
      ErrorMessage: 'why',
    });
  });

  it('is timed out after five minutes', async () => {
    const forever = [
      { Type: 'Wait', Name: 'A', Seconds: 20, Next: 'B' },
      { Type: 'Pass', Name: 'B', Next: 'A' },
    ];
    await world.create('forever', forever, EXPRESS);
    const reply = world.call('StartSyncExecution', { FlowName: 'forever' });
    const from = world.clock.now();
    await world.clock.runUntilIdle();
    expect(await reply).toMatchObject({ Status: 'TimedOut', ErrorCode: 'FnF.ExecutionTimeout' });
    expect(world.clock.now() - from).toBe(300_000);
    const [execution] = world.flows.executionsOf(ACCOUNT, 'forever');
    expect(execution?.history.at(-1)?.Type).toBe('ExecutionTimedOut');
  });

  it.each([
    ['that waits more than 20 seconds', { Type: 'Wait', Name: 'A', Seconds: 21, End: true }],
    ['with a task that waits for a callback', askingTask],
    [
      'with such a task in a branch of a Map',
      {
        Type: 'Map',
        Name: 'M',
        ItemsPath: '$Input.x',
        Processor: {
          StartAt: 'P',
          States: [
            { Type: 'Parallel', Name: 'P', Branches: [{ StartAt: 'A', States: [askingTask] }], End: true },
          ],
        },
        End: true,
      },
    ],
  ])('%s is refused', async (_what, state) => {
    await expect(world.create('slow', [state], EXPRESS)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('waits no longer than 20 seconds by an expression either', async () => {
    await world.create('waits', [{ Type: 'Wait', Name: 'A', 'Seconds.$': '$Input.s', End: true }], EXPRESS);
    expect(await world.call('StartSyncExecution', { FlowName: 'waits', Input: '{"s":21}' })).toMatchObject({
      Status: 'Failed',
      ErrorCode: 'FnF.RuntimeError',
    });
  });

  it('is started by StartSyncExecution only, and a Standard flow never', async () => {
    await world.create('express', [{ Type: 'Succeed', Name: 'A' }], EXPRESS);
    await world.create('standard', [{ Type: 'Succeed', Name: 'A' }]);
    for (const [action, FlowName] of [
      ['StartExecution', 'express'],
      ['StartSyncExecution', 'standard'],
    ] as const)
      await expect(world.call(action, { FlowName })).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('stays in its mode when updated', async () => {
    await world.create('kept', [{ Type: 'Succeed', Name: 'A' }], EXPRESS);
    const waits = definitionOf('kept', [{ Type: 'Wait', Name: 'A', Seconds: 300, End: true }]);
    await expect(world.call('UpdateFlow', { Name: 'kept', Definition: waits })).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
    expect(await world.call('DescribeFlow', { Name: 'kept' })).toMatchObject(EXPRESS);
  });
});

describe('a Standard flow', () => {
  it('is timed out after a year, but does not make an idle clock go there', async () => {
    const world = await startFlows();
    try {
      await world.create('asks', [{ ...askingTask, Timeout: 0 }]);
      await world.call('StartExecution', { FlowName: 'asks', Input: '{}' });
      await world.clock.runUntilIdle();
      const [execution] = world.flows.executionsOf(ACCOUNT, 'asks');
      expect([execution?.status, world.clock.now()]).toEqual(['Running', START]);
      await world.clock.advance(365 * 86_400_000);
      await execution?.over;
      expect(execution?.status).toBe('TimedOut');
    } finally {
      await world.close();
    }
  });
});
