import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../../../shared/loopback/cloudflow/executions.js';
import { ApiError } from '../../../shared/loopback/kernel.js';
import { scopeOf } from './arbitraries.js';
import { ACCOUNT, askingTask, type FlowWorld, type States, startFlows } from './world.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-flows-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FUNCTION_MS = 700;
const startIn = (data: string, startAt?: number, functionMs = FUNCTION_MS): Promise<FlowWorld> =>
  startFlows({}, false, {
    data,
    functionMs,
    ...(startAt === undefined ? {} : { startAt }),
  });
const seen = ({ status, output, failure, history, startedAt, stoppedAt }: Execution) => ({
  ...{ status, output, history, startedAt, stoppedAt },
  failure: failure === undefined ? undefined : [failure.code, failure.detail],
});
/** What branches do at one instant has no order of its own, and a task that is called again may move it. */
const seenWithoutOrder = (execution: Execution) => ({
  ...{ ...seen(execution), history: undefined },
  events: execution.history
    .map(({ Time, Type, StepName, EventDetail }) => `${Time} ${StepName} ${Type} ${EventDetail}`)
    .sort(),
});
/** A task that was cut short is called again, and takes its time again. */
const seenWithoutTimes = (execution: Execution) => ({
  ...{ status: execution.status, output: execution.output, failure: execution.failure?.code },
  events: execution.history
    .map(({ Type, StepName, EventDetail }) => `${StepName} ${Type} ${EventDetail}`)
    .sort(),
});
const executionIn = (world: FlowWorld, name: string): Execution => {
  const execution = world.flows.executionsOf(ACCOUNT, name)[0];
  if (execution === undefined) throw new Error(`${name} was not started`);
  return execution;
};

interface Moment {
  readonly at: number;
  readonly data: string;
}
/** Lets the world go to its end and keeps what was in its folder half a second after every half second until then. */
async function moments(world: FlowWorld, most: number): Promise<readonly Moment[]> {
  const taken: Moment[] = [];
  const isRunning = () =>
    world.flows.executionsOf(ACCOUNT, 'flow').some((execution) => execution.status === 'Running');
  while (isRunning() && taken.length < most) {
    await world.cloud.saved();
    const data = join(folder, `at-${taken.length}`);
    cpSync(join(folder, 'data'), data, { recursive: true });
    rmSync(join(data, 'lock'));
    taken.push({ at: world.clock.now(), data });
    await world.clock.advance(500);
  }
  await world.clock.runUntilIdle();
  return taken;
}

/** Runs a flow to its end, and again from every moment on the way as a new process finds it. */
async function expectSameFromAnywhere(
  prepare: (world: FlowWorld) => Promise<unknown>,
  { functionMs = 0, most = 20 } = {},
): Promise<number> {
  rmSync(join(folder, 'data'), { recursive: true, force: true });
  const look = functionMs === 0 ? seenWithoutOrder : seenWithoutTimes;
  const world = await startIn(join(folder, 'data'), undefined, functionMs);
  await prepare(world);
  const taken = await moments(world, most);
  const expected = look(executionIn(world, 'flow'));
  expect(expected.status).not.toBe('Running');
  await world.close();
  for (const { at, data } of taken) {
    const later = await startIn(data, at, functionMs);
    await later.clock.runUntilIdle();
    const resumed = executionIn(later, 'flow');
    expect(look(resumed)).toEqual(expected);
    await later.close();
    // What was resumed is kept in its turn, and over: the next process finds it so.
    const last = await startIn(data, at, functionMs);
    expect(seen(executionIn(last, 'flow'))).toEqual(seen(resumed));
    await last.close();
    rmSync(data, { recursive: true });
  }
  return taken.length;
}

const start = (states: States, input: object) => async (world: FlowWorld) => {
  await world.create('flow', states);
  await world.call('StartExecution', { FlowName: 'flow', Input: JSON.stringify(input) });
};

/**
 * Whether it is a flow, does what it does without going round in circles, and comes to one end only: when a branch fails, how
 * far the others came by that instant is chance.
 */
async function hasOneEnd(prepare: (world: FlowWorld) => Promise<void>): Promise<boolean> {
  const world = await startFlows();
  try {
    await prepare(world);
    await world.clock.runUntilIdle();
    const { definition, history } = executionIn(world, 'flow');
    const isSideBySide = /"Type":"(Parallel|Map)"/.test(definition);
    return history.length <= 200 && !(isSideBySide && history.some(({ Type }) => Type.endsWith('Failed')));
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  } finally {
    await world.close();
  }
}

const task = {
  Type: 'Task',
  Action: 'FC:InvokeFunction',
  Parameters: { resourceArn: 'echo', invocationType: 'Sync', 'body.$': '$Input' },
};
const throwing = { ...task, Parameters: { resourceArn: 'throw Busy', invocationType: 'Sync' } };

describe.each([
  ['between its tasks', 0],
  ['in the midst of its tasks', FUNCTION_MS],
])('an execution whose cloud was killed %s goes on from any moment to the same end', (_when, functionMs) => {
  it('through waits, tasks, retries, and a catch', async () => {
    const count = await expectSameFromAnywhere(
      start(
        [
          { Type: 'Wait', Name: 'W', Seconds: 2, Next: 'T' },
          {
            ...task,
            Name: 'T',
            OutputConstructor: { 'n.$': 'randomInt(0, 1000000)', 'id.$': 'uuid()' },
            Next: 'R',
          },
          {
            ...throwing,
            Name: 'R',
            Retry: [{ Errors: ['Busy'], Description: 'd', MaxAttempts: 2, IntervalSeconds: 1 }],
            Catch: [{ Errors: ['FnF.ALL'], Description: 'd', Next: 'P' }],
            Next: 'P',
          },
          { Type: 'Pass', Name: 'P', OutputConstructor: { 'r.$': 'randomInt(0, 1000000)' }, End: true },
        ],
        {},
      ),
      { functionMs },
    );
    expect(count).toBeGreaterThan(5);
  });

  it('through branches and iterations that run side by side', async () => {
    const branch = (seconds: number) => ({
      StartAt: 'B',
      States: [
        { Type: 'Wait', Name: 'B', Seconds: seconds, Next: 'C' },
        { ...task, Name: 'C', End: true },
      ],
    });
    const count = await expectSameFromAnywhere(
      start(
        [
          {
            Type: 'Parallel',
            Name: 'P',
            Branches: [branch(1), branch(2), branch(1)],
            OutputConstructor: { 'list.$': '$Input.list' },
            Next: 'M',
          },
          {
            Type: 'Map',
            Name: 'M',
            ItemsPath: '$Input.list',
            MaxConcurrency: 2,
            Processor: branch(1),
            End: true,
          },
        ],
        { list: [{ n: 1 }, { n: 2 }, { n: 3 }] },
      ),
      { functionMs },
    );
    expect(count).toBeGreaterThan(4);
  });
});

describe('any flow at all', () => {
  it('goes on from any moment to the same end', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(scopeOf(1), async (scope) => {
        const Definition = JSON.stringify({
          Type: 'StateMachine',
          SpecVersion: 'v1',
          Name: 'flow',
          ...scope,
        });
        const Input = '{"n":1,"list":[{"n":1},{"list":[]}]}';
        const prepare = async (world: FlowWorld) => {
          await world.create('flow', [], { Definition });
          await world.call('StartExecution', { FlowName: 'flow', Input });
        };
        fc.pre(await hasOneEnd(prepare));
        const moments = await expectSameFromAnywhere(prepare, { most: 5 });
        // A flow that never rests has nothing to go on from: another is tried in its stead.
        fc.pre(moments > 0);
        count += moments;
      }),
      { numRuns: 10 },
    );
    expect(count).toBeGreaterThan(0);
  }, 60_000);
});

describe('a task that waits for a callback', () => {
  it('is answered under its token after a restart, and was asked once', async () => {
    const world = await startIn(join(folder, 'data'));
    await start([{ ...askingTask, Name: 'A' }], {})(world);
    await world.clock.advance(FUNCTION_MS);
    await world.close();
    const { token } = JSON.parse(world.payloads[0] ?? '') as { readonly token: string };
    const later = await startIn(join(folder, 'data'), world.clock.now());
    await later.clock.settled();
    await later.call('ReportTaskSucceeded', { TaskToken: token, Output: '{"said":"yes"}' });
    await later.clock.settled();
    expect(executionIn(later, 'flow')).toMatchObject({ status: 'Succeeded', output: '{"said":"yes"}' });
    expect([...world.payloads, ...later.payloads]).toHaveLength(1);
    await later.close();
  });

  it('is too late after its time, counted from when it was asked', async () => {
    const world = await startIn(join(folder, 'data'));
    await start([{ ...askingTask, Name: 'A', Timeout: 10 }], {})(world);
    await world.clock.advance(6_000);
    await world.close();
    const later = await startIn(join(folder, 'data'), world.clock.now());
    await later.clock.advance(3_900);
    expect(executionIn(later, 'flow').status).toBe('Running');
    await later.clock.advance(200);
    expect(executionIn(later, 'flow').failure?.code).toBe('FnF.TaskTimeout');
    await later.close();
  });
});

describe('a task that waits for another execution', () => {
  it('finds it again after a restart, though it was over by then', async () => {
    const world = await startIn(join(folder, 'data'));
    await world.ram('CreatePolicy', {
      PolicyName: 'start',
      PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"fnf:*","Resource":"*"}]}',
    });
    await world.ram('AttachPolicyToRole', { PolicyType: 'Custom', PolicyName: 'start', RoleName: 'flows' });
    await world.create('child', [
      { Type: 'Wait', Name: 'W', Seconds: 5, Next: 'P' },
      { Type: 'Pass', Name: 'P', OutputConstructor: { done: true }, End: true },
    ]);
    await start(
      [
        {
          Type: 'Task',
          Name: 'S',
          Action: 'FNF:StartExecution',
          TaskMode: 'WaitForSystemCallback',
          Parameters: { resourceArn: 'acs:fnf:::flow/child' },
          End: true,
        },
      ],
      {},
    )(world);
    await world.clock.advance(1_000);
    await world.close();
    const later = await startIn(join(folder, 'data'), world.clock.now());
    await later.clock.runUntilIdle();
    expect(executionIn(later, 'flow')).toMatchObject({ status: 'Succeeded', output: '{"done":true}' });
    expect(later.flows.executionsOf(ACCOUNT, 'child')).toHaveLength(1);
    await later.close();
  });
});

describe('a schedule of a flow', () => {
  it('goes on after a restart, and a flow that was deleted does not come back', async () => {
    const world = await startIn(join(folder, 'data'));
    await world.create('flow', [{ Type: 'Pass', Name: 'P', End: true }]);
    await world.create('gone', [
      { Type: 'Wait', Name: 'W', Seconds: 60, Next: 'P' },
      { Type: 'Pass', Name: 'P', End: true },
    ]);
    await world.call('CreateSchedule', { FlowName: 'flow', ScheduleName: 's', CronExpression: '@every 1m' });
    await world.call('StartExecution', { FlowName: 'gone' });
    await world.call('DeleteFlow', { Name: 'gone' });
    await world.clock.advance(61_000);
    await world.close();
    const later = await startIn(join(folder, 'data'), world.clock.now());
    await later.clock.advance(61_000);
    expect(later.flows.executionsOf(ACCOUNT, 'flow')).toHaveLength(2);
    expect((await later.call('ListFlows', {}))['Flows']).toHaveLength(1);
    expect(later.flows.executionsOf(ACCOUNT, 'gone')).toEqual([]);
    await later.close();
  });
});
