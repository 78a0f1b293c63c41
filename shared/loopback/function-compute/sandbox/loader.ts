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
const compiled = new Map<string, Compiled>();
const MAX_COMPILED = 200;

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

/** Two functions, one in the other, so that a file may declare what is a global, as it may in a process. */
function scriptOf(filename: string, names: readonly string[]): Compiled {
  const { mtimeMs, size } = statSync(filename);
  const key = [filename, mtimeMs, size, ...names].join();
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const text = readFileSync(filename, 'utf8').replace(/^#!.*/, '');
  const head = `(function (${names.join(', ')}) { return function (exports, require, module, __filename, __dirname) { `;
  const script = new Script(`${head}${text}\n}; })`, {
    filename,
    columnOffset: -head.length,
  }).runInThisContext() as Compiled;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(key, script);
  return script;
}
