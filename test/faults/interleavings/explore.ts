/**
 * Takes executions that act on one cloud through every order of their calls. Calls that commute are pruned by what they come to: a
 * state is the cloud and what each execution was answered, and from a state that was come to before nothing is tried again.
 *
 * That leaves nothing out. The cloud has no memory but its state, and an execution is a function of its answers: so everything that
 * can follow from a state, and every promise about it, is the same whichever way led there, and was tried when it was first come
 * to. Two calls that commute lead to one state in both orders, hence all orders that differ only in such calls are gone through
 * once; calls that conflict leave another cloud or another answer, hence another state. Answers never get fewer, so no state comes
 * again on a way of its own, and there is an end.
 *
 * Besides, a call that commutes with every call of others that could ever come, and that no promise is about, is done at once,
 * without letting others go first: any order can be had from one with it in that place, by swapping calls that commute.
 */

import { TryLaterError } from '../../../shared/domain/errors.js';
import { SmallCloud } from '../../support/small-cloud/cloud.js';
import { type Call, isRead, nameOf, type Reply, replyTo } from './call.js';
import { Execution, type Moment, type Work } from './execution.js';

/** What is tried. */
export interface Play {
  readonly cloud: SmallCloud;
  readonly works: readonly Work[];
  /** Where time goes when it passes, epoch ms. */
  readonly later?: number;
  /** The first execution gives up such a call, once, and hears that it took too long; the cloud does it at some time after. */
  isGivenUp?(call: Call): boolean;
  /** Whether the call commutes with every call of others that could ever come, and no promise is about it. */
  commutes(call: Call, cloud: SmallCloud): boolean;
  /** What is wrong with the cloud at any moment. */
  look(cloud: SmallCloud): Promise<readonly string[]>;
  /** What is wrong in the end, when all executions are over. */
  end(cloud: SmallCloud): Promise<readonly string[]>;
}
export interface Explored {
  /** How many orders of the calls there are, all of which were gone through. */
  readonly schedules: bigint;
  readonly states: number;
  /** Ways that were left where they came to a known state. */
  readonly pruned: number;
  readonly ends: number;
  readonly wrong: readonly string[];
}

interface State {
  readonly cloud: SmallCloud;
  readonly print: string;
  readonly moments: readonly Moment[];
  /** Whether each stands where a step begins. */
  readonly between: readonly boolean[];
  /** What was given up and is still to be done. */
  readonly late: 'none yet' | Call | 'done';
}

export async function explore(play: Play): Promise<Explored> {
  const explorer = new Explorer(play);
  const schedules = await explorer.goOn(await explorer.begin(), undefined);
  const { states, pruned, ends, wrong } = explorer;
  return { schedules, states: states.size, pruned, ends, wrong: [...wrong.values()] };
}

class Explorer {
  /** By state, how many orders there are from it. */
  readonly states = new Map<string, bigint>();
  /** What is wrong, each with the calls that first led there. */
  readonly wrong = new Map<string, string>();
  pruned = 0;
  ends = 0;
  readonly #executions: readonly Execution[];
  readonly #clouds = new Set<string>();
  readonly #ends = new Set<string>();

  constructor(private readonly play: Play) {
    this.#executions = play.works.map((work) => new Execution(work, play.cloud.now));
  }

  async begin(): Promise<State> {
    const moments = await Promise.all(this.#executions.map((execution) => execution.begin()));
    const { cloud } = this.play;
    return { cloud, print: cloud.print(), moments, between: moments.map(() => true), late: 'none yet' };
  }

  /** Every order from here. `path`: the calls that led here. */
  async goOn(from: State, path: Path): Promise<bigint> {
    const state = await this.#alone(from);
    const late = typeof state.late === 'string' ? state.late : 'due';
    const key = [state.print, late, ...state.moments.map(({ number }) => number)].join(' ');
    const known = this.states.get(key);
    if (known !== undefined) {
      this.pruned += 1;
      return known;
    }
    await this.#look(state, path);
    let schedules = 0n;
    for (const [by, { call }] of state.moments.entries())
      if (call !== undefined && (call.port !== 'time' || mayTimePass(state)))
        schedules += await this.goOn(await this.#do(state, by, call), { before: path, by, call });
    if (typeof state.late !== 'string')
      schedules += await this.goOn(await this.#doLate(state, state.late), {
        before: path,
        by: 'late',
        call: state.late,
      });
    if (schedules === 0n) {
      await this.#end(state, path);
      schedules = 1n;
    }
    this.states.set(key, schedules);
    return schedules;
  }

  /** Does what commutes with all that others could do, as long as there is any. */
  async #alone(state: State): Promise<State> {
    for (const [by, { call }] of state.moments.entries())
      if (call !== undefined && this.play.commutes(call, state.cloud))
        return this.#alone(await this.#do(state, by, call, true));
    return state;
  }

  async #do(state: State, by: number, call: Call, isAlone = false): Promise<State> {
    const { moments, between } = state;
    const isGivenUp = by === 0 && state.late === 'none yet' && this.play.isGivenUp?.(call) === true;
    const done = isGivenUp
      ? {
          ...state,
          late: call,
          reply: { now: state.cloud.now, error: new TryLaterError('TIMED_OUT', 'no answer') },
        }
      : { ...state, ...(await this.#apply(state, call)) };
    const moment = await (this.#executions[by] as Execution).after(moments[by] as Moment, done.reply);
    const { cloud, print, late } = done;
    const isBetween = moment.isBetween || (isAlone && between[by] === true);
    return { cloud, print, late, moments: moments.with(by, moment), between: between.with(by, isBetween) };
  }
  async #doLate(state: State, call: Call): Promise<State> {
    const { cloud, print } = await this.#apply(state, call);
    return { ...state, cloud, print, late: 'done' };
  }

  async #apply(
    { cloud, print }: State,
    call: Call,
  ): Promise<{ readonly cloud: SmallCloud; readonly print: string; readonly reply: Reply }> {
    const other = isRead(call) ? cloud : new SmallCloud(cloud);
    const reply = await replyTo(other, call, this.play.later);
    return { cloud: other, print: other === cloud ? print : other.print(), reply };
  }

  async #look({ cloud, print, moments }: State, path: Path): Promise<void> {
    for (const { mistake } of moments) if (mistake !== undefined) this.#note([String(mistake)], path);
    if (this.#clouds.has(print)) return;
    this.#clouds.add(print);
    this.#note(await this.play.look(cloud), path);
  }
  async #end({ cloud, print }: State, path: Path): Promise<void> {
    if (this.#ends.has(print)) return;
    this.#ends.add(print);
    this.ends += 1;
    this.#note(await this.play.end(new SmallCloud(cloud)), path);
  }
  #note(what: readonly string[], path: Path): void {
    for (const one of what) if (!this.wrong.has(one)) this.wrong.set(one, `${one}, after: ${told(path)}`);
  }
}

/** How a state was come to. */
type Path = { readonly before: Path; readonly by: number | 'late'; readonly call: Call } | undefined;

const told = (path: Path): string =>
  path === undefined ? '' : `${told(path.before)}\n  ${path.by} ${nameOf(path.call)}`;

/** A step takes no time; it may be long before the next one begins. */
const mayTimePass = ({ between }: State): boolean => between.every((one) => one);
