import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DetachPolicyFromRoleRequest } from '@alicloud/ram20150501';
import OSS from 'ali-oss';
import { afterEach, describe, expect, it } from 'vitest';
import { codeOf, ramClient } from '../loopback/identity-clients.js';
import { approvedBy, newSigner } from '../support/approvers.js';
import { eventOf, OWNER, REGION, request } from '../support/requests.js';
import { CLEAN, COMMAND, exportedBy, startUp } from '../support/up.js';

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  await once(child, 'exit');
});

async function up(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<string> {
  const started = startUp(args, env);
  child = started.child;
  return started.printed;
}

describe('leasehold up', () => {
  it('deploys what the variables of the stage say, but where it is, and prints them for a shell', async () => {
    const stage = {
      ...approvedBy([await newSigner("o'boss@a.example")]),
      LEASEHOLD_ON_DRIFT: 'heal',
      LEASEHOLD_REGIONS: '',
    };
    const elsewhere = {
      LEASEHOLD_ACCOUNT: '9000000000000009',
      LEASEHOLD_REGION: 'cn-beijing',
      LEASEHOLD_ENDPOINT: '127.0.0.1:1',
    };
    const exported = exportedBy(await up({ ...stage, ...elsewhere }));
    const { LEASEHOLD_REGIONS: _, ...said } = stage;
    expect(exported).toMatchObject({ ...said, LEASEHOLD_ACCOUNT: OWNER, LEASEHOLD_REGION: 'cn-hangzhou' });
    // With a difference between what runs and what is exported it would end with 2.
    execFileSync(process.execPath, [COMMAND, 'doctor'], { env: { ...CLEAN, ...exported } });
  });

  it('refuses what is beyond the published rates where that is asked for', async () => {
    const exported = exportedBy(await up({}, ['--rates']));
    const client = ramClient(exported['LEASEHOLD_ENDPOINT'] ?? '', {
      accessKeyId: exported['ALIBABA_CLOUD_ACCESS_KEY_ID'] ?? '',
      accessKeySecret: exported['ALIBABA_CLOUD_ACCESS_KEY_SECRET'] ?? '',
    });
    const detach = () =>
      codeOf(
        client.detachPolicyFromRole(
          new DetachPolicyFromRoleRequest({ roleName: 'x', policyName: 'x', policyType: 'Custom' }),
        ),
      );
    // Ten a second: for so many to be taken they would have to come over ten seconds.
    const codes = await Promise.all(Array.from({ length: 100 }, detach));
    expect(new Set(codes)).toEqual(new Set(['EntityNotExist.Role', 'Throttling.User']));
  });

  it('says what is wrong with them, and starts nothing', async () => {
    const said = await up({
      LEASEHOLD_ON_DRIFT: 'panic',
      LEASEHOLD_WARNING_DAYS: 'soon',
      LEASEHOLD_LOG_DAYS: 'for ever',
    });
    expect(said).toContain('LEASEHOLD_ON_DRIFT is none of report, heal, suspend');
    expect(said).toContain('LEASEHOLD_WARNING_DAYS');
    expect(said).toContain('LEASEHOLD_LOG_DAYS');
    expect(said).not.toContain('    at ');
  });

  it('puts there what events name, also the next time, and tells and keeps whole what Leasehold tells the world', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-up-'));
    const grant = { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_of-ours' };
    const event = eventOf({ ...request(), contractId: 'C-ours', grants: [grant] }, { subject: 'C-ours' });
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify(event));
    const data = join(folder, 'data');
    const first = startUp([file, '--data', data], {
      LEASEHOLD_AUTO_APPROVAL: approvedBy([])['LEASEHOLD_AUTO_APPROVAL'] ?? '',
    });
    child = first.child;
    const printed = await first.printed;
    expect(printed).toMatch(/^# {3}kafka: .*alikafka_of-ours/m);
    const told = new Promise<string>((resolve) => {
      let out = '';
      first.child.stdout?.on('data', (chunk) => {
        out += chunk;
        if (/^ {2}C-ours: .*\n/m.test(out)) resolve(out);
      });
    });
    execFileSync(process.execPath, [COMMAND, 'post', file], { env: { ...CLEAN, ...exportedBy(printed) } });
    const [line = '', type = '', kept = ''] = /^ {2}C-ours: (\S+) {2}(\S+)$/m.exec(await told) ?? [];
    expect(line).toContain(join(data, 'events'));
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ type, subject: 'C-ours' });
    first.child.kill('SIGINT');
    expect(await once(first.child, 'exit')).toEqual([0, null]);
    expect(await up({}, ['--data', data])).toContain('alikafka_of-ours');
    const gone = child === undefined ? undefined : once(child, 'exit');
    child?.kill('SIGINT');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('ends with what to do at the first write that fails, as on a disk that is full', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-up-'));
    const started = startUp(['--data', folder], {}, 20_000);
    child = started.child;
    const told = exportedBy(await started.printed);
    let err = '';
    started.child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    const exit = once(started.child, 'exit');
    const bucket = new OSS({
      bucket: 'large',
      region: `oss-${REGION}`,
      endpoint: `http://${told['LEASEHOLD_ENDPOINT']}`,
      accessKeyId: told['ALIBABA_CLOUD_ACCESS_KEY_ID'] ?? '',
      accessKeySecret: told['ALIBABA_CLOUD_ACCESS_KEY_SECRET'] ?? '',
    });
    await bucket.putBucket('large');
    await expect(bucket.put('too-large', Buffer.alloc(11_000_000))).rejects.toThrow();
    expect(await exit).toEqual([2, null]);
    expect(err).toContain(`nothing more can be kept in ${folder}: EFBIG`);
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends with what to do when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const said = await up({}, ['--port', String(port)]);
    holder.close();
    expect(said).toContain(`cannot listen on port ${port}`);
    expect(said).toContain('--port');
  });
});
