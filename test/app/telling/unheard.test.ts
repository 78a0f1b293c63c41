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
  it('is not when the register has it, whoever else has one of that id', () => {
    const at = parseInstant('2026-12-01T09:00:00Z');
    const suspendedBy = (source: string) =>
      ({
        ...contract,
        suspensions: [{ event: { source, id: 'S-1', contentHash: 'h' } }],
      }) as unknown as Contract;
    const code = 'TryLaterError';
    expect(isUnheard({ ...asked, code }, suspendedBy('contracts'), at)).toBe(false);
    expect(isUnheard({ ...asked, code }, suspendedBy('another'), at)).toBe(true);
  });
  it('is for a day, and not of what says no time', () => {
    const begunAgain = (eventTime: string | undefined, now: string) =>
      isUnheard({ ...asked, eventTime, code: 'TryLaterError' } as typeof asked, contract, parseInstant(now));
    expect([
      begunAgain('2026-12-01T08:00:00Z', '2026-12-02T08:00:00Z'),
      begunAgain('2026-12-01T08:00:00Z', '2026-12-02T08:00:01Z'),
      begunAgain(undefined, '2026-12-01T09:00:00Z'),
    ]).toEqual([true, false, false]);
  });
});

describe('an end that no step could record', () => {
  it.each([
    ['active', true],
    ['suspended', true],
    ['unknown', true],
    ['failed', true],
    ['ending', false],
    ['ended', false],
  ] as const)('of a contract that is %s is begun again: %s', (state, again) => {
    const end = { ...asked, eventType: 'partner.contract.terminated', code: 'TryLaterError' };
    expect(isUnheard(end, { ...contract, state }, parseInstant('2026-12-01T09:00:00Z'))).toBe(again);
  });
});

describe('what widens and no step could record', () => {
  it.each(['partner.onboarding.requested', 'partner.contract.amended', 'partner.access.resume.requested'])(
    'such as %s is not begun again',
    (eventType) => {
      const late = { ...asked, eventType, code: 'TryLaterError' };
      expect(isUnheard(late, contract, parseInstant('2026-12-01T09:00:00Z'))).toBe(false);
    },
  );
});
