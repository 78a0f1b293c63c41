/** All runs that there are, by name, and the sample of them that every change is tried by. */
import { seeded } from '../../../shared/loopback/eventbridge/readings.js';
import { FAULTS, isCrossing } from './faults.js';
import type { Flow } from './flow.js';
import { FLOWS } from './flows.js';
import { FLOWS_BY_COMMAND } from './flows-by-command.js';
import { LAST_MOMENT_FLOWS } from './last-moment-flows.js';
import { RARER_FLOWS } from './rarer-flows.js';
import { nameOf, type Planted, type Reference } from './run.js';

export const ALL_FLOWS: readonly Flow[] = [
  ...FLOWS,
  ...FLOWS_BY_COMMAND,
  ...RARER_FLOWS,
  ...LAST_MOMENT_FLOWS,
];

/** Every fault at every call that it can befall. */
export function productOf(flow: Flow, { tape }: Reference): readonly Planted[] {
  return tape.flatMap((call, index) =>
    FAULTS.filter((fault) => fault.befalls(call, index + 1, { tape, flow })).map((fault) => ({
      fault,
      nth: index + 1,
    })),
  );
}

/** What is tried in processes as they are deployed, where nothing else can be killed: every kill, and `others` that are drawn. */
export function processRunsOf(
  flow: Flow,
  reference: Reference,
  { seed, others }: { readonly seed: number; readonly others: number },
): readonly Planted[] {
  const all = productOf(flow, reference);
  const isKill = ({ fault }: Planted): boolean => fault.name.startsWith('killed');
  return [
    ...all.filter(isKill),
    ...drawn(
      all.filter((one) => !isKill(one)),
      seeded(seed + ALL_FLOWS.indexOf(flow)),
      others,
    ),
  ];
}

/** So many of `all` as there are, each once. */
export function drawn<T>(all: readonly T[], draw: () => number, count: number): readonly T[] {
  const left = [...all];
  return Array.from({ length: Math.min(count, all.length) }, () =>
    left.splice(Math.floor(draw() * left.length), 1),
  ).flat();
}

/** What is tried with others: what may fail would say nothing of the faults that are tried with it. */
const combined = (flow: Flow, reference: Reference): readonly Planted[] =>
  productOf(flow, reference).filter(({ fault }) => fault.mayFail !== true);

/** Calls of one kind are made by one step and do the same, in a bucket below the same prefix; or each call is its own kind. */
export function kindOf({ triesEach }: Flow, { tape }: Pick<Reference, 'tape'>, nth: number): string {
  const call = tape[nth - 1];
  if (triesEach === undefined || call === undefined) return String(nth);
  const { actor, product, action, about } = call;
  return [actor, product, action, /^\/[a-z-]+\//.exec(about)?.[0]].join(' ');
}

/**
 * Each fault at a call that is drawn, in an order that is drawn too, then each kind of call that no fault befell yet. Each flow draws for
 * itself, so that all faults have their turn early on somewhere, though none befalls every flow.
 */
export function sampleOf(
  flow: Flow,
  reference: Reference,
  { seed }: { readonly seed: number },
): readonly Planted[] {
  const draw = seeded(seed + ALL_FLOWS.indexOf(flow));
  const all = combined(flow, reference);
  const pick = (from: readonly Planted[]): Planted[] => {
    const one = from[Math.floor(draw() * from.length)];
    return one === undefined ? [] : [one];
  };
  const shuffled = <T>(list: readonly T[]): readonly T[] =>
    list
      .map((one) => ({ one, at: draw() }))
      .sort((left, right) => left.at - right.at)
      .map(({ one }) => one);
  const byFault = shuffled(FAULTS).flatMap((fault) => pick(all.filter((one) => one.fault === fault)));
  const kind = ({ nth }: Planted): string => kindOf(flow, reference, nth);
  const touched = new Set(byFault.map(kind));
  const untouched = new Set(all.map(kind).filter((one) => !touched.has(one)));
  const byKind = shuffled([...untouched]).flatMap((one) =>
    pick(all.filter((planted) => kind(planted) === one)),
  );
  return [...byFault, ...byKind];
}

/** How many faults befall one run, at most: each may have a step run again, and a run must come to an end. */
export interface Together {
  readonly inAll: number;
  readonly atOneStep: number;
}
/**
 * A step that is run again asks again what it had asked: of what it asks several times, the time that was drawn may come sooner than it
 * was recorded. Of twelve samples that met one of three faults of the product, as many found it so as with one fault a step and four a run.
 */
export const TOGETHER: Together = { inAll: 8, atOneStep: 4 };

/** Shares faults out among runs. What brings another event changes all that follows, and is the last of its run. */
export function togetherOf(
  { tape }: Pick<Reference, 'tape'>,
  singles: readonly Planted[],
  { inAll, atOneStep }: Together,
): readonly (readonly Planted[])[] {
  const runs: Planted[][] = [];
  const stepOf = ({ nth }: Planted): string => tape[nth - 1]?.actor ?? '';
  for (const single of singles) {
    const fitting = runs.find(
      (run) =>
        run.length < inAll &&
        run.every((other) => mayGoWith(single, other)) &&
        run.filter((other) => stepOf(other) === stepOf(single)).length < atOneStep,
    );
    if (fitting === undefined) runs.push([single]);
    else fitting.push(single);
  }
  return runs.map((run) => run.sort((left, right) => left.nth - right.nth));
}

function mayGoWith(one: Planted, other: Planted): boolean {
  const [earlier, later] = one.nth < other.nth ? [one, other] : [other, one];
  return earlier.nth < later.nth && !isCrossing(earlier.fault);
}

/** Pairs of faults, the second at a later call. */
export function pairsOf(
  flow: Flow,
  reference: Reference,
  { seed, count }: { readonly seed: number; readonly count: number },
): readonly (readonly [Planted, Planted])[] {
  const draw = seeded(seed);
  const all = combined(flow, reference).filter(({ fault }) => !isCrossing(fault));
  const drawn = Array.from({ length: count }, (): readonly Planted[] =>
    [all[Math.floor(draw() * all.length)], all[Math.floor(draw() * all.length)]]
      .flatMap((one) => (one === undefined ? [] : [one]))
      .sort((left, right) => left.nth - right.nth),
  );
  return drawn.flatMap(([first, second]) =>
    first !== undefined && second !== undefined && first.nth < second.nth ? [[first, second] as const] : [],
  );
}

/** The flow that a run is of. @throws {Error} when there is none */
export function flowOf(name: string): Flow {
  const [wanted] = name.split(' / ');
  const flow = ALL_FLOWS.find((one) => one.name === wanted);
  if (flow !== undefined) return flow;
  const names = [...ALL_FLOWS, ...FAULTS].map((one) => one.name).join(', ');
  throw new Error(`there is no flow and no fault "${wanted}"; there are ${names}`);
}

/** What a name stands for. @throws {Error} when there is no such run */
export function plantedBy(name: string, flow: Flow, reference: Reference): readonly Planted[] {
  const all = productOf(flow, reference);
  return name
    .split(' / ')
    .slice(1)
    .map((one) => {
      const found = all.find((planted) => nameOf(flow, [planted]) === `${flow.name} / ${one}`);
      if (found === undefined) throw new Error(`there is no run "${one}" of ${flow.name}`);
      return found;
    });
}
