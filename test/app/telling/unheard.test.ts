import { describe, expect, it } from 'vitest';
import { isUnheard } from '../../../shared/app/telling/unheard.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { parseInstant } from '../../../shared/domain/values.js';

const contract = { state: 'active', suspensions: [] } as unknown as Contract;
const asked = {
  eventSource: 'contracts',
  eventId: 'S-1',
  eventType: 'partner.access.suspend.requested',
  eventTime: '2026-12-01T08:00:00Z',
} as Parameters<typeof isUnheard>[0];

describe('a suspension that no step could record', () => {
  it.each(['TryLaterError', 'DeniedError', 'FC.Unknown', 'FnF.TaskTimeout', 'UnhandledInvocationError'])(
    'is begun again after %s',
    (code) => {
      expect(isUnheard({ ...asked, code }, contract, parseInstant('2026-12-01T09:00:00Z'))).toBe(true);
    },
  );
  it('is not after what another try does not change', () => {
    const code = 'BrokenPromiseError';
    expect(isUnheard({ ...asked, code }, contract, parseInstant('2026-12-01T09:00:00Z'))).toBe(false);
  });
});
