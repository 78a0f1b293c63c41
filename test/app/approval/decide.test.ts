import { describe, expect, it } from 'vitest';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { eventOf, NOW, request } from '../../support/requests.js';
import { contractId, nobodysLease, REQUESTED } from '../../support/small-cloud/lease.js';

const { lease } = request();
const asking = (ports: Ports): Ports => ({
  ...ports,
  settings: {
    ...ports.settings,
    approvals: {
      approvers: [{ id: 'boss@a.example', key: { kty: 'EC' } }],
      timeoutSeconds: 86_400,
    } as unknown as Ports['settings']['approvals'],
    admission: {
      ...ports.settings.admission,
      autoApproval: { ...ports.settings.admission.autoApproval, maxLeaseSeconds: 1 },
    },
  },
});

/** What the index has of the contract when a fact of the kind is written: whoever dies right after it leaves this. */
async function indexAt(kind: string, changed: (ports: Ports) => Ports = (ports) => ports) {
  const { cloud, ports } = nobodysLease();
  let there: readonly string[] = [];
  const create: Ports['evidence']['create'] = async (key, body) => {
    if (body.includes(`"kind":"${kind}"`)) there = [...cloud.index.keys()].sort();
    return ports.evidence.create(key, body);
  };
  await admitRequest(REQUESTED, changed({ ...ports, evidence: { ...ports.evidence, create } }));
  return there;
}

describe('before the register says it, the index has', () => {
  it('the end of what is approved', async () => {
    expect(await indexAt('approved')).toContain(`due/${lease.expiresAt}/${contractId}/expiry`);
  });
  it('the time-out of what is asked', async () => {
    expect(await indexAt('awaiting-approval', asking)).toContain(
      `due/${addSeconds(NOW, 86_400)}/${contractId}/approval-timeout`,
    );
  });
});

describe('a question', () => {
  it.each([
    ['for as long as is configured', 86_401, 86_400],
    ['until the end of its lease at most', 86_399, 86_399],
  ])('is open %s', async (_, lasts, isOpenFor) => {
    const { ports, contract } = nobodysLease();
    const expiresAt = addSeconds(NOW, lasts);
    const asked = request({ lease: { ...lease, startsAt: NOW, expiresAt } });
    await admitRequest(JSON.stringify(eventOf(asked)), asking(ports));
    expect((await contract()).terms?.question?.until).toBe(addSeconds(NOW, isOpenFor));
  });
});
