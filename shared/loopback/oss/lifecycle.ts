/**
 * Lifecycle rules of a bucket. They are kept and given back as they were written, and not carried out: what a rule would delete or
 * move stays. Source: OSS PutBucketLifecycle, GetBucketLifecycle, DeleteBucketLifecycle.
 */
import { OssError } from './errors.js';
import type { OssCall } from './service.js';
import { malformed, parseXml, textOf } from './xml.js';

const MAX_RULES = 1000;

/** @throws {OssError} `MalformedXML` for what is no list of rules, each of which does something */
export function putLifecycle({ bucket, request, demand }: OssCall): void {
  demand('oss:PutBucketLifecycle');
  const text = request.body.toString('utf8');
  const { name, children } = parseXml(text);
  const rules = children.filter((child) => child.name === 'Rule');
  const areRules =
    rules.length > 0 &&
    rules.length === children.length &&
    rules.every(
      (rule) =>
        /^(?:Enabled|Disabled)$/.test(textOf(rule, 'Status')) &&
        rule.children.some((child) => /Expiration$|Transition$|^AbortMultipartUpload$/.test(child.name)),
    );
  if (name !== 'LifecycleConfiguration' || !areRules || rules.length > MAX_RULES) throw malformed();
  bucket.lifecycle = text;
}

/** The answer's XML. */
export function getLifecycle({ bucket, demand }: OssCall): string {
  demand('oss:GetBucketLifecycle');
  if (bucket.lifecycle === undefined)
    throw new OssError(404, 'NoSuchLifecycle', 'No Row found in Lifecycle Table.');
  return bucket.lifecycle;
}

export function deleteLifecycle({ bucket, demand }: OssCall): void {
  demand('oss:DeleteBucketLifecycle');
  bucket.lifecycle = undefined;
}
