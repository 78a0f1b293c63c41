/** What a grantee runs where its private key is, on hand-overs as they are announced. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveriesOf } from '../../../shared/app/hand-over/deliver.js';
import { handOverPage } from '../../../shared/app/hand-over/page.js';
import type { Secret } from '../../../shared/app/hand-over/seal.js';
import { KEY_PAIR_COMMAND, opener } from '../../../shared/app/hand-over/snippets/opening.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { type PublicKey, publicKeyIssues } from '../../../shared/domain/public-key.js';
import { contractOf, EXTERNAL_ID, handOverFor } from '../../support/hand-overs.js';
import { makeKeyPair } from '../../support/key-pairs.js';
import { OWNER, request } from '../../support/requests.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'opening-'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  write('open.mjs', opener().text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
const sh = (command: string) => promisify(execFile)('sh', ['-c', command], { cwd: folder });
const user: Secret = { kind: 'user', contractId: 'C-2026-0142', userPrincipalName: 'a@b', password: 'p-1' };

/** As two events, the first the whole event, the second its data alone. */
async function announce(publicKey: PublicKey): Promise<void> {
  const asked = request({ grantee: { ...request().grantee, publicKey } });
  const [part] = await deliveriesOf(contractOf(asked), planAccess(asked, OWNER), { owner: OWNER }, [user]);
  const [first, second] = part?.sealed ?? [];
  write('one.json', JSON.stringify({ type: 'partner.access.granted', data: { ...part, sealed: [first] } }));
  write('two.json', JSON.stringify({ ...part, sealed: [second] }));
}
const opened = [{ kind: 'external-id', externalId: EXTERNAL_ID }, user];

describe('open.mjs', () => {
  it.each([
    ['RSA', makeKeyPair('rsa', { modulusLength: 2048 })],
    ['EC on P-256', makeKeyPair('ec', { namedCurve: 'P-256' })],
    ['EC on P-384', makeKeyPair('ec', { namedCurve: 'P-384' })],
    ['X25519', makeKeyPair('x25519')],
  ] as const)('opens what was sealed to a key that is %s, all parts in order', async (_kind, pair) => {
    await announce(pair.publicKey);
    write('key.jwk', JSON.stringify({ ...pair.privateKey, use: 'enc', kid: 'mine' }));
    const { stdout } = await sh('node open.mjs key.jwk one.json two.json');
    expect(JSON.parse(stdout)).toMatchObject(opened);
  });

  it('says so when it was sealed to another key', async () => {
    await announce(makeKeyPair('x25519').publicKey);
    write('other.jwk', JSON.stringify(makeKeyPair('x25519').privateKey));
    await expect(sh('node open.mjs other.jwk one.json')).rejects.toThrow(
      'ExternalId: it was sealed to another key',
    );
  });

  it('wants the very package that seals', () => {
    const { version } = JSON.parse(readFileSync('node_modules/jose/package.json', 'utf8'));
    expect(opener().text).toContain(`npm install jose@${version},`);
  });
});

describe('the line that makes a key pair', () => {
  it('prints a key that can be sealed to, and keeps the other half for its owner alone', async () => {
    const { stdout } = await sh(KEY_PAIR_COMMAND);
    const publicKey = JSON.parse(stdout) as PublicKey;
    expect(publicKeyIssues(publicKey)).toEqual([]);
    expect(statSync(join(folder, 'private.jwk')).mode & 0o077).toBe(0);
    await announce(publicKey);
    expect(JSON.parse((await sh('node open.mjs private.jwk one.json two.json')).stdout)).toMatchObject(
      opened,
    );
    await expect(sh(KEY_PAIR_COMMAND)).rejects.toThrow('EEXIST');
  });
  it('is in the README as well', () => expect(readFileSync('README.md', 'utf8')).toContain(KEY_PAIR_COMMAND));
});

describe('the page', () => {
  it('has both where something is sealed, and sends nobody to a package of ours', () => {
    const { publicKey } = makeKeyPair('x25519');
    const page = handOverPage(handOverFor({ grantee: { ...request().grantee, publicKey } }));
    expect(page).toContain(opener().text);
    expect(page).toContain(KEY_PAIR_COMMAND);
    expect(page).not.toContain('leasehold open');
    expect(handOverPage(handOverFor())).not.toContain('open.mjs');
  });
});
