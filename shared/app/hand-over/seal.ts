/**
 * Sealing: what only the grantee may read leaves as a JWE (RFC 7516) to the public key of its request, or not at all. The key
 * was judged at admission (`publicKeyIssues`), so that nothing can fail here for its sake.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors, importJWK, type JWK } from 'jose';
import type { DataPlaneInstance } from '../../domain/data-plane.js';
import { type PublicKey, SEALING_ALGORITHMS, thumbprintOf } from '../../domain/public-key.js';

/** How the role is entered by API. */
export interface SealedExternalId {
  readonly kind: 'external-id';
  readonly contractId: string;
  readonly roleArn: string;
  readonly externalId: string;
}
/** What a user that was made for the grantee logs on or signs with. */
export interface SealedUser {
  readonly kind: 'user';
  readonly contractId: string;
  readonly userPrincipalName: string;
  /** To be changed at the first logon. */
  readonly password?: string;
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
}
/** What clients of a data plane log on with; RAM knows nothing of it. */
export interface SealedAccount {
  readonly kind: 'data-plane-account';
  readonly contractId: string;
  readonly product: DataPlaneInstance['product'];
  readonly region: string;
  readonly instanceId: string;
  readonly username: string;
  readonly password: string;
}
/** Each says which contract it is for, so that one that is put beside another hand-over is seen to be out of place. */
export type Secret = SealedExternalId | SealedUser | SealedAccount;

export interface Sealed {
  /** In plain words, and open: `ExternalId`, `password of alice@…`. */
  readonly about: string;
  /** Compact serialization. */
  readonly jwe: string;
}

export type Opened =
  | { readonly ok: true; readonly secret: Secret }
  | {
      readonly ok: false;
      /** `OTHER_KEY`: sealed to another one. `NOT_SEALED`: no JWE, or none of ours. `BROKEN`: altered on the way, or no private key. */
      readonly why: 'OTHER_KEY' | 'NOT_SEALED' | 'BROKEN';
    };

export const CONTENT_ENCRYPTION = 'A256GCM';
const ALGORITHMS: readonly string[] = Object.values(SEALING_ALGORITHMS);

/** Seals `secret` to `key`. Two seals of one secret differ. */
export async function seal(secret: Secret, key: PublicKey): Promise<Sealed> {
  const algorithm = algorithmOf(key);
  const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(secret)))
    .setProtectedHeader({ alg: algorithm, enc: CONTENT_ENCRYPTION, kid: thumbprintOf(key), cty: 'json' })
    // What a key says of its use was judged before; libraries read more into it than the RFC does.
    .encrypt(await importJWK(materialOf(key), algorithm));
  return { about: aboutOf(secret), jwe };
}

/** Opens what `seal` made, with the private half. Never throws for what it is given. */
export async function open(jwe: string, privateKey: PublicKey): Promise<Opened> {
  const kid = keyIdIn(jwe);
  if (kid === undefined) return { ok: false, why: 'NOT_SEALED' };
  if (kid !== thumbprintOf(privateKey)) return { ok: false, why: 'OTHER_KEY' };
  try {
    const { plaintext } = await compactDecrypt(
      jwe,
      await importJWK(materialOf(privateKey), algorithmOf(privateKey)),
      {
        keyManagementAlgorithms: [...ALGORITHMS],
        contentEncryptionAlgorithms: [CONTENT_ENCRYPTION],
      },
    );
    return { ok: true, secret: JSON.parse(new TextDecoder().decode(plaintext)) as Secret };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      return { ok: false, why: 'BROKEN' };
    throw error;
  }
}

const algorithmOf = ({ kty }: PublicKey): string =>
  SEALING_ALGORITHMS[kty as keyof typeof SEALING_ALGORITHMS];

/** The key alone, without what it says of its use. */
function materialOf({ alg: _, use: __, key_ops: ___, ...material }: PublicKey): JWK {
  return material;
}

function keyIdIn(jwe: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(jwe);
    return typeof kid === 'string' ? kid : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function aboutOf(secret: Secret): string {
  if (secret.kind === 'external-id') return 'ExternalId';
  if (secret.kind === 'data-plane-account')
    // The user names of RabbitMQ that stay are long and say nothing to anybody.
    return secret.product === 'rabbitmq'
      ? `user name and password on instance ${secret.instanceId}`
      : `password of ${secret.username} on instance ${secret.instanceId}`;
  const what = [
    ...(secret.password === undefined ? [] : ['password']),
    ...(secret.accessKeySecret === undefined ? [] : ['AccessKey']),
  ].join(' and ');
  return `${what} of ${secret.userPrincipalName}`;
}
