import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutAccess } from '../../shared/app/ending/cut-access.js';
import { DUE_PAGE } from '../../shared/app/pages.js';
import { dueKey } from '../../shared/app/register/index-entries.js';
import { attendContract } from '../../shared/app/sweep/attend-contract.js';
import { invokeFunction } from '../../shared/cloud/alibaba/functions.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { portsOf } from '../../shared/compose.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { addSeconds, type Instant, instantOf, parseContractId } from '../../shared/domain/values.js';
import { amend, enterAs, hearNth, using } from '../support/changes.js';
import { redeploy } from '../support/redeploy.js';
import { eventOf, kafkaGrant, OWNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const HOUR = 3600;
const DAY = 24 * HOUR;
const { lease } = request();
const later = (seconds: number) => addSeconds(instantOf(world.clock.now()), seconds);
const jumpBy = (seconds: number) => world.clock.jumpTo(world.clock.now() + seconds * 1000);
const nameOf = (id: string) => roleNameOf(parseContractId(id));
/** Of a function whose clock says `now`. */
const portsAt = (now: Instant): Ports => {
  const { connectionOf, root, config } = world.cloud;
  const ports = portsOf(connectionOf(root), config, { info: () => undefined, warn: () => undefined });
  return { ...ports, clock: { ...ports.clock, now: () => now } };
};

describe('a lease that is over', () => {
  it('is revoked by the next tick of the clock, with the reason', async () => {
    await world.onboard('X-due', { lease: { ...lease, expiresAt: later(900) } });
    await world.hear('X-due', 'granted');
    await jumpBy(960);
    const revoked = await world.hear('X-due', 'revoked');
    expect(revoked.data).toMatchObject({ reason: 'expired', timeToDenySeconds: 'n/a' });
    expect(await world.roles()).not.toContain(nameOf('X-due'));
  });

  it('is revoked though ticks were missed for days', async () => {
    await world.onboard('X-missed', { lease: { ...lease, expiresAt: later(900) } });
    await world.hear('X-missed', 'granted');
    world.cloud.events.switches.deliverTwice = true;
    await jumpBy(3 * DAY);
    await world.hear('X-missed', 'revoked');
    await world.calm();
    world.cloud.events.switches.deliverTwice = false;
    const kinds = (await world.facts('X-missed')).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
  });

  it('is tried again when the first try fails', async () => {
    await world.onboard('X-again', { lease: { ...lease, expiresAt: later(900) } });
    await world.hear('X-again', 'granted');
    const undo = world.cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'StartExecution' && call.callerArn?.includes('fn-flows')
          ? { kind: 'error', status: 500, code: 'InternalServerError' }
          : undefined,
    });
    await jumpBy(960);
    await world.calm();
    undo();
    expect((await world.contract('X-again')).state).toBe('active');
    await jumpBy(20 * 60);
    await world.hear('X-again', 'revoked');
  });

  it('stays due where the clock of whoever looks at it is behind that of whoever found it', async () => {
    const expiresAt = later(900);
    await world.onboard('X-behind', { lease: { ...lease, expiresAt } });
    await world.hear('X-behind', 'granted');
    await world.calm();
    const key = dueKey({ at: expiresAt, contractId: parseContractId('X-behind'), what: 'expiry' });
    for (const behind of [1, 700])
      expect(await attendContract(key, portsAt(addSeconds(expiresAt, -behind)))).toMatchObject({
        next: 'nothing',
      });
    expect(world.objectKeys(world.cloud.config.indexBucket, 'due/')).toContain(key);
    // Nor is the end put off when the look is in time, and the step that cuts is behind.
    const cut = cutAccess('{"contractId":"X-behind"}', portsAt(addSeconds(expiresAt, -1)));
    await expect(cut).rejects.toMatchObject({ retriable: true });
    await jumpBy(960);
    await world.hear('X-behind', 'revoked');
  });

  it('that was renewed meanwhile is not revoked', async () => {
    await world.onboard('X-renewed', { lease: { ...lease, expiresAt: later(900) } });
    const session = await enterAs(world, 'X-renewed');
    await amend(world, 'X-renewed', { revision: 1, lease: { ...lease, expiresAt: later(DAY) } });
    await world.hear('X-renewed', 'amended');
    // As a sweep that had looked before the amendment would.
    await world.cloud.cloud.call(
      world.cloud.accounts.rootOf(OWNER),
      '2019-03-15',
      'StartExecution',
      { FlowName: 'leasehold-revocation', Input: '{"contractId":"X-renewed"}' },
      REGION,
    );
    await world.calm();
    expect((await world.contract('X-renewed')).state).toBe('active');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
  });
});

describe('a lease that begins later', () => {
  it('is set up now, opens by itself, and is seen to work then', async () => {
    const startsAt = later(3600);
    await world.onboard('X-start', { lease: { startsAt, expiresAt: later(30 * DAY) } });
    await world.hear('X-start', 'granted');
    expect((await world.contract('X-start')).opened).toBeUndefined();
    await world.clock.jumpTo(Date.parse(startsAt) + 60_000);
    await world.hear('X-start', 'opened');
    const proofs = (await world.contract('X-start')).opened?.proofs ?? [];
    expect(proofs.some(({ verdict }) => verdict === 'proven')).toBe(true);
  });
});

describe('an end that comes near', () => {
  it('is told 30, 7 and 1 days before, once each, and anew after a renewal', async () => {
    const expiresAt = later(40 * DAY);
    await world.onboard('X-warn', { lease: { ...lease, expiresAt } });
    await world.hear('X-warn', 'granted');
    const days = () =>
      world.outbox.heard
        .filter(({ subject, type }) => subject === 'X-warn' && type === 'partner.access.expiring')
        .map(({ data }) => [data['warning'], data['daysLeft']]);
    await jumpBy(10 * DAY + 60);
    await hearNth(world, 'X-warn', 'expiring', 1);
    await world.calm();
    expect(days()).toEqual([[30, 30]]);
    await jumpBy(23 * DAY);
    await hearNth(world, 'X-warn', 'expiring', 2);
    await world.calm();
    expect(days()).toEqual([
      [30, 30],
      [7, 7],
    ]);
    await amend(world, 'X-warn', { revision: 1, lease: { ...lease, expiresAt: addSeconds(expiresAt, DAY) } });
    await world.hear('X-warn', 'amended');
    await jumpBy(2 * DAY);
    await hearNth(world, 'X-warn', 'expiring', 3);
    await jumpBy(5 * DAY);
    await hearNth(world, 'X-warn', 'expiring', 4);
    await world.calm();
    expect(days().map(([warning]) => warning)).toEqual([30, 7, 7, 1]);
  });
});

describe('an onboarding that was admitted and whose flow was lost then', () => {
  it('is taken up again by the sweep', async () => {
    const event = eventOf(request({ contractId: parseContractId('X-lost') }), { subject: 'X-lost' });
    const arn = `acs:fc:${REGION}:${OWNER}:functions/leasehold-admit-request/LATEST`;
    const admitted = await invokeFunction(
      arn,
      JSON.stringify(event),
      world.cloud.connectionOf(world.cloud.root),
    );
    expect(JSON.parse(admitted.text)).toMatchObject({ outcome: 'admitted' });
    expect((await world.contract('X-lost')).state).toBe('requested');
    await jumpBy(26 * 60);
    await world.hear('X-lost', 'granted');
    expect((await world.contract('X-lost')).state).toBe('active');
  });
});

describe('what an ended contract may leave behind', () => {
  it('is found by the closing watch, cut, removed and told', async () => {
    await world.onboard('X-ghost');
    await world.hear('X-ghost', 'granted');
    const contract = await world.contract('X-ghost');
    await world.terminate('X-ghost');
    await world.hear('X-ghost', 'revoked');
    await world.calm();
    // As a CreatePolicy that was given up and is applied after all.
    const policy = `${nameOf('X-ghost')}-1`;
    const tags = { 'leasehold-contract': 'X-ghost', 'leasehold-nonce': contract.granting!.nonce };
    await world.ram().createPolicy({
      name: policy,
      document: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alikafka:*","Resource":"*"}]}',
      description: 'late',
      tags,
    });
    await jumpBy(15 * 60);
    const found = await world.hear('X-ghost', 'drift-found');
    await world.calm();
    expect(JSON.stringify(found.data)).toContain('CAME_BACK');
    expect(await world.ram().readPolicy({ type: 'Custom', name: policy })).toBeUndefined();
    expect((await world.contract('X-ghost')).state).toBe('ended');
  });
});

describe('a last look at an ended contract for which no flow can be started', () => {
  it('is told, and taken once flows can be started again', async () => {
    await world.onboard('X-unseen');
    await world.hear('X-unseen', 'granted');
    const { granting } = await world.contract('X-unseen');
    await world.terminate('X-unseen');
    await world.hear('X-unseen', 'revoked');
    await world.calm();
    await jumpBy(3 * HOUR); // past the first two
    await world.calm();
    const policy = `${nameOf('X-unseen')}-1`;
    const tags = { 'leasehold-contract': 'X-unseen', 'leasehold-nonce': granting!.nonce };
    const document = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alikafka:*","Resource":"*"}]}';
    await world.ram().createPolicy({ name: policy, document, description: 'late', tags });
    const undo = world.cloud.cloud.faults.add({
      before: (call) =>
        call.action === 'StartExecution' && call.callerArn?.includes('fn-flows')
          ? { kind: 'error', status: 500, code: 'InternalServerError' }
          : undefined,
    });
    await jumpBy(22 * HOUR);
    await world.hear('X-unseen', 'failed');
    await world.calm();
    undo();
    await jumpBy(HOUR);
    await world.hear('X-unseen', 'drift-found');
    await world.calm();
    expect(await world.ram().readPolicy({ type: 'Custom', name: policy })).toBeUndefined();
  });
});

describe('warnings that are configured otherwise', () => {
  it('come for contracts that were approved before, and the former ones no more', async () => {
    await world.onboard('X-rewarned', { lease: { ...lease, expiresAt: later(40 * DAY) } });
    await world.hear('X-rewarned', 'granted');
    await world.calm();
    await redeploy(world, { LEASEHOLD_WARNING_DAYS: '35,14' });
    await jumpBy(HOUR);
    await world.calm();
    for (const days of [6, 5, 15, 8]) {
      await jumpBy(days * DAY);
      await world.calm();
    }
    const warned = world.outbox.heard.filter(
      ({ subject, type }) => subject === 'X-rewarned' && type.endsWith('.expiring'),
    );
    expect(warned.map(({ data }) => data['warning'])).toEqual([35, 14]);
    await redeploy(world, { LEASEHOLD_WARNING_DAYS: '30,7,1' });
  });
});

describe('all that was due here', () => {
  it('was attended without a failure, also when two looks at one contract fall into one tick', async () => {
    await world.onboard('X-looks');
    await world.hear('X-looks', 'granted');
    await world.terminate('X-looks');
    await world.hear('X-looks', 'revoked');
    world.cloud.events.switches.deliverTwice = true;
    await jumpBy(2 * DAY);
    await world.calm();
    world.cloud.events.switches.deliverTwice = false;
    // All but what another test here planted.
    const failed = world.outbox.heard.filter(
      ({ type, data }) => type === 'partner.access.failed' && data['code'] !== 'InternalServerError',
    );
    expect(failed.map(({ subject, data }) => [subject, data])).toEqual([]);
  });
});

describe('an idle tick', () => {
  it('costs one call', async () => {
    // Everything that other tests here began is over by then, and looked at for the last time.
    for (const days of [90, 2, 1]) {
      await jumpBy(days * DAY);
      await world.calm();
    }
    const before = world.cloud.calls.length;
    await jumpBy(60);
    await world.calm();
    const sweeps = world.cloud.calls
      .slice(before)
      .filter((call) => call.callerArn?.includes('fn-sweep') || call.product === 'oss');
    const ticks = world.cloud.calls.slice(before).filter((call) => call.action === 'StartExecution').length;
    expect(ticks).toBeGreaterThan(0);
    expect(sweeps.map(({ action }) => action)).toEqual(Array(ticks).fill('ListObjectsV2'));
  });
});

describe('more that is due than one execution takes in', () => {
  it('is looked at page by page, each in an execution of its own', async () => {
    await world.settle();
    const executions = () => world.cloud.flows.executionsOf(OWNER, 'leasehold-expiry').length;
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
    // So late that what no register knows of is removed.
    const at = later(-8 * DAY);
    const keys = Array.from({ length: 2.5 * DUE_PAGE }, (_, n) =>
      dueKey({ at, contractId: parseContractId(`N-${n}`), what: 'expiry' }),
    );
    await Promise.all(keys.map((key) => index.put(key, '{}')));
    const before = executions();
    await world.clock.runUntilIdle({ until: world.clock.now() + 60_000 });
    await world.settle();
    expect(executions() - before).toBe(3);
    expect(await index.list(`due/${at}/N-`, 1)).toEqual([]);
  }, 60_000);
});

describe('what another version has put into the index', () => {
  it('keeps nothing else from being done, also where it alone is more than one execution takes in', async () => {
    await world.settle();
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
    const at = later(-8 * DAY);
    const alien = Array.from({ length: 400 }, (_, n) => `due/${at}/A-${n}/of-a-later-version`);
    const known = dueKey({ at: later(-7 * DAY), contractId: parseContractId('A-behind'), what: 'expiry' });
    await Promise.all([...alien, known].map((key) => index.put(key, '{}')));
    await world.clock.runUntilIdle({ until: world.clock.now() + 60_000 });
    await world.settle();
    const left = world.objectKeys(world.cloud.config.indexBucket, 'due/');
    expect(left.filter((key) => key <= known)).toEqual([...alien].sort());
    await index.removeAll(alien);
  }, 60_000);

  it('is left, fails nothing, and keeps nothing else from being done', async () => {
    await world.settle();
    const index = makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
    const at = later(-8 * DAY);
    const alien = [`due/${at}/A-1/of-a-later-version`, 'due/0', `due/${at}/-/expiry`];
    const known = dueKey({ at, contractId: parseContractId('A-1'), what: 'expiry' });
    await Promise.all([...alien, known].map((key) => index.put(key, '{}')));
    const [heard, printed] = [world.outbox.heard.length, world.lines.length];
    await world.clock.runUntilIdle({ until: world.clock.now() + 60_000 });
    await world.settle();
    expect(
      world.objectKeys(world.cloud.config.indexBucket, 'due/').filter((key) => key <= `due/${at}~`),
    ).toEqual([...alien].sort());
    expect(world.outbox.heard.slice(heard)).toEqual([]);
    expect(world.lines.slice(printed).some((line) => line.includes('does not know are left'))).toBe(true);
    await Promise.all(alien.map((key) => index.remove(key)));
  }, 60_000);
});
