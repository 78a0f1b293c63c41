/**
 * `npm run profile:cold -- <step> [adapter …]`: where the time goes in which a function's bundle is loaded, by package. Medians of new
 * processes. The helper that every CommonJS module of a bundle is wrapped in is made to keep time, in a copy.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { median } from './policy-bench.js';

const ROUNDS = 20;
const [step = 'report-failure', ...adapters] = process.argv.slice(2);
const bundle = join('dist', 'functions', step);
const copy = resolve('dist', 'cold', 'profile', step);

/** `times` by module, without what it loads in turn. */
const KEEPER = `
const times = {}, stack = [];
globalThis.inModule = (name, run) => {
  const from = performance.now();
  stack.push(0);
  try { return run(); } finally {
    const took = performance.now() - from;
    times[name] = (times[name] ?? 0) + took - stack.pop();
    if (stack.length > 0) stack[stack.length - 1] += took;
  }
};
let asked = 0;
globalThis.compiled = () => {
  const took = performance.now() - asked;
  times['reading and compiling the bundle'] = (times['reading and compiling the bundle'] ?? 0) + took;
  stack[stack.length - 1] += took;
};
const { builtinModules, prototype } = require('module');
const { require: demand } = prototype;
prototype.require = function (id) {
  const isBuiltin = id.startsWith('node:') || builtinModules.includes(id);
  if (isBuiltin) return inModule('modules of Node.js itself', () => demand.call(this, id));
  asked = performance.now();
  return demand.call(this, id);
};
const load = (file) => inModule('our own code, and packages of ES modules', () => require(file));
`;
const HELPER =
  /(__commonJS\w*=\(cb,mod\)=>function\(\)\{try\{return mod\|\|)\(0,(cb\[(\w+)\(cb\)\[0\]\])\)\(([^;]*?),mod\),mod\.exports\}/g;

rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const file of readdirSync(bundle).filter((name) => !name.endsWith('.map'))) {
  const text = readFileSync(join(bundle, file), 'utf8');
  const timed = text.replace(HELPER, '$1globalThis.inModule($3(cb)[0],()=>$2($4,mod)),mod.exports}');
  writeFileSync(join(copy, file), file.endsWith('.js') ? `globalThis.compiled();${timed}` : text);
}
const parts = readdirSync(bundle).filter(
  (file) => /^[a-z-]+-\w+\.js$/.test(file) && adapters.some((adapter) => file.startsWith(`${adapter}-`)),
);
const program = `${KEEPER}
for (const file of ${JSON.stringify(['index.js', ...parts].map((file) => join(copy, file)))}) load(file);
console.log(JSON.stringify(times));`;

const packageOf = (module: string): string =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? module;
const rounds = Array.from({ length: ROUNDS }, () => {
  const times: Record<string, number> = JSON.parse(
    execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }),
  );
  const byPackage: Record<string, number> = {};
  for (const [module, took] of Object.entries(times))
    byPackage[packageOf(module)] = (byPackage[packageOf(module)] ?? 0) + took;
  return byPackage;
});
const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
const rows = names
  .map((name) => ({ name, ms: median(rounds.map((round) => round[name] ?? 0)) }))
  .sort((left, right) => right.ms - left.ms);
console.log(
  `${step} with ${parts.length === 0 ? 'nothing beside' : parts.join(', ')}: ms, medians of ${ROUNDS}`,
);
for (const { name, ms } of rows.slice(0, 16)) console.log(`${ms.toFixed(2).padStart(7)}  ${name}`);
console.log(
  `${rows
    .reduce((sum, { ms }) => sum + ms, 0)
    .toFixed(2)
    .padStart(7)}  in all`,
);
