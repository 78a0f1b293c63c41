/** Kafka's serverless instances know entries that others do not, and that the embedded cloud does not have. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDataPlanePort } from '../../../shared/cloud/alibaba/data-planes.js';
import type { AclEntry, DataPlaneInstance } from '../../../shared/domain/data-plane.js';
import { type CannedCloud, startCannedCloud } from '../../support/canned-cloud.js';
import { REGION } from '../../support/requests.js';

const instance = {
  product: 'kafka',
  region: REGION,
  instanceId: 'alikafka_serverless-cn-x1',
} as DataPlaneInstance;
const account = 'lh-0123456789abcdef';
const place = { AclResourceType: 'Topic', AclResourceName: 'orders', AclResourcePatternType: 'LITERAL' };
const byHand = [
  { ...place, Username: account, AclOperationType: 'Write', AclPermissionType: 'ALLOW', Host: '192.0.2.7' },
  { ...place, Username: account, AclOperationType: 'Read', AclPermissionType: 'DENY', Host: '*' },
];

let cloud: CannedCloud;
const removed: Record<string, string>[] = [];
beforeAll(async () => {
  cloud = await startCannedCloud(({ url = '', headers }) => {
    const query = Object.fromEntries(new URL(url, 'http://x').searchParams);
    const InstanceVO = [{ InstanceId: instance.instanceId, AllConfig: '{"enable.acl":"true"}' }];
    switch (headers['x-acs-action']) {
      case 'GetInstanceList':
        return { body: { Success: true, InstanceList: { InstanceVO } } };
      case 'DescribeSaslUsers':
        return {
          body: { Success: true, SaslUserList: { SaslUserVO: [{ Username: account, Type: 'plain' }] } },
        };
      case 'DescribeAcls':
        return {
          body: { Success: true, KafkaAclList: { KafkaAclVO: query['Username'] === account ? byHand : [] } },
        };
      case 'DeleteAcl':
        removed.push(query);
        return { body: { Success: true } };
      default:
        return { body: { Success: true, Data: { data: [] } } };
    }
  });
});
afterAll(() => cloud.close());

it('an entry that somebody bound to an address, or that denies, is named whole when it is removed', async () => {
  const port = makeDataPlanePort(cloud.connection);
  const expected: AclEntry = {
    resourceType: 'Topic',
    resourceName: 'orders',
    match: 'exact',
    operation: 'Write',
    effect: 'allow',
    from: [],
  };
  const observed = await port.observe(instance, account, [expected]);
  for (const entry of observed?.entries ?? [])
    await port.apply(instance, account, { kind: 'removeEntry', entry });
  await port.apply(instance, account, { kind: 'removeEntry', entry: expected });
  expect(
    removed.map(({ AclOperationType, AclPermissionType, Host }) => [
      AclOperationType,
      AclPermissionType,
      Host,
    ]),
  ).toEqual([
    ['Write', undefined, '192.0.2.7'],
    ['Read', 'DENY', undefined],
    // Where nobody did, nothing is sent that other instances refuse.
    ['Write', undefined, undefined],
  ]);
});
