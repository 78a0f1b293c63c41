/**
 * The functions' bundles: `index.js`, with what every start needs, and beside it a file for each adapter that is loaded at its
 * first call. esbuild splits ES modules only, so that is done first; each part then becomes the CommonJS that is deployed.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { LEAN, lean } from './lean.mjs';

const common = {
  platform: 'node',
  target: 'node20',
  bundle: true,
  // Names of files are the same though node_modules is a link, as where several checkouts share one.
  preserveSymlinks: true,
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

/** A zip a function, of what is in its folder: what travels when a function is made. */
export function packFunctions() {
  mkdirSync(join('dist', 'packages'), { recursive: true });
  for (const step of readdirSync(join('dist', 'functions'))) {
    const folder = join('dist', 'functions', step);
    const files = readdirSync(folder).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))]);
    const zip = zipSync(Object.fromEntries(files), { mtime: new Date('2026-01-01T00:00:00Z') });
    writeFileSync(join('dist', 'packages', `${step}.zip`), zip);
  }
}

/** Identifiers are not shortened: functions and classes keep their names, in stacks as in errors. */
export async function bundleFunction(entry, folder, used = new Set()) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { index: entry },
    outdir: folder,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    sourcemap: 'inline',
    write: false,
    metafile: true,
    plugins: [lean(await sourcesOf(entry), used)],
  });
  const parts = new Map(outputFiles.map(({ path, text }) => [basename(path), compiledAtOnce(text)]));
  const atStart = loadedWith('index.js', metafile.outputs);
  await build({
    ...common,
    entryPoints: [...parts.keys()].filter((part) => part === 'index.js' || !atStart.has(part)),
    outdir: folder,
    format: 'cjs',
    minifyWhitespace: true,
    sourcemap: 'linked',
    // A part is loaded by `require`, as everything that is CommonJS.
    supported: { 'dynamic-import': false },
    logOverride: { 'ambiguous-reexport': 'error' },
    plugins: [from(parts, atStart)],
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
}

/** A module in the helper that makes CommonJS of it, but for models of generated SDKs: each of those is loaded when it is asked for. */
const MODULE =
  /^(var \w+ = __commonJS\(\{\n {2}"(?![^"]+\/models\/[A-Z])[^"\n]+")(\([\w, ]*\) \{\n[\s\S]*?^ {2}\})(?=\n\}\);$)/gm;

/**
 * Puts the functions around CommonJS modules in parentheses. They run as they are loaded, and the engine takes parentheses for a sign
 * of that: it compiles such a function when it first reads it, instead of reading it twice.
 */
const compiledAtOnce = (text) => text.replace(MODULE, '$1: (function$2)');

/** Our own files that `entry` is made of. */
async function sourcesOf(entry) {
  const { metafile } = await build({
    ...common,
    entryPoints: [entry],
    packages: 'external',
    format: 'esm',
    write: false,
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/** The parts that `part` imports, however far away; itself too. */
function loadedWith(part, outputs) {
  const output = Object.entries(outputs).find(([path]) => basename(path) === part)?.[1];
  const imported = output.imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
  return new Set([part, ...imported.flatMap(({ path }) => [...loadedWith(basename(path), outputs)])]);
}

/** Reads the parts from memory. Those loaded at the start become one, which the others, loaded later, import from. */
const from = (parts, atStart) => ({
  name: 'parts',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind, namespace }) => {
      const part = basename(path);
      if (kind === 'entry-point') return { path: part, namespace: part === 'index.js' ? 'start' : 'later' };
      if (!atStart.has(part)) return { path, external: true };
      return namespace === 'later'
        ? { path: './index.js', external: true }
        : { path: part, namespace: 'at-start' };
    });
    build.onLoad({ filter: /.*/, namespace: 'start' }, () => ({
      contents: [...atStart].map((part) => `export * from './${part}';`).join('\n'),
    }));
    build.onLoad({ filter: /.*/ }, ({ path }) => ({ contents: parts.get(path) }));
  },
});
