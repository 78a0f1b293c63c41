'use strict';
/**
 * What runs in an instance's process: waits to be told which bundle it is, loads it unchanged, and answers one request at a
 * time. Plain CommonJS, since it runs in a process of its own beside any bundle.
 */
const { join } = require('node:path');

/** Milliseconds that the cloud's clock is ahead of the host's; sent with every request. */
let offset = 0;
const HostDate = Date;
/** The bundle's "now" is the cloud's: everything else about dates stays the language's own. */
class CloudDate extends HostDate {
  constructor(...args) {
    if (args.length === 0) super(HostDate.now() + offset);
    else super(...args);
  }
  static now() {
    return HostDate.now() + offset;
  }
}
Object.defineProperty(CloudDate, 'name', { value: 'Date' });
globalThis.Date = CloudDate;

let handler;
let initializer;

/** `index.handler`: file and export. */
function load({ folder, handlerName, initializerName, env }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(folder);
  const exportOf = (name) => {
    const at = name.lastIndexOf('.');
    const found = require(join(folder, name.slice(0, at)))[name.slice(at + 1)];
    if (typeof found !== 'function') throw new Error(`Handler '${name}' is missing`);
    return found;
  };
  handler = exportOf(handlerName);
  initializer = initializerName === undefined ? undefined : exportOf(initializerName);
}

const logger = (requestId) => {
  const write =
    (level) =>
    (...parts) =>
      console.log(new Date().toISOString(), requestId, `[${level}]`, ...parts);
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    log: write('info'),
  };
};

/** Buffers go out as they are, objects as JSON, anything else as text. */
function bodyOf(result) {
  if (Buffer.isBuffer(result)) return result;
  if (typeof result === 'object' && result !== null) return Buffer.from(JSON.stringify(result));
  return Buffer.from(String(result ?? ''));
}

function errorBody(error) {
  const isError = error instanceof Error;
  return Buffer.from(
    JSON.stringify({
      errorMessage: isError ? error.message : String(error),
      errorType: isError ? error.name : typeof error,
      stackTrace: isError ? String(error.stack ?? '').split('\n') : [],
    }),
  );
}

/** An async handler's promise, or the classic callback, whichever settles first. */
function run(event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) =>
      error ? reject(Object.assign(Object(error), { handled: true })) : resolve(result);
    Promise.resolve(handler(event, context, callback)).then((result) => {
      if (handler.length < 3) resolve(result);
    }, reject);
  });
}

async function invoke({ id, event, context }) {
  const tracing = {
    ...context.tracing,
    parseOpenTracingBaggages: () => ({ ...context.tracing.spanBaggages }),
  };
  const full = { ...context, tracing, logger: logger(context.requestId) };
  if (initializer !== undefined) {
    try {
      await initializer(full);
      initializer = undefined;
    } catch (error) {
      process.send({ kind: 'reply', id, errorType: 'InitializationError', body: errorBody(error) });
      return;
    }
  }
  try {
    process.send({ kind: 'reply', id, body: bodyOf(await run(Buffer.from(event), full)) });
  } catch (error) {
    const errorType = error?.handled === true ? 'HandledInvocationError' : 'UnhandledInvocationError';
    process.send({ kind: 'reply', id, errorType, body: errorBody(error) });
  }
}

process.on('message', (message) => {
  offset = message.now === undefined ? offset : message.now - HostDate.now();
  if (message.kind === 'time') return;
  if (message.kind === 'invoke') {
    void invoke(message);
    return;
  }
  try {
    load(message);
    process.send({ kind: 'loaded' });
  } catch (error) {
    process.send({ kind: 'unloadable', body: errorBody(error) });
  }
});
// Whoever started this process is gone: nothing is left to answer to.
process.on('disconnect', () => process.exit(0));
