/** An embedded cloud with CloudFlow and functions that do as their ARN says, on a clock that stands still. */
import { makeVirtualClock, type VirtualClock } from '../../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../../shared/loopback/cloud.js';
import type { Execution } from '../../../shared/loopback/cloudflow/executions.js';
import {
  type CloudFlowOptions,
  type CloudFlowParts,
  cloudFlowService,
} from '../../../shared/loopback/cloudflow/service.js';
import { ApiError, type Caller, type FunctionReply } from '../../../shared/loopback/kernel.js';

export const ACCOUNT = '1000000000000001';
export const REGION = 'cn-hangzhou';
export const START = Date.parse('2026-12-01T00:00:00Z');
const ROLE = `acs:ram::${ACCOUNT}:role/flows`;

export type States = readonly { readonly Name: string; readonly [field: string]: unknown }[];
export type Params = Readonly<Record<string, string>>;

export const definitionOf = (Name: string, states: States): string =>
  JSON.stringify({
    Type: 'StateMachine',
    SpecVersion: 'v1',
    Name,
    StartAt: states[0]?.Name,
    States: states,
  });

/** A task whose answer comes from outside; its token goes to the function. */
export const askingTask = {
  Type: 'Task',
  Name: 'A',
  Action: 'FC:InvokeFunction',
  TaskMode: 'WaitForCustomCallback',
  Timeout: 604_800,
  Parameters: {
    resourceArn: 'echo',
    invocationType: 'Sync',
    body: { 'token.$': '$Context.Current.TaskToken' },
  },
  End: true,
};

export interface FlowWorld {
  readonly clock: VirtualClock;
  readonly cloud: RunningCloud;
  readonly flows: CloudFlowParts;
  /** What functions were called with, oldest first. */
  readonly payloads: readonly string[];
  /** Whose they were. */
  readonly arns: readonly string[];
  readonly published: readonly {
    readonly caller: Caller;
    readonly event: Readonly<Record<string, unknown>>;
  }[];
  /** As the account's root, unless told otherwise. */
  call(action: string, params: Params, caller?: Caller): Promise<Readonly<Record<string, unknown>>>;
  ram(action: string, params: Params): Promise<unknown>;
  create(name: string, states: States, more?: Params): Promise<unknown>;
  /** Creates a flow, starts it once and lets time pass until it is over. */
  run(name: string, states: States, input?: object): Promise<Execution>;
  close(): Promise<void>;
}

/** What a function does, by its ARN: `echo`, `throw <Name>`, `raw <text>`, or refusals of the service itself. */
function reply(resourceArn: string, payload: Buffer): FunctionReply {
  if (resourceArn === 'break') throw new TypeError('the product broke');
  if (resourceArn === 'throttle') return { status: 429, body: Buffer.from('{"Code":"ResourceThrottled"}') };
  if (resourceArn === 'refuse') throw new ApiError(404, 'FunctionNotFound', 'no such function');
  const [, verb, what = ''] = /^(throw|raw) (.*)$/s.exec(resourceArn) ?? [];
  if (verb === 'raw') return { status: 200, body: Buffer.from(what) };
  if (verb === undefined) return { status: 200, body: payload };
  return {
    status: 200,
    errorType: 'UnhandledInvocationError',
    body: Buffer.from(JSON.stringify({ errorType: what, errorMessage: 'as told' })),
  };
}

export interface FlowWorldOptions {
  /** Epoch ms. */
  readonly startAt?: number;
  /** Milliseconds of the cloud's time that a function takes. */
  readonly functionMs?: number;
  /** Where state is kept; what was kept there before goes on. */
  readonly data?: string;
}

/** `isAlone`: without Function Compute and EventBridge. */
export async function startFlows(
  options: CloudFlowOptions = {},
  isAlone = false,
  { startAt = START, functionMs = 0, data }: FlowWorldOptions = {},
): Promise<FlowWorld> {
  const clock = makeVirtualClock({ startAt });
  const payloads: string[] = [];
  const arns: string[] = [];
  const published: FlowWorld['published'][number][] = [];
  const neighbours: CloudFlowOptions = {
    functions: () => ({
      invoke: async ({ resourceArn, payload }) => {
        payloads.push(payload.toString());
        arns.push(resourceArn);
        if (functionMs > 0) await clock.sleep(functionMs);
        return reply(resourceArn, payload);
      },
    }),
    events: () => ({
      publish: async (caller, _region, [event = {}]) => {
        published.push({ caller, event });
        return { FailedEntryCount: 0 };
      },
    }),
  };
  let flows: CloudFlowParts | undefined;
  const cloud = await startCloud({
    clock,
    ...(data === undefined ? {} : { data }),
    services: [
      (its) => {
        flows = cloudFlowService(its, { ...(isAlone ? {} : neighbours), ...options });
        return flows;
      },
    ],
  });
  if (flows === undefined) throw new Error('CloudFlow did not start');
  const parts = flows;
  const isNew = cloud.accounts.keyOf(ACCOUNT) === undefined;
  if (isNew) cloud.accounts.createAccount(ACCOUNT);
  const root = cloud.accounts.rootOf(ACCOUNT);
  const call: FlowWorld['call'] = async (action, params, caller = root) =>
    (await cloud.cloud.call(caller, '2019-03-15', action, params, REGION)) as Readonly<
      Record<string, unknown>
    >;
  const ram: FlowWorld['ram'] = (action, params) =>
    cloud.cloud.call(root, '2015-05-01', action, params, REGION);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fnf.aliyuncs.com'] } }],
  });
  if (isNew) await ram('CreateRole', { RoleName: 'flows', AssumeRolePolicyDocument });

  const create: FlowWorld['create'] = (name, states, more = {}) =>
    call('CreateFlow', {
      Name: name,
      Type: 'FDL',
      Description: 'd',
      Definition: definitionOf(name, states),
      RoleArn: ROLE,
      ...more,
    });
  return {
    clock,
    cloud,
    flows: parts,
    payloads,
    arns,
    published,
    call,
    ram,
    create,
    run: async (name, states, input = {}) => {
      await create(name, states);
      await call('StartExecution', { FlowName: name, Input: JSON.stringify(input) });
      await clock.runUntilIdle();
      const execution = parts.executionsOf(ACCOUNT, name).at(-1);
      if (execution === undefined) throw new Error(`${name} was not started`);
      await execution.over;
      return execution;
    },
    close: () => cloud.close(),
  };
}
