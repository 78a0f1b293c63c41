/** What the actions of CloudFlow share: who may, which flow, and starting one. */
import { randomUUID } from 'node:crypto';
import { ApiError, type Cloud, type RpcAction, type RpcCall } from '../kernel.js';
import { knownDefinition } from './definition.js';
import { dataOf, type Execution, type Executions, type ToStart } from './executions.js';
import type { Flow, Flows } from './flows.js';
import { integrationsOf, type Neighbours } from './integrations.js';
import type { KeptExecution } from './kept-executions.js';
import { nameOf, required } from './parameters.js';
import { BEYOND_QUOTA, type Readings } from './readings.js';
import { demandExecution, demandFlow } from './rights.js';
import type { CloudFlowLimits } from './service.js';
import { callProduct } from './tasks.js';

export class Core {
  constructor(
    readonly cloud: Cloud,
    readonly flows: Flows,
    readonly executions: Executions,
    private readonly readings: Readings,
    private readonly neighbours: Neighbours,
    readonly limits: Required<Pick<CloudFlowLimits, 'runningExecutions' | 'flows'>>,
  ) {}

  /** An action on a flow that exists, named by `parameter`. */
  onFlow(action: string, parameter: string, then: (flow: Flow, call: RpcCall) => unknown): RpcAction {
    return (call) => {
      const name = required(call, parameter);
      demandFlow(this.cloud.identity, call, action, name);
      return then(this.flows.find(call, name), call);
    };
  }

  /** An action on the executions of a flow that exists. */
  onExecutions(action: string, then: (flow: Flow, call: RpcCall) => unknown): RpcAction {
    return (call) => {
      const name = required(call, 'FlowName');
      demandExecution(this.cloud.identity, call, action, name);
      return then(this.flows.find(call, name), call);
    };
  }

  /** An action on one execution that exists. */
  onExecution(action: string, then: (execution: Execution, call: RpcCall) => unknown): RpcAction {
    return this.onExecutions(action, (flow, call) => {
      const name = required(call, 'ExecutionName');
      const execution = flow.executions.get(name);
      if (execution === undefined)
        throw new ApiError(404, 'ExecutionNotExists', `Execution '${name}' does not exist`);
      return then(execution, call);
    });
  }

  /**
   * Standard: a name that runs is that execution again; one that ran is taken for good. Express: names need not be unique.
   * @throws {ApiError} `ExecutionAlreadyExists`, `InvalidArgument`, `EntityTooLarge`; when too many run, `BEYOND_QUOTA`
   */
  start(flow: Flow, params: RpcCall['params']): Execution {
    const given = nameOf(params['ExecutionName'] ?? generatedName(), 'ExecutionName');
    const name = flow.mode === 'Express' ? `${given}:${randomUUID()}` : given;
    const known = flow.executions.get(name);
    if (known?.status === 'Running') return known;
    if (known !== undefined)
      throw new ApiError(409, 'ExecutionAlreadyExists', `Execution '${name}' already exists`);
    const { accountId, region, definition, text, roleArn, mode } = flow;
    if (this.executions.runningOf(accountId) >= this.limits.runningExecutions)
      throw beyondQuota('executions that run', this.limits.runningExecutions);
    return this.#begin(flow, {
      ...{ accountId, region, mode, definition, text, roleArn, name },
      flowName: flow.name,
      givenName: given,
      input: dataOf(params['Input'] || '{}', 'Input'),
      reportTo: params['CallbackFnFTaskToken'] ?? '',
    });
  }

  /** Takes back the executions that were kept; those that were running go on, by their definition of then. */
  resume(): void {
    for (const kept of this.executions.kept.all()) {
      const flow = this.flows.get(kept.accountId, kept.region, kept.flowName);
      if (flow === undefined) continue;
      if (kept.end !== undefined) flow.executions.set(kept.name, this.executions.restore(kept, kept.end));
      else this.#begin(flow, { ...kept, definition: knownDefinition(kept.text) }, kept);
    }
  }

  #begin(flow: Flow, toStart: Omit<ToStart, 'call'>, kept?: KeptExecution): Execution {
    const integrations = integrationsOf(
      { cloud: this.cloud, flows: this.flows, neighbours: this.neighbours, readings: this.readings },
      flow,
      toStart.givenName,
    );
    const { name, reportTo } = toStart;
    const execution = this.executions.start(
      { ...toStart, call: (task) => callProduct(task, integrations) },
      kept,
    );
    flow.executions.set(name, execution);
    if (reportTo !== '') void execution.over.then(() => this.executions.reportEnd(reportTo, execution));
    return execution;
  }
}

export const beyondQuota = (what: string, limit: number): ApiError =>
  new ApiError(400, BEYOND_QUOTA, `The account has at most ${limit} ${what}.`);

/** A UUID that fits the rule for names. */
const generatedName = (): string => randomUUID().replace(/^\d/, 'e');
