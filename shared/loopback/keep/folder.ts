/**
 * Keeps tables in a folder: every change is appended to a journal and synced before `saved` resolves, many changes by one sync.
 * When the journal has grown to several times what it stands for, a new one that begins with everything takes its place.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { frameOf, readFrames } from './frames.js';
import type { Keeper, Table } from './keeper.js';
import { lock } from './lock.js';

/** Table, key, value; without a value the entry is gone. */
type Change = readonly [string, string] | readonly [string, string, unknown];

const JOURNAL = 'journal';
const BYTES = 'bytes';
/** A digest of bytes that were not written to their end. */
const UNUSED_BYTES = /^[0-9a-f]{64}\.new$/;
const MIN_COMPACTION_BYTES = 4 * 1024 * 1024;
/** A journal this many times as long as when it was begun is begun anew. */
const GROWTH = 4;
const CHANGES_A_FRAME = 1_000;

const turn = promisify(setImmediate);
const appendTo = promisify(write);
const sync = promisify(fdatasync);

interface FolderOptions {
  readonly minCompactionBytes: number;
  /** Writes a part of a frame; resolves with how much of it was written. */
  readonly append: (file: number, frame: Buffer, from: number) => Promise<{ readonly bytesWritten: number }>;
}
const DEFAULTS: FolderOptions = { minCompactionBytes: MIN_COMPACTION_BYTES, append: appendTo };

/**
 * @throws {Error} when another process that lives uses the folder, or it cannot be written
 * @throws {DamagedJournalError}
 */
export function keepIn(folder: string, options: Partial<FolderOptions> = {}): Keeper {
  try {
    makeFolders(resolve(folder, BYTES));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`nothing can be kept in ${folder}: ${why}`, { cause: error });
  }
  const unlock = lock(join(folder, 'lock'));
  try {
    return new FolderKeeper(folder, { ...DEFAULTS, ...options }, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Makes the folder with all above it. Node.js' own recursion never ends where nothing can be made in a file system, as in `/proc`. */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it just now; which of the two may use it the lock says.
    if (!existsSync(path)) throw error;
  }
}

class FolderKeeper implements Keeper {
  readonly #tables = new Map<string, Map<string, unknown>>();
  #file: number;
  #size: number;
  #sizeAtStart: number;
  #pending: Buffer[] = [];
  /** The write that is under way, and the one that takes what was put meanwhile. */
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  /** Once a write failed nobody is told again that something is kept, and nothing is written behind what it may have left. */
  #failure: Error | undefined;
  #tellFailure: (failure: Error) => void = () => undefined;
  readonly failed = new Promise<Error>((resolve) => {
    this.#tellFailure = resolve;
  });
  #closing: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly options: FolderOptions,
    private readonly unlock: () => void,
  ) {
    const path = join(folder, JOURNAL);
    const isNew = !existsSync(path);
    this.#file = openSync(path, 'a+');
    const { contents, end } = readFrames(readFileSync(path));
    for (const content of contents)
      for (const change of deserialize(content) as readonly Uint8Array[]) this.#apply(deserialize(change));
    ftruncateSync(this.#file, end);
    fsyncSync(this.#file);
    if (isNew) syncFolder(folder);
    this.#size = end;
    this.#sizeAtStart = end;
    this.#dropUnusedFiles();
  }

  table<T>(name: string): Table<T> {
    const entries = this.#entriesOf(name) as Map<string, T>;
    return {
      entries,
      put: (key, value) => {
        // Before it counts as put: what cannot be written would also stop the next beginning of the journal.
        const change = serialize([name, key, value]);
        entries.set(key, value);
        this.#add(change);
      },
      remove: (key) => {
        if (entries.delete(key)) this.#add(serialize([name, key]));
      },
    };
  }

  saved(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#pending.length === 0) return this.#writing ?? Promise.resolve();
    // From a turn of its own, so that what a call changes is in one frame.
    this.#next ??= (this.#writing ?? Promise.resolve()).then(turn).then(() => this.#write());
    return this.#next;
  }

  putBytes(bytes: Uint8Array): string {
    const digest = createHash('sha256').update(bytes).digest('hex');
    const path = join(this.folder, BYTES, digest);
    if (existsSync(path)) return digest;
    try {
      writeWhole(`${path}.new`, [bytes]);
      renameSync(`${path}.new`, path);
      syncFolder(join(this.folder, BYTES));
    } catch (error) {
      throw this.#fail(error);
    }
    return digest;
  }

  bytes(digest: string): Buffer {
    try {
      return readFileSync(join(this.folder, BYTES, digest));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${this.folder} is not whole: ${why}; restore it from a copy, or begin with another folder`,
        { cause: error },
      );
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.saved().finally(() => {
      closeSync(this.#file);
      this.unlock();
    });
    return this.#closing;
  }

  /** Nobody may be waiting, but what a timer changed is kept too. Who asks by `saved` hears of a failure. */
  #add(change: Buffer): void {
    this.#pending.push(change);
    this.saved().catch(() => undefined);
  }

  #write(): Promise<void> {
    this.#next = undefined;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const changes = this.#pending;
    this.#pending = [];
    const writing = this.#append(changes).catch((error: unknown) => {
      throw this.#fail(error);
    });
    const over = (): void => {
      this.#writing = undefined;
    };
    this.#writing = writing;
    writing.then(over, over);
    return writing;
  }

  #fail(cause: unknown): Error {
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??= new Error(
      `nothing more can be kept in ${this.folder}: ${why}; what was answered before is there, so make room and start again`,
      { cause },
    );
    this.#tellFailure(this.#failure);
    return this.#failure;
  }

  async #append(changes: readonly Buffer[]): Promise<void> {
    const frame = frameOf(serialize(changes));
    for (let written = 0; written < frame.length; )
      written += (await this.options.append(this.#file, frame, written)).bytesWritten;
    await sync(this.#file);
    this.#size += frame.length;
    if (this.#size > Math.max(this.options.minCompactionBytes, GROWTH * this.#sizeAtStart)) this.#compact();
  }

  /** In one go, so that no change comes between: what is put from now on goes to the new journal. */
  #compact(): void {
    const all = [...this.#tables].flatMap(([name, entries]) =>
      [...entries].map(([key, value]) => serialize([name, key, value])),
    );
    const frames = Array.from({ length: Math.ceil(all.length / CHANGES_A_FRAME) }, (_, n) =>
      frameOf(serialize(all.slice(n * CHANGES_A_FRAME, (n + 1) * CHANGES_A_FRAME))),
    );
    const path = join(this.folder, JOURNAL);
    writeWhole(`${path}.new`, frames);
    renameSync(`${path}.new`, path);
    syncFolder(this.folder);
    closeSync(this.#file);
    this.#file = openSync(path, 'a');
    // What waits to be written is in there already; written once more it changes nothing.
    this.#size = frames.reduce((sum, frame) => sum + frame.length, 0);
    this.#sizeAtStart = this.#size;
  }

  #apply([name, key, ...rest]: Change): void {
    const entries = this.#entriesOf(name);
    if (rest.length === 0) entries.delete(key);
    else entries.set(key, rest[0]);
  }
  #entriesOf(name: string): Map<string, unknown> {
    const known = this.#tables.get(name) ?? new Map<string, unknown>();
    this.#tables.set(name, known);
    return known;
  }

  /** What a process that was killed in the midst of it began to write, and nothing that only looks like it. */
  #dropUnusedFiles(): void {
    rmSync(join(this.folder, `${JOURNAL}.new`), { force: true });
    for (const file of readdirSync(join(this.folder, BYTES)))
      if (UNUSED_BYTES.test(file)) rmSync(join(this.folder, BYTES, file), { force: true });
  }
}

function writeWhole(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, 'w');
  try {
    for (const part of parts)
      for (let written = 0; written < part.length; ) written += writeSync(file, part, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A file is there for good once its folder is synced. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
