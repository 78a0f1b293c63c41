import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import type { CallInfo } from '../../shared/loopback/kernel.js';
import { answer, approvedBy, BOSS, newSigner, signed } from '../support/approvers.js';
import { amend, enterAs, resume, suspend, using } from '../support/changes.js';
import { holdFirst } from '../support/hold-first.js';
import { redeploy } from '../support/redeploy.js';
import { kafkaGrant, OWNER, REGION } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  // What does not work is given up before what is held here is done.
  const impatient = { LEASEHOLD_VERDICT_INTERVAL_SECONDS: '1', LEASEHOLD_VERDICT_PATIENCE_SECONDS: '2' };
  world = await startWorld({ runner: 'in-process', env: impatient });
});
afterAll(() => world?.cloud.close());

const busGrant = (eventBus: string) =>
  ({ service: 'eventbridge', access: 'read', region: REGION, eventBus }) as const;
const roleOf = (id: string) => roleNameOf(parseContractId(id));
const policyOf = (id: string) => world.ram().readPolicy({ type: 'Custom', name: `${roleOf(id)}-1` });
const attachedTo = async (id: string) =>
  (await world.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name);
const driftOf = (id: string) =>
  world.outbox.heard.filter(({ subject, type }) => subject === id && type === 'partner.access.drift-found');

/** The first such call of `id` comes later than anybody waits for it. */
const isOf =
  (id: string, action: string) =>
  ({ callerArn, params, ...call }: CallInfo): boolean =>
    callerArn?.includes('leasehold-fn-') === true &&
    call.action === action &&
    JSON.stringify(params).includes(roleOf(id));
const holdFirstOf = (id: string, action: string): (() => boolean) => holdFirst(world, isOf(id, action), 45);

/** Longer than anything is looked at once more. */
const halfAnHourLater = async (): Promise<void> => {
  await world.jumpTo(world.clock.now() + 1_800_000);
  await world.calm();
};

describe.each(['CreateRole', 'CreatePolicy'])('%s of an onboarding that failed, applied late', (action) => {
  it('is found, removed and told', async () => {
    const id = `F-${action}`;
    const wasHeld = holdFirstOf(id, action);
    await world.onboard(id, { grants: [busGrant('no-such-bus')] });
    await world.hear(id, 'failed');
    await world.jumpTo(world.clock.now() + 120_000);
    expect(wasHeld()).toBe(true);
    const isThere = async () =>
      (await world.roles()).includes(roleOf(id)) || (await policyOf(id)) !== undefined;
    expect(await isThere()).toBe(true);
    await halfAnHourLater();
    expect(await isThere()).toBe(false);
    expect(driftOf(id).map(({ data }) => JSON.stringify(data['findings']))).toEqual([
      expect.stringContaining('CAME_BACK'),
    ]);
    expect((await world.contract(id)).state).toBe('failed');
  });
});

describe('a failed onboarding that is requested again', () => {
  it('keeps what it was given, whatever was still to be looked at', async () => {
    const bus = { EventBusName: 'late-bus' };
    await world.onboard('F-again', { grants: [busGrant('late-bus')] });
    await world.hear('F-again', 'failed');
    await asOwner('CreateEventBus', bus);
    await world.onboard('F-again', { grants: [busGrant('late-bus')] }, 'again');
    const session = await enterAs(world, 'F-again');
    await halfAnHourLater();
    expect(await using(world, session, busGrant('late-bus'))).toBe('allowed');
    expect(driftOf('F-again')).toEqual([]);
    expect(await attachedTo('F-again')).toEqual([`${roleOf('F-again')}-1`]);
  });
});

describe('the new version of a policy by an amendment that failed, applied late', () => {
  it('is undone, though drift is only told of here, and nobody is blamed for it', async () => {
    await world.onboard('A-late');
    await world.hear('A-late', 'granted');
    const before = await policyOf('A-late');
    const wasHeld = holdFirstOf('A-late', 'CreatePolicyVersion');
    await amend(world, 'A-late', { revision: 1, grants: [kafkaGrant, busGrant('no-such-bus')] });
    await world.hear('A-late', 'failed');
    await world.jumpTo(world.clock.now() + 120_000);
    expect(wasHeld()).toBe(true);
    expect(await policyOf('A-late')).not.toBe(before);
    await halfAnHourLater();
    expect(await policyOf('A-late')).toBe(before);
    expect(driftOf('A-late').map(({ data }) => [data['action'], data['who']])).toEqual([
      ['healed', expect.stringContaining('Leasehold itself')],
    ]);
    expect((await world.contract('A-late')).drift).toBeUndefined();
  });
});

describe('the new version of a policy by an execution that another one of the amendment has overtaken', () => {
  it('is undone by that execution itself', async () => {
    await world.onboard('A-twice');
    await world.hear('A-twice', 'granted');
    const before = await policyOf('A-twice');
    let writes = 0;
    const undo = world.cloud.cloud.faults.add({
      before: async ({ action, callerArn }) => {
        if (action !== 'CreatePolicyVersion' || !callerArn?.includes('amend-access')) return undefined;
        writes += 1;
        if (writes === 1) {
          // Both have looked at the role before either writes.
          const root = world.cloud.connectionOf(world.cloud.root);
          await startFlow('leasehold-amendment', { contractId: 'A-twice' }, root);
          await until(() => writes === 2);
        } else if (writes === 2)
          await until(async () => (await world.contract('A-twice')).undone !== undefined);
        return undefined;
      },
    });
    await amend(world, 'A-twice', { revision: 1, grants: [kafkaGrant, busGrant('no-such-bus')] });
    await world.hear('A-twice', 'failed');
    await world.calm();
    undo();
    expect(writes).toBeGreaterThan(1);
    expect(await policyOf('A-twice')).toBe(before);
    expect(driftOf('A-twice')).toEqual([]);
  });

  /** But not for so long that the call is given up. */
  const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    for (let second = 0; second < 9 && !(await isSo()); second++) await world.clock.sleep(1000);
  };
});

describe('the removal of a stop by a resumption that failed, applied late', () => {
  it('is undone', async () => {
    await asOwner('CreateEventBus', { EventBusName: 'short-lived' });
    await world.onboard('R-late', { grants: [busGrant('short-lived')] });
    await world.hear('R-late', 'granted');
    await suspend(world, 'R-late', 's-late');
    await world.hear('R-late', 'suspended');
    await asOwner('DeleteEventBus', { EventBusName: 'short-lived' });
    const wasHeld = holdFirstOf('R-late', 'DetachPolicyFromRole');
    await resume(world, 'R-late', 's-late');
    await world.hear('R-late', 'failed');
    await world.jumpTo(world.clock.now() + 120_000);
    expect(wasHeld()).toBe(true);
    expect(await attachedTo('R-late')).not.toContain('leasehold-suspended');
    await halfAnHourLater();
    expect(await attachedTo('R-late')).toContain('leasehold-suspended');
    expect((await world.contract('R-late')).state).toBe('suspended');
  });
});

describe('the same where the rule that the contract was granted under is narrower by now', () => {
  it('is undone all the same, since that only takes away', async () => {
    const boss = await newSigner(BOSS);
    await world.onboard('A-rule');
    await world.hear('A-rule', 'granted');
    await world.calm();
    const before = await policyOf('A-rule');
    const narrowed = { LEASEHOLD_AUTO_APPROVAL: '{"maxLeaseSeconds":0}' };
    await redeploy(world, { ...approvedBy([boss]), ...narrowed });
    const wasHeld = holdFirstOf('A-rule', 'CreatePolicyVersion');
    const operate = { ...kafkaGrant, access: 'operate' } as const;
    await amend(world, 'A-rule', { revision: 1, grants: [operate, busGrant('no-such-bus')] });
    await world.hear('A-rule', 'approval-needed');
    await answer(world, 'A-rule', { jws: await signed(world, 'A-rule', boss), id: 'yes' });
    await world.hear('A-rule', 'failed');
    await world.jumpTo(world.clock.now() + 120_000);
    expect(wasHeld()).toBe(true);
    expect(await policyOf('A-rule')).not.toBe(before);
    await halfAnHourLater();
    expect(await policyOf('A-rule')).toBe(before);
  });
});

const asOwner = (action: string, params: Readonly<Record<string, string>>) =>
  world.cloud.cloud.call(world.cloud.accounts.rootOf(OWNER), '2020-04-01', action, params, REGION);
