import { afterEach, describe, expect, it } from 'vitest';
import { applyGranteeStep, type NewCredential } from '../../../shared/app/grantee/apply-grantee-step.js';
import { claim, claimKey, letGo, otherClaims } from '../../../shared/app/grantee/claims.js';
import { observeGrantee } from '../../../shared/app/grantee/observe-grantee.js';
import { generatePassword, randomFrom } from '../../../shared/app/grantee/password.js';
import { planGrantee } from '../../../shared/app/grantee/plan-grantee.js';
import { planGranteeRemoval } from '../../../shared/app/grantee/plan-grantee-removal.js';
import { checkProvisioning, provisioningExternalId } from '../../../shared/app/grantee/provisioning.js';
import {
  missingRights,
  neededRights,
  provisioningDocuments,
} from '../../../shared/app/grantee/provisioning-rights.js';
import { systemChance, systemClock } from '../../../shared/cloud/alibaba/system.js';
import type { GranteeGatePort, GranteePort } from '../../../shared/cloud/ports.js';
import type { ManagedSetup } from '../../../shared/domain/request.js';
import { parseContractId } from '../../../shared/domain/values.js';
import { parsePolicy } from '../../../shared/policy/index.js';
import { EXTERNAL_ID, type GranteeWorld, startGranteeWorld } from '../../support/grantee-world.js';
import { NOW, OWNER, PARTNER } from '../../support/requests.js';
import { emptyModel, intend, POLICY, record, TAGS, wantedSide } from './model.js';

let world: GranteeWorld | undefined;
afterEach(() => world?.close());

const everything: ManagedSetup = {
  mode: 'managed',
  users: [
    { logonName: 'alice', access: 'console' },
    { logonName: 'etl', access: 'programmatic' },
  ],
  roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }],
};
const functionRoleArn = `acs:ram::${OWNER}:role/leasehold-fn-provisioner`;
const documents = provisioningDocuments({ accountId: PARTNER, functionRoleArn, externalId: EXTERNAL_ID });
const needed = (setup: ManagedSetup = everything) =>
  neededRights(setup, { accountId: PARTNER, policyName: POLICY });
const missing = (policy: string, setup = everything) =>
  missingRights([{ name: 'p', document: parsePolicy(policy) }], needed(setup), NOW).map(
    ({ action }) => action,
  );

describe('the policy that a grantee’s administrator makes', () => {
  it('gives all that any setup takes, and fits', () => {
    expect(missing(documents.policy)).toEqual([]);
    expect(documents.policy.length).toBeLessThanOrEqual(6144);
  });
  it('holds no right that no setup takes', () => {
    const asked = new Set(needed().map(({ action }) => action));
    const given = parsePolicy(documents.policy)
      .statements.filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions = [] }) => actions);
    expect(given.filter((action) => !asked.has(action))).toEqual([]);
  });
  it.each(['ram:CreateLoginProfile', 'ram:DeleteAccessKey', 'ram:CreateRole', 'ram:ListPolicyAttachments'])(
    'is seen to lack %s when it does',
    (action) =>
      expect(missing(documents.policy.replace(`"${action}"`, '"ram:GetNothing"'))).toEqual(
        expect.arrayContaining([action]),
      ),
  );
  it('is seen to give in vain what is given on less than all resources, where nothing less is asked about', () => {
    const narrowed = documents.policy.replaceAll('"Resource":"*"', `"Resource":"acs:ram:*:${PARTNER}:*"`);
    expect(missing(narrowed)).toEqual(
      expect.arrayContaining(['ram:GetDefaultDomain', 'ram:GetAccountSummary', 'ram:ListTagResources']),
    );
  });
  it('need not hold what a setup does not take', () => {
    const programs: ManagedSetup = { ...everything, users: everything.users.slice(1), roles: [] };
    expect(
      missing(documents.policy.replace('"ram:CreateLoginProfile"', '"ram:GetNothing"'), programs),
    ).toEqual([]);
  });
  it.each([
    ['user', 'DetachPolicyFromUser'],
    ['role', 'DetachPolicyFromRole'],
    ['group', 'DetachPolicyFromGroup'],
  ])('lets Leasehold take its own policy from whatever %s it was given to by hand', (type, verb) => {
    const given = { name: 'p', document: parsePolicy(documents.policy) };
    const rightsOn = (policy: string) =>
      [`policy/${policy}`, `${type}/anybody`].map((relative) => ({
        action: `ram:${verb}`,
        resource: `acs:ram::${PARTNER}:${relative}`,
      }));
    expect(missingRights([given], rightsOn(POLICY), NOW)).toEqual([]);
    expect(missingRights([given], rightsOn('anybodys'), NOW)).not.toEqual([]);
  });
  it('may write the actions of IMS under its own code, unless ram refuses them', () => {
    const asIms = documents.policy.replace('"ram:CreateUser"', '"ims:CreateUser"');
    expect(missing(asIms)).toEqual([]);
    const refused = asIms.replace(
      '"Effect":"Deny","Action":[',
      '"Effect":"Deny","Action":["ram:CreateUser",',
    );
    const onAll = refused.replace(/("Effect":"Deny".*?"Resource":)"[^"]*"/, '$1"*"');
    expect(missing(onAll)).toContain('ram:CreateUser');
  });
});

describe('the check of a provisioning role', () => {
  const check = async (changes: Parameters<typeof startGranteeWorld>[0], externalId = EXTERNAL_ID) => {
    world = await startGranteeWorld(changes);
    return checkProvisioning(
      { accountId: PARTNER, externalId, needed: needed() },
      { gate: world.gate, chance: systemChance, clock: { ...systemClock, now: () => NOW } },
    );
  };
  const codes = async (...args: Parameters<typeof check>) => {
    const checked = await check(...args);
    return checked.ok ? [] : checked.reasons.map(({ code, message }) => `${code}: ${message}`);
  };
  const trust = (condition: object) =>
    JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: functionRoleArn }, ...condition },
      ],
    });

  it('passes for the role that we describe, and changes nothing', async () => {
    expect(await codes({})).toEqual([]);
    const calls = (world?.running.calls ?? []).filter(({ callerArn }) =>
      callerArn?.includes('assumed-role/leasehold-provisioning'),
    );
    expect(calls.map(({ action }) => action)).toContain('GetPolicy');
    expect(calls.filter(({ effect }) => effect)).toEqual([]);
  });
  const other = { Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } };
  it.each([
    ['that does not trust us', trust({}).replace(functionRoleArn, `acs:ram::${PARTNER}:root`)],
    ['that trusts us with another ExternalId', trust(other)],
  ])('says so of a role %s', async (_case, document) => {
    expect(await codes({ trust: document })).toEqual([
      expect.stringMatching(/^PROVISIONING_REFUSED: .*NoPermission/),
    ]);
  });
  it.each([
    ['without an ExternalId', { trust: trust({}) }],
    ['with any ExternalId', { trust: trust({ Condition: { StringLike: { 'sts:ExternalId': '*' } } }) }],
  ])('refuses a role that trusts us %s', async (_case, changes) => {
    expect(await codes(changes)).toEqual([expect.stringMatching(/^PROVISIONING_WITHOUT_EXTERNAL_ID/)]);
  });
  it('refuses an account that turns out to be another', async () => {
    const answers = ['refused', 'refused', 'elsewhere'] as const;
    let asked = 0;
    const gate: GranteeGatePort = {
      enter: async () => {
        const outcome = answers[asked++];
        return outcome === 'elsewhere' ? { outcome, arn: 'x' } : { outcome: 'refused', code: 'NoPermission' };
      },
    };
    expect(
      await checkProvisioning(
        { accountId: PARTNER, externalId: EXTERNAL_ID, needed: [] },
        { gate, chance: systemChance, clock: systemClock },
      ),
    ).toMatchObject({ ok: false, reasons: [{ code: 'PROVISIONING_ELSEWHERE' }] });
  });
  it('names each action that is missing', async () => {
    const policy = documents.policy.replace('"ram:CreateUser"', '"ram:GetNothing"');
    expect(await codes({ policy })).toEqual(
      ['alice', 'etl'].map(
        (user) =>
          `PROVISIONING_MAY_TOO_LITTLE: leasehold-provisioning lacks ram:CreateUser on acs:ram::${PARTNER}:user/${user}`,
      ),
    );
  });
  it('names the reading of itself when that is missing', async () => {
    const policy = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'ram:CreateUser', Resource: '*' }],
    });
    expect((await codes({ policy })).join()).toContain('lacks ram:ListPoliciesForRole');
  });
});

describe('the ExternalId for an account', () => {
  it('is made once and kept', async () => {
    const objects = new Map<string, string>();
    const evidence = {
      create: async (key: string, body: string) => {
        if (objects.has(key)) return 'exists' as const;
        objects.set(key, body);
        return 'created' as const;
      },
      read: async (key: string) => objects.get(key),
    };
    const first = await provisioningExternalId(PARTNER, { evidence, chance: systemChance });
    expect(await provisioningExternalId(PARTNER, { evidence, chance: systemChance })).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    objects.set(`grantees/${PARTNER}/provisioning.json`, '{}');
    await expect(provisioningExternalId(PARTNER, { evidence, chance: systemChance })).rejects.toMatchObject({
      code: 'REGISTER_BROKEN',
    });
  });
});

describe('claims', () => {
  it('tell whether somebody else still uses a user, until that one lets go', async () => {
    const keys = new Set<string>();
    const index = {
      put: async (key: string) => void keys.add(key),
      remove: async (key: string) => void keys.delete(key),
      removeAll: async (gone: readonly string[]) => {
        for (const key of gone) keys.delete(key);
      },
      read: async () => undefined,
      list: async (prefix: string) => [...keys].filter((key) => key.startsWith(prefix)),
    };
    const warned: unknown[] = [];
    const ports = {
      index,
      log: { info: () => undefined, warn: (fields: unknown) => void warned.push(fields) },
    };
    const [one, two] = [parseContractId('C-1'), parseContractId('C-2')];
    const claimed = { accountId: PARTNER, type: 'user', name: 'etl@b.onaliyun.com' } as const;
    await claim(claimed, one, index);
    await claim(claimed, two, index);
    await claim({ ...claimed, name: 'etl@b.onaliyun.com.cn' }, parseContractId('C-3'), index);
    expect(claimKey(claimed, one)).toBe(`grantees/${PARTNER}/users/etl@b.onaliyun.com/C-1`);
    const others = [
      { name: claimed.name, contractId: 'C-2' },
      { name: 'etl@b.onaliyun.com.cn', contractId: 'C-3' },
    ];
    expect(await otherClaims(claimed, one, ports)).toEqual(others);
    expect(warned).toEqual([]);
    // What is no contract's id claims nothing, and keeps nobody from leaving.
    await index.put(`grantees/${PARTNER}/users/etl@b.onaliyun.com/not..an.id`);
    expect(await otherClaims(claimed, one, ports)).toEqual(others);
    expect(warned).toMatchObject([{ keys: 1 }]);
    await letGo([claimed], two, index);
    expect(await otherClaims(claimed, one, ports)).toEqual(others.slice(1));
  });
});

describe('a setup on the embedded cloud', () => {
  const wanted = wantedSide(everything.users, everything.roles);
  const look = { policy: POLICY, users: ['alice', 'etl'], roles: ['etl-ecs'] };
  const intended = intend(emptyModel, wanted, NOW).known;
  const newPassword = async (account: GranteePort) => {
    const policy = await account.passwordPolicy();
    return (name: string) => generatePassword(policy, name, randomFrom(systemChance));
  };
  const policyDocument = JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `acs:ram::${OWNER}:role/lease-c-1-0123` },
    ],
  });
  const asked = { ...wanted, policy: { name: POLICY, document: policyDocument } };

  /** Plans, applies up to a crash, and says what was made. */
  async function setUp(account: GranteePort, crashAfter = Number.POSITIVE_INFINITY) {
    const planned = planGrantee(asked, await observeGrantee(look, account), intended);
    if (!planned.ok) throw new Error(JSON.stringify(planned.reasons));
    const credentials: NewCredential[] = [];
    const made = new Map<string, string>();
    const password = await newPassword(account);
    for (const step of planned.steps.slice(0, crashAfter)) {
      const { madeId, credential } = await applyGranteeStep(step, account, password);
      if (credential !== undefined) credentials.push(credential);
      if (madeId !== undefined && 'user' in step) made.set(step.user, madeId);
    }
    return { credentials, made, steps: planned.steps.length };
  }

  it('resumes after a crash at any step: what was made before is kept or made again, and all of it goes', async () => {
    world = await startGranteeWorld();
    const account = await world.enter();
    await world.call(PARTNER, 'ims', 'CreateUser', {
      UserPrincipalName: `bystander@${PARTNER}.onaliyun.com`,
      DisplayName: 'Bystander',
    });
    for (let crashAfter = 0; crashAfter < 9; crashAfter += 1) {
      await setUp(account, crashAfter);
      const { credentials } = await setUp(account);
      const keys = (await account.observeUser('etl'))?.keys.map(({ id }) => id);
      expect(keys).toEqual(credentials.flatMap((one) => (one.kind === 'key' ? [one.keyId] : [])));
      const password = credentials.find((one) => one.kind === 'password');
      expect(world.running.accounts.canLogOn(PARTNER, 'alice', password?.password ?? '')).toBe(true);
      const leaving = {
        tags: TAGS,
        policy: POLICY,
        isLast: true,
        users: ['alice', 'etl'],
        roles: ['etl-ecs'],
      };
      const observed = await observeGrantee(look, account);
      const { known } = record({ observed, known: intended });
      const { steps, leftBehind } = planGranteeRemoval(leaving, observed, known);
      for (const step of steps) await applyGranteeStep(step, account, () => '');
      expect(leftBehind).toEqual([]);
      const after = await observeGrantee(look, account);
      expect([after.policy, after.users.size, after.roles.size]).toEqual([undefined, 0, 0]);
    }
    expect(await account.observeUser('bystander')).toBeDefined();
  }, 60_000);

  it('makes a hundred users, and refuses one more than the account takes before making any', async () => {
    world = await startGranteeWorld({}, { usersQuota: 100 });
    const account = await world.enter();
    const users = Array.from({ length: 100 }, (_, n) => ({
      logonName: `u${n}`,
      access: 'programmatic' as const,
    }));
    const look100 = { policy: POLICY, users: users.map(({ logonName }) => logonName), roles: [] };
    const all = { ...asked, users, roles: [] };
    const { known } = intend(emptyModel, all, NOW);
    const planned = planGrantee(all, await observeGrantee(look100, account), known);
    if (!planned.ok) throw new Error(JSON.stringify(planned.reasons));
    for (const step of planned.steps) await applyGranteeStep(step, account, () => '');
    const observed = await observeGrantee(look100, account);
    expect(observed.users.size).toBe(100);
    const one = [...users, { logonName: 'one-more', access: 'programmatic' as const }];
    expect(planGrantee({ ...asked, users: one, roles: [] }, observed, known)).toMatchObject({
      ok: false,
      reasons: [{ code: 'USER_QUOTA' }],
    });
  }, 60_000);

  it('says so when somebody else took the last place meanwhile', async () => {
    world = await startGranteeWorld({}, { usersQuota: 1 });
    const account = await world.enter();
    await account.createUser({ logonName: 'other', displayName: 'other', tags: {} });
    const step = { kind: 'createUser', user: 'etl', displayName: 'etl', tags: {} } as const;
    await expect(applyGranteeStep(step, account, () => '')).rejects.toMatchObject({ code: 'QUOTA' });
  });

  it('looks again when somebody has made the same user meanwhile', async () => {
    world = await startGranteeWorld();
    const account = await world.enter();
    const step = { kind: 'createUser', user: 'etl', displayName: 'etl', tags: {} } as const;
    await applyGranteeStep(step, account, () => '');
    await expect(applyGranteeStep(step, account, () => '')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
