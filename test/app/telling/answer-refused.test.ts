import { describe, expect, it } from 'vitest';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { eventOf, NOW, request } from '../../support/requests.js';
import { nobodysLease, REQUESTED } from '../../support/small-cloud/lease.js';

const { lease } = request();
const OVER = { startsAt: addSeconds(NOW, -7200), expiresAt: addSeconds(NOW, -3600) };
/** Asks for a lease that is over. */
const IN_VAIN = JSON.stringify(eventOf(request({ lease: { ...lease, ...OVER } }), { id: 'late' }));

describe('a refusal', () => {
  it('is told also where another request of the same contract came just before', async () => {
    const { ports, told, contract } = nobodysLease();
    let isFirst = true;
    const create: Ports['evidence']['create'] = async (key, body) => {
      if (isFirst && body.includes('"kind":"rejected"')) {
        isFirst = false;
        await admitRequest(REQUESTED, ports);
      }
      return ports.evidence.create(key, body);
    };
    const refused = await admitRequest(IN_VAIN, { ...ports, evidence: { ...ports.evidence, create } });
    expect([refused.outcome, (await contract()).terms?.request.lease]).toEqual(['rejected', lease]);
    expect(told.map(({ type, data }) => [type, JSON.stringify(data['event'])])).toEqual([
      ['partner.access.rejected', expect.stringContaining('"late"')],
    ]);
  });
});
