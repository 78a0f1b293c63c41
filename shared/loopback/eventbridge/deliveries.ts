/** Takes events to targets, again and again as the target's strategy says, and at last to its dead-letter queue. */
import { ApiError, type Cloud } from '../kernel.js';
import type { Bus, Target } from './broker.js';
import type { CloudEvent } from './events.js';

export interface Delivery {
  readonly bus: Bus;
  readonly rule: string;
  readonly target: Target;
  readonly event: CloudEvent;
}
export type DeliveryOutcome = 'delivered' | 'dead-lettered' | 'dropped';
export interface DeliveryRecord {
  readonly rule: string;
  readonly target: string;
  readonly eventId: string;
  readonly attempts: number;
  readonly outcome: DeliveryOutcome;
}

/** Test switches for what at-least-once, unordered delivery allows. */
export interface DeliverySwitches {
  /** Every event reaches its targets twice. */
  deliverTwice: boolean;
  /** Seconds by which the delivery of an event is put off; for reordering. */
  delaySeconds: (event: CloudEvent) => number;
}

/** Three retries, each 10 to 20 s later; the middle is taken, so that runs are alike. */
const BACKOFF_SECONDS = [15, 15, 15];
/** 1, 2, 4 … 512, then 512 s: 176 retries in one day. Source: EventBridge "Retry policies and dead-letter queues". */
const DECAY_SECONDS = Array.from({ length: 176 }, (_, n) => Math.min(512, 2 ** n));
const MAX_RECORDS = 10_000;

export class Deliveries {
  readonly records: DeliveryRecord[] = [];
  readonly switches: DeliverySwitches = { deliverTwice: false, delaySeconds: () => 0 };

  constructor(
    private readonly cloud: Cloud,
    /** Rejects when the target did not take the event. */
    private readonly deliver: (delivery: Delivery) => Promise<void>,
    private readonly bury: (delivery: Delivery, queueArn: string) => void,
  ) {}

  start(delivery: Delivery): void {
    for (let copy = 0; copy < (this.switches.deliverTwice ? 2 : 1); copy++) {
      const delay = this.switches.delaySeconds(delivery.event);
      if (delay > 0)
        this.cloud.clock.at(this.cloud.clock.now() + delay * 1000, () => this.#attempt(delivery, 0));
      else this.#attempt(delivery, 0);
    }
  }

  #attempt(delivery: Delivery, retries: number): void {
    void this.cloud.busy(async () => {
      try {
        await this.deliver(delivery);
        this.#record(delivery, retries + 1, 'delivered');
      } catch (error) {
        this.#failed(delivery, retries, error);
      }
    });
  }

  #failed(delivery: Delivery, retries: number, error: unknown): void {
    const { target, event } = delivery;
    const why = error instanceof ApiError ? error.code : error instanceof Error ? error.name : 'unknown';
    this.cloud.trace({
      at: 'eventbridge',
      event: event.id,
      target: target.Id,
      attempt: retries + 1,
      failed: why,
    });
    const waits = target.PushRetryStrategy === 'EXPONENTIAL_DECAY_RETRY' ? DECAY_SECONDS : BACKOFF_SECONDS;
    const wait = waits[retries];
    if (wait !== undefined) {
      this.cloud.clock.at(this.cloud.clock.now() + wait * 1000, () => this.#attempt(delivery, retries + 1));
      return;
    }
    if (target.DeadLetterQueue !== undefined) this.bury(delivery, target.DeadLetterQueue.Arn);
    this.#record(delivery, retries + 1, target.DeadLetterQueue === undefined ? 'dropped' : 'dead-lettered');
  }

  #record({ rule, target, event }: Delivery, attempts: number, outcome: DeliveryOutcome): void {
    if (this.records.length >= MAX_RECORDS) this.records.shift();
    this.records.push({ rule, target: target.Id, eventId: event.id, attempts, outcome });
  }
}
