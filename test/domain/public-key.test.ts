import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { type PublicKey, publicKeyIssues, thumbprintOf } from '../../shared/domain/public-key.js';
import { makeKeyPair } from '../support/key-pairs.js';

const rsa = makeKeyPair('rsa', { modulusLength: 2048 });
const p256 = makeKeyPair('ec', { namedCurve: 'P-256' });
const p384 = makeKeyPair('ec', { namedCurve: 'P-384' });
const x25519 = makeKeyPair('x25519', {});
const codes = (key: PublicKey) => publicKeyIssues(key).map(({ code, pointer }) => `${code} ${pointer}`);

const littleEndian = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64url');

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

  it.each<[string, PublicKey, readonly string[]]>([
    ['RSA of 1024 bits', makeKeyPair('rsa', { modulusLength: 1024 }).publicKey, ['KEY_WEAK /n']],
    ['RSA with exponent 3', { ...rsa.publicKey, e: 'Aw' }, ['KEY_WEAK /e']],
    ['RSA with exponent 1, which encrypts nothing', { ...rsa.publicKey, e: 'AQ' }, ['KEY_WEAK /e']],
    ['RSA with an even modulus', { ...rsa.publicKey, n: `${'_'.repeat(341)}A` }, ['KEY_MALFORMED /n']],
    ['RSA of 16384 bits', { ...rsa.publicKey, n: '_'.repeat(2731) }, ['KEY_UNSUPPORTED /n']],
    ['RSA without a modulus', { kty: 'RSA', e: 'AQAB' }, ['KEY_INCOMPLETE /n']],
    ['RSA whose modulus is padded base64', { ...rsa.publicKey, n: 'abc=' }, ['KEY_MALFORMED /n']],
    ['EC on P-521', makeKeyPair('ec', { namedCurve: 'P-521' }).publicKey, ['KEY_UNSUPPORTED /crv']],
    ['EC on secp256k1', makeKeyPair('ec', { namedCurve: 'secp256k1' }).publicKey, ['KEY_UNSUPPORTED /crv']],
    ['EC without y', { kty: 'EC', crv: 'P-256', x: p256.publicKey.x ?? '' }, ['KEY_INCOMPLETE /y']],
    ['EC off its curve', { ...p256.publicKey, y: p256.publicKey.x ?? '' }, ['KEY_MALFORMED ']],
    ['EC with coordinates of the other curve', { ...p384.publicKey, crv: 'P-256' }, ['KEY_MALFORMED ']],
    ['Ed25519, which only signs', makeKeyPair('ed25519', {}).publicKey, ['KEY_UNSUPPORTED /crv']],
    ['X25519 of 31 bytes', { ...x25519.publicKey, x: 'A'.repeat(42) }, ['KEY_MALFORMED /x']],
    ['X25519 at zero', { ...x25519.publicKey, x: 'A'.repeat(43) }, ['KEY_WEAK /x']],
    ['X25519 at p + 1', { ...x25519.publicKey, x: littleEndian(2n ** 255n - 18n) }, ['KEY_WEAK /x']],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' } as PublicKey, ['KEY_PRIVATE ']],
    ['an unknown type', { kty: 'AKP' }, ['KEY_UNSUPPORTED /kty']],
    ['a key for signing', { ...p256.publicKey, use: 'sig' }, ['KEY_NOT_FOR_SEALING /use']],
    ['a key for RSA 1.5', { ...rsa.publicKey, alg: 'RSA1_5' }, ['KEY_NOT_FOR_SEALING /alg']],
    ['a key that verifies', { ...rsa.publicKey, key_ops: ['verify'] }, ['KEY_NOT_FOR_SEALING /key_ops']],
  ])('%s is refused', (_name, key, expected) => expect(codes(key)).toEqual(expected));

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
