// Builds what runs: validators from the schemas, a bundle a function, the command, the benchmarks. Same input, same bytes.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { buildForColdBench } from './cold.mjs';
import { bundleFunctions, packFunctions } from './functions.mjs';
import { isUnchanged, markMade } from './unchanged.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
process.chdir(root);

const camelCase = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/**
 * An error says which data it is about, for which ajv must be verbose; the schemas that come along, and their paths, nobody reads
 * (`shared/schemas/explain.ts`). And one more error is told in as few words as can be: every start of an admission compiles it all.
 */
const terse = (code) =>
  code
    .replace(/, ?schema: ?[^\n]*?, ?parentSchema: ?[\w.[\]"/$-]+(?=, ?data)/g, '')
    .replace(/,schemaPath:"[^"]*"/g, '')
    .replace(
      /if\(vErrors === null\)\{\s*vErrors = \[(err\d+)\];\s*\}\s*else \{\s*vErrors\.push\(\1\);\s*\}/g,
      '(vErrors ??= []).push($1);',
    );

/** Validators compiled ahead of time: no code generation in a function, and none of ajv in its bundle but a few helpers. */
async function compileSchemas() {
  const folder = join('shared', 'schemas');
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.schema.json'))
    .map((file) => file.replace('.schema.json', ''));
  const schemas = names.map((name) => JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8')));
  const ajv = new Ajv.default({
    schemas,
    allErrors: true,
    discriminator: true,
    verbose: true,
    messages: false,
    // What several events have in common is checked by one function, not by a copy in each.
    inlineRefs: false,
    strict: true,
    // Branches of one `grant` share its type and require what a sibling keyword defines.
    strictRequired: false,
    strictTypes: false,
    code: { source: true, esm: true, optimize: true },
  });
  const exports = Object.fromEntries(names.map((name, index) => [camelCase(name), schemas[index].$id]));
  const code = terse(standaloneCode.default(ajv, exports));
  mkdirSync(join(folder, 'compiled'), { recursive: true });
  // ajv's run-time helpers are CommonJS; bundling them in makes one module that stands alone.
  await build({
    stdin: { contents: code, resolveDir: folder, loader: 'js' },
    outfile: join(folder, 'compiled', 'validators.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  const declarations = Object.keys(exports).map((name) => `export const ${name}: Validator;`);
  writeFileSync(
    join(folder, 'compiled', 'validators.d.ts'),
    `import type { ErrorObject } from 'ajv';\n\nexport interface Validator {\n  (value: unknown): boolean;\n  errors?: readonly ErrorObject[] | null;\n}\n${declarations.join('\n')}\n`,
  );
}

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
};

/** The command, the benchmarks and, when asked for, the fault sweep: packages stay outside, they are installed beside. */
async function bundleTools() {
  const tools = {
    'cli/leasehold': 'shared/cli/leasehold.ts',
    'bench/bench': 'shared/bench/bench.ts',
    'bench/crowd-bench': 'shared/bench/crowd-bench.ts',
    'bench/cold-bench': 'shared/bench/cold-bench.ts',
    'bench/cold-profile': 'shared/bench/cold-profile.ts',
    ...(process.argv.includes('--sweep') ? { 'sweep/sweep': 'test/faults/sweep/sweep.ts' } : {}),
  };
  const present = Object.fromEntries(Object.entries(tools).filter(([, source]) => existsSync(source)));
  await build({
    ...common,
    entryPoints: present,
    outdir: 'dist',
    format: 'esm',
    packages: 'external',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
  // Runs in a process of its own beside any bundle, so it stays a file.
  mkdirSync(join('dist', 'loopback'), { recursive: true });
  copyFileSync(
    join('shared', 'loopback', 'function-compute', 'instance.cjs'),
    join('dist', 'loopback', 'instance.cjs'),
  );
  writeFileSync(join('dist', 'loopback', 'package.json'), '{"type":"commonjs"}\n');
  const command = join('dist', 'cli', 'leasehold.js');
  writeFileSync(command, `#!/usr/bin/env node\n${readFileSync(command, 'utf8')}`);
  chmodSync(command, 0o755);
}

async function buildAll() {
  rmSync('dist', { recursive: true, force: true });
  await compileSchemas();
  await Promise.all([bundleFunctions(), bundleTools()]);
  packFunctions();
}

const more = process.argv.slice(2);
if (more.length > 0 || !isUnchanged('.')) {
  await buildAll();
  if (more.includes('--cold')) await buildForColdBench();
  if (more.length === 0) markMade('.');
}
