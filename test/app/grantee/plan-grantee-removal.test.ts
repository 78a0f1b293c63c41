import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrantee } from '../../../shared/app/grantee/plan-grantee.js';
import { type LeavingSide, planGranteeRemoval } from '../../../shared/app/grantee/plan-grantee-removal.js';
import { type KnownThing, UNKNOWN, type WantedSide } from '../../../shared/app/grantee/side.js';
import type { Attachment, ObservedUser } from '../../../shared/cloud/ports.js';
import type { ManagedUser } from '../../../shared/domain/request.js';
import { parseInstant } from '../../../shared/domain/values.js';
import {
  anyModel,
  anyWanted,
  applyAll,
  CREATED_AT,
  emptyModel,
  handOver,
  intend,
  type Model,
  OTHER,
  POLICY,
  record,
  TAGS,
  userOf,
  wantedSide,
} from './model.js';

const leavingFor = (wanted: WantedSide, isLast = true): LeavingSide => ({
  tags: TAGS,
  policy: POLICY,
  isLast,
  users: wanted.users.map(({ logonName }) => logonName),
  roles: wanted.roles.map(({ name }) => name),
});
const remove = (wanted: WantedSide, { observed, known }: Model, isLast = true) =>
  planGranteeRemoval(leavingFor(wanted, isLast), observed, known);
/** `wanted` set up from `model`, up to a crash or handed over. */
function setUp(wanted: WantedSide, before: Model, crashAfter?: number): Model {
  const model = intend(before, wanted);
  const planned = planGrantee(wanted, model.observed, model.known);
  const steps = planned.ok ? planned.steps : [];
  return crashAfter === undefined
    ? handOver(applyAll(model, steps), wanted)
    : record(applyAll(model, steps.slice(0, crashAfter)));
}
const change = (model: Model, name: string, changes: Partial<ObservedUser>): Model => {
  const user = model.observed.users.get(name);
  if (user === undefined) throw new Error(`no user ${name}`);
  return {
    ...model,
    observed: {
      ...model.observed,
      users: new Map([...model.observed.users, [name, { ...user, ...changes }]]),
    },
  };
};
const know = (model: Model, name: string, changes: Partial<KnownThing>): Model => ({
  ...model,
  known: {
    ...model.known,
    users: new Map([
      ...model.known.users,
      [name, { ...UNKNOWN, ...model.known.users.get(name), ...changes }],
    ]),
  },
});

const etl: ManagedUser = { logonName: 'etl', access: 'programmatic' };
const both: ManagedUser = { logonName: 'both', access: 'both', acceptsBothAccessModes: true };
const wanted = wantedSide([etl], [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }]);
const ready = setUp(wanted, emptyModel);
const oss: Attachment = { policy: { type: 'System', name: 'AliyunOSSReadOnlyAccess' } };
const own: Attachment = { policy: { type: 'Custom', name: POLICY } };

describe('planning the removal', () => {
  it('cuts first, then keys, then what they hang on, then the policy', () => {
    const person = change(setUp(wantedSide([both]), emptyModel), 'both', { hasMfaDevice: true });
    expect(remove(wantedSide([both]), person).steps.map(({ kind }) => kind)).toEqual([
      'detach',
      'deleteKey',
      'deleteLogin',
      'unbindMfa',
      'deleteUser',
      'deletePolicy',
    ]);
  });

  it('plans nothing when all is gone already', () =>
    expect(remove(wanted, emptyModel)).toEqual({ steps: [], leftBehind: [] }));

  it.each<[string, Partial<ObservedUser>, string]>([
    ['a policy', { attachments: [own, oss] }, 'policy AliyunOSSReadOnlyAccess'],
    [
      'a policy in a resource group',
      { attachments: [own, { ...oss, resourceGroupId: 'rg-1' }] },
      'policy AliyunOSSReadOnlyAccess on rg-1',
    ],
    ['a group', { groups: ['ops'] }, 'group ops'],
    ['a logon at the console', { login: { status: 'Active' } }, 'console logon'],
  ])('disables, keeps and reports a user that was given %s meanwhile', (_case, given, told) => {
    const { steps, leftBehind } = remove(wanted, change(ready, 'etl', given));
    expect(leftBehind).toMatchObject([{ type: 'user', name: 'etl', given: [told] }]);
    expect(steps.filter((step) => 'user' in step).map(({ kind }) => kind)).toEqual(['disableKey']);
  });

  it('leaves a key alone that somebody else made, and reports it', () => {
    const key = ready.observed.users.get('etl')?.keys[0];
    const keys = [...(key === undefined ? [] : [key]), { id: 'theirs', status: 'Active' as const }];
    const { steps, leftBehind } = remove(wanted, change(ready, 'etl', { keys }));
    expect(leftBehind[0]?.given).toEqual(['AccessKey theirs']);
    expect(steps.filter((step) => 'keyId' in step)).toEqual([
      { kind: 'disableKey', user: 'etl', keyId: key?.id },
    ]);
  });

  it('only takes the policy from a user that another contract still uses', () => {
    const shared = know(ready, 'etl', { otherClaims: [OTHER] });
    expect(remove(wantedSide([etl]), shared).steps.map(({ kind }) => kind)).toEqual([
      'detach',
      'detach',
      'deletePolicy',
    ]);
  });

  it('lets the last one out remove what another contract made', () => {
    const elsewhere = change(ready, 'etl', { tags: { 'leasehold-contract': 'C-2' } });
    expect(remove(wantedSide([etl]), elsewhere).steps.map(({ kind }) => kind)).toContain('deleteUser');
  });

  it('takes the policy from whoever else was given it, since it was ours to give', () => {
    const policy = { document: '{}', tags: TAGS, holders: [{ type: 'group' as const, name: 'ops' }] };
    const model = { ...emptyModel, observed: { ...emptyModel.observed, policy } };
    expect(remove(wantedSide([]), model).steps).toEqual([
      { kind: 'detach', principal: { type: 'group', name: 'ops' }, policy: POLICY },
      { kind: 'deletePolicy', policy: POLICY },
    ]);
  });

  it('does so after all else is undone: it may be refused, and what we made must not stay for that', () => {
    const policy = { document: '{}', tags: TAGS, holders: [{ type: 'group' as const, name: 'ops' }] };
    const model = { ...ready, observed: { ...ready.observed, policy } };
    expect(remove(wanted, model).steps.slice(-2)).toEqual([
      { kind: 'detach', principal: { type: 'group', name: 'ops' }, policy: POLICY },
      { kind: 'deletePolicy', policy: POLICY },
    ]);
  });

  it.each<[string, string, boolean]>([
    ['before one was to be made', '2026-03-01T07:00:00Z', false],
    ['since one was to be made', '2026-03-01T08:00:05Z', true],
    ['since then by a clock that is as far behind as clocks may be', '2026-03-01T07:45:00Z', true],
    ['before that by any clock', '2026-03-01T07:44:59Z', false],
  ])('asks of a user with our tags that is on no record when it was made: %s', (_case, at, ours) => {
    const there = userOf({ createdAt: parseInstant(at), tags: TAGS });
    const users = new Map([['etl', there]]);
    const model = { ...emptyModel, observed: { ...emptyModel.observed, users } };
    const { steps } = remove(wantedSide([etl]), intend(model, wantedSide([etl])));
    expect(steps).toEqual(ours ? [{ kind: 'deleteUser', user: 'etl' }] : []);
    expect(remove(wantedSide([etl]), model).steps).toEqual([]);
  });

  it('keeps what a user on no record logs on with: we had not made it yet', () => {
    const there = userOf({
      tags: TAGS,
      keys: [{ id: 'theirs', status: 'Active' }],
      login: { status: 'Active' },
    });
    const users = new Map([['etl', there]]);
    const model = { ...emptyModel, observed: { ...emptyModel.observed, users } };
    const { steps, leftBehind } = remove(wantedSide([etl]), intend(model, wantedSide([etl])));
    expect(steps).toEqual([]);
    expect(leftBehind).toMatchObject([{ name: 'etl', given: ['AccessKey theirs', 'console logon'] }]);
  });

  it('keeps the policy while others of the contract stay', () =>
    expect(remove(wantedSide([etl]), ready, false).steps.map(({ kind }) => kind)).toEqual([
      'detach',
      'deleteKey',
      'deleteUser',
    ]));

  it('only takes the policy from a role that another contract still uses', () => {
    const role = ready.known.roles.get('etl-ecs');
    const roles = new Map([['etl-ecs', { ...UNKNOWN, ...role, otherClaims: [OTHER] }]]);
    const { steps, leftBehind } = remove(wanted, { ...ready, known: { ...ready.known, roles } });
    expect(steps.filter((step) => 'role' in step)).toEqual([]);
    expect(steps).toContainEqual({
      kind: 'detach',
      principal: { type: 'role', name: 'etl-ecs' },
      policy: POLICY,
    });
    expect(leftBehind).toEqual([]);
  });

  it('leaves a policy of that name that somebody else made, and whoever else holds it', () => {
    const policy = {
      document: '{}',
      tags: { ...TAGS, 'leasehold-nonce': 'another' },
      holders: [{ type: 'group' as const, name: 'ops' }],
    };
    const model = { ...emptyModel, observed: { ...emptyModel.observed, policy } };
    expect(remove(wantedSide([]), model).steps).toEqual([]);
  });

  it('keeps and reports a user and a role that were given our policy in a resource group besides', () => {
    const grouped = { ...own, resourceGroupId: 'rg-1' };
    const role = { id: 'r', createdAt: CREATED_AT, ...ready.observed.roles.get('etl-ecs'), tags: TAGS };
    const roles = new Map([['etl-ecs', { ...role, attachments: [own, grouped] }]]);
    const model = change(ready, 'etl', { attachments: [own, grouped] });
    const { leftBehind } = remove(wanted, { ...model, observed: { ...model.observed, roles } });
    const given = [`policy ${POLICY} on rg-1`];
    expect(leftBehind).toMatchObject([
      { type: 'user', name: 'etl', given },
      { type: 'role', name: 'etl-ecs', given },
    ]);
  });

  it('keeps and reports a role that was given more', () => {
    const role = ready.observed.roles.get('etl-ecs');
    const roles = new Map([
      ['etl-ecs', { id: role?.id ?? '', createdAt: CREATED_AT, tags: TAGS, attachments: [own, oss] }],
    ]);
    const { steps, leftBehind } = remove(wanted, { ...ready, observed: { ...ready.observed, roles } });
    expect(leftBehind).toMatchObject([{ type: 'role', name: 'etl-ecs' }]);
    expect(steps.some(({ kind }) => kind === 'deleteRole')).toBe(false);
  });

  it('leaves nothing of ours, from whatever state a crash left', () => {
    fc.assert(
      fc.property(
        anyWanted,
        anyModel,
        fc.option(fc.nat(20), { nil: undefined }),
        (asked, model, crashAfter) => {
          const there = setUp(asked, model, crashAfter);
          const after = applyAll(there, remove(asked, there).steps);
          expect(after.observed.policy).toBeUndefined();
          expect([...after.observed.roles.keys()]).toEqual([]);
          expect(after.observed.users).toEqual(model.observed.users);
          expect(remove(asked, after)).toEqual({ steps: [], leftBehind: [] });
        },
      ),
    );
  });

  it('goes on from a crash of its own', () => {
    fc.assert(
      fc.property(anyWanted, anyModel, fc.nat(20), (asked, model, crashAfter) => {
        const there = setUp(asked, model);
        const crashed = applyAll(there, remove(asked, there).steps.slice(0, crashAfter));
        const after = applyAll(crashed, remove(asked, crashed).steps);
        expect(after.observed.policy).toBeUndefined();
        expect(after.observed.users).toEqual(model.observed.users);
      }),
    );
  });

  it('leaves no user of ours with a key or logon of ours that works, whatever others gave it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(etl, both),
        fc.record({
          groups: fc.constantFrom<string[]>([], ['ops']),
          extra: fc.boolean(),
          theirs: fc.boolean(),
        }),
        (user, { groups, extra, theirs }) => {
          const asked = wantedSide([user]);
          const there = setUp(asked, emptyModel);
          const name = user.logonName;
          const ours = there.observed.users.get(name)?.keys ?? [];
          const given = change(there, name, {
            groups,
            attachments: extra ? [own, oss] : [own],
            keys: theirs ? [...ours, { id: 'theirs', status: 'Active' }] : ours,
          });
          const { steps, leftBehind } = remove(asked, given);
          const left = applyAll(given, steps).observed.users.get(name);
          expect(left === undefined).toBe(leftBehind.length === 0);
          expect(left?.attachments ?? []).not.toContainEqual(own);
          const live = (left?.keys ?? []).filter(({ status }) => status === 'Active').map(({ id }) => id);
          expect(live).toEqual(left !== undefined && theirs ? ['theirs'] : []);
          expect(left?.login?.status ?? 'Inactive').toBe('Inactive');
        },
      ),
    );
  });
});
