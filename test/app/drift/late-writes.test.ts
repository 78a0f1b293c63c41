import { describe, expect, it } from 'vitest';
import { areLateWrites } from '../../../shared/app/drift/late-writes.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import type { AccessStep } from '../../../shared/app/role/plan-convergence.js';
import type { Contract, Terms } from '../../../shared/domain/contract.js';
import type { AccountId } from '../../../shared/domain/values.js';
import { kafkaGrant, OWNER, REGION, request } from '../../support/requests.js';

const bus = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;
const system = { systemPolicy: 'AliyunKafkaReadOnlyAccess' } as const;
const planOf = (asked: ReturnType<typeof request>) => planAccess(asked, OWNER as AccountId);
const termsOf = (seq: number, changes: Parameters<typeof request>[0], before?: Terms): Terms => {
  const asked = request(changes);
  const { planHash } = planOf(asked);
  return { revision: seq, request: asked, planHash, seq, ...(before === undefined ? {} : { before }) };
};
const held = termsOf(1, {});
const now = termsOf(2, { grants: [bus] }, held);
const tried = termsOf(3, { grants: [kafkaGrant, bus, system], restrict: { maxSessionSeconds: 7200 } }, now);
const contract = {
  requested: { owner: OWNER, request: held.request },
  terms: now,
  tried: [tried],
} as unknown as Contract;

const setBack = ({ request: asked }: Terms): AccessStep => {
  const [policy] = planOf(now.request).policies;
  return { kind: 'setDocument', policy: policy!, was: planOf(asked).policies[0]!.text };
};
const shortSession: AccessStep = { kind: 'setMaxSession', seconds: 3600, was: 7200 };
const foreign: AccessStep = {
  kind: 'detach',
  attachment: { policy: { type: 'System', name: 'AdministratorAccess' } },
};

describe('what differs on a role', () => {
  it.each<[string, readonly AccessStep[]]>([
    ['the document of terms that were tried', [setBack(tried)]],
    ['the document of terms that held before', [setBack(held)]],
    ['the session of terms that were tried', [shortSession]],
    [
      'a system policy that they attach',
      [{ kind: 'detach', attachment: { policy: { type: 'System', name: system.systemPolicy } } }],
    ],
    [
      'a policy that they make',
      [{ kind: 'deletePolicy', name: planOf(tried.request).policies[0]!.name }, shortSession],
    ],
  ])('is a late write of Leasehold’s own, where it is %s', (_, steps) => {
    expect(areLateWrites(contract, steps)).toBe(true);
  });

  it.each<[string, readonly AccessStep[]]>([
    ['nothing at all', []],
    [
      'a document that no terms know',
      [{ ...setBack(tried), was: '{"Version":"1","Statement":[]}' } as AccessStep],
    ],
    ['a foreign policy', [foreign]],
    ['a foreign policy beside such a write', [setBack(tried), foreign]],
    ['another session', [{ ...shortSession, was: 43_200 }]],
    ['the trust policy', [{ kind: 'setTrust', trust: '{}', was: '{}' }]],
    ['a policy that is missing', [{ kind: 'createPolicy', policy: planOf(now.request).policies[0]! }]],
  ])('is none, where it is %s', (_, steps) => {
    expect(areLateWrites(contract, steps)).toBe(false);
  });

  it('is none by terms whose plan is another by now', () => {
    const changed = { ...contract, tried: [{ ...tried, planHash: 'another' }] } as unknown as Contract;
    expect(areLateWrites(changed, [setBack(tried)])).toBe(false);
  });
});
