import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { addSeconds, parseAccountId } from '../../shared/domain/values.js';
import { suspend } from '../support/changes.js';
import { letUsIn, managedGrantee } from '../support/managed.js';
import { kafkaGrant, OWNER, request } from '../support/requests.js';
import { type Ran, runCommand } from '../support/run-command.js';
import { kafkaDoor, keys, LETS_ALL_THROUGH, ruleDoor } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

const LATER = addSeconds(request().lease.expiresAt, 30 * 86_400);
const folder = mkdtempSync(join(tmpdir(), 'leasehold-changes-'));
let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process', env: LETS_ALL_THROUGH });
  await letUsIn(world);
}, 60_000);
afterAll(async () => {
  await world?.cloud.close();
  rmSync(folder, { recursive: true });
});

/** By an operator with the variables that `leasehold up` prints. */
const leasehold = (...args: readonly string[]): Promise<Ran> => {
  const { endpoint, root } = world.cloud;
  return runCommand(args, {
    LEASEHOLD_ENDPOINT: endpoint,
    LEASEHOLD_ACCOUNT: OWNER,
    ALIBABA_CLOUD_ACCESS_KEY_ID: root.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: root.accessKeySecret,
  });
};

async function live(id: string, changes: Partial<OnboardingRequest> = {}): Promise<void> {
  await world.onboard(id, changes);
  await world.hear(id, 'granted');
  await world.settle();
}

const requestOf = async (id: string) => (await world.contract(id)).terms?.request;

describe('leasehold amend', () => {
  it.each<[string, Partial<OnboardingRequest>]>([
    ['of one grant', {}],
    [
      'with restrictions and a user that Leasehold made',
      {
        restrict: { sourceIps: ['203.0.113.0/24'], maxSessionSeconds: 3600 },
        grantee: managedGrantee(
          { users: [{ logonName: 'etl', access: 'programmatic' }] },
          [{ type: 'user', name: 'etl', via: 'api' }],
          keys.publicKey,
        ),
      },
    ],
    [
      'with side doors',
      {
        grantee: { ...request().grantee, publicKey: keys.publicKey },
        grants: [kafkaGrant, kafkaDoor(), ruleDoor()],
      },
    ],
  ])('prints what renews a contract %s, and nothing else', async (kind, changes) => {
    const id = `R-${kind.length}`;
    await live(id, changes);
    const before = await requestOf(id);
    const { code, out } = await leasehold('amend', id, '--until', LATER, '--by', 'contracts@a.example');
    expect(code).toBe(0);
    const file = join(folder, `${id}.json`);
    writeFileSync(file, out);
    expect(await leasehold('post', file)).toMatchObject({ code: 0 });
    await world.hear(id, 'amended');
    expect(await requestOf(id)).toEqual({
      ...before,
      requestedBy: 'contracts@a.example',
      lease: { ...before?.lease, expiresAt: LATER },
    });
  });

  it('states a revision above every one that was asked for, carried out or not', async () => {
    await live('R-twice');
    const revisionOf = async () => JSON.parse((await leasehold('amend', 'R-twice')).out).data.revision;
    expect(await revisionOf()).toBe(1);
    const file = join(folder, 'refused.json');
    const event = JSON.parse((await leasehold('amend', 'R-twice', '--until', LATER)).out);
    event.data.grants[0].instanceId = 'alikafka_pre-cn-none';
    event.data.revision = 7;
    writeFileSync(file, JSON.stringify(event));
    await leasehold('post', file);
    await world.hear('R-twice', 'rejected', 'failed');
    await world.settle();
    expect(await revisionOf()).toBe((await world.contract('R-twice')).lastRevision + 1);
  });

  it('is followed by show, also where it is refused, whatever is wrong with it', async () => {
    await live('R-refused');
    const event = JSON.parse((await leasehold('amend', 'R-refused', '--until', LATER)).out);
    const posted = async (id: string, changes: object) => {
      const file = join(folder, `${id}.json`);
      writeFileSync(file, JSON.stringify({ ...event, id, data: { ...event.data, ...changes } }));
      expect(await leasehold('post', file)).toMatchObject({ code: 0 });
      await world.settle();
    };
    await posted('one', { lease: { ...event.data.lease, expiresAt: '2099-01-01T00:00:00Z' } });
    await world.clock.advance(60_000);
    await posted('two', { grants: 'all' });
    const { out } = await leasehold('show', 'R-refused');
    const [, refused = ''] = out.split('refused:\n');
    expect(refused).toMatch(
      /^ +\S+Z {2}event one of leasehold-cli\n +\S+ at \/data\/lease.*\n +\S+Z {2}event two of leasehold-cli\n +\S+ at \/data\/grants: /,
    );
    const { refusals } = JSON.parse((await leasehold('show', 'R-refused', '--json')).out);
    expect(refusals).toMatchObject([{ event: { id: 'one' } }, { event: { id: 'two' } }]);
    expect((await leasehold('show', 'R-refused-by-none')).out).not.toContain('refused:');
  });

  it('has nothing to print of a contract that nobody knows, or that is over', async () => {
    expect(await leasehold('amend', 'R-nobody')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('R-nobody is unknown in the register'),
    });
    await live('R-over');
    await world.terminate('R-over');
    await world.hear('R-over', 'revoked');
    expect(await leasehold('amend', 'R-over')).toMatchObject({
      code: 1,
      err: expect.stringContaining('R-over is ended'),
    });
  });

  it('says what it wants where the end is no instant', async () => {
    await live('R-when');
    expect(await leasehold('amend', 'R-when', '--until', '2027-12-01')).toMatchObject({ code: 2, out: '' });
  });
});

describe('leasehold show', () => {
  it('tells why a request was refused, and what to do, where nothing was granted before', async () => {
    const grantee = managedGrantee(
      { users: [{ logonName: 'etl', access: 'programmatic' }] },
      [{ type: 'user', name: 'etl', via: 'api' }],
      keys.publicKey,
    );
    await world.onboard('R-closed', {
      grantee: { ...grantee, accountId: parseAccountId('2000000000000003') },
    });
    await world.hear('R-closed', 'rejected');
    await world.settle();
    expect((await leasehold('show', 'R-closed')).out).toMatch(
      /rejected +PROVISIONING_REFUSED: .*"leasehold provisioning 2000000000000003"/,
    );
  });
});

describe('leasehold suspend and resume', () => {
  it('take access away and give it back, by the name that was printed', async () => {
    await live('S-named');
    const { code, out } = await leasehold('suspend', 'S-named', '--reason', 'an incident', '--by', 'me');
    expect(code).toBe(0);
    const name = /--suspension (\S+)/.exec(out)?.[1] ?? '';
    expect((await world.hear('S-named', 'suspended')).data).toMatchObject({ suspension: name });
    await world.settle();
    expect((await world.contract('S-named')).suspensions).toMatchObject([
      { id: name, by: 'me', reason: 'an incident' },
    ]);
    expect(await leasehold('resume', 'S-named', '--suspension', name, '--reason', 'over')).toMatchObject({
      code: 0,
    });
    await world.hear('S-named', 'resumed');
    expect((await world.contract('S-named')).state).toBe('active');
  });

  it('lift the only one that holds without being told its name, and ask which where there are several', async () => {
    await live('S-several');
    await suspend(world, 'S-several', 'first');
    await suspend(world, 'S-several', 'second');
    await world.settle();
    const asked = await leasehold('resume', 'S-several', '--reason', 'over');
    expect(asked.code).toBe(2);
    expect(asked.err).toMatch(/--suspension:\n {2}first {2}since .*\n {2}second {2}since /);
    const unknown = await leasehold('resume', 'S-several', '--suspension', 'third', '--reason', 'over');
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toMatch(
      /^no suspension named third holds; those that do:\n {2}first .*\n {2}second /,
    );
    await leasehold('resume', 'S-several', '--suspension', 'first', '--reason', 'over');
    await world.settle();
    expect(await leasehold('resume', 'S-several', '--reason', 'over')).toMatchObject({
      code: 0,
      out: expect.stringContaining('of second'),
    });
    await world.settle();
    expect((await world.contract('S-several')).state).toBe('active');
  });

  it('keep what somebody gave as a reason to its line, where they ask which', async () => {
    await live('S-lines');
    await leasehold('suspend', 'S-lines', '--reason', 'one\n  forged  since then, by me: x');
    await suspend(world, 'S-lines', 'second');
    await world.settle();
    const asked = await leasehold('resume', 'S-lines', '--reason', 'over');
    expect(asked.err.split('\n')).toHaveLength(3);
  });

  it('answer no where there is nothing to suspend or to lift', async () => {
    await live('S-open');
    const none = await leasehold('resume', 'S-open', '--reason', 'x');
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('is active, and no suspension') });
    for (const command of ['suspend', 'resume'])
      expect(await leasehold(command, 'S-unknwon', '--reason', 'x')).toMatchObject({
        code: 1,
        err: expect.stringContaining('S-unknwon is unknown to the register'),
      });
    expect(await world.facts('S-unknwon')).toEqual([]);
  });
});
