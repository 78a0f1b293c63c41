/** The control calls, the same under both of EventBridge's APIs but for names and envelopes. */
import { ApiError, type Caller } from '../kernel.js';
import { type Broker, type Bus, type Rule, type Target, testPattern } from './broker.js';

type Json = Readonly<Record<string, unknown>>;

export interface ControlCall {
  readonly params: Json;
  readonly caller: Caller;
  readonly region: string;
  /** Asks RAM; `resource` below `eventbus/`. */
  demand(action: string, resource: string): void;
}

/** By operation name; the value is the operation's own part of the answer. */
export function controlOperations(broker: Broker): Readonly<Record<string, (call: ControlCall) => Json>> {
  const busOf = (call: ControlCall): Bus =>
    broker.bus(call.caller.accountId, call.region, text(call.params, 'EventBusName'));
  const onBus =
    (action: string, then: (bus: Bus, call: ControlCall) => Json) =>
    (call: ControlCall): Json => {
      call.demand(action, text(call.params, 'EventBusName'));
      return then(busOf(call), call);
    };
  const onRule =
    (action: string, then: (bus: Bus, rule: Rule, call: ControlCall) => Json) =>
    (call: ControlCall): Json => {
      call.demand(action, `${text(call.params, 'EventBusName')}/rule/${text(call.params, 'RuleName')}`);
      const bus = busOf(call);
      return then(bus, broker.rule(bus, text(call.params, 'RuleName')), call);
    };
  const createRule = (call: ControlCall): Json => {
    const name = text(call.params, 'RuleName');
    call.demand('CreateRule', `${text(call.params, 'EventBusName')}/rule/${name}`);
    const bus = busOf(call);
    broker.createRule(bus, {
      name,
      description: optional(call.params, 'Description') ?? '',
      pattern: text(call.params, 'FilterPattern'),
      isEnabled: isEnabled(optional(call.params, 'Status')),
      targets: targetsIn(call.params['EventTargets'] ?? call.params['Targets']),
    });
    return { RuleARN: ruleArn(bus, name) };
  };
  const addTargets = (bus: Bus, rule: Rule, { params }: ControlCall): Json => {
    const added = targetsIn(params['Targets']);
    const kept = rule.targets.filter((target) => !added.some((one) => one.Id === target.Id));
    broker.changeRule(bus, rule.name, { targets: [...kept, ...added] });
    return { ErrorEntriesCount: 0, ErrorEntries: [] };
  };
  const setEnabled =
    (value: boolean) =>
    (bus: Bus, rule: Rule): Json => {
      broker.changeRule(bus, rule.name, { isEnabled: value });
      return {};
    };
  return {
    CreateEventBus: (call) => {
      call.demand('CreateEventBus', '*');
      const bus = broker.createBus(
        call.caller.accountId,
        call.region,
        text(call.params, 'EventBusName'),
        optional(call.params, 'Description') ?? '',
      );
      return { EventBusARN: busArn(bus) };
    },
    GetEventBus: onBus('GetEventBus', (bus) => describeBus(bus)),
    ListEventBuses: (call) => {
      call.demand('ListEventBuses', '*');
      const prefix = optional(call.params, 'NamePrefix') ?? '';
      const buses = broker
        .busesOf(call.caller.accountId, call.region)
        .filter((bus) => bus.name.startsWith(prefix));
      return { EventBuses: buses.map(describeBus), Total: buses.length };
    },
    DeleteEventBus: onBus('DeleteEventBus', (bus) => {
      broker.deleteBus(bus);
      return {};
    }),
    CreateRule: createRule,
    GetRule: onRule('GetRule', (bus, rule) => describeRule(bus, rule)),
    ListRules: (call) => {
      call.demand('ListRules', `${text(call.params, 'EventBusName')}/rule/*`);
      const bus = busOf(call);
      const rules = [...bus.rules.values()].filter((rule) =>
        rule.name.startsWith(optional(call.params, 'RuleNamePrefix') ?? ''),
      );
      return { Rules: rules.map((rule) => describeRule(bus, rule)), Total: rules.length };
    },
    UpdateRule: onRule('UpdateRule', (bus, rule, { params }) => {
      const pattern = optional(params, 'FilterPattern');
      const description = optional(params, 'Description');
      const status = optional(params, 'Status');
      broker.changeRule(bus, rule.name, {
        ...(pattern === undefined ? {} : { pattern }),
        ...(description === undefined ? {} : { description }),
        ...(status === undefined ? {} : { isEnabled: isEnabled(status) }),
      });
      return {};
    }),
    EnableRule: onRule('EnableRule', setEnabled(true)),
    DisableRule: onRule('DisableRule', setEnabled(false)),
    DeleteRule: onRule('DeleteRule', (bus, rule) => {
      bus.rules.delete(rule.name);
      return {};
    }),
    PutTargets: onRule('PutTargets', addTargets),
    CreateTargets: onRule('CreateTargets', addTargets),
    ListTargets: onRule('ListTargets', (_bus, rule) => ({ Targets: rule.targets })),
    DeleteTargets: onRule('DeleteTargets', (bus, rule, { params }) => {
      const ids = listIn(params['TargetIds']);
      broker.changeRule(bus, rule.name, {
        targets: rule.targets.filter((target) => !ids.includes(target.Id)),
      });
      return { ErrorEntriesCount: 0, ErrorEntries: [] };
    }),
    TestEventPattern: ({ params }) => ({
      Result: testPattern(text(params, 'EventPattern'), text(params, 'Event')),
    }),
  };
}

/** @throws {ApiError} 400 `MissingParameter` */
export function text(params: Json, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '')
    throw new ApiError(400, 'MissingParameter', `${name} is mandatory for this action.`);
  return value;
}
const optional = (params: Json, name: string): string | undefined =>
  typeof params[name] === 'string' ? params[name] : undefined;
/** Samples write `enable`, the reference `ENABLE`. */
const isEnabled = (status: string | undefined): boolean => (status ?? 'ENABLE').toUpperCase() === 'ENABLE';

/** Lists travel as JSON text in RPC calls and as lists in the other API. */
function listIn(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  try {
    const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    if (Array.isArray(list)) return list;
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'A list is not JSON.');
  }
  throw new ApiError(400, 'InvalidArgument', 'A list is not a list.');
}

function targetsIn(value: unknown): readonly Target[] {
  return listIn(value).map((one) => {
    const target = one as Partial<Target>;
    if (typeof target.Id !== 'string' || typeof target.Type !== 'string')
      throw new ApiError(409, 'EventTargetInvalid', 'A target needs Id and Type.');
    return {
      Id: target.Id,
      Type: target.Type,
      Endpoint: target.Endpoint ?? '',
      PushRetryStrategy:
        target.PushRetryStrategy === 'EXPONENTIAL_DECAY_RETRY' ? 'EXPONENTIAL_DECAY_RETRY' : 'BACKOFF_RETRY',
      ...(target.DeadLetterQueue === undefined ? {} : { DeadLetterQueue: target.DeadLetterQueue }),
      ParamList: target.ParamList ?? [],
    };
  });
}

const busArn = (bus: Bus): string => `acs:eventbridge:${bus.region}:${bus.accountId}:eventbus/${bus.name}`;
const ruleArn = (bus: Bus, name: string): string => `${busArn(bus)}/rule/${name}`;
const describeBus = (bus: Bus): Json => ({
  EventBusName: bus.name,
  EventBusARN: busArn(bus),
  Description: bus.description,
  CreateTimestamp: bus.createdAt,
});
const describeRule = (bus: Bus, rule: Rule): Json => ({
  EventBusName: bus.name,
  RuleName: rule.name,
  RuleARN: ruleArn(bus, rule.name),
  Description: rule.description,
  Status: rule.isEnabled ? 'ENABLE' : 'DISABLE',
  FilterPattern: rule.pattern,
  Targets: rule.targets,
});
