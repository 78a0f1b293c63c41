/** How services keep state beyond the process: as tables of entries. Without a folder nothing is kept, at no cost. */

/** Entries of one kind. Keys and values are plain data, as `structuredClone` takes it. */
export interface Table<T> {
  /** What was kept before this process began and what was put since; of a keeper without a folder always empty. */
  readonly entries: ReadonlyMap<string, T>;
  put(key: string, value: T): void;
  remove(key: string): void;
}

export interface Keeper {
  /** The table of that name; entries that are there are taken to be `T`s. */
  table<T>(name: string): Table<T>;
  /**
   * Resolves when everything that was put so far survives the end of the process. Changes made in one turn of the event loop
   * survive together or not at all. Rejects when the folder cannot be written.
   */
  saved(): Promise<void>;
  /** Resolves with why at the first write that failed: from then on nothing is kept, and `saved` rejects. */
  readonly failed: Promise<Error>;
  /** Keeps bytes under their digest, which it returns; they survive when it has returned. @throws {Error} as `saved` rejects */
  putBytes(bytes: Uint8Array): string;
  /** @throws {Error} when they are not there */
  bytes(digest: string): Buffer;
  close(): Promise<void>;
}

/** Keeps nothing. */
export const forgetful: Keeper = {
  table: () => ({ entries: new Map(), put: () => undefined, remove: () => undefined }),
  saved: () => Promise.resolve(),
  failed: new Promise(() => undefined),
  putBytes: () => '',
  bytes: (digest) => {
    throw new Error(`bytes ${digest} are not kept`);
  },
  close: () => Promise.resolve(),
};
