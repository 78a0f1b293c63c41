/** What an operator sets for the deployment itself, beside what its functions are configured with (`config.ts`). Pure. */
import type { FunctionComputeGeneration } from '../../domain/deployment.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { ServerlessProject } from './serverless-devs.js';

export interface StageSettings {
  readonly generation: FunctionComputeGeneration;
  /** Absent: objects of the evidence bucket are not locked. */
  readonly retentionDays?: number;
  readonly logDays: number;
  /** Groups of contacts of CloudMonitor. */
  readonly contacts: readonly string[];
}

/** @throws {InvalidRequestError} `BAD_CONFIG` naming everything that is wrong at once */
export function readStageSettings(vars: ServerlessProject['vars']): StageSettings {
  const problems: string[] = [];
  const settings = parseSettings(vars, problems);
  if (problems.length > 0) throw new InvalidRequestError('BAD_CONFIG', `s.yaml: ${problems.join('; ')}`);
  return settings;
}

/** Everything that is wrong; none when `readStageSettings` would take it. */
export function stageProblems(vars: ServerlessProject['vars']): readonly string[] {
  const problems: string[] = [];
  parseSettings(vars, problems);
  return problems;
}

function parseSettings(vars: ServerlessProject['vars'], problems: string[]): StageSettings {
  const generation = vars['functionCompute'] ?? '';
  if (!isGeneration(generation)) problems.push('LEASEHOLD_FUNCTION_COMPUTE is neither 3.0 nor 2.0');
  // Limits: OSS "Retention policies" (25,550 days), ROS `ALIYUN::SLS::Logstore` (3,600).
  const days = (variable: string, text: string, most: number): number => {
    const number = Number(text);
    if (!(Number.isSafeInteger(number) && number >= 1 && number <= most))
      problems.push(`${variable} is no number of days from 1 to ${most}`);
    return number;
  };
  const retention = vars['evidenceRetentionDays'] ?? '';
  const contacts = contactsIn(vars['alarmContacts'] ?? '');
  if (contacts.includes(''))
    problems.push(
      `LEASEHOLD_ALARM_CONTACTS "${vars['alarmContacts']}" names a contact group that has no name`,
    );
  return {
    generation: isGeneration(generation) ? generation : '3.0',
    ...(retention === ''
      ? {}
      : { retentionDays: days('LEASEHOLD_EVIDENCE_RETENTION_DAYS', retention, 25_550) }),
    logDays: days('LEASEHOLD_LOG_DAYS', vars['logDays'] ?? '', 3_600),
    contacts,
  };
}

const isGeneration = (text: string): text is FunctionComputeGeneration => text === '2.0' || text === '3.0';

/** None for an empty text alone: who writes something means somebody. */
const contactsIn = (text: string): readonly string[] =>
  text.trim() === '' ? [] : text.split(',').map((one) => one.trim());
