/** Takes events to targets, again and again as the target's strategy says, and at last to its dead-letter queue. */
import { randomUUID } from 'node:crypto';
import type { Table } from '../keep/keeper.js';
import { ApiError, type Cloud } from '../kernel.js';
import type { Bus } from './broker.js';
import type { CloudEvent, Origin } from './events.js';
import { type EventBridgeSwitches, MAX_HOPS } from './readings.js';
import type { Target } from './target-types.js';

export interface Delivery {
  /** Its own, so that it is found among what is kept. */
  readonly key: string;
  readonly bus: Bus;
  readonly rule: string;
  readonly target: Target;
  readonly event: CloudEvent;
  readonly origin: Origin;
}
/** A delivery that is not over, as it is kept. */
interface KeptDelivery extends Omit<Delivery, 'bus'> {
  readonly bus: Pick<Bus, 'accountId' | 'region' | 'name'>;
  readonly retries: number;
  /** When the next attempt is due, epoch ms; of one that blocks its target or waits behind one, `undefined`. */
  readonly dueAt: number | undefined;
}
export type DeliveryOutcome = 'delivered' | 'dead-lettered' | 'dropped' | 'blocked';
export interface DeliveryRecord {
  readonly rule: string;
  readonly target: string;
  readonly eventId: string;
  readonly attempts: number;
  readonly outcome: DeliveryOutcome;
  /** Code of the last failure, when there was one. */
  readonly failure?: string;
}
/** An event in a dead-letter queue, untransformed. */
export interface DeadLetter {
  readonly arn: string;
  readonly rule: string;
  readonly target: string;
  readonly failure: string;
  readonly event: CloudEvent;
}

/** 1, 2, 4 … 512, then 512 s: 176 retries in one day. Source: EventBridge "Retry policies and dead-letter queues". */
const DECAY_SECONDS = Array.from({ length: 176 }, (_, n) => Math.min(512, 2 ** n));
/** Three retries, each a random 10 to 20 s later. Source: the same page. */
const BACKOFF = { retries: 3, minSeconds: 10, spanSeconds: 10 };
const MAX_RECORDS = 10_000;

export class Deliveries {
  readonly records: DeliveryRecord[] = [];
  readonly deadLetters: DeadLetter[] = [];
  /** Events behind one that blocks its target (`ErrorsTolerance` NONE), that one first; by `keyOf`. */
  readonly #held = new Map<string, Delivery[]>();
  readonly #kept: Table<KeptDelivery>;

  constructor(
    private readonly cloud: Cloud,
    private readonly switches: EventBridgeSwitches,
    /** Rejects when the target did not take the event. */
    private readonly deliver: (delivery: Delivery) => Promise<void>,
    /** Throws when there is no such queue or bus. */
    private readonly bury: (delivery: Delivery, queueArn: string) => void,
  ) {
    this.#kept = cloud.keeper.table('eventbridge/deliveries');
  }

  start(toStart: Omit<Delivery, 'key'>): void {
    if (toStart.origin.hops > MAX_HOPS) {
      this.#record({ ...toStart, key: '' }, 0, 'dropped', 'RoutedInACircle');
      return;
    }
    for (let copy = 0; copy < (this.switches.deliverTwice ? 2 : 1); copy++) {
      const delivery = { ...toStart, key: randomUUID() };
      const seconds = this.switches.delaySeconds(delivery.event);
      if (seconds > 0) this.#later(seconds, delivery, 0);
      else {
        this.#keep(delivery, 0, this.cloud.clock.now());
        this.#attempt(delivery, 0);
      }
    }
  }

  /** Goes on with the deliveries that were kept. One whose bus is gone is dropped. */
  resumeKept(busOf: (accountId: string, region: string, name: string) => Bus): void {
    for (const { bus: at, retries, dueAt, ...kept } of [...this.#kept.entries.values()]) {
      try {
        const delivery = { ...kept, bus: busOf(at.accountId, at.region, at.name) };
        if (dueAt === undefined) this.#hold(delivery);
        else this.cloud.clock.at(dueAt, () => this.#attempt(delivery, retries));
      } catch (error) {
        this.#kept.remove(kept.key);
        this.cloud.trace({ at: 'eventbridge', event: kept.event.id, notResumed: codeOf(error) });
      }
    }
  }

  #keep(delivery: Delivery, retries: number, dueAt: number | undefined): void {
    const { accountId, region, name } = delivery.bus;
    this.#kept.put(delivery.key, { ...delivery, bus: { accountId, region, name }, retries, dueAt });
  }

  #hold(delivery: Delivery): void {
    this.#held.set(keyOf(delivery), [...(this.#held.get(keyOf(delivery)) ?? []), delivery]);
  }

  /** A target that was put anew takes what was held back for it; how a blocked target is freed is not documented. */
  resume(bus: Bus, rule: string, target: Target): void {
    const key = keyOf({ bus, rule, target });
    const held = this.#held.get(key) ?? [];
    this.#held.delete(key);
    for (const delivery of held) {
      this.#keep({ ...delivery, target }, 0, this.cloud.clock.now());
      this.#attempt({ ...delivery, target }, 0);
    }
  }

  #later(seconds: number, delivery: Delivery, retries: number): void {
    const dueAt = this.cloud.clock.now() + seconds * 1000;
    this.#keep(delivery, retries, dueAt);
    this.cloud.clock.at(dueAt, () => this.#attempt(delivery, retries));
  }

  #attempt(delivery: Delivery, retries: number): void {
    if (this.#held.has(keyOf(delivery))) {
      this.#hold(delivery);
      this.#keep(delivery, 0, undefined);
      return;
    }
    void this.cloud.busy(async () => {
      try {
        await this.deliver(delivery);
        this.#record(delivery, retries + 1, 'delivered');
      } catch (error) {
        this.#failed(delivery, retries, codeOf(error));
      }
    });
  }

  #failed(delivery: Delivery, retries: number, failure: string): void {
    const { target, event } = delivery;
    this.cloud.trace({
      at: 'eventbridge',
      event: event.id,
      target: target.Id,
      attempt: retries + 1,
      failed: failure,
    });
    const seconds = this.#waitSeconds(target, retries);
    if (seconds !== undefined) {
      this.#later(seconds, delivery, retries + 1);
      return;
    }
    if (target.ErrorsTolerance === 'NONE') {
      this.#held.set(keyOf(delivery), [delivery, ...(this.#held.get(keyOf(delivery)) ?? [])]);
      this.#keep(delivery, 0, undefined);
      this.#record(delivery, retries + 1, 'blocked', failure);
      return;
    }
    this.#record(
      delivery,
      retries + 1,
      this.#buried(delivery, failure) ? 'dead-lettered' : 'dropped',
      failure,
    );
  }

  #waitSeconds(target: Target, retries: number): number | undefined {
    if (target.PushRetryStrategy === 'EXPONENTIAL_DECAY_RETRY') return DECAY_SECONDS[retries];
    return retries < BACKOFF.retries
      ? BACKOFF.minSeconds + this.switches.random() * BACKOFF.spanSeconds
      : undefined;
  }

  #buried(delivery: Delivery, failure: string): boolean {
    const { rule, target, event } = delivery;
    const arn = target.DeadLetterQueue?.Arn;
    if (arn === undefined) return false;
    try {
      this.bury(delivery, arn);
    } catch (error) {
      this.cloud.trace({ at: 'eventbridge', event: event.id, notBuried: codeOf(error) });
      return false;
    }
    keep(this.deadLetters, { arn, rule, target: target.Id, failure, event });
    return true;
  }

  #record(delivery: Delivery, attempts: number, outcome: DeliveryOutcome, failure?: string): void {
    const { rule, target, event } = delivery;
    if (outcome !== 'blocked') this.#kept.remove(delivery.key);
    keep(this.records, {
      rule,
      target: target.Id,
      eventId: event.id,
      attempts,
      outcome,
      ...(failure === undefined ? {} : { failure }),
    });
  }
}

/** Oldest first out: a long-lived cloud does not grow without end. */
function keep<T>(list: T[], item: T): void {
  if (list.length >= MAX_RECORDS) list.shift();
  list.push(item);
}

const keyOf = ({ bus, rule, target }: Pick<Delivery, 'bus' | 'rule' | 'target'>): string =>
  [bus.accountId, bus.region, bus.name, rule, target.Id].join('/');

const codeOf = (error: unknown): string =>
  error instanceof ApiError ? error.code : error instanceof Error ? error.name : 'unknown';
