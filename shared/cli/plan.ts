/** `leasehold plan <event.json>`: what would be done, printed for a person or a machine. Touches nothing. */
import { Command } from 'commander';
import { parseAnyEvent } from '../app/every-event.js';
import { againstWhole } from '../app/parse-event.js';
import { type AdmissionFacts, admissionReasons } from '../app/plan/admission.js';
import { approvalReasons } from '../app/plan/auto-approval.js';
import { planAccess } from '../app/plan/plan-access.js';
import { printPlan } from '../app/plan/print-plan.js';
import { printableJson } from '../app/printable.js';
import { readConfig } from '../config.js';
import type { Reason } from '../domain/fact.js';
import { instantOf, parseAccountId, parseInstant } from '../domain/values.js';
import { OWNER } from './embedded/start.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { readProject } from './project.js';
import { readTextFile } from './read-file.js';
import { reasonText } from './reason-text.js';

export function planCommand(): Command {
  return new Command('plan')
    .description('print what an onboarding event would bring about; touches nothing')
    .argument('<event.json>', 'a partner.onboarding.requested event')
    .option('--json', 'print for machines')
    .option('--account <id>', 'account of the resource owner', process.env['LEASEHOLD_ACCOUNT'] ?? OWNER)
    .option('--at <instant>', 'judge as if it were this time, such as 2026-12-01T00:00:00Z')
    .action(
      (
        file: string,
        options: { readonly json?: boolean; readonly account: string; readonly at?: string },
      ) => {
        const outcome = planFile(file, options);
        if (outcome.reasons.length > 0) process.exitCode = ANSWER_IS_NO;
        if (options.account === OWNER) console.error(NO_ACCOUNT);
        console.log(options.json === true ? printableJson(outcome) : outcome.text);
      },
    );
}

const NO_ACCOUNT = `planned for the account of the samples, ${OWNER}; set LEASEHOLD_ACCOUNT or --account for your own, which ARNs and plan hash are of`;

interface PlanOutcome {
  /** Why it would be refused. */
  readonly reasons: readonly Reason[];
  /** What only an approver can let through. */
  readonly approval: readonly Reason[];
  readonly plan?: ReturnType<typeof planAccess>;
  readonly text: string;
}

/** The plan, the reasons against it, and both as text. */
function planFile(file: string, options: { readonly account: string; readonly at?: string }): PlanOutcome {
  const parsed = parseAnyEvent(readTextFile(file));
  const owner = parseAccountId(options.account);
  const { functions } = readProject({ env: process.env, accountId: owner });
  const { settings } = readConfig(functions[0]?.environmentVariables ?? {});
  const facts: AdmissionFacts = {
    now: options.at === undefined ? instantOf(Date.now()) : parseInstant(options.at),
    owner,
    settings: settings.admission,
  };
  if (!parsed.ok) {
    const { part } = parsed;
    const besides = part === undefined ? [] : againstWhole(admissionReasons(part.event.data, facts), part);
    const reasons = [...parsed.reasons, ...besides];
    return { reasons, approval: [], text: printReasons('Refused', reasons) };
  }
  if (parsed.event.type !== 'partner.onboarding.requested')
    throw new Error(`${file} is a ${parsed.event.type}, which has no plan`);
  const plan = planAccess(parsed.event.data, owner);
  const against = admissionReasons(parsed.event.data, facts);
  const uncovered = approvalReasons(parsed.event.data, plan, settings.admission.autoApproval);
  const isAskable = settings.approvals.approvers.length > 0;
  const reasons = against.length > 0 || isAskable ? against : uncovered;
  const approval = against.length === 0 && isAskable ? uncovered : [];
  return {
    reasons,
    approval,
    plan,
    text: [
      printPlan(plan),
      ...(reasons.length > 0 ? [printReasons('Refused', reasons)] : []),
      ...(approval.length > 0 ? [printReasons('Waits for an approver', approval)] : []),
    ].join('\n'),
  };
}

const printReasons = (title: string, reasons: readonly Reason[]): string =>
  [`${title}:`, ...reasons.map((reason) => `  ${reasonText(reason)}`)].join('\n');
