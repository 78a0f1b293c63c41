/** The environment, read once and whole. With `compose.ts` the only reader of it. */

import { algorithmsOf } from './app/approval/algorithms.js';
import type { Settings } from './cloud/ports.js';
import { type Approver, DEFAULT_ADMISSION } from './domain/admission-settings.js';
import { parseAutoApproval } from './domain/auto-approval-rule.js';
import { canonicalJson } from './domain/canonical-json.js';
import { InvalidRequestError } from './domain/errors.js';
import { jsonIn } from './domain/json-in.js';
import { type AccountId, parseAccountId, parseRegion, type Region } from './domain/values.js';

export interface Config {
  readonly region: string;
  readonly owner: string;
  /** `host:port` to speak plain HTTP to; unset for Alibaba Cloud itself. */
  readonly endpoint: string | undefined;
  /** By which of OSS's endpoints functions reach the register; they run where it is. */
  readonly ossNetwork: 'internal' | 'public';
  readonly evidenceBucket: string;
  readonly indexBucket: string;
  readonly outBus: string;
  readonly settings: Settings;
}

type Environment = Readonly<Record<string, string | undefined>>;

const REQUIRED = [
  'LEASEHOLD_REGION',
  'LEASEHOLD_ACCOUNT',
  'LEASEHOLD_PREFIX',
  'LEASEHOLD_EVIDENCE_BUCKET',
  'LEASEHOLD_INDEX_BUCKET',
  'LEASEHOLD_AUTO_APPROVAL',
] as const;

/** Source: OSS "Bucket naming conventions". */
const BUCKET = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/;
/**
 * Names of functions, flows, buses, roles and policies begin with it: what all of these take. The longest that follows it is a
 * policy's or a function's, of 64 characters together. Roles and policies of contracts begin with `lease-`, accounts and rules with `lh-`,
 * and what reaches those must not reach ours, where a hyphen follows the prefix.
 */
const PREFIX = /^(?!(?:lease|lh)(?:-|$))[a-z][a-z0-9-]{0,30}[a-z0-9]$/;
/** What follows the prefix in names of ours: with such a one, a stage's names would be those of another one's buses and roles. */
const TAKEN_ENDING = /-(?:out|dead-letters|fn)$/;
const PREFIX_RULE =
  'prefix of 2 to 32 lower-case letters, digits and "-" that begins with a letter and is neither "lease" nor "lh" up to a hyphen or its end, and does not end in "-out", "-dead-letters" or "-fn"';
/**
 * Seconds that a step may wait for a verdict and then for absence, with what else it does in its time. Source: the shortest timeout
 * in `s.yaml` of a function that waits for one, 300 seconds.
 */
export const LONGEST_LOOK_SECONDS = 240;
/** The longest lease that there can be, for whatever else is counted in days. */
const { maxLeaseSeconds: LONGEST_SECONDS } = DEFAULT_ADMISSION;
const LONGEST_DAYS = LONGEST_SECONDS / 86_400;
const MAX_WARNINGS = 10;
const MAX_ANSWERS = 100;
/** Beyond what RAM is known to take of any account. */
const MAX_WRITES_PER_SECOND = 1000;
/** Of `LEASEHOLD_ENDPOINT`, as `connection.ts` calls it: plain HTTP, with a port or without. */
export const ENDPOINT = /^[A-Za-z0-9.-]+(?::\d{1,5})?$/;

export function isParsed(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (error) {
    if (error instanceof InvalidRequestError) return false;
    throw error;
  }
}

/** @throws {InvalidRequestError} `BAD_CONFIG` naming everything that is missing or wrong at once */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const config = parseConfig(env, problems);
  if (problems.length > 0)
    throw new InvalidRequestError('BAD_CONFIG', `configuration: ${problems.join('; ')}`);
  return Object.freeze(config);
}

/** Everything that is missing or wrong; none when `readConfig` would take it. */
export function configProblems(env: Environment): readonly string[] {
  const problems: string[] = [];
  parseConfig(env, problems);
  return problems;
}

function parseConfig(env: Environment, problems: string[]): Config {
  const text = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is not set`);
    return value;
  };
  const number = (
    name: string,
    otherwise: number,
    { from = 0, to }: { from?: number; to: number },
  ): number => {
    const value = env[name];
    if (value === undefined || value === '') return otherwise;
    // White space would be read as 0, which lifts a limit.
    const parsed = value.trim() === '' ? Number.NaN : Number(value);
    if (!(parsed >= from && parsed <= to)) problems.push(`${name} is not a number from ${from} to ${to}`);
    return parsed;
  };
  const [region, account, prefix, evidenceBucket, indexBucket, autoApproval] = REQUIRED.map(text) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const mistaken = (name: string, value: string, isRight: boolean, what: string) => {
    if (value !== '' && !isRight) problems.push(`${name} "${value}" is no ${what}`);
  };
  mistaken('LEASEHOLD_REGION', region, isParsed(parseRegion, region), 'region such as cn-hangzhou');
  mistaken('LEASEHOLD_ACCOUNT', account, isParsed(parseAccountId, account), 'account id of 16 digits');
  mistaken('LEASEHOLD_PREFIX', prefix, PREFIX.test(prefix) && !TAKEN_ENDING.test(prefix), PREFIX_RULE);
  for (const [name, bucket] of Object.entries({
    LEASEHOLD_EVIDENCE_BUCKET: evidenceBucket,
    LEASEHOLD_INDEX_BUCKET: indexBucket,
  }))
    mistaken(name, bucket, BUCKET.test(bucket), 'bucket name of 3 to 63 lower-case letters, digits and "-"');
  if (evidenceBucket !== '' && evidenceBucket === indexBucket)
    problems.push('LEASEHOLD_EVIDENCE_BUCKET and LEASEHOLD_INDEX_BUCKET are the same bucket');
  const rule = parseAutoApproval(autoApproval);
  problems.push(...rule.problems.map((problem) => `LEASEHOLD_AUTO_APPROVAL: ${problem}`));
  const regions = parseRegions(env['LEASEHOLD_REGIONS'] ?? '', problems);
  const approvers = parseApprovers(env['LEASEHOLD_APPROVERS'] ?? '', problems);
  const warningDays = parseWarningDays(env['LEASEHOLD_WARNING_DAYS'] || '30,7,1', problems);
  const endpoint = env['LEASEHOLD_ENDPOINT'] || undefined;
  mistaken('LEASEHOLD_ENDPOINT', endpoint ?? '', ENDPOINT.test(endpoint ?? ''), 'host:port');
  const ossNetwork = env['LEASEHOLD_OSS_NETWORK'] || 'internal';
  mistaken(
    'LEASEHOLD_OSS_NETWORK',
    ossNetwork,
    ossNetwork === 'internal' || ossNetwork === 'public',
    'network: it is internal or public',
  );
  const approvalSeconds = number('LEASEHOLD_APPROVAL_SECONDS', 7 * 86_400, { from: 1, to: LONGEST_SECONDS });
  const granteeSeconds = number('LEASEHOLD_GRANTEE_SECONDS', 7 * 86_400, { to: LONGEST_SECONDS });
  const onDrift = parseOnDrift(env['LEASEHOLD_ON_DRIFT'] || 'report', problems);
  const look = { to: LONGEST_LOOK_SECONDS };
  const verdict = {
    answers: number('LEASEHOLD_VERDICT_ANSWERS', 3, { from: 1, to: MAX_ANSWERS }),
    intervalSeconds: number('LEASEHOLD_VERDICT_INTERVAL_SECONDS', 5, look),
    patienceSeconds: number('LEASEHOLD_VERDICT_PATIENCE_SECONDS', 180, look),
  };
  const absenceSeconds = number('LEASEHOLD_ABSENCE_SECONDS', 60, look);
  problems.push(...looksProblems(verdict, absenceSeconds));
  const writesPerSecond = number('LEASEHOLD_WRITES_PER_SECOND', 10, { to: MAX_WRITES_PER_SECOND });
  if (writesPerSecond > 0 && writesPerSecond < 1)
    problems.push('LEASEHOLD_WRITES_PER_SECOND is neither 0 nor 1 at least: contracts would wait for hours');
  const roleArn = (group: string) => `acs:ram::${account}:role/${prefix}-fn-${group}`;
  return {
    region,
    owner: account,
    endpoint,
    ossNetwork: ossNetwork === 'public' ? 'public' : 'internal',
    evidenceBucket,
    indexBucket,
    outBus: `${prefix}-out`,
    settings: {
      // What is none is among the problems, and nothing is configured by it.
      owner: account as AccountId,
      deployment: { prefix, register: evidenceBucket },
      verifierRoleArns: [roleArn('verify'), roleArn('revoke')],
      provisionerRoleArn: roleArn('provisioner'),
      stops: { suspended: `${prefix}-suspended`, ended: `${prefix}-ended` },
      verdict,
      absenceSeconds,
      writesPerSecond,
      admission: {
        ...DEFAULT_ADMISSION,
        autoApproval: rule.rule,
        ...(regions === undefined ? {} : { regions }),
        protectedNames: { prefix, buckets: [evidenceBucket, indexBucket] },
      },
      approvals: { approvers, timeoutSeconds: approvalSeconds },
      granteeSeconds,
      warningDays,
      onDrift,
    },
  };
}

/** Settings that each may have, and that no step could wait for together. */
function looksProblems(
  { answers, intervalSeconds, patienceSeconds }: Settings['verdict'],
  absenceSeconds: number,
): readonly string[] {
  if (Math.max(intervalSeconds, patienceSeconds, absenceSeconds) > LONGEST_LOOK_SECONDS) return [];
  const runSeconds = (answers - 1) * intervalSeconds;
  return [
    ...(Number.isInteger(answers) || Number.isNaN(answers)
      ? []
      : ['LEASEHOLD_VERDICT_ANSWERS is no whole number']),
    ...(runSeconds > patienceSeconds
      ? [
          `LEASEHOLD_VERDICT_ANSWERS (${answers}), each LEASEHOLD_VERDICT_INTERVAL_SECONDS (${intervalSeconds}) after the one before, take longer than LEASEHOLD_VERDICT_PATIENCE_SECONDS (${patienceSeconds})`,
        ]
      : // A step that looks twice waits for both.
        2 * runSeconds > LONGEST_LOOK_SECONDS
        ? [
            `LEASEHOLD_VERDICT_ANSWERS (${answers}), each LEASEHOLD_VERDICT_INTERVAL_SECONDS (${intervalSeconds}) after the one before, take more than ${LONGEST_LOOK_SECONDS} seconds for two verdicts, for which no function has the time`,
          ]
        : []),
    ...(patienceSeconds + absenceSeconds > LONGEST_LOOK_SECONDS
      ? [
          `LEASEHOLD_VERDICT_PATIENCE_SECONDS (${patienceSeconds}) and LEASEHOLD_ABSENCE_SECONDS (${absenceSeconds}) are more than ${LONGEST_LOOK_SECONDS} together, for which no function has the time`,
        ]
      : []),
  ];
}

function parseApprovers(text: string, problems: string[]): readonly Approver[] {
  if (text === '') return [];
  const value = jsonIn(text);
  if (value === undefined) {
    problems.push('LEASEHOLD_APPROVERS is not JSON');
    return [];
  }
  const isList =
    Array.isArray(value) &&
    value.every((one) => typeof one?.id === 'string' && typeof one?.key === 'object' && one.key !== null);
  if (!isList) problems.push('LEASEHOLD_APPROVERS is not a list of {"id": …, "key": <public JWK>}');
  const approvers = isList ? (value as readonly Approver[]) : [];
  const known = new Set<string>();
  for (const { id, key } of approvers) {
    const name = nameOfKey(id, key);
    if ('d' in key) problems.push(`LEASEHOLD_APPROVERS holds a private key, of ${id}`);
    else if (algorithmsOf(key).length === 0)
      problems.push(`LEASEHOLD_APPROVERS: the key of ${id} is too weak or of an unknown kind`);
    else if (known.has(name)) problems.push(`LEASEHOLD_APPROVERS: a key of ${id} is there twice`);
    known.add(name);
  }
  return approvers;
}

/** By what makes it a key, whatever else it says of itself. */
const nameOfKey = (id: string, { kty, crv, x, y, n, e }: Approver['key']): string =>
  canonicalJson({ id, kty, crv, x, y, n, e });

function parseWarningDays(text: string, problems: string[]): readonly number[] {
  const days = text.split(',').map(Number);
  const areDays = days.every((day) => Number.isSafeInteger(day) && day >= 1 && day <= LONGEST_DAYS);
  if (!areDays || days.length > MAX_WARNINGS)
    problems.push(
      `LEASEHOLD_WARNING_DAYS is not a list of whole days such as 30,7,1: ${MAX_WARNINGS} at most, each from 1 to ${LONGEST_DAYS}`,
    );
  return [...new Set(days)].sort((left, right) => right - left);
}

function parseRegions(text: string, problems: string[]): readonly Region[] | undefined {
  if (text === '') return undefined;
  return text.split(',').flatMap((one): readonly Region[] => {
    try {
      return [parseRegion(one)];
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) throw error;
      problems.push(`LEASEHOLD_REGIONS: "${one}" is no region such as cn-hangzhou`);
      return [];
    }
  });
}

function parseOnDrift(text: string, problems: string[]): Settings['onDrift'] {
  if (text === 'report' || text === 'heal' || text === 'suspend') return text;
  problems.push('LEASEHOLD_ON_DRIFT is none of report, heal, suspend');
  return 'report';
}
