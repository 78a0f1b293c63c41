import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { type PublicKey, publicKeyIssues, thumbprintOf } from '../../shared/domain/public-key.js';
import { makeKeyPair } from '../support/key-pairs.js';

const rsa = makeKeyPair('rsa', { modulusLength: 2048 });
const p256 = makeKeyPair('ec', { namedCurve: 'P-256' });
const p384 = makeKeyPair('ec', { namedCurve: 'P-384' });
const x25519 = makeKeyPair('x25519', {});
const codes = (key: PublicKey) => publicKeyIssues(key).map(({ code, pointer }) => `${code} ${pointer}`);

const bigEndian = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');
const littleEndian = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64url');
const X25519_P = 2n ** 255n - 19n;
const x25519At = (point: bigint): PublicKey => ({ ...x25519.publicKey, x: littleEndian(point) });
/** A modulus of so many bits, all of them ones. */
const ones = (bits: number): string => {
  const hex = (2n ** BigInt(bits) - 1n).toString(16);
  return Buffer.from(hex.padStart(2 * Math.ceil(hex.length / 2), '0'), 'hex').toString('base64url');
};
/** Points of P-256 with a coordinate so small that it could be written in another way too. */
const P256_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const atZero = {
  across: 0n,
  up: 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4n,
};
const atFive = {
  across: 0xd7325d7646cd60d80a92738ceb345f844cffaf35841022cab176f692de8de1d7n,
  up: 5n,
};
const p256At = ({ across, up }: typeof atZero): PublicKey => ({
  kty: 'EC',
  crv: 'P-256',
  x: bigEndian(across),
  y: bigEndian(up),
});

describe('a public key', () => {
  it.each([
    ['RSA of 2048 bits', rsa],
    ['EC on P-256', p256],
    ['EC on P-384', p384],
    ['X25519', x25519],
  ])('%s is accepted, and its private half is not', (_name, { publicKey, privateKey }) => {
    expect(codes(publicKey)).toEqual([]);
    expect(codes(privateKey)).toEqual(['KEY_PRIVATE ']);
  });

  it.each<[string, PublicKey]>([
    ['RSA that says it is to encrypt', { ...rsa.publicKey, use: 'enc', alg: 'RSA-OAEP-256' }],
    ['RSA that says with what operations', { ...rsa.publicKey, key_ops: ['encrypt', 'wrapKey'] }],
    ['RSA that names no operation', { ...rsa.publicKey, key_ops: [] }],
    ['RSA of just 2048 bits', { ...rsa.publicKey, n: ones(2048) }],
    ['RSA of 8192 bits', { ...rsa.publicKey, n: ones(8192) }],
    ['RSA with a larger exponent', { ...rsa.publicKey, e: 'AQAD' }],
    ['EC for agreement', { ...p256.publicKey, alg: 'ECDH-ES', use: 'enc', key_ops: [] }],
    ['EC for agreement and wrapping', { ...p384.publicKey, alg: 'ECDH-ES+A128KW' }],
    ['X25519 for agreement and wrapping', { ...x25519.publicKey, alg: 'ECDH-ES+A256KW' }],
    ['EC at x = 0', p256At(atZero)],
    ['EC at y = 5', p256At(atFive)],
    ['X25519 at its base point', x25519At(9n)],
  ])('%s is accepted', (_name, key) => expect(codes(key)).toEqual([]));

  it.each<[string, PublicKey, readonly string[]]>([
    ['RSA of 1024 bits', makeKeyPair('rsa', { modulusLength: 1024 }).publicKey, ['KEY_WEAK /n']],
    ['RSA with exponent 3', { ...rsa.publicKey, e: 'Aw' }, ['KEY_WEAK /e']],
    ['RSA with exponent 1, which encrypts nothing', { ...rsa.publicKey, e: 'AQ' }, ['KEY_WEAK /e']],
    ['RSA with an even modulus', { ...rsa.publicKey, n: `${'_'.repeat(341)}A` }, ['KEY_MALFORMED /n']],
    ['RSA of 16384 bits', { ...rsa.publicKey, n: '_'.repeat(2731) }, ['KEY_UNSUPPORTED /n']],
    ['RSA of 2047 bits', { ...rsa.publicKey, n: ones(2047) }, ['KEY_WEAK /n']],
    ['RSA of 8193 bits', { ...rsa.publicKey, n: ones(8193) }, ['KEY_UNSUPPORTED /n']],
    ['RSA with an even exponent', { ...rsa.publicKey, e: 'AQAC' }, ['KEY_WEAK /e']],
    ['RSA whose exponent is padded base64', { ...rsa.publicKey, e: 'AQ==' }, ['KEY_MALFORMED /e']],
    ['RSA with an empty exponent', { ...rsa.publicKey, e: '' }, ['KEY_MALFORMED /e']],
    ['RSA without either', { kty: 'RSA' }, ['KEY_INCOMPLETE /e', 'KEY_INCOMPLETE /n']],
    [
      'RSA whose modulus begins with what is no base64url',
      { ...rsa.publicKey, n: `+___${ones(2048)}` },
      ['KEY_MALFORMED /n'],
    ],
    [
      'RSA whose modulus ends in a letter too many',
      { ...rsa.publicKey, n: `${'_'.repeat(344)}_` },
      ['KEY_MALFORMED /n'],
    ],
    ['RSA without a modulus', { kty: 'RSA', e: 'AQAB' }, ['KEY_INCOMPLETE /n']],
    ['RSA whose modulus is padded base64', { ...rsa.publicKey, n: 'abc=' }, ['KEY_MALFORMED /n']],
    ['EC on P-521', makeKeyPair('ec', { namedCurve: 'P-521' }).publicKey, ['KEY_UNSUPPORTED /crv']],
    ['EC on secp256k1', makeKeyPair('ec', { namedCurve: 'secp256k1' }).publicKey, ['KEY_UNSUPPORTED /crv']],
    ['EC without y', { kty: 'EC', crv: 'P-256', x: p256.publicKey.x ?? '' }, ['KEY_INCOMPLETE /y']],
    ['EC whose x is no base64url', { ...p256.publicKey, x: '=' }, ['KEY_MALFORMED ']],
    ['EC whose y is no base64url', { ...p256.publicKey, y: '=' }, ['KEY_MALFORMED ']],
    ['EC whose y is too short', { ...p256.publicKey, y: 'AAAA' }, ['KEY_MALFORMED ']],
    // One key would have two thumbprints, and not every implementation takes the other spelling.
    ['EC at x = 0, written as p', p256At({ ...atZero, across: P256_P }), ['KEY_MALFORMED ']],
    ['EC at y = 5, written as p + 5', p256At({ ...atFive, up: P256_P + 5n }), ['KEY_MALFORMED ']],
    ['EC off its curve', { ...p256.publicKey, y: p256.publicKey.x ?? '' }, ['KEY_MALFORMED ']],
    ['EC with coordinates of the other curve', { ...p384.publicKey, crv: 'P-256' }, ['KEY_MALFORMED ']],
    ['Ed25519, which only signs', makeKeyPair('ed25519', {}).publicKey, ['KEY_UNSUPPORTED /crv']],
    ['X25519 of 31 bytes', { ...x25519.publicKey, x: 'A'.repeat(42) }, ['KEY_MALFORMED /x']],
    ['X25519 of no base64url', { ...x25519.publicKey, x: '=' }, ['KEY_MALFORMED /x']],
    ['X25519 of 33 bytes', { ...x25519.publicKey, x: 'A'.repeat(44) }, ['KEY_MALFORMED /x']],
    ['X25519 at one', x25519At(1n), ['KEY_WEAK /x']],
    ['X25519 at p - 1', x25519At(X25519_P - 1n), ['KEY_WEAK /x']],
    ['X25519 at p', x25519At(X25519_P), ['KEY_WEAK /x']],
    ['X25519 at one, the bit set that does not count', x25519At(2n ** 255n + 1n), ['KEY_WEAK /x']],
    [
      'X25519 at a point of order eight',
      x25519At(325606250916557431795983626356110631294008115727848805560023387167927233504n),
      ['KEY_WEAK /x'],
    ],
    [
      'X25519 at the other',
      x25519At(39382357235489614581723060781553021112529911719440698176882885853963445705823n),
      ['KEY_WEAK /x'],
    ],
    ['X25519 at zero', { ...x25519.publicKey, x: 'A'.repeat(43) }, ['KEY_WEAK /x']],
    ['X25519 at p + 1', { ...x25519.publicKey, x: littleEndian(2n ** 255n - 18n) }, ['KEY_WEAK /x']],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' } as PublicKey, ['KEY_PRIVATE ']],
    ['an unknown type', { kty: 'AKP' }, ['KEY_UNSUPPORTED /kty']],
    ['a key for signing', { ...p256.publicKey, use: 'sig' }, ['KEY_NOT_FOR_SEALING /use']],
    ['a key for RSA 1.5', { ...rsa.publicKey, alg: 'RSA1_5' }, ['KEY_NOT_FOR_SEALING /alg']],
    ['a key that verifies', { ...rsa.publicKey, key_ops: ['verify'] }, ['KEY_NOT_FOR_SEALING /key_ops']],
    [
      'a key that also verifies',
      { ...rsa.publicKey, key_ops: ['encrypt', 'verify'] },
      ['KEY_NOT_FOR_SEALING /key_ops'],
    ],
    // The public half of an agreement key has no operations at all.
    ['EC that encrypts', { ...p256.publicKey, key_ops: ['encrypt'] }, ['KEY_NOT_FOR_SEALING /key_ops']],
    ['EC for what RSA does', { ...p256.publicKey, alg: 'RSA-OAEP-256' }, ['KEY_NOT_FOR_SEALING /alg']],
    ['RSA for what EC does', { ...rsa.publicKey, alg: 'ECDH-ES' }, ['KEY_NOT_FOR_SEALING /alg']],
    [
      'all that is wrong at once',
      { kty: 'RSA', e: 'AQAB', use: 'sig' },
      ['KEY_INCOMPLETE /n', 'KEY_NOT_FOR_SEALING /use'],
    ],
  ])('%s is refused, in words', (_name, key, expected) => {
    expect(codes(key)).toEqual(expected);
    for (const { message } of publicKeyIssues(key)) expect(message).toMatch(/[a-z]{2,} [a-z0-9]+/i);
  });

  it.each<[string, PublicKey, string]>([
    ['which members are secret', { ...p256.publicKey, d: 'x', k: 'x' } as PublicKey, 'it has d, k'],
    ['how many bits there are', { ...rsa.publicKey, n: ones(2047) }, 'at least 2048 bits; this has 2047'],
    ['how many there may be', { ...rsa.publicKey, n: ones(8193) }, 'at most 8192 bits'],
    ['from which exponent on', { ...rsa.publicKey, e: 'Aw' }, 'at least 65537'],
    ['how long x is', { ...p384.publicKey, x: 'AAAA' }, '48 bytes'],
    ['how long y is', { ...p384.publicKey, y: 'AAAA' }, '48 bytes'],
    ['which curve it is not on', { ...p256.publicKey, y: p256.publicKey.x ?? '' }, 'no point of P-256'],
    [
      'which algorithms it may name',
      { ...p256.publicKey, alg: 'dir' },
      'ECDH-ES or ECDH-ES+A128KW or ECDH-ES+A256KW',
    ],
  ])('is refused with %s', (_name, key, told) =>
    expect(publicKeyIssues(key).map(({ message }) => message)).toEqual([expect.stringContaining(told)]),
  );

  it('is never repeated in what is said about it', () => {
    const { d = '' } = rsa.privateKey as { readonly d?: string };
    expect(JSON.stringify(publicKeyIssues(rsa.privateKey))).not.toContain(d.slice(0, 20));
  });
});

describe('a thumbprint', () => {
  // RFC 7638, section 3.1
  const example = {
    kty: 'RSA',
    n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
    e: 'AQAB',
    alg: 'RS256',
    kid: '2011-04-29',
  };
  it('is that of the RFC for the key of the RFC', () =>
    expect(thumbprintOf(example)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'));
  it.each([
    ['RSA', rsa],
    ['P-384', p384],
    ['X25519', x25519],
  ])('of a %s key is what another implementation says', async (_name, { publicKey }) =>
    expect(thumbprintOf(publicKey)).toBe(await calculateJwkThumbprint(publicKey as never)),
  );
  it('is the same for both halves, since only public members count', () =>
    expect(thumbprintOf(p256.privateKey)).toBe(thumbprintOf(p256.publicKey)));
});
