/** A connection within this process: what one end writes the other reads, as over a socket, but without the network. */
import { Duplex } from 'node:stream';

/** One end, which reads what the other writes; nothing, as long as there is no other. */
export class PipeEnd extends Duplex {
  peer: PipeEnd | undefined;
  readonly remoteAddress = '127.0.0.1';
  readonly connecting = false;
  /** Tells the other end that this one took what it was sent. */
  #taken: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.peer?.receive(chunk, done);
  }
  override _final(done: () => void): void {
    this.peer?.push(null);
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // The other end sees the connection close, whatever was under way.
    if (this.peer?.destroyed === false) this.peer.push(null);
    this.#taken?.();
    done(error);
  }

  receive(chunk: Buffer, done: () => void): void {
    if (this.destroyed || this.readableEnded || this.push(chunk)) done();
    else this.#taken = done;
  }

  // What Node's HTTP calls on sockets. There is no wire that could stall: time-outs are left to whoever uses the connection.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** The two ends of a new connection. */
export function makePipe(): readonly [Duplex, Duplex] {
  const [near, far] = [new PipeEnd(), new PipeEnd()];
  near.peer = far;
  far.peer = near;
  return [near, far];
}
