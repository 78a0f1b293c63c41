/**
 * The other end of a first event: a register that is there, and a cloud that refuses everything else. So a step gets as far as
 * its first call beyond the register, with that call's SDK loaded and used, and no further.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
  readonly endpoint: string;
  /** Starts a new count, with this register. */
  reset(register: ReadonlyMap<string, string>): void;
  /** What was called since, in order. */
  readonly calls: readonly string[];
  /** When the first call was answered, on the scale of `performance.now`. */
  readonly firstAnsweredAt: number | undefined;
  close(): void;
}

export async function listen(): Promise<Listener> {
  let register: ReadonlyMap<string, string> = new Map();
  let calls: string[] = [];
  let firstAnsweredAt: number | undefined;
  const server = createServer((request, reply) => {
    request.resume().on('end', () => {
      calls.push(answer(request, reply, register));
      firstAnsweredAt ??= performance.now();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    reset(next) {
      register = next;
      calls = [];
      firstAnsweredAt = undefined;
    },
    get calls() {
      return calls;
    },
    get firstAnsweredAt() {
      return firstAnsweredAt;
    },
    close: () => server.close(),
  };
}

/** Answers, and gives what was called its name. */
function answer(
  request: IncomingMessage,
  reply: ServerResponse,
  register: ReadonlyMap<string, string>,
): string {
  const url = new URL(request.url ?? '/', 'http://register');
  if (request.headers['x-oss-date'] === undefined) {
    const refusal = { Code: 'NoPermission', code: 'NoPermission', Message: 'refused by the benchmark' };
    reply.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    const action = url.searchParams.get('Action') ?? request.headers['x-acs-action'];
    return typeof action === 'string' ? action : url.pathname.split('/').at(-1) || 'unknown';
  }
  const object = register.get(url.pathname.slice(1));
  if (request.method !== 'GET') reply.writeHead(request.method === 'PUT' ? 200 : 204).end();
  else if (url.pathname === '/')
    reply.writeHead(200, { 'content-type': 'application/xml' }).end(listing(register));
  else if (object !== undefined) reply.writeHead(200).end(object);
  else reply.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  return 'OSS';
}

const listing = (register: ReadonlyMap<string, string>): string =>
  `<ListBucketResult><IsTruncated>false</IsTruncated>${[...register.keys()]
    .map((key) => `<Contents><Key>${key}</Key></Contents>`)
    .join('')}</ListBucketResult>`;
