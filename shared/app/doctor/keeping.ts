/** Buckets, and whether what is due in them was done. Pure. */
import type { Deployed, DeployedBucket } from '../../domain/deployed.js';
import type { BucketToDeploy, Deployment } from '../../domain/deployment.js';
import { couldNotLook, DEPLOY_AGAIN, type Finding, ofSeen } from './finding.js';

export const judgeBuckets = (
  { buckets: wanted, values }: Deployment,
  { buckets }: Pick<Deployed, 'buckets'>,
): readonly Finding[] =>
  wanted.flatMap((bucket) =>
    ofSeen(`bucket ${bucket.name}`, buckets[bucket.name], (there) => {
      if (there === undefined)
        return [
          {
            severity: 'error',
            code: 'BUCKET_MISSING',
            what: `bucket ${bucket.name}`,
            seen: 'it is not there: nothing is admitted, since nothing could be written down',
            next: DEPLOY_AGAIN,
          },
        ];
      const isEvidence = bucket.name === values.evidenceBucket;
      return [
        ...judgeVersioning(bucket, there, isEvidence),
        ...judgeRetention(bucket, there, isEvidence),
        ...judgeLifecycle(bucket, there, isEvidence),
      ];
    }),
  );

/** Source: OSS "PutObject": x-oss-forbid-overwrite is ignored while versioning is enabled or suspended. */
function judgeVersioning(
  { name }: BucketToDeploy,
  { versioning }: DeployedBucket,
  isEvidence: boolean,
): readonly Finding[] {
  if (versioning === undefined) return [];
  const common = { code: 'BUCKET_VERSIONED', what: `bucket ${name}` } as const;
  return isEvidence
    ? [
        {
          ...common,
          severity: 'error',
          seen: `versioning is ${versioning}: the register can be overwritten, and that cannot be undone`,
          next: 'suspend every flow, copy the register to a bucket that was never versioned, and deploy with that one',
        },
      ]
    : [
        {
          ...common,
          severity: 'warning',
          seen: `versioning is ${versioning}: old entries of the index are kept and paid for`,
          next: 'give it a lifecycle rule for old versions, or deploy with another index bucket and let it be rebuilt',
        },
      ];
}

function judgeRetention(
  { name, retentionDays }: BucketToDeploy,
  { retention }: DeployedBucket,
  isEvidence: boolean,
): readonly Finding[] {
  const common = { code: 'BUCKET_RETENTION', what: `bucket ${name}` } as const;
  const locked = retention?.state === 'Locked' ? retention.days : 0;
  const seen =
    retention === undefined ? 'no retention' : `retention of ${retention.days} days, ${retention.state}`;
  if (retentionDays !== undefined && locked < retentionDays)
    return [
      {
        ...common,
        severity: 'error',
        seen: `${seen}, instead of ${retentionDays} days, locked`,
        next: DEPLOY_AGAIN,
      },
    ];
  if (retention === undefined || retentionDays !== undefined) return [];
  return isEvidence
    ? [
        {
          ...common,
          severity: 'note',
          seen: `${seen}, which nothing here asks for`,
          next: 'set LEASEHOLD_EVIDENCE_RETENTION_DAYS to it, so that the next deployment knows',
        },
      ]
    : [
        {
          ...common,
          severity: 'error',
          seen: `${seen}: the index cannot be changed, so nothing that is due is ever done with`,
          next: 'deploy with another index bucket',
        },
      ];
}

const judgeLifecycle = (
  { name }: BucketToDeploy,
  { lifecycle }: DeployedBucket,
  isEvidence: boolean,
): readonly Finding[] =>
  lifecycle.map(({ id, prefix, does }) => ({
    severity: isEvidence ? 'error' : 'warning',
    code: 'BUCKET_LIFECYCLE',
    what: `bucket ${name}`,
    seen: `rule "${id}" ${does} ${prefix === '' ? 'everything' : `what begins with ${prefix}`} in time: ${
      isEvidence
        ? 'a contract whose facts cannot be read is not known, and neither amended nor proven to have ended'
        : 'what is due is lost until an hourly look puts it back'
    }`,
    next: `take the rule from the bucket${isEvidence ? ', and restore what it has taken, if a copy is kept anywhere' : ''}`,
  }));

/** How far behind the sweep is, and who should have no access any more. */
export const judgeDue = ({ due }: Pick<Deployed, 'due'>): readonly Finding[] => {
  if (!('seen' in due)) {
    const finding = couldNotLook('register', due);
    return [
      due.unseen === 'denied' ? finding : { ...finding, severity: 'error', code: 'REGISTER_UNREACHABLE' },
    ];
  }
  const { overdue, behind, oldest, unknown, strange, broken, putBack } = due.seen;
  return [
    ...overdue.map(
      ({ contractId, dueAt, state }): Finding => ({
        severity: 'error',
        code: 'CONTRACT_OVERDUE',
        what: `contract ${contractId}`,
        seen: `due since ${dueAt} and not ended: it is ${state}. What RAM decides ended by date all the same`,
        next: `leasehold revoke ${contractId} --direct --reason "…"`,
      }),
    ),
    ...broken.map(
      (contractId): Finding => ({
        severity: 'error',
        code: 'REGISTER_BROKEN',
        what: `contract ${contractId}`,
        seen: 'what its register says cannot be believed, so it is neither changed nor proven to have ended; what RAM decides ends by date all the same, accounts and rules do not',
        next: `leasehold evidence ${contractId}, and leasehold verify on what that writes, say which fact it is; put that back from a copy, or deploy the version that wrote it. To cut at once: leasehold revoke ${contractId} --direct --reason "…"`,
      }),
    ),
    ...(strange.length === 0
      ? []
      : [
          {
            severity: 'error',
            code: 'INDEX_STRANGE',
            what: 'index',
            seen: `something is due of contracts that the register does not know, such as ${strange.slice(0, 3).join(', ')}: one of the two buckets is another stage's, or facts were deleted`,
            next: 'deploy with the buckets of this stage, each of which is of no other; where facts were deleted, put them back from a copy, or end each: leasehold revoke <contractId> --close-unknown --reason "…"',
          } as const,
        ]),
    ...(putBack === undefined
      ? []
      : [{ severity: 'error', code: 'REGISTER_PUT_BACK', what: 'register', ...putBack } as const]),
    ...(behind === 0
      ? []
      : [
          {
            severity: 'warning',
            code: 'SWEEP_BEHIND',
            what: 'sweep',
            seen: `${behind} entries of the index are due and not done, the oldest since ${oldest}`,
            next: 'look at the clock, its rule and the executions of the flow expiry',
          } as const,
        ]),
    ...(unknown === 0
      ? []
      : [
          {
            severity: 'warning',
            code: 'INDEX_UNKNOWN',
            what: 'index',
            seen: `${unknown} entries are due that this version does not know: they are left as they are`,
            next: 'if a later version ran here, deploy it again; else see below due/ who put what there',
          } as const,
        ]),
  ];
};
