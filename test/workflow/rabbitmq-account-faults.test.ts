import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/cloud/ports.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { hearNth, resume, suspend } from '../support/changes.js';
import { befalling, FAULTS, failEachOnce } from '../support/fail-once.js';
import {
  accountsIn,
  grantee,
  logOnToAmqp,
  portsAsRoot,
  rabbitmqDoor,
  startDoors,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

let world: World;
let ports: Ports;
beforeAll(async () => {
  world = await startDoors();
  ports = portsAsRoot(world);
});
afterAll(() => world?.cloud.close());

const begin = async (id: string) => {
  await world.onboard(id, { grantee, grants: [rabbitmqDoor()] });
  const accounts = await accountsIn(await world.hear(id, 'granted'));
  await world.calm();
  return accounts;
};
const isLeft = async (id: string) => {
  const [known] = (await world.contract(id)).sideDoors.accounts;
  if (known === undefined) return false;
  return (await ports.dataPlanes.observe(known.instance, known.account, []))?.account !== undefined;
};

describe.each(befalling(['CreateUser', 'CreateAccessKey', 'CreateAccount', 'AttachPolicyToUser']))(
  'as a static account is made, and $where once,',
  ({ where, actions, fault }) => {
    it('an onboarding ends with one account that works', async () => {
      const id = `ON-${where.replace(/\W/g, '')}`;
      const missed = failEachOnce(world, actions, fault);
      const accounts = await begin(id);
      expect(missed()).toEqual([]);
      expect(accounts.map((account) => logOnToAmqp(world, account))).toEqual(['allowed']);
      await world.terminate(id);
      await world.hear(id, 'revoked');
      expect([await isLeft(id), logOnToAmqp(world, accounts[0]!)]).toEqual([false, 'BAD_CREDENTIALS']);
    });
  },
);

describe('an onboarding whose key for the account', () => {
  it('comes late, when nobody waits for it any more, ends with one key all the same', async () => {
    let isHeld = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, callerArn }) => {
        if (isHeld || action !== 'CreateAccessKey' || !callerArn?.includes('hand-over-access'))
          return undefined;
        isHeld = true;
        await world.clock.sleep(30_000);
        return undefined;
      },
    });
    const accounts = await begin('LATE-KEY');
    undo();
    expect(isHeld).toBe(true);
    expect(accounts.map((account) => logOnToAmqp(world, account))).toEqual(['allowed']);
    const [known] = (await world.contract('LATE-KEY')).sideDoors.accounts;
    const observed = await ports.dataPlanes.observe(known!.instance, known!.account, []);
    expect(observed?.entries.map(({ resourceType }) => resourceType)).toEqual(['RAM policy']);
  });
});

describe.each(Object.entries(FAULTS))(
  'where each call that removes a static account is %s once',
  (what, fault) => {
    it('a revocation ends with nothing left', async () => {
      const id = `OFF-${what.replace(/\W/g, '')}`;
      const [account] = await begin(id);
      const missed = failEachOnce(
        world,
        ['UpdateAccessKey', 'DetachPolicyFromUser', 'DeleteAccount', 'DeleteAccessKey', 'DeleteUser'],
        fault,
      );
      await world.terminate(id);
      await world.hear(id, 'revoked');
      expect(missed()).toEqual([]);
      expect([await isLeft(id), logOnToAmqp(world, account!)]).toEqual([false, 'BAD_CREDENTIALS']);
    });
  },
);

describe('a static account whose user name cannot be deleted now', () => {
  it('is of no use in either form all the same: its key goes first', async () => {
    const [account] = await begin('KEY-FIRST');
    const [known] = (await world.contract('KEY-FIRST')).sideDoors.accounts;
    const undo = world.cloud.cloud.faults.add(
      failing({ action: 'DeleteAccount' }, { kind: 'error', status: 403, code: 'NoPermission' }),
    );
    const deleting = { kind: 'deleteAccount' } as const;
    await expect(ports.dataPlanes.apply(known!.instance, known!.account, deleting)).rejects.toThrow();
    undo();
    const dynamic = Buffer.from(account!.username, 'base64').toString().replace(/^2/, '0');
    const username = Buffer.from(dynamic).toString('base64');
    expect([logOnToAmqp(world, account!), logOnToAmqp(world, { ...account!, username })]).toEqual([
      'BAD_CREDENTIALS',
      'BAD_CREDENTIALS',
    ]);
    await world.terminate('KEY-FIRST');
    await world.hear('KEY-FIRST', 'revoked');
    expect(await isLeft('KEY-FIRST')).toBe(false);
  });
});

describe('a static account whose user name somebody deleted', () => {
  it('is told, and made anew when access is suspended and resumed', async () => {
    const [account] = await begin('LOST');
    const { cloud, accounts } = world.cloud;
    const { owner } = ports.settings;
    const deleting = { UserName: account!.username };
    await cloud.call(accounts.rootOf(owner), '2019-12-12', 'DeleteAccount', deleting, 'cn-hangzhou');
    expect(logOnToAmqp(world, account!)).toBe('BAD_CREDENTIALS');
    await suspend(world, 'LOST', 's-lost');
    await world.hear('LOST', 'suspended');
    await resume(world, 'LOST', 's-lost');
    const [fresh] = await accountsIn(await hearNth(world, 'LOST', 'resumed', 1));
    expect(logOnToAmqp(world, fresh!)).toBe('allowed');
  });
});
