/** Buses, rules and targets of all accounts, and what happens to an event that is published. */
import { ApiError, type Cloud } from '../kernel.js';
import type { Deliveries } from './deliveries.js';
import type { CloudEvent } from './events.js';
import { BadPatternError, compilePattern } from './patterns.js';
import { paramProblem, type TargetParam } from './transforms.js';

export interface Target {
  readonly Id: string;
  readonly Type: string;
  readonly Endpoint: string;
  readonly PushRetryStrategy: 'BACKOFF_RETRY' | 'EXPONENTIAL_DECAY_RETRY';
  readonly DeadLetterQueue?: { readonly Arn: string };
  readonly ParamList: readonly TargetParam[];
}
export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
  readonly matches: (event: Readonly<Record<string, unknown>>) => boolean;
  readonly isEnabled: boolean;
  readonly targets: readonly Target[];
}
export interface Bus {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
  readonly rules: Map<string, Rule>;
}

export type Listener = (event: CloudEvent) => void;

const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,126}$/;
const TARGET_TYPES = new Set([
  'acs.fnf',
  'acs.fc.function',
  'acs.eventbridge',
  'acs.mns.queue',
  'http',
  'https',
]);
/** Source: EventBridge "Limits". */
const MAX_BUSES = 50;
const MAX_RULES = 50;
const MAX_TARGETS = 5;

export class Broker {
  readonly #buses = new Map<string, Bus>();
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(
    private readonly cloud: Cloud,
    private readonly deliveries: Deliveries,
  ) {}

  static key(accountId: string, region: string, name: string): string {
    return `${accountId}/${region}/${name}`;
  }

  /** @throws {ApiError} `EventBusNotExist` */
  bus(accountId: string, region: string, name: string): Bus {
    const bus = this.#buses.get(Broker.key(accountId, region, name));
    if (bus === undefined)
      throw new ApiError(409, 'EventBusNotExist', `The event bus [${name}] not existed!`);
    return bus;
  }
  busesOf(accountId: string, region: string): readonly Bus[] {
    return [...this.#buses.values()].filter((bus) => bus.accountId === accountId && bus.region === region);
  }

  createBus(accountId: string, region: string, name: string, description: string): Bus {
    if (!NAME.test(name) || name === 'default' || name.startsWith('eventbridge-reserved-'))
      throw new ApiError(
        409,
        'EventBusNameInvalid',
        `The event bus name [${name.slice(0, 130)}] is not valid.`,
      );
    const key = Broker.key(accountId, region, name);
    if (this.#buses.has(key))
      throw new ApiError(409, 'EventBusAlreadyExist', `The event bus [${name}] already existed!`);
    if (this.busesOf(accountId, region).length >= MAX_BUSES)
      throw new ApiError(409, 'EventBusCountExceedLimit', `A region has at most ${MAX_BUSES} custom buses.`);
    const bus: Bus = {
      accountId,
      region,
      name,
      description,
      createdAt: this.cloud.clock.now(),
      rules: new Map(),
    };
    this.#buses.set(key, bus);
    return bus;
  }
  deleteBus(bus: Bus): void {
    this.#buses.delete(Broker.key(bus.accountId, bus.region, bus.name));
  }

  /** @throws {ApiError} */
  createRule(
    bus: Bus,
    rule: {
      readonly name: string;
      readonly description: string;
      readonly pattern: string;
      readonly isEnabled: boolean;
      readonly targets: readonly Target[];
    },
  ): void {
    if (!NAME.test(rule.name)) throw new ApiError(409, 'EventRuleNameInvalid', 'The rule name is not valid.');
    if (bus.rules.has(rule.name))
      throw new ApiError(409, 'EventRuleAlreadyExist', `The rule [${rule.name}] already existed!`);
    if (bus.rules.size >= MAX_RULES)
      throw new ApiError(409, 'EventRuleCountExceedLimit', `A bus has at most ${MAX_RULES} rules.`);
    checkTargets(rule.targets);
    bus.rules.set(rule.name, { ...rule, matches: compiled(rule.pattern) });
  }
  rule(bus: Bus, name: string): Rule {
    const rule = bus.rules.get(name);
    if (rule === undefined) throw new ApiError(409, 'EventRuleNotExist', `The rule [${name}] not existed!`);
    return rule;
  }
  changeRule(
    bus: Bus,
    name: string,
    change: Partial<Pick<Rule, 'description' | 'pattern' | 'isEnabled' | 'targets'>>,
  ): void {
    const rule = this.rule(bus, name);
    if (change.targets !== undefined) checkTargets(change.targets);
    bus.rules.set(name, {
      ...rule,
      ...change,
      ...(change.pattern === undefined ? {} : { matches: compiled(change.pattern) }),
    });
  }

  /** Stamps the event as the service does, tells listeners, and hands it to every matching rule's targets. */
  publish(
    bus: Bus,
    event: CloudEvent,
    publisher: { readonly sourceIp: string; readonly accountId: string },
  ): void {
    const stamped: CloudEvent = {
      ...event,
      aliyunaccountid: bus.accountId,
      aliyunpublishtime: new Date(this.cloud.clock.now()).toISOString(),
      aliyuneventbusname: bus.name,
      aliyunregionid: bus.region,
      aliyunpublishaddr: publisher.sourceIp,
      aliyunoriginalaccountid: event['aliyunoriginalaccountid'] ?? publisher.accountId,
    };
    for (const listener of this.#listeners.get(Broker.key(bus.accountId, bus.region, bus.name)) ?? [])
      listener(stamped);
    for (const rule of bus.rules.values()) {
      if (!rule.isEnabled || !rule.matches(stamped)) continue;
      for (const target of rule.targets)
        this.deliveries.start({ bus, rule: rule.name, target, event: stamped });
    }
  }

  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => void listeners.delete(listener);
  }
}

function compiled(pattern: string): Rule['matches'] {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof BadPatternError) throw new ApiError(409, 'EventPatternInvalid', error.message);
    throw error;
  }
}

/** @throws {ApiError} */
export function testPattern(pattern: string, event: string): boolean {
  const matches = compiled(pattern);
  try {
    return matches(JSON.parse(event) as Readonly<Record<string, unknown>>);
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'The event is not JSON.');
  }
}

function checkTargets(targets: readonly Target[]): void {
  const refuse = (message: string): never => {
    throw new ApiError(409, 'EventTargetInvalid', message);
  };
  if (targets.length > MAX_TARGETS) refuse(`A rule has at most ${MAX_TARGETS} targets.`);
  if (new Set(targets.map((target) => target.Id)).size < targets.length)
    throw new ApiError(409, 'EventRuleTargetIdDuplicate', 'The id of event target is duplicate!');
  for (const target of targets) {
    if (!TARGET_TYPES.has(target.Type))
      refuse(`This embedded EventBridge has no targets of type ${target.Type}.`);
    for (const param of target.ParamList) {
      const problem = paramProblem(param);
      if (problem !== undefined) refuse(problem);
    }
  }
}
