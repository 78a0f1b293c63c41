import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXTERNAL_ID, eventbridgeGrant, handOverFor, rabbitmqGrant } from '../../support/hand-overs.js';
import { isInstalled, type LeaseWorld } from '../../support/lease-world.js';
import { contract, every, handOver, named, routed, startWithFiles } from '../../support/snippets.js';

const hasPython = isInstalled('python3', '--version');
const hasTerraform = isInstalled('terraform', 'version');

let world: LeaseWorld;
beforeAll(async () => {
  world = await startWithFiles();
}, 60_000);
afterAll(() => world.close());

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

  it('asks for keys over TLS whatever the command does of itself: until 2024 it took HTTP where a product has both', () => {
    expect(named('set-up.sh').text.match(/aliyun ims CreateAccessKey .*/g)).toEqual([
      expect.stringContaining(' --secure '),
    ]);
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
