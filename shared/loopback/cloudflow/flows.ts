/** Flows: kept by account, region and name. */
import { randomUUID } from 'node:crypto';
import type { Keeper, Table } from '../keep/keeper.js';
import { ApiError, type RpcCall } from '../kernel.js';
import { BadDefinitionError, type Definition, knownDefinition } from './definition.js';
import { undocumentedProblems } from './documented-checks.js';
import type { Execution } from './executions.js';
import { expressProblems } from './express-checks.js';
import { invalid } from './parameters.js';
import type { ExecutionMode, Readings } from './readings.js';
import type { Schedule } from './schedules.js';

export interface Flow {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly text: string;
  readonly definition: Definition;
  readonly description: string;
  readonly roleArn: string;
  /** Set when the flow is made; an update keeps it. */
  readonly mode: ExecutionMode;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly executions: Map<string, Execution>;
  readonly schedules: Map<string, Schedule>;
}

/** Source: CloudFlow "Limits": the size of a request, which bounds a definition too. */
const MAX_DEFINITION_BYTES = 1024 * 1024;

/** A flow as it is kept; its executions are kept by themselves. */
interface KeptFlow extends Omit<Flow, 'definition' | 'executions' | 'schedules'> {
  readonly schedules: readonly Omit<Schedule, 'stop'>[];
}

export class Flows {
  readonly #byKey = new Map<string, Flow>();
  readonly #kept: Table<KeptFlow>;

  constructor(
    keeper: Keeper,
    private readonly readings: Readings,
  ) {
    this.#kept = keeper.table('cloudflow/flows');
    for (const [key, { schedules: _, ...kept }] of this.#kept.entries)
      this.#byKey.set(key, {
        ...kept,
        definition: knownDefinition(kept.text),
        executions: new Map(),
        schedules: new Map(),
      });
  }

  /** Starts the schedules that were kept, by `start`. */
  resume(start: (flow: Flow, schedule: Omit<Schedule, 'stop'>) => void): void {
    for (const [key, { schedules }] of this.#kept.entries) {
      const flow = this.#byKey.get(key);
      if (flow !== undefined) for (const schedule of schedules) start(flow, schedule);
    }
  }

  /** To be told after a flow or its schedules were changed. */
  save({ definition: _, executions: __, schedules, ...flow }: Flow): void {
    this.#kept.put(`${flow.accountId}/${flow.region}/${flow.name}`, {
      ...flow,
      schedules: [...schedules.values()].map(({ stop: _stop, ...schedule }) => schedule),
    });
  }

  /** In the order they were made. */
  all(): readonly Flow[] {
    return [...this.#byKey.values()];
  }

  get(accountId: string, region: string, name: string): Flow | undefined {
    return this.#byKey.get(`${accountId}/${region}/${name}`);
  }

  /** @throws {ApiError} `FlowNotExists` */
  find({ caller, region }: RpcCall, name: string): Flow {
    const flow = this.get(caller.accountId, region, name);
    if (flow === undefined) throw new ApiError(404, 'FlowNotExists', `Flow '${name}' does not exist`);
    return flow;
  }

  /** Makes a flow from the call's parameters, or `before` anew: what the call lacks stays. @throws {ApiError} */
  store({ params, caller, region }: RpcCall, name: string, now: number, before?: Flow): Flow {
    if (params['Type'] !== undefined && params['Type'] !== 'FDL') throw invalid('Type must be FDL.');
    const text = params['Definition'] ?? before?.text ?? '';
    const mode = before?.mode ?? modeOf(params['ExecutionMode'] ?? '');
    const flow: Flow = {
      id: before?.id ?? randomUUID(),
      accountId: caller.accountId,
      region,
      name,
      text,
      definition: definitionOf(text, name, mode, this.readings),
      description: params['Description'] ?? before?.description ?? '',
      roleArn: roleArnOf(params['RoleArn'] ?? before?.roleArn ?? '', caller.accountId),
      mode,
      createdAt: before?.createdAt ?? now,
      modifiedAt: now,
      executions: before?.executions ?? new Map(),
      schedules: before?.schedules ?? new Map(),
    };
    this.#byKey.set(`${caller.accountId}/${region}/${name}`, flow);
    this.save(flow);
    return flow;
  }

  /** Ends its executions and schedules too. */
  delete(flow: Flow): void {
    for (const execution of flow.executions.values()) execution.stop();
    for (const schedule of flow.schedules.values()) schedule.stop();
    this.#byKey.delete(`${flow.accountId}/${flow.region}/${flow.name}`);
    this.#kept.remove(`${flow.accountId}/${flow.region}/${flow.name}`);
  }
}

/** A flow runs under a role of its own account, or under none: then it cannot call anything. @throws {ApiError} */
export function roleArnOf(arn: string, accountId: string): string {
  if (arn !== '' && !(arn.startsWith(`acs:ram::${accountId}:role/`) && /^[^/]+\/[\w.-]+$/.test(arn)))
    throw invalid('RoleArn is not the ARN of a role of this account.');
  return arn;
}

function modeOf(text: string): ExecutionMode {
  if (text === '' || text === 'Standard') return 'Standard';
  if (text === 'Express') return text;
  throw invalid('ExecutionMode is Standard or Express.');
}

function definitionOf(
  text: string,
  name: string,
  mode: ExecutionMode,
  { undocumentedExpressions }: Readings,
): Definition {
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES)
    throw new ApiError(400, 'EntityTooLarge', 'The definition is too large.');
  try {
    const definition = knownDefinition(text);
    if (definition.Name !== name)
      throw new BadDefinitionError([`Name in the definition is ${definition.Name}, not ${name}`]);
    const problems = [
      ...(mode === 'Express' ? expressProblems(definition) : []),
      ...(undocumentedExpressions ? [] : undocumentedProblems(definition)),
    ];
    if (problems.length > 0) throw new BadDefinitionError(problems);
    return definition;
  } catch (error) {
    if (error instanceof BadDefinitionError) throw invalid(error.message);
    throw error;
  }
}
