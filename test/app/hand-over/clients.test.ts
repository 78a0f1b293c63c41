import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { amqpCredentials } from '../../../shared/services/rabbitmq-credentials.js';
import { EXTERNAL_ID, handOverFor, rocketmqGrant } from '../../support/hand-overs.js';
import { javaStubs } from '../../support/java-stubs.js';
import { isInstalled, type LeaseWorld } from '../../support/lease-world.js';
import { kafkaGrant, OWNER, request } from '../../support/requests.js';
import { contract, every, named, startWithFiles } from '../../support/snippets.js';

const roleArn = `acs:ram::${OWNER}:role/${roleNameOf(contract.contractId)}`;
const hasJava = isInstalled('javac', '-version');
const hasPython = isInstalled('python3', '--version');

let world: LeaseWorld;
beforeAll(async () => {
  world = await startWithFiles();
}, 60_000);
afterAll(() => world.close());

// RabbitMQ: the vector of the vendor's own client.
const VECTOR = {
  instanceId: 'amqp-cn-test',
  session: { accessKeyId: 'STS.NTAK', accessKeySecret: 'SECRET', securityToken: 'TOKEN' },
  now: 1_700_000_000_000,
  username: 'MDphbXFwLWNuLXRlc3Q6U1RTLk5UQUs6VE9LRU4=',
  password: 'RjNCQzVCQTRGM0M5NkZEQjhBRkUwODJBMDNBMEE3NzM3NThBMDBGNToxNzAwMDAwMDAwMDAw',
};

describe('RabbitMQ’s user name and password', () => {
  it('are those of the vendor’s client, with a token and without', async () => {
    const { username, password } = VECTOR;
    expect(await amqpCredentials(VECTOR.instanceId, VECTOR.session, VECTOR.now)).toEqual({
      username,
      password,
    });
    const { securityToken: _, ...user } = VECTOR.session;
    expect((await amqpCredentials(VECTOR.instanceId, user, VECTOR.now)).username).toBe(
      'MDphbXFwLWNuLXRlc3Q6U1RTLk5UQUs=',
    );
  });

  it('are the same in the snippet for Node.js', async () => {
    const { text } = named('rabbitmq-amqp-cn-x1.mjs');
    const start = text.indexOf('export function amqpCredentials');
    const body = text.slice(start, text.indexOf('\n}\n', start) + 3);
    world.write(
      'vector.mjs',
      `import { createHmac } from 'node:crypto';\n${body}
console.log(JSON.stringify(amqpCredentials('amqp-cn-test', ${JSON.stringify(VECTOR.session)}, ${VECTOR.now})));`,
    );
    const { output } = await world.run(process.execPath, ['vector.mjs']);
    expect(JSON.parse(output)).toEqual({ username: VECTOR.username, password: VECTOR.password });
  });

  it.skipIf(!hasPython)('are the same in the snippet for Python, which connects with them', async () => {
    world.write(
      'pika.py',
      'from types import SimpleNamespace as made\nPlainCredentials = lambda *pair: pair\n' +
        'SSLOptions = lambda context, host: host\nConnectionParameters = lambda **all: all\nBlockingConnection = lambda all: all\n',
    );
    world.write(
      'vector.py',
      `import json, rabbitmq_amqp_cn_x1 as one
print(json.dumps([one.amqp_credentials("amqp-cn-test", "STS.NTAK", "SECRET", "TOKEN", ${VECTOR.now}),
  {key: value for key, value in one.connect("a", "b", "c").items() if key != "credentials"}]))`,
    );
    const host = 'x1.net.mq.amqp.aliyuncs.com';
    const { status, output } = await world.run('python3', ['vector.py'], { AMQP_ENDPOINT: host });
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(JSON.parse(output)).toEqual([
      [VECTOR.username, VECTOR.password],
      { host, port: 5671, virtual_host: 'shop', ssl_options: host },
    ]);
  });
});

describe('RocketMQ from Java', () => {
  it.skipIf(!hasJava)(
    'compiles against the vendor’s client, and takes a new session before the old one ends',
    async () => {
      for (const [file, text] of Object.entries(javaStubs)) world.write(`java/${file}`, text);
      const mine = every().filter(({ language }) => language === 'java');
      expect(mine.map(({ file }) => file)).toEqual([
        `Producer_MQ_INST_${OWNER}_x1.java`,
        `Consumer_MQ_INST_${OWNER}_x1.java`,
      ]);
      for (const { file, text } of mine) world.write(`java/${file}`, text);
      const files = [...Object.keys(javaStubs), ...mine.map(({ file }) => file)];
      const compiled = await world.run('javac', [
        '-d',
        'java',
        '-Xlint:-options',
        ...files.map((file) => `java/${file}`),
      ]);
      expect(compiled).toEqual({ status: 0, output: '' });
      const { output } = await world.run('java', ['-cp', 'java', 'Run'], { LEASE_EXTERNAL_ID: EXTERNAL_ID });
      expect(output.trim().split('\n')).toEqual([
        'createProducer key-1 token-1',
        `assumed ${roleArn} ${EXTERNAL_ID} 3600`,
        'updated key-2 token-2',
        'kept',
      ]);
    },
    120_000,
  );

  it.each([
    ['publish', ['Producer']],
    ['subscribe', ['Consumer']],
    ['read', []],
  ] as const)('at level %s has %j', (access, kinds) => {
    const grant = { ...rocketmqGrant, access } as typeof rocketmqGrant;
    const files = every(handOverFor({ grants: [grant] })).filter(({ language }) => language === 'java');
    expect(files.map(({ file }) => file.split('_')[0])).toEqual(kinds);
  });
});
describe('Kafka', () => {
  const withAccount = {
    ...kafkaGrant,
    access: 'subscribe',
    topics: ['orders'],
    groups: ['globex'],
    dataPlane: { endsByController: true },
  } as typeof kafkaGrant;
  it('has a client only where the contract gives an account in the instance', () => {
    expect(every().some(({ file }) => file.startsWith('kafka-'))).toBe(false);
    expect(
      named('kafka-alikafka-pre-cn-x1-subscribe.mjs', handOverFor({ grants: [withAccount] })).text,
    ).toContain('groupId: "globex"');
  });
  it('has that client also where nobody enters by API', () => {
    const accessors = [{ type: 'user', name: 'alice', via: 'console' }] as const;
    const one = handOverFor({ grants: [withAccount], grantee: { ...request().grantee, accessors } });
    expect(named('kafka-alikafka-pre-cn-x1-subscribe.mjs', one).text).toContain('groupId: "globex"');
  });
  it('consumes the topic with that account, over TLS, whatever name is in the certificate', async () => {
    world.write('ca-cert.pem', 'a certificate');
    world.write(
      'node_modules/kafkajs/index.mjs',
      `export class Kafka {
  constructor({ brokers, ssl, sasl }) {
    if (!ssl) return console.log(brokers.join(), 'no TLS', sasl.mechanism, sasl.username);
    const name = ssl.checkServerIdentity?.('one', {}) === undefined && 'checkServerIdentity' in ssl ? 'any' : 'its own';
    console.log(brokers.join(), ssl.ca[0], name, 'rejectUnauthorized' in ssl, sasl.mechanism, sasl.username);
  }
  consumer({ groupId }) {
    return { connect() {}, subscribe: ({ topics }) => console.log(groupId, topics.join()), run() {} };
  }
}`,
    );
    world.write('node_modules/kafkajs/package.json', '{"name":"kafkajs","exports":"./index.mjs"}');
    const { file, text } = named(
      'kafka-alikafka-pre-cn-x1-subscribe.mjs',
      handOverFor({ grants: [withAccount] }),
    );
    world.write(file, text);
    const env = { KAFKA_BROKERS: 'one:9093,two:9093', KAFKA_USER: 'lh-1', KAFKA_PASSWORD: 'p' };
    expect(await world.run(process.execPath, [file], env)).toEqual({
      status: 0,
      output: 'one:9093,two:9093 a certificate any false plain lh-1\nglobex orders\n',
    });
    // Instances that are in a VPC alone have no SSL endpoint, and their SASL endpoint no TLS.
    const inside = { ...env, KAFKA_BROKERS: 'one:9094', KAFKA_TLS: 'no' };
    expect(await world.run(process.execPath, [file], inside)).toEqual({
      status: 0,
      output: 'one:9094 no TLS plain lh-1\nglobex orders\n',
    });
  });
});
