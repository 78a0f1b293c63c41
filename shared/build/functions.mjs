/**
 * The functions' bundles: `index.js`, with what a step alone starts with; `shared.js`, with what every step starts with; and a file for
 * each adapter that is loaded at its first call. All are split at once, so a file that several functions have is the same in each, byte
 * by byte. esbuild splits ES modules only, so that is done first; each file then becomes the CommonJS that is deployed.
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

/** What every function starts with, and what one of them starts with besides. */
const SHARED = 'shared.js';
const OWN = 'index.js';

export async function bundleFunctions() {
  const steps = readdirSync('functions', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const used = new Set();
  await bundle(
    steps.map(({ name }) => ({
      name,
      source: join('functions', name, 'index.ts'),
      folder: join('dist', 'functions', name),
    })),
    used,
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

/**
 * Bundles `entries` (`{ name, source, folder }`), whose folders lie beside each other. Identifiers are not shortened: functions and
 * classes keep their names, in stacks as in errors.
 */
export async function bundle(entries, used = new Set()) {
  const { texts, startOf, laterOf } = await split(entries, used);
  const starts = entries.map(({ name }) => startOf(name));
  const later = new Set(entries.flatMap(({ name }) => [...laterOf(name)]));
  const isEntry = (part) => entries.some(({ name }) => part === partOf(name));
  const isShared = (part) => !isEntry(part) && starts.every((start) => start.has(part));
  const fileOf = (part) => (isShared(part) ? SHARED : later.has(part) ? part : OWN);

  const ofSeveral = new Map();
  for (const part of texts.keys())
    if (fileOf(part) !== OWN) ofSeveral.set(fileOf(part), [...(ofSeveral.get(fileOf(part)) ?? []), part]);
  const compiled = await compile(ofSeveral, { texts, fileOf, folder: entries[0].folder });
  await Promise.all(
    entries.map(async ({ name, folder }) => {
      const own = await compile(new Map([[OWN, [partOf(name)]]]), { texts, fileOf, folder });
      const loaded = new Set([...startOf(name), ...laterOf(name)].map(fileOf));
      mkdirSync(folder, { recursive: true });
      for (const [file, contents] of [...own, ...compiled])
        if (loaded.has(file.replace(/\.map$/, ''))) writeFileSync(join(folder, file), contents);
      writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
    }),
  );
}

const partOf = (name) => `${name}.js`;

/** The ES modules that the entries fall into: their texts by name, and which of them an entry loads at its start, and later. */
async function split(entries, used) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: Object.fromEntries(entries.map(({ name, source }) => [name, source])),
    outdir: entries[0].folder,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    sourcemap: 'inline',
    write: false,
    metafile: true,
    plugins: [lean(await sourcesOf(entries), used)],
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const importsOf = (part, kinds) =>
    outputs
      .get(part)
      .imports.filter(({ kind, external }) => kinds.includes(kind) && !external)
      .map(({ path }) => basename(path));
  const reached = (parts, kinds) => {
    const all = new Set(parts);
    // A set that grows while it is gone through: what a part imports is looked at in its turn.
    for (const part of all) for (const other of importsOf(part, kinds)) all.add(other);
    return all;
  };
  const startOf = (name) => reached([partOf(name)], ['import-statement']);
  const laterOf = (name) => {
    const begun = [...startOf(name)].flatMap((part) => importsOf(part, ['dynamic-import']));
    return reached(begun, ['import-statement', 'dynamic-import']);
  };
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), compiledAtOnce(text)]));
  return { texts, startOf, laterOf };
}

/** `files` (names, with the parts that each gives away) as CommonJS, by name and with their source maps. */
async function compile(files, { texts, fileOf, folder }) {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [...files.keys()],
    outdir: folder,
    format: 'cjs',
    minifyWhitespace: true,
    sourcemap: 'linked',
    write: false,
    // A part is loaded by `require`, as everything that is CommonJS.
    supported: { 'dynamic-import': false },
    logOverride: { 'ambiguous-reexport': 'error' },
    plugins: [fromMemory(files, { texts, fileOf })],
  });
  return outputFiles.map(({ path, text }) => [basename(path), text]);
}

/** A module in the helper that makes CommonJS of it, but for models of generated SDKs: each of those is loaded when it is asked for. */
const MODULE =
  /(\b\w+ = __commonJS\d*\(\{\n {2}"(?![^"]+\/models\/[A-Z])[^"\n]+")(\([\w, ]*\) \{\n[\s\S]*?^ {2}\})(?=\n\}\)[,;])/gm;

/**
 * Puts the functions around CommonJS modules in parentheses. They run as they are loaded, and the engine takes parentheses for a sign
 * of that: it compiles such a function when it first reads it, instead of reading it twice.
 */
const compiledAtOnce = (text) => text.replace(MODULE, '$1: (function$2)');

/** Our own files that the entries are made of. */
async function sourcesOf(entries) {
  const { metafile } = await build({
    ...common,
    entryPoints: entries.map(({ source }) => source),
    outdir: 'sources',
    packages: 'external',
    format: 'esm',
    write: false,
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/** Reads the parts from memory. A part of another file is left to `require`. */
const fromMemory = (files, { texts, fileOf }) => ({
  name: 'from-memory',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind, importer, namespace }) => {
      if (kind === 'entry-point') return { path, namespace: 'whole' };
      if (!path.startsWith('./')) return { path, external: true };
      const part = basename(path);
      const within = namespace === 'whole' ? importer : fileOf(importer);
      return fileOf(part) === within
        ? { path: part, namespace: 'part' }
        : { path: `./${fileOf(part)}`, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: 'whole' }, ({ path }) => ({
      contents: files
        .get(path)
        .map((part) => `export * from './${part}';`)
        .join('\n'),
    }));
    build.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({ contents: texts.get(path) }));
  },
});
