import { describe, expect, it } from 'vitest';
import { DUE_PAGE } from '../../../shared/app/pages.js';
import { findDueWork } from '../../../shared/app/sweep/find-due-work.js';
import { NOW } from '../../support/requests.js';
import { nobodysLease } from '../../support/small-cloud/lease.js';

/** All that one tick comes to, execution by execution. */
async function tick(keys: readonly string[]) {
  const { ports } = nobodysLease();
  for (const key of keys) await ports.index.put(key, '');
  const pages: (readonly string[])[] = [];
  let cursor = '';
  do {
    const page = await findDueWork(cursor, ports);
    pages.push(page.items.map(({ key }) => key));
    ({ cursor } = page);
  } while (cursor !== '');
  return pages;
}

const at = (n: number) => `C-${String(n).padStart(6, '0')}`;
const known = (count: number) => Array.from({ length: count }, (_, n) => `due/${NOW}/${at(n)}/expiry`);
const unknown = (count: number) => Array.from({ length: count }, (_, n) => `due/${NOW}/${at(n)}/later-kind`);

describe('what is due at one tick', () => {
  it.each([0, 1, DUE_PAGE, DUE_PAGE + 1, 1000, 1001, 2_500])(
    'is found wholly, each once and in order, a page an execution: %i entries',
    async (count) => {
      const pages = await tick(known(count));
      expect(pages.flat()).toEqual(known(count));
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(DUE_PAGE);
    },
  );

  it.each([1, 999, 1000, 1001, 2_500])('is found beside %i entries that nobody knows', async (count) => {
    expect((await tick([...unknown(count), ...known(300)])).flat()).toEqual(known(300));
  });

  it('is of no more executions for what nobody knows', async () => {
    expect(await tick([...unknown(900), ...known(DUE_PAGE)])).toHaveLength(1);
  });

  it('is found without reading what is due later, however much that is', async () => {
    const { ports } = nobodysLease();
    const later = Array.from({ length: 1000 }, (_, n) => `due/2099-01-01T00:00:00Z/${at(n)}/expiry`);
    for (const key of [...known(1), ...later]) await ports.index.put(key, '');
    const read: string[] = [];
    const list: typeof ports.index.list = async (...asked) => {
      const keys = await ports.index.list(...asked);
      read.push(...keys);
      return keys;
    };
    const { items } = await findDueWork('', { ...ports, index: { ...ports.index, list } });
    expect(items.map(({ key }) => key)).toEqual(known(1));
    expect(read.length).toBeLessThanOrEqual(DUE_PAGE + 1);
  });
});
