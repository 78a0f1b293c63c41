/** What the interpreter asks of the execution around it. */
import type { Chance } from './chance.js';
import type { Template } from './definition.js';
import type { Halt } from './halt.js';
import type { ExecutionMode, Readings } from './readings.js';

/** One call of a Task state, its parameters constructed. */
export interface Task {
  readonly action: string;
  readonly mode: string;
  readonly parameters: Template;
  readonly timeoutSeconds: number;
  readonly taskToken: string;
  /** It may have been called before, by a process that ended before it heard the answer. */
  readonly isResumed?: boolean;
}

/** What an execution lends to its states. */
export interface Surroundings {
  readonly readings: Readings;
  readonly chance: Chance;
  readonly mode: ExecutionMode;
  readonly execution: { readonly Name: string; readonly Input: Template; readonly RoleArn: string };
  /** @throws {StateError} when the history is full */
  record(type: string, step: string, detail?: Template): void;
  /**
   * Counts a state entry, and waits for its turn when there are more than may be. A `place`, here and below, names what an
   * execution comes to, and is the same whenever it is run.
   */
  enter(place: string, halt: Halt): Promise<void> | undefined;
  /** `onSubmitted` hears that a call was made whose answer comes later. @throws {StateError | Halted} */
  runTask(task: Task, place: string, halt: Halt, onSubmitted: () => void): Promise<unknown>;
  /** Waits `ms` of the cloud's time. @throws {Halted} */
  sleep(ms: number, place: string, halt: Halt): Promise<void>;
  taskTokenAt(place: string): string;
}
