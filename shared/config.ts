/** The environment, read once and whole. With `compose.ts` the only reader of it. */

import { algorithmsOf } from './app/approval/answer.js';
import type { Settings } from './cloud/ports.js';
import { type Approver, DEFAULT_ADMISSION } from './domain/admission-settings.js';
import { InvalidRequestError } from './domain/errors.js';
import { parseAccountId } from './domain/values.js';

export interface Config {
  readonly region: string;
  readonly owner: string;
  /** `host:port` to speak plain HTTP to; unset for Alibaba Cloud itself. */
  readonly endpoint: string | undefined;
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

/** @throws {InvalidRequestError} `BAD_CONFIG` naming everything that is missing or wrong at once */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is not set`);
    return value;
  };
  const number = (name: string, otherwise: number): number => {
    const value = env[name];
    if (value === undefined || value === '') return otherwise;
    const parsed = Number(value);
    if (!(parsed >= 0)) problems.push(`${name} is not a number`);
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
  const admission = parseAutoApproval(autoApproval, problems);
  const approvers = parseApprovers(env['LEASEHOLD_APPROVERS'] ?? '', problems);
  const warningDays = parseWarningDays(env['LEASEHOLD_WARNING_DAYS'] || '30,7,1', problems);
  const approvalSeconds = number('LEASEHOLD_APPROVAL_SECONDS', 7 * 86_400);
  const onDrift = parseOnDrift(env['LEASEHOLD_ON_DRIFT'] || 'report', problems);
  const verdict = {
    answers: number('LEASEHOLD_VERDICT_ANSWERS', 3),
    intervalSeconds: number('LEASEHOLD_VERDICT_INTERVAL_SECONDS', 5),
    patienceSeconds: number('LEASEHOLD_VERDICT_PATIENCE_SECONDS', 180),
  };
  const absenceSeconds = number('LEASEHOLD_ABSENCE_SECONDS', 60);
  if (problems.length > 0)
    throw new InvalidRequestError('BAD_CONFIG', `configuration: ${problems.join('; ')}`);
  const owner = parseAccountId(account);
  const roleArn = (group: string) => `acs:ram::${owner}:role/${prefix}-fn-${group}`;
  return Object.freeze({
    region,
    owner,
    endpoint: env['LEASEHOLD_ENDPOINT'] || undefined,
    evidenceBucket,
    indexBucket,
    outBus: `${prefix}-out`,
    settings: {
      owner,
      verifierRoleArns: [roleArn('verify'), roleArn('revoke')],
      stops: { suspended: `${prefix}-suspended`, ended: `${prefix}-ended` },
      verdict,
      absenceSeconds,
      admission: {
        ...DEFAULT_ADMISSION,
        ...admission,
        protectedNames: { prefix, buckets: [evidenceBucket, indexBucket] },
      },
      approvals: { approvers, timeoutSeconds: approvalSeconds },
      warningDays,
      onDrift,
    },
  });
}

function parseAutoApproval(text: string, problems: string[]): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  try {
    return { autoApproval: JSON.parse(text) };
  } catch {
    problems.push('LEASEHOLD_AUTO_APPROVAL is not JSON');
    return {};
  }
}

function parseApprovers(text: string, problems: string[]): readonly Approver[] {
  if (text === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    const isList =
      Array.isArray(value) &&
      value.every((one) => typeof one?.id === 'string' && typeof one?.key === 'object' && one.key !== null);
    if (!isList) problems.push('LEASEHOLD_APPROVERS is not a list of {"id": …, "key": <public JWK>}');
    const approvers = isList ? (value as readonly Approver[]) : [];
    for (const { id, key } of approvers) {
      if ('d' in key) problems.push(`LEASEHOLD_APPROVERS holds a private key, of ${id}`);
      else if (algorithmsOf(key).length === 0)
        problems.push(`LEASEHOLD_APPROVERS: the key of ${id} is too weak or of an unknown kind`);
    }
    return approvers;
  } catch {
    problems.push('LEASEHOLD_APPROVERS is not JSON');
    return [];
  }
}

function parseWarningDays(text: string, problems: string[]): readonly number[] {
  const days = text.split(',').map(Number);
  if (days.some((day) => !Number.isSafeInteger(day) || day < 1))
    problems.push('LEASEHOLD_WARNING_DAYS is not a list of whole days such as 30,7,1');
  return [...new Set(days)].sort((left, right) => right - left);
}

function parseOnDrift(text: string, problems: string[]): Settings['onDrift'] {
  if (text === 'report' || text === 'heal' || text === 'suspend') return text;
  problems.push('LEASEHOLD_ON_DRIFT is none of report, heal, suspend');
  return 'report';
}
