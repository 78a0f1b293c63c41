import { describe, expect, it } from 'vitest';
import { lookTwice } from '../../../shared/app/drift/drift-look.js';
import { approvedPlan } from '../../../shared/app/plan/approved-plan.js';
import { policyOf } from '../../support/small-cloud/cloud.js';
import { leaseAfter, roleName } from '../../support/small-cloud/lease.js';

/** Codes of what is found where each look sees `by-hand` on the role or not, and how far apart the looks are. */
async function found(seen: readonly boolean[], isCalled: boolean) {
  const { cloud, ports, contract } = await leaseAfter(4);
  cloud.policies.set('by-hand', policyOf('{"Statement":[]}'));
  const { attachmentsOf } = ports.ram;
  const looks: number[] = [];
  const ram: typeof ports.ram = {
    ...ports.ram,
    attachmentsOf: async (name) => {
      const isThere = name === roleName && seen[looks.length] === true;
      looks.push(cloud.now);
      const more = isThere ? [{ policy: { type: 'Custom', name: 'by-hand' } as const }] : [];
      return [...(await attachmentsOf(name)), ...more];
    },
  };
  const settings = { ...ports.settings, absenceSeconds: 7 };
  const now = await contract();
  const look = await lookTwice(now, approvedPlan(now), { isCalled }, { ...ports, ram, settings });
  return { findings: look.findings.length, apart: looks.slice(1).map((at) => (at - (looks[0] ?? 0)) / 1000) };
}

describe('a look for drift', () => {
  it.each<[string, readonly boolean[], boolean, object]>([
    [
      'believes at once that nothing is wrong, where its turn has come',
      [false],
      false,
      { findings: 0, apart: [] },
    ],
    [
      'does not believe so where a change has called for it',
      [false, true],
      true,
      { findings: 1, apart: [7] },
    ],
    [
      'believes that something is wrong which it sees twice',
      [true, true],
      false,
      { findings: 1, apart: [7] },
    ],
    ['does not believe what is over by the second time', [true, false], false, { findings: 0, apart: [7] }],
  ])('%s', async (_, seen, isCalled, expected) => {
    expect(await found(seen, isCalled)).toEqual(expected);
  });
});
