import { describe, expect, it } from 'vitest';
import { Instance, InstancePool, MAX_INSTANCES } from '../../shared/loopback/function-compute/instances.js';
import { type StartVessel, startProcess } from '../../shared/loopback/function-compute/vessels.js';

/** As many as a region has. */
const MOST = MAX_INSTANCES;
const assignment = { folder: '/', handlerName: 'index.handler', env: {} };

/** Vessels that are loaded at once and do nothing. */
const idle: StartVessel = ({ onMessage }) => ({
  send: () => queueMicrotask(() => onMessage({ kind: 'loaded' })),
  begin: () => () => undefined,
  end: () => undefined,
});

async function taken(pool: InstancePool, key: string, count: number): Promise<readonly Instance[]> {
  const instances: Instance[] = [];
  for (let n = 0; n < count; n++) {
    const one = await pool.take(key, assignment);
    if (one instanceof Instance) instances.push(one);
  }
  return instances;
}

describe('a function that finds all instances made', () => {
  it('gets none while all are at work', async () => {
    const pool = new InstancePool(idle, () => undefined);
    const busy = await taken(pool, 'one', MOST + 10);
    expect(busy).toHaveLength(MOST);
    expect(await pool.take('other', assignment)).toBeUndefined();
    pool.close();
  });
  it("gets the place of another's that does nothing", async () => {
    const pool = new InstancePool(idle, () => undefined);
    for (const instance of await taken(pool, 'one', MOST + 10)) pool.giveBack('one', instance);
    expect(await taken(pool, 'other', 5)).toHaveLength(5);
    pool.close();
  });
});

describe('an instance whose process has died', () => {
  it('answers that it exited, whenever it is sent something', async () => {
    const instance = new Instance(startProcess, () => undefined);
    const exited = { errorType: 'UnhandledInvocationError' };
    instance.end();
    expect(await instance.assign(assignment)).toMatchObject(exited);
    expect(await instance.assign(assignment)).toMatchObject(exited);
  });
});
