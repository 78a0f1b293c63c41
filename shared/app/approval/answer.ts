/** What an approver signs, and whether a signature is worth anything. */
import { CompactSign, compactVerify, decodeProtectedHeader, errors, importJWK, type JWK } from 'jose';
import type { ApprovalSettings, Approver } from '../../domain/admission-settings.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import { type ContractId, type Instant, parseInstant } from '../../domain/values.js';
import { algorithmsOf } from './algorithms.js';

/** The payload of the JWS. Each answer is good for one plan of one request, and for a time. */
export interface AnswerClaims {
  readonly contractId: ContractId;
  readonly planHash: string;
  /** Sequence, in the contract's register, of the request that is answered: a later request wants its own answer. */
  readonly of: number;
  readonly decision: 'approve' | 'decline';
  readonly expires: Instant;
  /** Why, in the approver's words. */
  readonly reason: string;
}

export interface Answered {
  readonly by: string;
  readonly claims: AnswerClaims;
}
export type AnswerVerdict =
  | ({ readonly ok: true } & Answered)
  | { readonly ok: false; readonly reason: Reason };

/** What the answer must be about. */
export interface AnswerSubject {
  readonly contractId: ContractId;
  readonly planHash: string;
  readonly of: number;
  readonly requestedBy: string;
}

/**
 * Signs `claims` with a private JWK.
 * @throws {InvalidRequestError} `BAD_KEY` for a key that cannot sign what would be believed
 */
export async function signAnswer(claims: AnswerClaims, approver: string, privateKey: JWK): Promise<string> {
  const [alg] = algorithmsOf(privateKey);
  if (alg === undefined || privateKey.d === undefined)
    throw new InvalidRequestError(
      'BAD_KEY',
      'the key must be a private JWK: EC P-256 or P-384, Ed25519, or RSA of at least 2,048 bits',
    );
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg, kid: approver })
    .sign(await importJWK(privateKey, alg));
}

/**
 * Whether `jws` is a valid answer to `subject`, given `at`: by a configured approver who is not the requester, about this
 * very plan of this very request, and not expired. Pure but for the arithmetic of signatures.
 */
export async function judgeAnswer(
  jws: string,
  subject: AnswerSubject,
  at: Instant,
  { approvers }: Pick<ApprovalSettings, 'approvers'>,
): Promise<AnswerVerdict> {
  const keys = keysFor(jws, approvers);
  const [approver] = keys;
  if (approver === undefined)
    return refused('UNKNOWN_APPROVER', 'the signature names nobody who may approve');
  const claims = (await Promise.all(keys.map((key) => claimsIn(jws, key)))).find((one) => one !== undefined);
  if (claims === undefined) {
    return refused(
      'BAD_SIGNATURE',
      `the signature is not by ${approver.id}, or what it signs cannot be read`,
    );
  }
  if (isSamePerson(approver.id, subject.requestedBy))
    return refused('OWN_REQUEST', `${approver.id} asked for this and cannot approve it`);
  if (claims.contractId !== subject.contractId)
    return refused('OTHER_CONTRACT', `the answer is about contract ${claims.contractId}`);
  if (claims.of !== subject.of || claims.planHash !== subject.planHash)
    return refused('PLAN_CHANGED', 'the answer is about another plan than the one that waits for an answer');
  if (claims.expires <= at) return refused('ANSWER_EXPIRED', `the answer was good until ${claims.expires}`);
  return { ok: true, by: approver.id, claims };
}

const refused = (code: string, message: string): AnswerVerdict => ({
  ok: false,
  reason: { code, pointer: '/data/jws', message },
});

const isSamePerson = (left: string, right: string): boolean =>
  left.trim().toLowerCase() === right.trim().toLowerCase();

/** The header is read before it is believed: it only says whose keys to try. He has several while one takes another's place. */
function keysFor(jws: string, approvers: readonly Approver[]): readonly Approver[] {
  try {
    const { kid } = decodeProtectedHeader(jws);
    return approvers.filter(({ id }) => id === kid);
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

async function claimsIn(jws: string, { key }: Approver): Promise<AnswerClaims | undefined> {
  try {
    const alg = decodeProtectedHeader(jws).alg ?? '';
    if (!algorithmsOf(key).includes(alg)) return undefined;
    const { payload } = await compactVerify(jws, await importJWK(key as JWK, alg));
    return claimsOf(JSON.parse(new TextDecoder().decode(payload)));
  } catch (error) {
    // Whatever a stranger may send ends here: no signature, a foreign key or algorithm, a payload of another form.
    const isTheirs =
      error instanceof errors.JOSEError ||
      error instanceof SyntaxError ||
      error instanceof TypeError ||
      error instanceof InvalidRequestError;
    if (isTheirs) return undefined;
    throw error;
  }
}

function claimsOf(value: Readonly<Record<string, unknown>>): AnswerClaims | undefined {
  const { contractId, planHash, of, decision, expires, reason } = value;
  const isWhole =
    typeof contractId === 'string' &&
    typeof planHash === 'string' &&
    Number.isSafeInteger(of) &&
    (decision === 'approve' || decision === 'decline') &&
    typeof expires === 'string' &&
    typeof reason === 'string';
  return isWhole ? ({ ...value, expires: parseInstant(expires) } as unknown as AnswerClaims) : undefined;
}
