/**
 * Retention of a whole bucket: it protects from the start, is void after 24 hours unless it was locked, and once locked can
 * only be extended. Source: OSS "Retention policies", InitiateBucketWorm, CompleteBucketWorm, ExtendBucketWorm.
 */
import { randomUUID } from 'node:crypto';
import type { Bucket } from './buckets.js';
import { invalidArgument, OssError } from './errors.js';
import type { OssCall } from './service.js';
import { parseXml, textOf, xml } from './xml.js';

export interface Worm {
  readonly id: string;
  /** 1 to 25,550. */
  readonly days: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly isLocked: boolean;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 25_550;

/** The policy that holds at `now`; one that was not locked within a day is void. */
export function wormAt({ worm }: Bucket, now: number): Worm | undefined {
  return worm === undefined || worm.isLocked || now < worm.startedAt + DAY_MS ? worm : undefined;
}

/** @throws {OssError} 409 `FileImmutable` while an object modified at `modifiedAt` is retained; binds the owner too */
export function demandMutable(bucket: Bucket, modifiedAt: number, now: number): void {
  const worm = wormAt(bucket, now);
  if (worm !== undefined && now < modifiedAt + worm.days * DAY_MS)
    throw new OssError(409, 'FileImmutable', 'The object you specified is immutable.');
}

/** @throws {OssError} for what a bucket with a retention policy may not become; as its page says, and without a code there */
export function demandNoWorm(bucket: Bucket, now: number): void {
  if (wormAt(bucket, now) !== undefined)
    throw invalidArgument('Versioning of a bucket that has a retention policy is not suspended.');
}

/** Its id, for the header of the answer. The codes of the two refusals are not documented; `InvalidArgument` stands in. */
export function initiateWorm({ bucket, request, cloud, demand }: OssCall): string {
  demand('oss:InitiateBucketWorm');
  const now = cloud.clock.now();
  const days = daysIn(request.body);
  if (wormAt(bucket, now) !== undefined) throw invalidArgument('The bucket has a retention policy already.');
  if (bucket.versioning === 'Suspended')
    throw invalidArgument('A bucket whose versioning is suspended takes no retention policy.');
  bucket.worm = { id: randomUUID().replaceAll('-', '').toUpperCase(), days, startedAt: now, isLocked: false };
  return bucket.worm.id;
}

/** The answer's XML. */
export function describeWorm({ bucket, cloud, demand }: OssCall): string {
  demand('oss:GetBucketWorm');
  const worm = demandWorm(bucket, cloud.clock.now());
  return xml([
    'WormConfiguration',
    [
      ['WormId', worm.id],
      ['State', worm.isLocked ? 'Locked' : 'InProgress'],
      ['RetentionPeriodInDays', worm.days],
      ['CreationDate', new Date(worm.startedAt).toISOString()],
    ],
  ]);
}

export function completeWorm({ bucket, query, cloud, demand }: OssCall): void {
  demand('oss:CompleteBucketWorm');
  bucket.worm = { ...demandWorm(bucket, cloud.clock.now(), query.get('wormId')), isLocked: true };
}

export function extendWorm({ bucket, query, request, cloud, demand }: OssCall): void {
  demand('oss:ExtendBucketWorm');
  const worm = demandWorm(bucket, cloud.clock.now(), query.get('wormId'));
  const days = daysIn(request.body);
  if (!worm.isLocked || days <= worm.days)
    throw invalidArgument('Only a locked retention policy can be extended, and never shortened.');
  bucket.worm = { ...worm, days };
}

export function abortWorm({ bucket, cloud, demand }: OssCall): void {
  demand('oss:AbortBucketWorm');
  if (demandWorm(bucket, cloud.clock.now()).isLocked)
    throw new OssError(409, 'FileImmutable', 'A locked retention policy cannot be taken back.');
  bucket.worm = undefined;
}

/** @throws {OssError} 404 `NoSuchWORMConfiguration`; also for another id than the policy's own */
function demandWorm(bucket: Bucket, now: number, id?: string | null): Worm {
  const worm = wormAt(bucket, now);
  if (worm === undefined || (id !== undefined && id !== worm.id))
    throw new OssError(404, 'NoSuchWORMConfiguration', 'The retention policy does not exist.');
  return worm;
}

function daysIn(body: Buffer): number {
  const days = Number(textOf(parseXml(body.toString('utf8')), 'RetentionPeriodInDays'));
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
    throw invalidArgument(`RetentionPeriodInDays must be between 1 and ${MAX_DAYS}.`);
  return days;
}
