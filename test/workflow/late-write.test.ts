import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { amend, enterAs, using } from '../support/changes.js';
import { kafkaGrant, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

// In processes: while a write is held here, the end that overtakes it needs time to pass.
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.cloud.close());

const busGrant = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;
const grants = { grants: [kafkaGrant, busGrant] };
const stateOf = async (id: string) => (await world.contract(id)).state;

describe('a write of an amendment that comes after the cut', () => {
  it.each(['CreatePolicyVersion', 'UpdateRole'])(
    'by %s opens nothing, and finds the stop on',
    async (action) => {
      const id = `A-late-${action}`;
      await world.onboard(id);
      const session = await enterAs(world, id);
      let held: Promise<unknown> | undefined;
      const undo = world.cloud.cloud.faults.add({
        before: async (call) => {
          if (held !== undefined || call.action !== action || !call.callerArn?.includes('fn-grant'))
            return undefined;
          held = (async () => {
            await world.terminate(id);
            while ((await world.contract(id)).cut === undefined)
              await new Promise((resolve) => setImmediate(resolve));
          })();
          await held;
          return undefined;
        },
      });
      const longer = { restrict: { maxSessionSeconds: 7200 } };
      await amend(world, id, { revision: 1, ...grants, ...longer });
      await world.calm();
      undo();
      expect(held).toBeDefined();
      // Whatever the amendment may still do is done under the stop: that goes when no function of its can be at work.
      const role = roleNameOf(parseContractId(id));
      expect((await world.ram().attachmentsOf(role)).map(({ policy }) => policy.name)).toEqual([
        'leasehold-ended',
      ]);
      expect(await using(world, session, kafkaGrant)).toBe('denied');
      await world.hear(id, 'revoked');
      expect(await stateOf(id)).toBe('ended');
      expect(await world.roles()).not.toContain((await world.contract(id)).requested?.roleName);
      await expect(using(world, session, kafkaGrant)).rejects.toThrow();
    },
  );
});
