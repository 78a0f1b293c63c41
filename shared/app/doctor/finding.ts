/** What the doctor has to say: each finding says what to do. */
import type { Look } from '../../domain/deployed.js';

/** `error`: access may not be given or ended as it should. `warning`: it is, but somebody must look. `note`: to know. */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly severity: Severity;
  /** Stable: what scripts and tests go by. */
  readonly code: FindingCode;
  /** The thing that it is about. */
  readonly what: string;
  readonly seen: string;
  /** What to do about it. */
  readonly next: string;
}

export type FindingCode =
  | 'BAD_CONFIGURATION'
  | 'NO_CREDENTIALS'
  | 'CREDENTIALS_REFUSED'
  | 'CLOUD_UNREACHED'
  | 'WRONG_ACCOUNT'
  | 'CLOCK_SKEW'
  | 'REGION_WITHOUT_PRODUCT'
  | 'COULD_NOT_LOOK'
  | `FUNCTION_${'MISSING' | 'SETTINGS' | 'LOGS' | 'ROLE' | 'ENVIRONMENT' | 'CODE' | 'NOT_BUILT' | 'EXTRA'}`
  | `FLOW_${'MISSING' | 'EDITED' | 'ROLE' | 'FAILED' | 'EXTRA'}`
  | 'EVENT_LOST'
  | 'BUS_MISSING'
  | `RULE_${'MISSING' | 'DISABLED' | 'PATTERN' | 'TARGETS' | 'RETRY' | 'DEAD_LETTERS' | 'EXTRA'}`
  | `SCHEDULE_${'MISSING' | 'CHANGED' | 'EXTRA'}`
  | `ROLE_${'MISSING' | 'TRUST' | 'POLICY' | 'EXTRA_POLICY' | 'EXTRA'}`
  | `STOP_${'MISSING' | 'EDITED'}`
  | `BUCKET_${'MISSING' | 'VERSIONED' | 'RETENTION' | 'LIFECYCLE'}`
  | `STACK_${'MISSING' | 'UNFINISHED'}`
  | 'LOGS_MISSING'
  | `ALARM_${'MISSING' | 'OFF' | 'RINGING'}`
  | 'NO_ALARMS'
  | 'QUOTA'
  | `REGISTER_${'UNREACHABLE' | 'BROKEN' | 'PUT_BACK'}`
  | 'CONTRACT_OVERDUE'
  | 'SWEEP_BEHIND'
  | `INDEX_${'UNKNOWN' | 'STRANGE'}`
  | `PROBE_${'NOT_GRANTED' | 'NOT_ENDED' | 'LEFT_BEHIND' | 'NOTHING_TO_GRANT'}`;

/** In the order of what they are worth to an exit code. */
const SEVERITIES: readonly Severity[] = ['note', 'warning', 'error'];

/** 0 for nothing worse than a note, 1 for warnings, 2 for errors. */
export const exitCodeOf = (findings: readonly Finding[]): number =>
  Math.max(0, ...findings.map(({ severity }) => SEVERITIES.indexOf(severity)));

/** Worst first; otherwise as they were found. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((left, right) => SEVERITIES.indexOf(right.severity) - SEVERITIES.indexOf(left.severity));

export const DEPLOY_AGAIN = 'run s deploy, after leasehold deploy --dry-run has shown what that changes';

/** What `judge` makes of what was seen; that nothing could be seen is a finding too, never silence. */
export function ofSeen<T>(
  what: string,
  look: Look<T> | undefined,
  judge: (seen: T) => readonly Finding[],
): readonly Finding[] {
  return look !== undefined && 'seen' in look ? judge(look.seen) : [couldNotLook(what, look)];
}

/** Without that product Leasehold does not run, so its absence is an error. */
export function couldNotLook<T>(
  what: string,
  look: Exclude<Look<T>, { readonly seen: T }> | undefined,
): Finding {
  const code = 'COULD_NOT_LOOK';
  if (look === undefined)
    return { severity: 'warning', code, what, seen: 'nobody looked', next: 'run leasehold doctor again' };
  const seen = `could not look: ${look.code}`;
  switch (look.unseen) {
    case 'denied':
      return {
        severity: 'warning',
        code,
        what,
        seen,
        next: 'give the key the right to read it, and run again',
      };
    case 'no-such-product':
      return {
        severity: 'error',
        code,
        what,
        seen,
        next: 'check that the product exists in --region and is switched on for the account',
      };
    case 'failed':
      return {
        severity: 'warning',
        code,
        what,
        seen,
        next: 'run leasehold doctor again; look up the code if it stays',
      };
  }
}

/** What is not as it should be, and put right by deploying again where `next` says nothing else. */
export const error = (code: FindingCode, what: string, seen: string, next = DEPLOY_AGAIN): Finding => ({
  severity: 'error',
  code,
  what,
  seen,
  next,
});

/** What is there besides all that should be. */
export const extra = (code: FindingCode, what: string): Finding => ({
  severity: 'warning',
  code,
  what,
  seen: 'it has our prefix, and nothing here deploys it',
  next: 'delete it if it is of an older version, or give it another name',
});
