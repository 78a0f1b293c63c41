/** Event patterns: the shape of the event, with a list at every leaf; keys are ANDed. Source: EventBridge "Event patterns". */
import { BadPatternError, bad, compileLeaf, type Matcher, unlisted } from './conditions.js';
import { isObject, type Json } from './events.js';

export { BadPatternError };

/** CloudEvents' own, and those the service adds. Whether a publisher's own extensions may be named is not known. */
const ATTRIBUTES = new Set([
  'id',
  'source',
  'specversion',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'aliyunaccountid',
  'aliyunpublishtime',
  'aliyuneventbusname',
  'aliyunregionid',
  'aliyunpublishaddr',
  'aliyunoriginalaccountid',
  'aliyuneventid',
]);
const MAX_DEPTH = 32;

type CompileLeaf = typeof compileLeaf;

export interface PatternReadings {
  /** Bounds each list. */
  readonly valuesAField?: number;
  /** Whether conditions are taken that the vendor's page does not list; see `unlisted`. */
  readonly unlistedConditions?: boolean;
}

/** `{}` matches every event. @throws {BadPatternError} */
export function compilePattern(
  text: string,
  { valuesAField = Number.POSITIVE_INFINITY, unlistedConditions = true }: PatternReadings = {},
): (event: Json) => boolean {
  const leaf = (items: readonly unknown[]): Matcher => {
    if (items.length > valuesAField) throw bad(`a field has more than ${valuesAField} values`);
    const strange = unlistedConditions ? undefined : items.map(unlisted).find((what) => what !== undefined);
    if (strange !== undefined) throw bad(`${strange} is no condition that is documented`);
    return compileLeaf(items);
  };
  const fields = Object.entries(parsed(text)).map(([key, child]): readonly [string, Matcher] => {
    if (key === 'data') return [key, compileData(child, leaf)];
    if (!ATTRIBUTES.has(key)) throw bad(`the key ${key.slice(0, 40)} is not known`);
    if (!Array.isArray(child)) throw bad(`${key} is not an array`);
    return [key, leaf(child)];
  });
  return (event) => fields.every(([key, matches]) => matches(fieldOf(event, key)));
}

function parsed(text: string): Json {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw bad('the pattern is not JSON');
  }
  if (!isObject(pattern)) throw bad('the pattern is not an object');
  return pattern;
}

/** An event without data matches no pattern that speaks of data, not even `exists: false`. */
function compileData(child: unknown, leaf: CompileLeaf): Matcher {
  if (!isObject(child)) throw bad('data is not an object');
  const matches = compileObject(child, 0, leaf);
  return (data) => data !== undefined && matches(data);
}

function compileObject(pattern: Json, depth: number, leaf: CompileLeaf): Matcher {
  if (depth > MAX_DEPTH) throw bad('nested too deeply');
  const fields = Object.entries(pattern).map(([key, child]): readonly [string, Matcher] => {
    if (Array.isArray(child)) return [key, leaf(child)];
    if (isObject(child)) return [key, compileObject(child, depth + 1, leaf)];
    throw bad(`${key.slice(0, 40)} is not an array`);
  });
  if (fields.length === 0) throw bad('an object has no key');
  return (value) => fields.every(([key, matches]) => matches(fieldOf(value, key)));
}

const fieldOf = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
