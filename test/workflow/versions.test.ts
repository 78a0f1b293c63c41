import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import type { FunctionReply } from '../../shared/loopback/kernel.js';
import { ACCOUNT, type FlowWorld, startFlows } from '../loopback/cloudflow/world.js';
import { suspend } from '../support/changes.js';
import { deployedFlow } from '../support/flows.js';
import { startWorld, type World } from '../support/world.js';

const says = (body: object): FunctionReply => ({ status: 200, body: Buffer.from(JSON.stringify(body)) });

describe('a flow whose functions are of a version that says less', () => {
  let world: FlowWorld;
  afterEach(() => world?.close());

  it.each(['onboarding', 'amendment', 'revocation', 'expiry', 'reconciliation'])(
    '%s tells that it could not go on, once, and ends',
    async (name) => {
      const told: { readonly step: string; readonly code: string }[] = [];
      world = await startFlows({
        functions: () => ({
          invoke: async ({ resourceArn, payload }) => {
            if (resourceArn.includes('report-failure'))
              told.push((JSON.parse(payload.toString()) as { readonly input: (typeof told)[number] }).input);
            return says({});
          },
        }),
      });
      await world.create(`leasehold-${name}`, deployedFlow(name).States);
      await world.call('StartExecution', { FlowName: `leasehold-${name}`, Input: '{"contractId":"C-1"}' });
      await world.clock.runUntilIdle();
      expect(
        world.flows.executionsOf(ACCOUNT, `leasehold-${name}`).map(({ status }) => status),
      ).not.toContain('Running');
      expect(told.map(({ step, code }) => [step, code])).toEqual([
        [deployedFlow(name).StartAt, 'FnF.RuntimeError'],
      ]);
    },
  );
});

describe('a contract of which a later version has recorded something', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process' });
  });
  afterAll(() => world?.cloud.close());

  const withLaterFact = async (id: string): Promise<void> => {
    await world.onboard(id);
    await world.hear(id, 'granted');
    await world.calm();
    const last = (await world.facts(id)).at(-1);
    const seq = (last?.seq ?? 0) + 1;
    const fact = { ...last, seq, kind: 'of-a-later-version', data: {} };
    await world
      .evidence()
      .create(`contracts/${id}/${String(seq).padStart(8, '0')}.json`, JSON.stringify(fact));
  };
  const failuresOf = (id: string) =>
    world.outbox.heard.filter(({ subject, type }) => subject === id && type.endsWith('.failed'));

  it('is cut when it ends, and says which version is to be deployed for the rest', async () => {
    await withLaterFact('V-ends');
    await world.terminate('V-ends');
    await world.hear('V-ends', 'failed');
    const role = roleNameOf(parseContractId('V-ends'));
    expect(JSON.stringify(await world.ram().attachmentsOf(role))).toContain('leasehold-ended');
    expect(failuresOf('V-ends')[0]?.data).toMatchObject({
      code: 'BrokenPromiseError',
      reason: expect.stringContaining('was written by a newer version; upgrade before writing'),
    });
  }, 60_000);

  it('is changed in nothing else, and says so', async () => {
    await withLaterFact('V-stays');
    const before = world.cloud.calls.length;
    await suspend(world, 'V-stays', 'incident');
    await world.hear('V-stays', 'failed');
    expect(world.ramWrites(before)).toEqual([]);
    expect(failuresOf('V-stays')[0]?.data['reason']).toContain('newer version');
  }, 60_000);
});

describe('an execution whose definition is of a version that does not know what its function asks for', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process' });
  });
  afterAll(() => world?.cloud.close());

  const update = (name: string, flow: object) =>
    world.asOwner('2019-03-15', 'UpdateFlow', {
      Name: `leasehold-${name}`,
      Definition: JSON.stringify({ ...flow, Name: `leasehold-${name}` }),
    });
  /** `during` with a flow of which no Choice knows a way but its default. */
  const withoutBranches = async (name: string, during: () => Promise<void>): Promise<void> => {
    const flow = deployedFlow(name);
    const States = flow.States.map((state) =>
      state.Type === 'Choice'
        ? { ...state, Branches: [{ Condition: '1 == 2', Next: state.Default }] }
        : state,
    );
    await update(name, { ...flow, States });
    await during();
    await world.calm();
    await update(name, flow);
  };

  it('is made up for by one of the next, an onboarding and a suspension alike', async () => {
    await withoutBranches('onboarding', () => world.onboard('V-left'));
    expect(world.outbox.heard).toEqual([]);
    await world.hear('V-left', 'granted');
    await withoutBranches('amendment', () => suspend(world, 'V-left', 'incident'));
    await world.hear('V-left', 'suspended');
  }, 60_000);
});
