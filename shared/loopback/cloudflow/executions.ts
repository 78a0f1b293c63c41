/** Executions: started, run, watched, stopped. */
import { randomUUID } from 'node:crypto';
import { ApiError, type Cloud } from '../kernel.js';
import type { Definition, Template } from './definition.js';
import { Halted, Interpreter, StateError, type Task } from './interpreter.js';
import { MAX_DATA_BYTES, MAX_EVENTS, RUNTIME_ERROR, TASK_TIMEOUT } from './readings.js';

export type Status = 'Running' | 'Succeeded' | 'Failed' | 'Stopped';
export interface HistoryEvent {
  readonly EventId: number;
  readonly ScheduleEventId: number;
  readonly StepName: string;
  readonly Type: string;
  readonly Time: string;
  readonly EventDetail: string;
}
export interface Execution {
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
  readonly interpreter: Interpreter;
  /** Settles when the execution is over; never rejects. */
  readonly over: Promise<void>;
}
export interface ToStart {
  readonly flowName: string;
  readonly definition: Definition;
  readonly text: string;
  readonly roleArn: string;
  readonly name: string;
  readonly input: Template;
  /** Runs one call of a task to its reply. */
  readonly call: (task: Task) => Promise<unknown>;
}

interface Callback {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StateError) => void;
}

export class Executions {
  /** State entries so far, which the service counts and limits. */
  stateEntries = 0;
  readonly #callbacks = new Map<string, Callback>();

  constructor(private readonly cloud: Cloud) {}

  /** Begins at once and goes on by itself. */
  start(toStart: ToStart): Execution {
    const history: HistoryEvent[] = [];
    const record = (type: string, step: string, detail: Template = {}): void => {
      if (type === 'StepEntered') this.stateEntries += 1;
      if (history.length >= MAX_EVENTS)
        throw new StateError(RUNTIME_ERROR, `an execution has at most ${MAX_EVENTS} events`);
      history.push({
        EventId: history.length + 1,
        ScheduleEventId: history.length,
        StepName: step,
        Type: type,
        Time: new Date(this.cloud.clock.now()).toISOString(),
        EventDetail: JSON.stringify(detail),
      });
    };
    const interpreter = new Interpreter({
      cloud: this.cloud,
      execution: { Name: toStart.name, Input: toStart.input, RoleArn: toStart.roleArn },
      record,
      runTask: (task) => this.#runTask(task, toStart.call),
      newTaskToken: () => randomUUID(),
    });
    const execution: Execution = {
      name: toStart.name,
      flowName: toStart.flowName,
      definition: toStart.text,
      input: JSON.stringify(toStart.input),
      startedAt: this.cloud.clock.now(),
      status: 'Running',
      output: '',
      stoppedAt: undefined,
      failure: undefined,
      history,
      interpreter,
      over: Promise.resolve().then(() => this.#run(() => execution, toStart.definition, record)),
    };
    return execution;
  }

  async #run(
    of: () => Execution,
    definition: Definition,
    record: (type: string, step: string, detail?: Template) => void,
  ): Promise<void> {
    const execution = of();
    const finish = (status: Status, output: string): void => {
      if (execution.status !== 'Running') return;
      execution.status = status;
      execution.output = output;
      execution.stoppedAt = this.cloud.clock.now();
    };
    try {
      record('ExecutionStarted', '');
      const output = await execution.interpreter.run(definition);
      finish('Succeeded', JSON.stringify(output));
      record('ExecutionSucceeded', '');
    } catch (error) {
      if (error instanceof Halted) {
        finish('Stopped', '');
        return;
      }
      const failure =
        error instanceof StateError
          ? error
          : new StateError(RUNTIME_ERROR, error instanceof Error ? error.message : String(error));
      execution.failure = failure;
      finish('Failed', '');
      this.cloud.trace({
        at: 'cloudflow',
        flow: execution.flowName,
        execution: execution.name,
        failed: failure.code,
      });
      if (execution.history.length < MAX_EVENTS)
        record('ExecutionFailed', '', { Error: failure.code, Cause: failure.detail.slice(0, 1000) });
    }
  }

  /** Only the call itself keeps the clock from jumping: waiting for a callback or a time-out does not. */
  #runTask(task: Task, call: ToStart['call']): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer =
        task.timeoutSeconds > 0
          ? this.cloud.clock.at(this.cloud.clock.now() + task.timeoutSeconds * 1000, () =>
              settle(() => reject(new StateError(TASK_TIMEOUT, `no answer within ${task.timeoutSeconds} s`))),
            )
          : undefined;
      const settle = (how: () => void): void => {
        timer?.cancel();
        this.#callbacks.delete(task.taskToken);
        how();
      };
      const waitsForCallback = task.mode === 'WaitForCustomCallback';
      if (waitsForCallback) {
        this.#callbacks.set(task.taskToken, {
          resolve: (output) => settle(() => resolve(output)),
          reject: (error) => settle(() => reject(error)),
        });
      }
      // Waiting for another execution is not work: the clock may go on meanwhile.
      const isWaiting = task.mode === 'WaitForSystemCallback' && task.action === 'FNF:StartExecution';
      (isWaiting ? call(task) : this.cloud.busy(() => call(task)))
        .then((output) => {
          if (!waitsForCallback) settle(() => resolve(output));
        })
        .catch((error: unknown) => settle(() => reject(error)));
    });
  }

  /** @throws {ApiError} `TaskTokenNotExists` for a token that is unknown, used or late; its code is not documented */
  callBack(token: string, answer: { readonly output: unknown } | { readonly error: StateError }): void {
    const callback = this.#callbacks.get(token);
    if (callback === undefined)
      throw new ApiError(404, 'TaskTokenNotExists', 'The task token is unknown, was used, or is too late.');
    if ('error' in answer) callback.reject(answer.error);
    else callback.resolve(answer.output);
  }

  stop(execution: Execution): void {
    execution.interpreter.halt.isSet = true;
    execution.status = 'Stopped';
    execution.stoppedAt = this.cloud.clock.now();
  }
}

/** @throws {ApiError} 400 unless `text` is a JSON object of at most 64 KiB */
export function inputOf(text: string): Template {
  if (text.length > MAX_DATA_BYTES) throw new ApiError(400, 'EntityTooLarge', 'Input has at most 64 KiB.');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Template;
  } catch {
    throw new ApiError(400, 'InvalidArgument', 'Input is not JSON.');
  }
  throw new ApiError(400, 'InvalidArgument', 'Input must be a JSON object.');
}
