import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { roleOf } from '../support/drift-stage.js';
import { PARTNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

/** The record that the role is open; the first is one execution's, the next the other's. */
const isRecord = (id: string, { action, callerArn, params }: CallInfo): boolean =>
  action === 'PutObject' &&
  callerArn?.includes('activate-access') === true &&
  params['path']?.includes(`/contracts/${id}/`) === true;
const isClosing = ({ action, callerArn, params }: CallInfo): boolean =>
  action === 'UpdateRole' &&
  callerArn?.includes('activate-access') === true &&
  params['NewAssumeRolePolicyDocument']?.includes(PARTNER) === false;

/** Less than a call is waited for. */
async function waitFor(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 90 && !(await isSo()); waited++) await world.clock.sleep(100);
}

describe('a request that is delivered twice, of whose executions one may not record that the role is open', () => {
  it.each([
    ['and the other has', false],
    ['and the other does once it was closed for that', true],
  ])('leaves it open %s', async (what, isOtherLate) => {
    const id = `T-${isOtherLate ? 'late' : 'first'}`;
    let records = 0;
    let isClosed = false;
    const undo = world.cloud.cloud.faults.add({
      before: async (call) => {
        if (!isRecord(id, call)) return undefined;
        records += 1;
        if (records === 2 && isOtherLate) await waitFor(() => isClosed);
        if (records !== 1) return undefined;
        await world.onboard(id);
        await waitFor(async () =>
          isOtherLate ? records > 1 : (await world.contract(id)).state === 'active',
        );
        return { kind: 'error', status: 403, code: 'AccessDenied' };
      },
      after: (call) => {
        isClosed ||= isClosing(call);
      },
    });
    await world.onboard(id);
    await world.hear(id, 'granted');
    await world.settle();
    undo();
    expect(records, what).toBeGreaterThan(1);
    expect(isClosed).toBe(isOtherLate);
    expect((await world.contract(id)).state).toBe('active');
    expect((await world.ram().observeRole(roleOf(id)))?.trust).toContain(PARTNER);
  });
});
