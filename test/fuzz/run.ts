/** Runs a target over many hostile inputs: none may crash it, hold it up, or leave memory behind. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { type Chance, chanceFrom } from './mutate.js';

export interface Target<T> {
  readonly make: (chance: Chance) => T;
  /** Throws, or rejects, when the input was not answered as it must be. */
  readonly take: (input: T) => void | Promise<void>;
  /** Bytes that an input may leave behind on purpose, such as the record of a call. Default: none. */
  readonly keepsBytes?: number;
}

/** Milliseconds of work, not of waiting for a busy machine, after which an input counts as holding the target up. */
const HANG_MS = 50;
/** Bytes that may be left behind in all, whatever the number of inputs. */
const MAX_GROWTH = 24 * 1024 * 1024;

/** How many inputs: `FUZZ_INPUTS`, else what continuous integration has time for. */
export const inputsOr = (usual: number): number => Number(process.env['FUZZ_INPUTS'] ?? usual);
/** `FUZZ_SEED`, else another every time. */
const seedOf = (): number => Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapUsed = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

export async function fuzz<T>(name: string, count: number, target: Target<T>): Promise<void> {
  const { env } = process;
  // The reader of YAML looks for a variable at each sign; to look among the host's takes longer than to read the sign.
  process.env = { ...env };
  try {
    await tryAll(name, count, target);
  } finally {
    process.env = env;
  }
}

async function tryAll<T>(name: string, count: number, target: Target<T>): Promise<void> {
  const seed = seedOf();
  console.log(`fuzz ${name}: ${count} inputs, FUZZ_SEED=${seed}`);
  // Caches and compiled code are in place after the first inputs.
  const warmUp = Math.min(2_000, Math.floor(count / 10));
  let before = 0;
  const startedAt = workedMs();
  for (let n = 0; n < count; n++) {
    if (n === warmUp) before = heapUsed();
    const input = target.make(chanceFrom(seed + n));
    const from = performance.now();
    await taken(target, input);
    // What takes this process long takes the host at least as long, and the host's time costs less to ask for.
    if (performance.now() - from > HANG_MS) await expectNoHang(target, input, `input ${n} of seed ${seed}`);
  }
  const perInput = ((workedMs() - startedAt) * 1000) / count;
  const growth = heapUsed() - before;
  console.log(
    `fuzz ${name}: ${perInput.toFixed(1)} µs an input, ${(growth / 1024).toFixed(0)} KiB left behind`,
  );
  expect(growth).toBeLessThan(MAX_GROWTH + count * (target.keepsBytes ?? 0));
}

/** Most inputs are refused by an error whose stack nobody reads: it is taken when the refusal is none, of another try. */
async function taken<T>({ take }: Target<T>, input: T): Promise<void> {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    const done = take(input);
    if (done !== undefined) await done;
  } catch (error) {
    Error.stackTraceLimit = stackTraceLimit;
    const told = await errorOf(() => take(input), error);
    throw new Error(`input ${show(input)}: ${told instanceof Error ? told.stack : String(told)}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What `work` fails by, or `otherwise` when it does not. */
async function errorOf(work: () => unknown, otherwise: unknown): Promise<unknown> {
  try {
    await work();
    return otherwise;
  } catch (error) {
    return error;
  }
}

async function timeOf<T>(target: Target<T>, input: T): Promise<number> {
  const from = workedMs();
  await taken(target, input);
  return workedMs() - from;
}

/** Processor time of this process so far. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Garbage may be collected and code compiled in the midst of any input; the input itself takes its time every time. */
async function expectNoHang<T>(target: Target<T>, input: T, which: string): Promise<void> {
  const again = [await timeOf(target, input), await timeOf(target, input), await timeOf(target, input)];
  if (Math.min(...again) > HANG_MS) throw new Error(`${which} takes ${again.join(', ')} ms: ${show(input)}`);
}

const show = (input: unknown): string =>
  (typeof input === 'string' ? JSON.stringify(input) : (JSON.stringify(input) ?? String(input))).slice(
    0,
    2_000,
  );
