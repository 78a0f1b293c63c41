/** An embedded cloud with RAM, and our adapter over it as an administrator of the owner's. */
import { makeRamPort } from '../../../shared/cloud/alibaba/ram.js';
import type { RamPort } from '../../../shared/cloud/ports.js';
import { ownerId } from '../../loopback/identity-clients.js';
import { startWorld, type World } from '../../loopback/identity-world.js';

export async function startRam(): Promise<{ readonly world: World; readonly ram: RamPort }> {
  const world = await startWorld();
  const { endpoint, admin } = world;
  const ram = makeRamPort({
    region: 'cn-hangzhou',
    owner: ownerId,
    credentials: admin,
    endpoint,
    timeoutMilliseconds: 10_000,
  });
  return { world, ram };
}
