/** What requests say of a function, and how either API describes one. */
import { numberIn, textIn } from '../json-values.js';
import type { FunctionSettings, FunctionState, LogConfig } from './registry.js';

export type Json = Readonly<Record<string, unknown>>;

/** Under 2.0 the role and the logs are the service's. */
export const ofService = (service: Json, body: Json): Json => ({
  ...body,
  role: service['role'],
  logConfig: service['logConfig'],
});

export function settingsOf(body: Json): FunctionSettings {
  const lifecycle = body['instanceLifecycleConfig'] as
    | { readonly initializer?: { readonly handler?: string } }
    | undefined;
  const initializer =
    lifecycle?.initializer?.handler ??
    (typeof body['initializer'] === 'string' && body['initializer'] !== '' ? body['initializer'] : undefined);
  return {
    name: textIn(body['functionName'] ?? ''),
    runtime: textIn(body['runtime'] ?? ''),
    handler: textIn(body['handler'] ?? ''),
    ...(initializer === undefined ? {} : { initializer }),
    ...(typeof body['role'] === 'string' && body['role'] !== '' ? { role: body['role'] } : {}),
    ...logConfigOf(body),
    memorySize: numberIn(body['memorySize'] ?? 512),
    ...(typeof body['cpu'] === 'number' ? { cpu: body['cpu'] } : {}),
    ...(typeof body['diskSize'] === 'number' ? { diskSize: body['diskSize'] } : {}),
    timeoutSeconds: numberIn(body['timeout'] ?? 3),
    environmentVariables: (body['environmentVariables'] ?? {}) as Readonly<Record<string, string>>,
    description: textIn(body['description'] ?? ''),
  };
}

/** An empty one, as some clients send it, is none. */
function logConfigOf(body: Json): { readonly logConfig?: LogConfig } {
  const { project, logstore } = (body['logConfig'] ?? {}) as Partial<LogConfig>;
  return project === undefined || logstore === undefined || project === ''
    ? {}
    : { logConfig: { project, logstore } };
}

export const describeV2 = (state: FunctionState): Json => ({
  functionName: state.name,
  runtime: state.runtime,
  handler: state.handler,
  memorySize: state.memorySize,
  timeout: state.timeoutSeconds,
  environmentVariables: state.environmentVariables,
  description: state.description,
  codeChecksum: state.codeChecksum,
  createdTime: state.createdAt,
});
/**
 * ListFunctions gives some of a function's properties. Source: API reference, ListFunctions; which is not told, so that those are left
 * out here by which a function can do anything.
 */
export const listedV3 = (state: FunctionState): Json => {
  const { environmentVariables: _, role: __, logConfig: ___, ...some } = describeV3(state);
  return some;
};

export const describeV3 = (state: FunctionState): Json => ({
  ...describeV2(state),
  ...(state.role === undefined ? {} : { role: state.role }),
  ...(state.cpu === undefined ? {} : { cpu: state.cpu }),
  ...(state.diskSize === undefined ? {} : { diskSize: state.diskSize }),
  ...(state.logConfig === undefined ? {} : { logConfig: state.logConfig }),
  functionArn: `acs:fc:${state.region}:${state.accountId}:functions/${state.name}`,
});
