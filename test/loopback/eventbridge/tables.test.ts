import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../shared/loopback/eventbridge/cron.js';
import { readBatch } from '../../../shared/loopback/eventbridge/events.js';
import { BadPatternError, compilePattern } from '../../../shared/loopback/eventbridge/patterns.js';
import { asText, paramProblem, transform } from '../../../shared/loopback/eventbridge/transforms.js';
import { ApiError } from '../../../shared/loopback/kernel.js';
import patterns from './tables/patterns.json' with { type: 'json' };
import schedules from './tables/schedules.json' with { type: 'json' };
import transforms from './tables/transforms.json' with { type: 'json' };

type Json = Readonly<Record<string, unknown>>;

describe('an event pattern', () => {
  it.each(patterns.matches)('on $what gives $is', ({ pattern, event, is }) => {
    expect(compilePattern(JSON.stringify(pattern))(event as Json)).toBe(is);
  });

  it.each(patterns.refused)('of $what is refused', ({ pattern }) => {
    expect(() => compilePattern(JSON.stringify(pattern))).toThrow(BadPatternError);
  });

  it('that holds an event’s own scalars at its own paths matches that event', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const data = fc.dictionary(fc.string(), scalar, { minKeys: 1 });
    fc.assert(
      fc.property(data, (fields) => {
        const pattern = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, [value]]));
        const [text, event] = [JSON.stringify({ data: pattern }), JSON.stringify({ data: fields })];
        expect(compilePattern(text)(JSON.parse(event))).toBe(true);
      }),
    );
  });

  it('never matches more when a key is added', () => {
    const leaf = fc.array(fc.constantFrom('a', 'b', { prefix: 'a' }, { 'anything-but': 'a' }), {
      minLength: 1,
    });
    const event = fc.record({ source: fc.constantFrom('a', 'b'), type: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(leaf, leaf, event, (source, type, sent) => {
        const both = compilePattern(JSON.stringify({ source, type }))(sent);
        const one = compilePattern(JSON.stringify({ source }))(sent);
        expect(!both || one).toBe(true);
      }),
    );
  });

  it('made of any operators is refused or judges any event, and nothing else', () => {
    const operator = fc.constantFrom(
      'prefix',
      'suffix',
      'contains',
      'anything-but',
      'numeric',
      'cidr',
      'exists',
      '__proto__',
    );
    const operand = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('10.0.0.0/8', '1.2.3.4', '/'),
      fc.tuple(fc.constantFrom('>', '=', '!='), fc.double()),
    );
    const condition = fc
      .tuple(operator, operand)
      .map(([name, value]) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`));
    const pattern = fc.record({
      data: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.array(condition)),
    });
    fc.assert(
      fc.property(pattern, fc.jsonValue(), (one, data) => {
        try {
          expect(typeof compilePattern(JSON.stringify(one))({ data })).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(BadPatternError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a transform', () => {
  it.each(transforms.results)('$param gives $is', ({ param, is }) => {
    expect(paramProblem({ ResourceKey: 'k', ...param })).toBeUndefined();
    expect(transform({ ResourceKey: 'k', ...param }, transforms.event)).toEqual(is);
  });

  it.each(transforms.refused)('%j is refused', (param) => {
    expect(paramProblem({ ResourceKey: 'k', ...(param as { Form: string }) })).toEqual(expect.any(String));
  });

  it('that is accepted gives text for any event', () => {
    const param = fc.record({
      ResourceKey: fc.constant('k'),
      Form: fc.constantFrom('ORIGINAL', 'JSONPATH', 'CONSTANT', 'TEMPLATE'),
      Value: fc.oneof(
        fc.string(),
        fc.constantFrom('$', '$.data', '$.a[0]', '{"a":"$.data"}', '{"__proto__":"b"}'),
      ),
      Template: fc.oneof(fc.string(), fc.constantFrom('\u0024{a}', '\u0024{__proto__}', '\u0024{\u0024{a}}')),
    });
    fc.assert(
      fc.property(param, fc.dictionary(fc.string(), fc.jsonValue()), (one, event) => {
        if (paramProblem(one) === undefined) expect(typeof asText(transform(one, event))).toBe('string');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a schedule', () => {
  it.each(schedules.next)('$schedule in $zone after $after fires at $is', ({ schedule, zone, after, is }) => {
    const next = parseSchedule(schedule, zone);
    const at = typeof next === 'string' ? next : next(Date.parse(after));
    expect(at).toBe(is === null ? undefined : Date.parse(is));
  });

  it.each(schedules.refused)('$schedule in $zone is refused', ({ schedule, zone }) => {
    expect(typeof parseSchedule(schedule, zone)).toBe('string');
  });

  it('fires later than it is asked about, and leaves no turn out', () => {
    const field = (max: number) => fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String));
    const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) });
    fc.assert(
      fc.property(field(59), field(59), field(23), instant, (second, minute, hour, after) => {
        const next = parseSchedule(`${second} ${minute} ${hour} * * *`, 'GMT+8:00');
        if (typeof next === 'string') throw new Error(next);
        const at = next(after) ?? 0;
        expect(at).toBeGreaterThan(after);
        expect(at - after).toBeLessThanOrEqual(86_400_000);
        expect(next(at - 1)).toBe(at);
      }),
    );
  });
});

describe('a batch of events', () => {
  const event = (changes: Json = {}) => ({
    id: 'e1',
    source: 's',
    type: 't',
    specversion: '1.0',
    time: '2026-12-01T00:00:00Z',
    aliyuneventbusname: 'orders',
    ...changes,
  });
  const codeOf = (body: unknown): string => {
    try {
      readBatch(body);
      return 'taken';
    } catch (error) {
      if (error instanceof ApiError) return error.code;
      throw error;
    }
  };
  /** Newer Node.js writes what is nested however deep. */
  const isWritable = (value: unknown): boolean => {
    try {
      return JSON.stringify(value) !== '';
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  };
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);

  it.each([
    ['16 events', Array.from({ length: 16 }, () => event()), 'taken'],
    ['none', [], 'InvalidArgument'],
    ['what is no list', event(), 'InvalidArgument'],
    ['what is no object', [null], 'InvalidArgument'],
    ['an id of 128 characters', [event({ id: 'a'.repeat(128) })], 'taken'],
    ['an id of 129 characters', [event({ id: 'a'.repeat(129) })], 'JsonAttributeInvalid'],
    ['an id that starts with a dash', [event({ id: '-a' })], 'JsonAttributeInvalid'],
    ['a type of 64 characters', [event({ type: 't'.repeat(64) })], 'taken'],
    ['a type that is a number', [event({ type: 1 })], 'JsonAttributeInvalid'],
    ['a source of 129 characters', [event({ source: 's'.repeat(129) })], 'JsonAttributeInvalid'],
    ['a subject of 513 characters', [event({ subject: 's'.repeat(513) })], 'JsonAttributeInvalid'],
    ['another specversion', [event({ specversion: '0.3' })], 'JsonAttributeInvalid'],
    ['a time with an offset', [event({ time: '2020-11-19T21:04:41+08:00' })], 'taken'],
    ['a time without a zone', [event({ time: '2020-11-19T21:04:41' })], 'JsonAttributeInvalid'],
    ['a time on the 30th of February', [event({ time: '2020-02-30T99:04:41Z' })], 'JsonAttributeInvalid'],
    ['JSON with a charset', [event({ datacontenttype: 'application/json; charset=utf-8' })], 'taken'],
    ['text', [event({ datacontenttype: 'text/plain', data_base64: 'YQ==' })], 'JsonAttributeInvalid'],
    [
      'a content type that starts like JSON',
      [event({ datacontenttype: 'application/jsonl' })],
      'JsonAttributeInvalid',
    ],
    ['300,000 bytes', [event({ data: 'x'.repeat(300_000) })], 'InvalidArgument'],
    ['200,000 characters of two bytes', [event({ data: 'é'.repeat(200_000) })], 'InvalidArgument'],
    [
      'six events of 200,000 bytes',
      Array.from({ length: 6 }, () => event({ data: 'x'.repeat(200_000) })),
      'InvalidArgument',
    ],
    ['data nested 50,000 deep', [event({ data: deep })], isWritable(deep) ? 'taken' : 'InvalidArgument'],
    ['no bus', [event({ aliyuneventbusname: undefined })], 'InvalidArgument'],
  ])('of %s', (_what, body, code) => {
    expect(codeOf(body)).toBe(code);
  });

  it('of anything at all is taken or refused', () => {
    const almost = fc.record(
      {
        id: fc.jsonValue(),
        source: fc.jsonValue(),
        type: fc.jsonValue(),
        specversion: fc.constant('1.0'),
        time: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.oneof(almost, fc.jsonValue()))), (body) => {
        expect(typeof codeOf(body)).toBe('string');
      }),
    );
  });
});
