/** Whether the buckets are there, and what keeps or breaks their promise never to lose anything. */
import type { DeployedBucket } from '../../../domain/deployed.js';
import type { Connection } from '../connection.js';
import { codeOf, doing } from '../failures.js';
import { ossClient } from '../oss.js';

/** Neither is in the published types. */
interface Untyped {
  getBucketVersioning(name: string): Promise<{ readonly versionStatus?: string }>;
  getBucketWorm(name: string): Promise<{ readonly state?: string; readonly days?: string }>;
  getBucketLifecycle(name: string): Promise<{ readonly rules: readonly Rule[] | null }>;
}
interface Rule {
  readonly id?: string;
  readonly prefix?: string | object;
  readonly status?: string;
  readonly expiration?: unknown;
  readonly transition?: Transition | readonly Transition[];
}
interface Transition {
  readonly storageClass?: string;
}

/** `undefined` when there is no such bucket. Rejects when it is somebody else's. */
export const deployedBucket = (name: string, connection: Connection): Promise<DeployedBucket | undefined> =>
  doing(`looking at bucket ${name}`, async () => {
    const client = ossClient(connection) as unknown as Untyped;
    try {
      const { versionStatus } = await client.getBucketVersioning(name);
      const retention = await retentionOf(name, client);
      return {
        lifecycle: await lifecycleOf(name, client),
        ...(versionStatus === undefined ? {} : { versioning: versionStatus }),
        ...(retention === undefined ? {} : { retention }),
      };
    } catch (failure) {
      if (codeOf(failure) === 'NoSuchBucket') return undefined;
      throw failure;
    }
  });

async function lifecycleOf(name: string, client: Untyped): Promise<DeployedBucket['lifecycle']> {
  try {
    const { rules } = await client.getBucketLifecycle(name);
    return (rules ?? []).flatMap(ruleOf);
  } catch (failure) {
    if (codeOf(failure) === 'NoSuchLifecycle') return [];
    throw failure;
  }
}

/** An empty prefix is read from XML as an object. Source: OSS "Storage classes": archived objects are restored before they are read. */
function ruleOf({ id = '', prefix, status, expiration, transition }: Rule): DeployedBucket['lifecycle'] {
  if (status !== 'Enabled') return [];
  const rule = { id, prefix: typeof prefix === 'string' ? prefix : '' };
  const classes = [transition ?? []].flat().map(({ storageClass = '' }) => storageClass);
  return [
    ...(expiration === undefined ? [] : [{ ...rule, does: 'deletes' } as const]),
    ...(classes.some((one) => /Archive/.test(one)) ? [{ ...rule, does: 'archives' } as const] : []),
  ];
}

async function retentionOf(name: string, client: Untyped): Promise<DeployedBucket['retention']> {
  try {
    const { state = '', days } = await client.getBucketWorm(name);
    return { state, days: Number(days) };
  } catch (failure) {
    if (codeOf(failure) === 'NoSuchWORMConfiguration') return undefined;
    throw failure;
  }
}
