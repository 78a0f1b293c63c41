import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedJournalError, frameOf, readFrames } from '../../../shared/loopback/keep/frames.js';

const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 });
const fileOf = (all: readonly Uint8Array[]) => Buffer.concat(all.map((content) => frameOf(content)));
const plain = (all: readonly Uint8Array[]) => all.map((content) => [...content]);

describe('a journal', () => {
  it('that was written whole reads as it was written', () => {
    fc.assert(
      fc.property(contents, (all) => {
        const file = fileOf(all);
        const read = readFrames(file);
        expect(plain(read.contents)).toEqual(plain(all));
        expect(read.end).toBe(file.length);
      }),
    );
  });

  it('that was cut anywhere reads as the frames that were whole, and says where they end', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (all, cut) => {
        const file = fileOf(all);
        const length = cut % file.length;
        const read = readFrames(file.subarray(0, length));
        expect(plain(read.contents)).toEqual(plain(all.slice(0, read.contents.length)));
        expect(read.end).toBe(fileOf(all.slice(0, read.contents.length)).length);
        // Not one frame less than there is room for.
        expect(fileOf(all.slice(0, read.contents.length + 1)).length).toBeGreaterThan(length);
      }),
    );
  });

  it('in which any bit is wrong is refused, and never cut', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.nat(7), (all, at, bit) => {
        const file = fileOf(all);
        const place = at % file.length;
        file[place] = (file[place] ?? 0) ^ (1 << bit);
        expect(() => readFrames(file)).toThrow(DamagedJournalError);
      }),
    );
  });

  it('may end in zeros, as a machine that lost its power leaves it', () => {
    const whole = frameOf(Buffer.from('kept'));
    const read = readFrames(Buffer.concat([whole, Buffer.alloc(100)]));
    expect([read.contents.length, read.end]).toEqual([1, whole.length]);
  });
});
