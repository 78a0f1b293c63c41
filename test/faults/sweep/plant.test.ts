import { describe, expect, it } from 'vitest';
import { Dispatcher } from '../../../shared/loopback/dispatch.js';
import { type Fault, plant, type Scene, type TapedCall } from './faults.js';
import type { Flow } from './flow.js';
import type { Stage } from './stage.js';

const callerArn = 'acs:ram::1:assumed-role/leasehold-fn-grant/leasehold-grant-access-1a2b3c4d';
const GET: TapedCall = { product: 'Ram', action: 'GetRole', actor: 'grant-access', about: '' };
const refused: ReturnType<Fault['at']> extends ReadonlyMap<number, infer Moment> ? Moment : never = {
  before: () => ({ kind: 'error', status: 500, code: 'InternalError' }),
};

/** Which of so many equal calls of Leasehold are refused when the second is to be. */
async function refusedOf(calls: number, scene: Pick<Scene, 'tape' | 'id'>): Promise<readonly number[]> {
  const faults = new Dispatcher(
    () => 0,
    () => undefined,
  );
  const stage = { isAside: false, world: { cloud: { cloud: { faults } } } } as unknown as Stage;
  plant(new Map([[2, refused]]), { stage, flow: {} as Flow, ...scene });
  const hit: number[] = [];
  for (let nth = 1; nth <= calls; nth++) {
    const call = { product: 'Ram', version: '', action: 'GetRole', params: {}, callerArn };
    await faults.run({ ...call, requestId: String(nth) }, () => '').catch(() => hit.push(nth));
  }
  return hit;
}

describe('a fault that is planted', () => {
  it('befalls the call of that number where there is no tape, and no contract either', async () => {
    expect(await refusedOf(4, { tape: [], id: '' })).toEqual([2]);
  });

  it('befalls the call that was recorded, however many of others come before it', async () => {
    const about = '';
    const tape = [
      { ...GET, actor: 'others', about },
      { ...GET, about },
    ];
    expect(await refusedOf(4, { tape, id: 'C-1' })).toEqual([1]);
  });
});
