import { describe, expect, it } from 'vitest';
import { amendAccess } from '../../../shared/app/changing/amend-access.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { wantedAccess } from '../../../shared/app/role/wanted-access.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { fact, key } from '../../domain/facts.js';
import { OWNER } from '../../support/requests.js';
import { policyOf } from '../../support/small-cloud/cloud.js';
import { doorsWith, HANDED_OVER, plan, RULE } from '../../support/small-cloud/doors.js';
import { contractId, roleName } from '../../support/small-cloud/lease.js';

/** Both doors are open, and an amendment of the contract was approved. */
function amending(change: (before: OnboardingRequest) => Partial<OnboardingRequest>) {
  const before = doorsWith(HANDED_OVER).contract.terms?.request as OnboardingRequest;
  const request = { ...before, ...change(before) };
  const { planHash, routes } = planAccess(request, OWNER);
  const epoch = HANDED_OVER.length + 1;
  const asked = { event: key('amendment'), request, revision: 1, planHash, change: NOTHING };
  const doors = doorsWith([
    ...HANDED_OVER,
    fact('amendment-requested', asked),
    fact('approved', { of: epoch, by: 'auto-approval', planHash }),
  ]);
  const { cloud, contract, ports } = doors;
  const { policies, tags, trust, maxSessionSeconds, attachments } = wantedAccess(
    contract,
    plan,
    ports.settings,
  );
  for (const { name, text } of policies) cloud.policies.set(name, policyOf(text, tags));
  cloud.setRole(roleName, { id: 'role-1', trust, maxSessionSeconds, tags, attached: attachments });
  return { ...doors, planned: routes, input: { contractId, epoch } };
}
const NOTHING = { widens: [], narrows: [] };

describe('a rule that is in use', () => {
  it('stays on while its contract is renewed: no event is missed', async () => {
    const { ports, input, planned, done, rules } = amending(({ lease }) => ({
      lease: { ...lease, expiresAt: addSeconds(lease.expiresAt, 86_400) },
    }));
    expect(planned.map(({ rule }) => rule)).toEqual([RULE.rule]);
    await amendAccess(input, ports);
    expect([done, rules.get(RULE.rule)?.isEnabled]).toEqual([[], true]);
  });

  it('stays on while the one that takes its place is made, switched off', async () => {
    const { ports, input, planned, done, rules } = amending(({ grants }) => ({
      grants: grants.map((grant) =>
        'events' in grant ? { ...grant, events: { types: ['order.paid', 'order.sent'] } } : grant,
      ) as OnboardingRequest['grants'],
    }));
    const [next] = planned;
    await amendAccess(input, ports);
    expect(done.filter((step) => step.startsWith(RULE.rule))).toEqual([]);
    expect([rules.get(RULE.rule)?.isEnabled, rules.get(next?.rule ?? '')?.isEnabled]).toEqual([true, false]);
  });
});
