import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Secret, seal } from '../../shared/app/hand-over/seal.js';
import { missingParts, openCommand, openHandOvers, readHandOver } from '../../shared/cli/open.js';
import { makeKeyPair } from '../support/key-pairs.js';

const { publicKey, privateKey } = makeKeyPair('x25519');
const key = JSON.stringify(privateKey);
const externalId: Secret = {
  kind: 'external-id',
  contractId: 'C-1',
  roleArn: 'acs:ram::1000000000000001:role/lease-c-1',
  externalId: 'e-1',
};
const user: Secret = { kind: 'user', contractId: 'C-1', userPrincipalName: 'a@b', password: 'p-1' };
const named = (value: unknown, file = 'part.json') => readHandOver({ file, text: JSON.stringify(value) });

describe('leasehold open', () => {
  it('opens a hand-over, and the event that carried one, all parts in order', async () => {
    const first = named({ sealed: [await seal(externalId, publicKey)] });
    const second = named({ type: 'partner.access.granted', data: { sealed: [await seal(user, publicKey)] } });
    expect(await openHandOvers([first, second], key)).toEqual([externalId, user]);
  });

  it('says which parts of a contract are not among the files', () => {
    const part = (contractId: string, number: number, of: number) =>
      named({ type: 'partner.access.granted', data: { contractId, part: { number, of }, sealed: [] } });
    expect(missingParts([part('C-1', 3, 4), part('C-1', 1, 4), part('C-2', 1, 1), named({})])).toEqual([
      'C-1 came in 4 parts, and part 2, 4 is not among the files',
    ]);
    expect(missingParts([part('C-1', 2, 2), part('C-1', 1, 2)])).toEqual([]);
  });

  it.each([
    ['nothing is sealed', { roleArn: 'x' }, key, /nothing in there is sealed/],
    [
      'what is sealed is none of ours',
      { sealed: [{ about: 'it', jwe: 'x' }] },
      key,
      /it in part.json .* not sealed/,
    ],
    ['the list holds nothing of the kind', { sealed: [null] }, key, /not sealed/],
    ['the key is public', { sealed: [] }, JSON.stringify(publicKey), /no private key/],
    ['the key is no JSON', { sealed: [] }, `${key.slice(0, -1)} x`, /^the key is not a JSON object$/],
  ])('says so when %s', async (_case, handOver, keyText, message) => {
    await expect(openHandOvers([named(handOver)], keyText)).rejects.toThrow(message);
  });

  it('says so when it was sealed to another key, naming what and where', async () => {
    const sealed = [await seal(user, makeKeyPair('x25519').publicKey)];
    await expect(openHandOvers([named({ sealed }, 'two.json')], key)).rejects.toThrow(
      'password of a@b in two.json cannot be opened: it was sealed to another key than this one',
    );
  });
});

describe('what was sealed', () => {
  it('is printed so that nothing in it moves a terminal, as JSON that says the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'open-'));
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      const hostile = { ...user, userPrincipalName: 'a\u009b2J\u202eb' };
      writeFileSync(join(folder, 'h.json'), JSON.stringify({ sealed: [await seal(hostile, publicKey)] }));
      writeFileSync(join(folder, 'k.json'), key);
      await openCommand().parseAsync([join(folder, 'h.json'), '--key', join(folder, 'k.json')], {
        from: 'user',
      });
      const printed = String(log.mock.calls[0]?.[0]);
      expect(printed).not.toMatch(/[\u007f-\u009f\u202e]/);
      expect(JSON.parse(printed)).toEqual([hostile]);
    } finally {
      log.mockRestore();
      rmSync(folder, { recursive: true });
    }
  });
});
