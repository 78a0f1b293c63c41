import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { openHandOvers } from '../../shared/cli/open.js';
import { thumbprintOf } from '../../shared/domain/public-key.js';
import { makeKeyPair } from '../support/key-pairs.js';
import { OWNER, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const run = promisify(execFile);
const { publicKey, privateKey } = makeKeyPair('x25519');

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.cloud.close());

describe('a request with a public key', () => {
  it('is answered with a sealed ExternalId, which opens the role and stands nowhere else', async () => {
    await world.onboard('C-sealed', { grantee: { ...request().grantee, publicKey } });
    const handOver = (await world.hear('C-sealed', 'granted')).data as unknown as HandOver;
    expect(handOver.externalId).toBeUndefined();
    const [secret] = await openHandOvers(
      [{ file: 'event', text: JSON.stringify(handOver) }],
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
    const print = (...more: readonly string[]) => {
      const { endpoint, root } = world.cloud;
      const args = ['hand-over', 'C-sealed', '--account', OWNER, '--endpoint', endpoint, ...more];
      return run(process.execPath, ['dist/cli/leasehold.js', ...args], {
        env: {
          ...process.env,
          ALIBABA_CLOUD_ACCESS_KEY_ID: root.accessKeyId,
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: root.accessKeySecret,
          LEASEHOLD_EVIDENCE_BUCKET: world.cloud.config.evidenceBucket,
        },
      });
    };
    const page = (await print()).stdout;
    expect(page).toContain('# Access for Globex: contract C-sealed');
    expect(page).toContain('It went out with the event and is not repeated here.');
    expect(JSON.parse((await print('--json')).stdout)).toMatchObject({
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
