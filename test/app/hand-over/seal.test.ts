import { CompactEncrypt, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { open, type Secret, seal } from '../../../shared/app/hand-over/seal.js';
import { thumbprintOf } from '../../../shared/domain/public-key.js';
import { makeKeyPair } from '../../support/key-pairs.js';

const secret: Secret = {
  kind: 'user',
  contractId: 'C-1',
  userPrincipalName: 'etl@2000000000000002.onaliyun.com',
  accessKeyId: 'LTAIexample',
  accessKeySecret: 'only for etl',
};
const p256 = makeKeyPair('ec', { namedCurve: 'P-256' });
const pairs = [
  ['RSA of 2048 bits', makeKeyPair('rsa', { modulusLength: 2048 }), 'RSA-OAEP-256'],
  ['EC on P-256', p256, 'ECDH-ES'],
  ['EC on P-384', makeKeyPair('ec', { namedCurve: 'P-384' }), 'ECDH-ES'],
  ['X25519', makeKeyPair('x25519'), 'ECDH-ES'],
] as const;

describe('what is sealed', () => {
  it.each(pairs)(
    'to an %s key is opened by its private half',
    async (_name, { publicKey, privateKey }, alg) => {
      const { jwe } = await seal(secret, publicKey);
      expect(decodeProtectedHeader(jwe)).toMatchObject({ alg, enc: 'A256GCM', kid: thumbprintOf(publicKey) });
      expect(await open(jwe, privateKey)).toEqual({ ok: true, secret });
    },
  );

  it('to a key that says what it is for is opened as well', async () => {
    const saying = { alg: 'ECDH-ES+A256KW', use: 'enc', kid: 'mine' };
    const { jwe } = await seal(secret, { ...p256.publicKey, ...saying });
    expect(await open(jwe, { ...p256.privateKey, ...saying, key_ops: ['deriveBits'] })).toMatchObject({
      ok: true,
    });
  });

  it('says what it is about, and shows nothing of the secret', async () => {
    const { about, jwe } = await seal(secret, p256.publicKey);
    expect(about).toBe('AccessKey of etl@2000000000000002.onaliyun.com');
    expect(jwe).not.toContain(Buffer.from('only for etl').toString('base64url').slice(0, 14));
  });

  it('differs each time', async () => {
    const [one, other] = await Promise.all([seal(secret, p256.publicKey), seal(secret, p256.publicKey)]);
    expect(one.jwe).not.toBe(other.jwe);
  });

  it.each([
    ['ECDH-ES+A256KW', 'A256GCM'],
    ['ECDH-ES', 'A128CBC-HS256'],
  ])('is not opened when it was sealed by %s and %s, which we never use', async (alg, enc) => {
    const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(secret)))
      .setProtectedHeader({ alg, enc, kid: thumbprintOf(p256.publicKey) })
      .encrypt(await importJWK(p256.publicKey as JWK, alg));
    expect(await open(jwe, p256.privateKey)).toEqual({ ok: false, why: 'BROKEN' });
  });

  it.each([
    ['by another key', (jwe: string) => jwe, makeKeyPair('x25519').privateKey, 'OTHER_KEY'],
    ['by the public key', (jwe: string) => jwe, p256.publicKey, 'BROKEN'],
    ['when a letter was changed', flipLast, p256.privateKey, 'BROKEN'],
    ['when it is no JWE', () => 'hello', p256.privateKey, 'NOT_SEALED'],
    ['when it is empty', () => '', p256.privateKey, 'NOT_SEALED'],
  ] as const)('is not opened %s', async (_case, change, key, why) => {
    const { jwe } = await seal(secret, p256.publicKey);
    expect(await open(change(jwe), key)).toEqual({ ok: false, why });
  });
});

/** The first letter of the tag, so that no bit that does not count is changed. */
function flipLast(jwe: string): string {
  const parts = jwe.split('.');
  const tag = parts.pop() ?? '';
  return [...parts, `${tag.startsWith('A') ? 'B' : 'A'}${tag.slice(1)}`].join('.');
}
