import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeDirectly } from '../../shared/app/ending/revoke-directly.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { portsOf } from '../../shared/compose.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { instantOf, parseContractId } from '../../shared/domain/values.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const HOUR_MS = 3_600_000;
const never = () => new Promise<never>(() => undefined);

/** With an administrator's keys, and a clock on which waiting takes no time. */
const operatorPorts = (): Ports => ({
  ...portsOf(world.cloud.connectionOf(world.cloud.root), world.cloud.config, {
    info: () => undefined,
    warn: () => undefined,
  }),
  clock: {
    now: () => instantOf(world.clock.now()),
    ticks: () => world.clock.now(),
    sleep: async () => undefined,
  },
});

/** What a process does that dies when so many of its calls were answered: it hears no answer after that, and asks nothing more. */
function dyingAfter(calls: number): {
  readonly ports: Ports;
  readonly death: Promise<void>;
  readonly made: () => number;
} {
  let made = 0;
  let die: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  const dying = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: readonly unknown[]) => {
          if (made >= calls) return never();
          made += 1;
          const isLast = made === calls;
          const answer = await method.apply(target, args);
          if (!isLast) return answer;
          die();
          return never();
        };
      },
    });
  const ports = operatorPorts();
  const { ram, sts, evidence, index, events, grantees, dataPlanes, routes } = ports;
  const all = { ram, sts, evidence, index, events, grantees, dataPlanes, routes };
  return {
    ports: {
      ...ports,
      ...(Object.fromEntries(Object.entries(all).map(([name, port]) => [name, dying(port)])) as typeof all),
    },
    death,
    made: () => made,
  };
}
const end = (id: string, ports: Ports) =>
  revokeDirectly(parseContractId(id), { detail: 'an incident', by: 'operator@a.example' }, ports);
const granted = async (id: string): Promise<string> => {
  await world.onboard(id);
  await world.hear(id, 'granted');
  return id;
};
/** Ids of the events that told its end. */
const toldOf = (id: string): readonly string[] =>
  world.outbox.heard
    .filter(({ subject, type }) => subject === id && type === 'partner.access.revoked')
    .map((event) => event.id);
const endedOf = async (ids: readonly string[]): Promise<number> => {
  const contracts = await Promise.all(ids.map((id) => world.contract(id)));
  return contracts.filter(({ state }) => state === 'ended').length;
};

describe('an end from an operator’s machine that dies', () => {
  it('leaves what the sweep finishes and tells, or a contract that goes on', async () => {
    const whole = dyingAfter(1_000);
    await end(await granted('D-whole'), whole.ports);
    const ids: string[] = [];
    // Each second one: what is done between two facts takes more than one call.
    for (let calls = 1; calls < whole.made(); calls += 2) {
      const id = await granted(`D-${calls}`);
      const { ports, death } = dyingAfter(calls);
      void end(id, ports);
      await death;
      ids.push(id);
    }
    await world.jumpTo(world.clock.now() + HOUR_MS);
    await world.calm();
    const roles = await world.roles();
    for (const id of ids) {
      const { state, ending } = await world.contract(id);
      const isThere = roles.includes(roleNameOf(parseContractId(id)));
      expect([id, state, isThere, new Set(toldOf(id)).size], id).toEqual(
        ending === undefined ? [id, 'active', true, 0] : [id, 'ended', false, 1],
      );
    }
    expect(await endedOf(ids)).toBeGreaterThan(ids.length / 2);
  }, 60_000);
});
