/** Approvers' keys, as JWKs in files. */
import { writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { readTextFile } from './read-file.js';

/** The members of a JWK that anybody may see; whatever else it has is left out. */
export const publicPartOf = ({ kty, crv, x, y, n, e }: JWK): JWK =>
  Object.fromEntries(
    Object.entries({ kty, crv, x, y, n, e }).filter(([, member]) => member !== undefined),
  ) as JWK;

/** @throws {Error} naming the file, never what is in it */
export function readPrivateKey(file: string): JWK {
  const text = readTextFile(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes what it failed on, which is a private key.
    throw new Error(`${file} is not JSON; a private key as a JWK is wanted`);
  }
  const isPrivate = typeof value === 'object' && value !== null && 'kty' in value && 'd' in value;
  if (!isPrivate) throw new Error(`${file} holds no private key as a JWK`);
  return value as JWK;
}

/** Makes a key pair for an approver, writes the private key where only its owner reads, and gives the public one. @throws {Error} where a file is */
export async function writeNewKey(id: string, file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  try {
    writeFileSync(file, `${JSON.stringify({ kid: id, ...jwk }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Error(`${file} cannot be written, or is there already; an existing key is never overwritten`, {
      cause: error,
    });
  }
  return publicPartOf(jwk);
}
