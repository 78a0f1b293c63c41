/**
 * Stands in for Log Service as far as Function Compute uses it: a line for each request, written under the function's own role. What the
 * role may not write is lost, and the function runs all the same. Source: Function Compute "Configure the logging feature".
 */
import type { Caller, Cloud } from '../kernel.js';
import type { FunctionState, LogConfig } from './registry.js';

export interface RequestLog {
  readonly functionName: string;
  readonly requestId: string;
  readonly errorType?: string;
}

/** The newest of each log store; older ones go. */
const MOST = 10_000;

export class FunctionLogs {
  readonly #stores = new Map<string, RequestLog[]>();

  constructor(private readonly cloud: Cloud) {}

  in({ project, logstore }: LogConfig): readonly RequestLog[] {
    return this.#stores.get(`${project}/${logstore}`) ?? [];
  }

  /** `writer` is a session of the function's role. */
  write(
    { name, accountId, region, logConfig }: FunctionState,
    writer: Caller,
    line: Omit<RequestLog, 'functionName'>,
  ): void {
    if (logConfig === undefined) return;
    const { project, logstore } = logConfig;
    const resource = `acs:log:${region}:${accountId}:project/${project}/logstore/${logstore}`;
    if (
      this.cloud.identity.authorize(writer, { action: 'log:PostLogStoreLogs', resource }).effect === 'deny'
    ) {
      this.cloud.trace({ at: 'function-compute', function: name, logsRefused: resource });
      return;
    }
    const key = `${project}/${logstore}`;
    const lines = this.#stores.get(key) ?? [];
    this.#stores.set(key, lines);
    lines.push({ functionName: name, ...line });
    if (lines.length > MOST) lines.splice(0, lines.length - MOST);
  }
}
