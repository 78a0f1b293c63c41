/** `npm run bench:cold`: what the start of each function takes, printed; nothing is asserted. Medians of one interleaved run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zipSync } from 'fflate';
import { liveOnce } from './cold/first-events.js';
import { listen } from './cold/listener.js';
import { type Start, type Subject, startOnce } from './cold/starts.js';
import { median } from './policy-bench.js';

const ROUNDS = 20;
/** Ratios to an empty handler that are aimed at. */
const GOAL = { callsRam: 2.0, others: 1.6 };
const GOAL_OF_UNBUNDLED = 0.7;
const GOAL_ZIPPED_KILOBYTES = 1000;

const { env, firstEventOf } = await liveOnce();
const listener = await listen();

const EMPTY_REGISTER: Subject['register'] = new Map();
function subject(folder: string, event = '{}', register = EMPTY_REGISTER): Subject {
  if (!existsSync(folder)) throw new Error(`${folder} is missing: use "npm run bench:cold"`);
  return { folder: resolve(folder), event, register, starts: [], calls: [] };
}
const empty = subject(join('dist', 'cold', 'empty'));
const caller = subject(join('dist', 'cold', 'caller'));
const steps = readdirSync(join('dist', 'functions')).map((step) => {
  const { event, register } = firstEventOf(step);
  const at = (...folder: readonly string[]) => subject(join('dist', ...folder, step), event, register);
  return { name: step, one: at('functions'), self: at('cold', 'unbundled', 'functions') };
});

const subjects = [empty, caller, ...steps.flatMap(({ one, self }) => [one, self])];
for (let round = 0; round < ROUNDS; round++) {
  for (const one of subjects) {
    one.starts.push(await startOnce(one, { ...env, LEASEHOLD_ENDPOINT: listener.endpoint }, listener));
    one.calls = listener.calls;
  }
}
listener.close();

const medianOf = ({ starts }: Subject, what: keyof Start): number =>
  median(starts.map((start) => start[what]));
const ratio = (one: Subject, other: Subject, what: keyof Start) =>
  medianOf(one, what) / medianOf(other, what);

/** With its source maps, as it is deployed. */
function zippedKilobytes({ folder }: Subject): number {
  const files = readdirSync(folder).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))]);
  return zipSync(Object.fromEntries(files), { level: 6 }).length / 1000;
}

/** `OSS x3, GetRole` */
function namesOf(calls: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].map(([call, count]) => (count === 1 ? call : `${call} x${count}`)).join(', ');
}

/** All that is called beyond the register and the bus is RAM, STS or IMS. */
const callsRam = ({ calls }: Subject): boolean =>
  calls.some((call) => call !== 'OSS' && call !== 'putEvents');

const widths = [17, 5, 6, 6, 6, 7, 6, 6, 7, 6, 6] as const;
const print = (cells: readonly string[], note: string) =>
  console.log(
    ...cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[at] ?? 0))),
    ` ${note}`,
  );

function printRow(name: string, one: Subject, self: Subject | undefined): void {
  const span = (what: keyof Start, base: Subject) => [
    medianOf(one, what).toFixed(1),
    ratio(one, base, what).toFixed(2),
    self === undefined ? '' : ratio(one, self, what).toFixed(2),
  ];
  print(
    [
      name,
      zippedKilobytes(one).toFixed(0),
      ...span('loaded', empty),
      ...span('called', caller),
      ...span('done', caller),
    ],
    namesOf(one.calls),
  );
}

console.log(`Milliseconds from the start of a new process, medians of ${ROUNDS}; ratios to an empty handler (load) or to one bare GET (call,
event), and to the same function unbundled (unb.). load: its handler is there. call: its first call to the cloud is answered, which
reads the register. event: its first event is answered, by a register that holds what the step needs and a cloud that refuses the
first call beyond it, whose SDK is loaded and used by then. Which calls that were stands at the end of the line.`);
print(['', 'zip', 'load', '/empty', '/unb.', 'call', '/GET', '/unb.', 'event', '/GET', '/unb.'], 'called');
print(['', 'KB', 'ms', '', '', 'ms', '', '', 'ms', '', ''], '');
printRow('an empty handler', empty, undefined);
printRow('one bare GET', caller, undefined);
for (const { name, one, self } of steps) printRow(name, one, self);

const misses = steps.flatMap(({ name, one, self }) => {
  const goal = callsRam(one) ? GOAL.callsRam : GOAL.others;
  return [
    ratio(one, empty, 'loaded') > goal ? [`${name} loads in more than ${goal} of empty`] : [],
    ratio(one, caller, 'done') > goal ? [`${name} answers in more than ${goal} of one bare GET`] : [],
    ratio(one, self, 'done') > GOAL_OF_UNBUNDLED
      ? [`${name} is above ${GOAL_OF_UNBUNDLED} of itself unbundled`]
      : [],
    zippedKilobytes(one) > GOAL_ZIPPED_KILOBYTES ? [`${name} is above ${GOAL_ZIPPED_KILOBYTES} KB`] : [],
  ].flat();
});
console.log(misses.length === 0 ? 'Every goal is met.' : `Missed:\n  ${misses.join('\n  ')}`);
