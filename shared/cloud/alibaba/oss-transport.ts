/**
 * The HTTP client under `ali-oss`: `httpx`, which the other SDKs bring anyway, in place of its own, which weighs as much as the
 * rest of it. ali-oss has the option `urllib` for that; what it asks of it is this.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { read, request } from 'httpx';

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: Buffer;
  /** Milliseconds. */
  readonly timeout: number;
}

/** ali-oss knows by this status that there is no reply, and makes of the failure's name its own error's code. */
const NO_REPLY = { name: 'RequestError', status: -1 };

/** Connections of its own: on httpx's, the other SDKs leave timers running that end whatever uses the connection next. */
const kept = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

async function exchange(url: string, { method, headers, content, timeout }: Request, agent: HttpAgent) {
  const reply = await request(url, {
    method,
    headers,
    timeout,
    agent,
    ...(content === undefined ? {} : { data: content }),
  });
  const data = await read(reply, '');
  return { status: reply.statusCode, headers: reply.headers, data };
}

/**
 * A kept connection may have been closed by the other end meanwhile, as happens to an instance that was frozen: then the call
 * is sent once more, over a new one. Every call to the register may be sent twice.
 */
async function send(url: string, call: Request) {
  const isSecure = url.startsWith('https:');
  try {
    return await exchange(url, call, isSecure ? kept.https : kept.http).catch(
      (failure: NodeJS.ErrnoException) => {
        if (failure.code !== 'ECONNRESET' && failure.code !== 'EPIPE') throw failure;
        return exchange(url, call, isSecure ? new HttpsAgent() : new HttpAgent());
      },
    );
  } catch (failure) {
    throw Object.assign(failure as Error, NO_REPLY);
  }
}

export const overHttpx = { request: send };
