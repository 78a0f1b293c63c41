/** Allow-lists for names that end up in ARNs: no wildcard, separator or variable may hide in one. */
import type { GrantIssue } from './types.js';

/** Ids the vendor gives out, such as `alikafka_pre-cn-x`, `MQ_INST_1_x`, `lb-x`. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** Kafka: letters, digits, `_`, `-`, `.`. RocketMQ: the same, and `%` never, since it separates instance from topic. */
const TOPIC = /^[A-Za-z0-9_.-]{1,249}$/;
/** RabbitMQ: letters, digits and `- _ . # @`. Its `/` is an ARN's separator, so a virtual host `/` cannot be granted. */
const AMQP = /^[A-Za-z0-9_.#@-]{1,255}$/;
/** EventBridge: letters, digits, `-`; begins with a letter or digit; at most 127. */
const BUS = /^[A-Za-z0-9][A-Za-z0-9-]{0,126}$/;

export const NAME_FORMS = { ID, TOPIC, AMQP, BUS } as const;

/** Issues of one name, or of a list of names, below `pointer`. */
export function nameIssues(
  names: string | readonly string[] | undefined,
  form: RegExp,
  pointer: string,
): readonly GrantIssue[] {
  const list =
    typeof names === 'string'
      ? [[pointer, names] as const]
      : (names ?? []).map((name, index) => [`${pointer}/${index}`, name] as const);
  return list
    .filter(([, name]) => !form.test(name) || /^\.+$/.test(name))
    .map(([at, name]) => ({
      code: 'BAD_NAME',
      pointer: at,
      message: `"${name.slice(0, 60)}" is no exact name of this product; wildcards and separators are not allowed`,
    }));
}

/** As `nameIssues`, for a list that must not be empty: a statement without a resource would be none. */
export const someNameIssues = (
  names: readonly string[],
  form: RegExp,
  pointer: string,
): readonly GrantIssue[] =>
  names.length === 0 ? missing(pointer, 'at least one must be named') : nameIssues(names, form, pointer);

export const unsupported = (message: string): readonly GrantIssue[] => [
  { code: 'UNSUPPORTED_ACCESS', pointer: '/access', message },
];
export const missing = (pointer: string, message: string): readonly GrantIssue[] => [
  { code: 'MISSING_RESOURCE', pointer, message },
];
export const useless = (pointer: string, message: string): readonly GrantIssue[] => [
  { code: 'USELESS_FIELD', pointer, message },
];
export const uselessIf = (given: unknown, pointer: string, message: string): readonly GrantIssue[] =>
  given === undefined ? [] : useless(pointer, message);

interface DataPlaneFields {
  readonly access: string;
  readonly topics?: readonly string[];
  readonly groups?: readonly string[];
  readonly dataPlane?: unknown;
}

/**
 * For products whose data plane RAM does not govern: to send or receive takes an account there, which a request must ask for
 * since its end depends on Leasehold; and then it names what exactly the account may use.
 */
export function dataPlaneIssues(grant: DataPlaneFields, product: string): readonly GrantIssue[] {
  const { access, topics, groups, dataPlane } = grant;
  if (access !== 'publish' && access !== 'subscribe')
    return uselessIf(
      dataPlane,
      '/dataPlane',
      'accounts in the data plane are for publish and subscribe only',
    );
  if (dataPlane === undefined)
    return [
      {
        code: 'NEEDS_DATA_PLANE',
        pointer: '/access',
        message: `RAM does not decide who sends and receives on ${product}: ask for an account in its data plane by dataPlane.endsByController, which accepts that its end depends on Leasehold running`,
      },
    ];
  return [
    ...(topics === undefined || topics.length === 0
      ? missing('/topics', 'an account in the data plane is for named topics')
      : []),
    ...(access === 'publish' ? uselessIf(groups, '/groups', 'consumer groups are for subscribing') : []),
    ...(access === 'subscribe' && (groups === undefined || groups.length === 0)
      ? missing('/groups', 'subscribing takes consumer groups; name them')
      : []),
  ];
}

export const groupUnsupported = (
  resourceGroupId: string | undefined,
  message: string,
): readonly GrantIssue[] =>
  resourceGroupId === undefined
    ? []
    : [{ code: 'RESOURCE_GROUP_UNSUPPORTED', pointer: '/resourceGroupId', message }];

export const groupUndocumented = (
  resourceGroupId: string | undefined,
  product: string,
): readonly GrantIssue[] =>
  groupUnsupported(resourceGroupId, `${product} is not documented to honour resource groups`);
