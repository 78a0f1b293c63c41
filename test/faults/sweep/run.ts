/** One flow under one fault, from its beginning to a day after, with everything at work that mends. */
import { randomUUID } from 'node:crypto';
import { isOver } from '../../../shared/domain/contract.js';
import { purgeBeside, purgeDoors } from './beside.js';
import { digestOf, standingOf } from './digest.js';
import { type Fault, isCrossing, plant, type Scene, type TapedCall } from './faults.js';
import type { Flow } from './flow.js';
import { checkEnd, type Finished } from './invariants.js';
import { type SecretWatch, watchSecrets } from './secrets.js';
import { companionOf, type Stage } from './stage.js';
import { startTape } from './tape.js';
import { startWatch } from './watch.js';

/** What a flow does and how it ends when nothing goes wrong. */
export interface Reference {
  readonly tape: readonly TapedCall[];
  readonly end: string;
  /** How it ends with what comes next, before or after; tried when it is first asked for, on any stage of the flow. */
  endsWithNext(stage: Stage): Promise<readonly string[]>;
}
export interface Planted {
  readonly fault: Fault;
  /** Number of the call, from 1. */
  readonly nth: number;
}
export interface Run {
  readonly name: string;
  readonly violations: readonly string[];
  readonly told: readonly string[];
  /** Those whose calls never came: the flow went another way by then. */
  readonly unmet: readonly Planted[];
  /** How often the event had to be sent again because a failure was told. */
  readonly sentAgain: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Later than the sweep looks for what was not finished. */
const UNTIL_SWEPT = 26 * MINUTE;
/** Later than the last look at what has ended, the last of a round for drift, and any fault. */
const UNTIL_QUIET = 26 * HOUR;
/** Longer than anything is down. */
const PATIENCE = 4;

let runs = 0;
const newId = (flow: Flow): string => `S-${flow.name}-${++runs}-${randomUUID().slice(0, 4)}`;

export const nameOf = (flow: Flow, planted: readonly Planted[]): string =>
  [flow.name, ...planted.map(({ fault, nth }) => `${nth} ${fault.name}`)].join(' / ');

/** @throws {Error} when the flow does not do without a fault what it should */
export async function takeReference(stage: Stage, flow: Flow): Promise<Reference> {
  const { tape, end } = await undisturbed(stage, flow, 'none');
  let withNext: Promise<readonly string[]> | undefined;
  return {
    tape,
    end,
    endsWithNext: (current) => {
      withNext ??= inBothOrders(current, flow);
      return withNext;
    },
  };
}

async function inBothOrders(stage: Stage, flow: Flow): Promise<readonly string[]> {
  const before = await undisturbed(stage, flow, 'before');
  const after = await undisturbed(stage, flow, 'after');
  return [before.end, after.end];
}

async function undisturbed(stage: Stage, flow: Flow, next: 'none' | 'before' | 'after') {
  const id = newId(flow);
  const secrets = watchSecrets(stage);
  await prepare(stage, flow, id);
  const watched = await watchAll(stage, flow, id);
  const send = async (): Promise<void> => {
    await flow.next?.(stage, id);
    await stage.world.settle();
  };
  if (next === 'before') await send();
  const tape = startTape(stage, id);
  await flow.begin(stage, id);
  await stage.world.settle();
  const calls = tape.stop();
  if (next === 'after') await send();
  await stage.world.jumpTo(stage.world.clock.now() + UNTIL_SWEPT);
  await stage.goOn(UNTIL_QUIET);
  await stage.world.settle();
  const { end, violations } = await finishAll(stage, watched, secrets, next !== 'none');
  if (next === 'none' && violations.length > 0)
    throw new Error(
      `${flow.name} without a fault: ${violations.join('; ')} ${stage.world.lines.filter((l) => /function-error|"failed"/.test(l)).join('\n')}`,
    );
  return { tape: calls, end };
}

async function prepare(stage: Stage, flow: Flow, id: string): Promise<void> {
  await stage.goOn();
  await flow.before(stage, id);
  await stage.world.settle();
}

/** `planted` in the order of their calls. */
export async function run(
  stage: Stage,
  flow: Flow,
  planted: readonly Planted[],
  reference: Reference,
): Promise<Run> {
  const id = newId(flow);
  const secrets = watchSecrets(stage);
  const scene: Scene = { stage, flow, id, tape: reference.tape };
  await prepare(stage, flow, id);
  // It watches first: when a call was begun is known before a fault holds it up.
  const watched = await watchAll(stage, flow, id);
  const faults = planted.map((one) => ({ one, ...plant(one.fault.at(one.nth, scene), scene) }));
  const [{ watch }] = watched;
  await flow.begin(stage, id);
  await stage.world.settle();
  // Before anything mends: after a first fault the calls may be others.
  const isFirstMet = faults[0]?.isMet() !== false;
  const sentAgain = await recover(scene, watched);
  for (const { undo } of faults) undo();
  const unmet = faults.flatMap(({ one, isMet }) => (isMet() ? [] : [one]));
  stage.world.cloud.set({ propagationSeconds: 0, listingDelaySeconds: 0 });
  await stage.goOn(UNTIL_QUIET);
  await stage.world.settle();
  const hasFailed = planted.some(({ fault }) => fault.mayFail === true) && watch.told.includes('failed');
  // What the last look puts back is found by a tick after it.
  if (hasFailed) {
    await stage.goOn(1);
    await stage.world.settle();
  }
  const isCrossed = planted.some(({ fault }) => isCrossing(fault));
  const mayBeOver = flow.isLastMoment === true;
  const {
    end,
    isOver: isOverNow,
    violations: finished,
  } = await finishAll(stage, watched, secrets, isCrossed || hasFailed || mayBeOver);
  const expected = [reference.end, ...(isCrossed ? await reference.endsWithNext(stage) : [])];
  const violations = [
    ...(isFirstMet ? [] : ['0 the calls are not those that were recorded']),
    ...finished,
    ...(expected.includes(end) || hasFailed || (mayBeOver && isOverNow)
      ? []
      : [`5 ends otherwise: ${differenceOf(expected, end)}`]),
  ];
  return { name: nameOf(flow, planted), violations, told: watch.told, unmet, sentAgain };
}

/** Retries are over: the sweep looks, and who sent the events sends them again when he was told that something failed. */
async function recover({ stage, flow, id }: Scene, watched: readonly Watched[]): Promise<number> {
  const { world } = stage;
  const isTold = () =>
    watched.every(({ flow: { tells }, watch }) => tells === undefined || watch.told.includes(tells));
  let sent = 0;
  for (let round = 0; round < PATIENCE; round++) {
    const failures = watched.flatMap(({ watch }) => watch.told).filter((kind) => kind === 'failed').length;
    await world.jumpTo(world.clock.now() + UNTIL_SWEPT);
    await world.settle();
    if (isTold()) break;
    if (failures > sent) {
      sent += 1;
      await (flow.again ?? flow.begin)(stage, id);
      await world.settle();
    }
  }
  return sent;
}

type Watched = Pick<Finished, 'flow' | 'id' | 'watch'>;

/** The contract of the flow, and its companion if it has one. */
async function watchAll(stage: Stage, flow: Flow, id: string): Promise<readonly [Watched, ...Watched[]]> {
  const own = { flow, id, watch: await startWatch(stage, flow, id) };
  if (flow.companion === undefined) return [own];
  const other = { ...flow.companion, name: flow.name, before: flow.before, begin: flow.begin };
  const otherId = companionOf(id);
  return [own, { flow: other, id: otherId, watch: await startWatch(stage, other, otherId) }];
}

async function finishAll(
  stage: Stage,
  watched: readonly Watched[],
  secrets: SecretWatch,
  isCrossed: boolean,
): Promise<{ readonly end: string; readonly isOver: boolean; readonly violations: readonly string[] }> {
  const finished: Finished[] = [];
  for (const one of watched) finished.push({ ...one, standing: await standingOf(stage, one.id), isCrossed });
  const violations: string[] = [];
  for (const one of finished) violations.push(...one.watch.violations, ...(await checkEnd(stage, one)));
  violations.push(...(await secrets.found(finished.map(({ id }) => id))));
  secrets.stop();
  for (const { id, watch } of finished) {
    watch.stop();
    await purgeDoors(stage, id);
    await stage.purge(id);
    await purgeBeside(stage, id);
  }
  return {
    end: finished.map(({ standing, id }) => digestOf(standing, id)).join('\n'),
    isOver: finished.every(({ standing }) => isOver(standing.contract)),
    violations,
  };
}

/** The lines that differ, of the expected end that is nearest. */
function differenceOf(expected: readonly string[], end: string): string {
  const lines = end.split('\n');
  const differing = expected.map((one) => {
    const wanted = one.split('\n');
    return [
      ...without(lines, wanted).map((line) => `+${line.trim()}`),
      ...without(wanted, lines).map((line) => `-${line.trim()}`),
    ];
  });
  return (differing.sort((left, right) => left.length - right.length)[0] ?? []).join(' ').slice(0, 600);
}

/** Each line as often as it is there oftener than in `others`. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
