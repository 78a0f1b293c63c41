/** Runs a definition, state by state. Source: CloudFlow "Process definition", "Error handling", "Inputs and outputs". */
import type { Cloud } from '../kernel.js';
import { construct, evaluateExpression } from './constructors.js';
import type { CatchRule, Definition, RetryRule, Scope, State, Template } from './definition.js';
import { ExpressionError } from './expression-error.js';
import type { Variables } from './expressions.js';
import { FAIL_DEFAULT_CODE, MAX_DATA_BYTES, RUNTIME_ERROR } from './readings.js';

/** Fails a state under a name that Retry and Catch match. */
export class StateError extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
/** The execution was stopped from outside, or a sibling branch failed: nothing catches this. */
export class Halted extends Error {}

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
  readonly execution: { readonly Name: string; readonly Input: Template; readonly RoleArn: string };
  /** @throws {StateError} when the history is full */
  record(type: string, step: string, detail?: Template): void;
  runTask(task: Task): Promise<unknown>;
  newTaskToken(): string;
}

/** Ends the work below it when set. */
interface Halt {
  isSet: boolean;
  readonly parent?: Halt;
}
const isHalted = (halt: Halt | undefined): boolean =>
  halt !== undefined && (halt.isSet || isHalted(halt.parent));

export class Interpreter {
  readonly halt: Halt = { isSet: false };
  #global: Template = {};

  constructor(private readonly around: Surroundings) {}

  /** The flow's output. @throws {StateError | Halted} */
  run(definition: Definition): Promise<Template> {
    return this.#scope(definition, this.around.execution.Input, this.halt);
  }

  async #scope(scope: Scope, input: Template, halt: Halt): Promise<Template> {
    const byName = new Map(scope.States.map((state) => [state.Name, state]));
    let next: string | undefined = scope.StartAt;
    let data = input;
    while (next !== undefined) {
      if (isHalted(halt)) throw new Halted('stopped');
      const state = byName.get(next);
      if (state === undefined) throw new StateError(RUNTIME_ERROR, `no state ${next}`);
      this.around.record('StepEntered', state.Name);
      // States that wait for nothing are run without giving up the turn: thousands of them a second.
      const done: Step | Promise<Step> = this.#isPlain(state)
        ? this.#plain(state, data)
        : this.#full(state, data, halt);
      const step: Step = done instanceof Promise ? await done : done;
      this.around.record('StepExited', state.Name);
      data = step.output;
      next = step.next;
    }
    return data;
  }

  #isPlain(state: State): boolean {
    return (
      state.Type === 'Pass' || state.Type === 'Choice' || state.Type === 'Succeed' || state.Type === 'Fail'
    );
  }

  #plain(state: State, data: Template): Step {
    const input = this.#input(state, data);
    if (state.Type === 'Fail') throw new StateError(state.Code ?? FAIL_DEFAULT_CODE, state.Detail ?? '');
    if (state.Type === 'Choice') {
      const variables = this.#variables(state, input);
      const branch = state.Branches.find(
        ({ Condition }) => evaluated(() => evaluateExpression(Condition, variables)) === true,
      );
      return { output: input, next: branch?.Next ?? state.Default };
    }
    return { output: this.#output(state, input, input), next: nextOf(state) };
  }

  async #full(state: State, data: Template, halt: Halt): Promise<Step> {
    const retries = new Map<RetryRule, number>();
    for (let retryCount = 0; ; retryCount++) {
      let input = data;
      try {
        input = this.#input(state, data, retryCount);
        const raw = await this.#act(state, input, halt, retryCount);
        return { output: this.#output(state, input, asData(raw)), next: nextOf(state) };
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        if (isHalted(halt)) throw new Halted('stopped');
        const rule = (state.Retry ?? []).find((one) => matches(one.Errors, error.code));
        const tried = rule === undefined ? 0 : (retries.get(rule) ?? 0);
        if (rule === undefined || tried >= rule.MaxAttempts)
          return this.#caught(state, input, error, retryCount);
        retries.set(rule, tried + 1);
        this.around.record('StepFailed', state.Name, {
          Error: error.code,
          Cause: error.detail.slice(0, 1000),
          RetryIn: backoffOf(rule, tried),
        });
        await this.#sleep(backoffOf(rule, tried));
      }
    }
  }

  #caught(state: State, input: Template, error: StateError, retryCount: number): Step {
    this.around.record('StepFailed', state.Name, { Error: error.code, Cause: error.detail.slice(0, 1000) });
    const rule: CatchRule | undefined = (state.Catch ?? []).find((one) => matches(one.Errors, error.code));
    if (rule === undefined) throw error;
    const variables = this.#variables(state, input, {
      Error: { Code: error.code, Detail: error.detail },
      RetryCount: retryCount,
    });
    const output =
      rule.OutputConstructor === undefined
        ? {}
        : checked(evaluated(() => construct(rule.OutputConstructor ?? {}, variables)));
    return { output, next: rule.Next };
  }

  #act(state: State, input: Template, halt: Halt, retryCount: number): Promise<unknown> {
    switch (state.Type) {
      case 'Task': {
        const taskToken = this.around.newTaskToken();
        const variables = this.#variables(state, input, { TaskToken: taskToken, RetryCount: retryCount });
        const timeout =
          state['Timeout.$'] === undefined
            ? (state.Timeout ?? 0)
            : evaluated(() => evaluateExpression(state['Timeout.$'] ?? '0', variables));
        return this.around.runTask({
          action: state.Action,
          mode: state.TaskMode ?? 'RequestComplete',
          parameters: evaluated(() => construct(state.Parameters ?? {}, variables)),
          timeoutSeconds: Number(timeout),
          taskToken,
        });
      }
      case 'Wait': {
        const seconds =
          state['Seconds.$'] === undefined
            ? state.Seconds
            : evaluated(() => evaluateExpression(state['Seconds.$'] ?? '1', this.#variables(state, input)));
        if (!(Number(seconds) >= 1 && Number(seconds) <= 300))
          throw new StateError(RUNTIME_ERROR, 'a Wait lasts 1 to 300 seconds');
        return this.#sleep(Number(seconds)).then(() => input);
      }
      case 'Parallel':
        return this.#together(
          state.Branches.length,
          halt,
          (index, own) => this.#scope(state.Branches[index] as Scope, input, own),
          state.Branches.length,
        ).then((outputs) => Object.fromEntries(outputs.map((output, index) => [`Branch${index}`, output])));
      case 'Map': {
        const items = evaluated(() => evaluateExpression(state.ItemsPath, this.#variables(state, input)));
        if (!Array.isArray(items)) throw new StateError(RUNTIME_ERROR, `${state.ItemsPath} is no list`);
        const concurrency = state.MaxConcurrency ?? state.MaxConcuccency ?? 40;
        return this.#together(
          items.length,
          halt,
          (index, own) => this.#scope(state.Processor, items[index] as Template, own),
          concurrency,
        ).then((Items) => ({ Items }));
      }
      default:
        throw new StateError(RUNTIME_ERROR, `${state.Type} does not act`);
    }
  }

  /** Runs `count` pieces, so many at once; the first failure halts the others and is the failure of all. */
  async #together(
    count: number,
    parent: Halt,
    piece: (index: number, halt: Halt) => Promise<Template>,
    concurrency: number,
  ): Promise<readonly Template[]> {
    const halt: Halt = { isSet: false, parent };
    const outputs: Template[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) outputs[index] = await piece(index, halt);
    };
    try {
      await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker));
      return outputs;
    } catch (error) {
      halt.isSet = true;
      throw error;
    }
  }

  #sleep(seconds: number): Promise<void> {
    const { clock } = this.around.cloud;
    return new Promise((resolve) => clock.at(clock.now() + seconds * 1000, resolve));
  }

  #variables(state: State, input: Template, current: Template = {}): Variables {
    return {
      $Input: input,
      $Global: this.#global,
      $Context: {
        Execution: this.around.execution,
        Current: { Name: state.Name, Input: input, RetryCount: 0, ...current },
      },
    };
  }

  #input(state: State, data: Template, retryCount = 0): Template {
    const { InputConstructor } = state;
    return InputConstructor === undefined
      ? data
      : checked(
          evaluated(() =>
            construct(InputConstructor, this.#variables(state, data, { RetryCount: retryCount })),
          ),
        );
  }

  /** `$Output` is the raw result for both constructors, and `$Global` what it was before this state. */
  #output(state: State, input: Template, raw: Template): Template {
    const { OutputConstructor, GlobalConstructor } = state;
    const variables = { ...this.#variables(state, input, { Output: raw }), $Output: raw };
    const output =
      OutputConstructor === undefined ? raw : evaluated(() => construct(OutputConstructor, variables));
    if (GlobalConstructor !== undefined)
      this.#global = { ...this.#global, ...evaluated(() => construct(GlobalConstructor, variables)) };
    return checked(output);
  }
}

interface Step {
  readonly output: Template;
  readonly next: string | undefined;
}

const nextOf = (state: State): string | undefined =>
  state.End === true || state.Type === 'Succeed' ? undefined : state.Next;
const matches = (errors: readonly string[], code: string): boolean =>
  errors.includes('FnF.ALL') || errors.includes(code);

function backoffOf(rule: RetryRule, tried: number): number {
  const seconds = rule.IntervalSeconds * (rule.BackoffRate ?? 1) ** tried;
  return Math.min(seconds, rule.MaxBackoffSeconds ?? 86_400, 86_400);
}

/** What an expression fails with is a state's failure. */
function evaluated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) throw new StateError(RUNTIME_ERROR, error.message);
    throw error;
  }
}

/** Every input and output is a JSON object. */
function asData(value: unknown): Template {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Template;
  throw new StateError(RUNTIME_ERROR, 'a result is no JSON object');
}

function checked(data: Template): Template {
  if (JSON.stringify(data).length > MAX_DATA_BYTES)
    throw new StateError(RUNTIME_ERROR, 'a value is larger than 64 KiB');
  return data;
}
