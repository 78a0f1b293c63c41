import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInstant } from '../../shared/domain/values.js';
import { OWNER, REGION } from './requests.js';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    runner: 'in-process',
    // As long as they are in earnest: time in here is jumped over.
    env: { LEASEHOLD_VERDICT_INTERVAL_SECONDS: '5', LEASEHOLD_ABSENCE_SECONDS: '60' },
  });
});
afterAll(() => world?.cloud.close());

const at = () => new Date(world.clock.now()).toISOString();

describe('a world whose functions run in this process', () => {
  it('onboards and revokes as one with processes does', async () => {
    await world.onboard('C-both');
    await world.hear('C-both', 'granted');
    await world.terminate('C-both');
    await world.hear('C-both', 'revoked');
    await world.settle();
    expect((await world.facts('C-both')).map((fact) => fact.kind)).toEqual([
      ...['requested', 'approved', 'granting', 'role-created', 'verified', 'activated'],
      ...['handed-over', 'ending', 'cut', 'removed', 'ended'],
    ]);
    expect(world.cloud.calls.filter(({ code }) => code === '500')).toEqual([]);
  });

  it('jumps over what functions wait for, and takes the time they say', async () => {
    const from = world.clock.now();
    await world.onboard('C-slow');
    await world.hear('C-slow', 'granted');
    await world.terminate('C-slow');
    await world.hear('C-slow', 'revoked');
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(10_000);
    expect(world.clock.now() - from).toBeLessThan(600_000);
  });

  it('fires a schedule once for a jump over many of its turns, at the end of the jump', async () => {
    const { cloud, accounts, events } = world.cloud;
    const ticks: string[] = [];
    const untap = events.tap(OWNER, 'orders', ({ type }) => void ticks.push(`${type} ${at()}`));
    const call = (action: string, params: Readonly<Record<string, string>>) =>
      cloud.call(accounts.rootOf(OWNER), '2020-04-01', action, params, REGION);
    const source = { EventBusName: 'orders', EventSourceName: 'every-minute' };
    await call('CreateEventSource', {
      ...source,
      SourceScheduledEventParameters: JSON.stringify({ Schedule: '0 * * * * *', TimeZone: 'GMT+0:00' }),
    });
    await world.jumpTo('2026-12-31T00:00:30Z');
    await world.jumpTo('2027-01-31T00:00:30Z');
    expect(ticks).toEqual([
      'eventbridge:Events:ScheduledEvent 2026-12-31T00:00:30.000Z',
      'eventbridge:Events:ScheduledEvent 2027-01-31T00:00:30.000Z',
    ]);
    await call('DeleteEventSource', source);
    untap();
  });

  it('goes to any instant, and stays there until it is moved', async () => {
    const lease = {
      startsAt: parseInstant('2026-12-01T00:00:00Z'),
      expiresAt: parseInstant('2027-12-01T00:00:00Z'),
    };
    await world.onboard('C-year', { lease });
    await world.hear('C-year', 'granted');
    await world.jumpTo('2027-11-30T00:00:00Z');
    expect(at()).toBe('2027-11-30T00:00:00.000Z');
    await world.terminate('C-year');
    await world.hear('C-year', 'revoked');
    await world.settle();
    expect((await world.contract('C-year')).state).toBe('ended');
    expect(at() < '2027-11-30T01:00:00Z').toBe(true);
  });
});
