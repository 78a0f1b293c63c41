import { describe, expect, it, vi } from 'vitest';
import { explore } from './explore.js';
import { playOf, SETTINGS } from './settings.js';

// Functions take their ports from where they are run.
vi.mock('../../../shared/compose.js', () => ({
  composePorts: ({ ports }: { readonly ports: unknown }) => ports,
}));

describe.each(Object.entries(SETTINGS))('%s', (name, setting) => {
  it('leaves no moment open and ends as it should, in every order', async () => {
    const from = process.cpuUsage();
    const { schedules, states, pruned, ends, wrong } = await explore(await playOf(setting));
    const seconds = process.cpuUsage(from).user / 1e6;
    console.log(
      `${name}: ${schedules} orders, by ${states} states (${pruned} ways led to one that was known) to ${ends} ends; ${seconds.toFixed(0)} s`,
    );
    expect(wrong).toEqual([]);
    expect(ends).toBeGreaterThan(1);
  }, 3_600_000);
});
