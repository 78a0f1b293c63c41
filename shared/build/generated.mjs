/**
 * Generated SDKs (`@alicloud/<product><version>`) come whole: every call of the product, and two or three models a call. Here
 * they lose the calls that no adapter of ours names. What stays is the vendor's, line by line, so that its source maps fit.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const ADAPTERS = join(here, '..', 'cloud', 'alibaba');
const INTEROP = join(here, 'interop.cjs');

export const isGenerated = (path) => /^@alicloud\/[a-z-]+\d{8}\/dist\/.*\.js$/.test(path);

const wordsOf = (text) => new Set(text.match(/\w+/g));
/** Every word of our adapters, which call an SDK's methods and models by their names. */
const words = wordsOf(
  readdirSync(ADAPTERS, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(ADAPTERS, file), 'utf8'))
    .join('\n'),
);

/** As many lines as before, with nothing on them. */
const blank = (text) => text.replace(/[^\n]+/g, '');

/** The client without the calls that nobody names; `getRole` stands for `getRoleWithOptions` too, which it calls. */
const clientOf = (text) =>
  text
    .replace(/^ {4}\/\*\*\n(?: {5}\*.*\n)+/gm, blank)
    .replace(/^ {4}async (\w+)\(.*\) \{\n[\s\S]*?^ {4}\}\n/gm, (method, name) =>
      words.has(name.replace(/WithOptions$/, '')) || words.has(name) ? method : blank(method),
    );

/** The index of models without those that neither an adapter nor what is left of the client names; each loads when asked for. */
function modelsOf(text, client) {
  const named = wordsOf(client);
  return text
    .replace(/^(?:exports\.\w+ = .*void 0|var \w+ = require\("[^"]+"\));$/gm, blank)
    .replace(
      /^Object\.defineProperty\(exports, "(\w+)".* return (\w+)_\d+\.\w+; \} \}\);$/gm,
      (_, name, file) =>
        named.has(name) || words.has(name)
          ? `Object.defineProperty(exports, "${name}", { enumerable: true, get: function () { return require("./${file}").${name}; } });`
          : '',
    );
}

/** The compiler's helpers, which each file has a copy of: one for all is enough. */
const HELPERS =
  /^var __\w+ = \(?this && this\.__\w+\)? \|\| [\s\S]*?^(?=Object\.defineProperty\(exports, "__esModule")/m;
const withOneInterop = (text) =>
  text.replace(
    HELPERS,
    (helpers) =>
      `const { __importStar, __importDefault, __exportStar } = require(${JSON.stringify(INTEROP)});${blank(helpers)}`,
  );

/** What is left of the generated file at `path`. */
export function trimmed(path, text) {
  if (basename(path) === 'client.js') return withOneInterop(clientOf(text));
  if (basename(path) !== 'model.js') return withOneInterop(text);
  return modelsOf(text, clientOf(readFileSync(join(dirname(path), '..', 'client.js'), 'utf8')));
}
