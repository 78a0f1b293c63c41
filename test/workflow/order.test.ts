import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseContractId } from '../../shared/domain/values.js';
import { reasonsIn } from '../support/changes.js';
import { request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const why = { reason: 'test', requestedBy: 'test' };
const answer = { jws: 'eyJhbGciOiJFUzI1NiIsImtpZCI6Im5vYm9keSJ9.e30.c2ln' };
const dataOf: Readonly<Record<string, (contractId: string) => object>> = {
  'contract.amended': (id) => ({ ...request({ contractId: parseContractId(id) }), revision: 1 }),
  'access.suspend.requested': () => why,
  'access.resume.requested': () => ({ ...why, suspension: 's-1' }),
  'onboarding.approved': () => answer,
  'onboarding.declined': () => answer,
};
const kinds = Object.keys(dataOf);
const tell = (kind: string, contractId: string) =>
  world.post({
    id: `${contractId}-${kind.replaceAll('.', '-')}`,
    source: 'test',
    type: `partner.${kind}`,
    subject: contractId,
    data: { contractId, ...dataOf[kind]?.(contractId) },
  });

describe.each(kinds)('partner.%s before its contract', (kind) => {
  it('changes nothing, is answered, and does not keep the contract from beginning', async () => {
    const id = `B-${kind.replaceAll('.', '-')}`;
    const before = world.cloud.calls.length;
    await tell(kind, id);
    expect(reasonsIn(await world.hear(id, 'rejected'))).toEqual([
      kind.startsWith('onboarding') ? 'NOTHING_TO_APPROVE' : 'UNKNOWN_CONTRACT',
    ]);
    expect(world.ramWrites(before)).toEqual([]);
    await world.onboard(id);
    await world.hear(id, 'granted');
  });
});

describe.each(kinds)('partner.%s after the end of its contract', (kind) => {
  it('changes nothing, twice, and is answered', async () => {
    const id = `E-${kind.replaceAll('.', '-')}`;
    await world.terminate(id);
    await world.hear(id, 'revoked');
    const before = world.cloud.calls.length;
    await tell(kind, id);
    await tell(kind, id);
    await world.hear(id, 'rejected');
    await world.calm();
    expect(world.ramWrites(before)).toEqual([]);
    expect((await world.contract(id)).state).toBe('ended');
  });
});

describe('a register that is out of reach or broken', () => {
  const refusing = (action: string) =>
    world.cloud.cloud.faults.add({
      before: (call) =>
        call.product === 'oss' && call.action === action
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });

  it('that answers 503 grants nothing and is told; the request may be posted again', async () => {
    const before = world.cloud.calls.length;
    const undo = refusing('ListObjectsV2');
    await world.onboard('B-503');
    const failed = await world.hear('B-503', 'failed');
    undo();
    expect(failed.data).toMatchObject({ step: 'AdmitRequest', code: 'TryLaterError' });
    expect(world.ramWrites(before)).toEqual([]);
    await world.onboard('B-503');
    await world.hear('B-503', 'granted');
  });

  it('whose chain is broken takes no amendment, and says so', async () => {
    await world.onboard('B-broken');
    await world.hear('B-broken', 'granted');
    const { seq } = await world.contract('B-broken');
    const key = `contracts/B-broken/${String(seq + 1).padStart(8, '0')}.json`;
    await world.evidence().create(key, JSON.stringify({ v: 1, seq: seq + 1, kind: 'resumed', data: {} }));
    const before = world.cloud.calls.length;
    await tell('contract.amended', 'B-broken');
    const failed = await world.hear('B-broken', 'failed');
    expect(failed.data).toMatchObject({ register: 'REGISTER_BROKEN' });
    expect(world.ramWrites(before)).toEqual([]);
  });
});
