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

/** ali-oss knows a network failure by these statuses, and gives the failure's name as its code. */
const NO_REPLY = -1;
const TIMED_OUT = -2;

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
    if (!(failure instanceof Error)) throw failure;
    const isLate = /Timeout/.test(failure.name);
    throw Object.assign(failure, {
      name: isLate ? failure.name : 'RequestError',
      status: isLate ? TIMED_OUT : NO_REPLY,
    });
  }
}

export const overHttpx = { request: send };
