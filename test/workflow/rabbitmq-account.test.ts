import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SealedAccount } from '../../shared/app/hand-over/seal.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { dataPlaneAccounts } from '../../shared/services/index.js';
import { amend, hearNth, reasonsIn, resume, suspend } from '../support/changes.js';
import { kafkaGrant, OWNER } from '../support/requests.js';
import {
  accountsIn,
  grantee,
  LETS_ALL_THROUGH,
  logOnToAmqp,
  rabbitmqDoor,
  startDoors,
  usersBehind,
} from '../support/side-doors.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startDoors({ env: { ...LETS_ALL_THROUGH, LEASEHOLD_ON_DRIFT: 'heal' } });
});
afterAll(() => world?.cloud.close());

const listedOn = async (instanceId = 'amqp-cn-x1') => {
  const reply = (await world.asOwner('2019-12-12', 'ListAccounts', { InstanceId: instanceId })) as {
    readonly Data: Readonly<Record<string, readonly { readonly userName: string }[]>>;
  };
  return (reply.Data[instanceId] ?? []).map(({ userName }) => userName);
};
const keysOf = async (name: string) => {
  const reply = (await world.asOwner('2019-08-15', 'ListAccessKeys', {
    UserPrincipalName: `${name}@${OWNER}.onaliyun.com`,
  })) as {
    readonly AccessKeys: {
      readonly AccessKey: readonly { readonly AccessKeyId: string; readonly Status: string }[];
    };
  };
  return reply.AccessKeys.AccessKey;
};
const begin = async (id: string, own: object = {}): Promise<SealedAccount> => {
  await world.onboard(id, { grantee, grants: [rabbitmqDoor(own)] });
  const heard = await world.hear(id, 'granted', 'failed', 'rejected');
  expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
  const [account] = await accountsIn(heard);
  await world.calm();
  return account!;
};
const nameIn = async (id: string) => (await world.contract(id)).sideDoors.accounts[0]!.account;
const end = async (id: string) => {
  await world.terminate(id);
  return world.hear(id, 'revoked', 'failed');
};

describe('a static account of RabbitMQ', () => {
  it('is made where it is asked for by name, sealed, and may do exactly what the contract may', async () => {
    const account = await begin('AMQP-one');
    expect(account).toMatchObject({ product: 'rabbitmq', instanceId: 'amqp-cn-x1' });
    expect(Buffer.from(account.username, 'base64').toString()).toMatch(/^2:amqp-cn-x1:LTAI/);
    expect([
      logOnToAmqp(world, account),
      logOnToAmqp(world, account, { publishTo: 'invoices' }),
      logOnToAmqp(world, account, { consumeFrom: 'orders' }),
      logOnToAmqp(world, account, { publishTo: 'orders' }, 'back'),
    ]).toEqual(['allowed', 'NO_RIGHT', 'NO_RIGHT', 'NO_RIGHT']);
    const name = await nameIn('AMQP-one');
    expect((await world.contract('AMQP-one')).credentials).toMatchObject([
      { kind: 'account', account: name },
    ]);
    expect(await usersBehind(world)).toEqual([name]);
    expect((await end('AMQP-one')).type).toBe('partner.access.revoked');
    expect(logOnToAmqp(world, account)).toBe('BAD_CREDENTIALS');
    expect([await usersBehind(world), await listedOn()]).toEqual([[], []]);
    const told = (await world.facts('AMQP-one')).flatMap((fact) =>
      fact.kind === 'removed' ? (fact.data.sideDoors ?? []) : [],
    );
    expect(told).toEqual([expect.stringContaining(`account ${name} of RabbitMQ instance amqp-cn-x1`)]);
  });

  it.each(['group', 'console logon'])(
    'whose RAM user was given a %s by hand says so at its end, and is gone once that is undone',
    async (what) => {
      const id = `AMQP-${what.replace(' ', '-')}`;
      await begin(id);
      const UserPrincipalName = `${await nameIn(id)}@${OWNER}.onaliyun.com`;
      const ims = (action: string, params: Readonly<Record<string, string>>) =>
        world.asOwner('2019-08-15', action, { UserPrincipalName, ...params });
      if (what === 'group') {
        await world.asOwner('2019-08-15', 'CreateGroup', { GroupName: 'devs' });
        await ims('AddUserToGroup', { GroupName: 'devs' });
      } else await ims('CreateLoginProfile', { Password: 'aB3$efghijkl9' });
      const failed = await end(id);
      expect([failed.type, failed.data['reason']]).toEqual([
        'partner.access.failed',
        expect.stringContaining(what),
      ]);
      expect(failed.data['next']).toContain('see to what the reason names');
      if (what === 'group') await ims('RemoveUserFromGroup', { GroupName: 'devs' });
      else await ims('DeleteLoginProfile', {});
      await world.jumpTo(world.clock.now() + 2 * 3_600_000);
      await world.calm();
      expect([(await world.contract(id)).state, await usersBehind(world)]).toEqual(['ended', []]);
    },
  );

  it.each(['its key', 'its RAM user'])(
    'goes from the instance too when somebody has deleted %s',
    async (what) => {
      const id = what === 'its key' ? 'AMQP-keyless' : 'AMQP-userless';
      await begin(id);
      const name = await nameIn(id);
      const UserName = name;
      for (const { AccessKeyId } of await keysOf(name))
        await world.asOwner('2019-08-15', 'DeleteAccessKey', {
          UserPrincipalName: `${name}@${OWNER}.onaliyun.com`,
          UserAccessKeyId: AccessKeyId,
        });
      if (what === 'its RAM user') {
        const { Policies } = (await world.asOwner('2015-05-01', 'ListPoliciesForUser', { UserName })) as {
          readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
        };
        for (const { PolicyName } of Policies.Policy)
          await world.asOwner('2015-05-01', 'DetachPolicyFromUser', {
            PolicyType: 'Custom',
            PolicyName,
            UserName,
          });
        await world.asOwner('2015-05-01', 'DeleteUser', { UserName });
      }
      expect(await listedOn()).toHaveLength(1);
      expect((await end(id)).type).toBe('partner.access.revoked');
      expect([await usersBehind(world), await listedOn()]).toEqual([[], []]);
    },
  );

  it('is good for no other instance, whichever form its user name is given', async () => {
    const account = await begin('AMQP-other');
    const [, , keyId] = Buffer.from(account.username, 'base64').toString().split(':');
    for (const instanceId of ['amqp-cn-x1', 'amqp-cn-x2']) {
      // What the key signed is good for a dynamic user name too: RAM says what that may.
      const username = Buffer.from(`0:${instanceId}:${keyId}`).toString('base64');
      expect(logOnToAmqp(world, { ...account, instanceId, username })).toBe(
        instanceId === 'amqp-cn-x1' ? 'allowed' : 'NO_RIGHT',
      );
    }
    await end('AMQP-other');
    const username = Buffer.from(`0:amqp-cn-x1:${keyId}`).toString('base64');
    expect(logOnToAmqp(world, { ...account, username })).toBe('BAD_CREDENTIALS');
  });

  it('has neither its password nor the AccessKey behind it in the register, a log or an event', async () => {
    const account = await begin('AMQP-secret');
    const [signature = ''] = Buffer.from(account.password, 'base64').toString().split(':');
    const seen = JSON.stringify([await world.facts('AMQP-secret'), world.lines, world.outbox.heard]);
    const secrets = [account.password, account.username, signature];
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
    await end('AMQP-secret');
  });

  it('is not there before the lease begins, and ends with it when every process of ours is dead', async () => {
    const now = instantOf(world.clock.now());
    const lease = { startsAt: addSeconds(now, 7200), expiresAt: addSeconds(now, 10_800) };
    await world.onboard('AMQP-later', { grantee, grants: [rabbitmqDoor()], lease });
    expect(await accountsIn(await world.hear('AMQP-later', 'granted', 'failed'))).toEqual([]);
    expect(await usersBehind(world)).toEqual([]);
    await world.clock.advance(7200_000);
    const [account] = await accountsIn(await world.hear('AMQP-later', 'opened', 'failed'));
    expect(logOnToAmqp(world, account!)).toBe('allowed');
    await world.calm();
    const undo = world.cloud.cloud.faults.add({
      before: ({ callerArn = '' }) =>
        callerArn.includes('leasehold-fn-')
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });
    await world.jumpTo(lease.expiresAt);
    expect(logOnToAmqp(world, account!)).toBe('NO_RIGHT');
    undo();
    await world.hear('AMQP-later', 'revoked');
    expect([await usersBehind(world), logOnToAmqp(world, account!)]).toEqual([[], 'BAD_CREDENTIALS']);
  });

  it('rests while suspended, without rights and with its key disabled, and goes on under the same password', async () => {
    const account = await begin('AMQP-rest');
    const name = await nameIn('AMQP-rest');
    await suspend(world, 'AMQP-rest', 'amqp-s');
    await world.hear('AMQP-rest', 'suspended', 'failed');
    expect(logOnToAmqp(world, account)).toBe('BAD_CREDENTIALS');
    expect((await keysOf(name)).map(({ Status }) => Status)).toEqual(['Inactive']);
    await resume(world, 'AMQP-rest', 'amqp-s');
    expect(await accountsIn(await world.hear('AMQP-rest', 'resumed', 'failed'))).toEqual([]);
    expect(logOnToAmqp(world, account)).toBe('allowed');
    await end('AMQP-rest');
  });

  it('changes with the terms under the same password, also when the contract comes to have fewer policies', async () => {
    const exchanges = Array.from({ length: 49 }, (_, index) => `exchange-${index}`.padEnd(120, 'x'));
    await world.onboard('AMQP-amend', {
      grantee,
      grants: [rabbitmqDoor({ exchanges: ['orders', ...exchanges] })],
    });
    const heard = await world.hear('AMQP-amend', 'granted', 'failed', 'rejected');
    expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
    const [account] = await accountsIn(heard);
    await world.calm();
    expect((await world.contract('AMQP-amend')).sideDoors.accounts[0]!.entries.length).toBeGreaterThan(1);
    await amend(world, 'AMQP-amend', { revision: 1, grantee, grants: [rabbitmqDoor()] });
    expect(await accountsIn(await hearNth(world, 'AMQP-amend', 'amended', 1))).toEqual([]);
    expect(logOnToAmqp(world, account!)).toBe('allowed');
    // What an account holds cannot be deleted, so it is taken from it.
    const policies = await world.ram().listPolicies();
    expect(policies.filter((name) => name.startsWith('lease-amqp-amend'))).toHaveLength(1);
    expect((await end('AMQP-amend')).type).toBe('partner.access.revoked');
    expect(await usersBehind(world)).toEqual([]);
  });

  it('loses what it was given by hand: a policy, another key', async () => {
    await begin('AMQP-hand');
    const name = await nameIn('AMQP-hand');
    const policy = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess' };
    await world.asOwner('2015-05-01', 'AttachPolicyToUser', { ...policy, UserName: name });
    await world.asOwner('2019-08-15', 'CreateAccessKey', {
      UserPrincipalName: `${name}@${OWNER}.onaliyun.com`,
    });
    await startFlow(
      'leasehold-reconciliation',
      { contractId: 'AMQP-hand' },
      world.cloud.connectionOf(world.cloud.root),
    );
    await world.calm();
    const found = await world.hear('AMQP-hand', 'drift-found');
    expect(JSON.stringify(found.data['findings'])).toContain('system/AliyunOSSReadOnlyAccess');
    expect(await keysOf(name)).toHaveLength(1);
    await end('AMQP-hand');
  });

  it('is refused where it is not asked for by name, without a key, or where there is somebody of its name', async () => {
    const refused = async (id: string, own: object) => {
      await world.onboard(id, { grantee, grants: [rabbitmqDoor(own)] });
      return reasonsIn(await world.hear(id, 'rejected', 'granted'));
    };
    expect(await refused('AMQP-unnamed', { dataPlane: { endsByController: true } })).toEqual([
      'USELESS_FIELD',
    ]);
    expect(await refused('AMQP-nowhere', { instanceId: 'amqp-none' })).toContain('NO_INSTANCE');
    const [taken] = dataPlaneAccounts(parseContractId('AMQP-taken'), [rabbitmqDoor()], []);
    await world.asOwner('2015-05-01', 'CreateUser', { UserName: taken!.account });
    expect(await refused('AMQP-taken', {})).toEqual(['NAME_TAKEN']);
    expect(await usersBehind(world)).toEqual([taken!.account]);
    await world.asOwner('2015-05-01', 'DeleteUser', { UserName: taken!.account });
    await world.onboard('AMQP-plain', { grants: [kafkaGrant, rabbitmqDoor()] });
    expect(reasonsIn(await world.hear('AMQP-plain', 'rejected'))).toEqual(['KEY_MISSING']);
  });
});
