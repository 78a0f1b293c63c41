/** Runs one task to its answer: the reply of the call, a callback, the end of its time, or the end of its execution. */
import { ApiError, type Cloud } from '../kernel.js';
import { type Halt, Halted } from './halt.js';
import { TASK_TIMEOUT } from './readings.js';
import { StateError } from './state-error.js';
import type { Task } from './surroundings.js';

/** What a callback reports. */
export type Answer = { readonly output: unknown } | { readonly error: StateError };

export class TaskRunner {
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  constructor(private readonly cloud: Cloud) {}

  /** Only the call itself keeps the clock from jumping: waiting for a callback or a time-out does not. */
  run(
    task: Task,
    call: (task: Task) => Promise<unknown>,
    halt: Halt,
    onSubmitted: () => void,
    /** When the task began, and whether its call was made, if that was in a process that is gone. */
    { since = this.cloud.clock.now(), wasSubmitted = false }: { since?: number; wasSubmitted?: boolean } = {},
  ): Promise<unknown> {
    const { clock } = this.cloud;
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        timer?.cancel();
        unbind();
        this.#waiting.delete(task.taskToken);
        how();
      };
      const late = new StateError(TASK_TIMEOUT, `no answer within ${task.timeoutSeconds} s`);
      const timer =
        task.timeoutSeconds > 0
          ? clock.at(since + task.timeoutSeconds * 1000, () => settle(() => reject(late)))
          : undefined;
      const unbind = halt.onSet(() => settle(() => reject(new Halted('stopped'))));
      const waitsForCallback = task.mode === 'WaitForCustomCallback';
      if (waitsForCallback)
        this.#waiting.set(task.taskToken, (answer) =>
          settle(() => ('error' in answer ? reject(answer.error) : resolve(answer.output))),
        );
      if (waitsForCallback && wasSubmitted) return;
      // Waiting for another execution is not work: the clock may go on meanwhile.
      const isWaiting = task.mode === 'WaitForSystemCallback' && task.action === 'FNF:StartExecution';
      (isWaiting ? call(task) : this.cloud.busy(() => call(task)))
        .then((output) => {
          if (!waitsForCallback) settle(() => resolve(output));
          else if (this.#waiting.has(task.taskToken)) onSubmitted();
        })
        .catch((error: unknown) => settle(() => reject(error)));
    });
  }

  /** @throws {ApiError} `TaskTokenNotExists` for a token that is unknown, used or late; its code is not documented */
  callBack(token: string, answer: Answer): void {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined)
      throw new ApiError(404, 'TaskTokenNotExists', 'The task token is unknown, was used, or is too late.');
    waiting(answer);
  }
}
