import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../shared/loopback/kernel.js';
import { type Bucket, compareKeys, SortedObjects } from '../../shared/loopback/oss/buckets.js';
import { listObjects } from '../../shared/loopback/oss/list.js';
import { parseXml, xml } from '../../shared/loopback/oss/xml.js';

const object = { body: Buffer.from('x'), etag: '"E"', modifiedAt: 0, contentType: 'text/plain', meta: {} };
const bytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
/** Few characters, so that keys meet; among them those whose order differs between UTF-16 and UTF-8. */
const key = fc
  .array(fc.constantFrom('a', 'b', '/', '~', '\u00e9', '\ufffd', '\u{1f600}'), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));

const bucketOf = (keys: readonly string[]): Bucket => {
  const objects = new SortedObjects();
  for (const one of keys) objects.set(one, object);
  return {
    name: 'b',
    ownerId: '1',
    region: 'cn-hangzhou',
    createdAt: 0,
    objects,
    versioning: undefined,
    worm: undefined,
  };
};

const parser = new XMLParser({
  isArray: (name) => name === 'Contents' || name === 'CommonPrefixes',
  parseTagValue: false,
  trimValues: false,
});
interface Page {
  readonly Contents?: readonly { readonly Key: string }[];
  readonly CommonPrefixes?: readonly { readonly Prefix: string }[];
  readonly NextContinuationToken?: string;
}
const page = (bucket: Bucket, query: Readonly<Record<string, string>>): Page =>
  (
    parser.parse(
      listObjects({
        bucket,
        query: new URLSearchParams(query),
        demand: () => undefined,
        removeBucket: () => undefined,
        key: '',
        cloud: { switches: { listingDelaySeconds: 0 }, clock: { now: () => 0 } } as unknown as Cloud,
        request: {
          method: 'GET',
          path: '/',
          rawQuery: '',
          headers: {},
          body: Buffer.alloc(0),
          requestId: '',
        },
      }),
    ) as { readonly ListBucketResult: Page }
  ).ListBucketResult;

function allPages(bucket: Bucket, query: Readonly<Record<string, string>>) {
  const pages: Page[] = [];
  let token: string | undefined;
  do {
    pages.push(page(bucket, { ...query, ...(token === undefined ? {} : { 'continuation-token': token }) }));
    token = pages.at(-1)?.NextContinuationToken;
    if (pages.length > 100) throw new Error('the pages do not end');
  } while (token !== undefined);
  return {
    sizes: pages.map(({ Contents = [], CommonPrefixes = [] }) => Contents.length + CommonPrefixes.length),
    keys: pages.flatMap(({ Contents = [] }) => Contents.map(({ Key }) => Key)),
    prefixes: pages.flatMap(({ CommonPrefixes = [] }) => CommonPrefixes.map(({ Prefix }) => Prefix)),
  };
}

describe('the order of keys', () => {
  it('is that of their UTF-8 bytes', () => {
    fc.assert(fc.property(key, key, (a, b) => Math.sign(compareKeys(a, b)) === Math.sign(bytes(a, b))));
  });

  it('holds whatever is put and deleted in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean())), (steps) => {
        const objects = new SortedObjects();
        const model = new Set<string>();
        for (const [one, isPut] of steps) {
          if (isPut) objects.set(one, object);
          else objects.delete(one);
          if (isPut) model.add(one);
          else model.delete(one);
        }
        const seen: string[] = [];
        for (let at = objects.firstFrom(''); at !== undefined; at = objects.firstAfter(at)) seen.push(at);
        expect(seen).toEqual([...model].sort(bytes));
        expect(objects.size).toBe(model.size);
      }),
    );
  });
});

describe('a list, page by page', () => {
  it('shows each key and each common prefix once, as a naive list would', () => {
    const query = fc.record({
      prefix: fc.oneof(fc.constant(''), key),
      delimiter: fc.constantFrom('', '/', 'a'),
      startAfter: fc.oneof(fc.constant(''), key),
      limit: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(key), query, (keys, { prefix, delimiter, startAfter, limit }) => {
        const all = allPages(bucketOf(keys), {
          prefix,
          'start-after': startAfter,
          'max-keys': String(limit),
          ...(delimiter === '' ? {} : { delimiter }),
        });
        const matching = [...new Set(keys)]
          .sort(bytes)
          .filter((one) => one.startsWith(prefix) && (startAfter === '' || bytes(one, startAfter) > 0));
        const cutOf = (one: string) => (delimiter === '' ? -1 : one.indexOf(delimiter, prefix.length));
        const folded = matching
          .filter((one) => cutOf(one) >= 0)
          .map((one) => one.slice(0, cutOf(one) + delimiter.length));
        expect(all.keys).toEqual(matching.filter((one) => cutOf(one) < 0));
        expect(all.prefixes).toEqual([...new Set(folded)]);
        expect(all.sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
      }),
    );
  });

  it('jumps over a folder of many keys instead of walking through it', () => {
    const keys = Array.from({ length: 100_000 }, (_, n) => `full/${String(n).padStart(6, '0')}`);
    const bucket = bucketOf(['a', ...keys, 'z']);
    let looks = 0;
    const { objects } = bucket;
    const counted = new Proxy(objects, {
      get: (target, name) => {
        looks += 1;
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { Contents = [], CommonPrefixes = [] } = page({ ...bucket, objects: counted }, { delimiter: '/' });
    expect([...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)]).toEqual([
      'a',
      'z',
      'full/',
    ]);
    expect(looks).toBeLessThan(20);
  });

  it.each(['0', '1001', 'x', '1.5'])('refuses max-keys %s', (limit) => {
    expect(() => page(bucketOf([]), { 'max-keys': limit })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
  });

  it('refuses a raw key as a token, and takes no more than 100 keys unasked', () => {
    expect(() => page(bucketOf(['a']), { 'continuation-token': 'a' })).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
    const many = bucketOf(Array.from({ length: 101 }, (_, n) => `k${n}`));
    expect(page(many, {}).Contents).toHaveLength(100);
  });
});

describe('XML', () => {
  it('reads back every text it wrote, entities resolved once', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '&', '<', '>', '"', "'", ';', '#', 'amp;', '&lt;', '\u{1f600}'),
    });
    fc.assert(
      fc.property(text, (one) => {
        expect(parseXml(xml(['A', [['B', one]]])).children[0]?.text).toBe(one);
      }),
    );
  });

  it.each([
    '',
    'text',
    '<A>',
    '</A>',
    '<A></B>',
    '<A/><B/>',
    '<A>&unknown;</A>',
    '<A>&amp</A>',
    '<A>&#x110000;</A>',
    '<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>',
  ])('refuses %s', (body) => {
    expect(() => parseXml(body)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });

  it('knows comments, CDATA, attributes and character references', () => {
    const root = parseXml(
      '<?xml version="1.0"?><!-- <X> --><A x="y"><B><![CDATA[<&]]>&#65;&#x42;</B><C/></A>',
    );
    expect(root.children.map(({ name, text }) => [name, text])).toEqual([
      ['B', '<&AB'],
      ['C', ''],
    ]);
  });
});
