import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrantee } from '../../../shared/app/grantee/plan-grantee.js';
import { type GranteeStep, UNKNOWN, type WantedSide } from '../../../shared/app/grantee/side.js';
import { isExisting, type ManagedUser } from '../../../shared/domain/request.js';
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
  TAGS,
  userOf,
  wantedSide,
} from './model.js';

const plan = (wanted: WantedSide, model: Model) => {
  const { observed, known } = intend(model, wanted);
  return planGrantee(wanted, observed, known);
};
const stepsOf = (wanted: WantedSide, model: Model): readonly GranteeStep[] => {
  const planned = plan(wanted, model);
  return planned.ok ? planned.steps : [];
};
const kinds = (wanted: WantedSide, model: Model) =>
  stepsOf(wanted, model).map((step) => `${step.kind}${'user' in step ? ` ${step.user}` : ''}`);
const codes = (users: readonly ManagedUser[], model: Model) => {
  const planned = plan(wantedSide(users), model);
  return planned.ok ? [] : planned.reasons.map(({ code, pointer }) => `${code} ${pointer}`);
};
const withUsers = (users: Readonly<Record<string, ReturnType<typeof userOf>>>): Model => ({
  ...emptyModel,
  observed: { ...emptyModel.observed, users: new Map(Object.entries(users)) },
});
const etl: ManagedUser = { logonName: 'etl', access: 'programmatic' };

describe('planning the grantee’s side', () => {
  it('makes the policy, then each user with what it logs on with, and lets it in last', () => {
    const wanted = wantedSide([
      { logonName: 'alice', access: 'console', displayName: 'Alice', tags: { team: 'ops' } },
      etl,
    ]);
    expect(kinds(wanted, emptyModel)).toEqual([
      'createPolicy',
      'createUser alice',
      'createLogin alice',
      'attach',
      'createUser etl',
      'createKey etl',
      'attach',
    ]);
    expect(stepsOf(wanted, emptyModel)[1]).toMatchObject({
      displayName: 'Alice',
      tags: { team: 'ops', ...TAGS },
    });
  });

  it('leaves a policy as it is that says the same in other white space, and writes one that says something else', () => {
    const { document, name } = wantedSide([]).policy;
    const withPolicy = (text: string): Model => ({
      ...emptyModel,
      observed: { ...emptyModel.observed, policy: { document: text, tags: TAGS, holders: [] } },
    });
    const spaced = JSON.stringify(JSON.parse(document), null, 2);
    expect(stepsOf(wantedSide([]), withPolicy(spaced))).toEqual([]);
    expect(stepsOf(wantedSide([]), withPolicy('{"Version":"1","Statement":[]}'))).toEqual([
      { kind: 'setPolicyDocument', policy: name, document },
    ]);
  });

  it('shows a user by the logon name, as much of it as a display name holds', () => {
    const displayName = 'a'.repeat(24);
    const wanted = wantedSide([{ ...etl, logonName: `${displayName}.of.a.long.name` }]);
    expect(stepsOf(wanted, emptyModel)[1]).toMatchObject({ kind: 'createUser', displayName });
  });

  it('gives an existing user the policy, and nothing else', () => {
    const model = withUsers({ bob: userOf({ keys: [{ id: 'k', status: 'Active' }] }) });
    expect(kinds(wantedSide([{ logonName: 'bob', existing: true }]), model)).toEqual([
      'createPolicy',
      'attach',
    ]);
  });

  it('makes a role that ECS trusts', () => {
    const steps = stepsOf(wantedSide([], [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }]), emptyModel);
    expect(steps[1]).toMatchObject({ kind: 'createRole', role: 'etl-ecs' });
    expect(steps[1]).toHaveProperty('trust', expect.stringContaining('"Service":"ecs.aliyuncs.com"'));
  });

  it('deletes a key that nobody holds, and makes another', () => {
    const keys = [{ id: 'lost', status: 'Active' as const }];
    const model = withUsers({ etl: userOf({ tags: TAGS, keys }) });
    expect(kinds(wantedSide([etl]), model)).toEqual([
      'createPolicy',
      'deleteKey etl',
      'createKey etl',
      'attach',
    ]);
  });

  it('leaves a user alone that was handed over, whatever has become of its key', () => {
    const done = handOver(applyAll(emptyModel, stepsOf(wantedSide([etl]), emptyModel)), wantedSide([etl]));
    const rotated = userOf({ ...done.observed.users.get('etl'), keys: [{ id: 'theirs', status: 'Active' }] });
    const model = { ...done, observed: { ...done.observed, users: new Map([['etl', rotated]]) } };
    expect(stepsOf(wantedSide([etl]), model)).toEqual([]);
  });

  it.each<[string, ManagedUser, Model, string]>([
    [
      'an existing one that is not there',
      { logonName: 'bob', existing: true },
      emptyModel,
      'USER_MISSING /data/grantee/setup/users/0',
    ],
    ['a new one that is there', etl, withUsers({ etl: userOf() }), 'USER_EXISTS /data/grantee/setup/users/0'],
    [
      'one that was ours, and was made again by hand',
      etl,
      {
        ...withUsers({ etl: userOf({ id: 'new', tags: TAGS }) }),
        known: {
          users: new Map([
            [
              'etl',
              {
                madeId: 'old',
                isHandedOver: true,
                keyIds: [],
                hasPassword: false,
                otherClaims: [],
                aliases: [],
              },
            ],
          ]),
          roles: new Map(),
        },
      },
      'USER_EXISTS /data/grantee/setup/users/0',
    ],
    [
      'one whom another contract is removing',
      etl,
      {
        ...withUsers({ etl: userOf({ id: 'u', tags: { 'leasehold-contract': 'C-2' } }) }),
        known: {
          users: new Map([['etl', { ...UNKNOWN, leaving: OTHER }]]),
          roles: new Map(),
        },
      },
      'LEAVING /data/grantee/setup/users/0',
    ],
    [
      'one that another contract made to log on otherwise',
      etl,
      {
        ...withUsers({
          etl: userOf({ id: 'u', tags: { 'leasehold-contract': 'C-2' }, login: { status: 'Active' } }),
        }),
        known: {
          users: new Map([
            [
              'etl',
              {
                madeId: 'u',
                isHandedOver: true,
                keyIds: [],
                hasPassword: true,
                otherClaims: [OTHER],
                aliases: [],
              },
            ],
          ]),
          roles: new Map(),
        },
      },
      'ACCESS_DIFFERS /data/grantee/setup/users/0/access',
    ],
    [
      'more than the account takes',
      etl,
      { ...emptyModel, observed: { ...emptyModel.observed, usersLeft: 0 } },
      'USER_QUOTA /data/grantee/setup/users',
    ],
    [
      'one whose name is too long with the domain',
      { ...etl, logonName: 'x'.repeat(64) },
      {
        ...emptyModel,
        observed: { ...emptyModel.observed, defaultDomain: `${'d'.repeat(52)}.onaliyun.com` },
      },
      'LOGON_NAME_TOO_LONG /data/grantee/setup/users/0/logonName',
    ],
    [
      'a person in an account whose password policy cannot be met',
      { ...etl, access: 'console' },
      {
        ...emptyModel,
        observed: {
          ...emptyModel.observed,
          passwordPolicy: { ...emptyModel.observed.passwordPolicy, minimumLength: 33 },
        },
      },
      'PASSWORD_POLICY /data/grantee/setup/users/0/access',
    ],
  ])('refuses %s', (_case, user, model, expected) => expect(codes([user], model)).toEqual([expected]));

  it('refuses a role that is missing or in the way', () => {
    const roles = new Map([['taken', { id: 'r', createdAt: CREATED_AT, tags: {}, attachments: [] }]]);
    const model = { ...emptyModel, observed: { ...emptyModel.observed, roles } };
    const wanted = wantedSide(
      [],
      [
        { name: 'missing', existing: true },
        { name: 'taken', trusts: 'ecs.aliyuncs.com' },
      ],
    );
    const planned = plan(wanted, model);
    expect(planned.ok ? [] : planned.reasons.map(({ code }) => code)).toEqual([
      'ROLE_MISSING',
      'ROLE_EXISTS',
    ]);
  });

  it('names every reason at once, and plans nothing', () => {
    const model = withUsers({ etl: userOf() });
    expect(codes([{ logonName: 'bob', existing: true }, etl], model)).toHaveLength(2);
  });

  it('leaves a policy alone that it did not make', () => {
    const policy = { document: '{}', tags: {}, holders: [] };
    expect(codes([etl], { ...emptyModel, observed: { ...emptyModel.observed, policy } })).toEqual([
      'NOT_OURS /data/grantee/setup',
    ]);
  });

  it('converges: after its own plan and the hand-over there is nothing left to plan', () => {
    fc.assert(
      fc.property(anyWanted, anyModel, (wanted, model) => {
        const done = handOver(applyAll(model, stepsOf(wanted, model)), wanted);
        expect(stepsOf(wanted, done)).toEqual([]);
      }),
    );
  });

  it('converges from a crash after any step, with no key left that nobody holds', () => {
    fc.assert(
      fc.property(anyWanted, anyModel, fc.nat(20), (wanted, model, crashAfter) => {
        const crashed = applyAll(model, stepsOf(wanted, model).slice(0, crashAfter));
        const done = handOver(applyAll(crashed, stepsOf(wanted, crashed)), wanted);
        expect(stepsOf(wanted, done)).toEqual([]);
        for (const user of wanted.users) {
          const before = model.observed.users.get(user.logonName);
          const after = done.observed.users.get(user.logonName);
          if (isExisting(user) || before !== undefined || after === undefined) continue;
          const { keyIds = [] } = done.known.users.get(user.logonName) ?? {};
          expect(after.keys.map(({ id }) => id)).toEqual(keyIds);
          expect(after.keys).toHaveLength(user.access === 'console' ? 0 : 1);
          expect(after.login !== undefined).toBe(user.access !== 'programmatic');
        }
      }),
    );
  });

  it('never changes a user that was there but for its policy', () => {
    fc.assert(
      fc.property(anyWanted, anyModel, fc.nat(20), (wanted, model, crashAfter) => {
        const after = applyAll(model, stepsOf(wanted, model).slice(0, crashAfter));
        for (const [name, user] of model.observed.users) {
          const now = after.observed.users.get(name);
          const foreign = (now?.attachments ?? []).filter(
            (one) => one.policy.name !== POLICY || one.resourceGroupId !== undefined,
          );
          expect({ ...now, attachments: foreign }).toEqual(user);
        }
      }),
    );
  });
});
