import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Outbox } from '../../shared/cli/embedded/outbox.js';
import { EMBEDDED_SETTINGS, type Embedded, startEmbedded } from '../../shared/cli/embedded/start.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { sampleSeed } from '../../shared/loopback/products/seed.js';
import { approvedBy } from '../support/approvers.js';
import { eventOf, kafkaGrant, OWNER, PARTNER, request } from '../support/requests.js';
import { type Ran, runCommand } from '../support/run-command.js';

const BOSS = 'boss@a.example';
const folder = mkdtempSync(join(tmpdir(), 'leasehold-cli-'));
const inFolder = (name: string) => join(folder, name);

let cloud: Embedded;
let outbox: Outbox;
/** As somebody would set them who has read what `leasehold up` prints. */
let env: Record<string, string>;

/** Runs the command in this process, with nobody at a terminal. */
const leasehold = (args: readonly string[], changes: Record<string, string> = {}): Promise<Ran> =>
  runCommand(args, { ...env, ...changes });

/** Runs the built command, as a process of its own. */
const built = (args: readonly string[], input = '', node: readonly string[] = []): Promise<Ran> =>
  new Promise((resolve) => {
    const words = [...node, 'dist/cli/leasehold.js', ...args];
    const child = execFile(process.execPath, words, { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
    child.stdin?.end(input);
  });

const SAMPLE = join('test', 'support', 'events', 'kafka.json');

/** Has a process print, as it ends, which of the vendor's packages it has loaded. */
const TELLING_PACKAGES = `data:text/javascript,${encodeURIComponent(`
  import Module from 'node:module';
  process.on('exit', () => {
    const loaded = Object.keys(Module._cache).flatMap((file) => /node_modules[/](@alicloud|ali-oss)[/]/.exec(file)?.[1] ?? []);
    console.error('loaded:', [...new Set(loaded)].sort().join());
  });
`)}`;

beforeAll(async () => {
  env = { PATH: process.env['PATH'] ?? '' };
  const made = await leasehold(['keygen', BOSS, '--out', inFolder('boss.jwk')]);
  const { LEASEHOLD_AUTO_APPROVAL } = approvedBy([]);
  cloud = await startEmbedded({
    seed: sampleSeed(OWNER),
    env: { LEASEHOLD_APPROVERS: `[${made.out}]`, LEASEHOLD_AUTO_APPROVAL: LEASEHOLD_AUTO_APPROVAL! },
  });
  outbox = new Outbox(cloud);
  env = {
    ...env,
    LEASEHOLD_ENDPOINT: cloud.endpoint,
    LEASEHOLD_ACCOUNT: OWNER,
    LEASEHOLD_AUTO_APPROVAL: EMBEDDED_SETTINGS.LEASEHOLD_AUTO_APPROVAL,
    LEASEHOLD_VERDICT_ANSWERS: '2',
    LEASEHOLD_VERDICT_INTERVAL_SECONDS: '0.05',
    LEASEHOLD_ABSENCE_SECONDS: '0.1',
    ALIBABA_CLOUD_ACCESS_KEY_ID: cloud.root.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: cloud.root.accessKeySecret,
  };
}, 60_000);
afterAll(async () => {
  await cloud?.close();
  rmSync(folder, { recursive: true });
});

/** Posts a request by command, and gives the first answer. */
const ask = async (id: string, access: 'read' | 'operate' = 'read') => {
  const now = instantOf(Date.now());
  const data = request({
    contractId: parseContractId(id),
    grants: [{ ...kafkaGrant, access }],
    lease: { startsAt: addSeconds(now, -60), expiresAt: addSeconds(now, 20 * 86_400) },
  });
  const file = inFolder(`${id}.event.json`);
  writeFileSync(file, JSON.stringify(eventOf(data, { id: `ask-${id}`, subject: id })));
  expect(await leasehold(['post', file])).toMatchObject({ code: 0 });
  return outbox.answerTo(id, ['granted', 'approval-needed', 'rejected', 'failed']);
};
const withKey = ['--key', inFolder('boss.jwk')];

describe('the built command', () => {
  it('is there, and ends with 2 and one plain line for what it cannot do', async () => {
    const failed = await built(['verify', inFolder('boss.jwk')]);
    expect(failed).toEqual({
      code: 2,
      out: '',
      err: 'leasehold: this is no file that "leasehold evidence" has written\n',
    });
  });

  it.each([
    [0, 'help that is asked for', ['list', '--help']],
    [0, 'its version', ['--version']],
    [1, 'a request that is refused', ['plan', inFolder('null.json')]],
    [2, 'an option that there is not', ['list', '--partners']],
    [2, 'a value that an option does not take', ['list', '--due', 'soon']],
    [2, 'a file that is not there', ['plan', inFolder('nowhere.json')]],
  ])('ends with %d for %s', async (code, _what, args) => {
    writeFileSync(inFolder('null.json'), 'null');
    expect(await built(args)).toMatchObject({ code });
  });

  it('ends with 2 where what it says cannot be written', async () => {
    const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
    const child = spawn(process.execPath, ['dist/cli/leasehold.js', '--help'], { env, stdio: [...stdio] });
    const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr as Readable)]);
    closeSync(stdio[1]);
    expect([code, said]).toEqual([2, expect.stringContaining('what it says cannot be written')]);
  });

  it('ends well where the reader has seen enough', async () => {
    const child = spawn(process.execPath, ['dist/cli/leasehold.js', '--help'], { env });
    child.stdout.destroy();
    const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
    expect([code, said]).toEqual([0, '']);
  });

  it.each([
    ['', 'help on all commands', ['--help']],
    ['', 'a plan that asks nobody', ['plan', SAMPLE]],
    ['', 'a file that is checked', ['verify', inFolder('boss.jwk')]],
    ['@alicloud', 'an event that is posted', ['post', SAMPLE, '--bus', 'no-such-bus']],
    ['ali-oss', 'the register that is read', ['list']],
  ])('loads no more of the SDKs than %j for %s', async (packages, _what, args) => {
    const { err } = await built(args, '', ['--import', TELLING_PACKAGES]);
    expect(err).toMatch(new RegExp(`^loaded: ${packages}$`, 'm'));
  });
});

describe('leasehold keygen', () => {
  it('keeps the private key to its owner, and prints the public one only', async () => {
    const file = inFolder('other.jwk');
    const made = await leasehold(['keygen', 'other@a.example', '--out', file]);
    expect(made.code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { d, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    expect(JSON.parse(made.out)).toEqual({ id: 'other@a.example', key: { ...rest, kid: undefined } });
    expect(made.err).toContain('beside an older one of the same approver');
    expect(made.out + made.err).not.toContain(d);
  });

  it('overwrites no key', async () => {
    const before = readFileSync(inFolder('boss.jwk'), 'utf8');
    expect(await leasehold(['keygen', ' '])).toMatchObject({
      code: 2,
      err: expect.stringContaining('a name'),
    });
    const again = await leasehold(['keygen', BOSS, '--out', inFolder('boss.jwk')]);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('never overwritten') });
    expect(readFileSync(inFolder('boss.jwk'), 'utf8')).toBe(before);
  });
});

describe('leasehold approve', () => {
  it('shows the plan, and posts nothing while nobody says yes', async () => {
    expect((await ask('K-yes', 'operate')).type).toBe('partner.access.approval-needed');
    const shown = await leasehold(['approve', 'K-yes', ...withKey]);
    expect(shown).toMatchObject({ code: 2, err: expect.stringContaining('nobody is at a terminal') });
    expect(shown.out).toMatch(/Plan hash {2}[0-9a-f]{64}/);
    expect(shown.out).toContain('the auto-approval rule does not cover operate');
    expect(JSON.parse((await leasehold(['list', '--json'])).out)[0]).toMatchObject({
      contractId: 'K-yes',
      state: 'awaiting-approval',
    });
  });

  it('with --yes lets the contract go on', async () => {
    const posted = await leasehold(['approve', 'K-yes', ...withKey, '--yes', '--reason', 'as agreed']);
    expect(posted).toMatchObject({ code: 0, err: '' });
    await outbox.answerTo('K-yes', ['granted']);
    expect((await leasehold(['show', 'K-yes'])).out).toContain(`by ${BOSS}`);
  });

  it('is good for a day, however long the question is open', async () => {
    const { contract, ...besides } = JSON.parse((await leasehold(['show', 'K-yes', '--json'])).out);
    expect(besides).toEqual({ refusals: [] });
    const { jws } = contract.facts.find(({ kind }: { kind: string }) => kind === 'approved').data;
    const { expires } = JSON.parse(Buffer.from(jws.split('.')[1], 'base64url').toString());
    const hours = (Date.parse(expires) - Date.now()) / 3_600_000;
    expect([hours > 23, hours <= 24]).toEqual([true, true]);
  });

  it('says so when nothing waits', async () => {
    const again = await leasehold(['approve', 'K-yes', ...withKey, '--yes']);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(
      /nothing of contract K-yes waits for an answer: it is active, approved by boss@a.example/,
    );
  });

  it.each([
    ['what is no contract id', ['../K'], 'a contract id has'],
    ['an end that is no instant', ['K-open', '--expires', 'tomorrow'], 'is not an instant'],
    ['an end that is past', ['K-open', '--expires', '2020-01-01T00:00:00Z'], 'the answer was good until'],
    ['the requester’s own name', ['K-open', '--as', 'contracts@a.example'], 'cannot approve it'],
    ['a bucket that is not there', ['K-open', '--bucket', 'no-such-bucket'], 'LEASEHOLD_EVIDENCE_BUCKET'],
    ['more words than an event carries', ['K-open', '--reason', 'x'.repeat(4096)], 'the reason is too long'],
  ])('refuses %s in plain words', async (_, args, words) => {
    if (args[0] === 'K-open') await ask('K-open', 'operate');
    const refused = await leasehold(['approve', ...args, ...withKey, '--yes']);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(words);
    expect(refused.err).not.toContain('    at ');
  });

  it('refuses, where it is told who may approve, a key of somebody else, before anything is posted', async () => {
    const made = await leasehold(['keygen', 'else@a.example', '--out', inFolder('else.jwk')]);
    const known = { LEASEHOLD_APPROVERS: `[${made.out}]` };
    const refused = await leasehold(['approve', 'K-open', ...withKey, '--yes'], known);
    expect(refused).toMatchObject({ code: 2, err: 'the signature names nobody who may approve' });
    expect(refused.out).not.toContain('posted');
  });

  it('answers no for a contract that nobody knows', async () => {
    const refused = await leasehold(['approve', 'K-unknown', ...withKey, '--yes']);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining('the register does not know it'),
    });
  });

  it('refuses a key file that holds none, and never quotes it', async () => {
    const secret = 'a-secret-that-is-no-json';
    writeFileSync(inFolder('bad.jwk'), secret);
    const refused = await leasehold(['approve', 'K-open', '--key', inFolder('bad.jwk'), '--yes']);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('is not JSON') });
    expect(refused.err).not.toContain(secret);
    const missing = await leasehold(['approve', 'K-open', '--key', inFolder('none.jwk'), '--yes']);
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('cannot be read') });
  });
});

describe('leasehold decline', () => {
  it('wants a reason, and is final', async () => {
    await ask('K-no', 'operate');
    for (const none of [[], ['--reason', '']]) {
      const without = await leasehold(['decline', 'K-no', ...withKey, '--yes', ...none]);
      expect(without).toMatchObject({ code: 2, err: expect.stringContaining('--reason') });
    }
    expect((await leasehold(['decline', 'K-no', ...withKey, '--yes', '--reason', 'too wide'])).code).toBe(0);
    await outbox.answerTo('K-no', ['rejected']);
    expect((await leasehold(['show', 'K-no'])).out).toContain('K-no: declined');
  });
});

describe('what is no use', () => {
  it.each([
    ['up', '--port', 'abc', 'a port is a number from 0 to 65535'],
    ['up', '--port', '65536', 'a port is a number from 0 to 65535'],
    ['try', '--at', 'tomorrow', 'is not an instant'],
    ['plan', 'test/support/events/terminate.json', '', 'has no plan'],
    ['try', 'test/support/events/terminate.json', '', 'a trial begins with a partner.onboarding.requested'],
    ['try', inFolder('null.json'), '', 'a CloudEvent needs id, source, type and subject'],
  ])('is told before anything starts: %s %s %s', async (command, first, second, words) => {
    writeFileSync(inFolder('null.json'), 'null');
    const refused = await leasehold([command, first, second].filter((word) => word !== ''));
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
    expect(refused.err).not.toContain('    at ');
  });
});

describe('leasehold list', () => {
  it('prints a table of what is not over', async () => {
    const { code, out } = await leasehold(['list']);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(
      /^CONTRACT +PARTNER +STATE +FROM +UNTIL +REV +GRANTS +SUSPENDED BY +DRIFT SINCE$/,
    );
    expect(out).toMatch(new RegExp(`^K-yes +Globex ${PARTNER} +active +`, 'm'));
    expect(out).not.toMatch(/^K-no /m);
  });

  it.each([
    [['--partner', PARTNER, '--state', 'active'], ['K-yes']],
    [['--due', '30d', '--state', 'active'], ['K-yes']],
    [['--due', '1d'], []],
    [['--partner', '9'.repeat(16)], []],
    [['--state', 'declined'], ['K-no']],
    [['--drift'], []],
  ])('narrows by %j', async (args, ids) => {
    const listed = JSON.parse((await leasehold(['list', ...args, '--json'])).out);
    expect(listed.map((row: { contractId: string }) => row.contractId)).toEqual(ids);
  });

  it.each([
    [['--partner', 'globex'], '16-digit'],
    [['--due', 'soon'], 'days are wanted'],
    [['--state', 'lost'], 'there is requested, awaiting-approval,'],
  ])('refuses %j', async (args, words) => {
    const refused = await leasehold(['list', ...args]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(words) });
  });

  it('says where it cannot get through', async () => {
    const refused = await leasehold(['list'], { LEASEHOLD_ENDPOINT: '127.0.0.1:9' });
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('the cloud cannot be reached') });
  });

  it('says what to do where OSS gives an account no data at its public endpoint, and does without it', async () => {
    cloud.set({ refusesPublicData: true });
    const outside = await leasehold(['list']);
    const inside = await leasehold(['list'], { LEASEHOLD_OSS: 'internal' });
    cloud.set({ refusesPublicData: false });
    expect(outside).toMatchObject({ code: 2, err: expect.stringContaining('LEASEHOLD_OSS=internal') });
    expect(inside).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    'Internal',
    'leasehold-evidence',
    'leasehold-evidence=',
    '=a.example',
    'a=b.example=c.example',
    'a=x/y',
  ])('takes %j for no way to buckets', async (LEASEHOLD_OSS) => {
    const refused = await leasehold(['list'], { LEASEHOLD_OSS });
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('LEASEHOLD_OSS is neither') });
  });

  it('names every variable that is missing, of which an empty one is one', async () => {
    const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: '', ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' };
    const refused = await leasehold(['list'], keys);
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringContaining('set ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET;'),
    });
    expect(await leasehold(['list'], { ALIBABA_CLOUD_SECURITY_TOKEN: '' })).toMatchObject({ code: 0 });
  });

  it('takes the keys of Serverless Devs where there are no others, and only there', async () => {
    const { accessKeyId: AccessKeyID, accessKeySecret: AccessKeySecret } = cloud.root;
    const none = { ALIBABA_CLOUD_ACCESS_KEY_ID: '', ALIBABA_CLOUD_ACCESS_KEY_SECRET: '' };
    expect(await leasehold(['list'], { ...none, AccessKeyID, AccessKeySecret })).toMatchObject({ code: 0 });
    const others = { AccessKeyID: 'another', AccessKeySecret: 'another' };
    expect(await leasehold(['list'], others)).toMatchObject({ code: 0 });
  });

  it('looks into the bucket that the stage names, or an option', async () => {
    const stage = { LEASEHOLD_EVIDENCE_BUCKET: 'no-such-bucket' };
    const none = { code: 2, err: expect.stringContaining('there is no such bucket') };
    expect(await leasehold(['show', 'K-none'], stage)).toMatchObject(none);
    expect(await leasehold(['show', 'K-none', '--bucket', 'no-such-bucket'])).toMatchObject(none);
    const own = await leasehold(['show', 'K-none', '--bucket', cloud.config.evidenceBucket], stage);
    expect(own).toMatchObject({ code: 1, out: 'K-none: unknown to the register\n' });
  });

  it('says which key is wrong', async () => {
    const refused = await leasehold(['list'], { ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' });
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringContaining('ALIBABA_CLOUD_ACCESS_KEY_SECRET'),
    });
  });
});

describe('leasehold post', () => {
  const file = inFolder('slip.event.json');

  it('refuses a type that nothing is done about, and names those that there are', async () => {
    writeFileSync(
      file,
      JSON.stringify({
        id: 'x',
        source: 's',
        type: 'partner.contract.terminate',
        subject: 'K-yes',
        data: {},
      }),
    );
    const refused = await leasehold(['post', file]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('partner.contract.terminated') });
  });

  it('refuses what is too large for a flow to take, of which nobody would ever hear', async () => {
    const event = { id: 'x', source: 's', type: 'partner.onboarding.requested', subject: 'K-large' };
    writeFileSync(file, JSON.stringify({ ...event, data: { reason: 'x'.repeat(62_000) } }));
    const refused = await leasehold(['post', file]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('60 KB') });
  });

  it.each(['post', 'try'])(
    'prints nothing that a terminal obeys, whoever wrote the file (%s)',
    async (command) => {
      const turns = '\u001b]0;x\u0007\u009b31m\u202e\r';
      const event = eventOf(request(), { id: `turns-${command}`, subject: `K${turns}` });
      writeFileSync(file, JSON.stringify(event));
      const { out, err } = await leasehold([command, file]);
      expect(out).toContain('\\u001b');
      expect(`${out}${err}`).not.toMatch(/[\p{Cf}\r]|(?!\n)\p{Cc}/u);
    },
  );

  it('says why a file cannot be read', async () => {
    expect((await leasehold(['post', inFolder('none.json')])).err).toContain('there is none of that name');
    expect((await leasehold(['plan', folder])).err).toContain('it is a folder');
  });
});

describe('leasehold plan', () => {
  const planned = (grant: object, changes: Record<string, string> = {}) => {
    const file = inFolder('plan.event.json');
    const now = instantOf(Date.now());
    const data = request({
      contractId: parseContractId('K-plan'),
      grants: [grant as typeof kafkaGrant],
      lease: { startsAt: addSeconds(now, -60), expiresAt: addSeconds(now, 86_400) },
    });
    // As an editor of Windows saves it.
    writeFileSync(file, `\ufeff${JSON.stringify(eventOf(data, { id: 'plan', subject: 'K-plan' }))}`);
    return leasehold(['plan', file], changes);
  };

  it('says for whose account it plans where nobody said', async () => {
    const own = '3000000000000003';
    expect((await planned(kafkaGrant, { LEASEHOLD_ACCOUNT: own })).err).toBe('');
    expect((await planned(kafkaGrant)).err).toBe('');
    expect((await planned(kafkaGrant, { LEASEHOLD_ACCOUNT: '' })).err).toContain(
      'the account of the samples',
    );
  });

  it('says of a stage that sets no rule and no approvers that it grants nothing', async () => {
    const { code, out } = await leasehold(['plan', inFolder('K-yes.event.json')], {
      LEASEHOLD_AUTO_APPROVAL: '',
    });
    expect({ code, out }).toMatchObject({
      code: 1,
      out: expect.stringContaining('does not cover any lease'),
    });
  });

  it('takes a request from standard input, and what account and register say of it where they are asked', async () => {
    const { data } = JSON.parse(readFileSync(inFolder('K-yes.event.json'), 'utf8'));
    const event = eventOf({ ...data, requestedBy: 'sales@a.example' }, { id: 'other', subject: 'K-yes' });
    const text = JSON.stringify(event);
    expect(await built(['plan', '-'], text)).toMatchObject({ code: 0 });
    const live = await built(['plan', '-', '--live'], text);
    expect(live).toMatchObject({ code: 1, out: expect.stringContaining('CONTRACT_EXISTS') });
  });

  it('says what an amendment widens, and that it waits for an approver', async () => {
    const { data } = JSON.parse(readFileSync(inFolder('K-yes.event.json'), 'utf8'));
    const bus = { service: 'eventbridge', access: 'publish', region: 'cn-hangzhou', eventBus: 'orders' };
    const amended = { ...data, grants: [...data.grants, bus], revision: 1 };
    const file = inFolder('amended.json');
    const type = 'partner.contract.amended';
    writeFileSync(file, JSON.stringify(eventOf(amended, { id: 'amend', type, subject: 'K-yes' })));
    const boss = { id: BOSS, key: JSON.parse(readFileSync(inFolder('boss.jwk'), 'utf8')) };
    const { code, out } = await leasehold(['plan', file], approvedBy([boss]));
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('More than before:') });
    expect(out).toContain('Waits for an approver:');
    const stale = { ...amended, revision: 0 };
    writeFileSync(file, JSON.stringify(eventOf(stale, { id: 'stale', type, subject: 'K-yes' })));
    expect(await leasehold(['plan', file, '--json'])).toMatchObject({ code: 1 });
  });

  it('says what it cannot ask, and what it knows all the same of a policy of the vendor’s', async () => {
    const { out } = await planned({ systemPolicy: 'AliyunOSSFullAccess' });
    expect(out).toContain('the cloud alone can say');
    expect(out).toContain('plan --live');
    expect(out).toContain('NOT_ALLOW_LISTED');
    expect((await planned({ systemPolicy: 'AliyunOSSReadOnlyAccess' })).out).not.toContain(
      'NOT_ALLOW_LISTED',
    );
  });
});

describe('leasehold evidence and verify', () => {
  const json = inFolder('K-yes.json');
  const lines = () => readFileSync(json, 'utf8').split('\n');

  it('write and check what the register holds, request ids included', async () => {
    const written = await leasehold(['evidence', 'K-yes', '--out', folder], {
      LEASEHOLD_APPROVERS: JSON.stringify([
        { id: BOSS, key: { ...JSON.parse(readFileSync(inFolder('boss.jwk'), 'utf8')), d: undefined } },
      ]),
    });
    expect(written).toMatchObject({ code: 0, err: '' });
    const page = readFileSync(inFolder('K-yes.md'), 'utf8');
    expect(page).toMatch(/approved by boss@a\.example; signature checked/);
    const made = cloud.calls.filter(
      ({ action, effect, callerArn }) =>
        effect && action === 'CreateRole' && callerArn?.includes('leasehold-fn-grant'),
    );
    expect(made).toHaveLength(1);
    expect(page).toContain(`| ram:CreateRole | \`${made[0]?.requestId}\` |`);
    const checked = await leasehold(['verify', json]);
    expect(checked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^K-yes: whole, \d+ facts; unanchored/),
    });
  });

  it('hold the chain to what was announced', async () => {
    const { seq, hash } = (await outbox.answerTo('K-yes', ['granted'])).data['register'] as {
      seq: number;
      hash: string;
    };
    const anchored = await leasehold(['verify', json, '--anchor', `${seq}:${hash}`]);
    expect(anchored).toMatchObject({ code: 0, out: expect.stringContaining('; anchored') });
    const off = await leasehold(['verify', json, '--anchor', `${seq}:${'0'.repeat(64)}`]);
    expect(off).toMatchObject({ code: 1, out: expect.stringContaining('NOT WHAT WAS ANNOUNCED') });
    const bad = await leasehold(['verify', json, '--anchor', 'x']);
    expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('<seq>:<hash>') });
  });

  it('name the entry that was changed', async () => {
    const changed = lines().map((line, index) => (index === 3 ? line.replace('boss@', 'loss@') : line));
    writeFileSync(inFolder('changed.json'), changed.join('\n'));
    const broken = await leasehold(['verify', inFolder('changed.json')]);
    expect(broken).toMatchObject({ code: 1, out: expect.stringContaining('BROKEN: fact 3 ') });
  });

  it('name what is missing of a file that was cut off, wherever that was', async () => {
    const text = readFileSync(json, 'utf8');
    const facts = lines().length - 3;
    for (const length of [text.length - 4, text.indexOf('\n', 900) + 1, 2000]) {
      writeFileSync(inFolder('cut.json'), text.slice(0, length));
      const broken = await leasehold(['verify', inFolder('cut.json')]);
      const [, fact] = /BROKEN: fact (\d+) /.exec(broken.out) ?? [];
      expect([broken.code, Number(fact) >= 1 && Number(fact) <= facts + 1]).toEqual([1, true]);
    }
  });

  it('make the folder that they are to write to', async () => {
    const out = inFolder(join('not', 'there'));
    expect(await leasehold(['evidence', 'K-yes', '--out', out])).toMatchObject({
      code: 0,
      out: ['json', 'md'].map((extension) => `${join(out, `K-yes.${extension}`)}\n`).join(''),
    });
  });

  it.each([
    ['nothing can be made', '/proc/nowhere'],
    ['a file is', inFolder('boss.jwk')],
  ])('say so where they are to write to where %s', async (_, out) => {
    const refused = await leasehold(['evidence', 'K-yes', '--out', out]);
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cannot be written') });
  });

  it('answer no for a contract that nobody knows', async () => {
    const unknown = await leasehold(['evidence', 'K-unknown', '--out', folder]);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('unknown to the register') });
  });

  it('name the entry of a register that was tampered with, and write it all the same', async () => {
    await ask('K-broken');
    expect(await leasehold(['evidence', 'K-broken', '--out', folder])).toMatchObject({ code: 0 });
    const key = 'contracts/K-broken/00000002.json';
    const oss = new OSS({
      bucket: cloud.config.evidenceBucket,
      region: 'oss-cn-hangzhou',
      endpoint: cloud.origin,
      ...cloud.root,
    });
    const text = String((await oss.get(key)).content);
    await oss.put(key, Buffer.from(text.replace('auto-approval', 'auto_approval')));
    const broken = await leasehold(['evidence', 'K-broken', '--out', folder]);
    expect(broken).toMatchObject({ code: 1, err: expect.stringContaining('fact 2 of contract K-broken') });
    expect((await leasehold(['verify', inFolder('K-broken.json')])).out).toContain('BROKEN: fact 2 ');
    // What an earlier run wrote beside it says that it is whole.
    expect(existsSync(inFolder('K-broken.md'))).toBe(false);
    const listed = await leasehold(['list']);
    expect(listed).toMatchObject({ code: 1, out: expect.stringContaining('fact 2 of contract K-broken') });
    expect(listed.out).toMatch(/^K-yes /m);
  });
});

describe('leasehold reconcile', () => {
  it('has one contract looked at now, and what was changed by hand is told', async () => {
    const RoleName = roleNameOf(parseContractId('K-yes'));
    const owner = cloud.accounts.rootOf(OWNER);
    const call = (action: string, params: Readonly<Record<string, string>>) =>
      cloud.cloud.call(owner, '2015-05-01', action, params, 'cn-hangzhou');
    const foreign = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess', RoleName };
    await call('AttachPolicyToRole', foreign);
    const started = await leasehold(['reconcile', 'K-yes']);
    expect(started).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^started \S+ of leasehold-reconciliation; .*\nleasehold show K-yes/),
    });
    const drift = await outbox.answerTo('K-yes', ['drift-found']);
    expect(drift.data['findings']).toMatchObject([{ code: 'FOREIGN_POLICY' }]);
    expect(JSON.parse((await leasehold(['list', '--drift', '--json'])).out)).toMatchObject([
      { state: 'BROKEN' },
      { contractId: 'K-yes', driftSince: expect.any(String) },
    ]);
    await call('DetachPolicyFromRole', foreign);
  });

  it('says what it wants where the id is none', async () => {
    expect((await leasehold(['reconcile', 'no/id'])).code).toBe(2);
  });
});

describe('leasehold invoke', () => {
  const input = inFolder('input.json');

  it('prints what the step replies, by its name or by its ARN', async () => {
    const arn = `acs:fc:cn-hangzhou:${OWNER}:functions/leasehold-find-due-work/LATEST`;
    for (const step of ['find-due-work', arn]) {
      const { code, out } = await leasehold(['invoke', step]);
      expect({ code, reply: JSON.parse(out) }).toEqual({ code: 0, reply: { items: [], cursor: '' } });
    }
  });

  it('gives it the input, and ends with 1 where the step fails by that, with what it says', async () => {
    writeFileSync(input, JSON.stringify({ contractId: 'no/id', epoch: 1 }));
    const failed = await leasehold(['invoke', 'verify-access', input]);
    expect([failed.code, JSON.parse(failed.out)]).toEqual([
      1,
      expect.objectContaining({ errorMessage: expect.stringContaining('a contract id has') }),
    ]);
  });

  it.each([
    ['a step of another deployment', ['find-due-work', '--prefix', 'other'], 'other-find-due-work'],
    ['what is no function', ['acs:ram::1:role/x'], 'names no function'],
  ])('ends with 2 for %s', async (_, args, words) => {
    const refused = await leasehold(['invoke', ...args]);
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(words) });
  });
});

describe('leasehold provisioning', () => {
  it('prints what a partner makes, with one ExternalId for one account and another for another', async () => {
    const printed = async (accountId: string) => {
      const { code, out } = await leasehold(['provisioning', accountId, '--json']);
      expect(code).toBe(0);
      return JSON.parse(out) as { readonly trust: string; readonly policy: string };
    };
    const first = await printed(PARTNER);
    expect(JSON.parse(first.trust).Statement).toMatchObject([
      {
        Principal: { RAM: `acs:ram::${OWNER}:role/leasehold-fn-provisioner` },
        Condition: { StringEquals: { 'sts:ExternalId': expect.stringMatching(/^[0-9a-f]{32}$/) } },
      },
    ]);
    expect(await printed(PARTNER)).toEqual(first);
    expect((await printed('3000000000000003')).trust).not.toBe(first.trust);
    const page = await leasehold(['provisioning', PARTNER]);
    expect(page.out).toContain(`aliyun ram CreateRole --RoleName leasehold-provisioning \\\n`);
    expect(page.out).toContain(first.policy);
  });
});

describe('leasehold revoke', () => {
  it('wants a reason', async () => {
    expect(await leasehold(['revoke', 'K-yes'])).toMatchObject({ code: 2 });
  });

  it.each([
    ['no reason', ['--reason', ''], '/data/reason'],
    ['a reason that no event carries', ['--reason', 'x'.repeat(501)], '/data/reason'],
    ['nobody who wants it', ['--reason', 'over', '--by', ''], '/data/requestedBy'],
  ])('posts nothing that Leasehold would refuse, and says why: %s', async (_, args, pointer) => {
    const refused = await leasehold(['revoke', 'K-yes', ...args]);
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(pointer) });
  });

  it('posts a termination', async () => {
    await ask('K-posted');
    expect((await leasehold(['revoke', 'K-posted', '--reason', 'over'])).code).toBe(0);
    const { data } = await outbox.answerTo('K-posted', ['revoked']);
    expect(data).toMatchObject({ reason: 'terminated', detail: 'over', by: expect.any(String) });
  });

  it('ends it from here with --direct, and says what was seen and what was not', async () => {
    const args = ['revoke', 'K-yes', '--direct', '--reason', 'an incident', '--by', 'operator@a.example'];
    const { code, out } = await leasehold(args);
    expect(code).toBe(0);
    expect(out).toMatch(/^K-yes: ended at /);
    expect(out).toMatch(/refused {4}none: no session could be opened/);
    expect(out).toMatch(/removed {4}not seen: .* reads back as deleted/);
    expect(out).toContain('announced  partner.access.revoked');
    const { data } = await outbox.answerTo('K-yes', ['revoked']);
    expect(data).toMatchObject({ detail: 'an incident', by: 'operator@a.example', timeToDenySeconds: 'n/a' });
  });

  it.each([['by event'], ['from here', '--direct']])(
    'closes no id by a slip of the pen, %s',
    async (_, ...how) => {
      const refused = await leasehold(['revoke', 'K-unknwon', ...how, '--reason', 'x']);
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('unknown to the register') });
      expect((await leasehold(['show', 'K-unknwon'])).out).toContain('unknown to the register');
    },
  );

  it('closes one that was never used where that is said', async () => {
    const args = ['revoke', 'K-never', '--close-unknown', '--reason', 'another id is used'];
    expect((await leasehold(args)).code).toBe(0);
    await outbox.answerTo('K-never', ['revoked']);
  });

  it('is for whatever reason, and none of its characters moves what is printed of it', async () => {
    await ask('K-moved');
    const reason = 'over\u001b[2J\u001b[H\nK-moved: active';
    const ended = await leasehold(['revoke', 'K-moved', '--direct', '--reason', reason]);
    expect(ended.code).toBe(0);
    const outputs = [
      ended,
      await leasehold(['show', 'K-moved']),
      await leasehold(['show', 'K-moved', '--json']),
    ];
    for (const { out } of outputs) {
      expect(out).toContain('over\\u001b[2J');
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(out.split('\n')).not.toContain('K-moved: active');
    }
  });
});
