/** What is left of an event that its schema refuses, so that who mends it hears at once what else speaks against it. Pure. */
import type { ErrorObject } from 'ajv';
import { isFollowUp } from './explain.js';

type Json = Readonly<Record<string, unknown>>;

export interface ReadablePart {
  /** The event without what was found wrong: whole grants, and fields that nobody knows. */
  readonly event: Json;
  /** Where in the list of the event each grant of this one stands. */
  readonly grantAt: readonly number[];
}

const GRANT = /^\/data\/grants\/(\d+)(?:\/|$)/;

/**
 * `undefined` when something else is wrong: without that the rest would say something that nobody asked for. What is left may be
 * refused by the schema in turn.
 */
export function readablePartOf(event: Json, errors: readonly ErrorObject[]): ReadablePart | undefined {
  let left: unknown = event;
  const dropped = new Set<number>();
  for (const { keyword, instancePath, params } of errors.filter((one) => !isFollowUp(one))) {
    const [, grant] = GRANT.exec(instancePath) ?? [];
    if (grant !== undefined) dropped.add(Number(grant));
    else if (keyword !== 'additionalProperties') return undefined;
    else left = without(left, [...namesIn(instancePath), String(params['additionalProperty'])]);
  }
  const { data } = left as { readonly data?: { readonly grants?: unknown } };
  if (!Array.isArray(data?.grants)) return undefined;
  const all: readonly unknown[] = data.grants;
  const grantAt = all.map((_, index) => index).filter((index) => !dropped.has(index));
  const grants = grantAt.map((index) => all[index]);
  return { event: { ...(left as Json), data: { ...data, grants } }, grantAt };
}

/** Of a JSON pointer that a validator has given. */
const namesIn = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replace(/~1/g, '/').replace(/~0/g, '~'));

/** A copy along the way to the field alone: what else there is may be nested deeply. */
function without(value: unknown, [name = '', ...below]: readonly string[]): unknown {
  const { [name]: field, ...others } = value as Json;
  if (below.length === 0) return others;
  const left = without(field, below);
  return Array.isArray(value) ? value.with(Number(name), left) : { ...others, [name]: left };
}
