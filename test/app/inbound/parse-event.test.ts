import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../shared/app/inbound/parse-event.js';
import { contractTerminated, suspendRequested } from '../../../shared/schemas/compiled/validators.js';
import { eventOf } from '../../support/requests.js';
import { contractId } from '../../support/small-cloud/lease.js';

const HANDLED = {
  'partner.contract.terminated': contractTerminated,
  'partner.access.suspend.requested': suspendRequested,
};
const parsed = (type: string) =>
  parseEvent(
    JSON.stringify(eventOf({ contractId, requestedBy: 'test', reason: 'over' }, { id: 'one', type })),
    HANDLED,
  );

describe('an event', () => {
  it.each(['toString', 'constructor', '__proto__', 'partner.contract.amended'])(
    'of a type that nobody handles is refused: %s',
    (type) => {
      expect(parsed(type)).toMatchObject({ ok: false, reasons: [{ code: 'UNKNOWN_TYPE' }] });
    },
  );

  it('is another than one that says the same under another type', () => {
    const hashes = Object.keys(HANDLED).map((type) => {
      const one = parsed(type);
      return one.ok ? one.event.key.contentHash : '';
    });
    expect([new Set(hashes).size, hashes.includes('')]).toEqual([2, false]);
  });
});
