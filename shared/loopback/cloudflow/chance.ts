/** What is random in an execution: drawn from its own id, so that it comes out the same when the execution is run again. */
import { createHash, randomUUID } from 'node:crypto';

export interface Chance {
  /** From 0 to less than 1. */
  fraction(): number;
  uuid(): string;
}

/** Where the variables of an expression have the chance of their execution; no expression can name it. */
export const CHANCE = Symbol('chance');

const hostChance: Chance = { fraction: Math.random, uuid: randomUUID };

let current = hostChance;
/** That of the expression which is being evaluated. */
export const chance = (): Chance => current;

/** Evaluates with `drawn`, or without it with the host's chance. `evaluate` must not wait for anything. */
export function drawingFrom<T>(drawn: Chance | undefined, evaluate: () => T): T {
  const before = current;
  current = drawn ?? hostChance;
  try {
    return evaluate();
  } finally {
    current = before;
  }
}

/** Nobody can tell what comes who does not know `secret`. */
export function chanceOf(secret: string): Chance {
  let drawn = 0;
  const draw = (): string => digestOf(`${secret} ${++drawn}`);
  return { fraction: () => Number.parseInt(draw().slice(0, 12), 16) / 2 ** 48, uuid: () => uuidOf(draw()) };
}

/** A UUID that is always the same for `secret`. */
export const uuidFrom = (secret: string): string => uuidOf(digestOf(secret));

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const uuidOf = (digest: string): string =>
  digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
