import { describe, expect, it } from 'vitest';
import { policyDiff, trustDiff } from '../../../shared/app/role/document-diff.js';

const policy = (...Statement: readonly object[]) => JSON.stringify({ Version: '1', Statement });
const allow = (Action: unknown, Resource: unknown = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: unknown, Condition?: object) => ({ ...allow(Action, '*', Condition), Effect: 'Deny' });
const until = (at: string) => ({ DateLessThan: { 'acs:CurrentTime': at } });
const from = (...ips: readonly string[]) => ({ IpAddress: { 'acs:SourceIp': ips } });

describe('a policy that is there, beside the one that was wanted', () => {
  const wanted = policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB'], 'topic/a', until('2027-01-01T00:00:00Z')));

  it.each([
    ['in other white space', JSON.stringify(JSON.parse(wanted), null, 2)],
    ['in another order', policy(...JSON.parse(wanted).Statement.reverse())],
    [
      'in other groups',
      policy(
        deny('ram:*'),
        allow('mq:PUB', 'topic/a', until('2027-01-01T00:00:00Z')),
        allow('mq:SUB', ['topic/a'], until('2027-01-01T00:00:00Z')),
      ),
    ],
  ])('differs in nothing when it is the same %s', (_, there) => {
    expect(policyDiff(there, wanted)).toEqual({ widens: [], narrows: [] });
  });

  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      'an action more',
      policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB', 'mq:DEL'], 'topic/a', until('2027-01-01T00:00:00Z'))),
      ['allows mq:DEL on topic/a while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z'],
      [],
    ],
    [
      'an action less',
      policy(deny('ram:*'), allow('mq:PUB', 'topic/a', until('2027-01-01T00:00:00Z'))),
      [],
      ['does not allow mq:SUB on topic/a while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z'],
    ],
    [
      'a star in place of the actions',
      policy(deny('ram:*'), allow('mq:*', 'topic/a', until('2027-01-01T00:00:00Z'))),
      ['allows mq:* on topic/a while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z'],
      [],
    ],
    [
      'another resource',
      policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB'], 'topic/b', until('2027-01-01T00:00:00Z'))),
      ['allows mq:PUB, mq:SUB on topic/b while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z'],
      ['does not allow mq:PUB, mq:SUB on topic/a while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z'],
    ],
    [
      'no bound',
      policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB'], 'topic/a')),
      [
        'allows mq:PUB, mq:SUB on topic/a, but not only while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z',
      ],
      [],
    ],
    [
      'a later end',
      policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB'], 'topic/a', until('2028-01-01T00:00:00Z'))),
      [
        'allows mq:PUB, mq:SUB on topic/a, but DateLessThan acs:CurrentTime is 2028-01-01T00:00:00Z instead of 2027-01-01T00:00:00Z',
      ],
      [],
    ],
    [
      'an earlier end',
      policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB'], 'topic/a', until('2026-12-02T00:00:00Z'))),
      [],
      [
        'allows mq:PUB, mq:SUB on topic/a, but DateLessThan acs:CurrentTime is 2026-12-02T00:00:00Z instead of 2027-01-01T00:00:00Z',
      ],
    ],
    [
      'no guard',
      policy(allow(['mq:PUB', 'mq:SUB'], 'topic/a', until('2027-01-01T00:00:00Z'))),
      ['does not deny ram:* on *'],
      [],
    ],
    [
      'a denial more',
      policy(
        deny(['ram:*', 'mq:SUB']),
        allow(['mq:PUB', 'mq:SUB'], 'topic/a', until('2027-01-01T00:00:00Z')),
      ),
      [],
      ['denies mq:SUB on *'],
    ],
    [
      'everything but something',
      policy(deny('ram:*'), allow(['mq:PUB', 'mq:SUB'], 'topic/a', until('2027-01-01T00:00:00Z')), {
        Effect: 'Allow',
        NotAction: 'ram:*',
        Resource: '*',
      }),
      ['allows everything but ram:* on *'],
      [],
    ],
  ])('is told in what it differs: %s', (_, there, widens, narrows) => {
    expect(policyDiff(there, wanted)).toEqual({ widens, narrows });
  });

  it('counts one more address as wider, and one less as narrower; of others it can say neither', () => {
    const bound = (...ips: readonly string[]) => policy(allow('mq:PUB', '*', from(...ips)));
    expect(policyDiff(bound('1.1.1.1', '2.2.2.2'), bound('1.1.1.1'))).toMatchObject({ narrows: [] });
    expect(policyDiff(bound('1.1.1.1'), bound('1.1.1.1', '2.2.2.2'))).toMatchObject({ widens: [] });
    const other = policyDiff(bound('3.3.3.3'), bound('1.1.1.1'));
    expect([other.widens.length, other.narrows.length]).toEqual([1, 1]);
  });

  it('counts a denial that binds fewer as wider', () => {
    const guard = (...ips: readonly string[]) => policy(deny('*', { NotIpAddress: { 'acs:SourceIp': ips } }));
    expect(policyDiff(guard('1.1.1.1', '2.2.2.2'), guard('1.1.1.1'))).toMatchObject({ narrows: [] });
    expect(policyDiff(guard('1.1.1.1'), guard('1.1.1.1', '2.2.2.2'))).toMatchObject({ widens: [] });
  });

  it('is told whole when it is not there, and when nothing was wanted', () => {
    expect(policyDiff(undefined, wanted)).toEqual({
      widens: ['does not deny ram:* on *'],
      narrows: [
        'does not allow mq:PUB, mq:SUB on topic/a while DateLessThan acs:CurrentTime 2027-01-01T00:00:00Z',
      ],
    });
    expect(policyDiff(policy(allow('*')), undefined).widens).toEqual(['allows * on *']);
  });

  it('is feared when it cannot be read', () => {
    const unknown = policy({ Effect: 'Allow', Action: '*', NotResource: 'x' });
    expect(policyDiff(unknown, wanted).widens).toEqual(['it says what Leasehold cannot read']);
  });

  it('is told in at most a few dozen lines, however long it is', () => {
    const long = policy(
      ...Array.from({ length: 200 }, (_, n) =>
        allow(
          Array.from({ length: 40 }, (__, m) => `a${n}:B${m}`),
          `r-${n}`,
        ),
      ),
    );
    const { widens } = policyDiff(long, wanted);
    expect(JSON.stringify(widens).length).toBeLessThan(8_000);
    expect(widens.at(-1)).toBe('181 further differences');
    expect(widens[0]).toContain('28 more');
  });
});

describe('a trust policy that is there, beside the one that was wanted', () => {
  const trust = (...Statement: readonly object[]) => policy(...Statement);
  const may = (RAM: unknown, Condition?: object) => ({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM },
    ...(Condition === undefined ? {} : { Condition }),
  });
  const secret = (id: string) => ({ StringEquals: { 'sts:ExternalId': id } });
  const wanted = trust(may('acs:ram::2:root', secret('key-one')));

  it('is told by who may enter, and never by which ExternalId', () => {
    const there = trust(may(['acs:ram::2:root'], secret('key-two')), may('acs:ram::9:root'));
    const { widens, narrows } = trustDiff(there, wanted);
    expect(widens).toEqual([
      'acs:ram::9:root may enter',
      'acs:ram::2:root may enter, but StringEquals sts:ExternalId is (not shown) instead of (not shown)',
    ]);
    expect(narrows).toEqual([
      'acs:ram::2:root may enter, but StringEquals sts:ExternalId is (not shown) instead of (not shown)',
    ]);
    expect(JSON.stringify([widens, narrows])).not.toMatch(/key-/);
  });

  it('is narrower where somebody is missing, and wider where nothing is asked of him', () => {
    expect(trustDiff(trust(may('acs:ram::3:root', secret('key-one'))), wanted).narrows).toEqual([
      'acs:ram::2:root may not enter while StringEquals sts:ExternalId (not shown)',
    ]);
    expect(trustDiff(trust(may('acs:ram::2:root')), wanted)).toEqual({
      widens: ['acs:ram::2:root may enter, but not only while StringEquals sts:ExternalId (not shown)'],
      narrows: [],
    });
  });

  it('names services and identity providers', () => {
    const there = trust(...JSON.parse(wanted).Statement, {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'ecs.aliyuncs.com', Federated: 'acs:ram::1:saml-provider/x' },
    });
    expect(trustDiff(there, wanted).widens).toEqual([
      'service ecs.aliyuncs.com may enter',
      'identity provider acs:ram::1:saml-provider/x may enter',
    ]);
  });
});
