import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, askingTask, type FlowWorld, START, startFlows } from './world.js';

const HOUR = 3_600_000;

describe('a schedule', () => {
  let world: FlowWorld;
  const startedAt = () => world.flows.executionsOf(ACCOUNT, 'ticks').map((one) => one.startedAt - START);
  const schedule = (params: Readonly<Record<string, string>>) =>
    world.call('CreateSchedule', { FlowName: 'ticks', ScheduleName: 's', ...params });
  /** In steps that hold one turn each: a longer move may make up for several turns with one. */
  const pass = async (hours: number) => {
    for (let hour = 0; hour < hours; hour++) await world.clock.advance(HOUR);
  };
  beforeEach(async () => {
    world = await startFlows();
    await world.create('ticks', [{ Type: 'Succeed', Name: 'A' }]);
  });
  afterEach(() => world.close());

  it.each([
    ['every hour, in UTC', '0 0 * * * *', [HOUR, 2 * HOUR, 3 * HOUR]],
    ['at two', '30 15 2 * * ?', [2 * HOUR + 15.5 * 60_000]],
    ['by the console’s interval', '@every 90m', [1.5 * HOUR, 3 * HOUR]],
    ['on another day', '0 0 0 2 1 *', []],
  ])('starts the flow %s', async (_when, CronExpression, expected) => {
    await schedule({ CronExpression });
    await pass(3);
    expect(startedAt()).toEqual(expected);
  });

  it('goes on after a turn that the account’s quota of executions left no room for', async () => {
    const full = await startFlows({ limits: { runningExecutions: 1 } });
    try {
      await full.create('asking', [askingTask]);
      await full.create('ticks', [{ Type: 'Succeed', Name: 'A' }]);
      await full.call('CreateSchedule', {
        FlowName: 'ticks',
        ScheduleName: 's',
        CronExpression: '0 0 * * * *',
      });
      await full.call('StartExecution', { FlowName: 'asking', ExecutionName: 'a' });
      await full.clock.advance(HOUR);
      await full.call('StopExecution', { FlowName: 'asking', ExecutionName: 'a' });
      await full.clock.advance(HOUR);
      const started = full.flows.executionsOf(ACCOUNT, 'ticks').map(({ startedAt }) => startedAt - START);
      expect(started).toEqual([2 * HOUR]);
    } finally {
      await full.close();
    }
  });

  it('hands its payload over, as it was when it was last updated', async () => {
    const made = await schedule({ CronExpression: '0 0 * * * *', Payload: '{"n":1}', Description: 'hourly' });
    expect(made).toMatchObject({
      ScheduleName: 's',
      Enable: true,
      Payload: '{"n":1}',
      Description: 'hourly',
    });
    await pass(1);
    const updated = await world.call('UpdateSchedule', {
      FlowName: 'ticks',
      ScheduleName: 's',
      Payload: '{"n":2}',
    });
    expect(updated).toMatchObject({ ScheduleId: made['ScheduleId'], CronExpression: '0 0 * * * *' });
    await pass(1);
    expect(world.flows.executionsOf(ACCOUNT, 'ticks').map(({ input }) => input)).toEqual([
      '{"n":1}',
      '{"n":2}',
    ]);
  });

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['is switched off', 'UpdateSchedule', { ScheduleName: 's', Enable: 'false' }],
    ['is deleted', 'DeleteSchedule', { ScheduleName: 's' }],
    ['loses its flow', 'DeleteFlow', { Name: 'ticks' }],
  ])('starts nothing once it %s', async (_what, action, params) => {
    await schedule({ CronExpression: '0 0 * * * *' });
    await world.call(action, { FlowName: 'ticks', ...params });
    if (action === 'DeleteFlow') await world.create('ticks', [{ Type: 'Succeed', Name: 'A' }]);
    await pass(2);
    expect(startedAt()).toEqual([]);
  });

  it('does not make an idle clock go on for ever', async () => {
    await schedule({ CronExpression: '0 0 * * * *' });
    await world.clock.runUntilIdle();
    expect(world.clock.now()).toBe(START);
  });

  it('is listed page by page, and told apart by its name', async () => {
    for (const ScheduleName of ['a', 'b', 'c'])
      await schedule({ ScheduleName, CronExpression: '0 0 1 * * *' });
    const page = await world.call('ListSchedules', { FlowName: 'ticks', Limit: '2' });
    expect(page).toMatchObject({ Schedules: [{ ScheduleName: 'a' }, { ScheduleName: 'b' }], NextToken: '2' });
    expect(await world.call('DescribeSchedule', { FlowName: 'ticks', ScheduleName: 'c' })).toMatchObject({
      CronExpression: '0 0 1 * * *',
    });
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['five fields', { CronExpression: '0 * * * *' }, 'InvalidArgument'],
    ['a bare number', { CronExpression: '60' }, 'InvalidArgument'],
    ['a minute that is none', { CronExpression: '0 60 * * * *' }, 'InvalidArgument'],
    ['no expression', {}, 'MissingRequiredParams'],
    ['a payload that is no object', { CronExpression: '@every 1m', Payload: '[1]' }, 'InvalidArgument'],
    [
      'a name that starts with a digit',
      { CronExpression: '@every 1m', ScheduleName: '1' },
      'InvalidArgument',
    ],
    ['an Enable that is neither', { CronExpression: '@every 1m', Enable: '1' }, 'InvalidArgument'],
  ])('is refused with %s', async (_what, params, code) => {
    await expect(schedule(params)).rejects.toMatchObject({ code });
  });

  it('is refused twice under one name, and is not found under another', async () => {
    await schedule({ CronExpression: '@every 1m' });
    await expect(schedule({ CronExpression: '@every 1m' })).rejects.toMatchObject({
      code: 'ScheduleAlreadyExists',
    });
    for (const action of ['DescribeSchedule', 'UpdateSchedule', 'DeleteSchedule'])
      await expect(world.call(action, { FlowName: 'ticks', ScheduleName: 'x' })).rejects.toMatchObject({
        code: 'ScheduleNotExists',
      });
  });

  it('starts an Express flow too', async () => {
    await world.create('quick', [{ Type: 'Succeed', Name: 'A' }], { ExecutionMode: 'Express' });
    await schedule({ FlowName: 'quick', CronExpression: '0 0 * * * *' });
    await pass(1);
    expect(world.flows.executionsOf(ACCOUNT, 'quick').map(({ status }) => status)).toEqual(['Succeeded']);
  });
});
