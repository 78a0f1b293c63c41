import { describe, expect, it } from 'vitest';
import { DEFAULT_ADMISSION } from '../../shared/domain/admission-settings.js';
import { parseAutoApproval } from '../../shared/domain/auto-approval-rule.js';

const THUMBPRINT = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
const problemsOf = (rule: unknown) => parseAutoApproval(JSON.stringify(rule)).problems;

describe('an auto-approval rule', () => {
  it('lets through what it says, and of the rest what it does by default', () => {
    const said = {
      maxLeaseSeconds: 3600,
      accessLevels: ['read', 'publish', 'subscribe', 'operate', 'full'],
      services: ['kafka', 'rabbitmq', 'rocketmq', 'eventbridge', 'slb'],
      granteeAccounts: ['1234567890123456'],
      keyThumbprints: [THUMBPRINT],
      targetHosts: ['hooks.example.com', 'hooks.example.com:8443'],
      allowSystemPolicies: true,
    };
    const { rule, problems } = parseAutoApproval(JSON.stringify(said));
    expect(problems).toEqual([]);
    expect(rule).toEqual({ ...DEFAULT_ADMISSION.autoApproval, ...said });
  });

  it('may let nothing through by itself', () => {
    expect(problemsOf({ maxLeaseSeconds: 0 })).toEqual([]);
  });

  it.each(['', '{}'])('is the default where it says nothing: "%s"', (text) => {
    expect(parseAutoApproval(text)).toEqual({ rule: DEFAULT_ADMISSION.autoApproval, problems: [] });
  });

  it.each(['null', '[]', '3', '"yes"', 'yes', '{'])(
    'is none, and the default instead, where it is %s',
    (text) => {
      expect(parseAutoApproval(text)).toEqual({
        rule: DEFAULT_ADMISSION.autoApproval,
        problems: ['not a JSON object'],
      });
    },
  );

  it.each([
    ['maxLeaseSeconds', '3600', 'is not a number of seconds'],
    ['maxLeaseSeconds', -1, 'is not a number of seconds'],
    ['accessLevels', 'read', 'is not a list of texts'],
    ['accessLevels', ['read', 3], 'is not a list of texts'],
    [
      'accessLevels',
      ['read', 'opperate'],
      'holds "opperate", which is not among read, publish, subscribe, operate, full',
    ],
    ['services', ['kafak'], 'holds "kafak", which is not among kafka, rabbitmq, rocketmq, eventbridge, slb'],
    [
      'granteeAccounts',
      ['123456789012345'],
      'holds "123456789012345", which is not an account id of 16 digits',
    ],
    [
      'granteeAccounts',
      ['12345678901234567'],
      'holds "12345678901234567", which is not an account id of 16 digits',
    ],
    [
      'keyThumbprints',
      [`x${THUMBPRINT}`],
      `holds "x${THUMBPRINT}", which is not a thumbprint of 43 characters`,
    ],
    ['keyThumbprints', ['x'], 'holds "x", which is not a thumbprint of 43 characters'],
    [
      'keyThumbprints',
      [`${THUMBPRINT}=`],
      `holds "${THUMBPRINT}=", which is not a thumbprint of 43 characters`,
    ],
    [
      'targetHosts',
      ['https://hooks.example.com'],
      'holds "https://hooks.example.com", which is not a host such as hooks.example.com, in lower case',
    ],
    [
      'targetHosts',
      ['Hooks.example.com'],
      'holds "Hooks.example.com", which is not a host such as hooks.example.com, in lower case',
    ],
    ['targetHosts', [''], 'holds "", which is not a host such as hooks.example.com, in lower case'],
    ['allowSystemPolicies', 'false', 'is not true or false'],
    ['allowUnavoidablyWider', 1, 'is not true or false'],
    ['allowEndsByController', null, 'is not true or false'],
  ])('is refused where %s is %j, which nothing could meet', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name} ${problem}`]);
  });

  it('names all that is wrong with it at once, fields that are none among it', () => {
    expect(problemsOf({ services: ['x'], toString: 1, maxLease: 60 })).toEqual([
      expect.stringMatching(/^services holds "x"/),
      expect.stringMatching(/^unknown field toString; there are maxLeaseSeconds, .*allowEndsByController$/),
      expect.stringMatching(/^unknown field maxLease; /),
    ]);
  });
});
