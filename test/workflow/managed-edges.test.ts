import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { claim } from '../../shared/app/grantee/claims.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { parseAccountId, parseContractId } from '../../shared/domain/values.js';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { publishedRateOf, publishedRates } from '../../shared/loopback/rates.js';
import { amend, hearNth, reasonsIn, resume, suspend } from '../support/changes.js';
import { failOnce } from '../support/fail-once.js';
import { documentsFor, letUsIn, managedGrantee, secretsOf, there, usersThere } from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
  await letUsIn(world);
}, 60_000);
afterAll(() => world.cloud.close());

const etl = { logonName: 'etl', access: 'programmatic' } as const;
const bob = { logonName: 'bob', access: 'programmatic' } as const;
const principal = (name: string) => `${name}@${PARTNER}.onaliyun.com`;
const ram = (action: string, params: Readonly<Record<string, string>>) =>
  there(world, '2015-05-01', action, params);
const ims = (action: string, params: Readonly<Record<string, string>>) =>
  there(world, '2019-08-15', action, params);
const granted = async (id: string, grantee: Parameters<typeof managedGrantee>[0]) => {
  await world.onboard(id, { grantee: managedGrantee(grantee) });
  const heard = await world.hear(id, 'granted', 'failed', 'rejected');
  expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
  return heard;
};
const ended = async (id: string) => {
  await world.terminate(id);
  return world.hear(id, 'revoked');
};
/** Two looks that are due at once tell one thing twice, under one id. */
function driftToldOf(id: string) {
  const told = world.outbox.heard.filter(
    ({ subject, type }) => subject === id && type.endsWith('.drift-found'),
  );
  const byId = new Map(told.map((event) => [(event as unknown as { readonly id: string }).id, event.data]));
  return [...byId.values()];
}
const policiesOf = async (name: string) => {
  const reply = (await ram('ListPoliciesForUser', { UserName: name })) as {
    readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
  };
  return reply.Policies.Policy.map(({ PolicyName }) => PolicyName);
};

const keysOf = async (name: string) => {
  const reply = (await ims('ListAccessKeys', { UserPrincipalName: principal(name) })) as {
    readonly AccessKeys: { readonly AccessKey: readonly { readonly AccessKeyId: string }[] };
  };
  return reply.AccessKeys.AccessKey.map(({ AccessKeyId }) => AccessKeyId);
};

describe('two contracts that share a user', () => {
  it('leave it to the last one out, whichever made it', async () => {
    await granted('S-first', { users: [etl] });
    await granted('S-second', { users: [etl] });
    expect((await secretsOf(world, 'S-second')).filter(({ kind }) => kind === 'user')).toEqual([]);
    expect(await policiesOf('etl')).toHaveLength(2);
    await ended('S-first');
    expect(await usersThere(world)).toEqual(['etl']);
    expect(await policiesOf('etl')).toHaveLength(1);
    await ended('S-second');
    expect(await usersThere(world)).toEqual([]);
  });

  it('leave nobody for the sake of one that has ended, whose claim was applied late', async () => {
    await granted('L-first', { users: [etl] });
    await ended('L-first');
    await granted('L-second', { users: [etl] });
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    await claim(
      { accountId: parseAccountId(PARTNER), type: 'user', name: 'etl' },
      parseContractId('L-first'),
      index,
    );
    const revoked = await ended('L-second');
    expect(revoked.data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a user and a role whom one contract removes as another names them', () => {
  const setup = { users: [etl], roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] } as const;
  /** Has `id` requested as soon as the other one has let go of them, and the removal wait for so long. */
  const requestedWhileRemoved = (id: string) => {
    let isRequested = false;
    return world.cloud.cloud.faults.add({
      before: async ({ action, callerArn }) => {
        const isIt = action === 'DetachPolicyFromUser' && callerArn?.includes('leasehold-provisioning');
        if (isRequested || !isIt) return undefined;
        isRequested = true;
        await world.onboard(id, { grantee: managedGrantee(setup) });
        await world.clock.sleep(5_000);
        return undefined;
      },
    });
  };

  it('are waited for, and made anew', async () => {
    await granted('W-old', setup);
    const undo = requestedWhileRemoved('W-new');
    await world.terminate('W-old');
    const heard = await world.hear('W-new', 'granted', 'failed', 'rejected');
    undo();
    expect([heard.type, heard.data['reasons']]).toEqual(['partner.access.granted', undefined]);
    await world.hear('W-old', 'revoked');
    const keys = (await secretsOf(world, 'W-new')).flatMap((one) =>
      one.kind === 'user' ? [one.accessKeyId] : [],
    );
    expect(keys).toEqual(await keysOf('etl'));
    await ended('W-new');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a claim of a contract whose terms do not name the user', () => {
  it('keeps nobody there: it was applied late', async () => {
    await granted('N-other', { users: [bob] });
    await granted('N-last', { users: [etl] });
    const { config, connectionOf, root } = world.cloud;
    const index = makeIndexPort(connectionOf(root), config.indexBucket);
    const claimed = { accountId: parseAccountId(PARTNER), type: 'user', name: 'etl' } as const;
    await claim(claimed, parseContractId('N-other'), index);
    await ended('N-last');
    expect(await usersThere(world)).toEqual(['bob']);
    await ended('N-other');
  });
});

describe('a user of the partner’s own', () => {
  it('gets the policy, loses it, and is otherwise as it was', async () => {
    await ram('CreateUser', { UserName: 'carol' });
    await granted('X-own', { users: [{ logonName: 'carol', existing: true }] });
    expect(await policiesOf('carol')).toHaveLength(1);
    await ended('X-own');
    expect(await usersThere(world)).toEqual(['carol']);
    expect(await policiesOf('carol')).toEqual([]);
  });

  it('is not taken for a new one', async () => {
    await world.onboard('X-new', {
      grantee: managedGrantee({ users: [{ logonName: 'carol', access: 'programmatic' }] }),
    });
    expect(reasonsIn(await world.hear('X-new', 'rejected'))).toEqual(['USER_EXISTS']);
    await ram('DeleteUser', { UserName: 'carol' });
  });
});

describe('a user who was given more since', () => {
  it('is disabled for us, and told', async () => {
    await granted('G-more', { users: [etl] });
    const attach = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess', UserName: 'etl' };
    await ram('AttachPolicyToUser', attach);
    const revoked = await ended('G-more');
    expect(revoked.data['leftBehind']).toMatchObject([
      { type: 'user', name: 'etl', given: ['policy AliyunOSSReadOnlyAccess'] },
    ]);
    const keys = (await ims('ListAccessKeys', { UserPrincipalName: principal('etl') })) as {
      readonly AccessKeys: {
        readonly AccessKey: readonly { readonly Status: string; readonly AccessKeyId: string }[];
      };
    };
    expect(keys.AccessKeys.AccessKey.map(({ Status }) => Status)).toEqual(['Inactive']);
    for (const { AccessKeyId } of keys.AccessKeys.AccessKey)
      await ims('DeleteAccessKey', { UserPrincipalName: principal('etl'), UserAccessKeyId: AccessKeyId });
    await ram('DetachPolicyFromUser', attach);
    await ram('DeleteUser', { UserName: 'etl' });
  });
});

describe('a role for ECS instances', () => {
  it('is made, let in, and removed', async () => {
    const grantee = managedGrantee({ roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }] }, [
      { type: 'role', name: 'etl-ecs', via: 'api' },
    ]);
    await world.onboard('R-ecs', { grantee });
    expect((await world.hear('R-ecs', 'granted', 'failed', 'rejected')).type).toBe('partner.access.granted');
    const role = (await ram('GetRole', { RoleName: 'etl-ecs' })) as {
      readonly Role: { readonly AssumeRolePolicyDocument: string };
    };
    expect(role.Role.AssumeRolePolicyDocument).toContain('ecs.aliyuncs.com');
    await ended('R-ecs');
    await expect(ram('GetRole', { RoleName: 'etl-ecs' })).rejects.toMatchObject({
      code: 'EntityNotExist.Role',
    });
  });
});

describe('an amendment that fails', () => {
  afterEach(async () => {
    await ended('A-fails');
    expect(await usersThere(world)).toEqual([]);
  });
  it('takes back who was to join, and leaves who was there', async () => {
    await granted('A-fails', { users: [etl] });
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, callerArn }) =>
        action === 'CreatePolicyVersion' && callerArn?.includes('leasehold-amend-access') === true
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    await amend(world, 'A-fails', {
      revision: 1,
      grantee: managedGrantee({ users: [etl, bob] }),
      lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-03-01T00:00:00Z' } as never,
    });
    const failed = await world.hear('A-fails', 'failed', 'amended');
    undo();
    expect(failed.data).toMatchObject({ step: 'AmendAccess', withdrawn: true });
    expect(await usersThere(world)).toEqual(['etl']);
    const policy = (await ram('GetPolicy', {
      PolicyType: 'Custom',
      PolicyName: (await policiesOf('etl'))[0] ?? '',
    })) as { readonly DefaultPolicyVersion: { readonly PolicyDocument: string } };
    expect(policy.DefaultPolicyVersion.PolicyDocument).toContain('2027-06-01T00:00:00Z');
  });
});

describe('a refusal in the partner’s account that does not last', () => {
  /** As a burst of writes is answered. */
  const refusedOnce = (action: string) => {
    let times = 0;
    const undo = world.cloud.cloud.faults.add({
      before: ({ callerArn, ...call }) =>
        call.action === action && callerArn?.includes('leasehold-provisioning') && ++times === 1
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    return () => {
      undo();
      return times > 1;
    };
  };

  it('leaves nobody behind at the end', async () => {
    await granted('B-end', { users: [etl] });
    const wasRefused = refusedOnce('DeleteUser');
    const { data } = await ended('B-end');
    expect(wasRefused()).toBe(true);
    expect(data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  });

  it('leaves nobody of an amendment that failed', async () => {
    await granted('B-fails', { users: [etl] });
    const refused = world.cloud.cloud.faults.add({
      before: ({ action, callerArn }) =>
        action === 'CreatePolicyVersion' && callerArn?.includes('leasehold-amend-access')
          ? { kind: 'error', status: 403, code: 'NoPermission' }
          : undefined,
    });
    const wasRefused = refusedOnce('DeleteUser');
    await amend(world, 'B-fails', {
      revision: 1,
      grantee: managedGrantee({ users: [etl, bob] }),
      lease: { startsAt: '2026-12-01T00:00:00Z', expiresAt: '2027-03-01T00:00:00Z' } as never,
    });
    await world.hear('B-fails', 'failed', 'amended');
    refused();
    expect(wasRefused()).toBe(true);
    expect(await usersThere(world)).toEqual(['etl']);
    await ended('B-fails');
  });
});

const joins = managedGrantee({ roles: [{ name: 'late-ecs', trusts: 'ecs.aliyuncs.com' }] }, [
  { type: 'role', name: 'late-ecs', via: 'api' },
]);
const isThere = () =>
  ram('GetRole', { RoleName: 'late-ecs' }).then(
    () => true,
    (error: { readonly code?: string }) => {
      if (error.code === 'EntityNotExist.Role') return false;
      throw error;
    },
  );

describe('an amendment by which Leasehold is to set up a role, where it was not to set up anybody', () => {
  it('leaves nothing of it where the role was made and could not be let in', async () => {
    await world.onboard('S-half', {});
    await world.hear('S-half', 'granted');
    let wasThere = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, params }) => {
        if (action !== 'AttachPolicyToRole' || params['RoleName'] !== 'late-ecs') return undefined;
        wasThere ||= await isThere();
        return { kind: 'error', status: 403, code: 'NoPermission' };
      },
    });
    await amend(world, 'S-half', { revision: 1, grantee: joins });
    const failed = await world.hear('S-half', 'failed', 'amended');
    undo();
    expect([failed.type, wasThere]).toEqual(['partner.access.failed', true]);
    expect(await isThere()).toBe(false);
    await ended('S-half');
  });
});

describe('an end that overtakes an amendment while a role is made for it at the partner', () => {
  /** `meanwhile` goes on before the role is made. */
  async function overtaken(id: string, meanwhile: () => Promise<void>): Promise<void> {
    await world.onboard(id, {});
    await world.hear(id, 'granted');
    await world.settle();
    let isHeld = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, params }) => {
        if (isHeld || action !== 'CreateRole' || params['RoleName'] !== 'late-ecs') return undefined;
        isHeld = true;
        await meanwhile();
        return undefined;
      },
    });
    await amend(world, id, { revision: 1, grantee: joins });
    await world.hear(id, 'revoked');
    await world.settle();
    undo();
    expect(isHeld).toBe(true);
  }
  const sleep = (seconds: number) => world.clock.sleep(seconds * 1000);

  it('has it taken back by who made it too late', async () => {
    await overtaken('O-slow', async () => {
      await world.terminate('O-slow');
      // A call is waited for ten seconds.
      for (let waited = 0; waited < 9; waited += 0.1)
        if ((await world.contract('O-slow')).state !== 'ended') await sleep(0.1);
    });
    expect((await world.contract('O-slow')).state).toBe('ended');
    expect(await isThere()).toBe(false);
  });

  it('finds it at a later look, however late it came, and has it told, however late the bus takes that', async () => {
    await overtaken('O-late', async () => {
      await world.terminate('O-late');
      await sleep(30 * 60);
    });
    await world.jumpTo(world.clock.now() + 31 * 60_000);
    await world.settle();
    expect(await isThere()).toBe(true);
    const isTelling = ({ action, callerArn }: CallInfo) =>
      action === 'PutEvents' && callerArn?.includes('fn-revoke') === true;
    const putBack = failOnce(world, isTelling);
    await world.jumpTo(world.clock.now() + 26 * 3_600_000);
    await world.settle();
    const isRefused = putBack();
    expect(await isThere()).toBe(false);
    // The step that removed it finds nothing to do when it is tried again; the sweep tells what it could not.
    await world.jumpTo(world.clock.now() + 31 * 60_000);
    await world.settle();
    expect(isRefused).toBe(true);
    expect(driftToldOf('O-late')).toMatchObject([{ findings: [{ code: 'LEFT_BEHIND' }] }]);
  });
});

describe('a hand-over that the bus does not take', () => {
  it('is made anew by the sweep: of the keys that were made only the announced one is there', async () => {
    let isMade = false;
    let refused = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action }) => {
        isMade ||= action === 'CreateAccessKey';
        // The first try and the six of the flow's patience.
        if (!isMade || action !== 'PutEvents' || refused === 7) return undefined;
        refused += 1;
        return { kind: 'error', status: 503, code: 'ServiceUnavailable' };
      },
    });
    await world.onboard('H-bus', { grantee: managedGrantee({ users: [etl] }) });
    expect((await world.hear('H-bus', 'failed')).data).toMatchObject({ step: 'HandOverAccess' });
    expect(await keysOf('etl')).toEqual([]);
    undo();
    await world.hear('H-bus', 'granted');
    const [secret] = (await secretsOf(world, 'H-bus')).filter(({ kind }) => kind === 'user');
    expect(await keysOf('etl')).toEqual([secret?.kind === 'user' ? secret.accessKeyId : '']);
    await ended('H-bus');
  });
});

describe('an onboarding that is begun again while it', () => {
  it.each([
    ['opens', 'UpdateRole'],
    ['looks for users', 'GetUser'],
    ['makes a key', 'CreateAccessKey'],
    ['makes a login', 'CreateLoginProfile'],
    ['tells', 'PutEvents'],
  ])('%s tells once, of what works', async (_, moment) => {
    const id = `T-${moment}`;
    const [program, person] = [`etl.${moment}`, `alice.${moment}`];
    const grantee = managedGrantee(
      {
        users: [
          { logonName: program, access: 'programmatic' },
          { logonName: person, access: 'console' },
        ],
      },
      [
        { type: 'user', name: program, via: 'api' },
        { type: 'user', name: person, via: 'console' },
      ],
    );
    let isOpening = false;
    let isBegunAgain = false;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action }) => {
        isOpening ||= action === 'UpdateRole';
        if (isBegunAgain || !isOpening || action !== moment) return undefined;
        isBegunAgain = true;
        await world.onboard(id, { grantee });
        return undefined;
      },
    });
    await world.onboard(id, { grantee });
    await world.settle();
    undo();
    const told = world.outbox.heard.filter(({ subject }) => subject === id).map(({ type }) => type);
    // One of the two hands over, and the other finds it done.
    expect(told).toEqual(['partner.access.granted']);
    expect(isBegunAgain).toBe(true);
    const secrets = (await secretsOf(world, id)).filter((one) => one.kind === 'user');
    const [keyId] = secrets.flatMap(({ accessKeyId }) => accessKeyId ?? []);
    const [password = ''] = secrets.flatMap((one) => one.password ?? []);
    expect(await keysOf(program)).toEqual([keyId]);
    expect(world.cloud.accounts.canLogOn(PARTNER, person, password)).toBe(true);
    await ended(id);
  });
});

describe('a suspension of a contract with users', () => {
  it('leaves them, and their keys work again after it', async () => {
    await granted('P-paused', { users: [etl] });
    await suspend(world, 'P-paused', 'incident-1');
    await world.hear('P-paused', 'suspended');
    expect(await usersThere(world)).toEqual(['etl']);
    await resume(world, 'P-paused', 'incident-1');
    await hearNth(world, 'P-paused', 'resumed', 1);
    expect((await hearNth(world, 'P-paused', 'resumed', 1)).data['sealed']).toBeUndefined();
    await ended('P-paused');
  });
});

describe('a hundred users', () => {
  const many = Array.from({ length: 100 }, (_, index) => ({
    logonName: `user-${String(index + 1).padStart(3, '0')}`,
    access: 'programmatic' as const,
  }));
  it('are all taken back when the 57th is refused for good', async () => {
    let made = 0;
    let crashes = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, product }) => {
        if (product !== 'Ims' || action !== 'CreateUser') return undefined;
        made += 1;
        if (made < 57) return undefined;
        crashes += 1;
        return { kind: 'error', status: 403, code: 'NoPermission' };
      },
    });
    await world.onboard('B-many', { grantee: managedGrantee({ users: many.slice(0, 100) }) });
    const heard = await world.hear('B-many', 'granted', 'failed');
    undo();
    expect(crashes).toBeGreaterThan(1);
    // A refusal that lasts is no passing trouble: everything is rolled back.
    expect(heard.type).toBe('partner.access.failed');
    expect(await usersThere(world)).toEqual([]);
  }, 60_000);

  it('are made at the rates at which RAM takes calls, and no step fails for it', async () => {
    const isThere = ({ callerArn = '' }: Partial<CallInfo>) => callerArn.includes(PARTNER);
    let refused = 0;
    const rates = publishedRates(
      () => world.clock.now(),
      // No page tells those of IMS; they are taken as RAM's.
      (call) => publishedRateOf({ ...call, product: 'Ram' }),
    );
    const undo = [
      world.cloud.cloud.faults.add({ before: (call) => (isThere(call) ? rates.before?.(call) : undefined) }),
      world.cloud.cloud.faults.add({
        after: (call, { code = '' }) => {
          if (isThere(call) && code.includes('Throttling')) refused += 1;
        },
      }),
    ];
    const from = world.lines.length;
    await world.onboard('B-rates', { grantee: managedGrantee({ users: many }) });
    const heard = await world.hear('B-rates', 'granted', 'failed');
    const { leftBehind } = (await ended('B-rates')).data;
    for (const one of undo) one();
    expect([heard.type, leftBehind]).toEqual(['partner.access.granted', []]);
    expect(refused).toBeGreaterThan(20);
    expect(world.lines.slice(from).filter((line) => line.includes('function-error'))).toEqual([]);
    expect(await usersThere(world)).toEqual([]);
  }, 60_000);

  it('go on where a throttled call had left them', async () => {
    let calls = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, product }) => {
        if (product !== 'Ims' || action !== 'CreateUser') return undefined;
        calls += 1;
        return calls === 57 ? { kind: 'error', status: 503, code: 'ServiceUnavailable' } : undefined;
      },
    });
    await world.onboard('B-again', { grantee: managedGrantee({ users: many }) });
    const heard = await world.hear('B-again', 'granted', 'failed');
    undo();
    expect(heard.type).toBe('partner.access.granted');
    expect(calls).toBe(101);
    const secrets = await secretsOf(world, 'B-again');
    expect(secrets.filter(({ kind }) => kind === 'user')).toHaveLength(100);
    const changed = (await world.facts('B-again')).filter(({ kind }) => kind === 'grantee-changed');
    expect(changed.length).toBeGreaterThan(3);
    const revoked = await ended('B-again');
    expect(revoked.data).toMatchObject({ leftBehind: [] });
    expect(await usersThere(world)).toEqual([]);
  }, 60_000);
});

describe('what a person changes in the partner’s account', () => {
  it('is told by the next look, and left as it is', async () => {
    await granted('D-there', { users: [etl] });
    const [PolicyName = ''] = await policiesOf('etl');
    await ram('DetachPolicyFromUser', { PolicyType: 'Custom', PolicyName, UserName: 'etl' });
    await ram('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName, UserName: 'operator' });
    const root = world.cloud.connectionOf(world.cloud.root);
    await startFlow('leasehold-reconciliation', { contractId: 'D-there' }, root);
    const drift = await world.hear('D-there', 'drift-found');
    expect(drift.data).toMatchObject({
      action: 'reported',
      findings: [
        { code: 'GRANTEE_SETUP_GONE', message: `user etl does not hold policy ${PolicyName} any more` },
        {
          code: 'GRANTEE_OTHER_HOLDER',
          message: `user operator was given policy ${PolicyName} by somebody else`,
        },
      ],
    });
    expect(await policiesOf('etl')).toEqual([]);
    await ended('D-there');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a provisioning role that may do too little', () => {
  const PolicyName = 'leasehold-provisioning';
  it('is refused before anything is made, with each right that is missing', async () => {
    const { policy } = await documentsFor(world);
    const before = world.ramWrites().length;
    await ram('CreatePolicyVersion', {
      PolicyName,
      PolicyDocument: policy
        .replace('"ram:CreateAccessKey",', '')
        .replace('"ram:DeleteUser"', '"ram:GetUser"'),
      SetAsDefault: 'true',
    });
    await world.onboard('L-little', { grantee: managedGrantee({ users: [etl] }) });
    const rejected = await world.hear('L-little', 'rejected', 'granted', 'failed');
    expect(
      (rejected.data['reasons'] as readonly { readonly message: string }[]).map(({ message }) => message),
    ).toEqual([
      `leasehold-provisioning lacks ram:DeleteUser on acs:ram::${PARTNER}:user/etl`,
      `leasehold-provisioning lacks ram:CreateAccessKey on acs:ram::${PARTNER}:user/etl`,
    ]);
    expect(world.ramWrites().slice(before)).toEqual([]);
    await ram('CreatePolicyVersion', { PolicyName, PolicyDocument: policy, SetAsDefault: 'true' });
  });
});

describe('an account that shuts Leasehold out', () => {
  const CLOSED = JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${PARTNER}:root`] } },
    ],
  });
  const setTrust = (trust: string) =>
    ram('UpdateRole', { RoleName: 'leasehold-provisioning', NewAssumeRolePolicyDocument: trust });

  it('and lets it in again within the day is tidied up then, but for who was given more since', async () => {
    await granted('Z-again', { users: [etl, bob] });
    await setTrust(CLOSED);
    const revoked = await ended('Z-again');
    expect(revoked.data['leftBehind']).toMatchObject([{ name: 'etl' }, { name: 'bob' }, { type: 'policy' }]);
    const attach = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess', UserName: 'bob' };
    await ram('AttachPolicyToUser', attach);
    await world.jumpTo(world.clock.now() + 10 * 60_000);
    await setTrust((await documentsFor(world)).trust);
    await world.jumpTo(world.clock.now() + 26 * 3_600_000);
    await world.settle();
    expect(await usersThere(world)).toEqual(['bob']);
    expect(driftToldOf('Z-again')).toMatchObject([
      {
        findings: [{ code: 'LEFT_BEHIND' }],
        leftBehind: [{ type: 'user', name: 'bob', given: ['policy AliyunOSSReadOnlyAccess'] }],
      },
    ]);
  });

  it('does not hold up an end: what is left there is told', async () => {
    await granted('Z-shut', { users: [etl] });
    const { policy } = await documentsFor(world);
    expect(policy).toContain('ram:DeleteUser');
    await setTrust(CLOSED);
    const revoked = await ended('Z-shut');
    expect(revoked.type).toBe('partner.access.revoked');
    expect(revoked.data['leftBehind']).toMatchObject([{ type: 'user', name: 'etl' }, { type: 'policy' }]);
    await world.onboard('Z-refused', { grantee: managedGrantee({ users: [bob] }) });
    expect(reasonsIn(await world.hear('Z-refused', 'rejected'))).toEqual(['PROVISIONING_REFUSED']);
  });
});
