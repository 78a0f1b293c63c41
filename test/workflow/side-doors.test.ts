import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addSeconds, instantOf } from '../../shared/domain/values.js';
import { amend, hearNth, resume, suspend } from '../support/changes.js';
import {
  accountsIn,
  grantee,
  kafkaDoor,
  logOn,
  openInbox,
  order,
  rocketmqDoor,
  ruleDoor,
  rulesOn,
  startDoors,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

let world: World;
let inbox: readonly string[];
beforeAll(async () => {
  world = await startDoors();
  inbox = await openInbox(world);
});
afterAll(() => world?.cloud.close());

const startingIn = (seconds: number) => ({
  startsAt: addSeconds(instantOf(world.clock.now()), seconds),
  expiresAt: addSeconds(instantOf(world.clock.now()), seconds + 90_000),
});
const callsBy = (step: string, action: RegExp) =>
  world.cloud.calls.filter((call) => action.test(call.action) && call.callerArn?.includes(step));
const doorsIn = async (id: string) => (await world.contract(id)).sideDoors;
const linesIn = async (id: string) =>
  (await world.facts(id)).flatMap((fact) =>
    fact.kind === 'cut' || fact.kind === 'removed' || fact.kind === 'suspended'
      ? (fact.data.sideDoors ?? [])
      : [],
  );

describe.each([
  ['kafka', kafkaDoor],
  ['rocketmq5', rocketmqDoor],
] as const)('an account in the data plane of %s', (product, door) => {
  const P = product.toUpperCase();

  it('is made, sealed to the grantee, and may do exactly what was asked', async () => {
    await world.onboard(`${P}-one`, { grantee, grants: [door()] });
    const [account, ...others] = await accountsIn(await world.hear(`${P}-one`, 'granted', 'failed'));
    expect(others).toEqual([]);
    expect(account).toMatchObject({ product, contractId: `${P}-one` });
    expect([
      logOn(world, account!),
      logOn(world, account!, 'invoices'),
      logOn(world, account!, 'orders', 'subscribe'),
    ]).toEqual(['allowed', 'NO_RIGHT', 'NO_RIGHT']);
    await world.calm();
    expect((await world.contract(`${P}-one`)).credentials).toMatchObject([
      { kind: 'account', account: account!.username },
    ]);
  });

  it('has its password in no fact, no log, no flow and no event in the clear', async () => {
    await world.onboard(`${P}-secret`, { grantee, grants: [door()] });
    const granted = await world.hear(`${P}-secret`, 'granted');
    const [account] = await accountsIn(granted);
    await world.calm();
    const flows = ['onboarding', 'expiry'].map((name) =>
      world.cloud.flows.executionsOf('1000000000000001', `leasehold-${name}`),
    );
    const seen = JSON.stringify([await world.facts(`${P}-secret`), world.lines, granted, flows]);
    expect(seen).toContain(account!.username);
    expect(seen).not.toContain(account!.password);
  });

  it('ends with the contract: refused at the next logon, and seen to be gone before the end is told', async () => {
    await world.onboard(`${P}-end`, { grantee, grants: [door()] });
    const [account] = await accountsIn(await world.hear(`${P}-end`, 'granted'));
    await world.terminate(`${P}-end`);
    const revoked = await world.hear(`${P}-end`, 'revoked', 'failed');
    expect(logOn(world, account!)).toBe('BAD_CREDENTIALS');
    const lines = await linesIn(`${P}-end`);
    expect(lines).toEqual([
      expect.stringContaining(product === 'kafka' ? 'is deleted, since no call' : 'is disabled'),
      expect.stringContaining('is gone, as the lists say'),
    ]);
    expect(revoked.data['sideDoors']).toEqual(lines);
  });

  it('is there at the begin of a lease, and not before', async () => {
    await world.onboard(`${P}-later`, { grantee, grants: [door()], lease: startingIn(7200) });
    const granted = await world.hear(`${P}-later`, 'granted');
    expect(await accountsIn(granted)).toEqual([]);
    await world.calm();
    expect((await doorsIn(`${P}-later`)).accounts).toEqual([]);
    await world.clock.advance(7200_000);
    const [account] = await accountsIn(await world.hear(`${P}-later`, 'opened', 'failed'));
    expect(logOn(world, account!)).toBe('allowed');
  });

  it('rests while suspended, and works again after', async () => {
    await world.onboard(`${P}-rest`, { grantee, grants: [door()] });
    const [first] = await accountsIn(await world.hear(`${P}-rest`, 'granted'));
    await world.calm();
    await suspend(world, `${P}-rest`, `${P}-s`);
    const suspended = await world.hear(`${P}-rest`, 'suspended');
    expect(suspended.data['sideDoors']).toHaveLength(1);
    expect(logOn(world, first!)).toBe(product === 'kafka' ? 'BAD_CREDENTIALS' : 'ACCOUNT_DISABLED');
    await resume(world, `${P}-rest`, `${P}-s`);
    const fresh = await accountsIn(await world.hear(`${P}-rest`, 'resumed', 'failed'));
    // Where an account can be disabled, its password stays; where it is deleted, a new one is handed over.
    expect(fresh).toHaveLength(product === 'kafka' ? 1 : 0);
    expect(logOn(world, fresh[0] ?? first!)).toBe('allowed');
  });

  it('changes with the terms, under the same password; the one that is left out goes', async () => {
    await world.onboard(`${P}-amend`, { grantee, grants: [door({ topics: ['orders', 'invoices'] })] });
    const [account] = await accountsIn(await world.hear(`${P}-amend`, 'granted'));
    await world.calm();
    await amend(world, `${P}-amend`, { revision: 1, grantee, grants: [door()] });
    expect(await accountsIn(await hearNth(world, `${P}-amend`, 'amended', 1))).toEqual([]);
    expect([logOn(world, account!), logOn(world, account!, 'invoices')]).toEqual(['allowed', 'NO_RIGHT']);
    await amend(world, `${P}-amend`, {
      revision: 2,
      grantee,
      grants: [door({ access: 'subscribe', groups: ['GID_globex'] })],
    });
    const [other] = await accountsIn(await hearNth(world, `${P}-amend`, 'amended', 2));
    expect([logOn(world, account!), logOn(world, other!, 'orders', 'subscribe')]).toEqual([
      'BAD_CREDENTIALS',
      'allowed',
    ]);
    expect((await doorsIn(`${P}-amend`)).accounts.map((one) => one.account)).toEqual([other!.username]);
  });

  it('closes again when the lease is put off, and opens at its new begin', async () => {
    await world.onboard(`${P}-off`, { grantee, grants: [door()] });
    const [first] = await accountsIn(await world.hear(`${P}-off`, 'granted'));
    await world.calm();
    const lease = startingIn(7200);
    await amend(world, `${P}-off`, { revision: 1, grantee, grants: [door()], lease });
    await world.hear(`${P}-off`, 'amended');
    expect(logOn(world, first!)).not.toBe('allowed');
    await world.clock.advance(7200_000);
    const opened = await accountsIn(await world.hear(`${P}-off`, 'opened', 'failed'));
    expect(logOn(world, opened[0] ?? first!)).toBe('allowed');
  });

  it('never touches a neighbour of the same grantee on the same instance', async () => {
    await world.onboard(`${P}-left`, { grantee, grants: [door()] });
    await world.onboard(`${P}-right`, { grantee, grants: [door()] });
    const [left] = await accountsIn(await world.hear(`${P}-left`, 'granted'));
    const [right] = await accountsIn(await world.hear(`${P}-right`, 'granted'));
    await world.terminate(`${P}-left`);
    await world.hear(`${P}-left`, 'revoked');
    expect([logOn(world, left!), logOn(world, right!)]).toEqual(['BAD_CREDENTIALS', 'allowed']);
  });
});

describe('a rule that takes events out', () => {
  const rules = async (id: string) => (await doorsIn(id)).routes.map(({ rule }) => rule);

  it('is made switched off before the role is handed over, and on at the end of it', async () => {
    await world.onboard('RULE-one', { grants: [ruleDoor()] });
    await world.hear('RULE-one', 'granted', 'failed');
    const kinds = (await world.facts('RULE-one')).map(({ kind }) => kind);
    expect(kinds.indexOf('side-doors-intended')).toBeLessThan(kinds.indexOf('role-created'));
    expect(kinds.indexOf('side-doors-settled')).toBeGreaterThan(kinds.indexOf('activated'));
    await order(world, 'order-1');
    expect(inbox.filter((id) => id === 'order-1')).toHaveLength(1);
    await world.terminate('RULE-one');
    await world.hear('RULE-one', 'revoked');
    await order(world, 'order-2');
    expect(inbox).not.toContain('order-2');
    expect(await linesIn('RULE-one')).toEqual([
      expect.stringContaining('is switched off'),
      expect.stringContaining('is gone'),
    ]);
  });

  it('is off until the lease begins', async () => {
    await world.onboard('RULE-later', { grants: [ruleDoor()], lease: startingIn(7200) });
    await world.hear('RULE-later', 'granted');
    const [rule] = await rules('RULE-later');
    expect((await rulesOn(world))[rule!]).toBe('DISABLE');
    await order(world, 'order-early');
    expect(inbox).not.toContain('order-early');
    await world.clock.advance(7200_000);
    await world.hear('RULE-later', 'opened', 'failed');
    expect((await rulesOn(world))[rule!]).toBe('ENABLE');
    await world.terminate('RULE-later');
    await world.hear('RULE-later', 'revoked');
  });

  it('rests while suspended, from before refusal is looked for', async () => {
    await world.onboard('RULE-rest', { grants: [ruleDoor()] });
    await world.hear('RULE-rest', 'granted');
    const [rule] = await rules('RULE-rest');
    await world.calm();
    await suspend(world, 'RULE-rest', 'rule-s');
    await world.hear('RULE-rest', 'suspended');
    expect((await rulesOn(world))[rule!]).toBe('DISABLE');
    expect(callsBy('leasehold-fn-revoke', /^DisableRule$/).length).toBeGreaterThan(0);
    await resume(world, 'RULE-rest', 'rule-s');
    await world.hear('RULE-rest', 'resumed', 'failed');
    expect((await rulesOn(world))[rule!]).toBe('ENABLE');
    await world.terminate('RULE-rest');
    await world.hear('RULE-rest', 'revoked');
  });

  it('gives way to another when the terms change, which is on before the old one goes', async () => {
    await world.onboard('RULE-amend', { grants: [ruleDoor()] });
    await world.hear('RULE-amend', 'granted');
    await world.calm();
    const [before] = await rules('RULE-amend');
    await amend(world, 'RULE-amend', {
      revision: 1,
      grants: [ruleDoor({ events: { types: ['order.paid'] } })],
    });
    await world.hear('RULE-amend', 'amended', 'failed');
    const [after, ...others] = await rules('RULE-amend');
    expect([others, after === before]).toEqual([[], false]);
    expect(await rulesOn(world)).toEqual({ [after!]: 'ENABLE' });
    await world.terminate('RULE-amend');
    await world.hear('RULE-amend', 'revoked');
    expect(await rulesOn(world)).toEqual({});
  });

  it('stands in the register with each call that made it', async () => {
    await world.onboard('RULE-trail', { grants: [ruleDoor()] });
    await world.hear('RULE-trail', 'granted');
    await world.calm();
    const calls = (await world.facts('RULE-trail')).flatMap(({ calls: made = [] }) =>
      made.map((one) => one.action),
    );
    expect(calls).toContain('eventbridge:CreateRule');
    expect(calls).toContain('eventbridge:EnableRule');
    await world.terminate('RULE-trail');
    await world.hear('RULE-trail', 'revoked');
  });
});
