import { describe, expect, it } from 'vitest';
import { turnKey, waitingInLane } from '../../../shared/app/turns/entries.js';
import { progressOf } from '../../../shared/app/turns/progress.js';
import { endRank, grantRank } from '../../../shared/app/turns/rank.js';
import { inTurn } from '../../../shared/app/turns/turns.js';
import type { IndexPort, Ports } from '../../../shared/cloud/ports.js';
import { QueuedError, TryLaterError } from '../../../shared/domain/errors.js';
import { addSeconds, type Instant, parseContractId, parseInstant } from '../../../shared/domain/values.js';
import { kafkaGrant, NOW, OWNER, REGION, request } from '../../support/requests.js';

/** Ports over a list of keys and a clock that sleeping moves. */
function worldOf(...keys: readonly string[]) {
  const kept = new Set(keys);
  let now: Instant = NOW;
  const index = {
    put: async (key: string) => void kept.add(key),
    remove: async (key: string) => void kept.delete(key),
    removeAll: async (gone: readonly string[]) => {
      for (const key of gone) kept.delete(key);
    },
    list: async (prefix: string, limit: number) =>
      [...kept]
        .filter((key) => key.startsWith(prefix))
        .sort()
        .slice(0, limit),
    read: async () => '{}',
  } satisfies IndexPort;
  const clock = {
    now: () => now,
    // Time passes once nothing else is to be done.
    sleep: async (seconds: number) => {
      const end = addSeconds(now, Math.ceil(seconds));
      await new Promise((resolve) => setImmediate(resolve));
      if (now < end) now = end;
    },
  };
  const log = { info: () => undefined, warn: () => undefined };
  const ports = { index, clock, log, settings: { writesPerSecond: 10 }, ram: {} } as unknown as Ports;
  return { ports, kept, slept: () => (Date.parse(now) - Date.parse(NOW)) / 1000 };
}

const place = (id: string, changes: { readonly rank?: string; readonly writes?: number } = {}) => ({
  lane: 'attach' as const,
  rank: 'end-5',
  contractId: parseContractId(id),
  writes: 1,
  ...changes,
});
const entry = (
  id: string,
  changes: Parameters<typeof place>[1] & { where?: 'here' | 'away'; seenAt?: Instant } = {},
) => {
  const { where = 'here', seenAt = NOW, ...rest } = changes;
  return turnKey({ ...place(id, rest), where, seenAt });
};
const throttled = () => new TryLaterError('THROTTLED', 'too much');

describe('who finds nobody waiting', () => {
  it('goes at once, and leaves nothing in the index', async () => {
    const { ports, kept, slept } = worldOf();
    expect(await inTurn(place('A'), ports, async () => 'done')).toBe('done');
    expect([kept.size, slept()]).toEqual([0, 0]);
  });
  it('waits from then on when it is throttled, and goes when it may', async () => {
    const { ports, kept } = worldOf();
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries === 1) throw throttled();
      return [...kept];
    };
    expect(await inTurn(place('A'), ports, work)).toEqual([entry('A')]);
    expect(kept.size).toBe(0);
  });
  it('sees, once that second is over, who else was refused in it and goes first', async () => {
    const { ports, kept } = worldOf();
    const { sleep } = ports.clock;
    const joining = async (seconds: number) => {
      await sleep(seconds);
      if (seconds === 1)
        kept.add(entry('B', { rank: 'end-1', writes: 100 })).add(entry('C', { rank: 'end-1' }));
    };
    let tries = 0;
    const work = async () => {
      tries += 1;
      throw throttled();
    };
    await expect(
      inTurn(place('A'), { ...ports, clock: { ...ports.clock, sleep: joining } }, work),
    ).rejects.toThrow('has its turn to attach in 11 s');
    expect(tries).toBe(1);
  });
  it('fails as it would have, with whatever else goes wrong', async () => {
    const { ports, kept } = worldOf();
    await expect(
      inTurn(place('A'), ports, async () => {
        throw new TryLaterError('CONFLICT', 'crossed');
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(kept.size).toBe(0);
  });
});

describe('who finds others before it', () => {
  const crowd = Array.from({ length: 150 }, (_, n) => entry(`B-${n}`, { rank: 'end-1' }));

  it('is sent away when its turn is far, and can be seen to wait', async () => {
    const { ports, kept } = worldOf(...crowd);
    let hasRun = false;
    const work = async () => {
      hasRun = true;
    };
    await expect(inTurn(place('A'), ports, work)).rejects.toBeInstanceOf(QueuedError);
    expect(hasRun).toBe(false);
    expect([...kept].filter((key) => key.includes('/A/'))).toEqual([entry('A', { where: 'away' })]);
  });
  it('has one entry all the same, also where its own stands behind those that it looked at', async () => {
    const { ports, kept } = worldOf(...crowd, entry('A'));
    await expect(inTurn(place('A'), ports, async () => undefined)).rejects.toBeInstanceOf(QueuedError);
    expect([...kept].filter((key) => key.includes('/A/'))).toEqual([entry('A', { where: 'away' })]);
  });
  it('can be seen to wait at every moment, and waits for nobody here for longer than a minute', async () => {
    // Its turn stays as near as it is, since those before it neither leave nor are lost.
    const { ports, kept, slept } = worldOf(entry('A', { where: 'away' }));
    const ownSeen: number[] = [];
    const lookAtOwn = () => {
      const own = [...kept].filter((key) => key.includes('/A/'));
      ownSeen.push(Math.min(...own.map((key) => Date.parse(ports.clock.now()) - seenIn(key))));
    };
    const seenIn = (key: string) => Date.parse(key.split('/').at(-1) ?? '');
    const index: IndexPort = {
      ...ports.index,
      list: async (prefix, limit) => {
        lookAtOwn();
        const seenAt = ports.clock.now();
        const before = [1, 2, 3].map((n) => entry(`B-${n}`, { rank: 'end-1', writes: 30, seenAt }));
        return [...before, ...(await ports.index.list(prefix, limit))];
      },
      removeAll: async (keys) => {
        await ports.index.removeAll(keys);
        lookAtOwn();
      },
    };
    await expect(inTurn(place('A'), { ...ports, index }, async () => undefined)).rejects.toBeInstanceOf(
      QueuedError,
    );
    expect(slept()).toBeGreaterThanOrEqual(60);
    expect(slept()).toBeLessThan(75);
    // A moment without any entry would be infinitely long ago.
    expect(Math.max(...ownSeen)).toBeLessThan(45_000);
  });
  it('looks no further than it needs to know that, however many wait', async () => {
    const { ports } = worldOf(...Array.from({ length: 900 }, (_, n) => entry(`B-${n}`, { rank: 'end-1' })));
    let listed = 0;
    const list: IndexPort['list'] = async (...asked) => {
      const keys = await ports.index.list(...asked);
      listed = Math.max(listed, keys.length);
      return keys;
    };
    await expect(
      inTurn(place('A'), { ...ports, index: { ...ports.index, list } }, async () => undefined),
    ).rejects.toBeInstanceOf(QueuedError);
    expect(listed).toBeLessThan(200);
  });
  it('sees who is there behind others that were lost', async () => {
    const lost = Array.from({ length: 150 }, (_, n) =>
      entry(`L-${n}`, { rank: 'end-0', seenAt: addSeconds(NOW, -1000) }),
    );
    const { ports, kept } = worldOf(...lost, ...crowd);
    await expect(inTurn(place('A'), ports, async () => undefined)).rejects.toBeInstanceOf(QueuedError);
    expect([...kept].filter((key) => key.includes('/L-'))).toEqual([]);
  });
  it('sees who is there among what others than Leasehold have put there', async () => {
    const odd = ['many', '-1000000', 'NaN'].map((writes) => `turns/attach/end-0/L-1/${writes}/here/${NOW}`);
    const strange = ['turns/attach/', 'turns/attach/end-0/', ...odd];
    const { ports, kept } = worldOf(...strange, entry('B', { rank: 'end-1', writes: 24 }));
    expect(await waitingInLane('attach', ports)).toMatchObject([{ contractId: 'B', writes: 24 }]);
    expect(await inTurn(place('A', { rank: 'end-0' }), ports, async () => 'done')).toBe('done');
    expect(kept.size).toBe(strange.length + 1);
  });
  it.each([
    ['seen in the future', entry('F', { rank: 'end-0', writes: 90, seenAt: addSeconds(NOW, 3600) })],
    ['with more to write than any contract has', entry('F', { rank: 'end-0', writes: 1_000_000 })],
  ])('waits for none %s, and drops it', async (_, forged) => {
    const { ports, kept, slept } = worldOf(forged);
    expect(await inTurn(place('A'), ports, async () => 'done')).toBe('done');
    expect([kept.size, slept()]).toEqual([0, 0]);
  });
  it('waits for one whose clock is a little ahead', async () => {
    const ahead = entry('F', { rank: 'end-0', writes: 100, seenAt: addSeconds(NOW, 20) });
    const { ports, slept } = worldOf(ahead);
    await inTurn(place('A'), ports, async () => 'done').catch(() => undefined);
    expect(slept()).toBeGreaterThan(0);
  });
  it('goes although others wait who may wait longer', async () => {
    const { ports, slept } = worldOf(...crowd);
    expect(await inTurn(place('A', { rank: 'end-0' }), ports, async () => 'done')).toBe('done');
    expect(slept()).toBe(0);
  });
  it('waits here when its turn is near, until those before it have left', async () => {
    const before = crowd.slice(0, 30);
    const { ports, kept, slept } = worldOf(...before);
    const sleep = ports.clock.sleep;
    const leaving = {
      ...ports,
      clock: {
        ...ports.clock,
        sleep: async (seconds: number) => {
          await sleep(seconds);
          for (const key of before.slice(0, 20)) kept.delete(key);
        },
      },
    };
    expect(await inTurn(place('A'), leaving, async () => 'done')).toBe('done');
    expect(slept()).toBe(2);
  });
  it('fails in its turn as it would have without one: only what is throttled waits on', async () => {
    const work = (error: Error) =>
      inTurn(place('A'), worldOf(crowd[0] ?? '').ports, () => Promise.reject(error));
    const crossed = new TryLaterError('CONFLICT', 'crossed');
    await expect(work(crossed)).rejects.toBe(crossed);
    await expect(work(throttled())).rejects.toBeInstanceOf(QueuedError);
  });
  it('does not wait for those who are away themselves, once its turn is near', async () => {
    const away = crowd.slice(0, 50).map((key) => key.replace('/here/', '/away/'));
    const { ports, slept } = worldOf(...away);
    expect(await inTurn(place('A'), ports, async () => 'done')).toBe('done');
    expect(slept()).toBe(0);
  });
  it('does not wait for the dead', async () => {
    const longAgo = addSeconds(NOW, -46);
    const { ports, kept } = worldOf(...crowd.map((key) => key.replace(NOW, longAgo)));
    expect(await inTurn(place('A'), ports, async () => 'done')).toBe('done');
    expect(kept.size).toBe(0);
  });
  it('waits for nobody where nobody is to be waited for', async () => {
    const { ports } = worldOf(...crowd);
    const settings = { ...ports.settings, writesPerSecond: 0 };
    expect(await inTurn(place('A'), { ...ports, settings }, async () => 'done')).toBe('done');
  });
  it('goes when the index cannot be asked: an end waits for no index', async () => {
    const { ports } = worldOf(...crowd);
    const index = { ...ports.index, list: () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')) };
    expect(await inTurn(place('A'), { ...ports, index }, async () => 'done')).toBe('done');
  });
  it('goes when the index does not answer within a second', async () => {
    const { ports, slept } = worldOf(...crowd);
    const index = { ...ports.index, list: () => new Promise<never>(() => undefined) };
    expect(await inTurn(place('A'), { ...ports, index }, async () => 'done')).toBe('done');
    expect(slept()).toBe(1);
  });
  it('goes although the index takes no entry of its own, when it had to wait', async () => {
    const { ports } = worldOf();
    const index = { ...ports.index, put: () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down')) };
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries === 1) throw throttled();
      return 'done';
    };
    expect(await inTurn(place('A'), { ...ports, index }, work)).toBe('done');
  });
  it('waits for nobody once it has waited as long as it may, whatever stands in the index', async () => {
    const { ports } = worldOf(...crowd);
    const waitsTill = (until: Instant) =>
      inTurn({ ...place('A'), until }, ports, async () => 'done').catch((error: unknown) => error);
    expect(await waitsTill(addSeconds(NOW, 60))).toBeInstanceOf(QueuedError);
    expect(await waitsTill(NOW)).toBe('done');
  });
});

describe('who has its turn', () => {
  it('no longer stands in the way once its writes are made', async () => {
    const { ports, kept } = worldOf(entry('A'));
    const seen = await inTurn(place('A'), ports, async (_, leave) => {
      await leave();
      return kept.size;
    });
    expect(seen).toBe(0);
  });
  it('has calls to RAM made again that are throttled', async () => {
    const { ports, slept } = worldOf(entry('A'));
    let tries = 0;
    const ram = {
      deleteRole: async () => {
        tries += 1;
        if (tries < 4) throw throttled();
      },
    };
    await inTurn(place('A'), { ...ports, ram } as unknown as Ports, (own) =>
      own.ram.deleteRole('lease-a' as never),
    );
    expect([tries, slept()]).toEqual([4, 3]);
  });
  it('keeps its place when RAM takes nothing for long', async () => {
    const { ports, kept } = worldOf(entry('A'));
    await expect(
      inTurn(place('A'), ports, async () => {
        throw throttled();
      }),
    ).rejects.toBeInstanceOf(QueuedError);
    expect(kept.size).toBe(1);
  });
});

describe('the order in which they go', () => {
  const wide = request({
    grants: [
      kafkaGrant,
      { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x2' },
    ],
  });
  const whole = request({ grants: [{ systemPolicy: 'AliyunKafkaReadOnlyAccess' }] as never });
  const soon = request({ lease: { ...request().lease, expiresAt: parseInstant('2027-01-01T00:00:00Z') } });
  const rank = (one: typeof wide | undefined) => endRank(one, OWNER);

  it('puts what nobody knows anything about first, then the widest, then what ends earliest, and beginnings last', () => {
    const inOrder = [
      rank(undefined),
      rank(whole),
      rank(wide),
      rank(soon),
      rank(request()),
      grantRank(request()),
    ];
    expect([...inOrder].sort()).toEqual(inOrder);
    expect(new Set(inOrder).size).toBe(inOrder.length);
  });
});

describe('an operator', () => {
  it('sees how many wait, what for, and when the last has its turn', async () => {
    const keys = [
      entry('A', { rank: 'end-1' }),
      entry('B', { rank: 'end-2', writes: 24 }),
      entry('C').replace(NOW, addSeconds(NOW, -46)),
    ];
    const [attach, detach] = await progressOf(worldOf(...keys).ports);
    expect(attach).toMatchObject({ lane: 'attach', writes: 25, endsAt: addSeconds(NOW, 3) });
    expect(attach?.waiting.map(({ contractId }) => contractId)).toEqual(['A', 'B']);
    expect(detach).toEqual({ lane: 'detach', waiting: [], writes: 0, endsAt: undefined });
  });
  it('counts once who is between two entries', async () => {
    const { ports } = worldOf(entry('A'), entry('A', { where: 'away' }));
    expect(await waitingInLane('attach', ports)).toHaveLength(1);
  });
});
