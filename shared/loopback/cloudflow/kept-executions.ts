/** Executions as they are kept. */
import type { Keeper, Table } from '../keep/keeper.js';
import type { CloudClock } from '../kernel.js';
import type { Execution, ToStart } from './executions.js';
import { type KeptWait, Waits } from './waits.js';

/** What it began with, and how it ended if it did. */
export interface KeptExecution extends Omit<ToStart, 'definition' | 'call'> {
  /** Its own: no execution after it has it. */
  readonly id: string;
  readonly startedAt: number;
  readonly end?: Pick<Execution, 'status' | 'output' | 'stoppedAt' | 'history'> & {
    readonly failure: { readonly code: string; readonly detail: string } | undefined;
  };
}

export class KeptExecutions {
  readonly #executions: Table<KeptExecution>;
  readonly #waits: Table<KeptWait>;

  constructor(
    keeper: Keeper,
    private readonly clock: CloudClock,
  ) {
    this.#executions = keeper.table('cloudflow/executions');
    this.#waits = keeper.table('cloudflow/waits');
  }

  /** In the order in which they were started. */
  all(): readonly KeptExecution[] {
    return [...this.#executions.entries.values()];
  }

  begin(execution: KeptExecution): void {
    this.#executions.put(execution.id, execution);
  }

  /** Of one that began in another process, with `startedAt`. */
  waitsOf(id: string, startedAt?: number): Waits {
    return new Waits(this.clock, this.#waits, id, startedAt);
  }

  /** Once only, and not of one that was dropped with its flow. */
  end(id: string, { status, output, stoppedAt, history, failure }: Execution): void {
    const kept = this.#executions.entries.get(id);
    if (kept === undefined || kept.end !== undefined) return;
    const end = { status, output, stoppedAt, history: [...history] };
    const cause = failure === undefined ? undefined : { code: failure.code, detail: failure.detail };
    this.#executions.put(id, { ...kept, end: { ...end, failure: cause } });
  }

  /** Those of a flow that is gone are not kept. */
  drop(accountId: string, region: string, flowName: string): void {
    for (const [id, kept] of [...this.#executions.entries])
      if (kept.accountId === accountId && kept.region === region && kept.flowName === flowName)
        this.#executions.remove(id);
  }
}
