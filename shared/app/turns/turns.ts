/**
 * Turns, for when more is to be written than RAM takes in a second. Nobody hands them out: who is refused, or finds others waiting,
 * leaves an entry in the index, sees by the entries before its own when its turn will be, and looks again then.
 */
import type { Ports } from '../../cloud/ports.js';
import { isThrottled, nameOfError, QueuedError, TryLaterError } from '../../domain/errors.js';
import { addSeconds, type Instant } from '../../domain/values.js';
import { patiently } from '../patiently.js';
import { type Place, turnKey, type Waiting, waitingAt, waitingIn, writesOf } from './entries.js';

/** Whose turn is this near waits for it here; others are sent away, and come back by the `Retry` of their flow in less than this. */
const NEAR_SECONDS = 10;
/** However near: a function does not wait for ever. */
const LONGEST_SECONDS = 60;
/** How long before it would be taken for lost an entry is made anew. */
const AGEING_SECONDS = 20;
/** Between two looks, at least. */
const PAUSE_SECONDS = 0.5;
/** Nobody waits longer to see who else does. */
const LOOK_SECONDS = 1;

type TurnPorts = Pick<Ports, 'index' | 'clock' | 'log' | 'settings'>;

/**
 * Does `work`, whose writes the lane is for, when it is the turn of `place`. `work` calls `leave` as soon as those writes are made, so
 * that nobody waits for the rest; it may be run again when it was throttled. Where the index can't be asked, or does not answer soon,
 * nobody is waited for.
 * @throws {QueuedError} when others go first; the same call works later
 */
export async function inTurn<T>(
  place: Place,
  ports: Ports,
  work: (ports: Ports, leave: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { until } = place;
  const hasWaited = until !== undefined && ports.clock.now() >= until;
  if (hasWaited || ports.settings.writesPerSecond === 0) return work(patient(ports), async () => undefined);
  const queue = new Queue(place, ports);
  if (await queue.isEmpty()) {
    try {
      return await work(ports, async () => undefined);
    } catch (error) {
      if (!isThrottled(error)) throw error;
    }
    await queue.enter('here');
    // This second has nothing left to give; when it is over, all who were refused in it can be seen.
    await ports.clock.sleep(1);
  }
  await queue.waitForTurn();
  try {
    const result = await work(patient(ports), () => queue.leave());
    await queue.leave();
    return result;
  } catch (error) {
    if (!isThrottled(error)) throw error;
    throw new QueuedError(`contract ${place.contractId} could not ${place.lane} in its turn`, {
      cause: error,
    });
  }
}

const patient = (ports: Ports): Ports => ({ ...ports, ram: patiently(ports.ram, ports.clock) });

/** Those who wait in a lane, as one of them sees it. */
class Queue {
  /** Keys of its own entries: one, or more where a crash came between two. */
  #held: readonly string[] = [];

  constructor(
    private readonly place: Place,
    private readonly ports: TurnPorts,
  ) {}

  /** Whether neither others wait before it nor it waits itself. */
  async isEmpty(): Promise<boolean> {
    const ahead = await this.#lookAhead();
    return ahead.length === 0 && this.#held.length === 0;
  }

  /** Resolves once no more wait before it, of those who are at hand, than RAM takes within a second. */
  async waitForTurn(): Promise<void> {
    const { clock, settings } = this.ports;
    const { contractId, lane } = this.place;
    const rate = settings.writesPerSecond;
    const until = addSeconds(clock.now(), LONGEST_SECONDS);
    for (;;) {
      const ahead = await this.#lookAhead();
      const seconds = writesOf(ahead) / rate;
      if (seconds > NEAR_SECONDS || clock.now() >= until) {
        await this.enter('away');
        this.ports.log.info({ contractId, lane, ahead: ahead.length, seconds }, 'waits for its turn');
        throw new QueuedError(
          `contract ${contractId} has its turn to ${lane} in ${Math.ceil(seconds)} s or later`,
        );
      }
      await this.enter('here');
      const atHand = writesOf(ahead.filter(({ where }) => where === 'here'));
      if (atHand <= rate) return;
      await clock.sleep(Math.max(atHand / rate - 1, PAUSE_SECONDS));
    }
  }

  /**
   * The later entry is written before the earlier one goes. An entry that says the same and is not old is left. Who can't leave one
   * is not seen by others, and waits no less for them.
   */
  async enter(where: Waiting['where']): Promise<void> {
    const { index, clock } = this.ports;
    const known = this.#held.map(waitingAt).find((one) => one.where === where);
    if (known !== undefined && !isAgeing(known, clock.now())) return;
    const key = turnKey({ ...this.place, where, seenAt: clock.now() });
    await this.#tidily(async () => {
      await index.put(key, '{}');
      await this.#remove();
      this.#held = [key];
    });
  }

  /** What can't be taken away is taken for lost before long. */
  leave(): Promise<void> {
    return this.#tidily(() => this.#remove());
  }

  async #remove(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    await this.ports.index.removeAll(held);
  }

  /** An index in trouble holds up nobody's writes. */
  async #tidily(work: () => Promise<void>): Promise<void> {
    const { contractId } = this.place;
    try {
      await work();
    } catch (error) {
      this.ports.log.warn(
        { contractId, error: nameOfError(error) },
        'the place among those who wait was not kept',
      );
    }
  }

  async #tooLate(): Promise<never> {
    await this.ports.clock.sleep(LOOK_SECONDS);
    throw new TryLaterError('TIMED_OUT', 'listing who waits');
  }

  /** All of them, or enough to know that its turn is not near. */
  async #lookAhead(): Promise<readonly Waiting[]> {
    const { settings } = this.ports;
    try {
      const { ahead, own } = await Promise.race([
        waitingIn(this.place, NEAR_SECONDS * settings.writesPerSecond, this.ports),
        this.#tooLate(),
      ]);
      this.#held = own.map(({ key }) => key);
      return ahead;
    } catch (error) {
      const { contractId } = this.place;
      this.ports.log.warn(
        { contractId, error: nameOfError(error) },
        'who else waits could not be seen; going on',
      );
      return [];
    }
  }
}

/** Well before it would be taken for lost. */
const isAgeing = ({ lostAt }: Waiting, now: Instant): boolean => addSeconds(now, AGEING_SECONDS) >= lostAt;
