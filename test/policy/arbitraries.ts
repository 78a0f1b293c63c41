import fc from 'fast-check';

/** Small alphabets, so that things meet. */
const word = fc.constantFrom('a', 'b', 'ab', 'ba', 'abc', '', 'A');
const globText = fc
  .array(fc.constantFrom('a', 'b', '*', '?', ':', '/'), { minLength: 0, maxLength: 6 })
  .map((parts) => parts.join(''));
export const globPattern = globText;
export const plainText = fc
  .array(fc.constantFrom('a', 'b', ':', '/'), { maxLength: 8 })
  .map((parts) => parts.join(''));

const action = fc.constantFrom('s:Get', 's:Put', 's:GetAll', 't:Get', 'S:gET');
const actionPattern = fc.constantFrom('s:Get', 's:*', '*', 's:Get*', '*:Get', 's:?et', 't:Get', 's:P*');
const resource = fc.constantFrom('acs:s:r:1:a', 'acs:s:r:1:a/b', 'acs:s::1:b', 'acs:s:r:2:a', '*');
const resourcePattern = fc.constantFrom(
  '*',
  'acs:s:*:1:*',
  'acs:s:r:1:a',
  'acs:s:r:1:a/*',
  'acs:s:*:*:b',
  'acs:?:r:1:?',
);
const dates = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-06-01T08:00:00+08:00',
  '2026-06-01T00:00:00Z',
  '2027-01-01T00:00:00Z',
);
const numbers = fc.constantFrom('0', '1', '2.5', '-3', '1.0');
const addresses = fc.constantFrom('10.0.0.1', '10.0.1.7', '192.168.1.1', '10.0.0.255');
const networks = fc.constantFrom('10.0.0.0/24', '10.0.0.0/8', '192.168.1.1', '0.0.0.0/0', '10.0.1.7/32');

const operandsOf: Record<string, { readonly key: string; readonly operand: fc.Arbitrary<string> }> = {
  ...Object.fromEntries(
    ['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'].map((name) => [
      name,
      { key: 'k:string', operand: word },
    ]),
  ),
  ...Object.fromEntries(
    ['StringLike', 'StringNotLike'].map((name) => [name, { key: 'k:string', operand: globText }]),
  ),
  ...Object.fromEntries(
    ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].flatMap(
      (name) => [
        [`Numeric${name}`, { key: 'k:number', operand: numbers }],
        [`Date${name}`, { key: 'acs:CurrentTime', operand: dates }],
      ],
    ),
  ),
  Bool: { key: 'k:flag', operand: fc.constantFrom('true', 'false') },
  IpAddress: { key: 'acs:SourceIp', operand: networks },
  NotIpAddress: { key: 'acs:SourceIp', operand: networks },
};
export const ALL_OPERATORS = Object.keys(operandsOf);

const condition = fc
  .array(
    fc.constantFrom(...ALL_OPERATORS).chain((operator) => {
      const { key, operand } = operandsOf[operator]!;
      return fc
        .array(operand, { minLength: 1, maxLength: 3 })
        .map((values) => [operator, { [key]: values }] as const);
    }),
    { maxLength: 2 },
  )
  .map((entries) => (entries.length === 0 ? {} : { Condition: Object.fromEntries(entries) }));

const oneOrMore = (values: fc.Arbitrary<string>) => fc.array(values, { minLength: 1, maxLength: 3 });
/** A statement as JSON. */
export const statement = (effect?: 'Allow' | 'Deny') =>
  fc
    .tuple(
      effect === undefined ? fc.constantFrom('Allow', 'Deny') : fc.constant(effect),
      fc.boolean(),
      oneOrMore(actionPattern),
      oneOrMore(resourcePattern),
      condition,
    )
    .map(([Effect, isNegative, actions, Resource, rest]) => ({
      Effect,
      ...(isNegative ? { NotAction: actions } : { Action: actions }),
      Resource,
      ...rest,
    }));

export const documentOf = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '1', Statement: statements });
/** A policy document as JSON text. */
export const document = fc.array(statement(), { minLength: 1, maxLength: 4 }).map(documentOf);

const principals = {
  RAM: fc.constantFrom(
    'acs:ram::1:root',
    'acs:ram::2:root',
    'acs:ram::1:user/a',
    'acs:ram::1:role/a',
    'acs:ram::2:role/AB',
  ),
  Service: fc.constantFrom('s.aliyuncs.com', '1@s.aliyuncs.com', 'a'),
  Federated: fc.constantFrom('acs:ram::1:saml-provider/a', 'acs:ram::2:oidc-provider/a'),
};
const principal = fc
  .record(
    {
      RAM: oneOrMore(principals.RAM),
      Service: oneOrMore(principals.Service),
      Federated: oneOrMore(principals.Federated),
    },
    { requiredKeys: [] },
  )
  .filter((kinds) => Object.keys(kinds).length > 0);
/** A trust policy as JSON text. */
export const trustDocument = fc
  .array(
    fc
      .tuple(fc.constantFrom('Allow', 'Deny'), oneOrMore(actionPattern), principal, condition)
      .map(([Effect, Action, Principal, rest]) => ({ Effect, Action, Principal, ...rest })),
    { minLength: 1, maxLength: 4 },
  )
  .map(documentOf);
export const entrant = fc.oneof(
  fc.record({
    kind: fc.constantFrom('user', 'role'),
    accountId: fc.constantFrom('1', '2', '3'),
    name: fc.constantFrom('a', 'A', 'ab'),
  }),
  fc.record({
    kind: fc.constant('service' as const),
    name: fc.constantFrom('s.aliyuncs.com', '1@s.aliyuncs.com', 'a'),
  }),
);

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
export const request = fc
  .record({
    action,
    resource,
    string: maybe(fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }))),
    number: maybe(numbers),
    flag: maybe(fc.constantFrom('true', 'false')),
    time: maybe(dates),
    ip: maybe(addresses),
  })
  .map(({ action: name, resource: arn, string, number, flag, time, ip }) => ({
    action: name,
    resource: arn,
    context: Object.fromEntries(
      Object.entries({
        'k:string': string,
        'k:number': number,
        'k:flag': flag,
        'acs:CurrentTime': time,
        'acs:SourceIp': ip,
      }).filter(([, value]) => value !== undefined),
    ) as Record<string, string | readonly string[]>,
  }));
