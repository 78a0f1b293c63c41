import { describe, expect, it, vi } from 'vitest';
import { numberOf } from '../../support/small-cloud/cloud.js';
import { explore } from './explore.js';
import { playOf, SETTINGS } from './settings.js';

// Functions take their ports from where they are run.
vi.mock('../../../shared/compose.js', () => ({
  composePorts: ({ ports }: { readonly ports: unknown }) => ports,
}));

// The same register is read many thousand times: each of its texts is taken apart once, each history folded once,
// and each request planned once.
const { remembering } = vi.hoisted(() => ({
  remembering: <A extends readonly unknown[], T>(keyOf: (...args: A) => string, work: (...args: A) => T) => {
    const known = new Map<string, T>();
    return (...args: A): T => {
      const key = keyOf(...args);
      const before = known.get(key);
      if (before !== undefined) return before;
      const result = work(...args);
      known.set(key, result);
      return result;
    };
  },
}));
vi.mock('../../../shared/app/register/fact-object.js', async (original) => {
  const objects = await original<typeof import('../../../shared/app/register/fact-object.js')>();
  return {
    ...objects,
    parseEntry: remembering((text) => text, objects.parseEntry),
    toldBy: remembering((text) => text, objects.toldBy),
    // A fact names the one before it by its hash, so that its own text tells all that stands before it.
    objectText: remembering((own) => own, objects.objectText),
  };
});
vi.mock('../../../shared/domain/history.js', async (original) => {
  const history = await original<typeof import('../../../shared/domain/history.js')>();
  const textOf = (entry: unknown) =>
    numberOf(typeof entry === 'object' && entry !== null ? entry : `${entry}`);
  return {
    ...history,
    readHistory: remembering((id, entries) => [id, ...entries.map(textOf)].join(), history.readHistory),
  };
});
vi.mock('../../../shared/app/plan/plan-access.js', async (original) => {
  const plan = await original<typeof import('../../../shared/app/plan/plan-access.js')>();
  return {
    ...plan,
    planAccess: remembering((request, owner) => `${numberOf(request)} ${owner}`, plan.planAccess),
  };
});

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
