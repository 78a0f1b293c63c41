/** Buckets and their objects, in memory, in byte order of keys. */

export interface StoredObject {
  readonly body: Buffer;
  /** Upper-case MD5 in quotes, as OSS has it for simple uploads. */
  readonly etag: string;
  /** Epoch ms. */
  readonly modifiedAt: number;
  readonly contentType: string;
}

export interface Bucket {
  readonly name: string;
  readonly ownerId: string;
  readonly region: string;
  readonly objects: SortedObjects;
  /** `undefined`: never set; from then on forbid-overwrite is ignored, whatever it is now. */
  versioning: 'Enabled' | 'Suspended' | undefined;
  /** Days that objects are kept unchanged; 0 for no retention. */
  retentionDays: number;
}

/** A map with keys in order: looking up is a hash, listing a binary search. */
export class SortedObjects {
  readonly #byKey = new Map<string, StoredObject>();
  readonly #keys: string[] = [];

  get(key: string): StoredObject | undefined {
    return this.#byKey.get(key);
  }
  set(key: string, object: StoredObject): void {
    if (!this.#byKey.has(key)) this.#keys.splice(this.#firstAtOrAfter(key), 0, key);
    this.#byKey.set(key, object);
  }
  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#keys.splice(this.#firstAtOrAfter(key), 1);
  }
  get size(): number {
    return this.#keys.length;
  }

  /** Keys with `prefix` that come after `after`, in order, one by one. */
  *keysFrom(prefix: string, after: string): Generator<string> {
    const start = after >= prefix ? this.#firstAtOrAfter(`${after}\u0000`) : this.#firstAtOrAfter(prefix);
    for (let index = start; index < this.#keys.length; index++) {
      const key = this.#keys[index] ?? '';
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  #firstAtOrAfter(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
