/** A request of a sandbox to the cloud itself: what clients use of Node's `http`, without turning all into bytes and back. */
import { type ClientRequestArgs, STATUS_CODES, validateHeaderValue } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { PipeEnd } from '../../http/pipe.js';
import type { Answer, HttpReply } from '../../kernel.js';

export interface PlainRequest {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Half of what the server reads of a request's head. */
const MAX_HEAD = 32_768;
const BY_NODE_ONLY = ['auth', 'createConnection', 'localAddress', 'signal', 'socketPath'] as const;
const HEADERS_BY_NODE_ONLY = ['expect', 'upgrade', 'transfer-encoding'];

/**
 * What `http.request(options)` asks for; `undefined` when only Node's own client does that, or refuses it as it should.
 * @throws {TypeError} for a header that none may be, as Node's client does
 */
export function plainRequest(options: unknown): PlainRequest | undefined {
  if (typeof options !== 'object' || options === null || options instanceof URL) return undefined;
  const given = options as ClientRequestArgs;
  const host = given.hostname ?? given.host ?? 'localhost';
  const port = Number(given.port ?? 80);
  const target = given.path ?? '/';
  if (BY_NODE_ONLY.some((name) => given[name] !== undefined) || (given.protocol ?? 'http:') !== 'http:')
    return undefined;
  if (Array.isArray(given.headers) || !/^\/[\u0021-\u00ff]*$/.test(target)) return undefined;
  const headers: Record<string, string> = { host: `${host}:${port}` };
  let size = target.length;
  for (const [name, value] of Object.entries(given.headers ?? {})) {
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(', ') : String(value);
    validateHeaderValue(name, text);
    headers[name.toLowerCase()] = text;
    size += name.length + text.length;
  }
  if (size > MAX_HEAD || HEADERS_BY_NODE_ONLY.some((name) => headers[name] !== undefined)) return undefined;
  return { host, port, method: (given.method ?? 'GET').toUpperCase(), target, headers };
}

class Reply extends Readable {
  readonly httpVersion = '1.1';
  readonly complete = true;
  readonly statusMessage: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly statusCode: number,
    { headers, body }: Pick<HttpReply, 'headers' | 'body'>,
    readonly req: Exchange,
    readonly socket: PipeEnd,
  ) {
    super({ read: () => undefined });
    this.statusMessage = STATUS_CODES[statusCode] ?? '';
    const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
    const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    const hasBody = statusCode !== 204 && statusCode !== 304;
    this.headers = {
      ...(hasBody ? { 'content-length': String(bytes.length) } : {}),
      ...Object.fromEntries(named),
    };
    if (hasBody && bytes.length > 0 && req.method !== 'HEAD') this.push(bytes);
    this.push(null);
  }

  setTimeout(): this {
    return this;
  }
}

const hungUp = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** Emits what `http.ClientRequest` emits: `socket`, then `response` or `error`, then `close`. No wire can stall, so never `timeout`. */
export class Exchange extends Writable {
  readonly method: string;
  readonly path: string;
  /** With nobody at the other end: clients look at it, and tie things to it. */
  readonly socket = new PipeEnd();
  aborted = false;
  #response: Reply | undefined;
  readonly #chunks: Buffer[] = [];

  constructor(
    private readonly asked: PlainRequest,
    private readonly answer: Answer,
    /** Called with 1 when it begins to wait for the answer, with -1 when it has it or no longer wants it. */
    private readonly count: (change: 1 | -1) => void,
  ) {
    super({ autoDestroy: false });
    this.method = asked.method;
    this.path = asked.target;
    // Before any answer, which may come as soon as all promises that wait have had their turn.
    queueMicrotask(() => {
      if (!this.destroyed) this.emit('socket', this.socket);
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    done();
    const { method, target, headers } = this.asked;
    const mark = target.indexOf('?');
    let isWaiting = true;
    const settle = (): void => {
      if (isWaiting) this.count(-1);
      isWaiting = false;
    };
    const answered = this.answer({
      method,
      path: mark < 0 ? target : target.slice(0, mark),
      rawQuery: mark < 0 ? '' : target.slice(mark + 1),
      headers,
      body: Buffer.concat(this.#chunks),
    });
    this.count(1);
    this.once('close', settle);
    void answered.then((reply) => {
      settle();
      if (this.destroyed) return;
      if (reply === 'drop') this.destroy(hungUp());
      else this.#respond(reply);
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error ?? (this.#response === undefined ? hungUp() : null));
  }

  abort(): void {
    if (this.destroyed) return;
    this.aborted = true;
    process.nextTick(() => this.emit('abort'));
    this.destroy();
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): void {}
  setSocketKeepAlive(): void {}
  flushHeaders(): void {}

  #respond(reply: HttpReply): void {
    const response = new Reply(reply.status, reply, this, this.socket);
    this.#response = response;
    response.once('close', () => this.destroy());
    if (!this.emit('response', response)) response.resume();
  }
}
