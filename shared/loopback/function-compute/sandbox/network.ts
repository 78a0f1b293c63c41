/** `http` and `net` as a sandbox sees them: connections to the cloud itself take no network, and all end with the sandbox. */
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Answer } from '../../kernel.js';
import { Exchange, plainRequest } from './exchange.js';

export interface NetworkHost {
  /** A connection that needs no network, if there is one to that place. @throws {Error} when the sandbox has ended */
  dial(host: string, port: number): Duplex | undefined;
  /** As `dial`, where no connection is needed. */
  answerAt(host: string, port: number): Answer | undefined;
  /** One request more, or one less, that waits for its answer from the cloud, or from elsewhere. */
  count(what: 'requests' | 'elsewhere', change: 1 | -1): void;
}

interface Place {
  readonly host?: string | null | undefined;
  readonly port?: number | string | null | undefined;
}

export function makeNetwork(host: NetworkHost): {
  readonly modules: Readonly<Record<'http' | 'net', object>>;
  close(): void;
} {
  const open = new Set<Duplex | Exchange>();
  const connect = <T extends Duplex | null | undefined>(to: Place, otherwise: () => T): T | Duplex => {
    const connection = host.dial(to.host ?? 'localhost', Number(to.port ?? 80)) ?? otherwise();
    if (connection === null || connection === undefined) return connection;
    open.add(connection);
    connection.once('close', () => open.delete(connection));
    return connection;
  };

  class Agent extends http.Agent {
    override createConnection(
      options: http.ClientRequestArgs,
      callback?: (error: Error | null, stream: Duplex) => void,
    ) {
      return connect(options, () => super.createConnection(options, callback));
    }
  }
  const globalAgent = new Agent({ keepAlive: true, scheduling: 'lifo' });
  const exchange = (args: readonly unknown[]): Exchange | undefined => {
    const plain = plainRequest(args[0]);
    const answer = plain && host.answerAt(plain.host, plain.port);
    if (plain === undefined || answer === undefined) return undefined;
    const sent = new Exchange(plain, answer, (change) => host.count('requests', change));
    const onResponse = args.at(-1);
    if (typeof onResponse === 'function') sent.once('response', onResponse as () => void);
    open.add(sent);
    return sent.once('close', () => open.delete(sent));
  };
  const request = (...args: readonly unknown[]): http.ClientRequest | Exchange =>
    exchange(args) ?? overHttp(args);
  const overHttp = (args: readonly unknown[]): http.ClientRequest => {
    const sent = startRequest(args, globalAgent);
    const count = (what: 'requests' | 'elsewhere'): void => {
      host.count(what, 1);
      sent.once('close', () => host.count(what, -1));
    };
    count('requests');
    // What goes over a network is on its way for longer than a turn or two.
    sent.once('socket', (socket) => {
      if (socket instanceof net.Socket) count('elsewhere');
    });
    return sent;
  };
  const get = (...args: readonly unknown[]): http.ClientRequest | Exchange => {
    const sent = request(...args);
    sent.end();
    return sent;
  };
  /** `(options, listener)` or `(port, host, listener)`; some HTTP agents connect by themselves. */
  const createConnection = (...args: readonly unknown[]): Duplex => {
    const [first, second] = args;
    const to =
      typeof first === 'object' && first !== null
        ? first
        : { port: Number(first), host: typeof second === 'string' ? second : null };
    return connect(to, () => (net.connect as (...args: readonly unknown[]) => net.Socket)(...args));
  };
  return {
    modules: {
      http: { ...http, Agent, globalAgent, request, get },
      net: { ...net, connect: createConnection, createConnection },
    },
    close: () => {
      for (const connection of open) connection.destroy();
      globalAgent.destroy();
    },
  };
}

/** `(options, callback)` or `(url, options, callback)`, the latter two optional. */
function startRequest(args: readonly unknown[], agent: http.Agent): http.ClientRequest {
  const [first, second] = args;
  const isUrl = typeof first === 'string' || first instanceof URL;
  const given = isUrl ? second : first;
  const options = { ...(typeof given === 'object' ? given : {}), _defaultAgent: agent };
  const callback = args.find((arg) => typeof arg === 'function') as (reply: http.IncomingMessage) => void;
  return isUrl ? http.request(first, options, callback) : http.request(options, callback);
}
