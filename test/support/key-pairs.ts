/** Key pairs as a grantee would make them, as JWKs. */
import { generateKeyPairSync } from 'node:crypto';
import type { PublicKey } from '../../shared/domain/public-key.js';

export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly privateKey: PublicKey;
}

export const makeKeyPair = (type: 'rsa' | 'ec' | 'x25519' | 'ed25519', options: object = {}): KeyPair =>
  generateKeyPairSync(
    type as 'rsa',
    {
      ...options,
      publicKeyEncoding: { format: 'jwk' },
      privateKeyEncoding: { format: 'jwk' },
    } as never,
  ) as unknown as KeyPair;
