/** Actions on time schedules. Source: CloudFlow API reference, Terraform `alicloud_fnf_schedule`. */
import { randomUUID } from 'node:crypto';
import { ApiError, type RpcAction, type RpcCall } from '../kernel.js';
import type { Core } from './core.js';
import { dataOf } from './executions.js';
import type { Flow } from './flows.js';
import { flagOf, nameOf, pageOf, required } from './parameters.js';
import { describeSchedule } from './replies.js';
import { makeSchedule, type Schedule } from './schedules.js';

const MAX_LIMIT = 1000;

export function scheduleActions(core: Core): Readonly<Record<string, RpcAction>> {
  const { clock } = core.cloud;
  const onSchedule = (
    action: string,
    then: (flow: Flow, schedule: Schedule, call: RpcCall) => unknown,
  ): RpcAction =>
    core.onFlow(action, 'FlowName', (flow, call) => {
      const name = required(call, 'ScheduleName');
      const schedule = flow.schedules.get(name);
      if (schedule === undefined)
        throw new ApiError(404, 'ScheduleNotExists', `Schedule '${name}' does not exist`);
      return then(flow, schedule, call);
    });

  /** Makes a schedule from the call's parameters, or `before` anew: what the call lacks stays. */
  const store = (flow: Flow, call: RpcCall, before?: Schedule): Schedule => {
    const { params } = call;
    const payload = params['Payload'] ?? before?.payload ?? '';
    if (payload !== '') dataOf(payload, 'Payload');
    const now = clock.now();
    const schedule = startScheduleOf(core, flow, {
      id: before?.id ?? randomUUID(),
      name: before?.name ?? nameOf(required(call, 'ScheduleName'), 'ScheduleName'),
      description: params['Description'] ?? before?.description ?? '',
      cron: params['CronExpression'] || before?.cron || required(call, 'CronExpression'),
      payload,
      isEnabled: flagOf(call, 'Enable', before?.isEnabled ?? true),
      createdAt: before?.createdAt ?? now,
      modifiedAt: now,
    });
    before?.stop();
    core.flows.save(flow);
    return schedule;
  };

  return {
    CreateSchedule: core.onFlow('CreateSchedule', 'FlowName', (flow, call) => {
      const name = required(call, 'ScheduleName');
      if (flow.schedules.has(name))
        throw new ApiError(409, 'ScheduleAlreadyExists', `Schedule '${name}' already exists`);
      return describeSchedule(store(flow, call));
    }),
    UpdateSchedule: onSchedule('UpdateSchedule', (flow, schedule, call) =>
      describeSchedule(store(flow, call, schedule)),
    ),
    DescribeSchedule: onSchedule('DescribeSchedule', (_flow, schedule) => describeSchedule(schedule)),
    DeleteSchedule: onSchedule('DeleteSchedule', (flow, schedule) => {
      schedule.stop();
      flow.schedules.delete(schedule.name);
      core.flows.save(flow);
      return {};
    }),
    ListSchedules: core.onFlow('ListSchedules', 'FlowName', (flow, call) => {
      const { page, next } = pageOf(call, [...flow.schedules.values()], MAX_LIMIT);
      return { Schedules: page.map(describeSchedule), ...next };
    }),
  };
}

/** Nobody hears what a schedule is refused, and its next turn comes. */
function startByClock(core: Core, flow: Flow, { name, payload }: Omit<Schedule, 'stop'>): void {
  try {
    core.start(flow, { Input: payload });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    core.cloud.trace({ at: 'cloudflow', flow: flow.name, schedule: name, refused: error.code });
  }
}

/** Puts a schedule on its flow and starts it. When it fires, the flow is what it is by then. @throws {ApiError} */
export function startScheduleOf(core: Core, flow: Flow, parts: Omit<Schedule, 'stop'>): Schedule {
  const { accountId, region, name } = flow;
  const schedule = makeSchedule(core.cloud.clock, parts, () => {
    const current = core.flows.get(accountId, region, name);
    if (current !== undefined) startByClock(core, current, parts);
  });
  flow.schedules.set(schedule.name, schedule);
  return schedule;
}
