/** Evaluates CommonJS files anew for one sandbox. What is shared is their compiled text only. */
import { readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname } from 'node:path';
import { Script } from 'node:vm';

/** Globals that files see instead of the host's, by name. */
export type Globals = Readonly<Record<string, unknown>>;

type ModuleFunction = (
  exports: unknown,
  require: unknown,
  module: unknown,
  filename: string,
  folder: string,
) => void;
type Compiled = (...globals: readonly unknown[]) => ModuleFunction;

/** By names of globals and file as it was last written; all that a process deploys, unless it deploys very many. */
const byFile = new Map<string, Compiled>();
/**
 * By text. What the engine learns of a text as it runs it, and the faster code that it makes of that, are kept with what was compiled: so
 * they are had once, in however many functions' packages a file is.
 */
const byText = new Map<string, Compiled>();
const MAX_FILES = 2_000;
const MAX_TEXTS = 200;

interface LoadedModule {
  exports: unknown;
  readonly id: string;
  readonly filename: string;
  readonly paths: readonly string[];
  readonly children: readonly unknown[];
  loaded: boolean;
}

export class Loader {
  readonly #modules = new Map<string, LoadedModule>();

  constructor(
    private readonly parts: {
      /** Looked at whenever a file is loaded. */
      readonly globals: () => Globals;
      /** Built-in modules that are not the host's, by name without `node:`. */
      readonly builtIns: Readonly<Record<string, unknown>>;
    },
  ) {}

  load(filename: string): unknown {
    const known = this.#modules.get(filename);
    if (known !== undefined) return known.exports;
    const module: LoadedModule = {
      exports: {},
      id: filename,
      filename,
      paths: [],
      children: [],
      loaded: false,
    };
    this.#modules.set(filename, module);
    try {
      this.#evaluate(module);
    } catch (error) {
      this.#modules.delete(filename);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  #evaluate(module: LoadedModule): void {
    const { filename } = module;
    if (extname(filename) === '.json') {
      module.exports = JSON.parse(readFileSync(filename, 'utf8'));
      return;
    }
    const globals = this.parts.globals();
    const start = scriptOf(filename, Object.keys(globals));
    const inner = start(...Object.values(globals));
    inner.call(
      module.exports,
      module.exports,
      this.#requireFrom(filename),
      module,
      filename,
      dirname(filename),
    );
  }

  #requireFrom(filename: string): object {
    const host = createRequire(filename);
    const require = (name: string): unknown => {
      if (!isBuiltin(name)) return this.load(host.resolve(name));
      const bare = name.replace(/^node:/, '');
      return Object.hasOwn(this.parts.builtIns, bare) ? this.parts.builtIns[bare] : host(name);
    };
    return Object.assign(require, { resolve: host.resolve, cache: {}, main: undefined, extensions: {} });
  }
}

function scriptOf(filename: string, names: readonly string[]): Compiled {
  const { mtimeMs, size } = statSync(filename);
  return kept(byFile, MAX_FILES, [filename, mtimeMs, size, ...names].join(), () => {
    // Two functions, one in the other, so that a file may declare what is a global, as it may in a process.
    const head = `(function (${names.join(', ')}) { return function (exports, require, module, __filename, __dirname) { `;
    const text = `${head}${readFileSync(filename, 'utf8').replace(/^#!.*/, '')}\n}; })`;
    // In a stack it goes by the file that it was first read from.
    const script = () => new Script(text, { filename, columnOffset: -head.length });
    return kept(byText, MAX_TEXTS, text, () => script().runInThisContext() as Compiled);
  });
}

function kept<T>(known: Map<string, T>, most: number, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  if (known.size >= most && !known.has(key)) known.clear();
  known.set(key, found);
  return found;
}
