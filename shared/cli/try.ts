/** `leasehold try [event.json …]`: the main job, from an empty cloud to proven absence. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { counted } from '../app/counted.js';
import { printable, printableJson, printableLines } from '../app/printable.js';
import type { EventToPost } from '../cloud/alibaba/events.js';
import { parseInstant } from '../domain/values.js';
import type { TrialReport } from './embedded/trial.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { readEventFile } from './post.js';
import { projectRoot } from './project.js';

const SAMPLES = join('test', 'support', 'events');
/** The samples' leases run from December 2026 on; a virtual clock takes the embedded cloud there. */
const SAMPLES_AT = '2026-12-01T08:00:00Z';

const BEGINS = 'partner.onboarding.requested';

interface TryOptions {
  readonly json?: boolean;
  readonly at?: string;
  readonly verbose?: boolean;
}

export function tryCommand(): Command {
  return new Command('try')
    .description(
      'run the whole path in an embedded cloud: onboard, act as the partner, terminate, see that access is gone',
    )
    .argument(
      '[event.json...]',
      'partner.onboarding.requested events; default: five samples, one a product, one with users that are set up at the partner, one with what RAM does not end, and one that is renewed and runs out',
    )
    .option('--json', 'print for machines')
    .option(
      '--verbose',
      'print what happens inside the embedded cloud, one JSON line each, on standard error',
    )
    .option(
      '--at <instant>',
      'time at which the embedded cloud starts; default: now, for the samples 2026-12-01T08:00:00Z',
    )
    .action(async (files: readonly string[], options: TryOptions) => {
      const isSamples = files.length === 0;
      const paths = isSamples ? sampleFiles() : files;
      const startAt = options.at ?? (isSamples ? SAMPLES_AT : undefined);
      const requests = paths.map(readRequest);
      const { runTrial } = await import('./embedded/trial.js');
      const report = await runTrial(requests, {
        ...(startAt === undefined ? {} : { startAt: Date.parse(parseInstant(startAt)) }),
        more: isSamples,
        ...(options.verbose === true
          ? { trace: (line: object) => console.error(printable(JSON.stringify(line))) }
          : {}),
        say: options.json === true ? () => undefined : (line) => console.log(printableLines(line)),
      });
      console.log(options.json === true ? printableJson(report) : printableLines(printReport(report)));
      process.exitCode = report.ok ? 0 : ANSWER_IS_NO;
    });
}

/** What is posted and answered need not be valid; but nothing else is answered by a grant or a refusal. */
function readRequest(file: string): EventToPost {
  const event = readEventFile(file);
  if (event.type === BEGINS) return event;
  throw new Error(`${file} is a ${event.type}; a trial begins with a ${BEGINS}`);
}

const sampleFiles = (): readonly string[] =>
  readdirSync(join(projectRoot, SAMPLES))
    .filter((file) => !file.startsWith('terminate'))
    .map((file) => join(projectRoot, SAMPLES, file));

function printReport({ contracts, ok }: TrialReport): string {
  const rows = contracts.flatMap((contract) => [
    '',
    `${contract.contractId}  ${contract.outcome}${contract.timeToDenySeconds === undefined ? '' : `, refused ${contract.timeToDenySeconds} s after the cut`}`,
    ...contract.checks.map(
      ({ what, expected, seen, ok: isRight }) =>
        `  ${isRight ? 'ok  ' : 'FAIL'} ${what.padEnd(70)} ${seen}${isRight ? '' : ` (expected ${expected})`}`,
    ),
  ]);
  const checks = contracts.flatMap((contract) => contract.checks);
  const right = checks.filter((check) => check.ok).length;
  return [
    ...rows,
    '',
    ok
      ? `Everything was as it must be: ${counted(right, 'check')} on ${counted(contracts.length, 'contract')}.`
      : `NOT as it must be: ${checks.length - right} of ${checks.length} checks failed.`,
  ].join('\n');
}
