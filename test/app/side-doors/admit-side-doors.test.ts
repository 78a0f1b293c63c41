import { describe, expect, it } from 'vitest';
import { approvalReasons } from '../../../shared/app/plan/auto-approval.js';
import { changeOf } from '../../../shared/app/plan/compare-plans.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { printPlan } from '../../../shared/app/plan/print-plan.js';
import { type SideDoorFacts, sideDoorReasons } from '../../../shared/app/side-doors/admit-side-doors.js';
import { DEFAULT_ADMISSION } from '../../../shared/domain/admission-settings.js';
import type { AclEntry, ObservedDataPlane } from '../../../shared/domain/data-plane.js';
import type { Grant } from '../../../shared/domain/grant.js';
import type { ObservedRoute } from '../../../shared/domain/route.js';
import { OWNER, request } from '../../support/requests.js';
import { grantee, kafkaDoor, rocketmqDoor, ruleDoor } from '../../support/side-doors.js';

type Changes = Parameters<typeof request>[0];
const planFor = (changes: Changes) => planAccess(request(changes), OWNER);
const FREE: ObservedDataPlane = { isAclOn: true, entries: [], forEveryone: [] };

/** The reasons when there is this under every name that would be made. */
function reasons(
  changes: Changes,
  there: { readonly account?: ObservedDataPlane | undefined; readonly rule?: ObservedRoute | undefined } = {
    account: FREE,
    rule: {},
  },
) {
  const asked = request(changes);
  const plan = planAccess(asked, OWNER);
  const facts: SideDoorFacts = {
    accounts: new Map(plan.accounts.map(({ account }) => [account, there.account])),
    routes: new Map(plan.routes.map(({ rule }) => [rule, there.rule])),
  };
  return sideDoorReasons(asked, plan, facts).map(({ code, pointer }) => `${code} ${pointer}`);
}
const entry: AclEntry = {
  resourceType: 'Topic',
  resourceName: 'invoices',
  match: 'exact',
  operation: 'Read',
  effect: 'allow',
  from: [],
};

describe('a request for an account in a data plane', () => {
  it.each([
    ['kafka', kafkaDoor()],
    ['rocketmq5', rocketmqDoor()],
  ])('of %s is taken when nothing is in its way', (_, grant) => {
    expect(reasons({ grantee, grants: [grant] })).toEqual([]);
  });

  it('without a key that its password could be sealed to is refused', () => {
    expect(reasons({ grants: [kafkaDoor()] })).toEqual(['KEY_MISSING /data/grantee/publicKey']);
  });

  it('that shall be used from some addresses only is refused, and so is a rule', () => {
    const restrict = { sourceIps: ['203.0.113.0/24'] };
    for (const grant of [kafkaDoor(), ruleDoor()])
      expect(reasons({ grantee, restrict, grants: [grant] })).toEqual([
        'CANNOT_RESTRICT /data/restrict/sourceIps',
      ]);
  });

  it.each<[string, ObservedDataPlane | undefined, string]>([
    ['on an instance that is not there', undefined, 'NO_INSTANCE'],
    ['on an instance whose ACL is off', { ...FREE, isAclOn: false }, 'ACL_OFF'],
    ['under a name that somebody has', { ...FREE, account: { isEnabled: true } }, 'NAME_TAKEN'],
    ['under a name that has ACLs already', { ...FREE, entries: [entry] }, 'NAME_TAKEN'],
    ['where everybody may more than is asked for', { ...FREE, forEveryone: [entry] }, 'OPEN_TO_EVERYONE'],
  ])('%s is refused, at the grant that it is about', (_, account, code) => {
    const grants: readonly Grant[] = [ruleDoor(), kafkaDoor()];
    expect(reasons({ grantee, grants }, { account, rule: {} })).toEqual([`${code} /data/grants/1`]);
  });
});

describe('a request for a rule', () => {
  it.each<[string, ObservedRoute | undefined, string]>([
    ['on a bus that is not there', undefined, 'NO_BUS'],
    [
      'under a name that somebody has',
      { rule: { pattern: '{}', isEnabled: true, targets: [] } },
      'NAME_TAKEN',
    ],
  ])('%s is refused', (_, rule, code) => {
    expect(reasons({ grants: [ruleDoor()] }, { rule })).toEqual([`${code} /data/grants/0`]);
  });
});

describe('the plan of side doors', () => {
  it('is part of what is approved', () => {
    const hashes = [
      planFor({ grantee, grants: [kafkaDoor()] }),
      planFor({ grantee, grants: [kafkaDoor({ topics: ['invoices'] })] }),
      planFor({ grantee, grants: [ruleDoor()] }),
      planFor({ grantee, grants: [ruleDoor({ events: { types: ['t'] } })] }),
    ].map(({ planHash }) => planHash);
    expect(new Set(hashes).size).toBe(4);
  });

  it('wants an approver unless the rule says that it may end by Leasehold alone', () => {
    const rule = { ...DEFAULT_ADMISSION.autoApproval, maxLeaseSeconds: 1e9, allowUnavoidablyWider: true };
    const asked = request({ grantee, grants: [ruleDoor()] });
    const uncovered = (allowEndsByController: boolean) =>
      approvalReasons(asked, planAccess(asked, OWNER), { ...rule, allowEndsByController }).length;
    expect([uncovered(false), uncovered(true)]).toEqual([1, 0]);
  });

  it('is compared entry by entry and rule by rule: what is new widens, what is gone narrows', () => {
    const change = (before: readonly Grant[], after: readonly Grant[]) =>
      changeOf(planFor({ grantee, grants: before }), planFor({ grantee, grants: after }));
    const topics = { topics: ['orders', 'invoices'] };
    expect(change([kafkaDoor()], [kafkaDoor(topics)])).toEqual({
      widens: ['Write on Topic invoices by an account of Kafka instance alikafka_pre-cn-x1 (cn-hangzhou)'],
      narrows: [],
    });
    expect(change([kafkaDoor(topics)], [kafkaDoor()]).widens).toEqual([]);
    expect(change([kafkaDoor(topics)], [kafkaDoor()]).narrows).toHaveLength(1);
    const other = ruleDoor({
      target: { type: 'https', url: 'https://b.example/secret-path', endsByController: true },
    });
    const moved = change([ruleDoor()], [other]);
    expect([moved.widens.length, moved.narrows.length]).toEqual([1, 1]);
    expect(JSON.stringify(moved)).not.toContain('secret-path');
  });

  it('is printed with what ends it, and with no path of an endpoint', () => {
    const https = { type: 'https', url: 'https://b.example/secret-path', endsByController: true };
    const text = printPlan(
      planFor({ grantee, grants: [kafkaDoor(), rocketmqDoor(), ruleDoor({ target: https })] }),
    );
    expect(text).toContain('Write on Topic orders');
    expect(text).toContain('Ended by Leasehold running, not by RAM');
    expect(text).toContain('an endpoint on b.example');
    expect(text).not.toContain('secret-path');
  });
});
