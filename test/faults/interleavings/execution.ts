/**
 * An execution that is asked what it does next, and told what comes of it. It keeps nothing but what it was answered, so what it
 * does next is a function of the answers so far: each such moment is run once, and known from then on whatever came of it elsewhere.
 */
import type { Ports } from '../../../shared/cloud/ports.js';
import { sha256Hex } from '../../../shared/domain/sha256.js';
import { instantOf } from '../../../shared/domain/values.js';
import { numberOf, type SmallCloud } from '../../support/small-cloud/cloud.js';
import { type CloudPorts, NOT_HERE, SMALL_SETTINGS } from '../../support/small-cloud/ports.js';
import { type Call, type Reply, replyTo } from './call.js';

export interface Work {
  /** Another for each: what it draws by chance follows from it. */
  readonly name: string;
  run(around: Around): Promise<unknown>;
}

/** What is lent to a work. */
export interface Around {
  readonly ports: Ports;
  timePasses(): Promise<void>;
  /**
   * Does one step. `name` holds all that it is told: what happens from here on follows from that and from what is answered from
   * here on. All that waits for an answer does so within a step.
   */
  step<T>(name: string, does: () => Promise<T>): Promise<T>;
}

export interface Moment {
  readonly number: number;
  /** Whether a step begins here. */
  readonly isBetween: boolean;
  /** What it does next; `undefined` when it is over. */
  readonly call: Call | undefined;
  /** What it ended with, if that is no answer of the cloud's: a mistake. */
  readonly mistake: unknown;
}
interface KnownMoment extends Moment {
  readonly since: StepsBefore;
  /** Answers since the step began. */
  readonly replies: readonly Reply[];
  readonly next: Map<string, KnownMoment>;
}
interface StepsBefore {
  /** What came of the steps before this one. */
  readonly outcomes: readonly Outcome[];
  /** When this one began, epoch ms. */
  readonly now: number;
}
type Outcome = { readonly value: unknown } | { readonly error: unknown };

export class Execution {
  readonly #moments: KnownMoment[] = [];
  /** Those at which a step begins, by step and time: what came before makes no difference. */
  readonly #steps = new Map<string, KnownMoment>();
  /** What was run last, and the moment at which it stands. */
  #run: { readonly run: Run; readonly at: KnownMoment } | undefined;

  constructor(
    private readonly work: Work,
    private readonly startsAt: number,
  ) {}

  async begin(): Promise<Moment> {
    const run = new Run(this.work, { outcomes: [], now: this.startsAt });
    await run.waits();
    return this.#note(run);
  }
  async after(moment: Moment, reply: Reply): Promise<Moment> {
    const before = this.#moments[moment.number] as KnownMoment;
    const key = keyOf(reply);
    const known = before.next.get(key);
    if (known !== undefined) return known;
    const run = this.#run?.at === before ? this.#run.run : await this.#runTo(before);
    await run.answer(reply);
    const next = this.#note(run, before, reply);
    before.next.set(key, next);
    return next;
  }

  async #runTo({ since, replies }: KnownMoment): Promise<Run> {
    const run = new Run(this.work, since);
    await run.waits();
    for (const reply of replies) await run.answer(reply);
    run.takeStep();
    return run;
  }
  #note(run: Run, before?: KnownMoment, reply?: Reply): KnownMoment {
    const step = run.takeStep();
    const at = this.#steps.get(step?.name ?? '') ?? this.#add(run, step, before, reply);
    this.#run = { run, at };
    return at;
  }
  #add(
    { call, mistake }: Run,
    step: (StepsBefore & { readonly name: string }) | undefined,
    before: KnownMoment | undefined,
    reply: Reply | undefined,
  ): KnownMoment {
    const number = this.#moments.length;
    const since = step ?? before?.since ?? { outcomes: [], now: this.startsAt };
    const replies = step !== undefined || reply === undefined ? [] : [...(before?.replies ?? []), reply];
    const isBetween = replies.length === 0;
    const moment = { number, isBetween, call, mistake, since, replies, next: new Map() };
    this.#moments.push(moment);
    if (step !== undefined) this.#steps.set(step.name, moment);
    return moment;
  }
}

/** Works in promises only, so by the next turn it waits for an answer, or is over. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const keyOf = (reply: Reply): string => {
  if ('error' in reply) return `${reply.now} throws ${String(reply.error)}`;
  const { now, value } = reply;
  // Of texts, which are long and come again and again, the number will do.
  return typeof value === 'string' ? `${now} ${numberOf(value)}` : `${now} is ${JSON.stringify(value)}`;
};

interface Waiting {
  readonly call: Call;
  answer(reply: Reply): void;
}

class Run {
  mistake: unknown;
  readonly #waiting: Waiting[] = [];
  readonly #asleep: (() => void)[] = [];
  #isOver = false;
  readonly #known: Outcome[];
  readonly #outcomes: Outcome[] = [];
  #step: (StepsBefore & { readonly name: string }) | undefined;
  #chance = '';
  #now: number;

  constructor(
    private readonly of: Work,
    { outcomes, now }: StepsBefore,
  ) {
    this.#now = now;
    this.#known = [...outcomes];
    const around: Around = {
      ports: this.#ports(),
      timePasses: () => this.#ask('time', 'passes', []) as Promise<void>,
      step: (name, does) => this.#doStep(name, does),
    };
    of.run(around).then(
      () => {
        this.#isOver = true;
        this.#begin('over');
      },
      (error: unknown) => {
        this.#isOver = true;
        this.mistake = error;
      },
    );
  }

  /** Of calls that it makes at once the first one: the order of its own is not what is tried here. */
  get call(): Call | undefined {
    return this.#isOver ? undefined : this.#waiting[0]?.call;
  }
  /** Resolves when it waits for the next answer, or is over. */
  answer(reply: Reply): Promise<void> {
    this.#now = reply.now;
    this.#waiting.shift()?.answer(reply);
    return this.waits();
  }
  /** It sleeps as long as there is anything else that it waits for. */
  async waits(): Promise<void> {
    await turn();
    while (!this.#isOver && this.#waiting.length === 0 && this.#asleep.length > 0) {
      this.#asleep.shift()?.();
      await turn();
    }
  }
  /** The step that has begun since this was asked last; its name tells it from every other one. */
  takeStep(): (StepsBefore & { readonly name: string }) | undefined {
    const step = this.#step;
    this.#step = undefined;
    return step;
  }

  async #doStep<T>(name: string, does: () => Promise<T>): Promise<T> {
    const known = this.#known.shift();
    const outcome = known ?? (await this.#outcomeOf(name, does));
    this.#outcomes.push(outcome);
    if ('error' in outcome) throw outcome.error;
    return outcome.value as T;
  }
  async #outcomeOf(name: string, does: () => Promise<unknown>): Promise<Outcome> {
    this.#begin(name);
    try {
      return { value: await does() };
    } catch (error) {
      return { error };
    }
  }
  /** What the step before has left under way, having failed, is left. */
  #begin(step: string): void {
    const name = `${this.#now} ${step}`;
    this.#step = { name, outcomes: [...this.#outcomes], now: this.#now };
    this.#waiting.length = 0;
    this.#asleep.length = 0;
    this.#chance = sha256Hex(`${this.of.name} ${name}`);
  }

  #ports(): Ports {
    const asking = (port: Call['port']) =>
      new Proxy(
        {},
        {
          get:
            (_, method) =>
            (...args: unknown[]) =>
              this.#ask(port, String(method), args),
        },
      );
    return {
      ...(Object.fromEntries(
        (['ram', 'quotas', 'sts', 'products', 'events', 'evidence', 'index'] as const).map((port) => [
          port,
          asking(port),
        ]),
      ) as unknown as CloudPorts),
      ...NOT_HERE,
      clock: {
        now: () => instantOf(this.#now),
        ticks: () => 0,
        sleep: () => new Promise((resolve) => this.#asleep.push(resolve)),
      },
      chance: {
        nonce: () => {
          this.#chance = sha256Hex(this.#chance);
          return this.#chance.slice(0, 32);
        },
      },
      trail: { calls: () => [], recorded: () => undefined },
      log: { info: () => undefined, warn: () => undefined },
      settings: SMALL_SETTINGS,
    };
  }
  #ask(port: Call['port'], method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.#waiting.push({
        call: { port, method, args },
        answer: (reply) => ('error' in reply ? reject(reply.error) : resolve(reply.value)),
      }),
    );
  }
}

/** Does all of `work` at once, with nobody beside it. */
export async function directly(cloud: SmallCloud, work: Work): Promise<void> {
  const execution = new Execution(work, cloud.now);
  let moment = await execution.begin();
  while (moment.call !== undefined) moment = await execution.after(moment, await replyTo(cloud, moment.call));
  if (moment.mistake !== undefined) throw moment.mistake;
}
