/** Makes hostile texts of good ones. Everything follows from a seed. */

/** Numbers from 0 to less than 1, always the same for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Chance {
  below(limit: number): number;
  of<T>(items: readonly T[]): T;
}
export function chanceFrom(seed: number): Chance {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  return { below, of: (items) => items[below(items.length)] as (typeof items)[number] };
}

/** Names and values that have broken readers before. */
const HOSTILE: readonly unknown[] = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    '',
    ' ',
    '*',
    '?',
  ],
  ...[
    '$\u007bacs:SourceIp}',
    '%00',
    '\u0000',
    '\ud800',
    '\udfff\ud800',
    '😀',
    'İ',
    '\u2028',
    'a'.repeat(300),
    '../..',
  ],
  ...[null, true, false, 0, -0, -1, 1e308, 1e-308, 2 ** 53, 0.1, [], {}, [[]], [null], { '': null }],
  ...[
    'NaN',
    'Infinity',
    '-1',
    '1e999',
    '0x10',
    '9'.repeat(40),
    '2026-13-45T99:99:99Z',
    '(a+)+$',
    '.*.*.*.*.*x',
    '$.',
  ],
];
const KEYS = HOSTILE.filter((item): item is string => typeof item === 'string');

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON value with one to four changes anywhere in it; `value` stays as it is, and may be a part of what is returned. */
export function mutateJson(value: Json, chance: Chance): unknown {
  let changed: unknown = value;
  for (let times = 1 + chance.below(4); times > 0; times--) changed = changeSomewhere(changed, chance, 0);
  return chance.below(50) === 0 ? nested(changed, chance) : changed;
}

function changeSomewhere(value: unknown, chance: Chance, depth: number): unknown {
  const isBranch = typeof value === 'object' && value !== null && depth < 12;
  if (!isBranch || chance.below(4) === 0) return changed(value, chance);
  if (Array.isArray(value)) {
    if (value.length === 0) return [chance.of(HOSTILE)];
    const at = chance.below(value.length);
    return value.map((item, index) => (index === at ? changeSomewhere(item, chance, depth + 1) : item));
  }
  const entries = Object.entries(value as object);
  if (entries.length === 0) return withKey({}, chance.of(KEYS), chance.of(HOSTILE));
  const at = chance.below(entries.length);
  const copy = {};
  for (const [index, [key, inner]] of entries.entries())
    withKey(copy, key, index === at ? changeSomewhere(inner, chance, depth + 1) : inner);
  return copy;
}

function changed(value: unknown, chance: Chance): unknown {
  switch (chance.below(6)) {
    case 0:
      return chance.of(HOSTILE);
    case 1:
      return [value, value];
    case 2:
      return withKey({}, chance.of(KEYS), value);
    case 3:
      return typeof value === 'string' ? mutateText(value, chance) : JSON.stringify(value);
    case 4:
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? withKey({ ...value }, chance.of(KEYS), chance.of(HOSTILE))
        : [value];
    default:
      return Array.isArray(value) ? value.slice(1) : undefined;
  }
}

/** An own property also under `__proto__`, as `JSON.parse` makes it. */
function withKey(object: Record<string, unknown>, key: string, value: unknown): object {
  if (key === '__proto__')
    return Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  object[key] = value;
  return object;
}

function nested(value: unknown, chance: Chance): unknown {
  let deep = value;
  for (let depth = 1 + chance.below(400); depth > 0; depth--)
    deep = chance.below(2) === 0 ? [deep] : withKey({}, chance.of(KEYS), deep);
  return deep;
}

const PIECES = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\\u',
    '/',
    '(',
    ')',
    '.',
    '$',
    '*',
    '%',
    '&',
    '=',
    '+',
    ' ',
    '\t',
  ],
  ...[
    '\r\n',
    '\n',
    '\u0000',
    '\ufeff',
    '\ud800',
    'é',
    '😀',
    '-',
    '0',
    '9',
    'e',
    'true',
    'null',
    '__proto__',
    '==',
    '!=',
  ],
  ...[
    '&&',
    '||',
    '!',
    'in',
    '<',
    '>=',
    '`',
    "'",
    '"a"',
    '$Input',
    '$Context.',
    '[0]',
    '(((((((((',
    ')))))))))',
    '%zz',
    '%2e',
  ],
];

/** A text with one to five edits: pieces put in, stretches taken out, doubled, or put elsewhere. */
export function mutateText(text: string, chance: Chance): string {
  let edited = text;
  for (let times = 1 + chance.below(5); times > 0; times--) {
    const from = chance.below(edited.length + 1);
    const to = Math.min(edited.length, from + 1 + chance.below(12));
    const [before, piece, after] = [edited.slice(0, from), edited.slice(from, to), edited.slice(to)];
    switch (chance.below(6)) {
      case 0:
        edited = before + chance.of(PIECES) + piece + after;
        break;
      case 1:
        edited = before + after;
        break;
      case 2:
        edited = before + piece + piece + after;
        break;
      case 3:
        edited =
          before + chance.of(PIECES).repeat(1 + chance.below(chance.below(40) === 0 ? 2_000 : 3)) + after;
        break;
      case 4:
        edited = before;
        break;
      default:
        edited = before + String.fromCharCode(chance.below(0x10000)) + after;
    }
  }
  return edited;
}

/** Now as JSON that was changed, now as text that was. */
export function hostileText(corpus: readonly Json[], chance: Chance): string {
  const good = chance.of(corpus);
  if (chance.below(3) > 0) return JSON.stringify(mutateJson(good, chance)) ?? 'undefined';
  return mutateText(textOf(good), chance);
}

const texts = new WeakMap<object, string>();
function textOf(good: Json): string {
  if (typeof good !== 'object' || good === null) return JSON.stringify(good);
  const text = texts.get(good) ?? JSON.stringify(good);
  texts.set(good, text);
  return text;
}

export type { Json };
