/**
 * The functions' bundles: `index.js`, with what every start needs, and beside it a file for each adapter that is loaded at its
 * first call. esbuild splits ES modules only, so that is done first; each part then becomes the CommonJS that is deployed.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { LEAN, lean } from './lean.mjs';

const common = {
  platform: 'node',
  target: 'node20',
  bundle: true,
  minifySyntax: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
};

export async function bundleFunctions() {
  const steps = readdirSync('functions', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const used = new Set();
  await Promise.all(
    steps.map(({ name }) =>
      bundleFunction(join('functions', name, 'index.ts'), join('dist', 'functions', name), used),
    ),
  );
  const idle = LEAN.filter(([where]) => !used.has(where));
  if (idle.length > 0)
    throw new Error(`lean.mjs leaves out what no bundle has: ${idle.map(([where]) => where)}`);
}

/** Identifiers are not shortened: functions and classes keep their names, in stacks as in errors. */
export async function bundleFunction(entry, folder, used = new Set()) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: { index: entry },
    outdir: folder,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    sourcemap: 'inline',
    write: false,
    plugins: [lean(used)],
  });
  const parts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  await build({
    ...common,
    entryPoints: [...parts.keys()],
    outdir: folder,
    format: 'cjs',
    minifyWhitespace: true,
    sourcemap: 'linked',
    // A part is loaded by `require`, as everything that is CommonJS.
    supported: { 'dynamic-import': false },
    plugins: [from(parts)],
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
}

/** Reads the parts from memory and leaves them apart. */
const from = (parts) => ({
  name: 'parts',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === 'entry-point'
        ? { path: join(process.cwd(), path), namespace: 'part' }
        : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
      contents: parts.get(basename(path)),
      loader: 'js',
    }));
  },
});
