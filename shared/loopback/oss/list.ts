/** ListObjectsV2. Source: OSS API reference, ListObjectsV2 (GetBucketV2). */
import { ApiError } from '../kernel.js';
import type { OssCall } from './service.js';
import { type XmlNode, xml } from './xml.js';

const DEFAULT_KEYS = 100;
const MAX_KEYS = 1000;

/** The answer's XML: keys in byte order, those below a delimiter folded into prefixes. */
export function listObjects({ bucket, query, demand }: OssCall): string {
  const prefix = query.get('prefix') ?? '';
  demand('oss:ListObjects', undefined, query.has('prefix') ? { 'oss:Prefix': prefix } : {});
  const limit = Number(query.get('max-keys') ?? DEFAULT_KEYS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_KEYS)
    throw new ApiError(400, 'InvalidArgument', 'Argument max-keys must be an integer between 1 and 1000.');
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : keyIn(token);
  const page = collect(bucket.objects.keysFrom(prefix, after), {
    prefix,
    after,
    limit,
    delimiter: query.get('delimiter') ?? '',
  });
  const contents = page.keys.map((key): XmlNode => {
    const object = bucket.objects.get(key);
    return [
      'Contents',
      [
        ['Key', key],
        ['LastModified', new Date(object?.modifiedAt ?? 0).toISOString()],
        ['ETag', object?.etag ?? ''],
        ['Type', 'Normal'],
        ['Size', object?.body.length ?? 0],
        ['StorageClass', 'Standard'],
      ],
    ];
  });
  return xml([
    'ListBucketResult',
    [
      ['Name', bucket.name],
      ['Prefix', prefix],
      ['MaxKeys', limit],
      ['Delimiter', query.get('delimiter') ?? ''],
      ['IsTruncated', page.next !== undefined],
      ['KeyCount', page.keys.length + page.prefixes.length],
      ...(page.next === undefined ? [] : [['NextContinuationToken', tokenFor(page.next)] as const]),
      ...contents,
      ...page.prefixes.map((common): XmlNode => ['CommonPrefixes', [['Prefix', common]]]),
    ],
  ]);
}

interface Wanted {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
  readonly delimiter: string;
}

function collect(keys: Iterable<string>, { prefix, after, limit, delimiter }: Wanted) {
  const found: string[] = [];
  const prefixes: string[] = [];
  let last = '';
  for (const key of keys) {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    // A page that ended on a common prefix goes on behind everything below it.
    if (
      common !== undefined &&
      (prefixes.at(-1) === common || (after !== '' && after.startsWith(common) && after.endsWith('\uffff')))
    )
      continue;
    if (found.length + prefixes.length === limit) return { keys: found, prefixes, next: last };
    if (common === undefined) found.push(key);
    else prefixes.push(common);
    last = common === undefined ? key : `${common}\uffff`;
  }
  return { keys: found, prefixes, next: undefined };
}

/** Opaque, so that nobody learns to make tokens up. */
const tokenFor = (key: string): string => Buffer.from(`v1:${key}`).toString('base64url');

function keyIn(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith('v1:'))
    throw new ApiError(400, 'InvalidArgument', 'The continuation token is not valid.');
  return text.slice(3);
}
