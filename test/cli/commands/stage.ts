/** The cloud on which commands are tried, one for all of them, and how they are run. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Outbox } from '../../../shared/cli/embedded/outbox.js';
import { EMBEDDED_SETTINGS, type Embedded, startEmbedded } from '../../../shared/cli/embedded/start.js';
import { addSeconds, instantOf, parseContractId } from '../../../shared/domain/values.js';
import { sampleSeed } from '../../../shared/loopback/products/seed.js';
import { approvedBy } from '../../support/approvers.js';
import { eventOf, kafkaGrant, OWNER, request } from '../../support/requests.js';
import { type Ran, runCommand } from '../../support/run-command.js';

export const BOSS = 'boss@a.example';
/** There while the cloud is. */
export const folder = join(tmpdir(), `leasehold-cli-${process.pid}`);
export const inFolder = (name: string) => join(folder, name);

export let cloud: Embedded;
export let outbox: Outbox;
/** As somebody would set them who has read what `leasehold up` prints. */
export let env: Record<string, string>;

/** Runs the command in this process, with nobody at a terminal. */
export const leasehold = (args: readonly string[], changes: Record<string, string> = {}): Promise<Ran> =>
  runCommand(args, { ...env, ...changes });

/** Runs the built command, as a process of its own. */
export const built = (args: readonly string[], input = '', node: readonly string[] = []): Promise<Ran> =>
  new Promise((resolve) => {
    const words = [...node, 'dist/cli/leasehold.js', ...args];
    const child = execFile(process.execPath, words, { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
    child.stdin?.end(input);
  });

export const SAMPLE = join('test', 'support', 'events', 'kafka.json');

export async function startStage(): Promise<void> {
  mkdirSync(folder);
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
}

export async function endStage(): Promise<void> {
  await cloud?.close();
  rmSync(folder, { recursive: true });
}

/** Posts a request by command, and gives the first answer. */
export const ask = async (id: string, access: 'read' | 'operate' = 'read') => {
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
export const withKey = ['--key', inFolder('boss.jwk')];
