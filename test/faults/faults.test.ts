import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleOf } from '../support/drift-stage.js';
import { FAULTS, failEachOnce } from '../support/fail-once.js';
import { OWNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const idOf = (...parts: readonly string[]) => parts.join('-').replace(/[^A-Za-z0-9-]/g, '');

describe.each(Object.entries(FAULTS))('where each of its writes is %s once', (what, fault) => {
  it('an onboarding ends granted, with one role', async () => {
    const id = idOf('F', what);
    const missed = failEachOnce(
      world,
      ['CreateRole', 'CreatePolicy', 'AttachPolicyToRole', 'UpdateRole', 'AssumeRole', 'PutObject'],
      fault,
    );
    await world.onboard(id);
    const heard = await world.hear(id, 'granted', 'failed');
    expect(missed()).toEqual([]);
    await world.calm();
    expect(heard.type).toBe('partner.access.granted');
    expect((await world.roles()).filter((name) => name === roleOf(id))).toHaveLength(1);
    expect((await world.contract(id)).state).toBe('active');
  });

  it('a revocation ends revoked, with nothing left', async () => {
    const id = idOf('R', what);
    await world.onboard(id);
    await world.hear(id, 'granted');
    await world.calm();
    const missed = failEachOnce(
      world,
      [
        ...['AttachPolicyToRole', 'UpdateRole', 'DetachPolicyFromRole', 'DeleteRole', 'DeletePolicy'],
        ...['PutObject', 'PutEvents'],
      ],
      fault,
    );
    await world.terminate(id);
    await world.hear(id, 'revoked');
    expect(missed()).toEqual([]);
    await world.calm();
    expect(await world.roles()).not.toContain(roleOf(id));
    expect((await world.contract(id)).state).toBe('ended');
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${roleOf(id)}-1` })).toBeUndefined();
  });
});

describe('an event delivered twice', () => {
  it('activates once', async () => {
    world.cloud.events.switches.deliverTwice = true;
    await world.onboard('D-twice');
    await world.hear('D-twice', 'granted');
    await world.calm();
    world.cloud.events.switches.deliverTwice = false;
    const kinds = (await world.facts('D-twice')).map((fact) => fact.kind);
    expect(kinds.filter((kind) => kind === 'activated')).toHaveLength(1);
    expect(kinds).not.toContain('ending');
    expect((await world.contract('D-twice')).state).toBe('active');
  });
});

describe('a termination that races the onboarding', () => {
  it.each(['CreateRole', 'CreatePolicy', 'AttachPolicyToRole', 'UpdateRole'])(
    'right after %s ends it',
    async (action) => {
      const id = idOf('T', action);
      let posted: Promise<void> | undefined;
      const undo = world.cloud.cloud.faults.add({
        after: (call) => {
          if (posted === undefined && call.action === action && call.callerArn?.includes('fn-grant'))
            posted = world.terminate(id);
        },
      });
      await world.onboard(id);
      await world.hear(id, 'revoked');
      undo();
      await world.calm();
      expect(posted).toBeDefined();
      expect(await world.roles()).not.toContain(roleOf(id));
      expect((await world.contract(id)).state).toBe('ended');
    },
  );
});

describe('a register that somebody has tampered with', () => {
  it('stops writers, never the cut', async () => {
    await world.onboard('B-broken');
    await world.hear('B-broken', 'granted');
    await world.calm();
    const key = 'contracts/B-broken/00000003.json';
    const fact = JSON.parse((await world.evidence().read(key))!);
    const bucket = world.cloud.config.evidenceBucket;
    const oss = new OSS({
      bucket,
      region: 'oss-cn-hangzhou',
      endpoint: world.cloud.origin,
      ...world.cloud.root,
    });
    await oss.put(key, Buffer.from(JSON.stringify({ ...fact, at: '2020-01-01T00:00:00Z' })));
    await world.terminate('B-broken');
    await world.calm();
    const attached = await world.ram().attachmentsOf(roleOf('B-broken'));
    expect(attached.map(({ policy }) => policy.name)).toContain('leasehold-ended');
    expect((await world.hear('B-broken', 'failed')).data['step']).toBe('CutAccess');
  });
});

describe('secrets', () => {
  it('stand in no event, flow state, log, register entry or trace', async () => {
    // Every key and token that signs anything from here on, of functions, flows and verifiers alike, is a canary.
    const canaries = new Set<string>([
      world.cloud.contractSystem.accessKeySecret,
      world.cloud.root.accessKeySecret,
    ]);
    const identity = world.cloud.cloud.identity as {
      authenticate: typeof world.cloud.cloud.identity.authenticate;
    };
    const authenticate = identity.authenticate;
    identity.authenticate = (accessKeyId, token) => {
      const known = authenticate(accessKeyId, token);
      canaries.add(known.secret);
      if (token !== undefined) canaries.add(token);
      return known;
    };
    await world.onboard('S-canary');
    await world.hear('S-canary', 'granted');
    await world.terminate('S-canary');
    await world.hear('S-canary', 'revoked');
    identity.authenticate = authenticate;
    expect(canaries.size).toBeGreaterThan(16);
    const evidence = world.evidence();
    const keys = (
      await Promise.all(
        ['contracts/', 'names/', 'rejected/', 'hand-overs/'].map((prefix) => evidence.list(prefix)),
      )
    ).flat();
    const executions = ['leasehold-onboarding', 'leasehold-revocation'].flatMap((flow) =>
      world.cloud.flows.executionsOf(OWNER, flow),
    );
    const texts = [
      ...world.lines,
      ...world.outbox.heard.map((event) => JSON.stringify(event)),
      ...executions.flatMap((execution) => [
        execution.input,
        execution.output,
        ...execution.history.map((event) => event.EventDetail),
      ]),
      ...(await Promise.all(keys.map(async (key) => (await evidence.read(key)) ?? ''))),
    ];
    expect(texts.length).toBeGreaterThan(100);
    const isSecret =
      /STS\.[A-Za-z0-9]{6,}|"(accessKeySecret|securityToken|AccessKeySecret|SecurityToken)":\s*"[^"]/;
    expect(texts.filter((text) => isSecret.test(text))).toEqual([]);
    expect(texts.filter((text) => [...canaries].some((canary) => text.includes(canary)))).toEqual([]);
  });
});
