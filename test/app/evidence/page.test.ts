import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signAnswer } from '../../../shared/app/approval/answer.js';
import { checkSignatures } from '../../../shared/app/evidence/answers.js';
import { code, plain, verbatim } from '../../../shared/app/evidence/markdown.js';
import { evidencePage } from '../../../shared/app/evidence/page.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import type { Refusal } from '../../../shared/app/telling/refusals.js';
import { publicPartOf } from '../../../shared/cli/keys.js';
import type { Fact } from '../../../shared/domain/fact.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { newSigner } from '../../support/approvers.js';
import { CONTRACT, chainOf, type Written } from '../../support/chains.js';
import { NOW, OWNER, request } from '../../support/requests.js';

const planHashOf = (asked: OnboardingRequest) => planAccess(asked, OWNER).planHash;
const event = { source: 'contracts.a.example', id: 'evt-1', contentHash: 'c'.repeat(64) };
const proof = {
  right: 'alikafka:ListTopic on acs:alikafka:*:1:x',
  verdict: 'proven',
  how: 'GetTopicList worked',
} as const;
const unprovable = {
  right: 'alikafka:Publish on *',
  verdict: 'unprovable',
  how: 'no read call shows it',
} as const;

const requested = (asked = request()): Written => ({
  kind: 'requested',
  data: { event, request: asked, owner: OWNER, roleName: roleNameOf(CONTRACT), planHash: planHashOf(asked) },
});
const approved = (rest: { by: string; jws?: string }): Written => ({
  kind: 'approved',
  data: { of: 1, planHash: planHashOf(request()), ...rest },
});
const life: readonly Written[] = [
  requested(),
  approved({ by: 'auto-approval' }),
  { kind: 'granting', data: { nonce: 'n', externalId: 'x', verifierExternalId: 'v' } },
  {
    kind: 'role-created',
    data: { roleId: '3000', policies: ['p-1'] },
    by: 'grant-access',
    calls: [
      { action: 'ram:CreateRole', requestId: 'AAAA-1' },
      { action: 'ram:CreatePolicy', requestId: 'AAAA-2' },
    ],
  },
  { kind: 'verified', data: { proofs: [proof, unprovable] } },
  { kind: 'activated', data: { roleArn: 'acs:ram::1:role/r', proofs: [proof] } },
  {
    kind: 'suspending',
    data: { event, suspension: 's-1', by: 'security@a.example', reason: 'an incident' },
  },
  {
    kind: 'suspended',
    data: { suspension: 's-1', timeToDenySeconds: 0.5, witness: 'w', unseen: ['open connections'] },
  },
  { kind: 'resuming', data: { event, suspension: 's-1', by: 'security@a.example', reason: 'it is over' } },
  { kind: 'resumed', data: { suspension: 's-1', remaining: [], proofs: [] } },
  {
    kind: 'drift-found',
    data: {
      findings: [{ code: 'FOREIGN_POLICY', message: 'policy P was put on the role' }],
      action: 'healed',
      fingerprint: 'f',
      who: 'by hand, outside Leasehold',
    },
  },
  { kind: 'ending', data: { reason: 'terminated', detail: 'the contract is over', by: 'legal@a.example' } },
  {
    kind: 'cut',
    data: { timeToDenySeconds: 1.25, witness: 'a live session worked', unseen: ['open connections'] },
  },
  { kind: 'removed', data: { tokenDeath: 'a live token was refused', foreign: ['role other'] } },
  { kind: 'ended', data: { reason: 'terminated', detail: 'the contract is over' } },
];
const refusal: Refusal = {
  at: NOW,
  event: { source: 'contracts.a.example', id: 'too|late' },
  reasons: [{ code: 'STALE_REVISION', pointer: '/data/revision', message: 'state a higher one' }],
};
const pageOf = (facts: readonly Fact[], signatures: ReadonlyMap<number, string> = new Map()) =>
  evidencePage({ contractId: CONTRACT, facts, signatures, refusals: [refusal] });
const page = pageOf(chainOf(life));
const sectionOf = (title: string, text = page) => text.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('the evidence page', () => {
  it.each([
    ['Who asked, and who decided', 'requested by contracts@a.example'],
    ['Who asked, and who decided', 'approved by auto-approval'],
    ['Who asked, and who decided', planHashOf(request())],
    ['The plan', `Plan hash  ${planHashOf(request())}`],
    ['What was done in the cloud', '| grant-access | ram:CreateRole | `AAAA-1` |'],
    ['What was done in the cloud', '| grant-access | ram:CreatePolicy | `AAAA-2` |'],
    ['What was seen', '| proven | GetTopicList worked |'],
    ['Suspensions', 'security@a.example: an incident'],
    ['Drift', 'FOREIGN\\_POLICY: policy P was put on the role | healed |'],
    [
      'What was refused',
      `| ${NOW} | too\\|late from contracts.a.example | STALE\\_REVISION at /data/revision: state a higher one |`,
    ],
    ['The end', 'wanted by legal@a.example'],
    ['The end', 'time to deny: 1.25 s'],
    ['The end', 'a live token was refused'],
    ['The end', 'not ours, left as it is: role other'],
    ['What could not be seen', 'alikafka:Publish on \\*: no read call shows it'],
    ['What could not be seen', 'open connections'],
    ['How to check this', '`leasehold verify C-2026-0142.json`'],
  ])('tells under "%s": %s', (title, text) => {
    expect(sectionOf(title)).toContain(text);
  });

  it('has every fact in its timeline, and its last hash at the top', () => {
    const facts = chainOf(life);
    for (const { seq, at, kind } of facts)
      expect(sectionOf('Timeline')).toContain(`| ${seq} | ${at} | ${kind} |`);
    expect(page.split('\n## ')[0]).toContain(facts.at(-1)?.hash);
  });

  it('says so where an end was begun and is not seen', () => {
    const text = pageOf(chainOf(life.slice(0, 12)));
    expect(sectionOf('The end', text)).toMatch(/NOT YET SEEN[\s\S]*NOT YET removed[\s\S]*NOT YET ended/);
  });

  it('prints no plan that is not the one that was approved', () => {
    const old = {
      ...requested(),
      data: { ...(requested().data as object), planHash: 'd'.repeat(64) },
    } as Written;
    const text = pageOf(chainOf([old]));
    expect(sectionOf('The plan', text)).toContain('would make another plan');
    expect(text).not.toContain('Plan hash');
  });

  it('says of a plan that it was approved only where it was', () => {
    const planOf = (...facts: readonly Written[]) => sectionOf('The plan', pageOf(chainOf(facts)));
    expect(planOf(requested(), approved({ by: 'auto-approval' }))).toContain('its hash is what was approved');
    const question = { of: 1, planHash: planHashOf(request()), until: NOW, reasons: [] };
    const waiting = planOf(requested(), { kind: 'awaiting-approval', data: question });
    expect(waiting).toContain('NOT approved');
    expect(waiting).not.toContain('what was approved');
  });

  it('is about the last request; earlier ones stand in the timeline', () => {
    const failed: Written = {
      kind: 'failed',
      data: { step: 'GrantAccess', code: 'DeniedError', next: 'mend it' },
    };
    const text = pageOf(
      chainOf([requested(request({ requestedBy: 'first@a.example' })), failed, requested()]),
    );
    expect(sectionOf('Who asked, and who decided', text)).not.toContain('first@a.example');
    expect(sectionOf('Timeline', text)).toContain('first@a.example');
  });

  it('tells of a contract that was never requested', () => {
    const text = pageOf(chainOf([{ kind: 'ending', data: { reason: 'terminated', detail: 'x' } }]));
    expect(text).toContain('# Evidence for contract C-2026-0142');
    expect(text).not.toContain('## The plan');
  });
});

describe('a signature on the evidence page', () => {
  type Decision = 'approve' | 'decline';
  const facts = async (id: string, planHash = planHashOf(request()), decision: Decision = 'approve') => {
    const signer = await newSigner(id);
    const claims = {
      contractId: CONTRACT,
      planHash,
      of: 1,
      decision,
      expires: addSeconds(NOW, 3600),
      reason: 'as agreed',
    } as const;
    const jws = await signAnswer(claims, signer.id, signer.key);
    return { chain: chainOf([requested(), approved({ by: id, jws })]), signer };
  };

  it('is checked where its key is configured', async () => {
    const { chain, signer } = await facts('boss@a.example');
    const approvers = [{ id: signer.id, key: { ...publicPartOf(signer.key) } }];
    const text = pageOf(chain, await checkSignatures(chain, { approvers }));
    expect(text).toMatch(
      /approved by boss@a\.example; signature checked with the configured key; .*"as agreed"/,
    );
  });

  it('is said to be by no key that is configured now, where its approver has another by now', async () => {
    const { chain, signer } = await facts('boss@a.example');
    const next = await newSigner('boss@a.example');
    const keyOf = ({ id, key }: typeof signer) => ({ id, key: { ...publicPartOf(key) } });
    const shown = pageOf(chain, await checkSignatures(chain, { approvers: [keyOf(next)] }));
    expect(shown).toContain('signed, but not by a key of boss@a.example that is configured now');
    expect(shown).not.toContain('NOT VALID');
    const both = await checkSignatures(chain, { approvers: [keyOf(next), keyOf(signer)] });
    expect(pageOf(chain, both)).toContain('signature checked with the configured key');
  });

  it('is said to be unchecked where it is not, and invalid where it is', async () => {
    const { chain } = await facts('boss@a.example');
    expect(pageOf(chain, await checkSignatures(chain, { approvers: [] }))).toContain('not checked');
    const { chain: forged, signer } = await facts('boss@a.example', 'e'.repeat(64));
    const approvers = [{ id: signer.id, key: { ...publicPartOf(signer.key) } }];
    expect(pageOf(forged, await checkSignatures(forged, { approvers }))).toContain('SIGNATURE NOT VALID');
  });

  /** Whoever can write the register has signatures at hand that say something else. */
  it('is said to be invalid where it says no, and stands under a yes', async () => {
    const { chain, signer } = await facts('boss@a.example', undefined, 'decline');
    const approvers = [{ id: signer.id, key: { ...publicPartOf(signer.key) } }];
    const text = pageOf(chain, await checkSignatures(chain, { approvers }));
    expect(text).toContain('SIGNATURE NOT VALID: boss@a.example signed "decline"');
    expect(text).not.toContain('signature checked');
  });

  it('is said to be invalid where it was good no more when it was asked for, whatever hour it is recorded for', async () => {
    const { chain, signer } = await facts('boss@a.example');
    const [asked, yes] = chain as readonly [Fact, Fact];
    const approvers = [{ id: signer.id, key: { ...publicPartOf(signer.key) } }];
    const forged = [{ ...asked, at: addSeconds(NOW, 7200) }, yes];
    const text = pageOf(forged, await checkSignatures(forged, { approvers }));
    expect(text).toContain('SIGNATURE NOT VALID: the answer was good until');
  });

  it('is said to be invalid where another signed than the one who is named', async () => {
    const { chain, signer } = await facts('clerk@a.example');
    const [asked, yes] = chain as readonly [Fact, Extract<Fact, { readonly kind: 'approved' }>];
    const forged = [asked, { ...yes, data: { ...yes.data, by: 'boss@a.example' } }];
    const boss = await newSigner('boss@a.example');
    const approvers = [signer, boss].map(({ id, key }) => ({ id, key: { ...publicPartOf(key) } }));
    const text = pageOf(forged, await checkSignatures(forged, { approvers }));
    expect(text).toContain('SIGNATURE NOT VALID: it is by clerk@a.example');
    expect(text).not.toContain('signature checked');
  });
});

describe('text from outside', () => {
  it('never lays out the page', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const shown = plain(text);
        expect(shown).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(shown.replace(/\\./g, '')).not.toMatch(/[`*_[\]<>#|~!&]/);
        expect(code(text)).toMatch(/^`[^`|\n\r]*`$/);
      }),
    );
  });

  it('leaves no block of code, wherever a reader of Markdown ends a line', () => {
    const text = 'a\r## The end\r\n- ended\u2028## x\u2029y\nz';
    expect(
      verbatim(text).filter((line) => line !== '' && !/^ {4}\S[^\n\r\u2028\u2029]*$/.test(line)),
    ).toEqual([]);
  });

  it('makes no link of an address', () => {
    expect(plain('https://b.example/x')).not.toContain('://');
    // GitHub makes one of this as well.
    expect(plain('see WWW.b.example/x')).toBe('see WWW\\.b.example/x');
  });
});

/** Whoever holds the key of a function may chain what he likes, and the page is drawn from it all the same. */
describe('a register in which somebody has forged a text', () => {
  const FORGED = 'x | y\n\n## Forged\n\n<script>z</script> `code`';
  const CHAINED = new Set(['v', 'seq', 'kind', 'contractId', 'nonce', 'prevHash', 'hash']);
  /** `value` once for each text in it, which is another then, with the path to that. */
  function* forgeriesOf(value: unknown, path = ''): Generator<readonly [string, unknown]> {
    if (typeof value === 'string' || typeof value === 'number') yield [path, FORGED];
    if (typeof value !== 'object' || value === null) return;
    for (const [key, one] of Object.entries(value)) {
      for (const [at, forged] of forgeriesOf(one, `${path}/${key}`))
        yield [at, Array.isArray(value) ? value.with(Number(key), forged) : { ...value, [key]: forged }];
    }
  }
  const left = {
    type: 'user',
    name: 'etl',
    given: ['a key'],
    next: 'delete it',
    made: { id: 'u', by: CONTRACT },
  } as const;
  const whole: readonly Written[] = [
    ...life.slice(0, -3),
    { kind: 'grantee-released', data: { users: ['etl'], roles: [], leftBehind: [left] } },
    { kind: 'drift-gone', data: { how: 'healed' } } as Written,
    {
      kind: 'amendment-requested',
      data: {
        event,
        revision: 1,
        request: request(),
        planHash: planHashOf(request()),
        change: { widens: ['w'], narrows: [] },
      },
    },
    { kind: 'amendment-dropped', data: { revision: 1, reasons: [] } },
    ...life.slice(-3),
  ];
  const written = chainOf(whole).map(
    ({ v: _, seq: __, nonce: ___, prevHash: ____, hash: _____, ...fact }) => fact,
  );
  const forgeries = [...forgeriesOf(written)].filter(([at]) => !CHAINED.has(at.split('/')[2] ?? ''));

  it('shows it as text, or shows no page, whichever text it is', () => {
    const laidOut = forgeries.filter(([, forged]) => {
      const text = unlessRefused(() => pageOf(chainOf(forged as readonly Written[])));
      return text !== undefined && /^## Forged|<script>|^\| x \| y/m.test(asLaidOut(text));
    });
    expect(forgeries.length).toBeGreaterThan(60);
    expect(laidOut.map(([at]) => at)).toEqual([]);
  });
});

/** Without blocks and spans of code, in which nothing is laid out, and what is escaped. */
const asLaidOut = (text: string): string =>
  text
    .replace(/^ {4}.*$/gm, '')
    .replace(/\\./g, '')
    .replace(/`[^`\n]*`/g, '');

/** What cannot be read at all is no page. */
function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
