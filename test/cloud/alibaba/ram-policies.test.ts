import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RamPort } from '../../../shared/cloud/ports.js';
import { allow, ownerId } from '../../loopback/identity-clients.js';
import { asOwner, type World } from '../../loopback/identity-world.js';
import { startRam } from './ram-world.js';

let world: World;
let ram: RamPort;
const call = (action: string, params: Readonly<Record<string, string>>) =>
  asOwner(world.running, ownerId, action, params);
beforeAll(async () => {
  ({ world, ram } = await startRam());
});
afterAll(() => world.close());

/** A policy that these users hold. */
async function heldBy(policy: string, ...users: readonly string[]): Promise<void> {
  await call('CreatePolicy', { PolicyName: policy, PolicyDocument: allow('oss:GetObject') });
  for (const user of users) {
    await call('CreateUser', { UserName: user });
    await call('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: policy, UserName: user });
  }
}

describe('a policy that is deleted', () => {
  it('is taken from the users of ours that hold it', async () => {
    await heldBy('lease-a-1', 'lh-0123456789abcdef');
    await ram.deletePolicy('lease-a-1');
    await expect(ram.holdersOf('lease-a-1')).rejects.toThrow(/lease-a-1/);
  });

  it('is not taken from a user of somebody else’s, and then stays', async () => {
    await heldBy('lease-b-1', 'lh-fedcba9876543210', 'somebody');
    await expect(ram.deletePolicy('lease-b-1')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await ram.holdersOf('lease-b-1')).toEqual(['user somebody']);
  });
});
