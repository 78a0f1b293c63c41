/** How the grantee opens what is sealed, with nothing of ours: a module over `jose`, which is what sealed it. */
import { SEALING_ALGORITHMS } from '../../../domain/public-key.js';
import { CONTENT_ENCRYPTION } from '../seal.js';
import type { Snippet } from './snippet.js';

/** Pinned: whoever could put another one in its place would be handed private keys. */
const JOSE = 'jose@6.2.18';

/** What to type, for whoever is told where a secret is. */
export const OPEN_COMMAND = 'node open.mjs private.jwk hand-over.json';

/** In a shell: keeps the private half in `private.jwk`, prints the public one. Never overwrites a key. */
export const KEY_PAIR_COMMAND = `node -e "const as = { format: 'jwk' }, { publicKey, privateKey } = require('crypto').generateKeyPairSync('x25519', { publicKeyEncoding: as, privateKeyEncoding: as }); require('fs').writeFileSync('private.jwk', JSON.stringify(privateKey), { mode: 0o600, flag: 'wx' }); console.log(JSON.stringify(publicKey))"`;

export const opener = (): Snippet => ({
  file: 'open.mjs',
  language: 'js',
  about:
    'Opens what is sealed, where your private key is. `hand-over.json` is the event that brought this, or its data; name all of them, where it came in parts.',
  text: `// npm install ${JOSE}, then: ${OPEN_COMMAND}
// Prints secrets, so mind where to.
import { readFileSync } from 'node:fs';
import { calculateJwkThumbprint, compactDecrypt, decodeProtectedHeader, importJWK } from 'jose';

const [keyFile, ...files] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { alg, use, key_ops, ...jwk } = read(keyFile);
const algorithm = jwk.kty === 'RSA' ? '${SEALING_ALGORITHMS.RSA}' : '${SEALING_ALGORITHMS.EC}';
const key = await importJWK(jwk, algorithm);
const thumbprint = await calculateJwkThumbprint(jwk);
const opened = [];
for (const { about, jwe } of files.map(read).flatMap((one) => (one.data ?? one).sealed)) {
  if (decodeProtectedHeader(jwe).kid !== thumbprint) throw new Error(\`\${about}: it was sealed to another key\`);
  const { plaintext } = await compactDecrypt(jwe, key, {
    keyManagementAlgorithms: [algorithm],
    contentEncryptionAlgorithms: ['${CONTENT_ENCRYPTION}'],
  });
  opened.push(JSON.parse(new TextDecoder().decode(plaintext)));
}
console.log(JSON.stringify(opened, null, 2));
`,
});
