import { describe, expect, it } from 'vitest';
import { makeVirtualClock, type VirtualClock } from '../../../shared/loopback/clock.js';
import { startSchedule } from '../../../shared/loopback/eventbridge/schedules.js';
import type { CloudClock } from '../../../shared/loopback/kernel.js';

const tellingClock = () => makeVirtualClock({ startAt: 0 });
/** As a clock of another make may be: it says nothing of where it is going. */
const silent = (clock: VirtualClock): CloudClock => ({
  now: () => clock.now(),
  at: (at, task, options) => clock.at(at, task, options),
  sleep: (ms) => clock.sleep(ms),
  rest: (wait) => clock.rest(wait),
});
const everySecond = (after: number) => after + 1_000;

describe('a schedule on a clock that tells where it is heading', () => {
  it('fires once for a jump over many turns, at its end, and then goes on', async () => {
    const clock = tellingClock();
    const fired: number[] = [];
    const stop = startSchedule(clock, everySecond, () => fired.push(clock.now()));
    await clock.jumpTo(86_400_500);
    expect(fired).toEqual([86_400_500]);
    await clock.jumpTo(86_401_500);
    expect(fired).toEqual([86_400_500, 86_401_500]);
    stop();
    await clock.jumpTo(90_000_000);
    expect(fired).toHaveLength(2);
  });

  it('fires not at all for a jump short of its turn', async () => {
    const clock = tellingClock();
    const fired: number[] = [];
    startSchedule(clock, everySecond, () => fired.push(clock.now()));
    await clock.jumpTo(999);
    expect(fired).toEqual([]);
  });

  it('that never comes again ends', async () => {
    const clock = tellingClock();
    const fired: number[] = [];
    startSchedule(
      clock,
      (after) => (after < 1_000 ? 1_000 : undefined),
      () => fired.push(clock.now()),
    );
    await clock.jumpTo(10_000);
    expect(fired).toEqual([1_000]);
  });
});

describe('a schedule on a clock that does not tell', () => {
  it('fires at each of its turns, in order', async () => {
    const clock = makeVirtualClock({ startAt: 0 });
    const fired: number[] = [];
    startSchedule(silent(clock), everySecond, () => fired.push(clock.now()));
    await clock.advance(3_500);
    expect(fired).toEqual([1_000, 2_000, 3_000]);
  });
});
