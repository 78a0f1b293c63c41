/** Buckets and their objects, in memory, in byte order of keys. */
import type { Worm } from './worm.js';

export interface StoredObject {
  readonly body: Buffer;
  /** Upper-case MD5 in quotes, as OSS has it for simple uploads. */
  readonly etag: string;
  /** Epoch ms. */
  readonly modifiedAt: number;
  readonly contentType: string;
  /** Headers `x-oss-meta-*` as they were given. */
  readonly meta: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly ownerId: string;
  readonly region: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly objects: SortedObjects;
  /** `undefined`: never set; from then on forbid-overwrite is ignored, whatever it is now. */
  versioning: 'Enabled' | 'Suspended' | undefined;
  worm: Worm | undefined;
}

/** Order of keys as UTF-8 bytes, without making the bytes: UTF-16 units differ from it only in where surrogates stand. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (a !== b) return rankOf(a) - rankOf(b);
  }
  return left.length - right.length;
}
const rankOf = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit);

/** A map with keys in order: looking up is a hash, finding a place a binary search. */
export class SortedObjects {
  readonly #byKey = new Map<string, StoredObject>();
  readonly #keys: string[] = [];

  get(key: string): StoredObject | undefined {
    return this.#byKey.get(key);
  }
  set(key: string, object: StoredObject): void {
    if (!this.#byKey.has(key)) this.#keys.splice(this.#indexFrom(key), 0, key);
    this.#byKey.set(key, object);
  }
  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#keys.splice(this.#indexFrom(key), 1);
  }
  get size(): number {
    return this.#keys.length;
  }

  /** The first key at or after `key`. */
  firstFrom(key: string): string | undefined {
    return this.#keys[this.#indexFrom(key)];
  }
  /** The first key after `key`. */
  firstAfter(key: string): string | undefined {
    return this.#keys[this.#firstThatIsNot((other) => compareKeys(other, key) <= 0)];
  }
  /** The first key after all that begin with `prefix`, however many they are. */
  firstBeyond(prefix: string): string | undefined {
    return this.#keys[
      this.#firstThatIsNot((other) => other.startsWith(prefix) || compareKeys(other, prefix) < 0)
    ];
  }

  #indexFrom(key: string): number {
    return this.#firstThatIsNot((other) => compareKeys(other, key) < 0);
  }

  /** Index of the first key for which `isBefore` is false; it must be true for all keys before that one. */
  #firstThatIsNot(isBefore: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#keys[middle] ?? '')) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
