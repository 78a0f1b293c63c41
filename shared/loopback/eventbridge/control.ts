/** The control calls, the same under both of EventBridge's APIs but for names and envelopes. */
import type { Caller } from '../kernel.js';
import type { Broker, Bus, Rule } from './broker.js';
import type { Deliveries } from './deliveries.js';
import type { Json } from './events.js';
import { isEnabled, listIn, mapIn, optional, pageOf, targetsIn, text } from './params.js';
import type { Target } from './target-types.js';

export interface ControlCall {
  readonly params: Json;
  readonly caller: Caller;
  readonly region: string;
  /** Asks RAM; `resource` below `eventbus/`. */
  demand(action: string, resource: string): void;
}
/** Returns the operation's own part of the answer. Throws `ApiError`. */
export type ControlOperation = (call: ControlCall) => Json;
export type ControlOperations = Readonly<Record<string, ControlOperation>>;

/** Authorised for `action` on the bus, then given it. Strangers do not learn what exists. */
export const onBus =
  (broker: Broker, action: string, then: (bus: Bus, call: ControlCall) => Json): ControlOperation =>
  (call) => {
    const name = text(call.params, 'EventBusName');
    call.demand(action, name);
    return then(broker.bus(call.caller.accountId, call.region, name), call);
  };

export function busOperations(broker: Broker): ControlOperations {
  return {
    CreateEventBus: (call) => {
      call.demand('CreateEventBus', '*');
      const { params, caller, region } = call;
      const name = text(params, 'EventBusName');
      const description = optional(params, 'Description') ?? '';
      const bus = broker.createBus(caller.accountId, region, name, description, mapIn(params, 'Tags'));
      return { EventBusARN: busArn(bus) };
    },
    UpdateEventBus: onBus(broker, 'UpdateEventBus', (bus, { params }) => {
      bus.description = optional(params, 'Description') ?? bus.description;
      return { EventBusARN: busArn(bus) };
    }),
    GetEventBus: onBus(broker, 'GetEventBus', describeBus),
    ListEventBuses: (call) => {
      call.demand('ListEventBuses', '*');
      const prefix = optional(call.params, 'NamePrefix') ?? '';
      const all = broker
        .busesOf(call.caller.accountId, call.region)
        .filter((bus) => bus.name.startsWith(prefix));
      const { items, rest } = pageOf(all, call.params);
      return { EventBuses: items.map(describeBus), ...rest };
    },
    DeleteEventBus: onBus(broker, 'DeleteEventBus', (bus) => {
      broker.deleteBus(bus);
      return {};
    }),
  };
}

export function ruleOperations(broker: Broker, deliveries: Deliveries): ControlOperations {
  const onRule =
    (action: string, then: (bus: Bus, rule: Rule, call: ControlCall) => Json): ControlOperation =>
    (call) => {
      const [bus, rule] = [text(call.params, 'EventBusName'), text(call.params, 'RuleName')];
      call.demand(action, `${bus}/rule/${rule}`);
      // The policies page checks this one on the bus, the pages of its neighbours on the rule: both must allow it.
      if (action === 'UpdateRule') call.demand(action, bus);
      const found = broker.bus(call.caller.accountId, call.region, bus);
      return then(found, broker.rule(found, rule), call);
    };
  const setEnabled = (value: boolean) => (bus: Bus, rule: Rule) => {
    broker.changeRule(bus, rule.name, { isEnabled: value });
    return {};
  };
  /** Makes targets, or replaces those of the same id. */
  const putTargets = (bus: Bus, rule: Rule, { params }: ControlCall): Json => {
    const added = targetsIn(params, 'Targets');
    const kept = rule.targets.filter((target) => !added.some((one) => one.Id === target.Id));
    broker.changeRule(bus, rule.name, { targets: [...kept, ...added] });
    for (const target of added) deliveries.resume(bus, rule.name, target);
    return NO_ERRORS;
  };
  return {
    CreateRule: (call) => {
      const { params } = call;
      const [busName, name] = [text(params, 'EventBusName'), text(params, 'RuleName')];
      call.demand('CreateRule', `${busName}/rule/${name}`);
      const bus = broker.bus(call.caller.accountId, call.region, busName);
      broker.createRule(bus, {
        name,
        description: optional(params, 'Description') ?? '',
        pattern: text(params, 'FilterPattern'),
        isEnabled: isEnabled(params) ?? true,
        targets: targetsIn(params, params['EventTargets'] === undefined ? 'Targets' : 'EventTargets'),
        tags: mapIn(params, 'Tags'),
      });
      return { RuleARN: ruleArn(bus, name) };
    },
    GetRule: onRule('GetRule', describeRule),
    ListRules: (call) => {
      const name = text(call.params, 'EventBusName');
      call.demand('ListRules', `${name}/rule/*`);
      const bus = broker.bus(call.caller.accountId, call.region, name);
      const prefix = optional(call.params, 'RuleNamePrefix') ?? '';
      const all = [...bus.rules.values()].filter((rule) => rule.name.startsWith(prefix));
      const { items, rest } = pageOf(all, call.params);
      return { Rules: items.map((rule) => describeRule(bus, rule)), ...rest };
    },
    UpdateRule: onRule('UpdateRule', (bus, rule, { params }) => {
      const [pattern, description] = [optional(params, 'FilterPattern'), optional(params, 'Description')];
      broker.changeRule(bus, rule.name, {
        ...(pattern === undefined ? {} : { pattern }),
        ...(description === undefined ? {} : { description }),
        // Also for a rule that is off. Source: API reference, UpdateRule, whose `Status` is by default as CreateRule's.
        isEnabled: isEnabled(params) ?? true,
      });
      return {};
    }),
    EnableRule: onRule('EnableRule', setEnabled(true)),
    DisableRule: onRule('DisableRule', setEnabled(false)),
    DeleteRule: onRule('DeleteRule', (bus, rule) => {
      bus.rules.delete(rule.name);
      return {};
    }),
    PutTargets: onRule('PutTargets', putTargets),
    CreateTargets: onRule('CreateTargets', putTargets),
    ListTargets: onRule('ListTargets', (_bus, rule, { params }) => {
      const arn = optional(params, 'Arn');
      const all = rule.targets.filter((target) => arn === undefined || arn === '' || target.Endpoint === arn);
      const { items, rest } = pageOf(all, params);
      return { Targets: items.map(describeTarget), ...rest };
    }),
    DeleteTargets: onRule('DeleteTargets', (bus, rule, { params }) => {
      const ids = listIn(params, 'TargetIds');
      broker.changeRule(bus, rule.name, {
        targets: rule.targets.filter((target) => !ids.includes(target.Id)),
      });
      return NO_ERRORS;
    }),
    TestEventPattern: ({ params }) => ({
      Result: broker.testPattern(text(params, 'EventPattern'), text(params, 'Event')),
    }),
  };
}

const NO_ERRORS: Json = { ErrorEntriesCount: 0, ErrorEntries: [] };

export const busArn = (bus: Bus): string =>
  `acs:eventbridge:${bus.region}:${bus.accountId}:eventbus/${bus.name}`;
const ruleArn = (bus: Bus, name: string): string => `${busArn(bus)}/rule/${name}`;

const describeBus = (bus: Bus): Json => ({
  EventBusName: bus.name,
  EventBusARN: busArn(bus),
  Description: bus.description,
  CreateTimestamp: bus.createdAt,
  Tags: bus.tags,
});
/** Times under the names of both APIs. */
const describeRule = (bus: Bus, rule: Rule): Json => ({
  EventBusName: bus.name,
  RuleName: rule.name,
  RuleARN: ruleArn(bus, rule.name),
  Description: rule.description,
  Status: rule.isEnabled ? 'ENABLE' : 'DISABLE',
  FilterPattern: rule.pattern,
  Targets: rule.targets.map(describeTarget),
  Tags: rule.tags,
  Ctime: rule.createdAt,
  Mtime: rule.modifiedAt,
  CreatedTimestamp: rule.createdAt,
});
const describeTarget = (target: Target): Json => ({
  ...target,
  PushSelector: 'PARAM_TRANSFORMER',
  DetailMap: {},
});
