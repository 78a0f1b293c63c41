import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { makeRealClock, makeVirtualClock } from '../../shared/loopback/clock.js';

const noon = Date.UTC(2026, 10, 24, 12);

describe('a frozen clock', () => {
  it('stands still until it is moved', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    expect(clock.now()).toBe(noon);
    await clock.advance(1_500);
    expect(clock.now()).toBe(noon + 1_500);
    await clock.jumpTo(noon + 60_000);
    expect(clock.now()).toBe(noon + 60_000);
  });

  it('fires what is due in the order of its time, each at its own time', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    const fired: string[] = [];
    const note = (name: string) => () => void fired.push(`${name} +${clock.now() - noon}`);
    clock.at(noon + 300, note('late'));
    clock.at(noon + 100, note('early'));
    clock.at(noon + 100, note('second of equals'));
    clock.at(noon + 900, note('not yet'));
    await clock.advance(500);
    expect(fired).toEqual(['early +100', 'second of equals +100', 'late +300']);
  });

  it('fires a timer that another timer set within the same move', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    const fired: number[] = [];
    clock.at(noon + 100, () => {
      clock.at(noon + 200, () => void fired.push(clock.now() - noon));
    });
    await clock.advance(1_000);
    expect(fired).toEqual([200]);
  });

  it('does not move on while something is busy', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    let seenAt = 0;
    clock.at(noon + 100, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seenAt = clock.now();
    });
    clock.at(noon + 200, () => undefined);
    await clock.advance(1_000);
    expect(seenAt).toBe(noon + 100);
  });

  it('fires no timer that was cancelled', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    let fired = false;
    const timer = clock.at(noon + 100, () => {
      fired = true;
    });
    timer.cancel();
    await clock.advance(1_000);
    expect(fired).toBe(false);
  });

  it('goes on after a task that failed', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    let fired = false;
    clock.at(noon + 100, () => Promise.reject(new Error('planted')));
    clock.at(noon + 200, () => {
      fired = true;
    });
    await clock.advance(1_000);
    expect(fired).toBe(true);
  });

  it('says so when work never ends, instead of hanging', async () => {
    const clock = makeVirtualClock({ startAt: noon, patienceMs: 30 });
    void clock.busy(() => new Promise(() => undefined));
    await expect(clock.advance(1)).rejects.toThrow('still busy');
  });

  it('keeps moves apart that are asked for at the same time', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    await Promise.all([clock.advance(100), clock.advance(100)]);
    expect(clock.now()).toBe(noon + 200);
  });
});

describe('running until idle', () => {
  it('jumps from timer to timer and stops at the last', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    const fired: number[] = [];
    clock.at(noon + 86_400_000, () => void fired.push(1));
    clock.at(noon + 2 * 86_400_000, () => void fired.push(2));
    await clock.runUntilIdle();
    expect(fired).toEqual([1, 2]);
    expect(clock.now()).toBe(noon + 2 * 86_400_000);
  });

  it('is not kept going by background timers alone', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.at(clock.now() + 60_000, tick, { background: true });
    };
    clock.at(noon + 60_000, tick, { background: true });
    clock.at(noon + 150_000, () => undefined);
    await clock.runUntilIdle();
    expect(ticks).toBe(2);
    expect(clock.now()).toBe(noon + 150_000);
  });

  it('ends at the bound it was given', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    let fired = false;
    clock.at(noon + 5_000, () => {
      fired = true;
    });
    await clock.runUntilIdle({ until: noon + 4_000 });
    expect([fired, clock.now()]).toEqual([false, noon + 4_000]);
  });
});

describe('a flowing clock', () => {
  it('passes with the host, from where it was set', async () => {
    const clock = makeVirtualClock({ startAt: noon, flowing: true });
    expect(clock.now()).toBeGreaterThanOrEqual(noon);
    expect(clock.now()).toBeLessThan(noon + 10_000);
    await clock.jumpTo(noon + 86_400_000);
    expect(clock.now()).toBeGreaterThanOrEqual(noon + 86_400_000);
    clock.close();
  });

  it('fires timers by itself', async () => {
    const clock = makeVirtualClock({ startAt: noon, flowing: true });
    const firedAt = await new Promise<number>((resolve) => {
      clock.at(noon + 5, () => resolve(clock.now()));
    });
    expect(firedAt).toBeGreaterThanOrEqual(noon + 5);
    clock.close();
  });

  it('fires on a jump what the jump passes, once', async () => {
    const clock = makeVirtualClock({ startAt: noon, flowing: true });
    let fired = 0;
    clock.at(noon + 3_600_000, () => {
      fired += 1;
    });
    await clock.advance(7_200_000);
    await clock.advance(7_200_000);
    expect(fired).toBe(1);
    clock.close();
  });
});

describe('the real clock', () => {
  it('tells host time and fires what is due', async () => {
    const clock = makeRealClock();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    await new Promise<void>((resolve) => void clock.at(clock.now() + 1, resolve));
    clock.close();
  });
});

describe('work that the clock counts', () => {
  const forever = () => new Promise<never>(() => undefined);

  it('that rests lets time pass, and keeps it again from when it goes on', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    const seen: number[] = [];
    const working = clock.busy(async () => {
      await clock.sleep(60_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(clock.now() - noon);
    });
    await clock.advance(3_600_000);
    await working;
    expect(seen).toEqual([60_000]);
  });

  it('counts once with the work it waits for: when that rests, both do', async () => {
    const clock = makeVirtualClock({ startAt: noon, patienceMs: 1_000 });
    let woken = false;
    const outer = clock.busy(() =>
      clock.busy(async () => {
        await clock.sleep(1_000);
        woken = true;
      }),
    );
    await clock.runUntilIdle();
    await outer;
    expect([woken, clock.now()]).toEqual([true, noon + 1_000]);
  });

  it('counts again when the work it waited for is over', async () => {
    const clock = makeVirtualClock({ startAt: noon, patienceMs: 50 });
    void clock.busy(async () => {
      await clock.busy(async () => undefined);
      await forever();
    });
    await expect(clock.advance(1)).rejects.toThrow('still busy');
  });

  it('keeps counting while one of two pieces within it rests and the other works', async () => {
    const clock = makeVirtualClock({ startAt: noon, patienceMs: 50 });
    void clock.busy(() => Promise.race([clock.busy(() => clock.sleep(1_000)), clock.busy(forever)]));
    await expect(clock.advance(2_000)).rejects.toThrow('still busy');
    expect(clock.now()).toBe(noon);
  });

  it('is no part of the work of another clock that asks for it', async () => {
    const [asking, asked] = [
      makeVirtualClock({ startAt: noon, patienceMs: 50 }),
      makeVirtualClock({ startAt: noon }),
    ];
    let isDone = false;
    void asking.busy(async () => {
      await asked.busy(() => asked.sleep(1_000));
      isDone = true;
      await forever();
    });
    // What it waits for rests, but on a clock that it knows nothing of.
    await expect(asking.advance(1)).rejects.toThrow('still busy');
    await asked.advance(1_000);
    expect(isDone).toBe(true);
  });

  it('slows down nothing once its clock is gone, however many clocks there were', async () => {
    const listened = vi.spyOn(AsyncLocalStorage.prototype, 'run');
    for (let clocks = 0; clocks < 3; clocks++)
      await makeVirtualClock({ startAt: noon }).busy(async () => undefined);
    const storages = new Set(listened.mock.contexts);
    listened.mockRestore();
    expect(storages.size).toBe(1);
  });

  it('is its own when a timer begins it, whoever set the timer', async () => {
    const clock = makeVirtualClock({ startAt: noon, patienceMs: 50 });
    await clock.busy(async () => {
      clock.at(noon + 1_000, forever);
    });
    await expect(clock.advance(2_000)).rejects.toThrow('still busy');
    expect(clock.now()).toBe(noon + 1_000);
  });
});

describe('timers', () => {
  it('fire in order and only if they were not cancelled, however many there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(50), cancelled: fc.boolean() }), { maxLength: 60 }),
        async (wanted) => {
          const clock = makeVirtualClock({ startAt: noon });
          const fired: string[] = [];
          const timers = wanted.map(({ at }, n) => clock.at(noon + at, () => void fired.push(`${at} ${n}`)));
          wanted.forEach(({ cancelled }, n) => {
            if (cancelled) timers[n]?.cancel();
          });
          await clock.runUntilIdle();
          const expected = wanted
            .map(({ at, cancelled }, n) => ({ at, n, cancelled }))
            .filter(({ cancelled }) => !cancelled)
            .sort((left, right) => left.at - right.at || left.n - right.n);
          expect(fired).toEqual(expected.map(({ at, n }) => `${at} ${n}`));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stop being fired as soon as what was waited for has come', async () => {
    const clock = makeVirtualClock({ startAt: noon });
    let fired = 0;
    for (let n = 1; n <= 10; n++) clock.at(noon + n * 1_000, () => void fired++);
    await clock.runUntilIdle({ isDone: () => fired === 3 });
    expect([fired, clock.now()]).toEqual([3, noon + 3_000]);
  });
});
