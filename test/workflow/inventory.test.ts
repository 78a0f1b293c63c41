import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import type { Session } from '../../shared/cloud/ports.js';
import type { Grant } from '../../shared/domain/grant.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { amend, enterAs } from '../support/changes.js';
import { kafkaGrant, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const balancer = (id: string, own: object = {}): Grant => ({
  service: 'slb',
  kind: 'clb',
  access: 'operate',
  region: REGION,
  loadBalancerIds: [id],
  ecsInstanceIds: ['i-x1', 'i-x2'],
  ...own,
});
const addBackend = (session: Session, loadBalancerId: string, server: string) =>
  makeProductPort(world.cloud.connectionOf(world.cloud.root)).call(
    {
      product: 'Slb',
      version: '2014-05-15',
      region: REGION,
      action: 'AddBackendServers',
      params: { LoadBalancerId: loadBalancerId, BackendServers: JSON.stringify([{ ServerId: server }]) },
    },
    session,
  );
const end = async (id: string) => {
  await world.terminate(id);
  return (await world.hear(id, 'revoked', 'failed')).data;
};

describe('what a partner left behind where it could operate', () => {
  it('is told with the end, and what the owner does about it; what was there before is not', async () => {
    await world.onboard('INV-one', { grants: [balancer('lb-x1')] });
    const session = await enterAs(world, 'INV-one');
    expect((await addBackend(session, 'lb-x1', 'i-x1')).outcome).toBe('allowed');
    const revoked = await end('INV-one');
    expect(revoked['appeared']).toEqual([
      {
        what: 'i-x1, backend of load balancer lb-x1 (cn-hangzhou)',
        next: expect.stringContaining('take it out'),
      },
    ]);
    expect(revoked['notCompared']).toEqual([]);
    // The next contract finds it there, and says nothing of it.
    await world.onboard('INV-two', { grants: [balancer('lb-x1')] });
    await world.hear('INV-two', 'granted');
    expect((await end('INV-two'))['appeared']).toEqual([]);
  });

  it('is looked for also where an amendment let it operate, and took that away again', async () => {
    await world.onboard('INV-amend', { grants: [kafkaGrant] });
    const session = await enterAs(world, 'INV-amend');
    await amend(world, 'INV-amend', { revision: 1, grants: [kafkaGrant, balancer('lb-x2')] });
    await world.hear('INV-amend', 'amended', 'failed');
    expect((await addBackend(session, 'lb-x2', 'i-x2')).outcome).toBe('allowed');
    await amend(world, 'INV-amend', { revision: 2, grants: [kafkaGrant] });
    await world.calm();
    expect((await world.contract('INV-amend')).terms?.revision).toBe(2);
    expect(JSON.stringify((await end('INV-amend'))['appeared'])).toContain('i-x2, backend');
  });

  it('is not looked for where it could only read, and holds up no end where it cannot be read', async () => {
    await world.onboard('INV-read', { grants: [kafkaGrant] });
    await world.hear('INV-read', 'granted');
    expect(await end('INV-read')).not.toHaveProperty('appeared');
    await world.onboard('INV-blind', { grants: [balancer('lb-x1')] });
    await world.hear('INV-blind', 'granted');
    const undo = world.cloud.cloud.faults.add(
      failing(
        { action: 'DescribeVServerGroups' },
        { kind: 'error', status: 503, code: 'ServiceUnavailable' },
      ),
    );
    const revoked = await end('INV-blind');
    undo();
    expect(JSON.stringify(revoked['notCompared'])).toContain('vServer group');
    expect((await world.contract('INV-blind')).state).toBe('ended');
  });
});
