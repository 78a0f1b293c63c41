import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleOf } from '../support/drift-stage.js';
import { startWorld, type World } from '../support/world.js';

// Time passes by itself: an onboarding is held here until the end that overtakes it is over.
let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'processes' });
});
afterAll(() => world?.cloud.close());

describe('an end that overtakes the onboarding', () => {
  const untilEnded = async (id: string) => {
    await world.terminate(id);
    while ((await world.contract(id)).state !== 'ended')
      await new Promise((resolve) => setImmediate(resolve));
  };
  const writes = ['CreateRole', 'CreatePolicy', 'AttachPolicyToRole', 'UpdateRole'].flatMap((action) =>
    (['before', 'after'] as const).map((moment) => ({ action, moment })),
  );

  it.each(writes)(
    'and is over $moment $action is applied leaves nothing, and no moment open',
    async ({ action, moment }) => {
      const id = `O-${action}-${moment}`;
      let held: Promise<void> | undefined;
      const hold = async (call: { readonly action: string; readonly callerArn?: string }) => {
        if (held !== undefined || call.action !== action || !call.callerArn?.includes('fn-grant'))
          return undefined;
        held = untilEnded(id);
        await held;
        return undefined;
      };
      const undo = world.cloud.cloud.faults.add(
        moment === 'before' ? { before: hold } : { after: async (call) => void (await hold(call)) },
      );
      await world.onboard(id);
      await world.outbox.answerTo(id, ['revoked']);
      await world.calm();
      undo();
      expect(held).toBeDefined();
      expect(await world.roles()).not.toContain(roleOf(id));
      expect(await world.ram().readPolicy({ type: 'Custom', name: `${roleOf(id)}-1` })).toBeUndefined();
      expect((await world.contract(id)).state).toBe('ended');
      expect(
        world.outbox.heard.filter((event) => event.subject === id).map((event) => event.type),
      ).not.toContain('partner.access.granted');
    },
  );

  it('and is over between opening and recording it is not outrun: no hand-over goes out', async () => {
    const id = 'O-unrecorded';
    let opened = false;
    let held: Promise<void> | undefined;
    const undo = world.cloud.cloud.faults.add({
      before: async (call) => {
        if (!opened || held !== undefined || call.product !== 'oss' || call.action !== 'PutObject')
          return undefined;
        held = untilEnded(id);
        await held;
        return undefined;
      },
      after: (call) => {
        opened ||= call.action === 'UpdateRole' && call.callerArn?.includes('activate-access') === true;
      },
    });
    await world.onboard(id);
    await world.outbox.answerTo(id, ['revoked']);
    await world.calm();
    undo();
    expect(held).toBeDefined();
    expect(
      world.outbox.heard.filter((event) => event.subject === id).map((event) => event.type),
    ).not.toContain('partner.access.granted');
    expect(await world.roles()).not.toContain(roleOf(id));
  });
});
