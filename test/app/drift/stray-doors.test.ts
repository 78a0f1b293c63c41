import { describe, expect, it } from 'vitest';
import { listDoorSuspects } from '../../../shared/app/drift/stray-doors.js';
import { reportStrays } from '../../../shared/app/drift/strays.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { instantOf } from '../../../shared/domain/values.js';
import { makeVirtualClock } from '../../../shared/loopback/clock.js';
import { NOW, REGION } from '../../support/requests.js';

/** What a function has, less what else a round does. */
const MOST_SECONDS = 60;

/** Contracts have accounts on so many instances, on each of which somebody has made one by hand. */
function stage(count: number, secondsEach: number) {
  const clock = makeVirtualClock({ startAt: Date.parse(NOW) });
  const index = new Map<string, string>();
  const seen = new Set<string>();
  let [now, most, calls] = [0, 0, 0];
  const claims = Array.from(
    { length: count },
    (_, n) => `doors/lh-${n.toString(16).padStart(16, '0')}/kafka/${REGION}/alikafka-${n}`,
  );
  const ports = {
    dataPlanes: {
      listAccounts: async ({ instanceId }: { readonly instanceId: string }) => {
        most = Math.max(most, ++now);
        await clock.sleep(secondsEach * 1000);
        now -= 1;
        seen.add(instanceId);
        return [`lh-by-hand-${instanceId}`];
      },
    },
    evidence: { list: async () => claims },
    index: {
      read: async (key: string) => {
        calls += 1;
        return index.get(key);
      },
      put: async (key: string, text: string) => {
        calls += 1;
        index.set(key, text);
      },
    },
    clock: { now: () => instantOf(clock.now()) },
    log: { info: () => undefined, warn: () => undefined },
  } as unknown as Ports;
  const round = async () => {
    const begun = clock.now();
    const looking = listDoorSuspects(ports);
    await clock.runUntilIdle();
    return { ...(await looking), seconds: (clock.now() - begun) / 1000 };
  };
  return { round, seen, most: () => most, calls: () => calls };
}

describe('accounts by hand, looked for on more instances than one round has time for', () => {
  it.each([
    ['answer at once', 0.25, 2],
    ['take a while', 2, 5],
    ['hang', 10, 25],
  ])('are found on every one within as many rounds as that takes: those that %s', async (_, each, rounds) => {
    const { round, seen, most } = stage(1_000, each);
    const found = new Set<string>();
    for (let n = 0; n < rounds; n++) {
      const { suspects, isWhole, seconds } = await round();
      for (const { name } of suspects) found.add(name);
      expect(seconds).toBeLessThan(MOST_SECONDS);
      expect(isWhole).toBe(false);
    }
    expect([seen.size, found.size]).toEqual([1_000, 1_000]);
    expect(most()).toBeLessThanOrEqual(16);
  });

  it('are found by each round where there are as few as it has time for, and nothing is kept of a handful', async () => {
    for (const [count, calls] of [
      [7, 0],
      [300, 4],
    ] as const) {
      const few = stage(count, 0.25);
      for (let n = 0; n < 2; n++) expect(await few.round()).toMatchObject({ isWhole: true });
      expect(few.calls()).toBe(calls);
    }
  });
});

describe('a user behind accounts in RabbitMQ, seen from every instance', () => {
  it('is told once, whichever instance a round begins with', async () => {
    const index = new Map<string, string>();
    const told: string[] = [];
    const ports = {
      evidence: { read: async () => undefined, create: async () => 'created' },
      index: {
        read: async (key: string) => index.get(key),
        put: async (key: string, text: string) => void index.set(key, text),
      },
      events: { publish: async ({ subject }: { readonly subject: string }) => void told.push(subject) },
      clock: { now: () => NOW },
      log: { info: () => undefined, warn: () => undefined },
    } as unknown as Ports;
    for (const on of ['amqp-1', 'amqp-2']) {
      const user = { kind: 'account', name: 'lh-somebody', on, isOnAll: true } as const;
      await reportStrays([user], { who: 'by hand', isWhole: false }, ports);
    }
    expect(told).toEqual(['strays']);
  });
});
