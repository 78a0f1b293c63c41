/** What the signatures in a register are worth, as they can be checked here. */
import type { ApprovalSettings } from '../../domain/admission-settings.js';
import type { Fact, Reason } from '../../domain/fact.js';
import type { Instant } from '../../domain/values.js';
import { type AnswerClaims, judgeAnswer } from '../approval/answer.js';

/** By the sequence of the fact that holds the signature, in words. */
export type SignatureWords = ReadonlyMap<number, string>;

/** Checks each answer in `facts` against the keys of `approvals`, as of the time it was recorded. */
export async function checkSignatures(
  facts: readonly Fact[],
  approvals: Pick<ApprovalSettings, 'approvers'>,
): Promise<SignatureWords> {
  const words = new Map<number, string>();
  let at: Instant | undefined;
  for (const fact of facts) {
    // Nothing was recorded before what stands before it, whatever hour it names.
    at = at === undefined || at < fact.at ? fact.at : at;
    const answer = answerIn(fact);
    const asked = facts.find(({ seq }) => seq === answer?.of);
    if (answer === undefined || asked === undefined) continue;
    words.set(fact.seq, await wordsFor(answer, { asked, at }, approvals));
  }
  return words;
}

interface SignedAnswer {
  readonly of: number;
  readonly by: string;
  readonly jws: string;
  /** What the fact says that was signed. */
  readonly decision: AnswerClaims['decision'];
}

function answerIn({ kind, data }: Fact): SignedAnswer | undefined {
  if (kind !== 'approved' && kind !== 'declined') return undefined;
  const { of, by, jws } = data;
  const decision = kind === 'approved' ? 'approve' : 'decline';
  return jws === undefined ? undefined : { of, by, jws, decision };
}

/** A key that was replaced and taken out since is no forger's. */
const notValid = (by: string, { code, message }: Reason): string =>
  code === 'BAD_SIGNATURE'
    ? `signed, but not by a key of ${by} that is configured now`
    : `SIGNATURE NOT VALID: ${message}`;

async function wordsFor(
  { of, by, jws, decision }: SignedAnswer,
  { asked, at }: { readonly asked: Fact; readonly at: Instant },
  approvals: Pick<ApprovalSettings, 'approvers'>,
): Promise<string> {
  if (asked.kind !== 'requested' && asked.kind !== 'amendment-requested')
    return 'SIGNED FOR SOMETHING THAT NOBODY ASKED FOR';
  if (!approvals.approvers.some(({ id }) => id === by))
    return `signed; not checked, since no key of ${by} is configured here`;
  const { planHash, request } = asked.data;
  const subject = { contractId: asked.contractId, planHash, of, requestedBy: request.requestedBy };
  const verdict = await judgeAnswer(jws, subject, at, approvals);
  if (!verdict.ok) return notValid(by, verdict.reason);
  const { decision: said, expires, reason } = verdict.claims;
  // Whoever can write the register has signatures at hand, and may put one where it says something else.
  if (verdict.by !== by) return `SIGNATURE NOT VALID: it is by ${verdict.by}`;
  if (said !== decision) return `SIGNATURE NOT VALID: ${by} signed "${said}"`;
  return `signature checked with the configured key; good until ${expires}${reason === '' ? '' : `; "${reason}"`}`;
}
