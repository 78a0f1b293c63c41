import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
}, 60_000);
afterAll(() => world?.cloud.close());

describe('where the vendor’s pages disagree', () => {
  it.each(['eventbridge.aliyuncs.com', 'fnf.aliyuncs.com'] as const)(
    'events start flows though it is %s that takes on the role for that',
    async (service) => {
      const { switches } = world.cloud.events;
      const usual = switches.startsFlowsAs;
      switches.startsFlowsAs = service;
      const id = `R-${service.split('.')[0]}`;
      await world.onboard(id);
      expect((await world.hear(id, 'granted', 'failed', 'rejected')).type).toBe('partner.access.granted');
      await world.terminate(id);
      expect((await world.hear(id, 'revoked', 'failed')).type).toBe('partner.access.revoked');
      switches.startsFlowsAs = usual;
    },
  );
});
