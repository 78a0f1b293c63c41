import { describe, expect, it } from 'vitest';
import { keepRefusal, loadRefusals } from '../../../shared/app/telling/refusals.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds, parseContractId } from '../../../shared/domain/values.js';
import { NOW } from '../../support/requests.js';

const contractId = parseContractId('C-1');
const refused = (code: string) => ({ reasons: [{ code, pointer: '/data', message: 'no' }] });

function bucket() {
  const objects = new Map<string, string>();
  const evidence = {
    create: async (key: string, body: string) => {
      if (objects.has(key)) return 'exists';
      objects.set(key, body);
      return 'created';
    },
    list: async (prefix: string) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    read: async (key: string) => objects.get(key),
  };
  const at = (seconds: number) =>
    ({ evidence, clock: { now: () => addSeconds(NOW, seconds) } }) as unknown as Ports;
  const codes = async () =>
    (await loadRefusals(contractId, at(0).evidence)).flatMap(({ reasons }) =>
      reasons.map(({ code }) => code),
    );
  return { objects, at, codes };
}

describe('refusals of a contract', () => {
  it('are those of no other contract, in the order of their times, each event once', async () => {
    const { at, codes } = bucket();
    await keepRefusal({ key: 'b', contractId }, refused('FIRST'), at(1));
    await keepRefusal({ key: 'a', contractId }, refused('SECOND'), at(2));
    await keepRefusal({ key: 'b', contractId }, refused('AGAIN'), at(3));
    await keepRefusal({ key: 'c', contractId: parseContractId('C-10') }, refused('OF_ANOTHER'), at(4));
    await keepRefusal({ key: 'd', contractId: undefined }, refused('OF_NONE'), at(5));
    expect(await codes()).toEqual(['FIRST', 'SECOND']);
  });

  it.each(['', 'no JSON', 'null', '{"at":"2026-12-01T08:00:00Z"}', '{"reasons":[]}'])(
    'leave out what somebody else put among them: %j',
    async (text) => {
      const { objects, at, codes } = bucket();
      await keepRefusal({ key: 'a', contractId }, refused('OURS'), at(1));
      objects.set(`rejected/${contractId}/z.json`, text);
      expect(await codes()).toEqual(['OURS']);
    },
  );
});
