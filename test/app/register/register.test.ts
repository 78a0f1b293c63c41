import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE } from '../../../shared/app/register/fact-object.js';
import { appendFact, loadContract, loadEntries, loadFacts } from '../../../shared/app/register/register.js';
import type { EvidencePort, TrailPort } from '../../../shared/cloud/ports.js';
import type { Contract } from '../../../shared/domain/contract.js';
import type { CloudCall } from '../../../shared/domain/fact.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import { CONTRACT } from '../../support/chains.js';
import { NOW } from '../../support/requests.js';

const keyOf = (seq: number): string => `contracts/${CONTRACT}/${String(seq).padStart(8, '0')}.json`;

/** A bucket, what its listing hides, and the keys that were read. */
class Bucket implements EvidencePort {
  readonly texts = new Map<string, string>();
  readonly hidden = new Set<string>();
  readonly readKeys: string[] = [];
  tells = true;

  async create(key: string, body: string) {
    if (this.texts.has(key)) return 'exists' as const;
    this.texts.set(key, body);
    return 'created' as const;
  }
  async read(key: string) {
    this.readKeys.push(key);
    return this.texts.get(key);
  }
  async list(prefix: string) {
    return [...this.texts.keys()].filter((key) => key.startsWith(prefix) && !this.hidden.has(key)).sort();
  }
  async objects(prefix: string) {
    return (await this.list(prefix)).map((key) => {
      const listed = this.texts.get(key);
      return { key, holds: (text: string) => this.tells && text === listed };
    });
  }
  edit(seq: number, change: (text: string) => string): void {
    this.texts.set(keyOf(seq), change(this.texts.get(keyOf(seq)) ?? ''));
  }
}

const warned = (days: number) => ({ kind: 'warned', data: { days, expiresAt: NOW } }) as const;

/** A register that holds so many facts of one contract, of which those for which `isPlain` holds tell themselves alone. */
async function registerOf(count: number, isPlain: (seq: number) => boolean = () => false) {
  const bucket = new Bucket();
  const ports = {
    evidence: bucket,
    clock: { now: () => NOW, ticks: () => 0, sleep: async () => undefined },
    chance: { nonce: () => 'n' },
    trail: { calls: () => [], recorded: () => undefined },
  };
  let contract: Contract = foldContract(CONTRACT, []);
  for (let seq = 1; seq <= count; seq++) {
    ({ contract } = await appendFact(contract, warned(seq), 'a-test', ports));
    if (isPlain(seq))
      bucket.edit(seq, (text) => {
        const { before: _, ...fact } = JSON.parse(text);
        return JSON.stringify(fact);
      });
  }
  return { bucket, contract, ports };
}
const daysIn = async (bucket: Bucket) =>
  (await loadFacts(CONTRACT, bucket)).map(({ data }) => (data as { readonly days: number }).days);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a register', () => {
  it.each([
    [1, [1, 2]],
    [12, [12, 13]],
    [PAGE, [PAGE, PAGE + 1]],
    [PAGE + 1, [PAGE + 1, PAGE + 2, PAGE]],
    [2 * PAGE + 20, [2 * PAGE + 20, 2 * PAGE + 21, 2 * PAGE, PAGE]],
  ])('of %i facts is read from one object a page, and asked for what comes after', async (count, seqs) => {
    const { bucket } = await registerOf(count);
    expect(await daysIn(bucket)).toEqual(upTo(count));
    expect(bucket.readKeys).toEqual(seqs.map(keyOf));
  });

  it('tells the same whatever of it is listed, said by listings, or written without what came before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 * PAGE + 5 }),
        fc.set(fc.integer({ min: 1, max: 2 * PAGE + 5 })),
        fc.set(fc.integer({ min: 1, max: 2 * PAGE + 5 })),
        fc.boolean(),
        async (count, plain, hidden, tells) => {
          const { bucket, contract } = await registerOf(count, (seq) => plain.has(seq));
          for (const seq of hidden) bucket.hidden.add(keyOf(seq));
          bucket.tells = tells;
          expect(await loadContract(CONTRACT, bucket)).toStrictEqual(contract);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['altered', (bucket: Bucket) => bucket.edit(3, (text) => text.replace('"days":3', '"days":4'))],
    ['taken away', (bucket: Bucket) => void bucket.texts.delete(keyOf(3))],
    ['emptied', (bucket: Bucket) => bucket.edit(3, () => '')],
    ['altered in what it says of those before it', (bucket: Bucket) => bucket.edit(3, () => '{"before":1}')],
  ])('of which a fact was %s is broken there, though a later object tells it as it was', async (_, harm) => {
    const { bucket } = await registerOf(7);
    harm(bucket);
    await expect(loadContract(CONTRACT, bucket)).rejects.toMatchObject({
      code: 'REGISTER_BROKEN',
      message: expect.stringMatching(/^fact 3 of contract/),
    });
  });

  it('believes what stands there, not what a later object tells of it', async () => {
    const { bucket } = await registerOf(7);
    bucket.edit(7, (text) => text.replace('"days":3', '"days":4'));
    expect(await daysIn(bucket)).toEqual(upTo(7));
  });

  it('is broken by what stands there and is no fact', async () => {
    const { bucket } = await registerOf(2);
    bucket.texts.set(`contracts/${CONTRACT}/note.txt`, 'hello');
    await expect(loadContract(CONTRACT, bucket)).rejects.toMatchObject({
      message: expect.stringMatching(/^fact 3 of contract \S+ is no fact/),
    });
  });

  it('is whole with the empty object that consoles make of a folder', async () => {
    const { bucket } = await registerOf(2);
    bucket.texts.set(`contracts/${CONTRACT}/`, '');
    expect(await daysIn(bucket)).toEqual(upTo(2));
  });

  it.each([
    ['right after the next', 9, '{}'],
    ['far beyond all others', 99_999_999, '{}'],
    ['that says to have copies of more than a page', 99_999_999, `{"before":[${upTo(PAGE)}]}`],
  ])('is broken by an object %s, and asks for little of what is between', async (_, seq, text) => {
    const { bucket } = await registerOf(7);
    bucket.texts.set(keyOf(seq), text);
    await expect(loadContract(CONTRACT, bucket)).rejects.toMatchObject({
      message: expect.stringMatching(/^fact 8 of contract \S+ is no fact/),
    });
    expect(bucket.readKeys.length).toBeLessThan(6);
  });

  it.each(['', 'hello', 'null', '[]'])(
    'is broken for who appends where %j was put since it was read',
    async (text) => {
      const { bucket, contract, ports } = await registerOf(7);
      bucket.texts.set(keyOf(8), text);
      await expect(appendFact(contract, warned(8), 'a-test', ports)).rejects.toMatchObject({
        code: 'REGISTER_BROKEN',
        message: expect.stringMatching(/^fact 8 of contract/),
      });
    },
  );

  it('knows by its nonce the fact whose reply was lost, and no other', async () => {
    const { bucket, contract, ports } = await registerOf(7);
    const lossy: EvidencePort = {
      ...ports.evidence,
      read: (key) => bucket.read(key),
      list: (prefix) => bucket.list(prefix),
      objects: (prefix) => bucket.objects(prefix),
      create: async (key, body) => {
        await bucket.create(key, body);
        return 'exists';
      },
    };
    const mine = await appendFact(contract, warned(8), 'a-test', { ...ports, evidence: lossy });
    expect(mine).toMatchObject({ outcome: 'appended', contract: { seq: 8 } });
    const chance = { nonce: () => 'another' };
    const other = await appendFact(contract, warned(8), 'a-test', { ...ports, evidence: lossy, chance });
    expect(other).toMatchObject({ outcome: 'lost', contract: { seq: 8, hash: mine.contract.hash } });
  });

  it('tells each call to the cloud once, by the first fact that comes to stand after it', async () => {
    const { bucket, contract, ports } = await registerOf(7);
    const calls = [{ action: 'CreateRole' }, { action: 'CreatePolicy' }] as unknown as CloudCall[];
    const trail: TrailPort = { calls: () => [...calls], recorded: (count) => void calls.splice(0, count) };
    const late = { ...ports, chance: { nonce: () => 'late' }, trail };
    await appendFact(contract, warned(8), 'a-test', ports);
    const lost = await appendFact(contract, warned(8), 'a-test', late);
    expect([lost.outcome, calls.length]).toEqual(['lost', 2]);
    const { contract: after } = await appendFact(lost.contract, warned(9), 'a-test', late);
    await appendFact(after, warned(10), 'a-test', late);
    const told = (await loadFacts(CONTRACT, bucket)).slice(-3).map((fact) => fact.calls?.length);
    expect(told).toEqual([undefined, 2, undefined]);
  });

  it('of facts that tell themselves alone is broken where one of them is missing', async () => {
    const { bucket } = await registerOf(7, () => true);
    bucket.texts.delete(keyOf(3));
    await expect(loadContract(CONTRACT, bucket)).rejects.toMatchObject({
      message: expect.stringMatching(/^fact 3 of contract \S+ is no fact/),
    });
  });

  it('gives as entries the facts alone, as they would be written by themselves', async () => {
    const { bucket } = await registerOf(3);
    const entries = await loadEntries(CONTRACT, bucket);
    expect(entries.map((text) => Object.keys(JSON.parse(text)))).toEqual(
      Array.from({ length: 3 }, () => [
        ...['v', 'seq', 'at', 'contractId', 'kind', 'data', 'by', 'nonce', 'prevHash', 'hash'],
      ]),
    );
    expect(entries[0]).toBe(bucket.texts.get(keyOf(1)));
  });
});
