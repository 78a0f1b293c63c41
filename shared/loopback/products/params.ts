/** Reads parameters as RPC products have them, and cuts lists into pages. */
import { ApiError } from '../kernel.js';

export type Params = Readonly<Record<string, string>>;

/** @throws {ApiError} 400 `MissingParameter` */
export function required(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined || value === '')
    throw new ApiError(
      400,
      'MissingParameter',
      `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
    );
  return value;
}

/** @throws {ApiError} 400 `InvalidParameter` */
export function integerIn(params: Params, name: string, fallback: number, max = 1_000_000): number {
  const text = params[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw invalid(name, `must be an integer from 1 to ${max}`);
  return value;
}

/** `Name.1`, `Name.2`, … in the order of their numbers. */
export function listIn(params: Params, name: string): readonly string[] {
  return Object.entries(params)
    .flatMap(([key, value]) => {
      const number = key.startsWith(`${name}.`) ? Number(key.slice(name.length + 1)) : Number.NaN;
      return Number.isInteger(number) ? [[number, value] as const] : [];
    })
    .sort(([left], [right]) => left - right)
    .map(([, value]) => value);
}

/** The page `number`, counted from 1. */
export const pageOf = <T>(items: readonly T[], number: number, size: number): readonly T[] =>
  items.slice((number - 1) * size, number * size);

export interface TokenPage<T> {
  readonly items: readonly T[];
  readonly maxResults: number;
  /** Absent on the last page. */
  readonly nextToken?: string;
}

/** The page that `NextToken` points at, `MaxResults` long. @throws {ApiError} 400 `InvalidParameter` */
export function pageByToken<T>(
  items: readonly T[],
  params: Params,
  fallback: number,
  max: number,
): TokenPage<T> {
  const maxResults = integerIn(params, 'MaxResults', fallback, max);
  const from = offsetIn(params['NextToken'] ?? '');
  const to = from + maxResults;
  return {
    items: items.slice(from, to),
    maxResults,
    ...(to < items.length ? { nextToken: Buffer.from(`v1:${to}`).toString('base64url') } : {}),
  };
}

function offsetIn(token: string): number {
  if (token === '') return 0;
  const [, offset] = /^v1:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString('utf8')) ?? [];
  if (offset === undefined) throw invalid('NextToken', 'is not one that was given out');
  return Number(offset);
}

export const invalid = (name: string, why: string): ApiError =>
  new ApiError(400, 'InvalidParameter', `The specified parameter "${name}" ${why}.`);
