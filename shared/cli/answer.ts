/** `leasehold approve <contractId>` and `leasehold decline <contractId>`: shows what waits, and posts a signed answer. */
import { Command } from 'commander';
import type { JWK } from 'jose';
import { type AnswerClaims, judgeAnswer, signAnswer } from '../app/approval/answer.js';
import { type OpenQuestion, openQuestion } from '../app/approval/open-question.js';
import { printAmendment, printPlan } from '../app/plan/print-plan.js';
import { printable } from '../app/printable.js';
import { loadContract } from '../app/register/register.js';
import type { Approver } from '../domain/admission-settings.js';
import type { Reason } from '../domain/fact.js';
import { addSeconds, earlierOf, type Instant, parseContractId, parseInstant } from '../domain/values.js';
import { confirm } from './confirm.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { publicPartOf, readPrivateKey } from './keys.js';
import { operatorFrom } from './operator.js';
import { eventFromHere, postFromHere } from './wish.js';

interface AnswerOptions extends RegisterOptions {
  readonly key: string;
  readonly as?: string;
  readonly reason?: string;
  readonly expires?: string;
  readonly yes?: boolean;
}
type Decision = AnswerClaims['decision'];

/** An answer that did not arrive by then is given again, after another look. */
const GOOD_FOR_SECONDS = 86_400;
/** What an event may carry. Source: shared/schemas/onboarding-approved.schema.json. */
const MAX_JWS_CHARACTERS = 4096;

export const approveCommand = (): Command =>
  answerCommand('approve', 'show what waits for an approver, sign yes to exactly that, and post it');

export const declineCommand = (): Command =>
  answerCommand('decline', 'show what waits for an approver, sign no for good, and post it');

function answerCommand(decision: Decision, description: string): Command {
  return withRegisterOptions(new Command(decision))
    .description(description)
    .argument('<contractId>')
    .requiredOption('--key <file>', 'private key as a JWK, such as leasehold keygen makes')
    .option('--as <approver>', 'who answers, as LEASEHOLD_APPROVERS names him; default: the kid of the key')
    .option('--reason <text>', 'why, in your words')
    .option('--expires <instant>', 'until when the answer is good; default: a day from now')
    .option('--yes', 'do not ask')
    .action((id: string, options: AnswerOptions) => answer(id, decision, options));
}

async function answer(id: string, decision: Decision, options: AnswerOptions): Promise<void> {
  const contractId = parseContractId(id);
  if (decision === 'decline' && (options.reason ?? '') === '')
    throw new Error('say why, with --reason: it is what the requester is told');
  const key = readPrivateKey(options.key);
  const approver = options.as ?? key.kid;
  if (approver === undefined) throw new Error('the key has no kid: say who answers, with --as');

  const operator = await operatorFrom(options);
  const { config, ports } = operator;
  const now = ports.clock.now();
  const question = openQuestion(await loadContract(contractId, ports.evidence), now);
  console.log(printQuestion(question));
  const claims: AnswerClaims = {
    contractId,
    planHash: question.plan.planHash,
    of: question.terms.seq,
    decision,
    expires: expiryOf(options.expires, question, now),
    reason: options.reason ?? '',
  };
  const known = config.settings.approvals.approvers;
  const jws = await sign(claims, { id: approver, key }, { question, now, known });
  if (options.yes !== true) await confirm(`${decision} this as ${approver}?`);

  const said = decision === 'approve' ? 'approved' : 'declined';
  const event = eventFromHere(decision, `partner.onboarding.${said}`, { contractId, jws }, operator);
  await postFromHere(event, operator);
  console.log(
    `\nposted ${event.type} for ${contractId}; "leasehold show ${contractId}" tells what became of it`,
  );
}

const expiryOf = (text: string | undefined, { until }: OpenQuestion, now: Instant): Instant =>
  text === undefined ? earlierOf(addSeconds(now, GOOD_FOR_SECONDS), until) : parseInstant(text);

/** Signs, and judges the signature as Leasehold will: what would be refused there is not sent. */
async function sign(
  claims: AnswerClaims,
  { id, key }: { readonly id: string; readonly key: JWK },
  context: { readonly question: OpenQuestion; readonly now: Instant; readonly known: readonly Approver[] },
): Promise<string> {
  const jws = await signAnswer(claims, id, key);
  if (jws.length > MAX_JWS_CHARACTERS)
    throw new Error(
      `the reason is too long: with it the signed answer has ${jws.length} characters, and an event takes ${MAX_JWS_CHARACTERS}`,
    );
  const { contractId, planHash, of } = claims;
  const { requestedBy } = context.question.terms.request;
  const own: Approver = { id, key: { ...publicPartOf(key) } };
  // Where this machine is not told who may approve, only Leasehold can say whether this key may.
  const approvers = context.known.length > 0 ? context.known : [own];
  const verdict = await judgeAnswer(jws, { contractId, planHash, of, requestedBy }, context.now, {
    approvers,
  });
  if (!verdict.ok) throw new Error(`${verdict.reason.message}${hintAt(verdict.reason, id)}`);
  return jws;
}

const hintAt = ({ code }: Reason, id: string): string =>
  code === 'UNKNOWN_APPROVER'
    ? `: LEASEHOLD_APPROVERS, as it is set here, has no ${id}; --as tells who answers`
    : '';

function printQuestion({ terms, plan, change, reasons, until }: OpenQuestion): string {
  return [
    change === undefined ? printPlan(plan) : printAmendment(plan, change),
    '',
    printable(
      `${terms.revision === 0 ? 'Asked for' : `Revision ${terms.revision}, asked for`} by ${terms.request.requestedBy}; open until ${until}. It waits because`,
    ),
    ...reasons.map(({ pointer, message }) => printable(`  ${message} (${pointer || '/'})`)),
  ].join('\n');
}
