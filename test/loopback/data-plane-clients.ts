/** The official SDKs of Kafka and RocketMQ 5.x, pointed at an embedded cloud with the sample things of two accounts. */
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import {
  type Logons,
  type ProductReadings,
  productsService,
} from '../../shared/loopback/products/service.js';
import { type Keys, ownerId, partnerId } from './identity-clients.js';

const require = createRequire(import.meta.url);
const { default: Kafka } =
  require('@alicloud/alikafka20190916') as typeof import('@alicloud/alikafka20190916');
const { default: Rocketmq } =
  require('@alicloud/rocketmq20220801') as typeof import('@alicloud/rocketmq20220801');

export const regionId = 'cn-hangzhou';
const configFor = (endpoint: string, keys: Keys) =>
  new $OpenApiUtil.Config({
    ...keys,
    endpoint,
    protocol: 'http',
    regionId,
    readTimeout: 10_000,
    connectTimeout: 10_000,
  });
export const kafkaClient = (endpoint: string, keys: Keys) => new Kafka(configFor(endpoint, keys));
export const rocketmqClient = (endpoint: string, keys: Keys) => new Rocketmq(configFor(endpoint, keys));

export interface DataPlaneWorld {
  readonly running: RunningCloud;
  readonly logons: Logons;
  readonly root: Keys;
  readonly partnerRoot: Keys;
}

/** The owner's and the partner's account, each with the sample things; as they were kept in `data`, if something was. */
export async function startDataPlanes(
  readings: Partial<ProductReadings> = {},
  data?: string,
): Promise<DataPlaneWorld> {
  let logons: Logons | undefined;
  const running = await startCloud({
    ...(data === undefined ? {} : { data }),
    services: [
      (cloud) => {
        const parts = productsService(cloud, { ...sampleSeed(ownerId), ...sampleSeed(partnerId) }, readings);
        logons = parts.logons;
        return parts;
      },
    ],
  });
  if (logons === undefined) throw new Error('the products did not start');
  const keyOf = (accountId: string): Keys =>
    running.accounts.keyOf(accountId) ?? running.accounts.createAccount(accountId).rootAccessKey;
  return { running, logons, root: keyOf(ownerId), partnerRoot: keyOf(partnerId) };
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
export const amqpSignature = (secret: string, milliseconds: number) =>
  createHmac('sha1', String(milliseconds)).update(secret, 'utf8').digest('hex').toUpperCase();

/** `signature` of CreateAccount: the secret is the key here, and the time the data. */
export const accountSignature = (secret: string, milliseconds: number) =>
  createHmac('sha1', secret).update(String(milliseconds), 'utf8').digest('hex');

/** User name and password as the vendor's AMQP client makes them. */
export const amqpCredentials = (instanceId: string, keys: Keys, milliseconds = Date.now()) => ({
  username: base64(
    ['0', instanceId, keys.accessKeyId, ...(keys.securityToken ? [keys.securityToken] : [])].join(':'),
  ),
  password: base64(`${amqpSignature(keys.accessKeySecret, milliseconds)}:${milliseconds}`),
});
export const staticUserName = (instanceId: string, accessKeyId: string) =>
  base64(`2:${instanceId}:${accessKeyId}`);
