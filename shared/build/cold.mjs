/** What `npm run bench:cold` measures the functions against: the least handlers there are, and ours with packages outside. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundle } from './functions.mjs';

const LEAST = ['empty', 'caller'];
/** Of shared/, what no function is made of. */
const ELSEWHERE = /^(bench|build|cli|loopback)\b/;

export async function buildForColdBench() {
  const unbundled = join('dist', 'cold', 'unbundled');
  const sources = [
    ...filesOf('functions', /\.ts$/),
    ...filesOf('shared', /(?<!\.d)\.ts$|compiled.validators\.js$/).filter(
      (path) => !ELSEWHERE.test(path.slice('shared/'.length)),
    ),
  ];
  await Promise.all([
    ...LEAST.map((name) =>
      bundle([
        { name, source: join('shared', 'bench', 'cold', `${name}.ts`), folder: join('dist', 'cold', name) },
      ]),
    ),
    build({
      entryPoints: sources,
      outdir: unbundled,
      outbase: '.',
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      supported: { 'dynamic-import': false },
      logLevel: 'warning',
    }),
  ]);
  writeFileSync(join(unbundled, 'package.json'), '{"type":"commonjs"}\n');
}

const filesOf = (folder, wanted) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => wanted.test(file))
    .map((file) => join(folder, file));
