import { describe, expect, it } from 'vitest';
import type { OutboundType } from '../../shared/app/telling/outbound.js';
import { TOLD_TYPES, untoldOf } from '../support/told.js';

const EVERY_TYPE: Readonly<Record<OutboundType, true>> = {
  'partner.access.prepared': true,
  'partner.access.granted': true,
  'partner.access.opened': true,
  'partner.access.rejected': true,
  'partner.access.approval-needed': true,
  'partner.access.expiring': true,
  'partner.access.amended': true,
  'partner.access.suspended': true,
  'partner.access.resumed': true,
  'partner.access.drift-found': true,
  'partner.access.revoked': true,
  'partner.access.failed': true,
};

describe('the schema of what is told', () => {
  it('knows every type', () => expect([...TOLD_TYPES].sort()).toEqual(Object.keys(EVERY_TYPE).sort()));

  it.each(Object.keys(EVERY_TYPE))('asks something of %s, and knows what it does not name', (type) => {
    const event = { id: 'e', source: 'l', specversion: '1.0', type, subject: 'C-1', time: 't' };
    const untold = untoldOf({ ...event, data: { gossip: 1 } });
    expect(untold).toContain('/data/gossip is in no schema');
    expect(untold.length).toBeGreaterThan(1);
  });
});
