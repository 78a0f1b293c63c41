import { describe, expect, it } from 'vitest';
import { setupReasons } from '../../../shared/app/grantee/setup-reasons.js';
import { parseAnyEvent } from '../../../shared/app/inbound/every-event.js';
import { admissionReasons } from '../../../shared/app/plan/admission.js';
import { changeOf } from '../../../shared/app/plan/compare-plans.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { printPlan } from '../../../shared/app/plan/print-plan.js';
import { DEFAULT_ADMISSION } from '../../../shared/domain/admission-settings.js';
import { thumbprintOf } from '../../../shared/domain/public-key.js';
import type { Accessor, OnboardingRequest } from '../../../shared/domain/request.js';
import { eventOf, NOW, OWNER, request } from '../../support/requests.js';

type Grantee = OnboardingRequest['grantee'];
/** Public half of the key of RFC 8037, appendix A.6. */
const publicKey = { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' };
const byConsole = (name: string): Accessor => ({ type: 'user', name, via: 'console' });
const byApi = (name: string): Accessor => ({ type: 'user', name, via: 'api' });
const created = (logonName: string, more: object = {}) => ({
  logonName,
  access: 'programmatic' as const,
  ...more,
});

const managed = (setup: object, more: Partial<Grantee> = {}): OnboardingRequest =>
  request({
    grantee: {
      ...request().grantee,
      publicKey,
      setup: { mode: 'managed', users: [], roles: [], ...setup },
      ...more,
    },
  });
const codes = (setup: object, more: Partial<Grantee> = {}) =>
  setupReasons(managed(setup, more)).map(({ code, pointer }) => `${code} ${pointer}`);

describe('a managed setup', () => {
  it('of programs that the whole account lets in needs no accessors', () =>
    expect(codes({ users: [created('etl'), { logonName: 'bob', existing: true }] })).toEqual([]));
  it('of a person is let in by name', () => {
    const users = [created('alice', { access: 'console', displayName: 'Alice', tags: { team: 'ops' } })];
    expect(codes({ users }, { accessors: [byConsole('alice')] })).toEqual([]);
  });
  it('of an ECS role is let in as that role', () => {
    const roles = [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }];
    expect(codes({ roles }, { accessors: [{ type: 'role', name: 'etl-ecs', via: 'api' }] })).toEqual([]);
  });
  it('of existing users alone needs no key', () =>
    expect(
      setupReasons(
        request({
          grantee: {
            ...request().grantee,
            setup: { mode: 'managed', users: [{ logonName: 'bob', existing: true }], roles: [] },
          },
        }),
      ),
    ).toEqual([]));

  const setup = '/data/grantee/setup';
  it.each<[string, object, Partial<Grantee>, readonly string[]]>([
    ['of nobody', {}, {}, [`NOBODY_TO_SET_UP ${setup}`]],
    [
      'with a name twice, in whatever case',
      { users: [created('etl'), created('ETL')], roles: [] },
      {},
      [`NAME_TWICE ${setup}/users/1`],
    ],
    [
      'under names that no key can hold',
      { users: [created('.'), created('..')], roles: [{ name: '..', existing: true }] },
      {},
      [`BAD_NAME ${setup}/users/0`, `BAD_NAME ${setup}/users/1`, `BAD_NAME ${setup}/roles/0`],
    ],
    [
      'with both access modes',
      { users: [created('etl', { access: 'both' })] },
      { accessors: [byConsole('etl'), byApi('etl')] },
      [`BOTH_ACCESS_MODES ${setup}/users/0/access`],
    ],
    [
      'that accepts both modes and asks for one',
      { users: [created('etl', { acceptsBothAccessModes: true })] },
      {},
      [`USELESS_FIELD ${setup}/users/0/acceptsBothAccessModes`],
    ],
    [
      'with a tag that is read as another',
      { users: [created('etl', { tags: { 'xebolG\u202e': 'C-1' } })] },
      {},
      [`BAD_TAG ${setup}/users/0/tags`],
    ],
    [
      'with a tag that would pass for ours',
      { users: [created('etl', { tags: { 'Leasehold-Contract': 'C-1' } })] },
      {},
      [`BAD_TAG ${setup}/users/0/tags`],
    ],
    [
      'of a person whom the role does not name',
      { users: [created('alice', { access: 'console' })] },
      {},
      [`USER_NOT_ADMITTED ${setup}/users/0`],
    ],
    [
      'of a program that is let in at the console only',
      { users: [created('etl')] },
      { accessors: [byConsole('etl')] },
      [`USER_NOT_ADMITTED ${setup}/users/0`],
    ],
    [
      'of fewer than the role lets in',
      { users: [created('etl')] },
      { accessors: [byApi('etl'), byApi('bob')] },
      ['ACCESSOR_NOT_SET_UP /data/grantee/accessors/1'],
    ],
    [
      'of a role that is not let in',
      { users: [created('etl')], roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] },
      { accessors: [byApi('etl')] },
      [`USER_NOT_ADMITTED ${setup}/roles/0`],
    ],
  ])('%s is refused', (_name, users, more, expected) => expect(codes(users, more)).toEqual(expected));

  it('with both access modes passes when that is said to be meant', () => {
    const users = [created('etl', { access: 'both', acceptsBothAccessModes: true })];
    expect(codes({ users }, { accessors: [byConsole('etl'), byApi('etl')] })).toEqual([]);
  });
  it('is refused without a key, and with a private one, before anything else happens', () => {
    const { publicKey: _, ...grantee } = managed({ users: [created('etl')] }).grantee;
    const facts = { now: NOW, owner: OWNER, settings: DEFAULT_ADMISSION };
    const codesOf = (one: Grantee) =>
      admissionReasons(request({ grantee: one }), facts).map(({ code }) => code);
    expect(codesOf(grantee)).toContain('KEY_MISSING');
    expect(codesOf({ ...grantee, publicKey: { ...publicKey, d: 'c2VjcmV0' } as never })).toContain(
      'KEY_PRIVATE',
    );
  });
});

describe('a request with a setup', () => {
  const parse = (grantee: object) =>
    parseAnyEvent(JSON.stringify(eventOf({ ...request(), grantee: { ...request().grantee, ...grantee } })));
  const pointers = (grantee: object) => {
    const parsed = parse(grantee);
    return parsed.ok ? [] : parsed.reasons.map(({ code, pointer }) => `${code} ${pointer}`);
  };
  it('is read, with what was left out filled in', () => {
    const users = [created('etl')];
    expect(parse({ publicKey, setup: { mode: 'managed', users } })).toMatchObject({
      ok: true,
      event: { data: { grantee: { publicKey, setup: { mode: 'managed', users, roles: [] } } } },
    });
  });
  const users = '/data/grantee/setup/users';
  it.each<[object, readonly string[]]>([
    [{ mode: 'automatic' }, ['SCHEMA /data/grantee/setup/mode']],
    [{ mode: 'self-service', users: [] }, [`SCHEMA ${users}`]],
    [{ mode: 'managed', users: [{ access: 'console' }] }, [`SCHEMA ${users}/0/logonName`]],
    [{ mode: 'managed', users: [{ logonName: 'a' }] }, [`SCHEMA ${users}/0/access`]],
    [{ mode: 'managed', users: [created('a b')] }, [`SCHEMA ${users}/0/logonName`]],
    [{ mode: 'managed', users: [created('alice@globex')] }, [`SCHEMA ${users}/0/logonName`]],
    [{ mode: 'managed', users: [created('x'.repeat(65))] }, [`SCHEMA ${users}/0/logonName`]],
    [{ mode: 'managed', users: [created('a', { displayName: 'A\nB' })] }, [`SCHEMA ${users}/0/displayName`]],
    [
      { mode: 'managed', users: [created('a', { displayName: 'x'.repeat(25) })] },
      [`SCHEMA ${users}/0/displayName`],
    ],
    [{ mode: 'managed', users: [created('a', { password: 'x' })] }, [`SCHEMA ${users}/0/password`]],
    [
      { mode: 'managed', users: [{ logonName: 'a', existing: true, access: 'console' }] },
      [`SCHEMA ${users}/0/access`],
    ],
    [
      { mode: 'managed', roles: [{ name: 'r', trusts: 'fc.aliyuncs.com' }] },
      ['SCHEMA /data/grantee/setup/roles/0/trusts'],
    ],
  ])('%j is refused at its place', (setup, expected) => expect(pointers({ setup })).toEqual(expected));

  it('says what a logon name looks like', () => {
    const parsed = parse({ setup: { mode: 'managed', users: [created('x'.repeat(65))] } });
    expect(parsed.ok ? '' : parsed.reasons[0]?.message).toMatch(/1 to 64 letters, digits/);
  });
});

describe('the key of a request', () => {
  const withKey = planAccess(managed({}, { setup: { mode: 'self-service' } }), OWNER);
  it('is part of what is approved: another key is another plan', () => {
    const other = { ...publicKey, x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' };
    const hashes = [
      planAccess(request(), OWNER),
      withKey,
      planAccess(managed({}, { publicKey: other }), OWNER),
    ].map(({ planHash }) => planHash);
    expect(new Set(hashes).size).toBe(3);
  });
  it('is asked about when it changes, comes or goes', () => {
    const before = planAccess(request(), OWNER);
    expect(changeOf(before, withKey).widens).toEqual([
      `what is handed over is sealed to the key ${thumbprintOf(publicKey)}`,
    ]);
    expect(changeOf(withKey, before).widens).toEqual(['what is handed over is not sealed']);
    expect(changeOf(withKey, withKey)).toEqual({ widens: [], narrows: [] });
  });
  it('is shown to the approver by its thumbprint', () =>
    expect(printPlan(withKey)).toContain(thumbprintOf(publicKey)));
});
