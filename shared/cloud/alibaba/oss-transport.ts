/**
 * The HTTP client under `ali-oss`: `httpx`, which the other SDKs bring anyway, in place of its own, which weighs as much as the
 * rest of it. ali-oss has the option `urllib` for that; what it asks of it is this.
 */
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

async function send(url: string, { method, headers, content, timeout }: Request) {
  try {
    const reply = await request(url, {
      method,
      headers,
      timeout,
      ...(content === undefined ? {} : { data: content }),
    });
    const data = await read(reply, '');
    return { status: reply.statusCode, headers: reply.headers, data };
  } catch (failure) {
    throw Object.assign(failure as Error, NO_REPLY);
  }
}

export const overHttpx = { request: send };
