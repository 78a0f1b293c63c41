import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepIn } from '../../../shared/loopback/keep/folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-keep-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a process would find that began now, after the one that writes was killed. */
function asIfKilled(): ReadonlyMap<string, unknown> {
  const copy = mkdtempSync(join(tmpdir(), 'leasehold-killed-'));
  try {
    cpSync(folder, copy, { recursive: true });
    rmSync(join(copy, 'lock'), { force: true });
    const { entries } = keepIn(copy).table('things');
    return new Map(entries);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

describe('what is put into a folder', () => {
  it('is there when the process is killed after it was saved, in its order', async () => {
    const keeper = keepIn(folder);
    const things = keeper.table('things');
    const value = { map: new Map([['a', new Set([1])]]), bytes: Buffer.from('b'), none: undefined };
    things.put('first', value);
    things.put('second', 2);
    things.put('third', 3);
    things.remove('second');
    await keeper.saved();
    expect([...asIfKilled()]).toEqual([
      ['first', value],
      ['third', 3],
    ]);
    await keeper.close();
  });

  it('is all there or not at all, when it was put in one turn', async () => {
    const keeper = keepIn(folder);
    const things = keeper.table<number>('things');
    for (let round = 1; round <= 50; round++) {
      things.put('left', round);
      await Promise.resolve();
      things.put('right', round);
      const found = asIfKilled();
      expect(found.get('left')).toBe(found.get('right'));
      if (round % 5 === 0) await keeper.saved();
    }
    await keeper.close();
  });

  it('is what was put last, through any changes, restarts and new beginnings of the journal', async () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.option(fc.string()) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 20 }), { maxLength: 6 }), async (lives) => {
        rmSync(folder, { recursive: true, force: true });
        const expected = new Map<string, string>();
        for (const changes of lives) {
          const keeper = keepIn(folder, { minCompactionBytes: 200 });
          const things = keeper.table<string>('things');
          expect(new Map(things.entries)).toEqual(expected);
          for (const { key, value } of changes) {
            if (value === null) {
              things.remove(key);
              expected.delete(key);
            } else {
              things.put(key, value);
              expected.set(key, value);
            }
            await keeper.saved();
            expect(asIfKilled()).toEqual(expected);
          }
          await keeper.close();
        }
      }),
      { numRuns: 10 },
    );
  });

  it('takes room for what there is, not for all that ever was', async () => {
    const keeper = keepIn(folder, { minCompactionBytes: 10_000 });
    const things = keeper.table('things');
    for (let n = 0; n < 2_000; n++) {
      things.put('only', 'x'.repeat(100));
      if (n % 10 === 0) await keeper.saved();
    }
    await keeper.close();
    expect(statSync(join(folder, 'journal')).size).toBeLessThan(20_000);
    expect(readdirSync(folder).sort()).toEqual(['bytes', 'journal']);
  });

  it('is as it was when what was to be put cannot be written, and all else goes on', async () => {
    const keeper = keepIn(folder, { minCompactionBytes: 1 });
    const things = keeper.table('things');
    things.put('a', 1);
    expect(() => things.put('a', Symbol('none can write'))).toThrow('could not be cloned');
    expect(things.entries.get('a')).toBe(1);
    things.put('b', 2);
    await keeper.saved();
    expect([...asIfKilled()]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    await keeper.close();
  });

  it('may be bytes, kept once under their digest', async () => {
    const keeper = keepIn(folder);
    const digest = keeper.putBytes(Buffer.from('code'));
    expect(keeper.putBytes(Buffer.from('code'))).toBe(digest);
    await keeper.close();
    const again = keepIn(folder);
    expect(again.bytes(digest).toString()).toBe('code');
    rmSync(join(folder, 'bytes', digest));
    expect(() => again.bytes(digest)).toThrow(`${folder} is not whole: `);
    await again.close();
  });
});

describe('a folder on a disk that is full', () => {
  const full = async () => Promise.reject(new Error('ENOSPC: no space left on device, write'));

  it('is told of at the first write that failed, and nothing counts as kept from then on', async () => {
    const keeper = keepIn(folder, { append: full });
    const things = keeper.table('things');
    things.put('a', 1);
    await expect(keeper.saved()).rejects.toThrow(`nothing more can be kept in ${folder}: ENOSPC`);
    expect((await keeper.failed).message).toContain('make room and start again');
    await expect(keeper.saved()).rejects.toThrow('ENOSPC');
    await expect(keeper.close()).rejects.toThrow('ENOSPC');
    await keepIn(folder).close();
  });

  it('is told of to those too who ask while the write that fails is under way', async () => {
    const asked: Promise<void>[] = [];
    const keeper = keepIn(folder, {
      append: async () => {
        await Promise.resolve();
        asked.push(keeper.saved());
        return full();
      },
    });
    keeper.table('things').put('a', 1);
    await expect(keeper.saved()).rejects.toThrow('ENOSPC');
    expect(asked).toHaveLength(1);
    await expect(asked[0]).rejects.toThrow('ENOSPC');
    await keeper.close().catch(() => undefined);
  });

  it('has what was kept before, and nothing behind the half that was written then', async () => {
    let room = Number.POSITIVE_INFINITY;
    let behind: Promise<void> | undefined;
    const keeper = keepIn(folder, {
      append: async (file, frame, from) => {
        const bytesWritten = writeSync(file, frame, from, Math.min(room, frame.length - from));
        room -= bytesWritten;
        if (room > 0) return { bytesWritten };
        // Waits for its turn behind the one that fails; then there is room again.
        things.put('c', 3);
        behind = keeper.saved();
        room = Number.POSITIVE_INFINITY;
        return full();
      },
    });
    const things = keeper.table('things');
    things.put('a', 1);
    await keeper.saved();
    room = 20;
    things.put('b', 2);
    await expect(keeper.saved()).rejects.toThrow('ENOSPC');
    await expect(behind).rejects.toThrow('ENOSPC');
    await keeper.close().catch(() => undefined);
    expect([...asIfKilled()]).toEqual([['a', 1]]);
  });
});

describe('a folder', () => {
  it('is used by one process at a time', async () => {
    const keeper = keepIn(folder);
    expect(() => keepIn(folder)).toThrow('uses this folder');
    await keeper.close();
    await keepIn(folder).close();
  });

  it('is taken over from a process that was killed', async () => {
    writeFileSync(join(folder, 'lock'), '999999999');
    await keepIn(folder).close();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('is cleared of what a process that was killed had begun to write, and of nothing else', async () => {
    await keepIn(folder).close();
    const begun = ['journal.new', join('bytes', `${'0a'.repeat(32)}.new`)];
    const others = ['plan.new', join('bytes', 'plan.new')];
    for (const file of [...begun, ...others]) writeFileSync(join(folder, file), 'half');
    await keepIn(folder).close();
    expect(begun.filter((file) => existsSync(join(folder, file)))).toEqual([]);
    expect(others.filter((file) => existsSync(join(folder, file)))).toEqual(others);
  });

  it('is made with all above it', async () => {
    const deep = join(folder, 'a', 'b');
    await keepIn(deep).close();
    expect(existsSync(join(deep, 'journal'))).toBe(true);
  });

  // Node.js makes folders in /proc for ever, where there is one.
  it.each(['/dev/null', ...(existsSync('/proc') ? ['/proc'] : [])])(
    'that cannot be made, as in %s, is named',
    (place) => {
      const impossible = join(place, 'leasehold');
      expect(() => keepIn(impossible)).toThrow(`nothing can be kept in ${impossible}: `);
    },
  );
});
