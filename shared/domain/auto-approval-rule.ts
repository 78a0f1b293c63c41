/** Reads what an operator lets through without a person. Pure. */
import { type AutoApprovalRule, DEFAULT_ADMISSION } from './admission-settings.js';
import { ACCESS_LEVELS, SERVICES } from './grant.js';
import { jsonIn } from './json-in.js';
import { isAccountId } from './values.js';

/** What is wrong with a field; `undefined` for nothing. */
type Judge = (value: unknown) => string | undefined;

const is =
  (isRight: (value: unknown) => boolean, what: string): Judge =>
  (value) =>
    isRight(value) ? undefined : `is not ${what}`;

const isListOf =
  (isRight: (text: string) => boolean, what: string): Judge =>
  (value) => {
    if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
      return 'is not a list of texts';
    const wrong = value.find((one) => !isRight(one));
    return wrong === undefined ? undefined : `holds "${wrong}", which is not ${what}`;
  };

const isListAmong = (names: readonly string[]): Judge =>
  isListOf((text) => names.includes(text), `among ${names.join(', ')}`);

const isFlag = is((value) => typeof value === 'boolean', 'true or false');

const FIELDS: Readonly<Record<keyof AutoApprovalRule, Judge>> = {
  maxLeaseSeconds: is((value) => typeof value === 'number' && value >= 0, 'a number of seconds'),
  accessLevels: isListAmong(ACCESS_LEVELS),
  services: isListAmong(SERVICES),
  granteeAccounts: isListOf(isAccountId, 'an account id of 16 digits'),
  // SHA-256 in base64url. Source: RFC 7638.
  keyThumbprints: isListOf((text) => /^[\w-]{43}$/.test(text), 'a thumbprint of 43 characters'),
  targetHosts: isListOf(
    (text) => /^[^\s/A-Z]+$/.test(text),
    'a host such as hooks.example.com, in lower case',
  ),
  allowSystemPolicies: isFlag,
  allowUnavoidablyWider: isFlag,
  allowEndsByController: isFlag,
};

/**
 * What the rule leaves unsaid it does not let through. A field that is not known may have been meant to narrow it, and a value that
 * nothing can have lets nothing through without a word. `problems`: why it is none, each by its field.
 */
export function parseAutoApproval(text: string): {
  readonly rule: AutoApprovalRule;
  readonly problems: readonly string[];
} {
  const otherwise = DEFAULT_ADMISSION.autoApproval;
  const value = text === '' ? {} : jsonIn(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { rule: otherwise, problems: ['not a JSON object'] };
  const problems = Object.entries(value).flatMap(([name, field]) => {
    if (!isField(name)) return [`unknown field ${name}; there are ${Object.keys(FIELDS).join(', ')}`];
    const problem = FIELDS[name](field);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
  return { rule: { ...otherwise, ...value }, problems };
}

const isField = (name: string): name is keyof AutoApprovalRule => Object.hasOwn(FIELDS, name);
