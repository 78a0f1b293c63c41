import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnyEvent } from '../../shared/app/inbound/every-event.js';
import { againstWhole } from '../../shared/app/inbound/parse-event.js';
import { eventOf, kafkaGrant, request } from '../support/requests.js';

const busGrant = { service: 'eventbridge', access: 'subscribe', region: 'cn-hangzhou', eventBus: 'orders' };

type Json = Record<string, unknown>;

/** The valid event with `value` at `pointer`; `undefined` takes the field away. */
function eventWith(pointer: string, value: unknown): string {
  const event = eventOf(structuredClone(request()) as unknown as Json) as Json;
  const path = pointer.split('/').slice(1);
  const last = path.pop() ?? '';
  const parent = path.reduce<Json>((at, key) => at[key] as Json, event);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(event);
}
const reasonsFor = (text: string) => {
  const parsed = parseAnyEvent(text);
  return parsed.ok ? [] : parsed.reasons;
};
const found = (text: string) => reasonsFor(text).map(({ code, pointer }) => `${code} ${pointer}`);

const tagged = (team: string) => ({
  mode: 'managed',
  users: [{ logonName: 'etl', access: 'programmatic', tags: { team } }],
});

describe('a field of a request', () => {
  it.each([
    ['/id', 'with space'],
    ['/id', 'x'.repeat(129)],
    ['/id', undefined],
    ['/source', ''],
    ['/source', 7],
    ['/specversion', '0.3'],
    ['/subject', undefined],
    ['/time', 12],
    ['/data', undefined],
    ['/data', []],
    ['/data/contractId', undefined],
    ['/data/requestedBy', 7],
    ['/data/requestedBy', 'two\nlines'],
    ['/data/grantee', null],
    ['/data/grantee/name', 'Globex\u001b[2J'],
    ['/data/grantee/name', 'xebolG\u202e'],
    ['/data/grantee/accountId', '123'],
    ['/data/grantee/accountId', 1234567890123456],
    ['/data/grantee/accessors', 'alice'],
    ['/data/grantee/accessors/0', { type: 'group', name: 'a', via: 'api' }, '/type'],
    ['/data/grantee/accessors/0', { type: 'user', name: 'a*', via: 'api' }, '/name'],
    ['/data/grantee/accessors/0', { type: 'user', name: 'a', via: 'api', secret: 'x' }, '/secret'],
    ['/data/grantee/setup', { mode: 'automatic' }, '/mode'],
    ['/data/grantee/setup', tagged('x\u001b[2J'), '/users/0/tags/team'],
    ['/data/grantee/setup', tagged('one\rtwo'), '/users/0/tags/team'],
    ['/data/grantee/setup', tagged('xebolG\u202e'), '/users/0/tags/team'],
    ['/data/lease/startsAt', '2026-12-01'],
    ['/data/lease/expiresAt', undefined],
    ['/data/grants', []],
    ['/data/grants/0', 'kafka'],
    ['/data/grants/0', {}, '/service'],
    ['/data/grants/0', { ...kafkaGrant, service: 'ecs' }, '/service'],
    ['/data/grants/0', { ...kafkaGrant, region: '*' }, '/region'],
    ['/data/grants/0', { ...kafkaGrant, topics: [] }, '/topics'],
    ['/data/grants/0', { ...kafkaGrant, topics: ['a', 'a'] }, '/topics'],
    ['/data/grants/0', { ...kafkaGrant, eventBus: 'b' }, '/eventBus'],
    [
      '/data/grants/0',
      { ...kafkaGrant, dataPlane: { endsByController: false } },
      '/dataPlane/endsByController',
    ],
    ['/data/grants/0', { ...busGrant, target: {} }, '/target/type'],
    ['/data/grants/0', { ...busGrant, target: { type: 'queue' } }, '/target/type'],
    ['/data/grants/0', { ...busGrant, target: { type: 'https' } }, '/target/url'],
    ['/data/grants/0', { ...busGrant, target: { type: 'bus', eventBus: 'b' } }, '/target/roleName'],
    [
      '/data/grants/0',
      { ...busGrant, target: { type: 'bus', eventBus: 'b', roleName: 'r', accountId: '1'.repeat(16) } },
      '/target/accountId',
    ],
    ['/data/grants/0', { ...busGrant, events: {} }, '/events'],
    ['/data/grants/0', { ...busGrant, events: { types: [] } }, '/events/types'],
    [
      '/data/grants/0',
      { ...busGrant, events: { sources: ['a', 'b', 'c', 'd', 'e', 'f'] } },
      '/events/sources',
    ],
    ['/data/grants/0', { ...busGrant, events: { types: ['a', 'b', 'c', 'd', 'e', 'f'] } }, '/events/types'],
    ['/data/grants/0', { ...busGrant, events: { pattern: '{}' } }, '/events/pattern'],
    ['/data/grants/0', { systemPolicy: 'A*' }, '/systemPolicy'],
    ['/data/grants/0', { systemPolicy: 'A', service: 'kafka' }, '/service'],
    ['/data/restrict', { maxSessionSeconds: 3599 }, '/maxSessionSeconds'],
    ['/data/restrict', { maxSessionSeconds: 43201 }, '/maxSessionSeconds'],
    ['/data/restrict', { maxSessionSeconds: 3600.5 }, '/maxSessionSeconds'],
    ['/data/restrict', { sourceIps: ['::1'] }, '/sourceIps/0'],
    ['/data/restrict', { sourceIps: ['010.0.0.1'] }, '/sourceIps/0'],
    ['/data/restrict', { sourceIps: ['10.0.0.0/08'] }, '/sourceIps/0'],
  ])('%s cannot be %j', (pointer, value, below = '') => {
    expect(found(eventWith(pointer, value))).toEqual([`SCHEMA ${pointer}${below}`]);
  });

  it.each(['color', '__proto__', 'a/b~c'])(
    'that is called %s is told to be unknown, at its place',
    (name) => {
      const event = JSON.parse(eventWith('/id', 'e-1')) as { data: object };
      const text = JSON.stringify(event).replace('"data":{', `"data":{${JSON.stringify(name)}:1,`);
      const escaped = name.replace(/~/g, '~0').replace(/\//g, '~1');
      expect(found(text)).toEqual([`SCHEMA /data/${escaped}`]);
    },
  );

  it('beside data is none of ours: EventBridge adds its own', () => {
    expect(found(eventWith('/aliyunpublishtime', '2026-12-01T08:00:00.035Z'))).toEqual([]);
  });
});

describe('what a reason says', () => {
  const only = (pointer: string, value: unknown) => reasonsFor(eventWith(pointer, value))[0]?.message ?? '';
  it.each([
    ['/data/grants/0/access', 'write', 'must be one of read, publish, subscribe, operate, full; got "write"'],
    [
      '/data/grants/0/service',
      'ecs',
      'must be one of kafka, rabbitmq, rocketmq, eventbridge, slb; got "ecs"',
    ],
    ['/data/grants/0', { ...busGrant, target: { type: 'queue' } }, 'must be one of bus, https; got "queue"'],
    ['/data/requestedBy', 7, 'must be of type string; got 7'],
    ['/data/lease', [], 'must be of type object; got a list'],
    ['/data/grants/0', { ...busGrant, events: {} }, 'needs 1 field at least'],
    ['/data/grantee/accountId', undefined, 'is missing'],
    ['/data/color', 'red', 'is not a known field'],
  ])('of %s being %j is plain', (pointer, value, message) => {
    expect(only(pointer, value)).toBe(message);
  });

  it('of an accessor’s name tells its form', () => {
    const accessors = [{ type: 'user', name: 'etl@b.example', via: 'api' }];
    const [reason] = reasonsFor(eventWith('/data/grantee/accessors', accessors));
    expect(reason?.message).toContain('such as etl: without @ or account); got "etl@b.example"');
  });

  it.each([
    ['an accessor', '/data/grantee/accessors', [{ type: 'user', name: '爱丽丝', via: 'api' }]],
    ['a system policy', '/data/grants', [{ systemPolicy: 'Aliyun Kafka' }]],
    [
      'a role that is set up',
      '/data/grantee/setup',
      { mode: 'managed', roles: [{ name: 'etl_ecs', trusts: 'ecs.aliyuncs.com' }] },
    ],
  ])('of a name of %s tells which characters it may have', (_, pointer, value) => {
    expect(reasonsFor(eventWith(pointer, value)).map(({ message }) => message)).toEqual([
      expect.stringMatching(/is not of the right form \(.*letters, digits/),
    ]);
  });

  it('echoes no more than 80 characters of what came in', () => {
    const message = only('/data/grantee/accountId', 'x'.repeat(10_000));
    expect(message.match(/x+/g)?.every((run) => run.length <= 80)).toBe(true);
    const unknown = reasonsFor(eventWith(`/data/${'y'.repeat(10_000)}`, 1))[0];
    expect(unknown?.pointer.length).toBeLessThanOrEqual(90);
  });
  it('never repeats the value of a field that we do not know', () => {
    const reasons = reasonsFor(eventWith('/data/accessKeySecret', 'k3yk3yk3y'));
    expect(JSON.stringify(reasons)).not.toContain('k3yk3yk3y');
  });
});

describe('an event of another type', () => {
  it.each(['order.created', '', null, ['partner.onboarding.requested'], { toString: 1 }])(
    'such as %j is refused as unknown',
    (type) => expect(found(eventWith('/type', type))).toEqual(['UNKNOWN_TYPE /type']),
  );
  it('that names none is told so, and which there are', () => {
    const [reason] = reasonsFor(JSON.stringify(request()));
    expect(reason).toMatchObject({
      code: 'UNKNOWN_TYPE',
      message: expect.stringMatching(/names no type; there are .*partner\.contract\.terminated/),
    });
  });
});

const envelope = (
  type: string,
  data: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>> = {},
): string => JSON.stringify(eventOf({ contractId: 'C-2026-0142', ...data }, { type, ...changes }));
const jws = 'eyJ.eyJ.c2ln';

describe.each<[string, Record<string, unknown>, readonly string[]]>([
  ['partner.contract.amended', { ...request(), revision: 1 }, ['revision', 'lease', 'grants', 'grantee']],
  ['partner.onboarding.approved', { jws }, ['jws']],
  ['partner.onboarding.declined', { jws }, ['jws']],
  ['partner.access.suspend.requested', { reason: 'r', requestedBy: 'p' }, ['reason', 'requestedBy']],
  [
    'partner.access.resume.requested',
    { suspension: 's-1', reason: 'r', requestedBy: 'p' },
    ['suspension', 'reason', 'requestedBy'],
  ],
])('%s', (type, data, required) => {
  it('is read when it is whole', () => {
    expect(reasonsFor(envelope(type, data))).toEqual([]);
  });
  it.each(required)('is refused without %s', (field) => {
    const { [field]: _, ...rest } = data;
    expect(found(envelope(type, rest))).toEqual([`SCHEMA /data/${field}`]);
  });
  it('is refused with a field that we do not know, and with another subject', () => {
    expect(found(envelope(type, { ...data, color: 'red' }))).toEqual(['SCHEMA /data/color']);
    expect(found(envelope(type, data, { subject: 'C-else' }))).toContain('SUBJECT_MISMATCH /subject');
  });
});

describe('an amendment', () => {
  it.each([0, -1, 1.5, '1', null])('of revision %j is refused', (revision) => {
    expect(found(envelope('partner.contract.amended', { ...request(), revision }))).toEqual([
      'SCHEMA /data/revision',
    ]);
  });
  it('with a date without a zone is refused', () => {
    const lease = { ...request().lease, expiresAt: '2027-06-01T00:00:00' };
    expect(found(envelope('partner.contract.amended', { ...request(), lease, revision: 1 }))).toEqual([
      'SCHEMA /data/lease/expiresAt',
    ]);
  });
});

describe('an instant that cannot be', () => {
  const said = (expiresAt: string) =>
    reasonsFor(eventWith('/data/lease/expiresAt', expiresAt)).map(({ message }) => message);

  it.each(['2027-06-01T00:00:00.5Z', '2027-06-01T00:00:00+08:00', '2027-06-01'])(
    '(%s) is refused with how it is written',
    (expiresAt) => {
      expect(said(expiresAt)).toEqual([expect.stringMatching(/2026-03-01T08:00:00Z \(UTC, whole seconds/)]);
    },
  );

  it.each(['2027-02-29T00:00:00Z', '2027-06-30T24:00:00Z', '2026-12-31T23:59:60Z'])(
    '(%s) is refused with which days and times there are',
    (expiresAt) => {
      expect(said(expiresAt)).toEqual([
        expect.stringMatching(/no such day.*00:00:00 to 23:59:59.*no leap second/),
      ]);
    },
  );

  it('is none on a leap day', () => {
    expect(said('2028-02-29T23:59:59Z')).toEqual([]);
  });
});

describe('a termination', () => {
  const termination = (data: object, changes: object = {}) =>
    JSON.stringify({
      id: 'e-1',
      source: 's',
      type: 'partner.contract.terminated',
      subject: 'C-1',
      data: { contractId: 'C-1', reason: 'the contract\nended', requestedBy: 'b', ...data },
      ...changes,
    });
  it('is read with what every sender can say', () => expect(found(termination({}))).toEqual([]));
  it.each([
    [{ reason: '' }, ['SCHEMA /data/reason']],
    [{ requestedBy: undefined }, ['SCHEMA /data/requestedBy']],
    [{ effectiveAt: '2027-01-01T00:00:00Z' }, ['SCHEMA /data/effectiveAt']],
    [{ contractId: 'C-2' }, ['SUBJECT_MISMATCH /subject']],
    [{ contractId: 'C..1' }, ['BAD_CONTRACT_ID /data/contractId', 'SUBJECT_MISMATCH /subject']],
  ])('with %j is refused', (data, expected) => expect(found(termination(data))).toEqual(expected));
  it('that is refused is answered under its subject, when that is a contract id', () => {
    expect(parseAnyEvent(termination({ reason: '' }))).toMatchObject({ ok: false, contractId: 'C-1' });
    expect(parseAnyEvent(termination({}, { subject: '../x' }))).not.toHaveProperty('contractId');
  });
});

describe('what can be read of a request that is refused', () => {
  const bad = { ...kafkaGrant, access: 'everything' };
  const other = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' };
  const partOf = (changes: (event: Json) => Json) => {
    const event = changes(
      eventOf(structuredClone(request({ grants: [kafkaGrant, other] as never })) as never),
    );
    const parsed = parseAnyEvent(JSON.stringify(event));
    if (parsed.ok) throw new Error('it was not refused');
    return parsed.part;
  };
  const withData = (data: Json) => (event: Json) => ({
    ...event,
    data: { ...(event['data'] as Json), ...data },
  });

  it('is all but grants that are not', () => {
    const part = partOf(withData({ grants: [bad, kafkaGrant, { service: 'fax' }, other, 7] }));
    expect(part?.event.data.grants).toEqual([kafkaGrant, other]);
    expect(part?.grantAt).toEqual([1, 3]);
    const reasons = [0, 1].map((index) => ({
      code: 'X',
      pointer: `/data/grants/${index}/region`,
      message: '',
    }));
    const all = [...reasons, { code: 'X', pointer: '/data/lease', message: '' }];
    expect(againstWhole(all, part!).map(({ pointer }) => pointer)).toEqual([
      '/data/grants/1/region',
      '/data/grants/3/region',
      '/data/lease',
    ]);
  });
  it('is all but fields that nobody knows, wherever they are', () => {
    const { grantee } = request();
    const accessors = [{ type: 'user', name: 'alice', via: 'console', requiremfa: true }];
    const part = partOf(withData({ grantee: { ...grantee, 'a~/b': 1, accessors }, colour: 'red' }));
    expect(part?.event.data.grantee.accessors).toEqual([{ type: 'user', name: 'alice', via: 'console' }]);
    expect(part?.grantAt).toEqual([0, 1]);
  });
  it.each<[string, Json]>([
    ['without a grant that can be read', { grants: [bad] }],
    ['whose grants are no list', { grants: 'all' }],
    ['whose lease cannot be read', { lease: { startsAt: 'now', expiresAt: 'then' }, grants: [bad, other] }],
    [
      'whose lease ends on no day',
      { lease: { startsAt: '2027-01-01T00:00:00Z', expiresAt: '2027-02-30T00:00:00Z' } },
    ],
    ['that restricts it by what cannot be read', { restrict: { sourceIps: ['here'] }, grants: [bad, other] }],
    ['of another contract than its subject', { contractId: 'C-other', grants: [bad, other] }],
  ])('is nothing of one %s', (_, data) => expect(partOf(withData(data))).toBeUndefined());
  it('is nothing of an amendment: a grant less would take it away', () => {
    const type = 'partner.contract.amended';
    expect(
      partOf((event) => ({ ...withData({ revision: 1, grants: [bad, other] })(event), type })),
    ).toBeUndefined();
  });
});

describe('the reader', () => {
  it('counts bytes, not characters', () => {
    expect(found(JSON.stringify({ type: '界'.repeat(25_000) }))).toEqual(['EVENT_TOO_LARGE ']);
  });

  it('never throws, whatever stands anywhere in an event', () => {
    const pointers = [
      '/type',
      '/subject',
      '/data',
      '/data/contractId',
      '/data/lease',
      '/data/lease/startsAt',
      '/data/grantee',
      '/data/grantee/accessors',
      '/data/grants',
      '/data/grants/0',
      '/data/grants/0/service',
      '/data/grants/0/topics',
      '/data/restrict',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...pointers), fc.jsonValue(), (pointer, value) => {
        const parsed = parseAnyEvent(eventWith(pointer, value));
        if (!parsed.ok) expect(parsed.reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseAnyEvent(text).ok).toBe(false);
      }),
    );
  });

  it.each(['/data', '/data/contractId', '/data/grantee/accessors', '/data/grants', '/data/grants/0/topics'])(
    'is not brought down by what is nested very deep in %s',
    (pointer) => {
      const deep = `${'['.repeat(14_000)}${']'.repeat(14_000)}`;
      for (const value of [['@', '@'], '@']) {
        const text = eventWith(pointer, value).replaceAll('"@"', deep);
        expect(parseAnyEvent(text).ok).toBe(false);
      }
    },
  );
});
