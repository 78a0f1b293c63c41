/** Says in plain words what a validator found, with a JSON pointer each. */
import type { ErrorObject } from 'ajv';

export interface SchemaFinding {
  readonly code: 'SCHEMA';
  readonly pointer: string;
  readonly message: string;
}

/** Keywords that only report that something below them failed. */
const FOLLOW_UPS = new Set(['if', 'oneOf', 'anyOf']);

/** A missing tag is reported as the missing field it is. */
export const isFollowUp = ({ keyword, params }: ErrorObject): boolean =>
  FOLLOW_UPS.has(keyword) || (keyword === 'discriminator' && params['tagValue'] === undefined);

/** All findings, each once, in document order. Values are echoed cut short; nothing in a request is secret. */
export function explain(errors: readonly ErrorObject[] | null | undefined): readonly SchemaFinding[] {
  const findings = (errors ?? []).filter((error) => !isFollowUp(error)).map(findingOf);
  const byText = new Map(findings.map((finding) => [`${finding.pointer} ${finding.message}`, finding]));
  return [...byText.values()].sort((left, right) =>
    left.pointer < right.pointer ? -1 : left.pointer > right.pointer ? 1 : 0,
  );
}

function findingOf(error: ErrorObject): SchemaFinding {
  const { keyword, instancePath, params } = error;
  const below = (name: unknown) =>
    `${instancePath}/${String(name).slice(0, 80).replace(/~/g, '~0').replace(/\//g, '~1')}`;
  if (keyword === 'required') return finding(below(params['missingProperty']), 'is missing');
  if (keyword === 'additionalProperties')
    return finding(below(params['additionalProperty']), 'is not a known field');
  if (keyword === 'discriminator') return finding(below(params['tag']), wordsFor(error));
  return finding(instancePath, wordsFor(error));
}

const finding = (pointer: string, message: string): SchemaFinding => ({ code: 'SCHEMA', pointer, message });

function wordsFor({ keyword, params, data, instancePath }: ErrorObject): string {
  const got = `got ${echo(data)}`;
  switch (keyword) {
    case 'type':
      return `must be of type ${String(params['type'])}; ${got}`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}; ${got}`;
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}; ${got}`;
    case 'discriminator':
      return `must be one of ${TAGS[String(params['tag'])] ?? 'the known kinds'}; got ${echo(params['tagValue'])}`;
    case 'pattern':
      return `is not of the right form${formOf(instancePath)}; ${got}`;
    case 'uniqueItems':
      return 'names something twice';
    case 'minItems':
      return `needs ${params['limit']} entry at least`;
    case 'maxItems':
      return `has ${(data as readonly unknown[]).length} entries; at most ${params['limit']} are taken`;
    case 'minLength':
      return 'must not be empty';
    case 'maxLength':
      return `has ${String(data).length} characters; at most ${params['limit']} are taken`;
    case 'minimum':
      return `must be ${params['limit']} at least; ${got}`;
    case 'maximum':
      return `must be ${params['limit']} at most; ${got}`;
    case 'minProperties':
      return `needs ${params['limit']} field at least`;
    case 'maxProperties':
      return `has more than ${params['limit']} fields`;
    default:
      return `fails "${keyword}"; ${got}`;
  }
}

/** Values of the fields that tell kinds apart. */
const TAGS: Readonly<Record<string, string>> = {
  service: 'kafka, rabbitmq, rocketmq, eventbridge, slb',
  type: 'bus, https',
};
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\/(startsAt|expiresAt)$/, ' 2026-03-01T08:00:00Z (UTC, whole seconds, no offset)'],
  [/\/(contractId|subject)$/, ' (1 to 64 letters, digits, ".", "-", "_", alphanumeric at both ends)'],
  [/\/accountId$/, ' (16 digits)'],
  [
    /\/accessors\/\d+\/name$/,
    ' (1 to 64 letters, digits, ".", "-" or "_", such as etl: without @ or account)',
  ],
  [/\/roles\/\d+\/name$/, ' (1 to 64 letters, digits, "." or "-": a name without account)'],
  [/\/systemPolicy$/, ' (letters, digits and "-", at most 128, such as AliyunKafkaReadOnlyAccess)'],
  [/\/resourceGroupId$/, ' such as rg-acfmxazb4ph6aiy'],
  [/\/region$/, ' such as cn-hangzhou'],
  [/\/logonName$/, ' (1 to 64 letters, digits, ".", "-" or "_"; the part before the @)'],
  [/\/displayName$/, ' (one line of text, at most 24 characters, without control characters)'],
  [/\/sourceIps\//, ' (an IPv4 address or CIDR block, no leading zeros)'],
  [/\/tags\/[^/]+$/, ' (one line of text, without control characters)'],
  [/\/(requestedBy|grantee\/name)$/, ' (one line of text, without control characters)'],
  [/^\/id$/, ' (letters, digits and "-", at most 128)'],
];
const formOf = (pointer: string): string => FORMS.find(([pattern]) => pattern.test(pointer))?.[1] ?? '';

function echo(value: unknown): string {
  const text =
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? 'a list'
        : 'an object'
      : (JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
