import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLive } from '../../shared/domain/contract.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import {
  addSeconds,
  type Instant,
  instantOf,
  parseContractId,
  secondsBetween,
} from '../../shared/domain/values.js';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { answer, approvedBy, BOSS, newSigner, type Signer, signed } from '../support/approvers.js';
import { amend, resume, suspend } from '../support/changes.js';
import { kafkaGrant, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const APPROVAL_SECONDS = 3 * 3600;

let world: World;
let boss: Signer;
beforeAll(async () => {
  boss = await newSigner(BOSS);
  world = await startWorld({
    runner: 'in-process',
    env: { ...approvedBy([boss]), LEASEHOLD_APPROVAL_SECONDS: String(APPROVAL_SECONDS) },
  });
});
afterAll(() => world?.cloud.close());

const MINUTE = 60_000;
/** Longer than any step is tried by one execution. */
const MINUTES_DOWN = 65;

/** What does not work for Leasehold. */
const DOWN: Readonly<Record<string, (call: CallInfo) => boolean>> = {
  'the write that cuts': ({ action }) => action === 'AttachPolicyToRole',
  RAM: ({ product }) => product === 'Ram',
  'the bus': ({ product, action }) => product === 'eventbridge' && action === 'PutEvents',
};

/** How many executions were started of contracts' flows, and how many entries of a contract were due at most. */
async function sitOut(id: string, isDown: (call: CallInfo) => boolean, begin: () => Promise<void>) {
  // A start under a name that is taken starts nothing.
  const executions = new Set<string>();
  const untap = world.cloud.cloud.faults.add({
    before: (call) =>
      call.callerArn?.includes('leasehold-fn-') && isDown(call)
        ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
        : undefined,
    after: ({ action, params: { FlowName, ExecutionName } }, { code }) => {
      if (action === 'StartExecution' && FlowName !== 'leasehold-expiry' && code === undefined)
        executions.add(`${FlowName} ${ExecutionName}`);
    },
  });
  await begin();
  let entries = 0;
  for (let minute = 0; minute < MINUTES_DOWN; minute++) {
    await world.jumpTo(world.clock.now() + MINUTE);
    const due = world.objectKeys(world.cloud.config.indexBucket, 'due/');
    entries = Math.max(entries, due.filter((key) => key.includes(`/${id}/`)).length);
  }
  untap();
  await world.jumpTo(world.clock.now() + 30 * MINUTE);
  await world.settle();
  return { executions: executions.size, entries };
}

/** Each once: what is told again has the same id. */
const toldOf = (id: string): readonly string[] => {
  const told = world.outbox.heard.filter(({ subject }) => subject === id);
  return [...new Map(told.map((event) => [event.id, event.type.replace('partner.access.', '')])).values()];
};

/** One at once, one in each quarter of an hour, what failed is taken back, and a lease has entries of its own. */
const FEW = 10;

let serial = 0;
const newId = (): string => `O-${++serial}`;
async function granted(): Promise<string> {
  const id = newId();
  await world.onboard(id);
  await world.hear(id, 'granted');
  // Until nothing is due of its onboarding any more.
  await world.jumpTo(world.clock.now() + 40 * MINUTE);
  return id;
}

describe.each(Object.entries(DOWN))('while %s is down for longer than a step is tried', (_what, isDown) => {
  it('an end is tried by few executions, and is done and told afterwards', async () => {
    const id = await granted();
    const { executions, entries } = await sitOut(id, isDown, () => world.terminate(id));
    expect(executions).toBeLessThanOrEqual(FEW);
    expect(entries).toBeLessThanOrEqual(FEW);
    expect((await world.contract(id)).state).toBe('ended');
    expect(toldOf(id)).toContain('revoked');
  }, 60_000);

  it('a suspension is tried by few executions, and is seen and told afterwards', async () => {
    const id = await granted();
    const { executions, entries } = await sitOut(id, isDown, () => suspend(world, id, `s-${id}`));
    expect(executions).toBeLessThanOrEqual(FEW);
    expect(entries).toBeLessThanOrEqual(FEW);
    const { suspensions } = await world.contract(id);
    expect(suspensions.map(({ seen }) => seen !== undefined)).toEqual([true]);
    expect(toldOf(id)).toContain('suspended');
  }, 60_000);

  it('an onboarding is tried by few executions, and is granted or taken back afterwards, which is told', async () => {
    const id = newId();
    const { executions, entries } = await sitOut(id, isDown, () => world.onboard(id));
    expect(executions).toBeLessThanOrEqual(FEW);
    expect(entries).toBeLessThanOrEqual(FEW);
    const contract = await world.contract(id);
    expect(toldOf(id)).toContain(isLive(contract) ? 'granted' : 'failed');
    expect(isLive(contract) || contract.state === 'failed').toBe(true);
  }, 60_000);
});

describe('what is told once the bus is back, under one id however often it is tried', () => {
  const noSuchBus = {
    service: 'eventbridge',
    access: 'read',
    region: REGION,
    eventBus: 'no-such-bus',
  } as const;
  const isBusDown = DOWN['the bus'] ?? (() => false);
  const inMinutes = (minutes: number) => addSeconds(instantOf(world.clock.now()), minutes * 60);
  const leaseOf = (minutes: number) => ({ startsAt: inMinutes(-60), expiresAt: inMinutes(minutes) });

  it('a request was refused, and an onboarding was taken back', async () => {
    const [refused, takenBack] = [newId(), newId()];
    await sitOut(refused, isBusDown, async () => {
      await world.onboard(refused, { lease: leaseOf(9_000 * 24 * 60) });
      await world.onboard(takenBack, { grants: [noSuchBus] });
    });
    expect(toldOf(refused)).toEqual(['failed', 'rejected']);
    expect(toldOf(takenBack)).toEqual(['failed']);
  }, 60_000);

  it('a change failed, and what was before is there again', async () => {
    const id = await granted();
    await sitOut(id, isBusDown, () => amend(world, id, { revision: 1, grants: [kafkaGrant, noSuchBus] }));
    expect((await world.contract(id)).terms?.revision).toBe(0);
    expect(toldOf(id)).toEqual(['granted', 'failed']);
  }, 60_000);

  it('one change failed, and then another', async () => {
    const id = await granted();
    const wish = (revision: number) => amend(world, id, { revision, grants: [kafkaGrant, noSuchBus] });
    await sitOut(id, isBusDown, async () => {
      await wish(1);
      while ((await world.contract(id)).setbacks.length === 0) await world.jumpTo(world.clock.now() + MINUTE);
      await wish(2);
    });
    const { setbacks } = await world.contract(id);
    expect(setbacks).toHaveLength(2);
    const failed = world.outbox.heard.filter(
      ({ subject, type }) => subject === id && type.endsWith('failed'),
    );
    expect(new Set(failed.map((event) => event.id)).size).toBe(2);
  }, 60_000);

  it('a lease has begun or ends in seven days, a suspension was lifted, the partner is to make somebody', async () => {
    const [early, ending, stopped, unmade] = [newId(), newId(), await granted(), newId()];
    await world.onboard(ending, { lease: leaseOf(7 * 24 * 60 + 10) });
    await world.hear(ending, 'granted');
    await world.onboard(early, { lease: { startsAt: inMinutes(10), expiresAt: inMinutes(90 * 24 * 60) } });
    await world.hear(early, 'granted');
    await suspend(world, stopped, `s-${stopped}`);
    await world.hear(stopped, 'suspended');
    await sitOut(early, isBusDown, async () => {
      await resume(world, stopped, `s-${stopped}`);
      const { grantee } = request();
      await world.onboard(unmade, {
        grantee: { ...grantee, accessors: [{ type: 'user', name: 'nobody-yet', via: 'api' }] },
      });
    });
    expect(toldOf(early).filter((kind) => kind !== 'failed')).toEqual(['granted', 'opened']);
    expect(toldOf(ending)).toEqual(['granted', 'expiring']);
    expect(toldOf(stopped).filter((kind) => kind !== 'failed')).toEqual(['granted', 'suspended', 'resumed']);
    expect(toldOf(unmade).filter((kind) => kind !== 'failed')).toEqual(['prepared']);
    // Else whoever is waited for would be looked for in every test after this one.
    for (const id of [early, ending, stopped, unmade]) await world.terminate(id);
    await world.settle();
  }, 60_000);

  it('somebody is asked for a yes, and says no', async () => {
    const id = newId();
    await sitOut(id, isBusDown, () => world.onboard(id, { grants: [{ ...kafkaGrant, access: 'operate' }] }));
    expect(toldOf(id)).toEqual(['failed', 'approval-needed']);
    const jws = await signed(world, id, boss, { decision: 'decline' });
    await sitOut(id, isBusDown, () => answer(world, id, { jws, id: `no-${id}`, decision: 'declined' }));
    expect(toldOf(id)).toEqual(['failed', 'approval-needed', 'failed', 'rejected']);
  }, 60_000);

  it('nobody answered', async () => {
    const id = newId();
    await world.onboard(id, { grants: [{ ...kafkaGrant, access: 'operate' }] });
    await world.hear(id, 'approval-needed');
    await world.jumpTo(world.clock.now() + APPROVAL_SECONDS * 1000 - 10 * MINUTE);
    await sitOut(id, isBusDown, async () => undefined);
    expect(toldOf(id)).toEqual(['approval-needed', 'rejected']);
  }, 60_000);
});

describe('what could not be decided for longer than a step is tried', () => {
  const isDecision =
    (id: string) =>
    ({ action, params }: CallInfo) =>
      action === 'PutObject' && params['path']?.endsWith(`contracts/${id}/00000002.json`) === true;

  it('is asked afterwards where somebody must answer, who has all of his time', async () => {
    const id = newId();
    const ask = () => world.onboard(id, { grants: [{ ...kafkaGrant, access: 'operate' }] });
    await sitOut(id, isDecision(id), ask);
    const { terms, changedAt } = await world.contract(id);
    const time = secondsBetween(changedAt as Instant, terms?.question?.until as Instant);
    expect(time).toBeGreaterThan(APPROVAL_SECONDS - 60);
    expect(toldOf(id)).toEqual(['failed', 'approval-needed']);
  }, 60_000);

  it('is granted afterwards where what makes it due could not be written either', async () => {
    const id = newId();
    // By which it is found in the index, but for the entry that watches it.
    const isLease = ({ action, params: { path = '' } }: CallInfo) =>
      action === 'PutObject' && path.includes(id) && /(expiry|warning-\d+)$|grantees\//.test(path);
    await sitOut(id, isLease, () => world.onboard(id));
    expect((await world.contract(id)).state).toBe('active');
    expect(toldOf(id)).toEqual(['failed', 'granted']);
  }, 60_000);

  it('is granted afterwards where nobody need be asked', async () => {
    const id = newId();
    await sitOut(id, isDecision(id), () => world.onboard(id));
    expect((await world.contract(id)).state).toBe('active');
    expect(toldOf(id)).toEqual(['failed', 'granted']);
  }, 60_000);
});

describe('while the index takes nothing for longer than a step is tried', () => {
  const isIndexDown = ({ product, action, params }: CallInfo) =>
    product === 'oss' && action === 'PutObject' && /^\/?due\//.test(params['path'] ?? '');

  it('an end goes on within two hours after that, and is told', async () => {
    const id = await granted();
    await sitOut(id, isIndexDown, () => world.terminate(id));
    // The hourly look puts the entry there, and a tick after that finds it.
    await world.jumpTo(world.clock.now() + 60 * MINUTE);
    await world.settle();
    await world.jumpTo(world.clock.now() + 2 * MINUTE);
    await world.settle();
    expect((await world.contract(id)).state).toBe('ended');
    // Of the hourly look that it failed, and of the end.
    expect(toldOf(id)).toEqual(['granted', 'failed', 'failed', 'revoked']);
  }, 60_000);

  it('an end is recorded when it is sure to be told', async () => {
    const id = await granted();
    const isUntold = ({ action, params }: CallInfo) =>
      action === 'PutObject' && params['path']?.endsWith('/untold-end') === true;
    await sitOut(id, isUntold, () => world.terminate(id));
    expect((await world.contract(id)).state).toBe('ended');
    expect(toldOf(id)).toEqual(['granted', 'failed', 'revoked']);
  }, 60_000);

  it('a suspension cuts all the same, and is recorded when it is sure to be told', async () => {
    const id = await granted();
    const isUntold = ({ action, params }: CallInfo) =>
      action === 'PutObject' && params['path']?.endsWith('/untold-suspension') === true;
    const stopped: number[] = [];
    const undo = world.cloud.cloud.faults.add({
      after: ({ action, params }) => {
        const isIt = action === 'AttachPolicyToRole' && params['PolicyName'] === 'leasehold-suspended';
        if (isIt && params['RoleName'] === roleNameOf(parseContractId(id))) stopped.push(world.clock.now());
      },
    });
    const asked = world.clock.now();
    await sitOut(id, isUntold, () => suspend(world, id, `s-${id}`));
    undo();
    expect((stopped[0] ?? Number.POSITIVE_INFINITY) - asked).toBeLessThan(2 * MINUTE);
    expect((await world.contract(id)).suspensions.map(({ seen }) => seen !== undefined)).toEqual([true]);
    expect(toldOf(id)).toEqual(['granted', 'failed', 'suspended']);
  }, 60_000);

  it('a suspension is begun after that, and both are told', async () => {
    const id = await granted();
    await sitOut(id, isIndexDown, () => suspend(world, id, `s-${id}`));
    // What failed is the suspension, and an hourly look.
    expect(toldOf(id)).toEqual(['granted', 'failed', 'failed', 'suspended']);
  }, 60_000);
});

describe('while the register cannot be reached', () => {
  it('who asked for an end is told that it failed, and has it when he asks again', async () => {
    const id = await granted();
    const { executions, entries } = await sitOut(
      id,
      ({ product }) => product === 'oss',
      () => world.terminate(id),
    );
    expect(executions).toBeLessThanOrEqual(FEW);
    expect(entries).toBeLessThanOrEqual(FEW);
    expect(toldOf(id)).toContain('failed');
    await world.terminate(id);
    await world.settle();
    expect(toldOf(id)).toContain('revoked');
  }, 60_000);
});
