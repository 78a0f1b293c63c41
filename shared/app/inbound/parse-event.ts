/** From the text of an event to a value past which nothing is `unknown`; every problem at once. Pure. */
import { canonicalJson } from '../../domain/canonical-json.js';
import { PartnerAccessError } from '../../domain/errors.js';
import type { EventKey, Reason } from '../../domain/fact.js';
import type { GranteeSetup, OnboardingRequest } from '../../domain/request.js';
import { sha256Hex } from '../../domain/sha256.js';
import { type ContractId, parseInstant } from '../../domain/values.js';
import type { Validator } from '../../schemas/compiled/validators.js';
import { explain } from '../../schemas/explain.js';
import { readablePartOf } from '../../schemas/readable-part.js';
import { contractIdIn, objectOf } from './step-input.js';

interface EventOf<T extends string, D> {
  readonly type: T;
  readonly contractId: ContractId;
  readonly key: EventKey;
  readonly data: D;
}
/** Why somebody wants an end, a suspension or a resumption, and who. */
export interface Wish {
  readonly contractId: ContractId;
  readonly reason: string;
  readonly requestedBy: string;
}
/** The whole contract as it shall be from now on. */
export interface AmendmentWish {
  readonly revision: number;
  readonly request: OnboardingRequest;
}
/** Somebody's signed yes or no; what it says stands in the signature only. */
export interface Answer {
  readonly contractId: ContractId;
  readonly jws: string;
}

export type OnboardingEvent = EventOf<'partner.onboarding.requested', OnboardingRequest>;
export type AnswerEvent =
  | EventOf<'partner.onboarding.approved', Answer>
  | EventOf<'partner.onboarding.declined', Answer>;
export type AmendmentEvent = EventOf<'partner.contract.amended', AmendmentWish>;
export type TerminationEvent = EventOf<'partner.contract.terminated', Wish>;
export type SuspendEvent = EventOf<'partner.access.suspend.requested', Wish>;
export type ResumeEvent = EventOf<
  'partner.access.resume.requested',
  Wish & {
    /** Id of the event that asked for the suspension to be lifted. */
    readonly suspension: string;
  }
>;
export type InboundEvent =
  | OnboardingEvent
  | AnswerEvent
  | AmendmentEvent
  | TerminationEvent
  | SuspendEvent
  | ResumeEvent;

const EVERY_TYPE: Readonly<Record<InboundEvent['type'], true>> = {
  'partner.onboarding.requested': true,
  'partner.onboarding.approved': true,
  'partner.onboarding.declined': true,
  'partner.contract.amended': true,
  'partner.contract.terminated': true,
  'partner.access.suspend.requested': true,
  'partner.access.resume.requested': true,
};
/** Of events that Leasehold takes; what is posted under any other is answered as not understood. */
export const INBOUND_TYPES = Object.keys(EVERY_TYPE) as readonly InboundEvent['type'][];

/** What tells that an event is well formed, for each type that is handled: a function carries no other validators. */
export type Handled<T extends InboundEvent['type'] = InboundEvent['type']> = Readonly<Record<T, Validator>>;

export type ParsedEvent<T extends InboundEvent['type'] = InboundEvent['type']> =
  | { readonly ok: true; readonly event: ParsedOf<T> }
  | UnreadableEvent;

/** `contractId`: the subject, where it is at least of the right form; `origin`: what its sender knows the event by. */
export interface UnreadableEvent {
  readonly ok: false;
  readonly reasons: readonly Reason[];
  readonly contractId?: ContractId;
  readonly origin?: Origin;
  /** What can be judged all the same. */
  readonly part?: PartOfRequest;
}

/** A request without those grants that its schema refuses, and without fields that nobody knows. */
export interface PartOfRequest {
  readonly event: OnboardingEvent;
  /** Where in the list that was sent each grant of this one stands. */
  readonly grantAt: readonly number[];
}

/** Where an event that was refused comes from, as far as it says so. */
export type Origin = Partial<Pick<EventKey, 'source' | 'id'>>;

export type Json = Readonly<Record<string, unknown>>;

/** Longest event that is read. Source: EventBridge "Limits"; the smaller of the two published figures, with room for attributes. */
const MAX_EVENT_BYTES = 60 * 1024;

/** Never throws: whatever comes in is read or refused with every reason that can be seen. Other types than `handled` are refused. */
export function parseEvent<T extends InboundEvent['type']>(
  text: string,
  handled: Handled<T>,
): ParsedEvent<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused([{ code: 'NOT_JSON', pointer: '', message: 'the event is not JSON' }]);
  }
  const json = objectOf(value);
  if (json === undefined)
    return refused([{ code: 'NOT_JSON', pointer: '', message: 'the event is not a JSON object' }]);
  return isTooLarge(text) ? refused([TOO_LARGE], json) : parseJson(json, handled);
}

export const isTooLarge = (text: string): boolean => new TextEncoder().encode(text).length > MAX_EVENT_BYTES;

export const TOO_LARGE: Reason = {
  code: 'EVENT_TOO_LARGE',
  pointer: '',
  message: 'an event has at most 60 KB; shorten what it says, or split the contract',
};
const UNKNOWN_TYPE: Reason = {
  code: 'UNKNOWN_TYPE',
  pointer: '/type',
  message: `nothing is done about events of this type; there are ${INBOUND_TYPES.join(', ')}`,
};

/** As where only `data` was sent, without what is around it. */
const NO_TYPE: Reason = {
  ...UNKNOWN_TYPE,
  message: `the event names no type; there are ${INBOUND_TYPES.join(', ')}`,
};

function parseJson<T extends InboundEvent['type']>(json: Json, handled: Handled<T>): ParsedEvent<T> {
  const { type } = json;
  const isHandled = typeof type === 'string' && Object.hasOwn(handled, type);
  if (!isHandled) return refused([type === undefined ? NO_TYPE : UNKNOWN_TYPE], json);
  const validate = handled[type as T];
  const { errors, beyond, reasons } = judgeForm(json, validate);
  if (reasons.length === 0) return { ok: true, event: eventOf(json) as ParsedOf<T> };
  const part = beyond.length === 0 ? partOf(json, errors, validate) : undefined;
  return { ...refused(reasons, json), ...(part === undefined ? {} : { part }) };
}

/** What speaks against the form of an event, whoever sends it; none where it may be read. Pure. */
export function judgeForm(json: Json, validate: Validator) {
  const errors = validate(json) ? [] : (validate.errors ?? []);
  const beyond = [...agreementReasons(json), ...instantReasons(json)];
  return { errors, beyond, reasons: [...explain(errors), ...beyond] as readonly Reason[] };
}

/** An amendment without one of its grants would take that grant away: only requests have parts. */
function partOf(
  json: Json,
  errors: Parameters<typeof readablePartOf>[1],
  validate: Validator,
): PartOfRequest | undefined {
  if (json['type'] !== 'partner.onboarding.requested') return undefined;
  const left = readablePartOf(json, errors);
  if (left === undefined || !validate(left.event)) return undefined;
  return { event: eventOf(left.event) as OnboardingEvent, grantAt: left.grantAt };
}

/** `reasons` against the part, as reasons against all that was sent. */
export const againstWhole = (
  reasons: readonly Reason[],
  { grantAt }: Pick<PartOfRequest, 'grantAt'>,
): readonly Reason[] =>
  reasons.map((reason) => ({
    ...reason,
    pointer: reason.pointer.replace(/^\/data\/grants\/(\d+)/, (_, index) => `/data/grants/${grantAt[index]}`),
  }));

type ParsedOf<T> = Extract<InboundEvent, { readonly type: T }>;

function refused(reasons: readonly Reason[], json: Json = {}): UnreadableEvent {
  const id = contractIdIn(json['subject']);
  const origin = originIn(json);
  return {
    ok: false,
    reasons,
    ...(id === undefined ? {} : { contractId: id }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** Cut short: what is echoed has no bounds yet. */
function originIn(json: Json): Origin | undefined {
  const texts = ['source', 'id'].flatMap((name) => {
    const value = json[name];
    return typeof value === 'string' ? [[name, value.slice(0, 128)] as const] : [];
  });
  return texts.length === 0 ? undefined : Object.fromEntries(texts);
}

/** What a schema can't say of ids: no "..", and subject and data speak of the same contract. */
function agreementReasons(json: Json): readonly Reason[] {
  const inData = dataOf(json)['contractId'];
  const reasons: Reason[] = [];
  if (typeof inData === 'string' && inData.includes('..')) {
    reasons.push({
      code: 'BAD_CONTRACT_ID',
      pointer: '/data/contractId',
      message: 'a contract id has no ".."',
    });
  }
  // What is missing, or no text, the schema reports.
  const areTexts = typeof inData === 'string' && typeof json['subject'] === 'string';
  if (areTexts && json['subject'] !== inData) {
    reasons.push({
      code: 'SUBJECT_MISMATCH',
      pointer: '/subject',
      message: 'subject and data.contractId must be the same contract id',
    });
  }
  return reasons;
}

const NO_INSTANT =
  'there is no such day in the calendar, or no such time of the day: 00:00:00 to 23:59:59, and no leap second';

/** Instants of the right form that no calendar has, such as February 30th. */
function instantReasons(json: Json): readonly Reason[] {
  const lease = dataOf(json)['lease'];
  const dates = typeof lease === 'object' && lease !== null ? Object.entries(lease) : [];
  return dates.flatMap(([name, value]): readonly Reason[] => {
    if (typeof value !== 'string' || !/^[\d-]{10}T[\d:]{8}Z$/.test(value)) return [];
    try {
      parseInstant(value);
      return [];
    } catch (error) {
      if (!(error instanceof PartnerAccessError)) throw error;
      return [{ code: error.code, pointer: `/data/lease/${name}`, message: NO_INSTANT }];
    }
  });
}

const dataOf = (json: Json): Json => objectOf(json['data']) ?? {};

/** Longer than any form in which EventBridge says when it took an event. */
const MAX_STAMP = 64;

/** Only for what a validator has admitted. */
function eventOf(json: Json): InboundEvent {
  const {
    type,
    subject,
    source,
    id,
    data,
    aliyunpublishtime: takenAt,
  } = json as {
    type: InboundEvent['type'];
    subject: ContractId;
    source: string;
    id: string;
    data: Json;
    aliyunpublishtime?: unknown;
  };
  const key: EventKey = {
    source,
    id,
    contentHash: sha256Hex(canonicalJson({ type, subject, data })),
    ...(typeof takenAt === 'string' && takenAt.length <= MAX_STAMP ? { takenAt } : {}),
  };
  const common = { contractId: subject, key };
  switch (type) {
    case 'partner.onboarding.requested':
      return { ...common, type, data: requestOf(data) };
    case 'partner.contract.amended': {
      const { revision, ...request } = data;
      return { ...common, type, data: { revision: Number(revision), request: requestOf(request) } };
    }
    case 'partner.onboarding.approved':
    case 'partner.onboarding.declined':
      return { ...common, type, data: data as unknown as Answer };
    case 'partner.contract.terminated':
    case 'partner.access.suspend.requested':
      return { ...common, type, data: data as unknown as Wish };
    case 'partner.access.resume.requested':
      return { ...common, type, data: data as unknown as ResumeEvent['data'] };
  }
}

/** What may be left out is filled in. */
function requestOf(data: Json): OnboardingRequest {
  const request = data as unknown as Omit<OnboardingRequest, 'grantee' | 'restrict'> & {
    readonly grantee: Partial<OnboardingRequest['grantee']>;
    readonly restrict?: OnboardingRequest['restrict'];
  };
  return {
    ...request,
    grantee: {
      accessors: [],
      ...request.grantee,
      setup: setupOf(request.grantee.setup),
    } as OnboardingRequest['grantee'],
    restrict: request.restrict ?? {},
  };
}

const setupOf = (setup: Partial<GranteeSetup> | undefined): GranteeSetup =>
  setup?.mode === 'managed' ? { users: [], roles: [], ...setup, mode: 'managed' } : { mode: 'self-service' };
