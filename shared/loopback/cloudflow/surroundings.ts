/** What the interpreter asks of the execution around it. */
import type { Cloud } from '../kernel.js';
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
}

/** What an execution lends to its states. */
export interface Surroundings {
  readonly cloud: Cloud;
  readonly readings: Readings;
  readonly mode: ExecutionMode;
  readonly execution: { readonly Name: string; readonly Input: Template; readonly RoleArn: string };
  /** @throws {StateError} when the history is full */
  record(type: string, step: string, detail?: Template): void;
  /** Counts a state entry; returns the milliseconds of the cloud's time it has to wait for its turn. */
  enter(): number;
  /** `onSubmitted` hears that a call was made whose answer comes later. @throws {StateError | Halted} */
  runTask(task: Task, halt: Halt, onSubmitted: () => void): Promise<unknown>;
  newTaskToken(): string;
}
