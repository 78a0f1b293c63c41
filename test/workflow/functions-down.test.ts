import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { suspend } from '../support/changes.js';
import { documentWith, statementsOf } from '../support/rights/watch.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const MINUTE = 60_000;
/** Longer than an execution tries all of its steps one after the other. */
const MINUTES_DOWN = 4 * 60;

/** Flows may call no function, as where their role was edited or functions are of another deployment. */
async function callingNothing(): Promise<() => Promise<void>> {
  const role = world.cloud.deployment.roles.find(({ name }) => name.endsWith('-fn-flows'));
  if (role === undefined) throw new Error('no role calls functions');
  const rest = statementsOf(role).filter(({ Action }) => !Action.includes('fc:InvokeFunction'));
  await world.ram().setPolicyDocument(role.name, documentWith(rest));
  return () => world.ram().setPolicyDocument(role.name, role.document);
}

async function withoutRegister(): Promise<() => Promise<void>> {
  const undo = world.cloud.cloud.faults.add({
    before: ({ product, callerArn }: CallInfo) =>
      product === 'oss' && callerArn?.includes('leasehold-fn-')
        ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
        : undefined,
  });
  return async () => undo();
}

const toldOf = (id: string): readonly string[] => {
  const told = world.outbox.heard.filter(({ subject }) => subject === id);
  return [...new Map(told.map((event) => [event.id, event.type.replace('partner.access.', '')])).values()];
};

async function sitOut(begin: () => Promise<() => Promise<void>>, meanwhile: () => Promise<void>) {
  const undo = await begin();
  await meanwhile();
  for (let minute = 0; minute < MINUTES_DOWN; minute += 10)
    await world.jumpTo(world.clock.now() + 10 * MINUTE);
  await undo();
  await world.jumpTo(world.clock.now() + 30 * MINUTE);
  await world.settle();
}

let serial = 0;
async function granted(): Promise<string> {
  const id = `D-${++serial}`;
  await world.onboard(id);
  await world.hear(id, 'granted');
  await world.jumpTo(world.clock.now() + 40 * MINUTE);
  return id;
}

describe.each([
  ['no function can be called', callingNothing],
  ['the register is out of reach', withoutRegister],
])('where %s for hours', (_what, begin) => {
  it('an end that was asked for meanwhile is carried out afterwards', async () => {
    const id = await granted();
    await sitOut(begin, () => world.terminate(id));
    expect((await world.contract(id)).state).toBe('ended');
    expect(toldOf(id)).toContain('revoked');
  }, 60_000);

  it('a suspension that was asked for meanwhile is carried out afterwards', async () => {
    const id = await granted();
    await sitOut(begin, () => suspend(world, id, `s-${id}`));
    expect((await world.contract(id)).suspensions.map(({ seen }) => seen !== undefined)).toEqual([true]);
    expect(toldOf(id)).toContain('suspended');
  }, 60_000);

  it('a request is answered afterwards', async () => {
    const id = `D-${++serial}`;
    await sitOut(begin, () => world.onboard(id));
    // Once without an anchor, while there is none to be had.
    expect(new Set(toldOf(id))).toEqual(new Set(['failed']));
  }, 60_000);
});

const withoutAdmission = () =>
  world.cloud.cloud.faults.add({
    before: ({ action, callerArn }) =>
      action === 'PutObject' && callerArn?.includes('leasehold-fn-admission')
        ? { kind: 'error', status: 403, code: 'AccessDenied' }
        : undefined,
  });

describe('where one function may not write the register', () => {
  it('a suspension is begun again every few minutes, is told of once, and comes when it may', async () => {
    const id = await granted();
    let begun = 0;
    const undo = withoutAdmission();
    const uncount = world.cloud.cloud.faults.add({
      after: ({ action, params: { FlowName } }) => {
        if (action === 'StartExecution' && FlowName === 'leasehold-amendment') begun += 1;
      },
    });
    await suspend(world, id, `s-${id}`);
    for (let minute = 0; minute < 60; minute++) await world.jumpTo(world.clock.now() + MINUTE);
    undo();
    uncount();
    // Each waits for five minutes before it begins the next, and tries for one.
    expect(begun).toBeGreaterThan(5);
    expect(begun).toBeLessThanOrEqual(12);
    expect(toldOf(id)).toEqual(['granted', 'failed']);
    await world.jumpTo(world.clock.now() + 10 * MINUTE);
    await world.settle();
    expect(toldOf(id)).toEqual(['granted', 'failed', 'suspended']);
  }, 60_000);

  it('a suspension that was asked for more than a day ago is not begun again', async () => {
    const id = await granted();
    const undo = withoutAdmission();
    await suspend(world, id, `s-${id}`);
    for (let hour = 0; hour < 26; hour++) await world.jumpTo(world.clock.now() + 60 * MINUTE);
    undo();
    await world.jumpTo(world.clock.now() + 20 * MINUTE);
    await world.settle();
    expect(toldOf(id)).toEqual(['granted', 'failed']);
  }, 60_000);
});
