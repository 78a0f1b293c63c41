/** Buckets and their objects, in byte order of keys. */
import { forgetful, type Keeper, type Table } from '../keep/keeper.js';
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
  /** Its rules as they were written. Absent in folders of before. */
  lifecycle?: string | undefined;
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

  constructor(
    private readonly bucketName = '',
    private readonly kept: Table<StoredObject> = forgetful.table(''),
  ) {}

  /** As `set`, of what is kept already. */
  takeBack(key: string, object: StoredObject): void {
    if (!this.#byKey.has(key)) this.#keys.splice(this.#indexFrom(key), 0, key);
    this.#byKey.set(key, object);
  }

  get(key: string): StoredObject | undefined {
    return this.#byKey.get(key);
  }
  set(key: string, object: StoredObject): void {
    this.takeBack(key, object);
    this.kept.put(`${this.bucketName}/${key}`, object);
  }
  delete(key: string): void {
    if (!this.#byKey.delete(key)) return;
    this.#keys.splice(this.#indexFrom(key), 1);
    this.kept.remove(`${this.bucketName}/${key}`);
  }
  get size(): number {
    return this.#keys.length;
  }

  /** Keys that begin with `prefix`, in order. */
  *keysBelow(prefix: string): Generator<string> {
    for (let index = this.#indexFrom(prefix); this.#keys[index]?.startsWith(prefix) === true; index++)
      yield this.#keys[index] as string;
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

/** All buckets, as they are kept. */
export class Buckets {
  readonly #byName = new Map<string, Bucket>();
  readonly #kept: Table<Omit<Bucket, 'objects'>>;
  readonly #objects: Table<StoredObject>;

  constructor(keeper: Keeper) {
    this.#kept = keeper.table('oss/buckets');
    this.#objects = keeper.table('oss/objects');
    for (const [name, bucket] of this.#kept.entries)
      this.#byName.set(name, { ...bucket, objects: new SortedObjects(name, this.#objects) });
    for (const [place, object] of this.#objects.entries) {
      const slash = place.indexOf('/');
      const { objects } = this.#byName.get(place.slice(0, slash)) ?? {};
      objects?.takeBack(place.slice(slash + 1), { ...object, body: Buffer.from(object.body) });
    }
  }

  get(name: string): Bucket | undefined {
    return this.#byName.get(name);
  }
  add(bucket: Omit<Bucket, 'objects'>): void {
    const made = { ...bucket, objects: new SortedObjects(bucket.name, this.#objects) };
    this.#byName.set(bucket.name, made);
    this.save(made);
  }
  /** To be told after a bucket itself was changed; its objects look after themselves. */
  save({ objects: _, ...bucket }: Bucket): void {
    this.#kept.put(bucket.name, bucket);
  }
  remove(name: string): void {
    this.#byName.delete(name);
    this.#kept.remove(name);
  }
}
