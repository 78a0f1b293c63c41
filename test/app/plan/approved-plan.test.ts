import { describe, expect, it } from 'vitest';
import { approvedPlan, planOfHash } from '../../../shared/app/plan/approved-plan.js';
import { changeOf } from '../../../shared/app/plan/compare-plans.js';
import { EARLIER_GUARDS } from '../../../shared/app/plan/earlier-guards.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { parsePolicy } from '../../../shared/policy/index.js';
import { guardedActions } from '../../../shared/services/index.js';
import { OWNER, request } from '../../support/requests.js';

const contractWith = (planHash: string) =>
  ({
    contractId: request().contractId,
    requested: { owner: OWNER, request: request() },
    terms: { request: request(), planHash },
  }) as unknown as Contract;

const guards = EARLIER_GUARDS.map((guarded) => ({ guarded, of: planAccess(request(), OWNER, guarded) }));

describe('a plan that was approved', () => {
  it('is known with what the guard denies today', () => {
    const today = planAccess(request(), OWNER);
    expect(approvedPlan(contractWith(today.planHash))).toEqual(today);
  });

  it.each(guards)('is known with what the guard denied before, and keeps that', ({ guarded, of }) => {
    const plan = approvedPlan(contractWith(of.planHash));
    expect(plan).toEqual(of);
    const denied = plan.policies
      .flatMap(({ text }) => parsePolicy(text).statements)
      .map(({ actions }) => actions);
    expect(denied).toContainEqual(guarded);
  });

  it.each(guards)('is not widened by an amendment that brings the guard of today', ({ of }) => {
    expect(changeOf(of, planAccess(request(), OWNER)).widens).toEqual([]);
  });

  it('is none where nothing that a guard ever denied makes its hash', () => {
    expect(planOfHash({ request: request(), planHash: 'another' }, OWNER)).toBeUndefined();
    expect(() => approvedPlan(contractWith('another'))).toThrow('differs from the one that was approved');
  });
});

/** Whoever changes the guard keeps what it was in `EARLIER_GUARDS`: contracts that live by it are amended and resumed all the same. */
describe('the hash of a plan', () => {
  it('is what it is with what the guard denies today', () => {
    expect(planAccess(request(), OWNER).planHash).toBe(
      '02e0b35cfb9091a5f7bfea10f2201d5b37ae529192301162ba72d327492a4529',
    );
  });

  it.each([['ebd9115d7df33749d75e6988b4de1229c4f0c41d714c1546c82edb893eb5d5b3']])(
    'was %s, and its plan is known still',
    (planHash) => {
      expect(planOfHash({ request: request(), planHash }, OWNER)?.planHash).toBe(planHash);
    },
  );

  it('tells every guard from every other', () => {
    const hashes = [guardedActions, ...EARLIER_GUARDS].map(
      (one) => planAccess(request(), OWNER, one).planHash,
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
