import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf } from '../../../shared/app/hand-over/snippets/apis.js';
import { snippetsOf } from '../../../shared/app/hand-over/snippets/index.js';
import { profileOf } from '../../../shared/app/hand-over/snippets/session.js';
import type { Snippet } from '../../../shared/app/hand-over/snippets/snippet.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { parseContractId, parseInstant } from '../../../shared/domain/values.js';
import { amqpCredentials } from '../../../shared/services/rabbitmq-credentials.js';
import {
  EXTERNAL_ID,
  eventbridgeGrant,
  everyGrant,
  handOverFor,
  rabbitmqGrant,
  rocketmqGrant,
} from '../../support/hand-overs.js';
import { isInstalled, type LeaseWorld, REDIRECT, startLeaseWorld } from '../../support/lease-world.js';
import { kafkaGrant, OWNER, PARTNER, request } from '../../support/requests.js';

const contract = request({
  grants: everyGrant,
  grantee: {
    ...request().grantee,
    accessors: [
      { type: 'user', name: 'alice', via: 'console' },
      { type: 'user', name: 'etl', via: 'api' },
    ],
  },
});
const handOver = handOverFor(contract);
const every = (one = handOver): readonly Snippet[] => Object.values(snippetsOf(one)).flat();
const named = (file: string, one = handOver): Snippet => {
  const found = every(one).find((snippet) => snippet.file === file);
  if (found === undefined) throw new Error(`no ${file} among ${every(one).map((snippet) => snippet.file)}`);
  return found;
};
const roleArn = `acs:ram::${OWNER}:role/${roleNameOf(contract.contractId)}`;
const hasJava = isInstalled('javac', '-version');
const hasPython = isInstalled('python3', '--version');
const hasTerraform = isInstalled('terraform', 'version');

const subscribing = {
  service: 'eventbridge',
  access: 'subscribe',
  region: 'cn-hangzhou',
  eventBus: 'orders',
  target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in', endsByController: true },
} as typeof kafkaGrant;
const routed = handOverFor({ grants: [subscribing] });

let world: LeaseWorld;
/** Of the user that `set-up.sh` made. */
let etl: Readonly<Record<string, string>>;
const sh = (file: string, env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) =>
  world.run('sh', [file, ...args], env);

beforeAll(async () => {
  world = await startLeaseWorld();
  for (const { file, text } of every()) world.write(file, text);
}, 60_000);
afterAll(() => world.close());

/** One after the other, as a partner would go: each builds on what was done before. */
describe.sequential('a partner with nothing but the hand-over', () => {
  it('sets its side up with one command, and again without another effect', async () => {
    const first = await sh('set-up.sh', world.administrator);
    expect(first).toMatchObject({ status: 0, output: expect.stringContaining('etl was made') });
    expect(statSync(join(world.folder, 'etl-access-key.json')).mode & 0o077).toBe(0);
    const { AccessKey } = JSON.parse(readFileSync(join(world.folder, 'etl-access-key.json'), 'utf8'));
    etl = {
      ALIBABA_CLOUD_ACCESS_KEY_ID: AccessKey.AccessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: AccessKey.AccessKeySecret,
      LEASE_EXTERNAL_ID: EXTERNAL_ID,
    };
    const before = world.running.calls.length;
    expect(await sh('set-up.sh', world.administrator)).toEqual({ status: 0, output: '' });
    expect(world.running.calls.slice(before).filter(({ effect }) => effect)).toEqual([]);
  }, 60_000);

  it('enters by a profile, and sees that everything works', async () => {
    await world.makeLease(contract);
    expect(await sh('profile.sh', etl)).toMatchObject({ status: 0 });
    const { status, output } = await sh('self-check.sh');
    expect(output.split('\n').filter((line) => !line.startsWith('ok '))).toEqual(['']);
    expect(output.split('\n')).toHaveLength(callsOf(handOver).length + 2);
    expect(status).toBe(0);
  }, 60_000);

  it.each([
    ['x', 'user-x'],
    ['CORP\\\\someone.with-a_name', 'user-CORPsomeone.with-a_name'],
    ['jürgen', 'user-jrgen'],
    ['n'.repeat(80), `user-${'n'.repeat(27)}`],
  ])('enters whatever its machine calls whoever is at work: %s', async (user, session) => {
    world.write('names/id', `#!/bin/sh\nprintf '%s\\n' '${user}'\n`);
    chmodSync(join(world.folder, 'names', 'id'), 0o755);
    const PATH = [join(world.folder, 'names'), join(world.folder, 'bin'), process.env['PATH']].join(':');
    expect(await sh('profile.sh', { ...etl, PATH })).toMatchObject({ status: 0 });
    const asking = ['sts', 'GetCallerIdentity', '--profile', profileOf(handOver)];
    const { output } = await world.run('aliyun', asking);
    expect(output).toContain(`/${session}"`);
  });

  const node = (file: string, ...args: readonly string[]) =>
    world.run(process.execPath, ['--import', REDIRECT, file, ...args], etl);

  it('calls every API of the contract from Node.js', async () => {
    const { status, output } = await node('apis.mjs', '--all');
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(callsOf(handOver).map(({ action }) => action));
  }, 60_000);

  it('puts an event on the bus from Node.js', async () => {
    const heard: { readonly type?: unknown; readonly source?: unknown }[] = [];
    const stop = world.bridge.tap(OWNER, 'orders', (event) => heard.push(event));
    const { status, output } = await node('eventbridge-orders.mjs', 'order.created');
    stop();
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^[0-9a-f-]{36}\n$/),
    });
    expect(heard).toMatchObject([{ type: 'order.created', source: `partner.${PARTNER}` }]);
  }, 60_000);

  it('logs on to RabbitMQ from Node.js with what a session gives', async () => {
    const stub = 'export const connect = async (options) => console.log(JSON.stringify(options));';
    world.write('node_modules/amqplib/index.mjs', stub);
    world.write('node_modules/amqplib/package.json', '{"name":"amqplib","exports":"./index.mjs"}');
    const { status, output } = await node('rabbitmq-amqp-cn-x1.mjs');
    expect({ status, output }).toMatchObject({ status: 0 });
    const { username, password, ...where } = JSON.parse(output);
    expect(where).toEqual({
      protocol: 'amqps',
      hostname: 'amqp-cn-x1.mq-amqp.cn-hangzhou-a.aliyuncs.com',
      port: 5671,
      vhost: 'shop',
    });
    const plain = (text: string) => Buffer.from(text, 'base64').toString();
    expect(plain(username)).toMatch(/^0:amqp-cn-x1:STS\.[^:]+:.+$/);
    expect(plain(password)).toMatch(/^[0-9A-F]{40}:\d{13}$/);
  }, 60_000);

  it('is refused as somebody who does not know the ExternalId', async () => {
    const { status, output } = await world.run(
      process.execPath,
      ['--import', REDIRECT, 'apis.mjs', '--all'],
      {
        ...etl,
        LEASE_EXTERNAL_ID: 'a-guess',
      },
    );
    expect(status).toBe(1);
    expect(output).toContain('NoPermission');
  }, 60_000);

  it('takes its side down again, and then enters no more', async () => {
    const { status, output } = await sh('take-down.sh', world.administrator);
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringContaining('deleted lease-'),
    });
    expect(output).toMatch(/alice no longer enters[\s\S]*etl no longer enters/);
    expect(await sh('take-down.sh', world.administrator)).toEqual({ status: 0, output: 'gone already\n' });
    const after = await sh('self-check.sh');
    expect(after.status).toBe(1);
    expect(after.output.split('\n').filter((line) => line.startsWith('ok'))).toEqual([]);
  }, 60_000);
});

describe('a partner whose whole account may enter', () => {
  const whole = handOverFor({ grants: [kafkaGrant] });
  it('says who is to enter when it sets its side up', async () => {
    const file = 'whole/set-up.sh';
    world.write(file, named('set-up.sh', whole).text);
    expect(await sh(file, world.administrator)).toMatchObject({
      status: 2,
      output: expect.stringContaining('usage'),
    });
    expect(await sh(file, world.administrator, 'zoe')).toMatchObject({
      status: 0,
      output: expect.stringContaining('zoe was made'),
    });
  }, 60_000);
  it('has a variable for it in the Terraform file', () =>
    expect(named('set-up.tf', whole).text).toContain('for_each    = var.users'));
});

describe('a renewal', () => {
  let renewing: LeaseWorld;
  beforeAll(async () => {
    renewing = await startLeaseWorld();
  }, 60_000);
  afterAll(() => renewing.close());
  const lease = { ...contract.lease, expiresAt: parseInstant('2028-06-01T00:00:00Z') };
  const renewed = request({ ...contract, lease });
  const run = (file: string, asked: typeof contract, env: Readonly<Record<string, string>>) => {
    renewing.write(file, named(file, handOverFor(asked)).text);
    return renewing.run('sh', [file], env);
  };

  it('lets the partner enter past the old end, once set-up.sh of the new hand-over was run', async () => {
    expect(await run('set-up.sh', contract, renewing.administrator)).toMatchObject({ status: 0 });
    await renewing.makeLease(renewed);
    // As after renewals before: a policy has five versions at most.
    const version = {
      PolicyName: `${handOver.roleName}-enter`,
      PolicyDocument: JSON.stringify(handOver.assumePolicy),
    };
    for (let count = 1; count < 5; count += 1)
      await renewing.call(PARTNER, 'CreatePolicyVersion', { ...version, SetAsDefault: 'true' });
    expect(await run('set-up.sh', renewed, renewing.administrator)).toEqual({
      status: 0,
      output: expect.stringMatching(/^lease-\S+ now has the contract's dates\n$/),
    });
    const before = renewing.running.calls.length;
    expect(await run('set-up.sh', renewed, renewing.administrator)).toEqual({ status: 0, output: '' });
    expect(renewing.running.calls.slice(before).filter(({ effect }) => effect)).toEqual([]);

    await renewing.clock.jumpTo(Date.parse('2027-12-01T00:00:00Z'));
    const { AccessKey } = JSON.parse(readFileSync(join(renewing.folder, 'etl-access-key.json'), 'utf8'));
    const key = {
      ALIBABA_CLOUD_ACCESS_KEY_ID: AccessKey.AccessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: AccessKey.AccessKeySecret,
    };
    expect(await run('profile.sh', renewed, key)).toMatchObject({ status: 0 });
    const asking = ['sts', 'GetCallerIdentity', '--profile', profileOf(handOver)];
    expect(await renewing.run('aliyun', asking)).toMatchObject({ status: 0 });
  }, 60_000);

  it('changes the policy of the Terraform file in its place', () => {
    const linesFor = (asked: typeof contract) => named('set-up.tf', handOverFor(asked)).text.split('\n');
    const [before, after] = [linesFor(contract), linesFor(renewed)];
    const changed = after.filter((line, at) => line !== before[at]);
    expect(changed).toEqual([expect.stringContaining('policy_document')]);
    expect(after.join('\n')).toContain('rotate_strategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"');
  });
});

describe('a partner of whom only a role enters', () => {
  let machine: LeaseWorld;
  beforeAll(async () => {
    machine = await startLeaseWorld();
  }, 60_000);
  afterAll(() => machine.close());
  const accessors = [{ type: 'role', name: 'etl', via: 'api' }] as const;
  const asked = request({ grantee: { ...request().grantee, accessors } });
  const run = (file: string, env: Readonly<Record<string, string>>) => {
    machine.write(file, named(file, handOverFor(asked)).text);
    return machine.run('sh', [file], env);
  };

  it('enters from the role’s machine, without a key', async () => {
    const trust = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { RAM: [`acs:ram::${PARTNER}:root`] },
    };
    await machine.call(PARTNER, 'CreateRole', {
      RoleName: 'etl',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement: [trust] }),
    });
    expect(await run('set-up.sh', machine.administrator)).toEqual({ status: 0, output: '' });
    await machine.makeLease(asked);
    const assume = [
      'sts',
      'AssumeRole',
      '--RoleArn',
      `acs:ram::${PARTNER}:role/etl`,
      '--RoleSessionName',
      'i-1',
    ];
    const { Credentials } = JSON.parse((await machine.run('aliyun', assume, machine.administrator)).output);
    const {
      AccessKeyId: accessKeyId,
      AccessKeySecret: accessKeySecret,
      SecurityToken: securityToken,
    } = Credentials;
    const env = {
      INSTANCE_SESSIONS: JSON.stringify({ etl: { accessKeyId, accessKeySecret, securityToken } }),
    };
    expect(await run('profile.sh', env)).toEqual({ status: 0, output: '' });
    const { status, output } = await run('self-check.sh', env);
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringContaining('ok      entering'),
    });
  }, 60_000);

  it('reads of no key', () => {
    for (const { text } of snippetsOf(handOverFor(asked)).entering) {
      expect(text).not.toContain('ACCESS_KEY');
      expect(text).toContain('an ECS instance');
    }
  });
});

describe('a script that cannot do its work', () => {
  const whole = handOverFor({ grants: [kafkaGrant], contractId: parseContractId('C-refused') });
  const strangers = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAInobody',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'of nobody',
  };
  /** Puts an `aliyun` before the real one that answers what `pattern` matches with an error. */
  const failing = (pattern: string) => {
    const real = join(world.folder, 'bin', 'aliyun');
    const text = `#!/bin/sh\ncase "$*" in ${pattern}) echo 'ERROR: ServiceUnavailable' >&2; exit 1 ;; esac\nexec '${real}' "$@"\n`;
    world.write('failing/aliyun', text);
    chmodSync(join(world.folder, 'failing', 'aliyun'), 0o755);
    return { ...world.administrator, PATH: [join(world.folder, 'failing'), process.env['PATH']].join(':') };
  };
  beforeAll(() => {
    for (const { file, text } of [...every(whole), ...every(routed)])
      if (file.endsWith('.sh')) world.write(`refused/${file}`, text);
  });

  it.each(['set-up.sh', 'take-down.sh', 'let-events-in.sh', 'keep-events-out.sh'])(
    'says so, also where it is started as sh %s',
    async (file) => {
      const { status, output } = await sh(`refused/${file}`, strangers, 'yan');
      expect({ status, output }).toMatchObject({ status: 1, output: expect.stringContaining('ERROR') });
      expect(output).not.toContain('gone already');
    },
  );

  it('ends at the first thing that fails, and the next run gives a user the key that is owed', async () => {
    const half = await sh('refused/set-up.sh', failing('*CreateAccessKey*'), 'yan');
    expect(half).toEqual({ status: 1, output: 'ERROR: ServiceUnavailable\n' });
    const again = await sh('refused/set-up.sh', world.administrator, 'yan');
    expect(again).toMatchObject({
      status: 0,
      output: expect.stringContaining('its key is in yan-access-key.json'),
    });
    const kept = JSON.parse(readFileSync(join(world.folder, 'yan-access-key.json'), 'utf8'));
    expect(kept.AccessKey.AccessKeySecret).toMatch(/./);
    const calls = world.running.calls.length;
    expect(await sh('refused/set-up.sh', world.administrator, 'yan')).toEqual({ status: 0, output: '' });
    expect(world.running.calls.slice(calls).filter(({ effect }) => effect)).toEqual([]);
  }, 60_000);

  it('gives no key to a user of the partner’s own', async () => {
    world.running.accounts.createUser(PARTNER, 'ines');
    expect(await sh('refused/set-up.sh', world.administrator, 'ines')).toEqual({ status: 0, output: '' });
  });

  it('takes down what was taken down half-way', async () => {
    const half = await sh('refused/take-down.sh', failing('*DeletePolicy*'));
    expect(half).toMatchObject({ status: 1, output: expect.stringContaining('yan no longer enters') });
    const again = await sh('refused/take-down.sh', world.administrator);
    expect(again).toEqual({ status: 0, output: expect.stringMatching(/^deleted lease-/) });
  }, 60_000);

  it('says which role must be there first', async () => {
    const accessors = [{ type: 'role', name: 'etl-ecs', via: 'api' }] as const;
    const one = handOverFor({ grantee: { ...request().grantee, accessors } });
    world.write('role/set-up.sh', named('set-up.sh', one).text);
    expect(named('set-up.sh', one).about).toContain('roles must be there first');
    expect(await sh('role/set-up.sh', world.administrator)).toEqual({
      status: 1,
      output: 'there is no Role etl-ecs: make it, and run this again\n',
    });
  });
});

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
    const { status, output } = await world.run('python3', ['vector.py']);
    expect({ status, output }).toMatchObject({ status: 0 });
    const host = 'amqp-cn-x1.mq-amqp.cn-hangzhou-a.aliyuncs.com';
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
      const { output } = await world.run('java', ['-cp', 'java', 'Run'], etl);
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

describe('Events of the owner', () => {
  const shown = async () => {
    const reply = (await world.call(PARTNER, 'ListRoles', {})) as {
      readonly Roles: { readonly Role: readonly { readonly RoleName: string }[] };
    };
    return reply.Roles.Role.map(({ RoleName }) => RoleName);
  };

  it('are let in by a role that only EventBridge of the owner takes on, and kept out again', async () => {
    for (const file of ['let-events-in.sh', 'keep-events-out.sh'])
      world.write(file, named(file, routed).text);
    expect(await sh('let-events-in.sh', world.administrator)).toEqual({ status: 0, output: '' });
    const before = world.running.calls.length;
    expect(await sh('let-events-in.sh', world.administrator)).toEqual({ status: 0, output: '' });
    expect(world.running.calls.slice(before).filter(({ effect }) => effect)).toEqual([]);
    const reply = (await world.call(PARTNER, 'GetRole', { RoleName: 'let-in' })) as {
      readonly Role: { readonly AssumeRolePolicyDocument: string };
    };
    expect(JSON.parse(reply.Role.AssumeRolePolicyDocument).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: [`${OWNER}@eventbridge.aliyuncs.com`] },
      },
    ]);
    expect(await sh('keep-events-out.sh', world.administrator)).toMatchObject({ status: 0 });
    expect(await shown()).not.toContain('let-in');
    expect(await sh('keep-events-out.sh', world.administrator)).toEqual({ status: 0, output: '' });
  }, 60_000);

  it('need nothing where they go to an address', () => {
    const target = { type: 'https', url: 'https://b.example/in', endsByController: true };
    const direct = handOverFor({ grants: [{ ...subscribing, target } as typeof kafkaGrant] });
    expect(every(direct).some(({ file }) => file.includes('events'))).toBe(false);
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
  it('consumes the topic with that account, over TLS', async () => {
    world.write('ca-cert.pem', 'a certificate');
    world.write(
      'node_modules/kafkajs/index.mjs',
      `export class Kafka {
  constructor({ brokers, ssl, sasl }) { console.log(brokers.join(), ssl.ca[0], sasl.mechanism, sasl.username); }
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
      output: 'one:9093,two:9093 a certificate plain lh-1\nglobex orders\n',
    });
  });
});

describe('the Terraform file', () => {
  it.skipIf(!hasTerraform)(
    'is well-formed',
    async () => {
      for (const [name, one] of [
        ['named', handOver],
        ['whole', handOverFor()],
      ] as const) {
        world.write(`${name}/set-up.tf`, named('set-up.tf', one).text);
        const env = { CHECKPOINT_DISABLE: '1' };
        const { status, output } = await world.run(
          'terraform',
          ['fmt', '-check', '-diff', `${name}/set-up.tf`],
          env,
        );
        expect({ status, output: output.replace(/[\s\S]*Warning:[\s\S]*╵\n/, '') }).toMatchObject({
          status: 0,
        });
      }
    },
    60_000,
  );
});

describe('every file', () => {
  it('of commands ends where one fails, however it is started', () => {
    const scripts = [...every(), ...every(routed)].filter(({ language }) => language === 'sh');
    expect(scripts.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['profile.sh', 'keep-events-out.sh']),
    );
    // The check goes on past what is refused.
    for (const { file, text } of scripts) {
      expect(text.match(/^#!.*$/m)?.[0]).toBe('#!/bin/sh');
      expect(text).toMatch(file === 'self-check.sh' ? /^set -u$/m : /^set -eu$/m);
    }
  });

  it.each(every().map((snippet) => [snippet.file, snippet] as const))(
    '%s is of its language',
    async (file, snippet) => {
      const check = {
        js: [process.execPath, '--check'],
        sh: ['bash', '-n'],
        python: ['python3', '-m', 'py_compile'],
        // Compiled and formatted above.
        java: undefined,
        hcl: undefined,
      }[snippet.language];
      if (check === undefined || (snippet.language === 'python' && !hasPython)) return;
      const [command = '', ...args] = check;
      expect(await world.run(command, [...args, file])).toEqual({ status: 0, output: '' });
    },
  );

  it('holds no ExternalId but the one that sets the variable, and that one none when it is sealed', () => {
    expect(
      every()
        .filter(({ text }) => text.includes(EXTERNAL_ID))
        .map(({ file }) => file),
    ).toEqual(['profile.sh']);
    const sealed = { ...handOver, keyThumbprint: 't' };
    const { externalId: _, ...open } = sealed;
    expect(every(open).filter(({ text }) => text.includes(EXTERNAL_ID))).toEqual([]);
    expect(named('profile.sh', open).text).toContain('node open.mjs');
  });

  it('quotes what others have named', () => {
    const grants = [
      { ...eventbridgeGrant, eventBus: 'a-b' },
      { ...rabbitmqGrant, virtualHosts: ["it's `$(id)`"] },
    ];
    const odd = handOverFor({ grants: grants as never });
    expect(named('rabbitmq-amqp-cn-x1.mjs', odd).text).toContain('vhost: "it\'s `$(id)`"');
  });

  it('is left out that nobody could use: no API for people at the console alone, no set-up where we do it', () => {
    const people = handOverFor({
      ...contract,
      grantee: { ...contract.grantee, accessors: [{ type: 'user', name: 'alice', via: 'console' }] },
    });
    expect(every(people).map(({ file }) => file)).toEqual(['set-up.sh', 'set-up.tf', 'take-down.sh']);
    expect(every({ ...handOver, setup: 'managed' }).some(({ file }) => /set-up|take-down/.test(file))).toBe(
      false,
    );
  });
});

/** Only what the snippet touches of the vendor's Java packages, and a run that makes time pass. */
const javaStubs: Readonly<Record<string, string>> = {
  'Shown.java': `package com.aliyun.openservices.ons.api;
import java.util.Properties;
class Shown { static void show(String what, Properties p) { System.out.println(what + " " + p.get("AccessKey") + " " + p.get("SecurityToken")); } }`,
  'PropertyKeyConst.java': `package com.aliyun.openservices.ons.api;
public class PropertyKeyConst {
  public static final String AccessKey = "AccessKey", SecretKey = "SecretKey", SecurityToken = "SecurityToken", NAMESRV_ADDR = "NAMESRV_ADDR", GROUP_ID = "GROUP_ID";
}`,
  'Producer.java': `package com.aliyun.openservices.ons.api;
public class Producer {
  public void start() {} public SendResult send(Message m) { return new SendResult(); }
  public void updateCredential(java.util.Properties p) { Shown.show("updated", p); }
}`,
  'Consumer.java': `package com.aliyun.openservices.ons.api;
public class Consumer {
  public void start() {} public void subscribe(String t, String e, MessageListener l) {}
  public void updateCredential(java.util.Properties p) {}
}`,
  'MessageListener.java': `package com.aliyun.openservices.ons.api;
public interface MessageListener { Action consume(Message message, Object context); }`,
  'Action.java': 'package com.aliyun.openservices.ons.api;\npublic enum Action { CommitMessage }',
  'Message.java': `package com.aliyun.openservices.ons.api;
public class Message { public Message(String t, String tag, byte[] b) {} public byte[] getBody() { return new byte[0]; } }`,
  'SendResult.java':
    'package com.aliyun.openservices.ons.api;\npublic class SendResult { public String getMessageId() { return "m"; } }',
  'ONSFactory.java': `package com.aliyun.openservices.ons.api;
public class ONSFactory {
  public static Producer createProducer(java.util.Properties p) { Shown.show("createProducer", p); return new Producer(); }
  public static Consumer createConsumer(java.util.Properties p) { return new Consumer(); }
}`,
  'credentials/Client.java': 'package com.aliyun.credentials;\npublic class Client {}',
  'Config.java': `package com.aliyun.teaopenapi.models;
public class Config { public Config setCredential(com.aliyun.credentials.Client c) { return this; } public Config setEndpoint(String e) { return this; } }`,
  'AssumeRoleRequest.java': `package com.aliyun.sts20150401.models;
public class AssumeRoleRequest {
  public String arn, id; public Long seconds;
  public AssumeRoleRequest setRoleArn(String v) { arn = v; return this; } public AssumeRoleRequest setRoleSessionName(String v) { return this; }
  public AssumeRoleRequest setExternalId(String v) { id = v; return this; } public AssumeRoleRequest setDurationSeconds(Long v) { seconds = v; return this; }
}`,
  'AssumeRoleResponseBody.java': `package com.aliyun.sts20150401.models;
public class AssumeRoleResponseBody {
  public AssumeRoleResponseBodyCredentials getCredentials() { return new AssumeRoleResponseBodyCredentials(); }
  public static class AssumeRoleResponseBodyCredentials {
    public static int made = 0; public static java.time.Instant ends; final int mine = ++made;
    public String getAccessKeyId() { return "key-" + mine; } public String getAccessKeySecret() { return "s"; }
    public String getSecurityToken() { return "token-" + mine; } public String getExpiration() { return ends.toString(); }
  }
}`,
  'sts/Client.java': `package com.aliyun.sts20150401;
import com.aliyun.sts20150401.models.*;
public class Client {
  public static AssumeRoleRequest last;
  public Client(com.aliyun.teaopenapi.models.Config c) {}
  public static class Response { public AssumeRoleResponseBody getBody() { return new AssumeRoleResponseBody(); } }
  public Response assumeRole(AssumeRoleRequest request) { last = request; return new Response(); }
}`,
  'Run.java': `import com.aliyun.sts20150401.models.AssumeRoleResponseBody.AssumeRoleResponseBodyCredentials;
public class Run {
  public static void main(String[] args) throws Exception {
    AssumeRoleResponseBodyCredentials.ends = java.time.Instant.now().plusSeconds(200);
    Producer_MQ_INST_${OWNER}_x1.client = com.aliyun.openservices.ons.api.ONSFactory.createProducer(Producer_MQ_INST_${OWNER}_x1.session());
    var last = com.aliyun.sts20150401.Client.last;
    System.out.println("assumed " + last.arn + " " + last.id + " " + last.seconds);
    AssumeRoleResponseBodyCredentials.ends = java.time.Instant.now().plusSeconds(3600);
    Producer_MQ_INST_${OWNER}_x1.renew();
    Producer_MQ_INST_${OWNER}_x1.renew();
    System.out.println("kept");
  }
}`,
};
