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

/** The generated package that the file at `path` below node_modules belongs to, if any. */
export const generatedSdk = (path) => /^(@alicloud\/[a-z-]+\d{8})\/dist\/.*\.js$/.exec(path)?.[1];

const wordsOf = (text) => new Set(text.match(/\w+/g));
const adapters = readdirSync(ADAPTERS, { recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(ADAPTERS, file), 'utf8'));
/** Every word of the adapters that import `sdk`: they call its methods and models by their names. */
const wordsAbout = (sdk) => wordsOf(adapters.filter((text) => text.includes(`'${sdk}'`)).join('\n'));

/** As many lines as before, with nothing on them. */
const blank = (text) => text.replace(/[^\n]+/g, '');

/** The client without the calls that nobody names; `getRole` stands for `getRoleWithOptions` too, which it calls. */
const clientOf = (text, words) =>
  text
    .replace(/^ {4}\/\*\*\n(?: {5}\*.*\n)+/gm, blank)
    .replace(/^ {4}async (\w+)\(.*\) \{\n[\s\S]*?^ {4}\}\n/gm, (method, name) =>
      words.has(name.replace(/WithOptions$/, '')) || words.has(name) ? method : blank(method),
    );

/** The index of models without those that neither an adapter nor what is left of the client names; each loads when asked for. */
function modelsOf(text, client, words) {
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

/** What is left of the generated file at `path`, of the package `sdk`. */
export function trimmed(path, sdk, text) {
  const words = wordsAbout(sdk);
  if (basename(path) === 'client.js') return withOneInterop(clientOf(text, words));
  if (basename(path) !== 'model.js') return withOneInterop(text);
  const client = readFileSync(join(dirname(path), '..', 'client.js'), 'utf8');
  return modelsOf(text, clientOf(client, words), words);
}
