/** Buses, rules and targets of all accounts, and what happens to an event that is published. */
import type { Table } from '../keep/keeper.js';
import { ApiError, type Cloud } from '../kernel.js';
import type { Deliveries } from './deliveries.js';
import { type CloudEvent, type Json, type Origin, stamped } from './events.js';
import { BadPatternError, compilePattern, type PatternReadings } from './patterns.js';
import type { EventBridgeSwitches } from './readings.js';
import type { ScheduledSource } from './schedules.js';
import { checkTargets, routeOf, type Target } from './target-types.js';

export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
  readonly matches: (event: Json) => boolean;
  readonly isEnabled: boolean;
  readonly targets: readonly Target[];
  readonly tags: Json;
  readonly createdAt: number;
  readonly modifiedAt: number;
}
export type NewRule = Pick<Rule, 'name' | 'description' | 'pattern' | 'isEnabled' | 'targets' | 'tags'>;

export interface Bus {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  description: string;
  readonly tags: Json;
  readonly createdAt: number;
  readonly rules: Map<string, Rule>;
  readonly sources: Map<string, ScheduledSource>;
}

/** A bus as it is kept: what is compiled or runs is made anew. */
interface KeptBus extends Omit<Bus, 'rules' | 'sources'> {
  readonly rules: readonly Omit<Rule, 'matches'>[];
  readonly sources: readonly Omit<ScheduledSource, 'stop'>[];
}

export type Listener = (event: CloudEvent) => void;

const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,126}$/;
/** One in every account and region, there from the beginning, for the events of cloud services. */
export const DEFAULT_BUS = 'default';
/** Source: EventBridge "Limits". */
const MAX_BUSES = 50;
const MAX_RULES = 50;

export class Broker {
  readonly #buses = new Map<string, Bus>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #kept: Table<KeptBus>;

  constructor(
    private readonly cloud: Cloud,
    private readonly deliveries: Deliveries,
    private readonly switches: EventBridgeSwitches,
  ) {
    this.#kept = cloud.keeper.table('eventbridge/buses');
    for (const [key, { rules, ...bus }] of this.#kept.entries) {
      const compiledRules = rules.map(
        (rule) => [rule.name, { ...rule, matches: compiled(rule.pattern) }] as const,
      );
      this.#buses.set(key, { ...bus, rules: new Map(compiledRules), sources: new Map() });
    }
  }

  /** Starts the schedules that were kept, by `start`. */
  resume(start: (bus: Bus, source: Omit<ScheduledSource, 'stop'>) => void): void {
    for (const [key, { sources }] of this.#kept.entries) {
      const bus = this.#buses.get(key);
      if (bus !== undefined) for (const source of sources) start(bus, source);
    }
  }

  /** To be told after a bus, its rules or its sources were changed, or it was deleted. */
  save(accountId: string, region: string, name: string): void {
    const key = Broker.key(accountId, region, name);
    const bus = this.#buses.get(key);
    if (bus === undefined) this.#kept.remove(key);
    else
      this.#kept.put(key, {
        ...bus,
        rules: [...bus.rules.values()].map(({ matches: _, ...rule }) => rule),
        sources: [...bus.sources.values()].map(({ stop: _, ...source }) => source),
      });
  }

  static key(accountId: string, region: string, name: string): string {
    return `${accountId}/${region}/${name}`;
  }

  /** @throws {ApiError} `EventBusNotExist`; that `PutEvents` answers so too is an assumption */
  bus(accountId: string, region: string, name: string): Bus {
    const bus = this.#buses.get(Broker.key(accountId, region, name));
    if (bus !== undefined) return bus;
    if (name === DEFAULT_BUS) return this.#add(accountId, region, name, '', {});
    throw new ApiError(409, 'EventBusNotExist', `The event bus [${name.slice(0, 130)}] not existed!`);
  }
  busesOf(accountId: string, region: string): readonly Bus[] {
    this.bus(accountId, region, DEFAULT_BUS);
    return [...this.#buses.values()].filter((bus) => bus.accountId === accountId && bus.region === region);
  }

  createBus(accountId: string, region: string, name: string, description: string, tags: Json = {}): Bus {
    if (!NAME.test(name) || name === DEFAULT_BUS || name.startsWith('eventbridge-reserved-'))
      throw badBusName(name);
    if (this.#buses.has(Broker.key(accountId, region, name)))
      throw new ApiError(409, 'EventBusAlreadyExist', `The event bus [${name}] already existed!`);
    if (this.busesOf(accountId, region).length > MAX_BUSES)
      throw new ApiError(409, 'EventBusCountExceedLimit', `A region has at most ${MAX_BUSES} custom buses.`);
    return this.#add(accountId, region, name, description, tags);
  }
  #add(accountId: string, region: string, name: string, description: string, tags: Json): Bus {
    const createdAt = this.cloud.clock.now();
    const empty = { rules: new Map(), sources: new Map() };
    const bus: Bus = { accountId, region, name, description, tags, createdAt, ...empty };
    this.#buses.set(Broker.key(accountId, region, name), bus);
    this.save(accountId, region, name);
    return bus;
  }
  /** The codes are the open-source sibling's. @throws {ApiError} while the bus has rules or sources */
  deleteBus(bus: Bus): void {
    if (bus.name === DEFAULT_BUS) throw badBusName(bus.name);
    if (bus.rules.size > 0)
      throw new ApiError(409, 'EventBusRuleNotEmptyForDelete', `The event bus [${bus.name}] has rules.`);
    if (bus.sources.size > 0)
      throw new ApiError(409, 'EventBusSourceNotEmptyForDelete', `The event bus [${bus.name}] has sources.`);
    this.#buses.delete(Broker.key(bus.accountId, bus.region, bus.name));
  }

  /** @throws {ApiError} */
  createRule(bus: Bus, rule: NewRule): void {
    if (!NAME.test(rule.name)) throw new ApiError(409, 'EventRuleNameInvalid', 'The rule name is not valid.');
    if (bus.rules.has(rule.name))
      throw new ApiError(409, 'EventRuleAlreadyExist', `The rule [${rule.name}] already existed!`);
    if (bus.rules.size >= MAX_RULES)
      throw new ApiError(409, 'EventRuleCountExceedLimit', `A bus has at most ${MAX_RULES} rules.`);
    this.#checkTargets(bus, rule.targets);
    const now = this.cloud.clock.now();
    const matches = compiled(rule.pattern, this.switches);
    bus.rules.set(rule.name, { ...rule, matches, createdAt: now, modifiedAt: now });
  }
  rule(bus: Bus, name: string): Rule {
    const rule = bus.rules.get(name);
    if (rule === undefined)
      throw new ApiError(409, 'EventRuleNotExist', `The rule [${name.slice(0, 130)}] not existed!`);
    return rule;
  }
  changeRule(
    bus: Bus,
    name: string,
    change: Partial<Pick<Rule, 'description' | 'pattern' | 'isEnabled' | 'targets'>>,
  ): void {
    const rule = this.rule(bus, name);
    if (change.targets !== undefined) this.#checkTargets(bus, change.targets);
    bus.rules.set(name, {
      ...rule,
      ...change,
      ...(change.pattern === undefined ? {} : { matches: compiled(change.pattern, this.switches) }),
      modifiedAt: this.cloud.clock.now(),
    });
  }

  /** Stamps the event as the service does, tells listeners, and hands it to every matching rule's targets. */
  publish(bus: Bus, event: CloudEvent, origin: Origin): void {
    const received = stamped(event, bus, this.cloud.clock.now(), origin);
    for (const listener of this.#listeners.get(Broker.key(bus.accountId, bus.region, bus.name)) ?? [])
      this.#tell(listener, received);
    for (const rule of bus.rules.values()) {
      if (!rule.isEnabled || !rule.matches(received)) continue;
      for (const target of rule.targets)
        this.deliveries.start({ bus, rule: rule.name, target, event: received, origin });
    }
  }

  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    return () => void listeners.delete(listener);
  }
  /** A listener that fails must not keep the event from its targets. */
  #tell(listener: Listener, event: CloudEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.cloud.trace({ at: 'eventbridge', event: event.id, listenerFailed: String(error) });
    }
  }

  /** Whether a rule of `pattern` would take `event`, both as JSON text. @throws {ApiError} */
  testPattern(pattern: string, event: string): boolean {
    const matches = compiled(pattern, { unlistedConditions: this.switches.unlistedConditions });
    let parsed: unknown;
    try {
      parsed = JSON.parse(event);
    } catch {
      throw new ApiError(400, 'InvalidArgument', 'The event is not JSON.');
    }
    return matches(parsed as Json);
  }

  #checkTargets(bus: Bus, targets: readonly Target[]): void {
    checkTargets(targets, bus);
    for (const target of targets) {
      if (target.Type !== 'acs.eventbridge') continue;
      const to = routeOf(target, bus);
      if (to.bus === '' || to.bus === DEFAULT_BUS)
        throw new ApiError(409, 'EventTargetInvalid', 'Events are routed to custom buses only.');
      if (to.region !== bus.region && !this.switches.crossRegionRouting)
        throw new ApiError(409, 'EventTargetInvalid', 'Events are routed within a region only.');
    }
  }
}

const badBusName = (name: string): ApiError =>
  new ApiError(409, 'EventBusNameInvalid', `The event bus name [${name.slice(0, 130)}] is not valid.`);

function compiled(pattern: string, readings?: PatternReadings): Rule['matches'] {
  try {
    return compilePattern(pattern, readings);
  } catch (error) {
    if (error instanceof BadPatternError) throw new ApiError(409, 'EventPatternInvalid', error.message);
    throw error;
  }
}
