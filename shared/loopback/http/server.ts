/** The one listener of the embedded cloud: reads a request whole, within limits, and writes the reply. Never crashes on input. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer, HttpReply, HttpRequest } from '../kernel.js';
import { makePipe } from './pipe.js';

export interface ListenerOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Larger bodies are answered with 413. */
  readonly maxBodyBytes: number;
  /** Answers a request; `'drop'` closes the connection without a reply. Must not reject. */
  readonly answer: (request: HttpRequest) => Promise<HttpReply | 'drop'>;
}

export interface Listener {
  readonly port: number;
  /** A new connection from within this process. */
  connect(): Duplex;
  /** Answers as over a connection. */
  readonly answer: Answer;
  close(): Promise<void>;
}

const TOO_LARGE: HttpReply = {
  status: 413,
  headers: { connection: 'close', 'content-type': 'application/json' },
  body: JSON.stringify({ Code: 'RequestEntityTooLarge', Message: 'The request body is too large.' }),
};

/** @throws {Error} when the port cannot be had; its `cause` has Node's code */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const server = createServer(
    // Idle connections are the clients' to close: one closed from here could meet a request already on its way.
    { maxHeaderSize: 65_536, headersTimeout: 20_000, requestTimeout: 120_000, keepAliveTimeout: 600_000 },
    (incoming, outgoing) => {
      serve(incoming, outgoing, options).catch(() => outgoing.destroy());
    },
  );
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error): void =>
      reject(new Error(`cannot listen on port ${options.port} of 127.0.0.1: ${cause.message}`, { cause }));
    server.once('error', refuse);
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', refuse);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    connect: () => {
      const [near, far] = makePipe();
      server.emit('connection', far);
      return near;
    },
    answer: async (request) =>
      request.body.length > options.maxBodyBytes
        ? TOO_LARGE
        : options.answer({ ...request, requestId: newRequestId() }),
    close: () => closeServer(server),
  };
}

const newRequestId = (): string => randomUUID().toUpperCase();

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ListenerOptions,
): Promise<void> {
  outgoing.on('error', () => outgoing.destroy());
  const body = await readBody(incoming, options.maxBodyBytes);
  if (body === 'truncated') {
    outgoing.destroy();
    return;
  }
  const reply = body === 'too-large' ? TOO_LARGE : await options.answer(requestOf(incoming, body));
  if (reply === 'drop') {
    incoming.socket.destroy();
    return;
  }
  const bytes = typeof reply.body === 'string' ? Buffer.from(reply.body) : (reply.body ?? Buffer.alloc(0));
  const length =
    reply.status === 204 || reply.status === 304 ? {} : { 'content-length': String(bytes.length) };
  outgoing.writeHead(reply.status, { ...length, ...reply.headers });
  outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
}

function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | 'too-large' | 'truncated'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        resolve('too-large');
        chunks.length = 0;
        return; // the rest is read and thrown away, so that the client gets to read the answer
      }
      chunks.push(chunk);
    });
    incoming.on('end', () => resolve(incoming.complete ? Buffer.concat(chunks) : 'truncated'));
    incoming.on('error', () => resolve('truncated'));
    incoming.on('close', () => resolve('truncated'));
  });
}

function requestOf(incoming: IncomingMessage, body: Buffer): HttpRequest {
  const target = originForm(incoming.url ?? '/');
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body,
    requestId: newRequestId(),
  };
}

/** A proxy-style request line carries the whole URL; only its path and query matter here. */
function originForm(target: string): string {
  const absolute = /^https?:\/\/[^/?]*/i.exec(target);
  const rest = absolute === null ? target : target.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
