/** Parameters of control calls: JSON values in the data plane's API, text (lists and objects as JSON text) in the other. */
import { textIn } from '../json-values.js';
import { ApiError } from '../kernel.js';
import { isObject, type Json } from './events.js';
import type { Target } from './target-types.js';
import type { TargetParam } from './transforms.js';

/** @throws {ApiError} 400 `MissingParameter` */
export function text(params: Json, name: string): string {
  const value = optional(params, name);
  if (value === undefined || value === '')
    throw new ApiError(400, 'MissingParameter', `${name} is mandatory for this action.`);
  return value;
}

export function optional(params: Json, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new ApiError(400, 'InvalidArgument', `${name} must be text.`);
}

/** Samples write `enable`, the reference `ENABLE`. @throws {ApiError} */
export function isEnabled(params: Json): boolean | undefined {
  const status = optional(params, 'Status')?.toUpperCase();
  if (status === undefined || status === '') return undefined;
  if (status !== 'ENABLE' && status !== 'DISABLE')
    throw new ApiError(400, 'InvalidArgument', 'Status must be ENABLE or DISABLE.');
  return status === 'ENABLE';
}

/** A list or an object, also where it comes as JSON text; `undefined` when it is missing. @throws {ApiError} */
export function parsed(params: Json, name: string): unknown {
  const value = params[name];
  if (typeof value !== 'string') return value ?? undefined;
  try {
    return value === '' ? undefined : JSON.parse(value);
  } catch {
    throw new ApiError(400, 'InvalidArgument', `${name} is not JSON.`);
  }
}

export function listIn(params: Json, name: string): readonly unknown[] {
  const value = parsed(params, name) ?? [];
  if (!Array.isArray(value)) throw new ApiError(400, 'InvalidArgument', `${name} is not a list.`);
  return value;
}

export function mapIn(params: Json, name: string): Json {
  const value = parsed(params, name) ?? {};
  if (!isObject(value)) throw new ApiError(400, 'InvalidArgument', `${name} is not an object.`);
  return value;
}

/** @throws {ApiError} `EventTargetInvalid` (a guess) */
export const targetsIn = (params: Json, name: string): readonly Target[] =>
  listIn(params, name).map(targetOf);

function targetOf(value: unknown): Target {
  const refuse = (why: string): never => {
    throw new ApiError(409, 'EventTargetInvalid', why);
  };
  const target = isObject(value) ? value : refuse('A target is no object.');
  const { Id, Type, Endpoint = '', DeadLetterQueue: letters, ConcurrentConfig } = target;
  if (typeof Id !== 'string' || Id === '' || typeof Type !== 'string' || typeof Endpoint !== 'string')
    return refuse('A target needs Id, Type and Endpoint.');
  const strategy = target['PushRetryStrategy'] || 'BACKOFF_RETRY';
  if (strategy !== 'BACKOFF_RETRY' && strategy !== 'EXPONENTIAL_DECAY_RETRY')
    return refuse('PushRetryStrategy is not known.');
  const tolerance = target['ErrorsTolerance'] || 'ALL';
  if (tolerance !== 'ALL' && tolerance !== 'NONE') return refuse('ErrorsTolerance is not known.');
  // An empty object stands for no dead-letter queue.
  const arn = isObject(letters) ? letters['Arn'] : undefined;
  return {
    Id,
    Type,
    Endpoint,
    PushRetryStrategy: strategy,
    ErrorsTolerance: tolerance,
    ...(arn === undefined || arn === '' ? {} : { DeadLetterQueue: { Arn: textIn(arn) } }),
    ...(ConcurrentConfig === undefined ? {} : { ConcurrentConfig }),
    ParamList: listIn(target, 'ParamList').map(
      (param) => paramOf(param) ?? refuse('ParamList is not valid.'),
    ),
  };
}

/** Some samples write a template's values as an object; kept as the text that the API has. */
function paramOf(param: unknown): TargetParam | undefined {
  if (!isObject(param)) return undefined;
  const { ResourceKey, Form, Template } = param;
  const Value = isObject(param['Value']) ? JSON.stringify(param['Value']) : param['Value'];
  if (typeof ResourceKey !== 'string' || typeof Form !== 'string') return undefined;
  return {
    ResourceKey,
    Form,
    ...(typeof Value === 'string' ? { Value } : {}),
    ...(typeof Template === 'string' ? { Template } : {}),
  };
}

/** Source: API reference, ListEventBuses: at most 100 entries an answer. */
const MAX_LIMIT = 100;
/** Without `Limit`; how many is not told. Few, so that it is seen who asks for no more than these. */
const UNASKED_LIMIT = 10;

export interface Page<T> {
  readonly items: readonly T[];
  readonly rest: { readonly Total: number; readonly NextToken?: string };
}

/**
 * `NextToken` is given to those who gave `Limit`, as the API reference has it. The codes are the open-source sibling's.
 * @throws {ApiError} `LimitSizeInvalid`, `NextTokenInvalid`
 */
export function pageOf<T>(all: readonly T[], params: Json): Page<T> {
  const asked = whole(params['Limit'], 0);
  const limit = asked === 0 && !params['Limit'] ? UNASKED_LIMIT : asked;
  if (limit === undefined || limit < 1 || limit > MAX_LIMIT)
    throw new ApiError(409, 'LimitSizeInvalid', `Limit must be 1 to ${MAX_LIMIT}.`);
  const from = whole(params['NextToken'], 0);
  if (from === undefined || from > all.length)
    throw new ApiError(409, 'NextTokenInvalid', 'NextToken is not valid.');
  const items = all.slice(from, from + limit);
  const end = from + items.length;
  const isTold = end < all.length && Boolean(params['Limit']);
  return { items, rest: { Total: all.length, ...(isTold ? { NextToken: String(end) } : {}) } };
}

function whole(value: unknown, fallback: number): number | undefined {
  if (value === undefined || value === null || value === '') return fallback;
  return /^\d{1,9}$/.test(textIn(value)) ? Number(value) : undefined;
}
