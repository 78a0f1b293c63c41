import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientsCloud, startClientsCloud } from './cloud.js';

const LOOPBACK = join(import.meta.dirname, '..', '..', '..', 'shared', 'loopback');

let its: ClientsCloud;
beforeAll(async () => {
  its = await startClientsCloud();
});
afterAll(() => its?.close());

/** One paragraph a product, in the order in which they are served. */
function listed(): string {
  const products = new Map<string, string[]>();
  for (const { product, version, action } of its.cloud.served) {
    const heading = version === '' ? product : `${product} ${version}`;
    products.set(heading, [...(products.get(heading) ?? []), action]);
  }
  const parts = [...products].map(
    ([heading, actions]) => `## ${heading}\n\n${actions.map((action) => `- ${action}`).join('\n')}\n`,
  );
  return `# Every action that the embedded cloud serves\n\nWritten by \`npx vitest run test/contract/clients/actions.test.ts -u\`, which fails otherwise when this is not so.\n\n${parts.join('\n')}`;
}

describe('the list of actions', () => {
  it('names every action that is served, and no other', async () => {
    expect(its.cloud.served.filter(({ action }) => action === '(not told)')).toEqual([]);
    await expect(listed()).toMatchFileSnapshot(join(LOOPBACK, 'actions.md'));
  });

  it('has a row of the table for each of its products', () => {
    const table = readFileSync(join(LOOPBACK, 'README.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .join('\n');
    const versions = new Set(
      its.cloud.served.map(({ version }) => version).filter((version) => version !== ''),
    );
    expect([...versions].filter((version) => !table.includes(version))).toEqual([]);
  });
});
