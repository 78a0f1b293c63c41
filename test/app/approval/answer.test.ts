import { createSign, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { algorithmsOf } from '../../../shared/app/approval/algorithms.js';
import {
  type AnswerClaims,
  type AnswerSubject,
  judgeAnswer,
  signAnswer,
} from '../../../shared/app/approval/answer.js';
import { publicPartOf } from '../../../shared/cli/keys.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { CONTRACT } from '../../support/chains.js';
import { NOW } from '../../support/requests.js';

const BOSS = 'boss@a.example';
const subject: AnswerSubject = {
  contractId: CONTRACT,
  planHash: 'a'.repeat(64),
  of: 1,
  requestedBy: 'contracts@a.example',
};
const claims = (changes: Partial<AnswerClaims> = {}): AnswerClaims => ({
  contractId: CONTRACT,
  planHash: subject.planHash,
  of: 1,
  decision: 'approve',
  expires: addSeconds(NOW, 3600),
  reason: 'as agreed',
  ...changes,
});
const newKey = async (alg: string): Promise<JWK> =>
  exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey);
const approversOf = (key: JWK, id = BOSS) => ({ approvers: [{ id, key: { ...publicPartOf(key) } }] });

let boss: JWK;
let stranger: JWK;
beforeAll(async () => {
  [boss, stranger] = await Promise.all([newKey('ES256'), newKey('ES256')]);
});

const judge = (jws: string, about: Partial<AnswerSubject> = {}, at = NOW) =>
  judgeAnswer(jws, { ...subject, ...about }, at, approversOf(boss));
const codeOf = async (jws: string, about: Partial<AnswerSubject> = {}, at = NOW) => {
  const verdict = await judge(jws, about, at);
  return verdict.ok ? 'ok' : verdict.reason.code;
};
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** As somebody would who chooses header and payload himself. */
const signRaw = async (header: { alg: string; kid?: string }, payload: unknown, key: JWK) =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader(header)
    .sign(await importJWK(key, header.alg));

describe('an answer by a configured approver', () => {
  it.each(['ES256', 'ES384', 'EdDSA', 'PS256'])('is believed with a key for %s', async (alg) => {
    const key = await newKey(alg);
    const jws = await signAnswer(claims(), BOSS, key);
    const verdict = await judgeAnswer(jws, subject, NOW, approversOf(key));
    expect(verdict).toEqual({ ok: true, by: BOSS, claims: claims() });
  });

  it('says no as it says yes', async () => {
    const verdict = await judge(await signAnswer(claims({ decision: 'decline' }), BOSS, boss));
    expect(verdict).toMatchObject({ ok: true, claims: { decision: 'decline' } });
  });

  it('is good until it expires, and not from then on', async () => {
    const jws = await signAnswer(claims(), BOSS, boss);
    expect(await codeOf(jws, {}, addSeconds(NOW, 3599))).toBe('ok');
    expect(await codeOf(jws, {}, addSeconds(NOW, 3600))).toBe('ANSWER_EXPIRED');
  });

  it.each([
    ['another plan', { planHash: 'b'.repeat(64) }, 'PLAN_CHANGED'],
    ['another request of the contract', { of: 2 }, 'PLAN_CHANGED'],
    ['another contract', { contractId: 'C-other' as typeof CONTRACT }, 'OTHER_CONTRACT'],
    ['what he asked for himself', { requestedBy: BOSS }, 'OWN_REQUEST'],
    [
      'what he asked for himself, spelled otherwise',
      { requestedBy: ` ${BOSS.toUpperCase()} ` },
      'OWN_REQUEST',
    ],
  ] as const)('is refused for %s', async (_, about, code) => {
    expect(await codeOf(await signAnswer(claims(), BOSS, boss), about)).toBe(code);
  });
});

describe('an approver with several keys', () => {
  const keysOf = (...keys: readonly JWK[]) => ({
    approvers: keys.flatMap((key) => approversOf(key).approvers),
  });
  const codeWith = async (signer: JWK, ...keys: readonly JWK[]) => {
    const verdict = await judgeAnswer(
      await signAnswer(claims(), BOSS, signer),
      subject,
      NOW,
      keysOf(...keys),
    );
    return verdict.ok ? 'ok' : verdict.reason.code;
  };

  it('is believed with each of them, in whatever order and of whatever kind they are', async () => {
    const [next, third] = await Promise.all([newKey('ES256'), newKey('EdDSA')]);
    for (const signer of [boss, next, third]) {
      expect(await codeWith(signer, boss, next, third)).toBe('ok');
      expect(await codeWith(signer, third, next, boss)).toBe('ok');
    }
  });

  it('is not believed with one that is none of them', async () => {
    expect(await codeWith(stranger, boss, await newKey('ES256'))).toBe('BAD_SIGNATURE');
  });
});

describe('an answer that is not what it seems', () => {
  it('is refused when it names nobody who may approve', async () => {
    expect(await codeOf(await signAnswer(claims(), 'nobody@a.example', boss))).toBe('UNKNOWN_APPROVER');
    expect(await codeOf(await signRaw({ alg: 'ES256' }, claims(), boss))).toBe('UNKNOWN_APPROVER');
  });

  it('is refused when another key signed it', async () => {
    expect(await codeOf(await signAnswer(claims(), BOSS, stranger))).toBe('BAD_SIGNATURE');
  });

  it('is refused without a signature', async () => {
    const header = base64({ alg: 'none', kid: BOSS });
    expect(await codeOf(`${header}.${base64(claims())}.`)).toBe('BAD_SIGNATURE');
  });

  it('is refused when the public key is used as a shared secret', async () => {
    const secret: JWK = { kty: 'oct', k: base64(publicPartOf(boss)) };
    expect(await codeOf(await signRaw({ alg: 'HS256', kid: BOSS }, claims(), secret))).toBe('BAD_SIGNATURE');
  });

  it('is refused under another algorithm than its key is for', async () => {
    const other = await newKey('ES384');
    expect(await codeOf(await signRaw({ alg: 'ES384', kid: BOSS }, claims(), other))).toBe('BAD_SIGNATURE');
  });

  it('is refused when the payload of one is put under the signature of another', async () => {
    const [header, , signature] = (await signAnswer(claims({ decision: 'decline' }), BOSS, boss)).split('.');
    expect(await codeOf([header, base64(claims()), signature].join('.'))).toBe('BAD_SIGNATURE');
  });

  it.each([
    ['no plan', { planHash: undefined }],
    ['no end', { expires: undefined }],
    ['an end without a zone', { expires: '2026-12-02T00:00:00' }],
    ['another decision', { decision: 'perhaps' }],
    ['a text for the sequence', { of: '1' }],
    ['a fraction for the sequence', { of: 1.5 }],
  ])('is refused with %s, though signed', async (_, changes) => {
    const payload = { ...claims(), ...changes };
    expect(await codeOf(await signRaw({ alg: 'ES256', kid: BOSS }, payload, boss))).toBe('BAD_SIGNATURE');
  });

  it.each(['', '.', '..', 'a.b.c', 'nonsense', `${'x'.repeat(4000)}.y.z`])(
    'is refused as %j, and nothing is thrown',
    async (text) => {
      expect(await codeOf(text)).toBe('UNKNOWN_APPROVER');
    },
  );

  it('says nothing else, whichever of its characters is another', async () => {
    const jws = await signAnswer(claims(), BOSS, boss);
    const change = fc.record({
      at: fc.nat({ max: jws.length - 1 }),
      to: fc.constantFrom(...'ABCDwxyz0189-_.'),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        fc.pre(jws[at] !== to);
        const verdict = await judge(`${jws.slice(0, at)}${to}${jws.slice(at + 1)}`);
        // The last character holds bits that are none of the signature's.
        if (verdict.ok) expect([at, verdict.claims]).toEqual([jws.length - 1, claims()]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a weak key', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const key = weak.privateKey.export({ format: 'jwk' }) as JWK;

  it('signs nothing', async () => {
    await expect(signAnswer(claims(), BOSS, key)).rejects.toMatchObject({ code: 'BAD_KEY' });
    await expect(signAnswer(claims(), BOSS, publicPartOf(boss))).rejects.toMatchObject({ code: 'BAD_KEY' });
  });

  it('is not believed, even where it was configured', async () => {
    const head = `${base64({ alg: 'RS256', kid: BOSS })}.${base64(claims())}`;
    const signature = createSign('sha256').update(head).sign(weak.privateKey).toString('base64url');
    const verdict = await judgeAnswer(`${head}.${signature}`, subject, NOW, approversOf(key));
    expect(verdict).toMatchObject({ ok: false, reason: { code: 'BAD_SIGNATURE' } });
  });

  it.each([
    { kty: 'oct', k: 'x'.repeat(43) },
    { kty: 'EC', crv: 'secp256k1' },
    { kty: 'OKP', crv: 'X25519' },
    { kty: 'RSA' },
  ])('of another kind can do nothing: %o', (jwk) => {
    expect(algorithmsOf(jwk)).toEqual([]);
  });
});
