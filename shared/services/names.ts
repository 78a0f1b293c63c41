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

/** For products whose data plane RAM does not govern: what asks for it, by access level or by wish, at its own place. */
export function dataPlaneIssues(
  { access, dataPlane }: { readonly access: string; readonly dataPlane?: unknown },
  product: string,
): readonly GrantIssue[] {
  const message = `RAM does not decide who sends and receives on ${product}: that takes an account in its data plane, which this version does not make`;
  return [
    ...(access === 'publish' || access === 'subscribe' ? ['/access'] : []),
    ...(dataPlane === undefined ? [] : ['/dataPlane']),
  ].map((pointer) => ({ code: 'NEEDS_DATA_PLANE', pointer, message }));
}

export const groupUnsupported = (
  resourceGroupId: string | undefined,
  product: string,
): readonly GrantIssue[] =>
  resourceGroupId === undefined
    ? []
    : [
        {
          code: 'RESOURCE_GROUP_UNSUPPORTED',
          pointer: '/resourceGroupId',
          message: `${product} is not documented to honour resource groups`,
        },
      ];
