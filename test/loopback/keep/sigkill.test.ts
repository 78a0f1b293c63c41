import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventBridgeClient, postEvent } from '../../../shared/cloud/alibaba/events.js';
import { makeRamPort } from '../../../shared/cloud/alibaba/ram.js';
import { OWNER, REGION } from '../../support/requests.js';
import { exportedBy, startUp } from '../../support/up.js';

const KILLS = 3;

let folder: string;
let child: ChildProcess | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-sigkill-'));
});
afterEach(kill);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Up {
  readonly endpoint: string;
  readonly keys: { readonly accessKeyId: string; readonly accessKeySecret: string };
}

/** Starts `leasehold up --data` and reads what it prints for shells. */
async function up(): Promise<Up> {
  const started = startUp(['--data', folder]);
  child = started.child;
  const told = exportedBy(await started.printed);
  return {
    endpoint: told['LEASEHOLD_ENDPOINT'] ?? '',
    keys: {
      accessKeyId: told['ALIBABA_CLOUD_ACCESS_KEY_ID'] ?? '',
      accessKeySecret: told['ALIBABA_CLOUD_ACCESS_KEY_SECRET'] ?? '',
    },
  };
}
async function kill(): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const connectionOf = ({ endpoint, keys }: Up) => ({
  region: REGION,
  owner: OWNER,
  credentials: keys,
  endpoint,
  timeoutMilliseconds: 10_000,
});
const bucketOf = ({ endpoint, keys }: Up) =>
  new OSS({ bucket: 'hammered', region: 'oss-cn-hangzhou', endpoint: `http://${endpoint}`, ...keys });

/** Writes of several services, again and again until the cloud is gone. What was acknowledged is noted. */
async function hammer(its: Up, life: number, acknowledged: Set<string>): Promise<void> {
  const ram = makeRamPort(connectionOf(its));
  const oss = bucketOf(its);
  const events = eventBridgeClient(connectionOf(its));
  const note = (what: string) => {
    acknowledged.add(what);
  };
  const document = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
  const writers = [
    async (n: string) => {
      await oss.put(n, Buffer.from(n));
      note(`object ${n}`);
    },
    async (n: string) => {
      await ram.createPolicy({ name: `hammered-${n}`, document, description: '', tags: {} });
      note(`policy hammered-${n}`);
    },
    async (n: string) => {
      // Refused by its schema, which leaves an object in the register's own prefix: an event, a flow, a function, a write.
      await postEvent(events, 'leasehold', {
        id: `hammered-${n}`,
        source: 'test',
        type: 'partner.onboarding.requested',
        subject: '?',
        time: new Date().toISOString(),
        data: {},
      });
      note(`event H-${n}`);
    },
  ];
  await Promise.all(
    writers.map(async (write) => {
      for (let n = 0; ; n++) {
        try {
          await write(`${life}-${n}`);
        } catch {
          return; // the cloud was killed: whether this one was applied nobody was told
        }
      }
    }),
  );
}

describe('a cloud that keeps its state and is killed at any moment', { timeout: 180_000 }, () => {
  it('has everything that it acknowledged when it is started again', async () => {
    const acknowledged = new Set<string>();
    for (let life = 0; life < KILLS; life++) {
      const its = await up();
      if (life === 0) await bucketOf(its).putBucket('hammered');
      const hammering = hammer(its, life, acknowledged);
      // Any number of acknowledgements later, another one in each life.
      const enough = acknowledged.size + 5 + Math.floor(Math.random() * 60);
      while (acknowledged.size < enough) await new Promise((resolve) => setImmediate(resolve));
      await kill();
      await hammering;
    }
    const its = await up();
    const ram = makeRamPort(connectionOf(its));
    const oss = bucketOf(its);
    const lost: string[] = [];
    for (const what of acknowledged) {
      const [kind, name = ''] = what.split(' ');
      const found =
        kind === 'object'
          ? String((await oss.get(name).catch(() => ({ content: '' }))).content) === name
          : kind === 'policy'
            ? (await ram.readPolicy({ type: 'Custom', name })) !== undefined
            : true;
      if (!found) lost.push(what);
    }
    expect(lost).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(KILLS * 5);
    // Every event that was taken is answered in the end, by a flow that may have been started in an earlier life.
    const posted = [...acknowledged].filter((what) => what.startsWith('event ')).length;
    const rejected = async () => {
      const register = new OSS({
        bucket: 'leasehold-evidence',
        region: 'oss-cn-hangzhou',
        endpoint: `http://${its.endpoint}`,
        ...its.keys,
      });
      const { objects } = await register.listV2({ prefix: 'rejected/', 'max-keys': '1000' }, {});
      return objects?.length ?? 0;
    };
    while ((await rejected()) < posted) await new Promise((resolve) => setImmediate(resolve));
  });
});
