/**
 * Generated SDKs (`@alicloud/<product><version>`, and EventBridge's, which is older) come whole: every call of the product, and two or
 * three models a call. Here they lose the calls that no source of ours in the bundle makes. What stays is the vendor's, line by line, so
 * that its source maps fit.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The generated package that the file at `path` below node_modules belongs to, if any. */
export const generatedSdk = (path) =>
  /^(@alicloud\/(?:[a-z-]+\d{8}|eventbridge))\/dist\/.*\.js$/.exec(path)?.[1];

const wordsOf = (text) => new Set(text.match(/\w+/g));
/**
 * What the sources take from `sdk`: models, by what they call the package (`import … * as Ram from`), and every word besides, for calls
 * that take no model.
 */
function lookedUp(sdk, sources) {
  const texts = sources.map((file) => readFileSync(file, 'utf8')).filter((text) => text.includes(`'${sdk}'`));
  const modelsIn = (text) => {
    const alias = new RegExp(`\\* as (\\w+) from '${sdk}'`).exec(text)?.[1];
    return [...text.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, 'g'))].map(([, model]) => model);
  };
  return { models: new Set(texts.flatMap(modelsIn)), words: wordsOf(texts.join('\n')) };
}

/** By the sources of a bundle, and package: each of hundreds of files asks. */
const taken = new WeakMap();
function takenFrom(sdk, sources) {
  const known = taken.get(sources) ?? new Map();
  taken.set(sources, known);
  if (!known.has(sdk)) known.set(sdk, lookedUp(sdk, sources));
  return known.get(sdk);
}

/** As many lines as before, with nothing on them. */
const blank = (text) => text.replace(/[^\n]+/g, '');

/** Whoever makes a call names its request, by which calls of one name in two products are told apart; or the call, if it takes none. */
function isMade(method, parameters, { models, words }) {
  const call = method.replace(/WithOptions$/, '');
  const takesRequest = /^(?:request|tmpReq)\b/.test(parameters);
  return takesRequest
    ? models.has(`${call.charAt(0).toUpperCase()}${call.slice(1)}Request`)
    : words.has(call) || words.has(method);
}

/** The client without the calls that nobody makes; `getRoleWithOptions` is part of `getRole`, and EventBridge's `doRequest` of all. */
const clientOf = (text, taken) =>
  text
    .replace(/^ *\/\*\*\n(?: *\*.*\n)+/gm, blank)
    .replace(/^ {4}async (\w+)\((.*)\) \{\n[\s\S]*?^ {4}\}\n/gm, (method, name, parameters) =>
      name === 'doRequest' || isMade(name, parameters, taken) ? method : blank(method),
    );

/** The names of all that a file gives away, which it says first and once more where each is: what compilers write, and nobody reads. */
const FOREWORD = /^exports\.\w+ = .*void 0;$/gm;

/** Models that stand in the client's own file, without those that neither it nor another of them nor a source names. */
function withoutIdleModels(text, { models: taken }) {
  const MODEL = /^class (\w+) extends \$tea\.Model \{\n[\s\S]*?^\}\nexports\.\1 = \1;\n/gm;
  const models = new Map([...text.matchAll(MODEL)].map(([model, name]) => [name, model]));
  const named = wordsOf(text.replace(MODEL, ''));
  // A set that grows while it is gone through: what a model names is looked at in its turn.
  const kept = new Set([...models.keys()].filter((name) => named.has(name) || taken.has(name)));
  for (const name of kept) for (const word of wordsOf(models.get(name))) if (models.has(word)) kept.add(word);
  return text.replace(MODEL, (model, name) => (kept.has(name) ? model : blank(model)));
}

/** Without methods that do what their absence would. */
const withoutIdleMethods = (text) =>
  text.replace(
    /^ {4}(?:validate\(\) \{\n {8}super\.validate\(\);|constructor\(map\) \{\n {8}super\(map\);)\n {4}\}\n/gm,
    blank,
  );

/** The index of models without those that neither a source nor what is left of the client names; each loads when asked for. */
function modelsOf(text, client, { models }) {
  const named = wordsOf(client);
  return text
    .replace(FOREWORD, blank)
    .replace(/^var \w+ = require\("[^"]+"\);$/gm, blank)
    .replace(
      /^Object\.defineProperty\(exports, "(\w+)".* return (\w+)_\d+\.\w+; \} \}\);$/gm,
      (_, name, file) =>
        named.has(name) || models.has(name)
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
      `const { __importStar, __importDefault, __exportStar } = require("leasehold:interop");${blank(helpers)}`,
  );

/** What is left of the generated file at `path`, of the package `sdk`, in a bundle that is made of `sources`. */
export function trimmed(path, sdk, sources) {
  const text = readFileSync(path, 'utf8');
  const taken = takenFrom(sdk, sources);
  if (basename(path) === 'client.js')
    return withOneInterop(
      withoutIdleMethods(withoutIdleModels(clientOf(text.replace(FOREWORD, blank), taken), taken)),
    );
  if (basename(path) !== 'model.js') return withOneInterop(withoutIdleMethods(text));
  const client = readFileSync(join(dirname(path), '..', 'client.js'), 'utf8');
  return modelsOf(text, clientOf(client, taken), taken);
}
