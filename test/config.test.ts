import { describe, expect, it } from 'vitest';
import { configProblems, readConfig } from '../shared/config.js';
import { ENV } from './support/env.js';

const settings = (changes: Readonly<Record<string, string>> = {}) =>
  readConfig({ ...ENV, ...changes }).settings;

describe('the configuration', () => {
  it('that lacks or mistakes several things is told all of them at once', () => {
    const problems = () =>
      readConfig({ LEASEHOLD_REGION: 'cn-hangzhou', LEASEHOLD_REGIONS: 'x', LEASEHOLD_ON_DRIFT: 'panic' });
    for (const name of [
      'LEASEHOLD_ACCOUNT',
      'LEASEHOLD_PREFIX',
      'LEASEHOLD_EVIDENCE_BUCKET',
      'LEASEHOLD_INDEX_BUCKET',
      'LEASEHOLD_AUTO_APPROVAL',
      'LEASEHOLD_REGIONS',
      'LEASEHOLD_ON_DRIFT',
    ])
      expect(problems).toThrow(name);
  });

  it('names a region and an account of the wrong form with all else', () => {
    const problems = configProblems({
      ...ENV,
      LEASEHOLD_REGION: 'Hangzhou',
      LEASEHOLD_ACCOUNT: '42',
      LEASEHOLD_ON_DRIFT: 'panic',
    });
    expect(problems.map((problem) => problem.split(/[: ]/)[0])).toEqual([
      'LEASEHOLD_REGION',
      'LEASEHOLD_ACCOUNT',
      'LEASEHOLD_ON_DRIFT',
    ]);
    expect(configProblems(ENV)).toEqual([]);
  });

  it('that is wrong everywhere is told so everywhere, in one message', () => {
    const wrong = {
      LEASEHOLD_REGION: 'Hangzhou!',
      LEASEHOLD_ACCOUNT: '42',
      LEASEHOLD_PREFIX: 'lease-hold',
      LEASEHOLD_EVIDENCE_BUCKET: 'Evidence_Bucket',
      LEASEHOLD_INDEX_BUCKET: 'x',
      LEASEHOLD_AUTO_APPROVAL: '{',
      LEASEHOLD_REGIONS: 'cn-hangzhou,,x y',
      LEASEHOLD_APPROVERS: '[{"id":',
      LEASEHOLD_APPROVAL_SECONDS: 'a week',
      LEASEHOLD_GRANTEE_SECONDS: '-1',
      LEASEHOLD_WARNING_DAYS: '30,soon',
      LEASEHOLD_ON_DRIFT: 'panic',
      LEASEHOLD_VERDICT_ANSWERS: '0',
      LEASEHOLD_VERDICT_INTERVAL_SECONDS: 'Infinity',
      LEASEHOLD_VERDICT_PATIENCE_SECONDS: 'NaN',
      LEASEHOLD_ABSENCE_SECONDS: '1 minute',
    };
    try {
      readConfig(wrong);
      expect.fail('a configuration that is wrong everywhere was taken');
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_CONFIG' });
      const { message } = error as Error;
      expect(Object.keys(wrong).filter((name) => !message.includes(name))).toEqual([]);
    }
  });

  it.each([
    ['LEASEHOLD_REGION', 'cn_hangzhou'],
    ['LEASEHOLD_ACCOUNT', '100000000000000x'],
    ['LEASEHOLD_PREFIX', 'Leasehold'],
    ['LEASEHOLD_PREFIX', 'lease-'],
    // With a hyphen behind it these, too, begin as roles, accounts and rules of contracts do.
    ['LEASEHOLD_PREFIX', 'lease'],
    ['LEASEHOLD_PREFIX', 'lh'],
    ['LEASEHOLD_PREFIX', 'lh-prod'],
    ['LEASEHOLD_PREFIX', 'a-prefix-that-is-longer-than-all-of-it-may-be'],
    ['LEASEHOLD_EVIDENCE_BUCKET', '-evidence'],
    ['LEASEHOLD_INDEX_BUCKET', 'evidence'],
  ])('names %s when it is %s, and nothing else', (name, value) => {
    try {
      settings({ [name]: value });
      expect.fail(`${value} was taken`);
    } catch (error) {
      const named = (error as Error).message.match(/LEASEHOLD_[A-Z_]+/g) ?? [];
      expect(named).toContain(name);
      expect(named.filter((one) => !(one in { [name]: 0, LEASEHOLD_EVIDENCE_BUCKET: 0 }))).toEqual([]);
    }
  });

  it('lets through at once only what the rule says', () => {
    expect(settings({ LEASEHOLD_AUTO_APPROVAL: '{}' }).admission.autoApproval).toEqual({
      maxLeaseSeconds: 0,
      allowSystemPolicies: false,
      allowEndsByController: false,
      allowUnavoidablyWider: false,
    });
    expect(settings().admission.autoApproval.maxLeaseSeconds).toBe(3600);
  });

  it.each([
    'null',
    '[]',
    'yes',
    '{"maxLeaseDays":3}',
    '{"maxLeaseSeconds":"3600"}',
    '{"services":"kafka"}',
    '{"keyThumbprints":"x"}',
    '{"allowSystemPolicies":"false"}',
  ])('with the rule %s is refused', (rule) => {
    expect(() => settings({ LEASEHOLD_AUTO_APPROVAL: rule })).toThrow('LEASEHOLD_AUTO_APPROVAL');
  });

  it.each([
    ['no answer for a verdict', { LEASEHOLD_VERDICT_ANSWERS: '0' }],
    ['two and a half answers', { LEASEHOLD_VERDICT_ANSWERS: '2.5' }],
    ['answers that take longer than there is patience', { LEASEHOLD_VERDICT_INTERVAL_SECONDS: '100' }],
    ['more patience than any function has', { LEASEHOLD_VERDICT_PATIENCE_SECONDS: '900' }],
    [
      'patience and absence that no function has the time for together',
      { LEASEHOLD_ABSENCE_SECONDS: '61', LEASEHOLD_VERDICT_PATIENCE_SECONDS: '180' },
    ],
    [
      'answers that take longer than any function has for two verdicts',
      { LEASEHOLD_VERDICT_ANSWERS: '25', LEASEHOLD_VERDICT_INTERVAL_SECONDS: '7' },
    ],
    ['a write in an hour', { LEASEHOLD_WRITES_PER_SECOND: '0.0003' }],
    ['questions that nobody could answer in time', { LEASEHOLD_APPROVAL_SECONDS: '0' }],
    ['questions that outlive every lease', { LEASEHOLD_APPROVAL_SECONDS: '1e12' }],
    ['roles that wait for longer than any lease', { LEASEHOLD_GRANTEE_SECONDS: '1e12' }],
    ['warnings longer before an end than a lease lasts', { LEASEHOLD_WARNING_DAYS: '30,1099' }],
    ['a warning a day', { LEASEHOLD_WARNING_DAYS: '11,10,9,8,7,6,5,4,3,2,1' }],
    [
      "a prefix that makes its inbound bus another stage's outbound one",
      { LEASEHOLD_PREFIX: 'leasehold-out' },
    ],
    ['network of OSS that there is not', { LEASEHOLD_OSS_NETWORK: 'vpc' }],
    ['an address with a scheme', { LEASEHOLD_ENDPOINT: 'http://127.0.0.1:80' }],
  ])('takes no %s, and says so by name', (_, changes) => {
    const [name = ''] = Object.keys(changes);
    expect(configProblems({ ...ENV, ...changes })).toEqual([expect.stringContaining(name)]);
  });

  it.each([
    { LEASEHOLD_WRITES_PER_SECOND: '0' },
    { LEASEHOLD_GRANTEE_SECONDS: '0' },
    { LEASEHOLD_VERDICT_PATIENCE_SECONDS: '200', LEASEHOLD_ABSENCE_SECONDS: '40' },
    { LEASEHOLD_VERDICT_ANSWERS: '25' },
    { LEASEHOLD_WARNING_DAYS: '1098' },
    { LEASEHOLD_PREFIX: 'leasehold-outside' },
    { LEASEHOLD_PREFIX: 'leases' },
    { LEASEHOLD_PREFIX: 'lhc' },
    { LEASEHOLD_ENDPOINT: 'localhost:8080' },
  ])('takes what is on the edge: %o', (changes) => {
    expect(configProblems({ ...ENV, ...changes })).toEqual([]);
  });

  it.each([
    'LEASEHOLD_WRITES_PER_SECOND',
    'LEASEHOLD_GRANTEE_SECONDS',
    'LEASEHOLD_VERDICT_INTERVAL_SECONDS',
    'LEASEHOLD_ABSENCE_SECONDS',
  ])('takes no white space for a 0 in %s', (name) => {
    for (const space of [' ', '\t', ' \n'])
      expect(configProblems({ ...ENV, [name]: space })).toEqual([expect.stringContaining(name)]);
  });

  it('names the fields that a rule may have where it has another', () => {
    expect(() => settings({ LEASEHOLD_AUTO_APPROVAL: '{"maxLease":60}' })).toThrow(
      /unknown field maxLease; there are maxLeaseSeconds, .*granteeAccounts/,
    );
  });

  describe('of approvers', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) };
    const other = { ...key, x: 'z'.repeat(43) };
    const problemsOf = (approvers: unknown) =>
      configProblems({ ...ENV, LEASEHOLD_APPROVERS: JSON.stringify(approvers) });

    it('takes several keys of one, so that a new one can come before the old one goes', () => {
      const both = [
        { id: 'boss@a.example', key },
        { id: 'boss@a.example', key: other },
      ];
      expect(problemsOf(both)).toEqual([]);
      expect(settings({ LEASEHOLD_APPROVERS: JSON.stringify(both) }).approvals.approvers).toEqual(both);
    });

    it('takes no key of one twice', () => {
      const again = { y: key.y, x: key.x, crv: key.crv, kty: key.kty, kid: 'again' };
      const twice = [
        { id: 'boss@a.example', key },
        { id: 'boss@a.example', key: again },
      ];
      expect(problemsOf(twice)).toEqual([
        expect.stringMatching(/LEASEHOLD_APPROVERS.*boss@a\.example.*twice/),
      ]);
    });

    it.each<[string, unknown]>([
      ['nothing', null],
      ['an object', {}],
      ['a key without a name', [{ key }]],
      ['a name without a key', [{ id: 'boss@a.example' }]],
      ['nothing in the list', [null]],
      ['a private key', [{ id: 'boss@a.example', key: { ...key, d: 'd'.repeat(43) } }]],
      ['a key of an unknown kind', [{ id: 'boss@a.example', key: { kty: 'oct', k: 'k'.repeat(43) } }]],
      ['a number for the length of a key', [{ id: 'boss@a.example', key: { kty: 'RSA', n: 7, e: 'AQAB' } }]],
    ])('says what is wrong with %s, and not that it is no JSON', (_, approvers) => {
      const problems = problemsOf(approvers);
      expect(problems).toEqual([expect.stringContaining('LEASEHOLD_APPROVERS')]);
      expect(problems[0]).not.toContain('is not JSON');
    });

    it('that are not JSON are said to be that', () => {
      expect(configProblems({ ...ENV, LEASEHOLD_APPROVERS: '[{' })).toEqual([
        'LEASEHOLD_APPROVERS is not JSON',
      ]);
    });
  });

  it('names the regions that are served, or none for any', () => {
    expect(settings().admission.regions).toBeUndefined();
    expect(settings({ LEASEHOLD_REGIONS: 'cn-hangzhou,cn-shanghai' }).admission.regions).toEqual([
      'cn-hangzhou',
      'cn-shanghai',
    ]);
  });
});
