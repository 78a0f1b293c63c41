import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { openHandOvers, readHandOver } from '../../shared/cli/open.js';
import { thumbprintOf } from '../../shared/domain/public-key.js';
import { amend, suspend } from '../support/changes.js';
import { makeKeyPair } from '../support/key-pairs.js';
import { kafkaGrant, OWNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const run = promisify(execFile);
const { publicKey, privateKey } = makeKeyPair('x25519');

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.cloud.close());

/** `leasehold hand-over`. */
const print = async (contractId: string, ...more: readonly string[]): Promise<string> => {
  const { endpoint, root } = world.cloud;
  const args = ['hand-over', contractId, '--account', OWNER, '--endpoint', endpoint, ...more];
  const { stdout } = await run(process.execPath, ['dist/cli/leasehold.js', ...args], {
    env: {
      ...process.env,
      ALIBABA_CLOUD_ACCESS_KEY_ID: root.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: root.accessKeySecret,
      LEASEHOLD_EVIDENCE_BUCKET: world.cloud.config.evidenceBucket,
    },
  });
  return stdout;
};

describe('a request with a public key', () => {
  it('is answered with a sealed ExternalId, which opens the role and stands nowhere else', async () => {
    await world.onboard('C-sealed', { grantee: { ...request().grantee, publicKey } });
    const handOver = (await world.hear('C-sealed', 'granted')).data as unknown as HandOver;
    expect(handOver.externalId).toBeUndefined();
    const [secret] = await openHandOvers(
      [readHandOver({ file: 'event', text: JSON.stringify(handOver) })],
      JSON.stringify(privateKey),
    );
    const externalId = secret?.kind === 'external-id' ? secret.externalId : '';
    const [person] = await world.partner.accept(handOver);
    expect(await person?.enter(handOver, externalId)).toHaveProperty('securityToken');
    expect(await person?.enter(handOver, 'a-guess')).toMatchObject({ refused: 'NoPermission' });

    const said = JSON.stringify(world.outbox.heard.filter(({ subject }) => subject === 'C-sealed'));
    expect(said).not.toContain(externalId);
    expect(world.lines.join('\n')).not.toContain(externalId);
    const [key] = await world.evidence().list('hand-overs/C-sealed/');
    expect(await world.evidence().read(key ?? '')).not.toContain(externalId);
  }, 60_000);

  it('is printed again by the command, as a page or for machines, without what was sealed', async () => {
    const page = await print('C-sealed');
    expect(page).toContain('# Access for Globex: contract C-sealed');
    expect(page).toContain('It went out with the event and is not repeated here.');
    expect(JSON.parse(await print('C-sealed', '--json'))).toMatchObject({
      contractId: 'C-sealed',
      keyThumbprint: thumbprintOf(publicKey),
      sealed: [],
    });
  }, 60_000);

  it('is refused with every reason when the key is a private one, and the key is kept nowhere', async () => {
    const grantee = { ...request().grantee, publicKey: privateKey };
    await world.onboard('C-private', { grantee });
    const refusal = await world.hear('C-private', 'rejected');
    expect(refusal.data).toMatchObject({
      reasons: [{ code: 'KEY_PRIVATE', pointer: '/data/grantee/publicKey' }],
    });
    const { d = '' } = privateKey as { readonly d?: string };
    const facts = JSON.stringify([await world.facts('C-private'), world.outbox.heard]);
    expect(facts).toContain('KEY_PRIVATE');
    expect(facts).not.toContain(d);
  }, 60_000);
});

describe('a hand-over that is printed again', () => {
  it('says that access is suspended', async () => {
    await world.onboard('C-off');
    await world.hear('C-off', 'granted');
    expect(await print('C-off')).toMatch(/^# Access for Globex: contract C-off\n/);
    await suspend(world, 'C-off', 'off');
    await world.hear('C-off', 'suspended');
    expect(await print('C-off')).toMatch(
      /^> Access is suspended: .*\n\n# Access for Globex: contract C-off\n/,
    );
    expect(JSON.parse(await print('C-off', '--json'))).toMatchObject({ state: 'suspended' });
  }, 60_000);

  it('is that of the last amendment', async () => {
    await world.onboard('C-more');
    await world.hear('C-more', 'granted');
    const bus = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;
    await amend(world, 'C-more', { revision: 1, grants: [kafkaGrant, bus] });
    await world.hear('C-more', 'amended');
    expect(JSON.parse(await print('C-more', '--json')).grants).toHaveLength(2);
  }, 60_000);

  it('is there while the partner’s users are waited for', async () => {
    const accessors = [{ type: 'user', name: 'not-yet', via: 'api' }] as const;
    await world.onboard('C-waits', { grantee: { ...request().grantee, accessors } });
    await world.hear('C-waits', 'prepared');
    expect(await print('C-waits')).toMatch(/^> The role lets nobody in yet: [\s\S]*\*\*set-up\.sh\*\*/);
  }, 60_000);

  it('is not there once the contract has ended', async () => {
    await world.terminate('C-off');
    await world.hear('C-off', 'revoked');
    await expect(print('C-off')).rejects.toThrow('C-off is ended; there is nothing to hand over');
  }, 60_000);
});
