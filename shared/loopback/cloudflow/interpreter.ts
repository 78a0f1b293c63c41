/** Runs a definition, state by state. Source: CloudFlow "Process definition", "Error handling", "Inputs and outputs". */
import { textIn } from '../json-values.js';
import { CHANCE } from './chance.js';
import { construct, evaluateExpression } from './constructors.js';
import { asData, checked, checkedGlobals, evaluated, secondsOf } from './data.js';
import type { Definition, RetryRule, Scope, State, Template } from './definition.js';
import { ANY_KIND, type Variables } from './expressions.js';
import { Halt, Halted } from './halt.js';
import { FAIL_DEFAULT_CODE, RUNTIME_ERROR, TASK_TIMEOUT, TIMEOUT_SECONDS, WAIT_SECONDS } from './readings.js';
import { pauseBefore, ruleFor } from './rules.js';
import { StateError } from './state-error.js';
import type { Surroundings, Task } from './surroundings.js';
import { together } from './together.js';

/** Of a Map in inline mode, when it says nothing. Source: CloudFlow "Map". */
const MAX_CONCURRENCY = 40;

export class Interpreter {
  readonly halt = new Halt();
  #global: Template = {};

  constructor(private readonly around: Surroundings) {}

  /** The flow's output. @throws {StateError | Halted} */
  run(definition: Definition): Promise<Template> {
    return this.#scope(definition, this.around.execution.Input, this.halt, '');
  }

  /** `within` is the place of the scope; its states have their number in it. */
  async #scope(scope: Scope, input: Template, halt: Halt, within: string): Promise<Template> {
    const byName = new Map(scope.States.map((state) => [state.Name, state]));
    let entered = 0;
    let next: string | undefined = scope.StartAt;
    let data = input;
    while (next !== undefined) {
      if (halt.isSet) throw new Halted('stopped');
      const state = byName.get(next);
      if (state === undefined) throw new StateError(RUNTIME_ERROR, `no state ${next}`);
      const place = `${within}/${++entered}`;
      const turn = this.around.enter(place, halt);
      if (turn !== undefined) await turn;
      this.around.record('StepEntered', state.Name);
      // States that wait for nothing are run without giving up the turn: thousands of them a second.
      const done: Step | Promise<Step> = isPlain(state)
        ? this.#plain(state, data)
        : this.#full(state, data, halt, place);
      const step: Step = done instanceof Promise ? await done : done;
      this.around.record('StepExited', state.Name);
      data = step.output;
      next = step.next;
    }
    return data;
  }

  #plain(state: State, data: Template): Step {
    try {
      return this.#passed(state, data);
    } catch (error) {
      if (error instanceof StateError) this.#recordFailure('StepFailed', state, error);
      throw error;
    }
  }

  #passed(state: State, data: Template): Step {
    const input = this.#input(state, data);
    if (state.Type === 'Fail')
      throw new StateError(
        state.Code ?? FAIL_DEFAULT_CODE,
        state.Detail ?? '',
        this.around.readings.failEndsExecution,
      );
    if (state.Type === 'Choice') {
      const variables = this.#variables(state, input);
      const branch = state.Branches.find(({ Condition }) => {
        const verdict = evaluated(() => evaluateExpression(textIn(Condition), variables));
        if (typeof verdict !== 'boolean')
          throw new StateError(RUNTIME_ERROR, `Condition ${Condition} is neither true nor false`);
        return verdict;
      });
      return { output: this.#output(state, input, input), next: branch?.Next ?? state.Default };
    }
    return { output: this.#output(state, input, input), next: nextOf(state) };
  }

  async #full(state: State, data: Template, halt: Halt, place: string): Promise<Step> {
    const retries = new Map<RetryRule, number>();
    for (let retryCount = 0; ; retryCount++) {
      let input = data;
      const attempt = `${place}:${retryCount}`;
      const TaskToken = state.Type === 'Task' ? this.around.taskTokenAt(attempt) : '';
      const current = { RetryCount: retryCount, ...(TaskToken === '' ? {} : { TaskToken }) };
      try {
        input = this.#input(state, data, current);
        const acted = await this.#act(state, input, halt, current, attempt);
        const raw = acted === input ? input : checked(asData(acted));
        return { output: this.#output(state, input, raw, current), next: nextOf(state) };
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        if (halt.isSet) throw new Halted('stopped');
        const rule = error.endsExecution ? undefined : ruleFor(state.Retry, error.code);
        const tried = rule === undefined ? 0 : (retries.get(rule) ?? 0);
        if (rule === undefined || tried >= rule.MaxAttempts)
          return this.#caught(state, input, error, current);
        retries.set(rule, tried + 1);
        const pause = pauseBefore(rule, tried);
        this.#recordFailure('StepFailed', state, error, { RetryIn: pause });
        await this.around.sleep(pause * 1000, `${place}:${retryCount}:retry`, halt);
      }
    }
  }

  #caught(state: State, input: Template, error: StateError, current: Current): Step {
    this.#recordFailure('StepFailed', state, error);
    const rule = error.endsExecution ? undefined : ruleFor(state.Catch, error.code);
    if (rule === undefined) throw error;
    const variables = this.#variables(state, input, {
      ...current,
      Error: { Code: error.code, Detail: error.detail },
    });
    const output =
      rule.OutputConstructor === undefined
        ? {}
        : checked(evaluated(() => construct(rule.OutputConstructor ?? {}, variables)));
    return { output, next: rule.Next };
  }

  #act(state: State, input: Template, halt: Halt, current: Current, place: string): Promise<unknown> {
    switch (state.Type) {
      case 'Task': {
        const variables = this.#variables(state, input, current);
        const task = {
          action: state.Action,
          mode: state.TaskMode ?? 'RequestComplete',
          parameters: evaluated(() => construct(state.Parameters ?? {}, variables)),
          timeoutSeconds: secondsOf(
            state.Timeout ?? 0,
            state['Timeout.$'],
            variables,
            TIMEOUT_SECONDS,
            'a Timeout',
          ),
          taskToken: current.TaskToken ?? '',
        };
        return this.#task(state, task, halt, place);
      }
      case 'Wait': {
        const variables = this.#variables(state, input);
        const seconds = secondsOf(
          state.Seconds,
          state['Seconds.$'],
          variables,
          WAIT_SECONDS[this.around.mode],
          'a Wait',
        );
        return this.around.sleep(seconds * 1000, place, halt).then(() => input);
      }
      case 'Parallel':
        return together(
          state.Branches.length,
          halt,
          (index, own) =>
            this.#inner(state, 'Branch', state.Branches[index] as Scope, input, own, `${place}.${index}`),
          state.Branches.length,
        ).then((outputs) => Object.fromEntries(outputs.map((output, index) => [`Branch${index}`, output])));
      case 'Map': {
        const items = this.#items(state, input);
        const concurrency = Number(state.MaxConcurrency ?? state.MaxConcuccency ?? MAX_CONCURRENCY);
        return together(
          items.length,
          halt,
          (index, own) =>
            this.#inner(
              state,
              'Iteration',
              state.Processor,
              items[index] as Template,
              own,
              `${place}.${index}`,
            ),
          concurrency,
        ).then((Items) => ({ Items }));
      }
      default:
        throw new StateError(RUNTIME_ERROR, `${state.Type} does not act`);
    }
  }

  async #task(state: State, task: Task, halt: Halt, place: string): Promise<unknown> {
    const { record } = this.around;
    record('TaskScheduled', state.Name, { Action: task.action, TaskMode: task.mode });
    record('TaskStarted', state.Name);
    let isSubmitted = false;
    const onSubmitted = (): void => {
      isSubmitted = true;
      record('TaskSubmitted', state.Name);
    };
    try {
      const output = await this.around.runTask(task, place, halt, onSubmitted);
      record('TaskSucceeded', state.Name);
      return output;
    } catch (error) {
      if (error instanceof StateError) {
        const isSubmission = task.mode === 'WaitForCustomCallback' && !isSubmitted;
        const failed = isSubmission ? 'TaskSubmitFailed' : 'TaskFailed';
        this.#recordFailure(error.code === TASK_TIMEOUT ? 'TaskTimedOut' : failed, state, error);
      }
      throw error;
    }
  }

  #items(state: Extract<State, { Type: 'Map' }>, input: Template): readonly unknown[] {
    const { $Global: _, ...variables } = this.#variables(state, input); // not to be had in an ItemsPath
    const items = evaluated(() => evaluateExpression(state.ItemsPath, variables));
    if (!Array.isArray(items)) throw new StateError(RUNTIME_ERROR, `${state.ItemsPath} is no list`);
    if (!this.around.readings.mapTakesAnyItem) for (const item of items) asData(item);
    return items;
  }

  async #inner(
    state: State,
    what: 'Branch' | 'Iteration',
    scope: Scope,
    input: Template,
    halt: Halt,
    place: string,
  ): Promise<Template> {
    this.around.record(`${what}Entered`, state.Name);
    const output = await this.#scope(scope, input, halt, place);
    this.around.record(`${what}Exited`, state.Name);
    return output;
  }

  #recordFailure(type: string, { Name }: State, { code, detail }: StateError, more: Template = {}): void {
    this.around.record(type, Name, { Error: code, Cause: detail.slice(0, 1000), ...more });
  }

  #variables(state: State, input: Template, current: object = {}): Variables {
    return {
      [CHANCE]: this.around.chance,
      [ANY_KIND]: this.around.readings.undocumentedExpressions,
      $Input: input,
      $Global: this.#global,
      $Context: {
        Execution: this.around.execution,
        Current: { Name: state.Name, Input: input, RetryCount: 0, ...current },
      },
    };
  }

  #input(state: State, data: Template, current?: Current): Template {
    const { InputConstructor } = state;
    return InputConstructor === undefined
      ? data
      : checked(evaluated(() => construct(InputConstructor, this.#variables(state, data, current))));
  }

  /** `$Output` is the raw result for both constructors, and `$Global` what it was before this state. */
  #output(state: State, input: Template, raw: Template, current?: Current): Template {
    const { OutputConstructor, GlobalConstructor } = state;
    const variables = { ...this.#variables(state, input, { ...current, Output: raw }), $Output: raw };
    const output =
      OutputConstructor === undefined ? raw : evaluated(() => construct(OutputConstructor, variables));
    if (GlobalConstructor !== undefined)
      this.#global = {
        ...this.#global,
        ...checkedGlobals(evaluated(() => construct(GlobalConstructor, variables))),
      };
    return output === input || output === raw ? output : checked(output); // those were checked when they were made
  }
}

/** Of one attempt at a state, as `$Context.Current` tells it. */
interface Current {
  readonly RetryCount: number;
  /** A task's only. */
  readonly TaskToken?: string;
}

interface Step {
  readonly output: Template;
  readonly next: string | undefined;
}

const nextOf = (state: State): string | undefined =>
  state.End === true || state.Type === 'Succeed' ? undefined : state.Next;

/** States that wait for nothing. */
const isPlain = ({ Type }: State): boolean =>
  Type === 'Pass' || Type === 'Choice' || Type === 'Succeed' || Type === 'Fail';
