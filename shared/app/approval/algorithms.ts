/** Of the package that signs no more than the type: every function reads approvers' keys from its settings, few ever check a signature. */
import type { JWK } from 'jose';

/**
 * What a key may sign by, its preference first; none for a key that is too weak or of another kind. Asymmetric ones only:
 * with a shared secret whoever checks could also sign. The key decides, never the header, which a stranger writes.
 */
export function algorithmsOf({ kty, crv, n }: JWK): readonly string[] {
  if (kty === 'EC' && crv === 'P-256') return ['ES256'];
  if (kty === 'EC' && crv === 'P-384') return ['ES384'];
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA', 'Ed25519'];
  // 2,048 bits are 342 characters of base64url.
  return kty === 'RSA' && (n?.length ?? 0) >= 342 ? ['PS256', 'RS256'] : [];
}
