import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  assumeRoleDecision,
  authorize,
  compilePolicies,
  compileTrust,
  type Entrant,
  evaluate,
  globMatches,
  MalformedPolicyError,
  parsePolicy,
  parseTrustPolicy,
} from '../../shared/policy/index.js';

const table = <Row>(name: string): readonly Row[] =>
  JSON.parse(readFileSync(new URL(`./tables/${name}.json`, import.meta.url), 'utf8'));
const compile = (statements: readonly object[], name = 'p') =>
  compilePolicies([{ name, document: parsePolicy(JSON.stringify({ Version: '1', Statement: statements })) }]);

describe('a document with', () => {
  it.each(table<{ readonly what: string; readonly document: object }>('grammar'))(
    '$what is refused',
    ({ document }) => {
      expect(() => parsePolicy(JSON.stringify(document))).toThrow(MalformedPolicyError);
    },
  );
  it('a Sid on each statement is accepted', () => {
    expect(
      parsePolicy('{"Version":"1","Statement":[{"Sid":"x","Effect":"Allow","Action":"a:B","Resource":"*"}]}')
        .statements,
    ).toHaveLength(1);
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
});

describe('a glob', () => {
  it.each(table<{ readonly pattern: string; readonly text: string; readonly matches: boolean }>('globs'))(
    '"$pattern" on "$text" is $matches',
    ({ pattern, text, matches }) => {
      expect(globMatches(pattern, text)).toBe(matches);
    },
  );
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

  it('ends at a session policy that does not allow', () => {
    expect(authorize(asked, { session: silent, accountLevel: allow })).toMatchObject({
      effect: 'deny',
      scope: 'SessionPolicy',
      reason: 'ImplicitDeny',
    });
  });
  it('does not consult a resource group once the account level has spoken', () => {
    expect(authorize(asked, { accountLevel: allow, resourceGroupLevel: deny }).effect).toBe('allow');
  });
  it('consults the resource group when the account level says nothing', () => {
    expect(authorize(asked, { accountLevel: silent, resourceGroupLevel: allow })).toMatchObject({
      effect: 'allow',
      scope: 'ResourceGroupLevelIdentityBasedPolicy',
    });
  });
});

describe('entering a role', () => {
  const assume = compile([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }]);
  const trust = (principal: string, condition?: object) =>
    compileTrust(
      parseTrustPolicy(
        JSON.stringify({
          Version: '1',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { RAM: principal },
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
        trust('acs:ram::2:root'),
        user('bob'),
      ),
    ).toMatchObject({ effect: 'deny', scope: 'AccountLevelIdentityBasedPolicy' });
  });
  it('needs the trust policy', () => {
    expect(enter(assume, trust('acs:ram::3:root'), user('bob'))).toMatchObject({
      effect: 'deny',
      scope: 'AssumeRolePolicy',
    });
  });
  it('is open to users and roles of a trusted account, and to a named user exactly as written', () => {
    expect(enter(assume, trust('acs:ram::2:root'), user('bob')).effect).toBe('allow');
    expect(
      enter(assume, trust('acs:ram::2:root'), { kind: 'role', accountId: '2', name: 'etl' }).effect,
    ).toBe('allow');
    expect(enter(assume, trust('acs:ram::2:user/bob'), user('bob')).effect).toBe('allow');
    expect(enter(assume, trust('acs:ram::2:user/bob'), user('Bob')).effect).toBe('deny');
  });
  it('compares role names without regard to case', () => {
    expect(
      enter(assume, trust('acs:ram::2:role/ETL'), { kind: 'role', accountId: '2', name: 'etl' }).effect,
    ).toBe('allow');
  });
  it('is refused with a missing or a wrong ExternalId', () => {
    const door = trust('acs:ram::2:root', { StringEquals: { 'sts:ExternalId': 'right' } });
    expect(enter(assume, door, user('bob')).effect).toBe('deny');
    expect(enter(assume, door, user('bob'), { 'sts:ExternalId': 'wrong' }).effect).toBe('deny');
    expect(enter(assume, door, user('bob'), { 'sts:ExternalId': 'right' }).effect).toBe('allow');
  });
});
