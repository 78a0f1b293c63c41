import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseContractId } from '../../../shared/domain/values.js';
import { handOverFor } from '../../support/hand-overs.js';
import { type LeaseWorld, startLeaseWorld } from '../../support/lease-world.js';
import { kafkaGrant, PARTNER, request } from '../../support/requests.js';
import { every, named, routed } from '../../support/snippets.js';

let world: LeaseWorld;
const sh = (file: string, env: Readonly<Record<string, string>> = {}, ...args: readonly string[]) =>
  world.run('sh', [file, ...args], env);

beforeAll(async () => {
  world = await startLeaseWorld();
}, 60_000);
afterAll(() => world.close());

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
