import { describe, expect, it } from 'vitest';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import { ROUTE_TARGET_ID } from '../../../shared/domain/route.js';
import { account, route } from '../../domain/facts.js';
import { contractId, down, leaseAfter, roleName, TERMINATED } from '../../support/small-cloud/lease.js';

const RULE = route('lh-0000000000000001');
const ACCOUNT = account('lh-0000000000000002', { pausesBy: 'disabling' });

/** A rule that takes events out and an account in a data plane, both of the contract and both open; and what was done to them. */
async function leaseWithDoors(steps: number) {
  const lease = await leaseAfter(steps);
  const data = { accounts: [ACCOUNT], routes: [RULE] };
  await appendFact(await lease.contract(), { kind: 'side-doors-intended', data }, 'a-test', lease.ports);
  const rule = () => ({
    pattern: RULE.pattern,
    isEnabled: true,
    targets: [{ id: ROUTE_TARGET_ID, to: RULE.to, retries: 'briefly' as const }],
  });
  const there = {
    rule: rule() as ReturnType<typeof rule> | undefined,
    account: { isEnabled: true } as { isEnabled: boolean } | undefined,
  };
  const done: string[] = [];
  const ports: Ports = {
    ...lease.ports,
    routes: {
      ...lease.ports.routes,
      observe: async () => (there.rule === undefined ? {} : { rule: there.rule }),
      apply: async (_, step) => {
        done.push(`rule ${step.kind}`);
        if (there.rule === undefined) return;
        if (step.kind === 'setEnabled') there.rule = { ...there.rule, isEnabled: step.isEnabled };
        if (step.kind === 'removeTargets') there.rule = { ...there.rule, targets: [] };
        if (step.kind === 'deleteRule') there.rule = undefined;
      },
    },
    dataPlanes: {
      ...lease.ports.dataPlanes,
      observe: async () => ({
        isAclOn: true,
        entries: [],
        forEveryone: [],
        ...(there.account === undefined ? {} : { account: there.account }),
      }),
      apply: async (_, __, step) => {
        done.push(`account ${step.kind}`);
        if (step.kind === 'setEnabled') there.account = { isEnabled: step.isEnabled };
        if (step.kind === 'deleteAccount') there.account = undefined;
        return {};
      },
    },
  };
  return {
    ...lease,
    ports,
    there,
    done,
    reopen: () => Object.assign(there, { rule: rule(), account: { isEnabled: true } }),
  };
}

const withoutStop = (ports: Ports): Ports => ({ ...ports, ram: { ...ports.ram, attach: down } });

describe('what RAM does not end', () => {
  it('is closed with the stop, seen to be so, and taken away by the removal', async () => {
    const { ports, there, contract, told } = await leaseWithDoors(4);
    await cutAccess(TERMINATED, ports);
    expect(there).toMatchObject({ rule: { isEnabled: false }, account: { isEnabled: false } });
    expect((await contract()).cut?.sideDoors).toHaveLength(2);
    await removeAccess({ contractId }, ports);
    expect(there).toEqual({ rule: undefined, account: undefined });
    await reportRevoked({ contractId }, ports);
    expect(told.at(-1)?.data['sideDoors']).toHaveLength(4);
  });

  it('is closed also where no role was ever made, but for connections, which nobody sees', async () => {
    const { ports, there, contract } = await leaseWithDoors(0);
    await cutAccess(TERMINATED, ports);
    expect((await contract()).cut?.unseen).toEqual(['connections that were open before the cut']);
    expect(there).toMatchObject({ rule: { isEnabled: false }, account: { isEnabled: false } });
  });

  it('is closed also where somebody has deleted the role', async () => {
    const { cloud, ports, there } = await leaseWithDoors(4);
    cloud.roles.delete(roleName);
    await cutAccess(TERMINATED, ports);
    expect(there).toMatchObject({ rule: { isEnabled: false }, account: { isEnabled: false } });
  });

  it('is closed also while RAM takes no stop, which is tried again', async () => {
    const { ports, there, contract } = await leaseWithDoors(4);
    await expect(cutAccess(TERMINATED, withoutStop(ports))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(there).toMatchObject({ rule: { isEnabled: false }, account: { isEnabled: false } });
    expect((await contract()).cut).toBeUndefined();
    await cutAccess(TERMINATED, ports);
    expect((await contract()).cut?.sideDoors).toHaveLength(2);
  });

  it('is closed also while others are to be stopped first', async () => {
    const { cloud, ports, there } = await leaseWithDoors(4);
    for (let n = 0; n < 50; n++)
      cloud.index.set(`turns/attach/end-00000/A-${n}/9/here/${ports.clock.now()}`, '{}');
    const settings = { ...ports.settings, writesPerSecond: 10 };
    await expect(cutAccess(TERMINATED, { ...ports, settings })).rejects.toMatchObject({
      name: 'QueuedError',
    });
    expect(there).toMatchObject({ rule: { isEnabled: false }, account: { isEnabled: false } });
  });

  it('is what comes second where neither it nor the role can be stopped', async () => {
    const { ports } = await leaseWithDoors(4);
    const observe = () => Promise.reject(new TryLaterError('NO_ANSWER', 'down'));
    const broken = { ...withoutStop(ports), routes: { ...ports.routes, observe } };
    await expect(cutAccess(TERMINATED, broken)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is not said to be closed as long as it reads back as open', async () => {
    const { ports, contract } = await leaseWithDoors(4);
    const routes = { ...ports.routes, apply: async () => undefined };
    await expect(cutAccess(TERMINATED, { ...ports, routes })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    expect((await contract()).cut).toBeUndefined();
  });

  it('is not said to be gone as long as it is listed', async () => {
    const { ports, contract } = await leaseWithDoors(4);
    await cutAccess(TERMINATED, ports);
    const routes = { ...ports.routes, apply: async () => undefined };
    await expect(removeAccess({ contractId }, { ...ports, routes })).rejects.toMatchObject({
      code: 'STILL_REACHABLE',
    });
    expect((await contract()).removed).toBeUndefined();
  });

  it.each(['routes', 'dataPlanes'] as const)(
    'is closed as far as it can be, when one cannot be looked at: %s',
    async (port) => {
      const { ports, there, attached } = await leaseWithDoors(4);
      const observe = () => Promise.reject(new TryLaterError('UNAVAILABLE', 'down'));
      const broken = { ...ports, [port]: { ...ports[port], observe } };
      await expect(cutAccess(TERMINATED, broken)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(attached()).toContain('leasehold-ended');
      expect(port === 'routes' ? there.account?.isEnabled : there.rule?.isEnabled).toBe(false);
    },
  );

  it('is closed at once when it is there again after the end, told, and taken away', async () => {
    const { ports, there, told, reopen, done } = await leaseWithDoors(4);
    await cutAccess(TERMINATED, ports);
    await removeAccess({ contractId }, ports);
    await reportRevoked({ contractId }, ports);
    reopen();
    done.length = 0;
    await cutAccess(JSON.stringify({ contractId }), ports);
    expect(done.sort()).toEqual(['account setEnabled', 'rule setEnabled']);
    expect(told.at(-1)).toMatchObject({ data: { findings: [{ code: 'CAME_BACK' }] } });
    await removeAccess({ contractId }, ports);
    expect(there).toEqual({ rule: undefined, account: undefined });
  });
});
