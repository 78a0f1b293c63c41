/** `leasehold plan <event.json>`: what would be done, printed for a person or a machine. Touches nothing. */
import { Command } from 'commander';
import { type Foreseen, foreseeAmendment, foreseeRequest, weighed } from '../app/admission/foresee.js';
import { parseAnyEvent } from '../app/inbound/every-event.js';
import { againstWhole, type OnboardingEvent, type UnreadableEvent } from '../app/inbound/parse-event.js';
import { type AdmissionFacts, admissionReasons } from '../app/plan/admission.js';
import { approvalReasons } from '../app/plan/auto-approval.js';
import { planAccess } from '../app/plan/plan-access.js';
import { printAmendment, printPlan } from '../app/plan/print-plan.js';
import { printable, printableJson } from '../app/printable.js';
import type { Ports } from '../cloud/ports.js';
import { readConfig } from '../config.js';
import type { Reason } from '../domain/fact.js';
import { instantOf, parseAccountId, parseInstant } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { OWNER } from './embedded/owner.js';
import { ANSWER_IS_NO } from './exit-codes.js';
import { operatorFrom } from './operator.js';
import { readProject } from './project.js';
import { readTextFile } from './read-file.js';
import { reasonText } from './reason-text.js';

interface PlanOptions extends RegisterOptions {
  readonly json?: boolean;
  readonly at?: string;
  readonly live?: boolean;
}

export function planCommand(): Command {
  return withRegisterOptions(new Command('plan'))
    .description('print what a request or an amendment would bring about; touches nothing')
    .argument(
      '<event.json>',
      'a partner.onboarding.requested or partner.contract.amended event; - for standard input',
    )
    .option('--json', 'print for machines')
    .option('--at <instant>', 'judge as if it were this time, such as 2026-12-01T00:00:00Z')
    .option('--live', 'ask account and register too, with your keys; always so for amendments')
    .action(async (file: string, options: PlanOptions) => {
      const outcome = await planOf(file, options);
      if (outcome.reasons.length > 0) process.exitCode = ANSWER_IS_NO;
      console.log(options.json === true ? printableJson(outcome) : print(outcome));
    });
}

const NO_ACCOUNT = `planned for the account of the samples, ${OWNER}; set LEASEHOLD_ACCOUNT or --account for your own, which ARNs and plan hash are of`;

async function planOf(file: string, options: PlanOptions): Promise<Foreseen> {
  const parsed = parseAnyEvent(readTextFile(file));
  if (!parsed.ok) return refuse(parsed, options);
  const { event } = parsed;
  switch (event.type) {
    case 'partner.onboarding.requested':
      return options.live === true
        ? foreseeRequest(event, await livePorts(options))
        : planAlone(event, factsFrom(options));
    case 'partner.contract.amended':
      return foreseeAmendment(event, await livePorts(options));
    default:
      throw new Error(`${file} is a ${event.type}, which has no plan`);
  }
}

async function livePorts({ at, ...options }: PlanOptions): Promise<Ports> {
  const { ports } = await operatorFrom(options);
  if (at === undefined) return ports;
  const now = parseInstant(at);
  return { ...ports, clock: { ...ports.clock, now: () => now } };
}

/** What can be said without any cloud. */
function factsFrom({ account: own, at }: PlanOptions): AdmissionFacts & { readonly isAskable: boolean } {
  // An empty variable counts as unset, as in `s.yaml`.
  if (!own) console.error(NO_ACCOUNT);
  const account = own || OWNER;
  const owner = parseAccountId(account);
  const { functions } = readProject({ env: process.env, accountId: owner });
  const { settings } = readConfig(functions[0]?.environmentVariables ?? {});
  return {
    now: at === undefined ? instantOf(Date.now()) : parseInstant(at),
    owner,
    settings: settings.admission,
    isAskable: settings.approvals.approvers.length > 0,
  };
}

function refuse({ part, reasons }: UnreadableEvent, options: PlanOptions): Foreseen {
  const besides =
    part === undefined ? [] : againstWhole(admissionReasons(part.event.data, factsFrom(options)), part);
  return { reasons: [...reasons, ...besides], approval: [], notes: [] };
}

function planAlone(
  { data: request }: OnboardingEvent,
  { isAskable, ...facts }: ReturnType<typeof factsFrom>,
): Foreseen {
  const plan = planAccess(request, facts.owner);
  const against = admissionReasons(request, facts);
  const uncovered = approvalReasons(request, plan, facts.settings.autoApproval);
  return { plan, ...weighed(against, uncovered, { isAskable }), notes: [] };
}

const print = ({ plan, change, reasons, approval, notes }: Foreseen): string =>
  [
    ...(plan === undefined ? [] : [change === undefined ? printPlan(plan) : printAmendment(plan, change)]),
    ...printReasons('Refused', reasons),
    ...printReasons('Waits for an approver', approval),
    ...notes.map((note) => printable(`Note: ${note}`)),
  ].join('\n');

const printReasons = (title: string, reasons: readonly Reason[]): readonly string[] =>
  reasons.length === 0 ? [] : [`${title}:`, ...reasons.map((reason) => `  ${reasonText(reason)}`)];
