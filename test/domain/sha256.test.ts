import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../shared/domain/sha256.js';

describe('SHA-256', () => {
  // Source: FIPS 180-4 examples (NIST "SHA256.pdf") and the empty text.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    [
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of a published text (%#) is the published digest', (text, digest) => {
    expect(sha256Hex(text)).toBe(digest);
  });

  it('beyond ASCII is of the UTF-8', () => {
    // As coreutils' `sha256sum` says.
    expect(sha256Hex('é–𝄞')).toBe('fa67b39deab6785354f62125d760f6aad00e77122f15b9d5f3120cfdc1a675c9');
  });
});
