import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { parseAnyEvent } from '../../shared/app/inbound/every-event.js';
import { BadDefinitionError, readDefinition } from '../../shared/loopback/cloudflow/definition.js';
import { ExpressionError } from '../../shared/loopback/cloudflow/expression-error.js';
import { parseExpression } from '../../shared/loopback/cloudflow/expressions.js';
import { BadPatternError, compilePattern } from '../../shared/loopback/eventbridge/patterns.js';
import {
  authorize,
  compilePolicies,
  MalformedPolicyError,
  parsePolicy,
  parseTrustPolicy,
} from '../../shared/policy/index.js';
import { eventOf, request } from '../support/requests.js';
import { type Chance, hostileText, type Json, mutateJson, mutateText } from './mutate.js';
import { fuzz, inputsOr } from './run.js';

const TEST = join(import.meta.dirname, '..');
const jsonIn = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(TEST, ...path), 'utf8'));
const COUNT = inputsOr(200_000);
/** As many for CloudFlow's two together: a flow is read by a YAML reader, which takes ten times as long as anything else here. */
const [FLOWS, EXPRESSIONS] = [inputsOr(50_000), inputsOr(150_000)];
const PATIENCE = { timeout: 3_600_000 };

/** Runs `work`; only errors that say no on purpose are an answer. */
function answered(work: () => void, ...refusals: readonly (new (...args: never[]) => Error)[]): void {
  try {
    work();
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) throw error;
  }
}

describe('whatever it is given', PATIENCE, () => {
  it('the parser of requests reads it or says why not', async () => {
    const samples = readdirSync(join(TEST, 'support', 'events')).map(
      (file) => jsonIn('support', 'events', file) as Json,
    );
    const corpus = [...samples, eventOf(request()) as Json];
    await fuzz('requests', COUNT, {
      make: (chance) => hostileText(corpus, chance),
      take: (text) => {
        const parsed = parseAnyEvent(text);
        if (!parsed.ok && parsed.reasons.length === 0) throw new Error('refused without a reason');
      },
    });
  });

  it('the parser of policies reads it or refuses, and what it read can be judged', async () => {
    const corpus = policies();
    const accessRequest = {
      action: 'ram:GetRole',
      resource: 'acs:ram::1:role/r',
      context: { 'acs:CurrentTime': '2026-06-01T00:00:00Z', 'acs:SourceIp': '10.0.0.1' },
    };
    await fuzz('policies', COUNT, {
      make: (chance) => hostileText(corpus, chance),
      take: (text) => {
        answered(() => parseTrustPolicy(text), MalformedPolicyError);
        answered(() => {
          const document = parsePolicy(text);
          authorize(accessRequest, { accountLevel: compilePolicies([{ name: 'p', document }]) });
        }, MalformedPolicyError);
      },
    });
  });

  it('the matcher of events compiles it or refuses, and what it compiled judges any event', async () => {
    const { matches } = jsonIn('loopback', 'eventbridge', 'tables', 'patterns.json') as {
      readonly matches: readonly { readonly pattern: Json; readonly event: Json }[];
    };
    await fuzz('event patterns', COUNT, {
      make: (chance) => {
        const { pattern, event } = chance.of(matches);
        return { pattern: hostileText([pattern], chance), event: mutateJson(event, chance) };
      },
      take: ({ pattern, event }) =>
        answered(() => {
          compilePattern(pattern)(event as Readonly<Record<string, unknown>>);
        }, BadPatternError),
    });
  });

  it('the reader of flows reads it or says what is wrong', async () => {
    const flows = (
      jsonIn('loopback', 'cloudflow', 'tables', 'flows.json') as readonly { readonly states: Json[] }[]
    ).map(({ states }) => ({
      Type: 'StateMachine',
      SpecVersion: 'v1',
      Name: 'f',
      StartAt: 'A',
      States: states,
    }));
    await fuzz('flows', FLOWS, {
      make: (chance) => hostileText(flows, chance),
      take: (text) => answered(() => void readDefinition(text), BadDefinitionError),
    });
  });

  it('the reader of expressions reads it or refuses, and so does its evaluation', async () => {
    const corpus = (
      jsonIn('loopback', 'cloudflow', 'tables', 'expressions.json') as readonly {
        readonly expression: string;
      }[]
    ).map(({ expression }) => expression);
    const variables = {
      $Input: { a: { b: 1 }, list: ['x', 'y'], s: 'aaaaaaaaaaaaaaaaaaaaaaaab' },
      $Global: {},
      $Context: {},
    };
    await fuzz('expressions', EXPRESSIONS, {
      make: (chance: Chance) => mutateText(chance.of(corpus), chance),
      take: (text) => answered(() => void parseExpression(text)(variables), ExpressionError),
    });
  });
});

function policies(): readonly Json[] {
  const allow = (more: object): Json =>
    ({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: ['ram:Get*', 'oss:*'], Resource: '*', ...more }],
    }) as Json;
  return [
    allow({}),
    allow({
      NotAction: 'ram:*',
      Resource: ['acs:ram:*:*:role/?*', 'acs:oss:*:*:b/$\u007bacs:CurrentUser}/*'],
    }),
    allow({
      Condition: {
        DateLessThan: { 'acs:CurrentTime': '2027-01-01T00:00:00Z' },
        IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] },
        StringLike: { 'oss:Prefix': ['a*', '?b'] },
        NumericLessThan: { 'oss:MaxKeys': '10' },
        Bool: { 'acs:SecureTransport': 'true' },
      },
    }),
    {
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { RAM: ['acs:ram::1000000000000001:root'], Service: ['fc.aliyuncs.com'] },
          Condition: { StringEquals: { 'sts:ExternalId': 'x' } },
        },
      ],
    },
  ];
}
