import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHandOvers, readHandOver } from '../../shared/cli/open.js';
import { parseContractId } from '../../shared/domain/values.js';
import { amend } from '../support/changes.js';
import { makeKeyPair } from '../support/key-pairs.js';
import { bob, etl, keyIdsOf, letUsIn, managedGrantee } from '../support/managed.js';
import { kafkaGrant } from '../support/requests.js';
import { accountsIn, kafkaDoor, keys, logOn, startDoors } from '../support/side-doors.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startDoors();
  await letUsIn(world);
}, 60_000);
afterAll(() => world.cloud.close());

it('what leaked is shut by an amendment that leaves it out, and comes anew, sealed to a new key, by one that names it again', async () => {
  const id = parseContractId('C-leaked');
  const whole = {
    grants: [kafkaGrant, kafkaDoor()],
    grantee: managedGrantee({ users: [etl, bob] }, [], keys.publicKey),
  };
  await world.onboard(id, whole);
  const [leaked] = await accountsIn(await world.hear(id, 'granted'));
  const [keysOfEtl, keysOfBob] = [await keyIdsOf(world, 'etl'), await keyIdsOf(world, 'bob')];
  expect(logOn(world, leaked!)).toBe('allowed');

  const without = { grants: [kafkaGrant], grantee: managedGrantee({ users: [bob] }, [], keys.publicKey) };
  await amend(world, id, { revision: 1, ...without });
  await world.settle();
  expect(logOn(world, leaked!)).not.toBe('allowed');
  await expect(keyIdsOf(world, 'etl')).rejects.toThrow('does not exist');

  const { publicKey, privateKey } = makeKeyPair('x25519');
  await amend(world, id, { revision: 2, ...whole, grantee: { ...whole.grantee, publicKey } });
  await world.settle();
  const parts = world.outbox.heard.filter(
    ({ subject, type, data }) => subject === id && type.endsWith('.amended') && data['revision'] === 2,
  );
  const files = parts.map(({ data }, index) => ({ file: `${index}`, text: JSON.stringify(data) }));
  const secrets = await openHandOvers(files.map(readHandOver), JSON.stringify(privateKey));
  const account = secrets.find((one) => one.kind === 'data-plane-account')!;
  expect(logOn(world, account as never)).toBe('allowed');
  expect(logOn(world, leaked!)).not.toBe('allowed');
  const ofUsers = secrets.flatMap((one) => (one.kind === 'user' ? [one.accessKeyId] : []));
  expect(ofUsers).toEqual(await keyIdsOf(world, 'etl'));
  expect(keysOfEtl).not.toContain(ofUsers[0]);
  expect(await keyIdsOf(world, 'bob')).toEqual(keysOfBob);
});
