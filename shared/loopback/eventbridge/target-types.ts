/** What a target may look like, by type. Source: EventBridge "Event target parameters". */
import { ApiError } from '../kernel.js';
import { type Form, paramProblem, type TargetParam } from './transforms.js';

export interface Target {
  readonly Id: string;
  readonly Type: string;
  readonly Endpoint: string;
  readonly PushRetryStrategy: 'BACKOFF_RETRY' | 'EXPONENTIAL_DECAY_RETRY';
  readonly ErrorsTolerance: 'ALL' | 'NONE';
  readonly DeadLetterQueue?: { readonly Arn: string };
  /** Kept and told, but not obeyed: deliveries are as concurrent as they come. */
  readonly ConcurrentConfig?: unknown;
  readonly ParamList: readonly TargetParam[];
}

interface KeyRule {
  readonly forms: readonly Form[];
  readonly isRequired: boolean;
  /** What its constant may be; anything where the page has no list. */
  readonly values?: readonly string[];
}
const ANY: readonly Form[] = ['ORIGINAL', 'JSONPATH', 'CONSTANT', 'TEMPLATE'];
const required = (...forms: readonly Form[]): KeyRule => ({ forms, isRequired: true });
const optional = (...forms: readonly Form[]): KeyRule => ({ forms, isRequired: false });

/** One of a list, as a constant. */
const oneOf = (rule: KeyRule, ...values: readonly string[]): KeyRule => ({ ...rule, values });

const HTTP: Readonly<Record<string, KeyRule>> = {
  url: required('CONSTANT'),
  Body: required(...ANY),
  Network: oneOf(required('CONSTANT'), 'PublicNetwork', 'PrivateNetwork'),
  VPCNameAndId: optional('CONSTANT'),
  VSwitchesNameAndId: optional('CONSTANT'),
  SecurityGroupNameAndId: optional('CONSTANT'),
  Token: optional('CONSTANT'),
};

/** The types that are served here, with their resource keys. */
const TYPES: Readonly<Record<string, Readonly<Record<string, KeyRule>>>> = {
  'acs.fnf': {
    FlowName: required('CONSTANT'),
    RoleName: required('CONSTANT'),
    ExecutionName: optional('JSONPATH', 'CONSTANT', 'TEMPLATE'),
    // The page lists JSONPATH only; whether a rule may use more is not known.
    Input: optional('JSONPATH'),
  },
  // The page requires all of them; configurations in use get by with `Body`, and name 3.0 functions by the endpoint alone.
  'acs.fc.function': {
    Body: required(...ANY),
    serviceName: optional('CONSTANT'),
    functionName: optional('CONSTANT'),
    Qualifier: optional('CONSTANT'),
    InvocationType: oneOf(optional('CONSTANT'), 'Sync', 'Async'),
    DataFormat: oneOf(optional('CONSTANT'), 'Object', 'ObjectList'),
  },
  'acs.mns.queue': {
    queue: required('CONSTANT'),
    Body: required(...ANY),
    IsBase64Encode: oneOf(optional('CONSTANT'), 'true', 'false'),
  },
  'acs.eventbridge': {
    RegionId: required('CONSTANT'),
    AccountType: oneOf(required('CONSTANT'), 'SameAccount', 'AnotherAccount'),
    AccountId: optional('CONSTANT'),
    EventBusName: required('CONSTANT'),
    RAMRoleName: optional('CONSTANT'),
    Body: required('ORIGINAL'),
  },
  http: HTTP,
  https: HTTP,
};

/** Where a target in a private network is. */
const PRIVATE = ['VPCNameAndId', 'VSwitchesNameAndId', 'SecurityGroupNameAndId'];
/** Source: EventBridge "Limits". */
const MAX_TARGETS = 5;
/** Products whose endpoint is an ARN of the rule's own account and region. */
const OWN_ARN: Readonly<Record<string, string>> = {
  'acs.fnf': 'fnf',
  'acs.fc.function': 'fc',
  'acs.mns.queue': 'mns',
};

export interface Home {
  readonly accountId: string;
  readonly region: string;
}

/** @throws {ApiError} `EventTargetInvalid` (a guess), naming target and reason; `EventRuleTargetIdDuplicate` */
export function checkTargets(targets: readonly Target[], home: Home): void {
  if (targets.length > MAX_TARGETS) throw refusal(`A rule has at most ${MAX_TARGETS} targets.`);
  if (new Set(targets.map((target) => target.Id)).size < targets.length)
    throw new ApiError(409, 'EventRuleTargetIdDuplicate', 'The id of event target is duplicate!');
  for (const target of targets) {
    const problem = targetProblem(target, home);
    if (problem !== undefined) throw refusal(`Target ${target.Id.slice(0, 40)}: ${problem}.`);
  }
}
const refusal = (message: string): ApiError => new ApiError(409, 'EventTargetInvalid', message);

function targetProblem(target: Target, home: Home): string | undefined {
  const keys = Object.hasOwn(TYPES, target.Type) ? TYPES[target.Type] : undefined;
  if (keys === undefined)
    return `this embedded EventBridge has no targets of type ${target.Type.slice(0, 60)}`;
  const product = OWN_ARN[target.Type];
  if (
    product !== undefined &&
    !target.Endpoint.startsWith(`acs:${product}:${home.region}:${home.accountId}:`)
  )
    return `Endpoint must be an ARN of ${product} in the rule's account and region`;
  for (const [key, rule] of Object.entries(keys)) {
    if (rule.isRequired && !target.ParamList.some((param) => param.ResourceKey === key))
      return `${key} is missing`;
  }
  return (
    firstOf(target.ParamList, (param) => keyProblem(param, keys)) ??
    addressProblem(target) ??
    accountProblem(target) ??
    deadLetterProblem(target, home)
  );
}

function keyProblem(param: TargetParam, keys: Readonly<Record<string, KeyRule>>): string | undefined {
  const rule = Object.hasOwn(keys, param.ResourceKey) ? keys[param.ResourceKey] : undefined;
  if (rule === undefined) return `ResourceKey ${param.ResourceKey.slice(0, 40)} is not known`;
  const problem = paramProblem(param);
  if (problem !== undefined) return problem;
  if (!rule.forms.some((form) => form === param.Form))
    return `${param.ResourceKey} takes ${rule.forms.join(', ')}, not ${param.Form}`;
  return rule.values === undefined || rule.values.includes(param.Value ?? '')
    ? undefined
    : `${param.ResourceKey} is ${rule.values.join(' or ')}`;
}

function addressProblem(target: Target): string | undefined {
  if (target.Type !== 'http' && target.Type !== 'https') return undefined;
  const isPrivate = constantOf(target, 'Network') === 'PrivateNetwork';
  const lacking = isPrivate ? PRIVATE.find((key) => (constantOf(target, key) ?? '') === '') : undefined;
  if (lacking !== undefined) return `${lacking} is missing, which a private network needs`;
  const url = constantOf(target, 'url') ?? target.Endpoint;
  return URL.canParse(url) && new URL(url).protocol === `${target.Type}:`
    ? undefined
    : `the url of a target of type ${target.Type} begins with ${target.Type}://`;
}

/** Both are needed for a bus of another account only. */
function accountProblem(target: Target): string | undefined {
  if (target.Type !== 'acs.eventbridge' || constantOf(target, 'AccountType') !== 'AnotherAccount')
    return undefined;
  const lacking = ['AccountId', 'RAMRoleName'].find((key) => (constantOf(target, key) ?? '') === '');
  return lacking === undefined ? undefined : `${lacking} is missing`;
}

/** Queues and buses of the own account. Note `:/queues` here and `:queues` in endpoints; both are taken. */
function deadLetterProblem({ DeadLetterQueue }: Target, { accountId, region }: Home): string | undefined {
  if (DeadLetterQueue === undefined) return undefined;
  const letters = deadLetterPlace(DeadLetterQueue.Arn);
  if (letters === undefined)
    return 'this embedded EventBridge has dead-letter queues in MNS (…:/queues/<queue>) and on buses only';
  return letters.accountId === accountId && letters.region === region
    ? undefined
    : 'a dead-letter queue of another account or region is not served here';
}

export interface DeadLetterPlace extends Home {
  readonly kind: 'queue' | 'bus';
  readonly name: string;
}
const DEAD_LETTERS = /^acs:(mns|eventbridge):([^:]+):(\d+):(\/?queues|eventbus)\/([^/]+)$/;

export function deadLetterPlace(arn: unknown): DeadLetterPlace | undefined {
  const [, product, region = '', accountId = '', folder = '', name = ''] =
    DEAD_LETTERS.exec(typeof arn === 'string' ? arn : '') ?? [];
  if (product === undefined || (product === 'eventbridge') !== (folder === 'eventbus')) return undefined;
  return { kind: product === 'mns' ? 'queue' : 'bus', region, accountId, name };
}

/** Value of a parameter that is a constant. */
export function constantOf(target: Target, key: string): string | undefined {
  return target.ParamList.find((param) => param.ResourceKey === key)?.Value;
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The bus that a target of type `acs.eventbridge` routes to. */
export function routeOf(target: Target, home: Home): Home & { readonly bus: string } {
  const isElsewhere = constantOf(target, 'AccountType') === 'AnotherAccount';
  return {
    region: constantOf(target, 'RegionId') ?? home.region,
    accountId: (isElsewhere ? constantOf(target, 'AccountId') : undefined) ?? home.accountId,
    bus: constantOf(target, 'EventBusName') ?? '',
  };
}
