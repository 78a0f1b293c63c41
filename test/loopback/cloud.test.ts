import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventBridgeClient, postEvent } from '../../shared/cloud/alibaba/events.js';
import { makeRealClock, type RunnableClock } from '../../shared/loopback/clock.js';
import { type ServiceMaker, startCloud } from '../../shared/loopback/cloud.js';
import { eventBridgeService } from '../../shared/loopback/eventbridge/service.js';
import { functionComputeService } from '../../shared/loopback/function-compute/service.js';
import { keepIn } from '../../shared/loopback/keep/folder.js';
import { forgetful } from '../../shared/loopback/keep/keeper.js';
import { OWNER, REGION } from '../support/requests.js';

let folder: string;
let ended: string[];
let holder: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-cloud-'));
  ended = [];
});
afterEach(() => {
  holder?.close();
  holder = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const noting = (what: string): ServiceMaker => {
  return () => ({ close: () => void ended.push(what) });
};
const failing = (what: string): (() => never) => {
  return () => {
    throw new Error(`planted in ${what}`);
  };
};
function notedClock(): RunnableClock {
  const clock = makeRealClock();
  const { close } = clock;
  return Object.assign(clock, {
    close: () => {
      ended.push('clock');
      close.call(clock);
    },
  });
}
const start = (services: readonly ServiceMaker[], port?: number) =>
  startCloud({
    data: folder,
    clock: notedClock(),
    services: [noting('part'), ...services],
    ...(port === undefined ? {} : { port }),
  });
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const outcome = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error')]);
  server.close();
  return outcome === true;
}

describe('a cloud that cannot start', () => {
  it('ends what it had begun, and leaves its folder to others, when the port is taken', async () => {
    holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(start([], port)).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
    expect(ended).toEqual(['part', 'clock']);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('does so too when a product cannot be made', async () => {
    await expect(start([failing('making')])).rejects.toThrow('planted in making');
    expect(ended).toEqual(['part', 'clock']);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('does so too, and gives the port free, when a product cannot go on', async () => {
    const first = await start([]);
    const port = Number(first.endpoint.split(':')[1]);
    await first.close();
    ended = [];
    await expect(start([() => ({ resume: failing('resuming') })])).rejects.toThrow('planted in resuming');
    expect(ended).toEqual(['part', 'clock']);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    expect(await isFree(port)).toBe(true);
  });

  it('leaves no process of functions when the code of one is missing in the folder', async () => {
    const keeper = keepIn(folder);
    keeper.table('function-compute/functions').put('one', { codeChecksum: 'gone' });
    await keeper.close();
    const processes = () =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap').length;
    const before = processes();
    await expect(start([(its) => functionComputeService(its)])).rejects.toThrow('is not whole');
    expect(processes()).toBe(before);
  });

  it('ends its clock when the folder is used by another', async () => {
    const first = await start([]);
    ended = [];
    await expect(start([])).rejects.toThrow('uses this folder');
    expect(ended).toEqual(['clock']);
    await first.close();
  });
});

describe('a cloud with a folder', () => {
  it('has the port that it had, or another one when any is asked for', async () => {
    const first = await start([]);
    await first.close();
    const again = await start([]);
    expect(again.endpoint).toBe(first.endpoint);
    await again.close();
    holder = createServer().listen(Number(first.endpoint.split(':')[1]), '127.0.0.1');
    await once(holder, 'listening');
    const elsewhere = await start([], 0);
    expect(elsewhere.endpoint).not.toBe(first.endpoint);
    await elsewhere.close();
  });
});

describe('a cloud whose keeper cannot write any more', () => {
  it('tells of it, refuses calls in the words of the product that is asked, and says why when it is closed', async () => {
    let isFull = false;
    const why = new Error('ENOSPC: planted');
    let tell: (failure: Error) => void = () => undefined;
    const saved = () => {
      if (!isFull) return Promise.resolve();
      tell(why);
      return Promise.reject(why);
    };
    const failed = new Promise<Error>((resolve) => {
      tell = resolve;
    });
    const cloud = await startCloud({
      data: { ...forgetful, saved, failed, close: saved },
      services: [eventBridgeService],
    });
    const { rootAccessKey: credentials } = cloud.accounts.createAccount(OWNER);
    await cloud.cloud.call(
      cloud.accounts.rootOf(OWNER),
      '2020-04-01',
      'CreateEventBus',
      { EventBusName: 'in' },
      REGION,
    );
    const client = eventBridgeClient({
      region: REGION,
      owner: OWNER,
      credentials,
      endpoint: cloud.endpoint,
      timeoutMilliseconds: 5_000,
    });
    const post = (id: string) =>
      postEvent(client, 'in', {
        id,
        source: 'test',
        type: 't',
        subject: 's',
        time: new Date().toISOString(),
        data: {},
      });
    await post('one');
    isFull = true;
    const refused = await post('two').catch((error: Error) => error);
    expect(String((refused as { readonly cause?: unknown }).cause ?? refused)).toContain('ENOSPC: planted');
    expect(await cloud.failed).toBe(why);
    await expect(cloud.close()).rejects.toBe(why);
  });
});
