import { describe, expect, it } from 'vitest';
import { keepDue } from '../../../shared/app/register/keep-due.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Contract, Terms } from '../../../shared/domain/contract.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import { addSeconds, parseInstant } from '../../../shared/domain/values.js';
import { NOW, request } from '../../support/requests.js';

const { contractId, lease } = request();
const approval = (of: number) => ({ of, by: 'auto-approval', planHash: 'p', at: NOW });
const terms: Terms = { revision: 0, request: request(), planHash: 'p', seq: 1, approval: approval(1) };
const until = parseInstant('2026-12-08T00:00:00Z');
const sooner = { ...lease, expiresAt: parseInstant('2027-01-01T00:00:00Z') };
const amendment = {
  ...terms,
  revision: 1,
  request: request({ lease: sooner }),
  seq: 9,
  before: terms,
  event: { source: 's', id: 'e', contentHash: 'h' },
  change: { widens: [], narrows: [] },
};
const contract = (changes: Partial<Contract> = {}): Contract => ({
  ...foldContract(contractId, []),
  state: 'active',
  epoch: 1,
  terms,
  changedAt: NOW,
  ...changes,
});

/** `<instant> <what>` of each entry that is put back. */
async function kept(of: Contract): Promise<readonly string[]> {
  const keys: string[] = [];
  const index = { put: async (key: string) => void keys.push(key) };
  const ports = { index, clock: { now: () => NOW }, settings: { warningDays: [30] } };
  await keepDue(of, ports as unknown as Ports);
  return keys.map((key) => key.replace(/^due\/(.*)\/.*\/(.*)$/, '$1 $2')).sort();
}
const end = `${lease.expiresAt} expiry`;
const warning = `${addSeconds(lease.expiresAt, -30 * 86_400)} warning-30`;

describe('what is put back into the index when it is lost', () => {
  it.each<[string, Contract, readonly string[]]>([
    ['the end of a contract that lives, and its warning', contract(), [end, warning]],
    ['the end of one that is suspended', contract({ state: 'suspended' }), [end, warning]],
    [
      'the end that an approved amendment asks for, and that one is at work',
      contract({ amendment }),
      ['2026-12-01T08:25:00Z progress', `${sooner.expiresAt} expiry`, end, warning],
    ],
    [
      'the time-out of a question about an amendment, whose end nobody has approved',
      contract({
        amendment: {
          ...amendment,
          approval: undefined,
          question: { of: 9, planHash: 'p', until, reasons: [] },
        } as never,
      }),
      [`${until} approval-timeout`, end, warning],
    ],
    [
      'that an onboarding is at work',
      contract({ state: 'granting' }),
      ['2026-12-01T08:25:00Z progress', end],
    ],
    [
      'the beginning of a lease that was put off',
      contract({
        terms: { ...terms, request: request({ lease: { ...lease, startsAt: until } }) },
        activated: { roleArn: 'arn', proofs: [], at: NOW },
      } as never),
      [`${until} start`, end, warning],
    ],
    [
      'no beginning of a lease that was renewed from now on, and was open all the while',
      contract({
        terms: { ...amendment, request: request({ lease: { ...lease, startsAt: NOW } }) },
        activated: { roleArn: 'arn', proofs: [], at: lease.startsAt },
      } as never),
      [end, warning],
    ],
    ['nothing of what has ended', contract({ state: 'ended' }), []],
    ['nothing of what came to nothing', contract({ state: 'failed' }), []],
  ])('is %s', async (_, of, expected) => {
    expect(await kept(of)).toEqual([...expected].sort());
  });
});
