/** Whether the right account is asked, in time, where everything exists, and with room left. Pure. */
import type { Deployed, DeployedAround } from '../../domain/deployed.js';
import type { DeploymentValues } from '../../domain/deployment.js';
import { MOST_SKEW_SECONDS } from '../clock-skew.js';
import { couldNotLook, type Finding, ofSeen } from './finding.js';

/** Leases begin and end by the cloud's clock; this much nobody notices. */
const LITTLE_SKEW_SECONDS = 60;

/** Where CloudFlow is served; EventBridge and Function Compute are in all of them. Source: CloudFlow API reference, "Endpoints". */
const CLOUDFLOW_REGIONS: readonly string[] = [
  'cn-hangzhou',
  'cn-shanghai',
  'cn-beijing',
  'cn-qingdao',
  'cn-shenzhen',
  'ap-southeast-1',
  'us-west-1',
];

/** Whatever is said here makes every other look worthless, but for a little skew. */
export const judgeAround = (
  { caller, clockAheadSeconds }: DeployedAround,
  { account, region }: Pick<DeploymentValues, 'account' | 'region'>,
): readonly Finding[] => [
  ...judgeCaller(caller, account),
  // Nor has its clock been seen.
  ...(isUnreached(caller) ? [] : ofSeen('clock of this machine', clockAheadSeconds, judgeClock)),
  ...(CLOUDFLOW_REGIONS.includes(region)
    ? []
    : [
        {
          severity: 'error',
          code: 'REGION_WITHOUT_PRODUCT',
          what: `region ${region}`,
          seen: 'CloudFlow does not exist there',
          next: `deploy to one of ${CLOUDFLOW_REGIONS.join(', ')}; what is granted may be in any region`,
        } as const,
      ]),
];

/** Of Node.js, of its `fetch`, and ours for what neither names: nobody has looked at the key. */
const UNREACHED = /^(?:E[A-Z_]+|UND_ERR_[A-Z_]+|UNAVAILABLE|NO_ANSWER|TIMED_OUT)$/;

const isUnreached = (caller: DeployedAround['caller']): boolean =>
  !('seen' in caller) && UNREACHED.test(caller.code);

function judgeCaller(caller: DeployedAround['caller'], account: string): readonly Finding[] {
  const what = 'credentials';
  if (!('seen' in caller)) {
    const finding = couldNotLook(what, caller);
    if (isUnreached(caller))
      return [
        {
          ...finding,
          severity: 'error',
          code: 'CLOUD_UNREACHED',
          what: 'the cloud',
          next: 'check --endpoint or LEASEHOLD_ENDPOINT, --region and the network',
        },
      ];
    if (caller.unseen === 'failed')
      return [
        {
          ...finding,
          severity: 'error',
          code: 'CREDENTIALS_REFUSED',
          next: 'check ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN',
        },
      ];
    return [{ ...finding, severity: 'error' }];
  }
  if (caller.seen.account === account) return [];
  return [
    {
      severity: 'error',
      code: 'WRONG_ACCOUNT',
      what,
      seen: `${caller.seen.arn} belongs to account ${caller.seen.account}, not to ${account}`,
      next: 'use a key of the account in LEASEHOLD_ACCOUNT, or correct that; nothing else was looked at',
    },
  ];
}

function judgeClock(ahead: number): readonly Finding[] {
  const off = Math.abs(ahead);
  if (off <= LITTLE_SKEW_SECONDS) return [];
  return [
    {
      severity: off > MOST_SKEW_SECONDS ? 'error' : 'warning',
      code: 'CLOCK_SKEW',
      what: 'clock of this machine',
      seen: `${off} s ${ahead > 0 ? 'ahead of' : 'behind'} the cloud's; beyond ${MOST_SKEW_SECONDS} s every call is refused`,
      next: 'have the clock set by NTP',
    },
  ];
}

/** The share of a quota that must be left before anybody is bothered. */
const LITTLE_LEFT = 0.1;

export const judgeQuotas = (quotas: Deployed['quotas']): readonly Finding[] =>
  ofSeen('quotas of the account', quotas, ({ roles, rolesQuota, policies, policiesQuota }) => [
    ...judgeQuota('roles', roles, rolesQuota),
    ...judgeQuota('custom policies', policies, policiesQuota),
  ]);

function judgeQuota(what: string, used: number, quota: number): readonly Finding[] {
  const left = quota - used;
  if (left > quota * LITTLE_LEFT) return [];
  return [
    {
      severity: left <= 0 ? 'error' : 'warning',
      code: 'QUOTA',
      what: `quota of ${what}`,
      seen: `${used} of ${quota} used; at none left every request is refused`,
      next: 'have the quota raised in Quota Center, delete what is not used, or shard over another owner account',
    },
  ];
}

/** Whether the looks of `judgeAround` allow any other. */
export const mayLookOn = ({ caller }: DeployedAround, account: string): boolean =>
  'seen' in caller && caller.seen.account === account;
