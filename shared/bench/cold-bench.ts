/** `npm run bench:cold`: what the start of each function takes, printed; nothing is asserted. Medians of one interleaved run. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { liveOnce } from './cold/first-events.js';
import { listen } from './cold/listener.js';
import { type Start, type Subject, startOnce } from './cold/starts.js';
import { Sheet } from './figures.js';
import { median } from './policy-bench.js';

const ROUNDS = 20;
/** Ratios to an empty handler that are aimed at, everything loaded that the first event uses. */
const GOAL = { callsRam: 2.0, others: 1.6 };
const GOAL_OF_UNBUNDLED = 0.7;
const GOAL_ZIPPED_KILOBYTES = 1000;

const { env, firstEventOf, mayCallRam } = await liveOnce();
const listener = await listen();
const surroundings = { ...env, LEASEHOLD_ENDPOINT: listener.endpoint };

const EMPTY_REGISTER: Subject['register'] = new Map();
function subject(folder: string, event = '{}', register = EMPTY_REGISTER): Subject {
  if (!existsSync(folder)) throw new Error(`${folder} is missing: use "npm run bench:cold"`);
  return { folder: resolve(folder), event, register, starts: [] };
}

/** The adapters that a call beyond the register takes. */
function adaptersOf(call: string): readonly string[] {
  if (call === 'putEvents') return ['events'];
  if (call === 'AssumeRole' || call === 'GetCallerIdentity') return ['sts'];
  if (call === 'GetAccountSummary') return ['quotas'];
  return /PolicyAttachments$/.test(call) ? ['ram', 'group-policies'] : ['ram'];
}

/** The function with the adapters of `calls` loaded at its start, as if nothing were left for later. */
function atOnce(step: string, calls: readonly string[]): Subject {
  const folder = join('dist', 'cold', 'at-once', step);
  const bundle = resolve('dist', 'functions', step);
  const adapters = new Set(calls.filter((call) => call !== 'OSS').flatMap(adaptersOf));
  const parts = readdirSync(bundle).filter((file) =>
    adapters.has(/^([a-z-]+)-[A-Z0-9]+\.js$/.exec(file)?.[1] ?? ''),
  );
  const load = ['index.js', ...parts].map((file) => `require(${JSON.stringify(join(bundle, file))})`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(folder, 'index.js'), `[exports.handler] = [${load}].map(({ handler }) => handler);\n`);
  return subject(folder);
}

const emptyHandler = () => subject(join('dist', 'cold', 'empty'));
const caller = subject(join('dist', 'cold', 'caller'));
const steps = [];
for (const step of readdirSync(join('dist', 'functions'))) {
  const { event, register } = firstEventOf(step);
  const one = subject(join('dist', 'functions', step), event, register);
  // The first of all warms the disk's cache and says what is called.
  const { calls } = await startOnce(one, surroundings, listener);
  const unbundled = subject(join('dist', 'cold', 'unbundled', 'functions', step), event, register);
  // An empty handler of its own, started just before it: what else the machine does changes within a round.
  steps.push({ step, one, calls, unbundled, whole: atOnce(step, calls), empty: emptyHandler() });
}

const bare = emptyHandler();
const subjects = [
  ...[bare, caller],
  ...steps.flatMap(({ empty, whole, one, unbundled }) => [empty, whole, one, unbundled]),
];
for (let round = 0; round < ROUNDS; round++)
  for (const one of subjects) one.starts.push(await startOnce(one, surroundings, listener));
listener.close();

type Span = 'loaded' | 'called' | 'done';
const medianOf = ({ starts }: Subject, what: Span): number =>
  median(starts.map((start: Start) => start[what]));
/** The median of what it is in each round. */
const ratio = (one: Subject, other: Subject, what: Span): number =>
  median(one.starts.map((start, round) => start[what] / (other.starts[round] as Start)[what]));

/** With its source maps, as it is deployed. */
const zippedKilobytes = (step: string): number =>
  statSync(join('dist', 'packages', `${step}.zip`)).size / 1000;

/** `OSS x3, GetRole` */
function namesOf(calls: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].map(([call, count]) => (count === 1 ? call : `${call} x${count}`)).join(', ');
}

const WIDTHS = [17, 4, 6, 6, 6, 7, 6, 7, 6, 6, 7, 6];
const print = (...cells: readonly string[]) =>
  console.log(
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[0] ?? 0) : cell.padStart(WIDTHS[at] ?? 0)))
      .join(' '),
  );
const ms = (one: Subject, what: Span) => medianOf(one, what).toFixed(1);
const rounded = (figure: number): number => Math.round(figure * 100) / 100;
const times = (one: Subject, other: Subject, what: Span) => ratio(one, other, what).toFixed(2);

console.log(`Milliseconds from the start of a new process, medians of ${ROUNDS}, and of the ratios in each round: to an empty handler started just
before, to one that does one bare GET over Node.js's own client, and to the same function unbundled (unb.).
  load   its handler is there
  whole  load, with every SDK loaded at once that its first event uses: nothing is left for later
  call   its first call to the cloud is answered, which reads the register
  event  its first event is answered, by a register that holds what the step finds there and a cloud that refuses the first call
         beyond it, whose SDK is loaded and used by then; the calls stand at the end of the line
`);
print('', 'zip', 'load', '/empty', '/unb.', 'whole', '/empty', 'call', '/GET', '/unb.', 'event', '/unb.');
print('an empty handler', '', ms(bare, 'loaded'), '', '', '', '', '', '', '', ms(bare, 'done'));
print(
  'one bare GET',
  '',
  ms(caller, 'loaded'),
  times(caller, bare, 'loaded'),
  '',
  '',
  '',
  ms(caller, 'called'),
  '',
  '',
  ms(caller, 'done'),
);
for (const { step, one, calls, unbundled, whole, empty } of steps)
  print(
    step,
    zippedKilobytes(step).toFixed(0),
    ...[ms(one, 'loaded'), times(one, empty, 'loaded'), times(one, unbundled, 'loaded')],
    ...[ms(whole, 'loaded'), times(whole, empty, 'loaded')],
    ...[ms(one, 'called'), times(one, caller, 'called'), times(one, unbundled, 'called')],
    ...[ms(one, 'done'), times(one, unbundled, 'done')],
    ` ${namesOf(calls)}`,
  );

const sheet = new Sheet('cold');
for (const { step, one, unbundled, whole, empty } of steps) {
  sheet.keep(
    `${step}: everything loaded that its first event uses, × an empty handler`,
    rounded(ratio(whole, empty, 'loaded')),
  );
  sheet.keep(
    `${step}: its first event answered, × the same unbundled`,
    rounded(ratio(one, unbundled, 'done')),
  );
  sheet.keep(`${step}: its first event answered, ms`, rounded(medianOf(one, 'done')));
}

const misses = steps.flatMap(({ step, one, unbundled, whole, empty }) => {
  const goal = mayCallRam(step) ? GOAL.callsRam : GOAL.others;
  return [
    ratio(whole, empty, 'loaded') > goal
      ? [`${step} loads whole in ${times(whole, empty, 'loaded')} of empty, not ${goal}`]
      : [],
    ratio(one, unbundled, 'done') > GOAL_OF_UNBUNDLED
      ? [`${step} is above ${GOAL_OF_UNBUNDLED} of itself unbundled`]
      : [],
    zippedKilobytes(step) > GOAL_ZIPPED_KILOBYTES ? [`${step} is above ${GOAL_ZIPPED_KILOBYTES} KB`] : [],
  ].flat();
});
console.log(
  misses.length === 0
    ? `\nWithin the goals: whole ${GOAL.others} of empty, ${GOAL.callsRam} with RAM; event ${GOAL_OF_UNBUNDLED} of unbundled; ${GOAL_ZIPPED_KILOBYTES} KB zipped.`
    : `\nMissed:\n  ${misses.join('\n  ')}`,
);
sheet.write();
