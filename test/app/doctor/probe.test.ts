import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProbeEvent, probe } from '../../../shared/app/doctor/probe.js';
import { findProbeGrant } from '../../../shared/app/doctor/probe-grant.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { portsOf } from '../../../shared/compose.js';
import { instantOf } from '../../../shared/domain/values.js';
import { kafkaGrant, OWNER, PARTNER, REGION } from '../../support/requests.js';
import { startWorld, type World } from '../../support/world.js';

const SILENT = { info: () => undefined, warn: () => undefined };

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

/** Over the owner's keys, by the cloud's clock: to sleep is to let its time pass. */
const ports = (): Ports => {
  const { cloud, clock } = world;
  return {
    ...portsOf(cloud.connectionOf(cloud.root), cloud.config, SILENT),
    clock: {
      now: () => instantOf(clock.now()),
      ticks: () => clock.now(),
      sleep: (seconds) => clock.runUntilIdle({ until: clock.now() + seconds * 1000 }),
    },
  };
};
const request = { grantee: PARTNER, grant: kafkaGrant, patienceSeconds: 900 };
const post = (event: ProbeEvent) => world.post({ ...event });

describe('a probe', () => {
  it('grants and ends a contract, and leaves nothing behind', async () => {
    const report = await probe(request, ports(), post);
    expect(report).toMatchObject({ isGranted: true, left: [], findings: [] });
    expect(report.secondsToGrant).toBeGreaterThan(0);
    expect(report.secondsToDeny).toBeGreaterThanOrEqual(0);
    expect(report.secondsToEnd).toBeGreaterThan(0);
    const { state, terms } = await world.contract(report.contractId ?? '');
    expect(state).toBe('ended');
    expect(terms?.request.lease.expiresAt).toMatch(/T09:/);
    expect(await world.roles()).toEqual([]);
  });

  it('whose termination is never taken ends its contract past the flows, and says so', async () => {
    const report = await probe(request, ports(), (event) =>
      event.type === 'partner.contract.terminated'
        ? Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
        : post(event),
    );
    expect(report).toMatchObject({ isGranted: true, left: [] });
    expect(report.findings.map(({ code }) => code)).toEqual(['PROBE_NOT_ENDED']);
    expect((await world.contract(report.contractId ?? '')).state).toBe('ended');
    expect(await world.roles()).toEqual([]);
  });

  it('whose reply is lost after the request was taken ends what came of it', async () => {
    let isFirst = true;
    const report = await probe(request, ports(), async (event) => {
      await post(event);
      if (!isFirst) return;
      isFirst = false;
      await world.hear(event.subject, 'granted');
      throw new Error('the reply was lost');
    });
    expect(report.isGranted).toBe(false);
    expect(report.findings.map(({ code }) => code)).toEqual(['PROBE_NOT_GRANTED']);
    expect((await world.contract(report.contractId ?? '')).state).toBe('ended');
    expect(await world.roles()).toEqual([]);
  });

  it('of what is not there says why nothing was granted, and leaves nothing behind', async () => {
    const unknown = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-none' };
    const report = await probe({ ...request, grant: unknown }, ports(), post);
    expect(report.isGranted).toBe(false);
    expect(report.findings.map(({ code }) => code)).toEqual(['PROBE_NOT_GRANTED']);
    expect(await world.roles()).toEqual([]);
    expect(['rejected', 'failed', 'ended']).toContain((await world.contract(report.contractId ?? '')).state);
  });

  it('of what is no grant says what is wrong with it at once, and posts nothing', async () => {
    const none = { service: 'kafka' } as never;
    const posted: ProbeEvent[] = [];
    const report = await probe(
      { ...request, grant: none },
      ports(),
      async (event) => void posted.push(event),
    );
    expect(report).toMatchObject({ isGranted: false, left: [] });
    expect(report.findings).toEqual([
      expect.objectContaining({
        code: 'PROBE_NOT_GRANTED',
        seen: expect.stringContaining('/data/grants/0/'),
      }),
    ]);
    expect(posted).toEqual([]);
  });

  it('to the owner itself is refused as any such request is', async () => {
    const report = await probe({ ...request, grantee: OWNER }, ports(), post);
    expect(report.findings).toEqual([
      expect.objectContaining({ code: 'PROBE_NOT_GRANTED', seen: expect.stringContaining('rejected') }),
    ]);
  });

  it('finds something small to grant by itself', async () => {
    const grant = await findProbeGrant({ owner: OWNER, region: REGION, prefix: 'leasehold' }, ports());
    expect(grant).toMatchObject({ service: 'slb', access: 'read', region: REGION });
    const report = await probe({ ...request, ...(grant === undefined ? {} : { grant }) }, ports(), post);
    expect(report).toMatchObject({ isGranted: true, left: [], findings: [] });
  });
});
