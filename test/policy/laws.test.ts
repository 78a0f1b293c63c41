import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  authorize,
  compilePolicies,
  evaluate,
  formatPolicy,
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
  globPattern,
  plainText,
  request,
  statement,
} from './arbitraries.js';
import { naiveVerdict } from './naive-evaluator.js';

const compile = (...texts: readonly string[]) =>
  compilePolicies(texts.map((text, index) => ({ name: `p${index}`, document: parsePolicy(text) })));
const verdict = (texts: readonly string[], asked: Parameters<typeof evaluate>[1]) =>
  evaluate(compile(...texts), asked).verdict;

describe('the engine', () => {
  it('agrees with the naive evaluator on every generated case', () => {
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 3 }), request, (documents, asked) => {
        expect(verdict(documents, asked)).toBe(naiveVerdict(documents, asked));
      }),
      { numRuns: 5_000 },
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
