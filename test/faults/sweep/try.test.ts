import { it } from 'vitest';
import { FAULTS } from './faults.js';
import { FLOWS } from './flows.js';
import { run, takeReference } from './run.js';
import { startStage } from './stage.js';

it('tries', async () => {
  const only = process.env['FLOW'];
  for (const flow of FLOWS.filter(({ name }) => only === undefined || name === only)) {
    const stage = await startStage(flow.env);
    try {
      const t = performance.now();
      const ref = await takeReference(stage, flow);
      console.log(
        flow.name,
        ref.tape.length,
        (performance.now() - t).toFixed(0),
        new Set(ref.endsWithNext).size,
      );
      if (process.env['TAPE'])
        console.log(
          ref.tape.map((c, i) => `${i + 1} ${c.product} ${c.action} ${c.actor}`).join('\n'),
          ref.ends[0],
        );
      const scene = { tape: ref.tape, flow };
      let n = 0;
      const t2 = performance.now();
      for (const fault of FAULTS) {
        if (process.env['FAULT'] && process.env['FAULT'] !== fault.name) continue;
        for (let nth = 1; nth <= ref.tape.length; nth++) {
          if (
            process.env['NTH']
              ? Number(process.env['NTH']) !== nth
              : nth % Number(process.env['STEP'] ?? 7) !== 1
          )
            continue;
          if (!fault.befalls(ref.tape[nth - 1]!, nth, scene)) continue;
          const t3 = performance.now();
          try {
            const r = await run(stage, flow, [{ fault, nth }], ref);
            n++;
            if (r.violations.length > 0)
              console.log(
                r.name,
                `[${ref.tape[nth - 1]!.product} ${ref.tape[nth - 1]!.action} ${ref.tape[nth - 1]!.actor}]`,
                r.violations,
                r.told,
                r.sentAgain,
                (performance.now() - t3).toFixed(0),
              );
          } catch (e) {
            console.log('ERR', fault.name, nth, String(e));
          }
        }
      }
      console.log(flow.name, 'runs', n, 'ms a run', ((performance.now() - t2) / n).toFixed(0));
    } finally {
      await stage.close();
    }
  }
}, 3_600_000);
