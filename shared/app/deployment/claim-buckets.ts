/** Each bucket is of one stage: what is due of one register's contracts, another one would take for nobody's. */
import type { Ports } from '../../cloud/ports.js';
import type { DeploymentValues } from '../../domain/deployment.js';
import { InvalidRequestError } from '../../domain/errors.js';

type Names = Pick<DeploymentValues, 'prefix' | 'evidenceBucket' | 'indexBucket'>;

/** Whose the bucket is, in either. */
const KEY = 'stage.json';

/**
 * Writes into both buckets whose they are, where that is not there yet. May run twice.
 * @throws {InvalidRequestError} `BAD_CONFIG` when one is another stage's
 */
export async function claimBuckets(
  { prefix, evidenceBucket, indexBucket }: Names,
  { evidence, index }: Pick<Ports, 'evidence' | 'index'>,
): Promise<void> {
  const ofEvidence = JSON.stringify({ prefix });
  if ((await evidence.create(KEY, ofEvidence)) === 'exists')
    demandOwn(evidenceBucket, await evidence.read(KEY), ofEvidence);
  const ofIndex = JSON.stringify({ prefix, register: evidenceBucket });
  const claimed = await index.read(KEY);
  if (claimed === undefined) await index.put(KEY, ofIndex);
  else demandOwn(indexBucket, claimed, ofIndex);
}

function demandOwn(bucket: string, claimed: string | undefined, own: string): void {
  if (claimed === own) return;
  throw new InvalidRequestError(
    'BAD_CONFIG',
    `bucket ${bucket} is of another stage: its ${KEY} says ${claimed?.slice(0, 200)} instead of ${own}; give each stage buckets of its own, which keep their prefix`,
  );
}
