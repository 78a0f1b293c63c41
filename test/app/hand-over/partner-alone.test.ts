import { chmodSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf } from '../../../shared/app/hand-over/snippets/apis.js';
import { snippetsOf } from '../../../shared/app/hand-over/snippets/index.js';
import { profileOf } from '../../../shared/app/hand-over/snippets/session.js';
import { parseInstant } from '../../../shared/domain/values.js';
import { EXTERNAL_ID, handOverFor } from '../../support/hand-overs.js';
import { type LeaseWorld, REDIRECT, startLeaseWorld } from '../../support/lease-world.js';
import { kafkaGrant, OWNER, PARTNER, REGION, request } from '../../support/requests.js';
import {
  contract,
  every,
  handOver,
  named,
  routed,
  startWithFiles,
  subscribing,
} from '../../support/snippets.js';

let world: LeaseWorld;
/** Of the user that `set-up.sh` made. */
let etl: Readonly<Record<string, string>>;
const sh = (file: string, env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) =>
  world.run('sh', [file, ...args], env);

beforeAll(async () => {
  world = await startWithFiles();
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
    expect(await sh('profile.sh', etl)).toEqual({ status: 0, output: '' });
    const { status, output } = await sh('self-check.sh');
    expect(output.split('\n').filter((line) => !line.startsWith('ok '))).toEqual(['']);
    expect(output.split('\n')).toHaveLength(callsOf(handOver).length + 2);
    expect(status).toBe(0);
  }, 60_000);

  it('leaves commands that name no profile to whoever they were before', async () => {
    const asking = ['sts', 'GetCallerIdentity', '--region', REGION];
    const { output } = await world.run('aliyun', asking, world.administrator);
    expect(output).toContain(`acs:ram::${PARTNER}:user/administrator`);
  });

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
    world.run(process.execPath, ['--import', REDIRECT, file, ...args], {
      ...etl,
      AMQP_ENDPOINT: 'x1.net.mq.amqp.aliyuncs.com',
    });

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
      hostname: 'x1.net.mq.amqp.aliyuncs.com',
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
    expect(after.output).toMatch(/^REFUSED entering .*\n {8}.*(?:NoPermission|EntityNotExist)/);
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

describe.sequential('a partner of whom only a role enters', () => {
  let machine: LeaseWorld;
  let session: Readonly<Record<'accessKeyId' | 'accessKeySecret' | 'securityToken', string>>;
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
      '--region',
      REGION,
    ];
    const { Credentials } = JSON.parse((await machine.run('aliyun', assume, machine.administrator)).output);
    const {
      AccessKeyId: accessKeyId,
      AccessKeySecret: accessKeySecret,
      SecurityToken: securityToken,
    } = Credentials;
    session = { accessKeyId, accessKeySecret, securityToken };
    const env = { INSTANCE_SESSIONS: JSON.stringify({ etl: session }) };
    expect(await run('profile.sh', env)).toEqual({ status: 0, output: '' });
    const { status, output } = await run('self-check.sh', env);
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringContaining('ok      entering'),
    });
  }, 60_000);

  it('enters by a program from the role’s machine, whoever the command there is', async () => {
    // A keeper of credentials, asked last of all, in place of the machine's metadata service.
    const keeper = createServer((_, reply) => {
      const { accessKeyId, accessKeySecret, securityToken } = session;
      reply.end(
        JSON.stringify({
          AccessKeyId: accessKeyId,
          AccessKeySecret: accessKeySecret,
          SecurityToken: securityToken,
          Expiration: '2099-01-01T00:00:00Z',
          Code: 'Success',
        }),
      );
    });
    await new Promise<void>((resolve) => keeper.listen(0, '127.0.0.1', resolve));
    const { port } = keeper.address() as AddressInfo;
    const set = ['configure', 'set', '--mode', 'AK', '--region', REGION, '--access-key-id', 'LTAIother'];
    await machine.run('aliyun', [...set, '--access-key-secret', 'of another']);
    machine.write('session.mjs', named('session.mjs', handOverFor(asked)).text);
    machine.write(
      'try.mjs',
      "import { enter } from './session.mjs'; console.log((await enter()).accessKeyId);",
    );
    const result = await machine.run(process.execPath, ['--import', REDIRECT, 'try.mjs'], {
      LEASE_EXTERNAL_ID: EXTERNAL_ID,
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true',
      ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${port}/`,
    });
    keeper.close();
    expect(result).toEqual({ status: 0, output: expect.stringMatching(/^STS\./) });
  }, 60_000);

  it('reads of no key', () => {
    for (const { text } of snippetsOf(handOverFor(asked)).entering) {
      expect(text).not.toContain('ACCESS_KEY');
      expect(text).toContain('an ECS instance');
    }
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

  it('leave the partner a role of that name which he had, or which another contract’s events come by', async () => {
    const trust = JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['ecs.aliyuncs.com'] } },
      ],
    });
    await world.call(PARTNER, 'CreateRole', { RoleName: 'let-in', AssumeRolePolicyDocument: trust });
    for (const file of ['let-events-in.sh', 'keep-events-out.sh'])
      world.write(file, named(file, routed).text);
    expect(await sh('let-events-in.sh', world.administrator)).toMatchObject({ status: 0 });
    expect(await sh('keep-events-out.sh', world.administrator)).toEqual({
      status: 0,
      output: expect.stringContaining('let-in was not made for this contract, and stays'),
    });
    expect(await shown()).toContain('let-in');
  }, 60_000);

  it('need nothing where they go to an address', () => {
    const target = { type: 'https', url: 'https://b.example/in', endsByController: true };
    const direct = handOverFor({ grants: [{ ...subscribing, target } as typeof kafkaGrant] });
    expect(every(direct).some(({ file }) => file.includes('events'))).toBe(false);
  });
});
