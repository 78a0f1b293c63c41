/** The grantee's public key (a JWK, RFC 7517), which what it is handed is sealed to. Pure: what is wrong with one, and its name. */
import { canonicalJson } from './canonical-json.js';
import { sha256Hex } from './sha256.js';

/** As it stands in a request. Members of other key types and of private keys may be there too: `publicKeyIssues` names them. */
export interface PublicKey {
  readonly kty: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
}

export type KeyIssueCode =
  /** A private key was sent. Whoever sent it must make another pair. */
  | 'KEY_PRIVATE'
  | 'KEY_UNSUPPORTED'
  | 'KEY_WEAK'
  | 'KEY_INCOMPLETE'
  | 'KEY_MALFORMED'
  /** The key says of itself that it is for something else. */
  | 'KEY_NOT_FOR_SEALING';
export interface KeyIssue {
  readonly code: KeyIssueCode;
  /** JSON pointer below the key, '' for the whole. */
  readonly pointer: string;
  readonly message: string;
}

/** JWE algorithm by key type. Content is encrypted with A256GCM. */
export const SEALING_ALGORITHMS = { RSA: 'RSA-OAEP-256', EC: 'ECDH-ES', OKP: 'ECDH-ES' } as const;
type KeyType = keyof typeof SEALING_ALGORITHMS;

/** Source: RFC 7518, section 6, and RFC 8037. `oct` keys are nothing but `k`. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** What a thumbprint is taken over, and without which there is no key. Source: RFC 7638, section 3.2. */
const REQUIRED: Readonly<Record<KeyType, readonly (keyof PublicKey)[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
};
const MIN_RSA_BITS = 2048;
/** Larger ones cost time and say more about a mistake than about caution. */
const MAX_RSA_BITS = 8192;
/** Smaller exponents are not taken: with 1 nothing would be encrypted. Source: NIST SP 800-56B. */
const MIN_RSA_EXPONENT = 65_537n;

/** Everything that is wrong with `key`; none when it can be sealed to. Values are never repeated. */
export function publicKeyIssues(key: PublicKey): readonly KeyIssue[] {
  const secrets = PRIVATE_MEMBERS.filter((member) => member in key);
  if (secrets.length > 0) {
    return [
      issue(
        'KEY_PRIVATE',
        '',
        `this is a private key (it has ${secrets.join(', ')}): send the public one, and of a new pair, since this one has been seen`,
      ),
    ];
  }
  if (!isKeyType(key.kty)) {
    return [
      issue('KEY_UNSUPPORTED', '/kty', 'must be an RSA key, an EC key on P-256 or P-384, or an X25519 key'),
    ];
  }
  const absent = REQUIRED[key.kty].filter((member) => key[member] === undefined);
  return [
    ...absent.map((member) => issue('KEY_INCOMPLETE', `/${member}`, 'is missing')),
    ...usageIssues(key, key.kty),
    ...(absent.length > 0 ? [] : MATERIAL[key.kty](key)),
  ];
}

/** SHA-256 thumbprint, base64url: 43 characters. Equal for equal keys, however they are written. Source: RFC 7638. */
export function thumbprintOf(key: PublicKey): string {
  const members = isKeyType(key.kty) ? REQUIRED[key.kty] : [];
  const hex = sha256Hex(canonicalJson(Object.fromEntries(members.map((member) => [member, key[member]]))));
  return base64Url((hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)));
}

const issue = (code: KeyIssueCode, pointer: string, message: string): KeyIssue => ({
  code,
  pointer,
  message,
});
const isKeyType = (kty: string): kty is KeyType => Object.hasOwn(REQUIRED, kty);

function usageIssues({ alg, use, key_ops: operations }: PublicKey, kty: KeyType): readonly KeyIssue[] {
  const accepted: readonly string[] =
    kty === 'RSA' ? [SEALING_ALGORITHMS.RSA] : ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'];
  return [
    ...(alg !== undefined && !accepted.includes(alg)
      ? [issue('KEY_NOT_FOR_SEALING', '/alg', `must be ${accepted.join(' or ')}, or left out`)]
      : []),
    ...(use !== undefined && use !== 'enc'
      ? [issue('KEY_NOT_FOR_SEALING', '/use', 'must be "enc", or left out')]
      : []),
    // The public half of an agreement key has no operations of its own; of an RSA key it is these two.
    ...((operations ?? []).every((one) => kty === 'RSA' && (one === 'encrypt' || one === 'wrapKey'))
      ? []
      : [
          issue(
            'KEY_NOT_FOR_SEALING',
            '/key_ops',
            'names other operations than a key that is sealed to can have',
          ),
        ]),
  ];
}

const MATERIAL: Readonly<Record<KeyType, (key: PublicKey) => readonly KeyIssue[]>> = {
  RSA: rsaIssues,
  EC: pointIssues,
  OKP: x25519Issues,
};

function rsaIssues({ n = '', e = '' }: PublicKey): readonly KeyIssue[] {
  const modulus = numberIn(n);
  const exponent = numberIn(e);
  if (modulus === undefined) return [issue('KEY_MALFORMED', '/n', 'is not base64url')];
  if (exponent === undefined) return [issue('KEY_MALFORMED', '/e', 'is not base64url')];
  const bits = modulus.toString(2).length;
  return [
    ...(bits < MIN_RSA_BITS
      ? [issue('KEY_WEAK', '/n', `an RSA key has at least ${MIN_RSA_BITS} bits; this has ${bits}`)]
      : []),
    ...(bits > MAX_RSA_BITS
      ? [issue('KEY_UNSUPPORTED', '/n', `an RSA key has at most ${MAX_RSA_BITS} bits`)]
      : []),
    ...(modulus % 2n === 0n ? [issue('KEY_MALFORMED', '/n', 'is even, so no RSA modulus')] : []),
    ...(exponent < MIN_RSA_EXPONENT || exponent % 2n === 0n
      ? [issue('KEY_WEAK', '/e', `the exponent must be odd and at least ${MIN_RSA_EXPONENT}`)]
      : []),
  ];
}

/** y² = x³ - 3x + b over p. Source: FIPS 186-4, D.1.2. */
const CURVES: Readonly<
  Record<string, { readonly bytes: number; readonly p: bigint; readonly b: bigint } | undefined>
> = {
  'P-256': {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
};

/** A point that is not on its curve would be found out only when something is sealed, and that is after the first effect. */
function pointIssues({ crv = '', x = '', y = '' }: PublicKey): readonly KeyIssue[] {
  const curve = CURVES[crv];
  if (curve === undefined) return [issue('KEY_UNSUPPORTED', '/crv', 'must be P-256 or P-384')];
  const [across, up] = [numberIn(x, curve.bytes), numberIn(y, curve.bytes)];
  if (across === undefined || up === undefined)
    return [issue('KEY_MALFORMED', '', `x and y must be base64url of ${curve.bytes} bytes each`)];
  const { p, b } = curve;
  const isOnCurve = across < p && up < p && (up ** 2n - (across ** 3n - 3n * across + b)) % p === 0n;
  return isOnCurve ? [] : [issue('KEY_MALFORMED', '', `this is no point of ${crv}`)];
}

const X25519_P = 2n ** 255n - 19n;
/** Points whose shared secret is zero, whoever's private key it is. Source: RFC 7748, section 6.1; the list is cr.yp.to's. */
const SMALL_ORDER = new Set([
  0n,
  1n,
  X25519_P - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

function x25519Issues({ crv, x = '' }: PublicKey): readonly KeyIssue[] {
  if (crv !== 'X25519') return [issue('KEY_UNSUPPORTED', '/crv', 'must be X25519')];
  const bytes = bytesIn(x);
  if (bytes?.length !== 32) return [issue('KEY_MALFORMED', '/x', 'must be base64url of 32 bytes')];
  // Little-endian, and the top bit does not count.
  const point = (bigEndian([...bytes].reverse()) & (2n ** 255n - 1n)) % X25519_P;
  return SMALL_ORDER.has(point) ? [issue('KEY_WEAK', '/x', 'is a point of small order')] : [];
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** `undefined` when it is not base64url without padding. */
function bytesIn(text: string): readonly number[] | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(6, '0')).join('');
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}

function numberIn(text: string, length?: number): bigint | undefined {
  const bytes = bytesIn(text);
  if (bytes === undefined || (length !== undefined && bytes.length !== length)) return undefined;
  return bigEndian(bytes);
}

const bigEndian = (bytes: readonly number[]): bigint =>
  BigInt(`0x0${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);

function base64Url(bytes: readonly number[]): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,6}/g) ?? [])
    .map((group) => ALPHABET.charAt(Number.parseInt(group.padEnd(6, '0'), 2)))
    .join('');
}
