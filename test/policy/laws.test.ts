import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  authorize,
  compilePolicies,
  compileTrust,
  type EvaluationOptions,
  evaluate,
  evaluateTrust,
  formatPolicy,
  formatTrustPolicy,
  globCovers,
  globMatches,
  MalformedPolicyError,
  parsePolicy,
  parseTrustPolicy,
} from '../../shared/policy/index.js';
import {
  ALL_OPERATORS,
  document,
  documentOf,
  entrant,
  globPattern,
  plainText,
  request,
  statement,
  trustDocument,
} from './arbitraries.js';
import { naiveTrustVerdict, naiveVerdict } from './naive-evaluator.js';

const compileWith = (options: EvaluationOptions | undefined, texts: readonly string[]) =>
  compilePolicies(
    texts.map((text, index) => ({ name: `p${index}`, document: parsePolicy(text) })),
    options,
  );
const compile = (...texts: readonly string[]) => compileWith(undefined, texts);
const verdict = (
  texts: readonly string[],
  asked: Parameters<typeof evaluate>[1],
  options?: EvaluationOptions,
) => evaluate(compileWith(options, texts), asked).verdict;

describe('the engine', () => {
  it('agrees with the naive evaluator on every generated case', () => {
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), request, (documents, asked) => {
        expect(verdict(documents, asked)).toBe(naiveVerdict(documents, asked));
      }),
      { numRuns: 5_000 },
    );
  });

  it('agrees with it too when negative operators match missing keys', () => {
    const options = { negativeOperatorMatchesMissingKey: true };
    fc.assert(
      fc.property(document, request, (text, asked) => {
        expect(verdict([text], asked, options)).toBe(naiveVerdict([text], asked, true));
      }),
      { numRuns: 1_000 },
    );
  });

  it('matches no more resources when stars stay within their part of an ARN', () => {
    const options = { starsCrossColons: false };
    fc.assert(
      fc.property(statement('Allow'), request, (allow, asked) => {
        const text = documentOf([allow]);
        if (verdict([text], asked, options) === 'Allow') expect(verdict([text], asked)).toBe('Allow');
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['*', true],
    ['acs:oss:*:1:b/*', true],
    ['acs:*:*cn-beijing*:*:*', true],
    ['acs:oss:*:*:b/due/2026-12-01T00:00:00Z/*', true],
    ['acs:oss:*:b/*', false],
    ['acs:*', false],
    ['acs:oss:*1*:b/*', false],
  ])('then takes %s for the ARN of an object: %s', (Resource, isTaken) => {
    const text = documentOf([{ Effect: 'Allow', Action: 'oss:GetObject', Resource }]);
    const asked = {
      action: 'oss:GetObject',
      resource: 'acs:oss:cn-beijing-a:1:b/due/2026-12-01T00:00:00Z/C-1',
      context: {},
    };
    expect(verdict([text], asked, { starsCrossColons: false }) === 'Allow').toBe(isTaken);
    expect(verdict([text], asked)).toBe('Allow');
  });

  it('opens a role to whom the naive evaluator does', () => {
    fc.assert(
      fc.property(trustDocument, entrant, request, (text, who, asked) => {
        const trust = compileTrust(parseTrustPolicy(text), 'trust');
        expect(evaluateTrust(trust, who, asked.action, asked.context).verdict).toBe(
          naiveTrustVerdict(text, who, asked),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('is put before all 21 operators by the generator', () => {
    expect(new Set(ALL_OPERATORS).size).toBe(21);
  });

  it('lets Deny always win', () => {
    fc.assert(
      fc.property(document, request, (text, asked) => {
        const deny = documentOf([{ Effect: 'Deny', Action: '*', Resource: '*' }]);
        expect(verdict([text, deny], asked)).toBe('ExplicitDeny');
      }),
    );
  });

  it('never loses access by an added Allow, nor gains by an added Deny', () => {
    fc.assert(
      fc.property(document, statement('Allow'), statement('Deny'), request, (text, allow, deny, asked) => {
        const before = verdict([text], asked);
        if (before === 'Allow') expect(verdict([text, documentOf([allow])], asked)).toBe('Allow');
        if (before !== 'Allow') expect(verdict([text, documentOf([deny])], asked)).not.toBe('Allow');
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not care for the order of statements', () => {
    fc.assert(
      fc.property(fc.array(statement(), { minLength: 2, maxLength: 5 }), request, (statements, asked) => {
        expect(verdict([documentOf([...statements].reverse())], asked)).toBe(
          verdict([documentOf(statements)], asked),
        );
      }),
    );
  });

  it('decides alike after a document was written and read again', () => {
    fc.assert(
      fc.property(document, request, (text, asked) => {
        const again = formatPolicy(parsePolicy(text));
        expect(formatPolicy(parsePolicy(again))).toBe(again);
        expect(verdict([again], asked)).toBe(verdict([text], asked));
      }),
    );
  });

  it('reads a trust policy back as it was written', () => {
    fc.assert(
      fc.property(trustDocument, (text) => {
        const trust = parseTrustPolicy(text);
        expect(parseTrustPolicy(formatTrustPolicy(trust))).toEqual(trust);
      }),
    );
  });

  it('never lets a session policy or a resource group widen past a Deny of the account', () => {
    const deny = compile(documentOf([{ Effect: 'Deny', Action: '*', Resource: '*' }]));
    fc.assert(
      fc.property(document, document, request, (session, group, asked) => {
        expect(
          authorize(asked, {
            session: compile(session),
            accountLevel: deny,
            resourceGroupLevel: compile(group),
          }).effect,
        ).toBe('deny');
      }),
    );
  });
});

/**
 * Texts that a glob matches, enough to tell whether one with fewer characters than `longest` matches all: what stands for a
 * wildcard is named by no pattern, and once a run of it outgrows the other, a star takes it however long it is.
 */
const samplesOf = (pattern: string, longest: number): readonly string[] =>
  pattern
    .replace(/\*+/g, '*')
    .split('*')
    .map((part) => part.replaceAll('?', 'z'))
    .reduce<readonly string[]>(
      (texts, part, index) =>
        index === 0
          ? [part]
          : texts.flatMap((text) =>
              Array.from({ length: longest + 1 }, (_, count) => `${text}${'z'.repeat(count)}${part}`),
            ),
      [],
    );

describe('a glob', () => {
  it('matches itself, and covers what it equals', () => {
    fc.assert(
      fc.property(globPattern, (pattern) => {
        expect(globMatches(pattern, pattern)).toBe(true);
        expect(globCovers(pattern, pattern)).toBe(true);
      }),
    );
  });

  it('that covers another matches whatever the other matches', () => {
    fc.assert(
      fc.property(globPattern, globPattern, plainText, (outer, inner, text) => {
        if (globCovers(outer, inner) && globMatches(inner, text)) expect(globMatches(outer, text)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('covers another exactly when it matches all that the other stands for', () => {
    fc.assert(
      fc.property(globPattern, globPattern, (outer, inner) => {
        const matchesAll = samplesOf(inner, outer.length + 1).every((text) => globMatches(outer, text));
        expect(globCovers(outer, inner)).toBe(matchesAll);
      }),
      { numRuns: 1_000 },
    );
  });

  it('matches alike whether it is walked or compiled', () => {
    fc.assert(
      fc.property(globPattern, plainText, (pattern, text) => {
        const policy = documentOf([{ Effect: 'Allow', Action: '*', Resource: pattern }]);
        expect(verdict([policy], { action: 's:Get', resource: text, context: {} })).toBe(
          globMatches(pattern, text) ? 'Allow' : 'ImplicitDeny',
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no exponential time: this would outlast any time-out', () => {
    expect(globMatches(`${'a*'.repeat(60)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});

describe('the parser', () => {
  it('refuses whatever it cannot read with MalformedPolicyDocument and nothing else', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      document.map((text) => text.slice(0, -3)),
      fc.json().map((json) => `{"Version":"1","Statement":[${json}]}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const parse of [parsePolicy, parseTrustPolicy]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedPolicyError);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
