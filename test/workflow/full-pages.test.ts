import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRIFT_PAGE, DUE_PAGE } from '../../shared/app/pages.js';
import { dueKey } from '../../shared/app/register/index-entries.js';
import { makeIndexPort } from '../../shared/cloud/alibaba/oss.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import type { FunctionInvoker, FunctionReply } from '../../shared/loopback/kernel.js';
import { ACCOUNT, type FlowWorld, startFlows } from '../loopback/cloudflow/world.js';
import { deployedFlow, type FlowScope as Scope, type FlowState as State } from '../support/flows.js';
import { OWNER, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const MOST_EVENTS = 5_000;

const triesOf = ({ Type, Retry = [] }: State): number =>
  Type === 'Task' ? 1 + Retry.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0) : 0;

/** Of the longest way from `name` on: whatever CloudFlow may write of a state, and of a try, each as often as it may. */
function mostEvents({ States }: Scope, name: string, items: number, tries = triesOf): number {
  const state = States.find(({ Name }) => Name === name);
  if (state === undefined) throw new Error(`no state ${name}`);
  const { Next, Default, Branches = [], Catch = [], Processor } = state;
  const targets = [Next, Default, ...[...Branches, ...Catch].map((one) => one.Next)];
  const after = targets.flatMap((target) =>
    target === undefined ? [] : [mostEvents({ States, StartAt: '' }, target, items, tries)],
  );
  const within =
    Processor === undefined ? 0 : items * (4 + mostEvents(Processor, Processor.StartAt, items, tries));
  return 4 + 4 * tries(state) + within + Math.max(0, ...after);
}
const mostOf = (flow: Scope, items: number): number => 4 + mostEvents(flow, flow.StartAt, items);

describe.each([
  ['expiry', DUE_PAGE],
  ['reconciliation', DRIFT_PAGE],
])('a page of %s', (file, page) => {
  it('is as long as the events of an execution allow where all fails that can, and no longer', () => {
    const flow = deployedFlow(file);
    expect(mostOf(flow, page)).toBeLessThanOrEqual(MOST_EVENTS);
    expect(mostOf(flow, page + 1)).toBeGreaterThan(MOST_EVENTS);
  });
});

describe('a flow of one contract', () => {
  it.each(['onboarding', 'amendment', 'revocation', 'undelivered'])(
    '%s can fail at its first step, of which nothing is recorded yet, as often as it is tried, and still tell that',
    (file) => {
      const flow = deployedFlow(file);
      const first = flow.States.find(({ Name }) => Name === flow.StartAt) as State;
      const caught = first.Catch?.[0]?.Next ?? '';
      const told = mostEvents({ ...flow, StartAt: caught }, caught, 0);
      expect(4 + 4 + 4 * triesOf(first) + told).toBeLessThan(MOST_EVENTS);
    },
  );
});

const ok = (body: object): FunctionReply => ({ status: 200, body: Buffer.from(JSON.stringify(body)) });
const thrown = (errorType: string): FunctionReply => ({
  status: 200,
  errorType: 'UnhandledInvocationError',
  body: Buffer.from(JSON.stringify({ errorType, errorMessage: 'out of order' })),
});
/** Errors under each rule of a state's, as often as it allows. */
const failuresOf = ({ Retry = [] }: State): readonly string[] =>
  Retry.flatMap(({ Errors: [name = ''], MaxAttempts }) =>
    Array.from({ length: MaxAttempts }, () => (name === 'FnF.ALL' ? 'Error' : name)),
  );
const folderOf = (name: string) => name.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

describe.each([
  ['expiry', DUE_PAGE, { cursor: 'next' }, { cursor: 'next' }],
  ['reconciliation', DRIFT_PAGE, { looked: DRIFT_PAGE, isMore: true }, { looked: DRIFT_PAGE }],
] as const)('an execution of %s', (file, page, more, next) => {
  let world: FlowWorld;
  afterAll(() => world?.close());

  it('outlives a page of which every item fails as often as it can, and has the next one begun', async () => {
    const flow = deployedFlow(file);
    const all = flow.States.flatMap((state) => [state, ...(state.Processor?.States ?? [])]);
    const stateOf = (folder: string) => all.find(({ Name }) => folderOf(Name) === folder) as State;
    const items = Array.from({ length: page }, (_, n) => ({ contractId: `C-${n}` }));
    const answers: Readonly<Record<string, object>> = {
      'find-due-work': { items, ...more },
      'find-drift': { items, ...more },
      'attend-contract': { next: 'open' },
      'heal-drift': { next: 'amendment' },
      'verify-opening': {},
    };
    const tried = new Map<string, number>();
    /** The error of the next try; `undefined` when there are to be no more. */
    const failure = (state: State, who: string): string | undefined => {
      const key = `${state.Name} ${who}`;
      tried.set(key, (tried.get(key) ?? 0) + 1);
      return failuresOf(state)[(tried.get(key) ?? 0) - 1];
    };
    const invoke: FunctionInvoker['invoke'] = async ({ resourceArn, payload }) => {
      const folder = /functions\/leasehold-([a-z-]+)/.exec(resourceArn)?.[1] ?? '';
      const { input } = JSON.parse(payload.toString()) as {
        readonly input: { readonly contractId?: string; readonly failed?: { readonly contractId?: string } };
      };
      const contractId = input.contractId ?? input.failed?.contractId ?? '';
      const isNext = contractId === '' && Object.keys(input).length > 0;
      if (isNext) return ok({ items: [], cursor: '', looked: 0, isMore: false });
      const state = stateOf(folder === 'report-failure' ? 'report-item' : folder);
      const error = failure(state, contractId) ?? (answers[folder] === undefined ? 'DeniedError' : undefined);
      return error === undefined
        ? ok({ contractId, executionName: contractId, ...answers[folder] })
        : thrown(error);
    };
    world = await startFlows({ functions: () => ({ invoke }) });
    await world.ram('CreatePolicy', {
      PolicyName: 'starts',
      PolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [{ Effect: 'Allow', Action: 'fnf:StartExecution', Resource: '*' }],
      }),
    });
    await world.ram('AttachPolicyToRole', { PolicyType: 'Custom', PolicyName: 'starts', RoleName: 'flows' });
    world.cloud.cloud.faults.add({
      before: ({ action, callerArn, params: { FlowName = '', ExecutionName = '' } }) => {
        if (action !== 'StartExecution' || !callerArn?.includes('flows')) return undefined;
        const isPage = FlowName === `leasehold-${file}`;
        const name = isPage ? 'start-next-page' : 'start-amendment';
        const code = failure(stateOf(name), isPage ? '' : ExecutionName) ?? (isPage ? undefined : 'Denied');
        return code === undefined ? undefined : { kind: 'error', status: 503, code };
      },
    });
    await world.create(`leasehold-${file}`, flow.States);
    await world.call('StartExecution', { FlowName: `leasehold-${file}` });
    await world.clock.runUntilIdle();
    const [first, second] = world.flows.executionsOf(ACCOUNT, `leasehold-${file}`);
    expect(first?.history.at(-1)).toMatchObject({ Type: 'ExecutionSucceeded' });
    expect(JSON.parse(second?.input ?? '{}')).toEqual(next);
    // Each of them failed for good, and was tried to be told as often as that is tried.
    const told = [...tried].filter(([key]) => key.startsWith('ReportItem '));
    expect(told.map(([, times]) => times)).toEqual(items.map(() => triesOf(stateOf('report-item'))));
  }, 60_000);
});

describe('in a whole deployment', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process' });
  });
  afterAll(() => world?.cloud.close());

  const index = () =>
    makeIndexPort(world.cloud.connectionOf(world.cloud.root), world.cloud.config.indexBucket);
  const unreachable = () =>
    world.cloud.cloud.faults.add({
      before: ({ product, params }) =>
        product === 'oss' && JSON.stringify(params).includes('contracts/A-')
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });
  const crowd = Array.from({ length: 130 }, (_, n) => parseContractId(`A-${n}`));
  const diedOf = (flow: string) =>
    world.cloud.flows
      .executionsOf(OWNER, `leasehold-${flow}`)
      .filter(({ status }) => status !== 'Succeeded' && status !== 'Running');

  it('whose lease is over is ended behind more contracts than a page has, of which the register is out of reach', async () => {
    const { lease } = request();
    const expiresAt = addSeconds(instantOf(world.clock.now()), 1200);
    await world.onboard('Z-ends', { lease: { ...lease, expiresAt } });
    await world.hear('Z-ends', 'granted');
    const undo = unreachable();
    const keys = crowd.map((contractId) =>
      dueKey({ at: addSeconds(expiresAt, -60), contractId, what: 'expiry' }),
    );
    for (const key of keys) await index().put(key, '');
    await world.jumpTo(addSeconds(expiresAt, 60));
    await world.hear('Z-ends', 'revoked');
    undo();
    await index().removeAll(keys);
    expect(diedOf('expiry')).toEqual([]);
  }, 60_000);

  it.each([
    ['onboarding', 'CreateRole', 'granted'],
    ['revocation', 'DeleteRole', 'revoked'],
  ])(
    'an execution of %s that dies after its first step, as at its 5,000th event, is made up for',
    async (flow, action, kind) => {
      const id = `E-${flow}`;
      if (flow === 'revocation') {
        await world.onboard(id);
        await world.hear(id, 'granted');
      }
      const undo = world.cloud.cloud.faults.add({
        before: (call) =>
          call.action === action ? { kind: 'error', status: 503, code: 'ServiceUnavailable' } : undefined,
      });
      await (flow === 'revocation' ? world.terminate(id) : world.onboard(id));
      const running = () =>
        world.cloud.flows
          .executionsOf(OWNER, `leasehold-${flow}`)
          .find(
            ({ status, history }) =>
              status === 'Running' && history.some(({ Type }) => Type === 'TaskFailed'),
          );
      await world.clock.runUntilIdle({
        until: world.clock.now() + 300_000,
        isDone: () => running() !== undefined,
      });
      const died = running();
      expect(died?.history.filter(({ Type }) => Type === 'TaskSucceeded')).not.toEqual([]);
      died?.stop();
      undo();
      await world.hear(id, kind);
    },
    60_000,
  );
});
