import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  assumeRoleDecision,
  authorize,
  compilePolicies,
  compileTrust,
  type Entrant,
  evaluate,
  formatPolicy,
  formatTrustPolicy,
  globCovers,
  globMatches,
  MalformedPolicyError,
  parsePolicy,
  parseTrustPolicy,
} from '../../shared/policy/index.js';

const table = <Row>(name: string): readonly Row[] =>
  JSON.parse(readFileSync(new URL(`./tables/${name}.json`, import.meta.url), 'utf8'));
const compile = (statements: readonly object[], name = 'p') =>
  compilePolicies([{ name, document: parsePolicy(JSON.stringify({ Version: '1', Statement: statements })) }]);

interface Refused {
  readonly what: string;
  readonly document: object;
  readonly reasons: readonly string[];
}
/** The error that says so, for these reasons and no others: a document may be refused for what nobody meant. */
const refusedFor = (reasons: readonly string[]) =>
  expect.objectContaining({ name: 'MalformedPolicyError', code: 'MalformedPolicyDocument', reasons });

describe('a document with', () => {
  it.each(table<Refused>('grammar'))('$what is refused', ({ document, reasons }) => {
    expect(() => parsePolicy(JSON.stringify(document))).toThrow(refusedFor(reasons));
  });
  it('a Sid on each statement is accepted', () => {
    expect(
      parsePolicy('{"Version":"1","Statement":[{"Sid":"x","Effect":"Allow","Action":"a:B","Resource":"*"}]}'),
    ).toEqual({ version: '1', statements: [{ effect: 'Allow', actions: ['a:B'], resources: ['*'] }] });
  });
  it('faults says all of them in its message', () => {
    expect(() => parsePolicy('{"Version":"2","Statement":[]}')).toThrow(
      /^malformed policy: Version must be "1"; Statement must be a list of at least one statement$/,
    );
  });
  it('faults however long is refused in few words', () => {
    const long = 'x'.repeat(10_000);
    const statement = {
      Effect: 'Allow',
      Action: long,
      Condition: { [long]: { k: 'v' }, Bool: { k: long } },
    };
    const identity = { Version: '1', Statement: [{ ...statement, Resource: '*', [long]: '' }] };
    const trust = { Version: '1', Statement: [{ ...statement, Principal: { RAM: long } }] };
    for (const refusal of [
      refusalOf(() => parsePolicy(JSON.stringify(identity))),
      refusalOf(() => parseTrustPolicy(JSON.stringify(trust))),
    ]) {
      expect(refusal.reasons).toHaveLength(4);
      expect(refusal.message.length).toBeLessThan(600);
    }
  });
});

function refusalOf(parse: () => unknown): MalformedPolicyError {
  try {
    parse();
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error;
  }
  throw new Error('nothing was refused');
}

describe('a trust policy with', () => {
  it.each(table<Refused>('trust-grammar'))('$what is refused', ({ document, reasons }) => {
    expect(() => parseTrustPolicy(JSON.stringify(document))).toThrow(refusedFor(reasons));
  });
  it('a Sid, a condition and principals of each kind is read whole', () => {
    const trust = {
      Sid: 'x',
      Effect: 'Deny',
      Action: 'sts:AssumeRole',
      Principal: {
        RAM: ['acs:ram::1:root', 'acs:ram::2:user/b.o-b_1', 'acs:ram::2:role/etl'],
        Service: '2@eventbridge.aliyuncs.com',
        Federated: 'acs:ram::1:saml-provider/p',
      },
      Condition: { Bool: { 'acs:MFAPresent': 'true' } },
    };
    expect(parseTrustPolicy(JSON.stringify({ Version: '1', Statement: [trust] }))).toEqual({
      version: '1',
      statements: [
        {
          effect: 'Deny',
          actions: ['sts:AssumeRole'],
          principals: {
            ram: trust.Principal.RAM,
            service: ['2@eventbridge.aliyuncs.com'],
            federated: ['acs:ram::1:saml-provider/p'],
          },
          condition: { Bool: { 'acs:MFAPresent': ['true'] } },
        },
      ],
    });
  });
});

describe('a text', () => {
  it.each(['', '{', 'Version: 1'])('%j is refused as no JSON', (text) => {
    expect(() => parsePolicy(text)).toThrow(refusedFor(['not JSON']));
  });
  it.each(['null', '[]', '"x"', '1'])('%j is refused as no JSON object', (text) => {
    expect(() => parseTrustPolicy(text)).toThrow(refusedFor(['not a JSON object']));
  });
});

describe('a document is written with', () => {
  const kinds = {
    identity: (text: string) => formatPolicy(parsePolicy(text)),
    trust: (text: string) => formatTrustPolicy(parseTrustPolicy(text)),
  };
  it.each(
    table<{
      readonly what: string;
      readonly kind: keyof typeof kinds;
      readonly document: object;
      readonly written: object;
    }>('written'),
  )('$what', ({ kind, document, written }) => {
    expect(kinds[kind](JSON.stringify(document))).toBe(JSON.stringify(written));
  });
});

interface Row {
  readonly what: string;
  readonly statements: readonly object[];
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly verdict: string;
}
describe('the verdict', () => {
  it.each(table<Row>('decisions'))('$what', ({ statements, action, resource, context = {}, verdict }) => {
    expect(evaluate(compile(statements), { action, resource, context }).verdict).toBe(verdict);
  });
  it('names the statement of the policy that decided', () => {
    const policies = compile(
      [
        { Effect: 'Allow', Action: 'a:*', Resource: '*' },
        { Effect: 'Deny', Action: 'a:B', Resource: '*' },
      ],
      'mine',
    );
    expect(evaluate(policies, { action: 'a:B', resource: '*', context: {} })).toEqual({
      verdict: 'ExplicitDeny',
      match: { policy: 'mine', statement: 1 },
    });
  });
  it('is asked under one action after another without memory of all', () => {
    const policies = compile([{ Effect: 'Allow', Action: 'a:B1*', Resource: '*' }]);
    const allowed = Array.from({ length: 2_000 }, (_, n) => `${n}`).filter(
      (n) => evaluate(policies, { action: `a:B${n}`, resource: '*', context: {} }).verdict === 'Allow',
    );
    expect(allowed).toHaveLength(1 + 10 + 100 + 1_000);
    expect(allowed.every((n) => n.startsWith('1'))).toBe(true);
    expect(policies.byAction.size).toBeLessThan(1_000);
  });
});

describe('an operator', () => {
  const rows = table<{
    readonly operator: string;
    readonly operand: string;
    readonly value: string;
    readonly holds: boolean;
  }>('operators');
  it.each(rows)('$operator $operand on $value is $holds', ({ operator, operand, value, holds }) => {
    const policies = compile([
      { Effect: 'Allow', Action: 'a:B', Resource: '*', Condition: { [operator]: { k: operand } } },
    ]);
    expect(evaluate(policies, { action: 'a:B', resource: '*', context: { k: value } }).verdict).toBe(
      holds ? 'Allow' : 'ImplicitDeny',
    );
  });
  it('is one of 21, each of which the table has', () => {
    expect(new Set(rows.map((row) => row.operator)).size).toBe(21);
  });
  it.each(
    table<{ readonly operator: string; readonly operand: string; readonly why: string }>('refused-operands'),
  )('$operator does not take "$operand": $why', ({ operator, operand }) => {
    const statement = { Effect: 'Allow', Action: 'a:B', Resource: '*' };
    expect(() => compile([{ ...statement, Condition: { [operator]: { k: ['1', operand] } } }])).toThrow(
      MalformedPolicyError,
    );
    expect(() => compile([{ ...statement, Condition: { [operator]: { k: operand } } }])).toThrow(
      refusedFor([`statement 0: "${operand}" is no operand of ${operator}`]),
    );
  });
  it.each([
    { what: 'that RAM lacks', condition: { Null: { k: ['true'] } } },
    { what: 'that RAM lacks, even without operands', condition: { Null: { k: [] } } },
    { what: 'with an operand of another type among its own', condition: { Bool: { k: ['true', '1'] } } },
  ])('$what is not compiled from a document that no parser saw', ({ condition }) => {
    const statements = [{ effect: 'Allow' as const, actions: ['a:B'], resources: ['*'], condition }];
    expect(() => compilePolicies([{ name: 'p', document: { version: '1', statements } }])).toThrow(
      new RangeError(`${Object.keys(condition)[0]} cannot be compiled`),
    );
  });
});

describe('a glob', () => {
  it.each(table<{ readonly pattern: string; readonly text: string; readonly matches: boolean }>('globs'))(
    '"$pattern" on "$text" is $matches, walked as compiled',
    ({ pattern, text, matches }) => {
      expect(globMatches(pattern, text)).toBe(matches);
      const policies = compile([{ Effect: 'Allow', Action: 'a:B', Resource: pattern }]);
      expect(evaluate(policies, { action: 'a:B', resource: text, context: {} }).verdict).toBe(
        matches ? 'Allow' : 'ImplicitDeny',
      );
    },
  );
  it.each(table<{ readonly outer: string; readonly inner: string; readonly covers: boolean }>('covers'))(
    '"$outer" covers "$inner": $covers',
    ({ outer, inner, covers }) => {
      expect(globCovers(outer, inner)).toBe(covers);
    },
  );
  it('too tangled for the walk covers itself and is not said to cover another', () => {
    const tangled = `*a${'?'.repeat(20)}*b${'*a'.repeat(30)}*b`;
    expect(globCovers(tangled, tangled)).toBe(true);
    // It does, but to find out would take for ever.
    expect(globCovers(`*${tangled}`, tangled)).toBe(false);
  });
});

describe('a resource', () => {
  it.each(table<{ readonly pattern: string; readonly arn: string; readonly matches: boolean }>('arns'))(
    '$pattern on $arn is $matches',
    ({ pattern, arn, matches }) => {
      const policies = compile([{ Effect: 'Allow', Action: 'a:B', Resource: pattern }]);
      expect(evaluate(policies, { action: 'a:B', resource: arn, context: {} }).verdict).toBe(
        matches ? 'Allow' : 'ImplicitDeny',
      );
    },
  );
});

describe('the order of evaluation', () => {
  const asked = { action: 'a:B', resource: '*', context: {} };
  const allow = compile([{ Effect: 'Allow', Action: 'a:B', Resource: '*' }]);
  const deny = compile([{ Effect: 'Deny', Action: 'a:B', Resource: '*' }]);
  const silent = compile([{ Effect: 'Allow', Action: 'x:Y', Resource: '*' }]);

  const match = { policy: 'p', statement: 0 };

  it('ends at a session policy that does not allow', () => {
    expect(authorize(asked, { session: silent, accountLevel: allow })).toStrictEqual({
      effect: 'deny',
      scope: 'SessionPolicy',
      reason: 'ImplicitDeny',
    });
    expect(authorize(asked, { session: deny, accountLevel: allow })).toStrictEqual({
      effect: 'deny',
      scope: 'SessionPolicy',
      reason: 'ExplicitDeny',
      match,
    });
  });
  it('goes on to the account past a session policy that allows', () => {
    expect(authorize(asked, { session: allow, accountLevel: silent })).toStrictEqual({
      effect: 'deny',
      scope: 'AccountLevelIdentityBasedPolicy',
      reason: 'ImplicitDeny',
    });
  });
  it('does not consult a resource group once the account level has spoken', () => {
    expect(authorize(asked, { accountLevel: allow, resourceGroupLevel: deny })).toStrictEqual({
      effect: 'allow',
      scope: 'AccountLevelIdentityBasedPolicy',
      match,
    });
    expect(authorize(asked, { accountLevel: deny, resourceGroupLevel: allow })).toStrictEqual({
      effect: 'deny',
      scope: 'AccountLevelIdentityBasedPolicy',
      reason: 'ExplicitDeny',
      match,
    });
  });
  it('consults the resource group when the account level says nothing', () => {
    expect(authorize(asked, { accountLevel: silent, resourceGroupLevel: allow })).toStrictEqual({
      effect: 'allow',
      scope: 'ResourceGroupLevelIdentityBasedPolicy',
      match,
    });
  });
});

describe('entering a role', () => {
  const assume = compile([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }]);
  const trust = (principal: object, condition?: object) =>
    compileTrust(
      parseTrustPolicy(
        JSON.stringify({
          Version: '1',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: principal,
              ...(condition === undefined ? {} : { Condition: condition }),
            },
          ],
        }),
      ),
      'trust',
    );
  const enter = (
    caller: typeof assume,
    door: ReturnType<typeof trust>,
    entrant: Entrant,
    context: Record<string, string> = {},
  ) =>
    assumeRoleDecision(
      { action: 'sts:AssumeRole', resource: 'acs:ram::1:role/r', context },
      { accountLevel: caller },
      door,
      entrant,
    );
  const user = (name: string): Entrant => ({ kind: 'user', accountId: '2', name });

  it('needs the caller’s own policies', () => {
    expect(
      enter(
        compile([{ Effect: 'Allow', Action: 'x:Y', Resource: '*' }]),
        trust({ RAM: 'acs:ram::2:root' }),
        user('bob'),
      ),
    ).toMatchObject({ effect: 'deny', scope: 'AccountLevelIdentityBasedPolicy' });
  });
  it('needs the trust policy', () => {
    expect(enter(assume, trust({ RAM: 'acs:ram::3:root' }), user('bob'))).toMatchObject({
      effect: 'deny',
      scope: 'AssumeRolePolicy',
    });
  });
  it.each(
    table<{
      readonly what: string;
      readonly principal: object;
      readonly entrant: Entrant;
      readonly opens: boolean;
    }>('doors'),
  )('is open to $what: $opens', ({ principal, entrant, opens }) => {
    expect(enter(assume, trust(principal), entrant).effect).toBe(opens ? 'allow' : 'deny');
  });
  it('names the statement of the trust policy that decided', () => {
    expect(enter(assume, trust({ RAM: 'acs:ram::2:root' }), user('bob'))).toStrictEqual({
      effect: 'allow',
      scope: 'AssumeRolePolicy',
      match: { policy: 'trust', statement: 0 },
    });
  });
  it('is refused with a missing or a wrong ExternalId', () => {
    const door = trust({ RAM: 'acs:ram::2:root' }, { StringEquals: { 'sts:ExternalId': 'right' } });
    expect(enter(assume, door, user('bob')).effect).toBe('deny');
    expect(enter(assume, door, user('bob'), { 'sts:ExternalId': 'wrong' }).effect).toBe('deny');
    expect(enter(assume, door, user('bob'), { 'sts:ExternalId': 'right' }).effect).toBe('allow');
  });
});
