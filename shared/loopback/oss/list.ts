/** ListObjectsV2. Source: OSS API reference, ListObjectsV2 (GetBucketV2). */
import { encodeRfc3986 } from '../signatures/encode.js';
import { compareKeys, type SortedObjects } from './buckets.js';
import { invalidArgument } from './errors.js';
import type { OssCall } from './service.js';
import { type XmlNode, xml } from './xml.js';

const DEFAULT_KEYS = 100;
const MAX_KEYS = 1000;
const MAX_START_AFTER_BYTES = 1023;

/** The answer's XML: keys in byte order, those below a delimiter folded into prefixes. */
export function listObjects({ cloud, bucket, query, demand }: OssCall): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  demand('oss:ListObjects', undefined, {
    ...(query.has('prefix') ? { 'oss:Prefix': prefix } : {}),
    ...(query.has('delimiter') ? { 'oss:Delimiter': delimiter } : {}),
  });
  const startAfter = query.get('start-after') ?? '';
  const token = query.get('continuation-token');
  const limit = limitIn(query.get('max-keys'));
  if (Buffer.byteLength(startAfter) > MAX_START_AFTER_BYTES)
    throw invalidArgument('start-after is too long.');
  const mark: Mark = token === null ? { kind: 'key', text: startAfter } : markIn(token);
  const { listingDelaySeconds } = cloud.switches;
  const listedUntil = cloud.clock.now() - listingDelaySeconds * 1000;
  const isListed = (key: string) =>
    listingDelaySeconds === 0 || (bucket.objects.get(key)?.modifiedAt ?? 0) <= listedUntil;
  const page = collect(bucket.objects, { prefix, delimiter, limit, mark, isListed });

  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') throw invalidArgument('encoding-type must be url.');
  const name = encoding === 'url' ? encodeRfc3986 : (text: string) => text;
  const owner: readonly XmlNode[] =
    query.get('fetch-owner') === 'true'
      ? [
          [
            'Owner',
            [
              ['ID', bucket.ownerId],
              ['DisplayName', bucket.ownerId],
            ],
          ],
        ]
      : [];
  return xml([
    'ListBucketResult',
    [
      ['Name', bucket.name],
      ['Prefix', name(prefix)],
      ...(startAfter === '' ? [] : [['StartAfter', name(startAfter)] as const]),
      ['MaxKeys', limit],
      ['Delimiter', name(delimiter)],
      ...(encoding === null ? [] : [['EncodingType', encoding] as const]),
      ['IsTruncated', page.next !== undefined],
      ['KeyCount', page.keys.length + page.prefixes.length],
      ...(token === null ? [] : [['ContinuationToken', token] as const]),
      ...(page.next === undefined ? [] : [['NextContinuationToken', tokenFor(page.next)] as const]),
      ...page.keys.map((key) => contents(bucket.objects, key, name(key), owner)),
      ...page.prefixes.map((common): XmlNode => ['CommonPrefixes', [['Prefix', name(common)]]]),
    ],
  ]);
}

function contents(objects: SortedObjects, key: string, name: string, owner: readonly XmlNode[]): XmlNode {
  const object = objects.get(key);
  return [
    'Contents',
    [
      ['Key', name],
      ['LastModified', new Date(object?.modifiedAt ?? 0).toISOString()],
      ['ETag', object?.etag ?? ''],
      ['Type', 'Normal'],
      ['Size', object?.body.length ?? 0],
      ['StorageClass', 'Standard'],
      ...owner,
    ],
  ];
}

function limitIn(text: string | null): number {
  const limit = text === null ? DEFAULT_KEYS : Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_KEYS)
    throw invalidArgument('Argument max-keys must be an integer between 1 and 1000.');
  return limit;
}

/** Where a page ended: at a key, or at a prefix that stands for everything below it. */
interface Mark {
  readonly kind: 'key' | 'prefix';
  readonly text: string;
}
interface Wanted {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  readonly mark: Mark;
  readonly isListed: (key: string) => boolean;
}

function collect(objects: SortedObjects, { prefix, delimiter, limit, mark, isListed }: Wanted) {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last = mark;
  let key = mark.kind === 'key' ? objects.firstAfter(mark.text) : objects.firstBeyond(mark.text);
  if (key !== undefined && compareKeys(key, prefix) < 0) key = objects.firstFrom(prefix);
  while (key?.startsWith(prefix)) {
    if (!isListed(key)) {
      key = objects.firstAfter(key);
      continue;
    }
    if (keys.length + prefixes.length === limit) return { keys, prefixes, next: last };
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) {
      keys.push(key);
      last = { kind: 'key', text: key };
      key = objects.firstAfter(key);
    } else {
      const common = key.slice(0, cut + delimiter.length);
      prefixes.push(common);
      last = { kind: 'prefix', text: common };
      key = objects.firstBeyond(common);
    }
  }
  return { keys, prefixes, next: undefined };
}

/** Opaque, so that nobody learns to make tokens up. */
const tokenFor = ({ kind, text }: Mark): string => Buffer.from(`v1:${kind}:${text}`).toString('base64url');

function markIn(token: string): Mark {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const [, kind, mark] = /^v1:(key|prefix):([\s\S]*)$/.exec(text) ?? [];
  if (kind === undefined || mark === undefined) throw invalidArgument('The continuation token is not valid.');
  return { kind: kind as Mark['kind'], text: mark };
}
