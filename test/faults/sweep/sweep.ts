/**
 * `npm run sweep`: every fault at every call of every flow, and a report. `npm run sweep -- <name>` replays one run, and
 * `npm run sweep -- <flow>` all of one flow, `npm run sweep -- <fault>` one fault at every call of every flow. `SWEEP_PAIRS` and `SWEEP_SEED`: how many pairs of faults a flow, and which;
 * `SWEEP_SINGLES=none`: those alone. `SWEEP_RUNNER=processes`: in processes as they are deployed, every kill and `SWEEP_OTHERS` other
 * faults a flow.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './faults.js';
import type { Flow } from './flow.js';
import { ALL_FLOWS, flowOf, pairsOf, plantedBy, processRunsOf, productOf } from './product.js';
import { type Planted, type Reference, type Run, run, takeReference } from './run.js';
import { startStage } from './stage.js';

/** A world remembers what happened in it; it is left for a new one before that is much. */
const RUNS_A_STAGE = 150;
const seed = Number(process.env['SWEEP_SEED'] ?? 1);
const singles = process.env['SWEEP_SINGLES'] !== 'none';
const runner = process.env['SWEEP_RUNNER'] === 'processes' ? 'processes' : 'in-process';
const others = Number(process.env['SWEEP_OTHERS'] ?? 20);
const pairs = runner === 'processes' ? 0 : Number(process.env['SWEEP_PAIRS'] ?? 100);

interface Told extends Run {
  readonly flow: string;
  readonly faults: readonly string[];
  readonly calls: number;
  readonly cpuMs: number;
}

async function sweepFlow(flow: Flow, { share, of, fault }: Share, tell: (told: Told) => void): Promise<void> {
  let stage = await startStage(flow, runner);
  const reference = await takeReference(stage, flow);
  const all: readonly (readonly Planted[])[] = [
    ...(singles ? singlesOf(flow, reference).map((one) => [one]) : []),
    ...(fault === undefined ? pairsOf(flow, reference, { seed, count: pairs }) : []),
  ]
    .filter(([first]) => fault === undefined || first?.fault.name === fault)
    .filter((_, index) => index % of === share);
  for (const [index, planted] of all.entries()) {
    if (index > 0 && index % RUNS_A_STAGE === 0) {
      await stage.close();
      stage = await startStage(flow, runner);
    }
    const from = process.cpuUsage();
    const done = await run(stage, flow, planted, reference);
    const { user, system } = process.cpuUsage(from);
    tell({
      ...done,
      flow: flow.name,
      faults: planted.map(({ fault }) => fault.name),
      calls: reference.tape.length,
      cpuMs: (user + system) / 1000,
    });
  }
  await stage.close();
}

const singlesOf = (flow: Flow, reference: Reference): readonly Planted[] =>
  runner === 'processes' ? processRunsOf(flow, reference, { seed, others }) : productOf(flow, reference);

interface Share {
  readonly share: number;
  readonly of: number;
  /** If only one is asked for. */
  readonly fault?: string;
}

async function replay(name: string): Promise<void> {
  const flow = flowOf(name);
  const stage = await startStage(flow, runner);
  const reference: Reference = await takeReference(stage, flow);
  const from = stage.world.lines.length;
  const done = await run(stage, flow, plantedBy(name, flow, reference), reference);
  for (const line of stage.world.lines.slice(from)) console.log(line);
  console.log(JSON.stringify(done, undefined, 2));
  await stage.close();
  process.exitCode = done.violations.length > 0 ? 1 : 0;
}

/** In as many processes as there are processors. */
async function sweepAll(flows: readonly Flow[], fault?: string): Promise<void> {
  const of = Number(process.env['SWEEP_PROCESSES'] ?? availableParallelism());
  const all: Told[] = [];
  const program = fileURLToPath(import.meta.url);
  const startedAt = Date.now();
  await Promise.all(
    Array.from({ length: of }, async (_, share) => {
      const child = fork(program, [], {
        env: {
          ...process.env,
          SWEEP_SHARE: JSON.stringify({ share, of, fault, flows: flows.map((one) => one.name) }),
        },
      });
      child.on('message', (told: Told) => {
        all.push(told);
        if (all.length % 500 === 0) console.error(`${all.length} runs; now ${told.flow}`);
        if (told.violations.length > 0)
          console.log(`${told.name}: ${told.violations.join('; ')} (${told.told.join(', ')})`);
      });
      const code = await new Promise((resolve) => child.on('exit', resolve));
      if (code !== 0) throw new Error(`a process of the sweep ended with ${String(code)}`);
    }),
  );
  report(all, (Date.now() - startedAt) / 1000);
}

function report(all: readonly Told[], seconds: number): void {
  const rows = [...new Set(all.map(({ flow }) => flow))].map((flow) => {
    const its = all.filter((one) => one.flow === flow);
    const bad = its.filter(({ violations }) => violations.length > 0);
    return {
      flow,
      calls: its[0]?.calls ?? 0,
      faults: new Set(its.flatMap(({ faults }) => faults)).size,
      runs: its.filter(({ faults }) => faults.length === 1).length,
      pairs: its.filter(({ faults }) => faults.length > 1).length,
      'sent again': its.reduce((sum, one) => sum + one.sentAgain, 0),
      violations: bad.length,
    };
  });
  console.table(rows);
  const violated = all.filter(({ violations }) => violations.length > 0).length;
  const cpu = all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / all.length;
  console.log(
    `${all.length} runs in ${seconds.toFixed(0)} s, ${cpu.toFixed(0)} ms of processor time a run, ${violated} with violations`,
  );
  process.exitCode = violated > 0 ? 1 : 0;
}

const share = process.env['SWEEP_SHARE'];
const [name] = process.argv.slice(2);
if (share !== undefined) {
  const mine = JSON.parse(share) as Share & { readonly flows: readonly string[] };
  for (const flow of ALL_FLOWS.filter((one) => mine.flows.includes(one.name)))
    await sweepFlow(flow, mine, (told) => void process.send?.(told));
  process.disconnect?.();
} else if (name?.includes(' / ')) await replay(name);
else if (FAULTS.some((fault) => fault.name === name)) await sweepAll(ALL_FLOWS, name);
else await sweepAll(name === undefined ? ALL_FLOWS : [flowOf(name)]);
