import { describe, expect, it } from 'vitest';
import { claimReasons, standingOf } from '../../../shared/app/admission/judge-request.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { CONTRACT_STATES, type Contract, type ContractState } from '../../../shared/domain/contract.js';
import type { EventKey } from '../../../shared/domain/fact.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { approved, fold, key, requested } from '../../domain/facts.js';
import { OWNER, request } from '../../support/requests.js';

const asked = key('asked');
const otherwise = key('asked-otherwise');
const contract = (state: ContractState): Contract => ({ ...fold(requested(), approved(1)), state });
const standing = (state: ContractState, event: EventKey) => {
  const said = standingOf(contract(state), event);
  return said.kind === 'refuse' ? said.reason.code : said.kind;
};

describe('an event that asks for a contract', () => {
  it.each<[ContractState, string, string]>([
    ['unknown', 'fresh', 'fresh'],
    ['rejected', 'fresh', 'fresh'],
    ['failed', 'fresh', 'fresh'],
    ['ending', 'CONTRACT_ENDED', 'CONTRACT_ENDED'],
    ['ended', 'CONTRACT_ENDED', 'CONTRACT_ENDED'],
    ['declined', 'CONTRACT_DECLINED', 'CONTRACT_DECLINED'],
    ['awaiting-approval', 'repeat', 'fresh'],
    ['requested', 'repeat', 'CONTRACT_EXISTS'],
    ['granting', 'repeat', 'CONTRACT_EXISTS'],
    ['awaiting-grantee', 'repeat', 'CONTRACT_EXISTS'],
    ['active', 'repeat', 'CONTRACT_EXISTS'],
    ['suspended', 'repeat', 'CONTRACT_EXISTS'],
  ])('which is %s, is a %s if it came before, and %s if it asks for something else', (state, same, other) => {
    expect([standing(state, asked), standing(state, otherwise)]).toEqual([same, other]);
  });

  it('is told apart by all of these states', () => {
    expect(CONTRACT_STATES).toHaveLength(12);
  });

  it('whose request nobody has decided about is decided about', () => {
    expect(standingOf(fold(requested()), asked)).toEqual({ kind: 'undecided' });
  });
});

describe('the name of a role', () => {
  it.each([
    ['nobody', undefined, []],
    ['the contract itself', 'C-2026-0142', []],
    ['another contract, whose id has the same hash', 'C-2', ['ROLE_NAME_TAKEN']],
  ])('that is claimed by %s', async (_, claimant, codes) => {
    const plan = planAccess(request({ contractId: parseContractId('C-2026-0142') }), OWNER);
    const evidence = {
      read: async (name: string) => (name === `names/${plan.roleName}` ? claimant : undefined),
    };
    const reasons = await claimReasons(plan, { evidence } as never);
    expect(reasons.map(({ code }) => code)).toEqual(codes);
  });
});
