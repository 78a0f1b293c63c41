/** What the functions' bundles leave out of the SDKs, and why each piece is dead in them. An esbuild plugin. */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedSdk, trimmed } from './generated.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
/** What changed code asks for, by a name that is the same wherever this folder lies: the bundler names parts by what is in them. */
const OURS = { 'leasehold:cut': 'cut.cjs', 'leasehold:interop': 'interop.cjs' };

/** Code for what is not there: it can be named, and fails by its name when it is used after all. */
const gone = (what) => `require("leasehold:cut")(${JSON.stringify(what)})`;
const cut = (_, path) => `module.exports = ${gone(path)};`;
const instead = (code) => () => `module.exports = ${code};`;
/** Methods to be mixed into a client: who calls one that is not there hears so. */
const noMethods = instead('{}');
const edited = (from, to) => (text, path) => {
  if (!text.includes(from)) throw new Error(`${path} has changed: look at it again, then at lean.mjs`);
  return text.replaceAll(from, to);
};
/** Does without a package that it names. */
const lacking = (name) => (text, path) =>
  edited(`require("${name}")`, gone(`${name} in ${path}`))(text, path);
/** Methods and functions that nobody calls: whoever does hears so. As many lines as before. */
const without =
  (...names) =>
  (text, path) =>
    names.reduce((left, name) => {
      const its = new RegExp(
        `^(( *)(?:async |(?:var \\w+ = )?function )?${name} ?\\(.*\\) \\{)\\n([\\s\\S]*?)^\\2\\}`,
        'm',
      );
      const found = its.exec(left);
      if (found === null)
        throw new Error(`${path} has no ${name} any more: look at it again, then at lean.mjs`);
      const refusal = `return ${gone(`${name} of ${path}`)}();`;
      return left.replace(its, `$1 ${refusal}\n${found[3].replace(/[^\n]+/g, '')}$2}`);
    }, text);
const both =
  (...changes) =>
  (text, path) =>
    changes.reduce((left, change) => change(left, path), text);

/** By path below node_modules; one that ends in a slash stands for all below it. */
export const LEAN = [
  // Function Compute hands the keys in with every request: shared/cloud/alibaba/with-keys.ts gives them to the SDKs.
  ['@alicloud/credentials/', cut],

  // The generic client: no API of ours is a WebSocket (which brings three kinds of proxies), or behind a gateway of its own.
  ['@darabonba/typescript/dist/websocket.js', cut],
  ['@alicloud/openapi-core/dist/websocketUtils/', cut],
  ['@alicloud/gateway-spi/', cut],
  // Of its ways to call, `callApi` takes `doRequest` for all who sign as we do.
  [
    '@alicloud/openapi-core/dist/client.js',
    without('doRPCRequest', 'doROARequest', 'doROARequestWithForm', 'execute', 'callSSEApi'),
  ],
  // Its helpers for other products: ours are asked in forms and answer JSON. `date` brings moment, `xml` brings xml2js.
  ['@darabonba/typescript/dist/date.js', cut],
  ['@darabonba/typescript/dist/file.js', cut],
  ['@darabonba/typescript/dist/url.js', cut],
  ['@darabonba/typescript/dist/xml.js', cut],
  // EventBridge's SDK is of an older kind, and has its own of what that gives, but for models and options that we do not pass.
  ['@alicloud/tea-util/dist/client.js', lacking('@darabonba/typescript')],
  // 540 KB for one helper, `merge`, which nobody calls.
  ['lodash/lodash.js', cut],
  // Prints signed headers and bodies when the environment says so, which no function's log may hold.
  ['debug/', instead('() => Object.assign(() => {}, { enabled: false })')],
  // Compressed replies are not asked for; should one come, there is still what unpacks it.
  [
    'httpx/lib/index.js',
    edited(
      `const zlib = require('zlib');`,
      `const zlib = { createGunzip: () => require('zlib').createGunzip(), createInflate: () => require('zlib').createInflate() };`,
    ),
  ],

  // ali-oss: objects are put, got, deleted and listed, and nothing else.
  ['ali-oss/lib/bucket.js', noMethods],
  ['ali-oss/lib/common/bucket/index.js', noMethods],
  ['ali-oss/lib/common/image/index.js', noMethods],
  ['ali-oss/lib/common/multipart-copy.js', noMethods],
  ['ali-oss/lib/common/multipart.js', noMethods],
  [
    'ali-oss/lib/common/object/index.js',
    instead('{ ...require("./get"), ...require("./delete"), ...require("./deleteMulti") }'),
  ],
  ['ali-oss/lib/common/parallel.js', noMethods],
  ['ali-oss/lib/managed-upload.js', noMethods],
  ['ali-oss/lib/rtmp.js', noMethods],
  ['ali-oss/lib/cluster.js', instead('() => undefined')],
  ['ali-oss/lib/image.js', instead('() => undefined')],
  ['ali-oss/lib/sts.js', cut],
  // Its own HTTP client: shared/cloud/alibaba/oss-transport.ts hands in another.
  ['urllib/', cut],
  ['agentkeepalive/', instead('Object.assign(class {}, { HttpsAgent: class {} })')],
  // Streams: our objects are small and come and go as a whole.
  ['pump/', cut],
  ['stream-wormhole/', cut],
  // Browsers, and the system's name in the user agent: without it ali-oss gives the version of Node.js.
  ['bowser/', cut],
  ['platform/', instead('{}')],
  // Of many helpers only `encodeURIComponent` and `escape` are called.
  ['utility/utility.js', instead('require("./web")')],
  // Of the package's description only the version is read.
  [
    'ali-oss/package.json',
    (text) => `module.exports = { version: ${JSON.stringify(JSON.parse(text).version)} };`,
  ],
  // A table of a thousand types: our keys end in `.json` or in no type at all, and what is sent beside objects is XML.
  [
    'mime/index.js',
    instead(
      '{ getType: (name) => ({ json: "application/json", xml: "application/xml" })[name.replace(/^\\./, "")] ?? null }',
    ),
  ],
  // Replies are parsed as a whole, not as streams. XML has five entities of its own; the 250 others are HTML's.
  [
    'sax/lib/sax.js',
    both(
      without('SAXStream', 'determineBufferEncoding'),
      edited(
        'sax.ENTITIES = Object.assign(Object.create(null), {',
        'sax.ENTITIES = sax.XML_ENTITIES; void ({',
      ),
    ),
  ],
  // Writes XML, and reads queries: both are done the other way round only.
  ['xml2js/lib/builder.js', cut],
  ['qs/lib/parse.js', cut],
  // Of what both share, what reads is not called, nor the encoder, since ali-oss brings its own; so its table stays empty.
  [
    'qs/lib/utils.js',
    both(without('merge', 'encode', 'compact', 'compactQueue', 'combine'), edited('i < 256', 'i < 0')),
  ],
  // A map for engines that have none.
  ['side-channel/', instead('() => new Map()')],

  // pino: writes to standard output from the main thread; no transport in a thread of its own, no other stream.
  ['pino/lib/multistream.js', cut],
  ['pino/lib/transport.js', cut],
  ['pino/lib/tools.js', edited(`require('worker_threads')`, '{ isMainThread: true }')],
  ['sonic-boom/', cut],
  // Nothing is logged that would have to be blotted out again.
  ['@pinojs/redact/', cut],
  // Lines of a log are written neither indented nor by a replacer.
  [
    'safe-stable-stringify/index.js',
    without('stringifyFnReplacer', 'stringifyArrayReplacer', 'stringifyIndent'),
  ],
];

const belowModules = (path) => path.split(sep).join('/').split('/node_modules/').pop();

/**
 * `sources`: our own files in the bundle. `used` gathers which entries of `LEAN` met a file: one that never does is dead
 * itself.
 */
export function lean(sources, used) {
  return {
    name: 'lean',
    setup(build) {
      build.onResolve({ filter: /^leasehold:/ }, ({ path }) => ({ path: join(HERE, OURS[path]) }));
      build.onLoad({ filter: /[\\/]node_modules[\\/]/ }, ({ path }) => {
        const inside = belowModules(path);
        const found = (contents) => ({ contents, loader: 'js', resolveDir: dirname(path) });
        const entry = LEAN.find(
          ([where]) => inside === where || (where.endsWith('/') && inside.startsWith(where)),
        );
        if (entry !== undefined) {
          used.add(entry[0]);
          return found(entry[1](readFileSync(path, 'utf8'), inside));
        }
        const sdk = generatedSdk(inside);
        return sdk === undefined ? undefined : found(trimmed(path, sdk, sources));
      });
    },
  };
}
