/** Parameters of CloudFlow's actions, read and refused as its API reference says. */
import { ApiError, type RpcCall } from '../kernel.js';

export const invalid = (message: string): ApiError => new ApiError(400, 'InvalidArgument', message);

export function required({ params }: RpcCall, name: string): string {
  const value = params[name];
  if (value === undefined || value === '')
    throw new ApiError(400, 'MissingRequiredParams', `${name} is required`);
  return value;
}

/** A name of a flow, an execution or a schedule. Source: CloudFlow "Limits". */
export function nameOf(name: string, what: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/.test(name)) throw invalid(`${what} is not valid.`);
  return name;
}

/** `value`, which may be absent, of 1 to `most` characters. */
export function shortText(value: string | undefined, most: number, what: string): string | undefined {
  if (value !== undefined && (value.length === 0 || value.length > most))
    throw invalid(`${what} has 1 to ${most} characters.`);
  return value;
}

export function wholeNumber(
  { params }: RpcCall,
  name: string,
  { from, to, otherwise }: { readonly from: number; readonly to: number; readonly otherwise: number },
): number {
  const text = params[name];
  if (text === undefined || text === '') return otherwise;
  if (!/^\d{1,9}$/.test(text) || Number(text) < from || Number(text) > to)
    throw invalid(`${name} must be ${from} to ${to}.`);
  return Number(text);
}

export function flagOf({ params }: RpcCall, name: string, otherwise: boolean): boolean {
  const text = params[name]?.toLowerCase() ?? '';
  if (text === '') return otherwise;
  if (text !== 'true' && text !== 'false') throw invalid(`${name} is true or false.`);
  return text === 'true';
}

/** Refuses by name what this embedded cloud does not act on, so that nobody takes it for done. */
export function refuse({ params }: RpcCall, names: readonly string[]): void {
  const given = names.filter((name) => (params[name] ?? '') !== '');
  if (given.length > 0)
    throw new ApiError(400, 'ActionNotSupported', `This embedded CloudFlow has no ${given.join(', ')}.`);
}

const DEFAULT_LIMIT = 60;

/** One page of `all`; the token is the place of the next page's first. `most` is the largest Limit. */
export function pageOf<T>(
  call: RpcCall,
  all: readonly T[],
  most: number,
): { readonly page: readonly T[]; readonly next: { readonly NextToken?: string } } {
  const limit = wholeNumber(call, 'Limit', { from: 1, to: most, otherwise: DEFAULT_LIMIT });
  const from = wholeNumber(call, 'NextToken', { from: 0, to: all.length, otherwise: 0 });
  const end = from + limit;
  return { page: all.slice(from, end), next: end < all.length ? { NextToken: String(end) } : {} };
}
