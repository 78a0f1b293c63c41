/** Executions: started, run, watched, stopped. */
import { randomUUID } from 'node:crypto';
import { ApiError, type Cloud } from '../kernel.js';
import { chanceOf, uuidFrom } from './chance.js';
import type { Definition, Template } from './definition.js';
import { type EntryLimit, EntryRate } from './entry-rate.js';
import { type Halt, Halted } from './halt.js';
import { Interpreter } from './interpreter.js';
import { type KeptExecution, KeptExecutions } from './kept-executions.js';
import {
  EXECUTION_SECONDS,
  EXECUTION_TIMEOUT,
  type ExecutionMode,
  MAX_DATA_BYTES,
  MAX_EVENTS,
  type Readings,
  RUNTIME_ERROR,
} from './readings.js';
import { StateError } from './state-error.js';
import type { Surroundings, Task } from './surroundings.js';
import { type Answer, TaskRunner } from './task-runner.js';
import type { Waits } from './waits.js';

export type Status = 'Running' | 'Succeeded' | 'Failed' | 'Stopped' | 'TimedOut';
export interface HistoryEvent {
  readonly EventId: number;
  readonly ScheduleEventId: number;
  readonly StepName: string;
  readonly Type: string;
  readonly Time: string;
  readonly EventDetail: string;
}
export interface Execution {
  readonly accountId: string;
  readonly name: string;
  readonly flowName: string;
  readonly definition: string;
  readonly input: string;
  readonly startedAt: number;
  status: Status;
  output: string;
  stoppedAt: number | undefined;
  /** The error that ended it, if one did. */
  failure: StateError | undefined;
  readonly history: HistoryEvent[];
  /** Ends it from outside; of one that is over, does nothing. */
  readonly stop: (reason?: Template) => void;
  /** Settles when the execution is over; never rejects. */
  readonly over: Promise<void>;
}
export interface ToStart {
  readonly accountId: string;
  readonly region: string;
  readonly flowName: string;
  readonly mode: ExecutionMode;
  readonly definition: Definition;
  readonly text: string;
  readonly roleArn: string;
  readonly name: string;
  /** As the caller gave it: of an Express execution without what makes it unique. */
  readonly givenName: string;
  readonly input: Template;
  /** The task elsewhere that waits for its end; '' when none does. */
  readonly reportTo: string;
  /** Runs one call of a task to its reply. */
  readonly call: (task: Task) => Promise<unknown>;
}
/** How an execution ends; the last event of its history says so, for which room is kept. */
const ENDS: readonly string[] = [
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionStopped',
  'ExecutionTimedOut',
];

type Recorder = (type: string, step: string, detail?: Template) => void;

export class Executions {
  /** State entries so far, which the service counts and limits. */
  stateEntries = 0;
  readonly #tasks: TaskRunner;
  /** By account, while entries are limited. */
  readonly #rates = new Map<string, EntryRate>();
  readonly #running = new Map<string, number>();
  readonly kept: KeptExecutions;

  constructor(
    private readonly cloud: Cloud,
    private readonly readings: Readings,
    private readonly entryLimit: EntryLimit | undefined,
  ) {
    this.#tasks = new TaskRunner(cloud);
    this.kept = new KeptExecutions(cloud.keeper, cloud.clock);
  }

  /** How many of an account's executions run. */
  runningOf(accountId: string): number {
    return this.#running.get(accountId) ?? 0;
  }

  /** Begins at once and goes on by itself. One that was kept is taken to where it was, and on. */
  start(toStart: ToStart, kept?: KeptExecution): Execution {
    const { definition, call: _, ...plain } = toStart;
    const { id, startedAt } = kept ?? { id: randomUUID(), startedAt: this.cloud.clock.now() };
    if (kept === undefined) this.kept.begin({ ...plain, id, startedAt });
    const waits = this.kept.waitsOf(id, kept === undefined ? undefined : startedAt);
    const history: HistoryEvent[] = [];
    const record = this.#recorder(history, waits);
    const interpreter = new Interpreter(this.#surroundings(toStart, { id, waits, record }));
    const execution: Execution = {
      accountId: toStart.accountId,
      name: toStart.name,
      flowName: toStart.flowName,
      definition: toStart.text,
      input: JSON.stringify(toStart.input),
      startedAt,
      status: 'Running',
      output: '',
      stoppedAt: undefined,
      failure: undefined,
      history,
      stop: (reason = {}) => cut('Stopped', 'ExecutionStopped', reason),
      over: Promise.resolve().then(async () => {
        const replayed = waits.isReplaying ? this.cloud.busy(() => waits.replay()) : undefined;
        await this.#run(execution, () => interpreter.run(definition), record);
        await replayed;
        timer.cancel();
        waits.forget();
        this.kept.end(id, execution);
      }),
    };
    this.#count(execution, 1);
    const cut = (status: Status, event: string, reason: Template): void => {
      if (execution.status !== 'Running') return;
      this.#finish(execution, status);
      record(event, '', reason);
      this.kept.end(id, execution);
      interpreter.halt.set();
    };
    const seconds = EXECUTION_SECONDS[toStart.mode];
    // In the background: that it would end some day is no reason for an idle clock to go there.
    const timer = this.cloud.clock.at(
      execution.startedAt + seconds * 1000,
      () => {
        if (execution.status === 'Running')
          execution.failure = new StateError(EXECUTION_TIMEOUT, `not over within ${seconds} s`);
        cut('TimedOut', 'ExecutionTimedOut', { Error: EXECUTION_TIMEOUT });
      },
      { background: true },
    );
    return execution;
  }

  /** One that was over when it was kept. */
  restore(kept: KeptExecution, end: NonNullable<KeptExecution['end']>): Execution {
    const { failure, ...rest } = end;
    return {
      accountId: kept.accountId,
      name: kept.name,
      flowName: kept.flowName,
      definition: kept.text,
      input: JSON.stringify(kept.input),
      startedAt: kept.startedAt,
      ...rest,
      failure: failure === undefined ? undefined : new StateError(failure.code, failure.detail),
      stop: () => undefined,
      over: Promise.resolve(),
    };
  }

  #surroundings(
    toStart: ToStart,
    { id, waits, record }: { readonly id: string; readonly waits: Waits; readonly record: Recorder },
  ): Surroundings {
    const sleep: Surroundings['sleep'] = async (ms, place, halt) => {
      await waits.run(place, (since) => this.#sleep(since + ms, halt));
    };
    return {
      readings: this.readings,
      chance: chanceOf(id),
      mode: toStart.mode,
      execution: { Name: toStart.name, Input: toStart.input, RoleArn: toStart.roleArn },
      record,
      enter: (place, halt) => {
        const turn = `${place}:turn`;
        if (waits.isReplaying) return waits.knows(turn) ? sleep(0, turn, halt) : undefined;
        const pause = this.#enter(toStart.accountId);
        return pause > 0 ? sleep(pause, turn, halt) : undefined;
      },
      sleep,
      runTask: (task, place, halt, onSubmitted) =>
        waits.run(place, async (since, isResumed) => {
          if (halt.isSet) throw new Halted('stopped');
          const submitted = `${place}:submitted`;
          const wasSubmitted = isResumed && waits.knows(submitted);
          if (wasSubmitted) onSubmitted();
          const noteSubmitted = (): void => {
            waits.note(submitted);
            onSubmitted();
          };
          return this.#tasks.run({ ...task, isResumed }, toStart.call, halt, noteSubmitted, {
            since,
            wasSubmitted,
          });
        }),
      taskTokenAt: (place) => uuidFrom(`${id} ${place}`),
    };
  }

  /** Waiting is no work: the clock may go on meanwhile. */
  #sleep(until: number, halt: Halt): Promise<void> {
    const { clock } = this.cloud;
    return new Promise((resolve, reject) => {
      const timer = clock.at(until, () => {
        unbind();
        resolve();
      });
      const unbind = halt.onSet(() => {
        timer.cancel();
        reject(new Halted('stopped'));
      });
    });
  }

  #enter(accountId: string): number {
    this.stateEntries += 1;
    if (this.entryLimit === undefined) return 0;
    const now = this.cloud.clock.now();
    const rate = this.#rates.get(accountId) ?? new EntryRate(this.entryLimit, now);
    this.#rates.set(accountId, rate);
    return rate.take(now);
  }

  #recorder(history: HistoryEvent[], waits: Waits): Recorder {
    let isOver = false;
    return (type, step, detail = {}) => {
      if (isOver) return; // what was under way when the execution ended is told to nobody
      isOver = ENDS.includes(type);
      if (history.length >= (isOver ? MAX_EVENTS : MAX_EVENTS - 1))
        throw new StateError(RUNTIME_ERROR, `an execution has at most ${MAX_EVENTS} events`);
      history.push({
        EventId: history.length + 1,
        ScheduleEventId: history.length,
        StepName: step,
        Type: type,
        Time: new Date(waits.now()).toISOString(),
        EventDetail: JSON.stringify(detail),
      });
    };
  }

  async #run(execution: Execution, work: () => Promise<Template>, record: Recorder): Promise<void> {
    if (execution.status !== 'Running') return;
    try {
      record('ExecutionStarted', '');
      const output = await work();
      if (execution.status !== 'Running') return;
      this.#finish(execution, 'Succeeded', JSON.stringify(output));
      record('ExecutionSucceeded', '');
    } catch (error) {
      if (error instanceof Halted || execution.status !== 'Running') return;
      const failure =
        error instanceof StateError
          ? error
          : new StateError(RUNTIME_ERROR, error instanceof Error ? error.message : String(error));
      execution.failure = failure;
      this.#finish(execution, 'Failed');
      this.cloud.trace({
        at: 'cloudflow',
        flow: execution.flowName,
        execution: execution.name,
        failed: failure.code,
      });
      record('ExecutionFailed', '', { Error: failure.code, Cause: failure.detail.slice(0, 1000) });
    }
  }

  #finish(execution: Execution, status: Status, output = ''): void {
    execution.status = status;
    execution.output = output;
    execution.stoppedAt = this.cloud.clock.now();
    this.#count(execution, -1);
  }

  #count({ accountId }: Execution, more: number): void {
    this.#running.set(accountId, this.runningOf(accountId) + more);
  }

  /** Reports to the task that waits under `token`. @throws {ApiError} when none does */
  callBack(token: string, answer: Answer): void {
    this.#tasks.callBack(token, answer);
  }

  /** Tells the task that waits under `token`, if one still does, how `execution` ended. */
  reportEnd(token: string, { status, output, failure, name }: Execution): void {
    const stopped = new StateError(RUNTIME_ERROR, `execution ${name} was stopped`);
    try {
      this.callBack(
        token,
        status === 'Succeeded' ? { output: JSON.parse(output) } : { error: failure ?? stopped },
      );
    } catch (error) {
      this.cloud.trace({ at: 'cloudflow', execution: name, callback: String(error) });
    }
  }
}

/** @throws {ApiError} 400 unless `text` is a JSON object of at most 64 KiB; `what` names the parameter */
export function dataOf(text: string, what: string): Template {
  if (Buffer.byteLength(text) > MAX_DATA_BYTES)
    throw new ApiError(400, 'EntityTooLarge', `${what} has at most 64 KiB.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'InvalidArgument', `${what} is not JSON.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Template;
  throw new ApiError(400, 'InvalidArgument', `${what} must be a JSON object.`);
}
