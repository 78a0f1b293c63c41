import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAclRequest, CreateSaslUserRequest, DescribeAclsRequest } from '@alicloud/alikafka20190916';
import { CreateResourceGroupRequest, ListResourceGroupsRequest } from '@alicloud/resourcemanager20200331';
import { CreateInstanceAccountRequest, ListInstanceAccountRequest } from '@alicloud/rocketmq20220801';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accountSignature,
  amqpSignature,
  type DataPlaneWorld,
  kafkaClient,
  regionId,
  rocketmqClient,
  startDataPlanes,
  staticUserName,
} from '../data-plane-clients.js';
import { ownerId, resourceManagerClient } from '../identity-clients.js';
import { callProduct } from '../product-clients.js';

let folder: string;
let world: DataPlaneWorld;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-planes-'));
  world = await startDataPlanes({}, folder);
});
afterEach(async () => {
  await world.running.close();
  rmSync(folder, { recursive: true, force: true });
});
async function restart(): Promise<void> {
  await world.running.close();
  // Clients of this process hear a turn later that their connections were closed; the next cloud listens on the same port.
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  world = await startDataPlanes({}, folder);
}

describe('a cloud that is started again on its folder', () => {
  it('has the SASL users, ACLs, accounts, static accounts and resource groups that were made', async () => {
    const kafkaPlace = { regionId, instanceId: 'alikafka_pre-cn-x1', username: 'lh-1' };
    const acl = {
      ...kafkaPlace,
      aclResourceType: 'Topic',
      aclResourceName: 'orders',
      aclResourcePatternType: 'LITERAL',
      aclOperationType: 'Write',
    };
    const kafka = () => kafkaClient(world.running.endpoint, world.root);
    const rocketmq = () => rocketmqClient(world.running.endpoint, world.root);
    const groups = () => resourceManagerClient(world.running.endpoint, world.root);
    await kafka().createSaslUser(new CreateSaslUserRequest({ ...kafkaPlace, password: 'secret' }));
    await kafka().createAcl(new CreateAclRequest(acl));
    await rocketmq().createInstanceAccount(
      'rmq-cn-x1',
      new CreateInstanceAccountRequest({ username: 'lh-1', password: 'secret' }),
    );
    await groups().createResourceGroup(new CreateResourceGroupRequest({ name: 'orders', displayName: 'x' }));
    const { accessKeyId, accessKeySecret } = world.root;
    await callProduct(world.running, world.root, {
      product: 'amqp-open',
      action: 'CreateAccount',
      params: {
        instanceId: 'amqp-cn-x1',
        accountAccessKey: accessKeyId,
        userName: staticUserName('amqp-cn-x1', accessKeyId),
        createTimestamp: '1700000000000',
        signature: accountSignature(accessKeySecret, 1_700_000_000_000),
        secretSign: amqpSignature(accessKeySecret, 1_700_000_000_000),
      },
    });
    const all = async () => ({
      acls: (await kafka().describeAcls(new DescribeAclsRequest(acl))).body?.kafkaAclList?.kafkaAclVO,
      accounts: (await rocketmq().listInstanceAccount('rmq-cn-x1', new ListInstanceAccountRequest({}))).body
        ?.data?.list,
      statics: (
        await callProduct(world.running, world.root, {
          product: 'amqp-open',
          action: 'ListAccounts',
          params: { InstanceId: 'amqp-cn-x1' },
        })
      )['Data'],
      groups: (await groups().listResourceGroups(new ListResourceGroupsRequest({}))).body?.resourceGroups,
      logon: world.logons.kafka({
        accountId: ownerId,
        region: regionId,
        instanceId: 'alikafka_pre-cn-x1',
        username: 'lh-1',
        password: 'secret',
        does: 'publish',
        topic: 'orders',
      }),
    });
    const before = await all();
    expect(before.logon).toEqual({ outcome: 'allowed' });
    await restart();
    expect(await all()).toEqual(before);
  });
});
