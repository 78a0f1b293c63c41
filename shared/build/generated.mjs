/**
 * Generated SDKs (`@alicloud/<product><version>`) come whole: every call of the product, and two or three models a call. Here
 * they lose the calls that no source of ours in the bundle names. What stays is the vendor's, line by line, so that its source maps fit.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INTEROP = join(dirname(fileURLToPath(import.meta.url)), 'interop.cjs');

/** The generated package that the file at `path` below node_modules belongs to, if any. */
export const generatedSdk = (path) => /^(@alicloud\/[a-z-]+\d{8})\/dist\/.*\.js$/.exec(path)?.[1];

const wordsOf = (text) => new Set(text.match(/\w+/g));
/** Every word of the sources that import `sdk`: they call its methods and models by their names. */
const wordsAbout = (sdk, sources) =>
  wordsOf(
    sources
      .map((file) => readFileSync(file, 'utf8'))
      .filter((text) => text.includes(`'${sdk}'`))
      .join('\n'),
  );

/** As many lines as before, with nothing on them. */
const blank = (text) => text.replace(/[^\n]+/g, '');

/** The client without the calls that nobody names; `getRole` stands for `getRoleWithOptions` too, which it calls. */
const clientOf = (text, words) =>
  text
    .replace(/^ {4}\/\*\*\n(?: {5}\*.*\n)+/gm, blank)
    .replace(/^ {4}async (\w+)\(.*\) \{\n[\s\S]*?^ {4}\}\n/gm, (method, name) =>
      words.has(name.replace(/WithOptions$/, '')) || words.has(name) ? method : blank(method),
    );

/** The index of models without those that neither a source nor what is left of the client names; each loads when asked for. */
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

/** What is left of the generated file at `path`, of the package `sdk`, in a bundle that is made of `sources`. */
export function trimmed(path, sdk, sources) {
  const text = readFileSync(path, 'utf8');
  const words = wordsAbout(sdk, sources);
  if (basename(path) === 'client.js') return withOneInterop(clientOf(text, words));
  if (basename(path) !== 'model.js') return withOneInterop(text);
  const client = readFileSync(join(dirname(path), '..', 'client.js'), 'utf8');
  return modelsOf(text, clientOf(client, words), words);
}
