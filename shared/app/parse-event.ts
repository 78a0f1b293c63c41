/** From the text of an event to a value past which nothing is `unknown`; every problem at once. Pure. */
import { canonicalJson } from '../domain/canonical-json.js';
import { PartnerAccessError } from '../domain/errors.js';
import type { EventKey, Reason } from '../domain/fact.js';
import type { OnboardingRequest } from '../domain/request.js';
import { sha256Hex } from '../domain/sha256.js';
import { type ContractId, parseContractId, parseInstant } from '../domain/values.js';
import { contractTerminated, onboardingRequested, type Validator } from '../schemas/compiled/validators.js';
import { explain } from '../schemas/explain.js';

interface EventOf<T extends string, D> {
  readonly type: T;
  readonly contractId: ContractId;
  readonly key: EventKey;
  readonly data: D;
}
export interface Termination {
  readonly contractId: ContractId;
  readonly reason: string;
  readonly requestedBy: string;
}
export type InboundEvent =
  | EventOf<'partner.onboarding.requested', OnboardingRequest>
  | EventOf<'partner.contract.terminated', Termination>;

export type ParsedEvent =
  | { readonly ok: true; readonly event: InboundEvent }
  /** `contractId`: the subject, where it is at least of the right form. */
  | { readonly ok: false; readonly reasons: readonly Reason[]; readonly contractId?: ContractId };

type Json = Readonly<Record<string, unknown>>;

/** Longest event that is read. Source: EventBridge "Limits"; the smaller of the two published figures, with room for attributes. */
const MAX_EVENT_BYTES = 60 * 1024;
const VALIDATORS: ReadonlyMap<string, Validator> = new Map([
  ['partner.onboarding.requested', onboardingRequested],
  ['partner.contract.terminated', contractTerminated],
]);

/** Part of the design, not of this version: whoever posts one should read that, not that he has misspelt it. */
const NOT_YET = new Set([
  'partner.onboarding.approved',
  'partner.onboarding.declined',
  'partner.contract.amended',
  'partner.access.suspend.requested',
  'partner.access.resume.requested',
]);

/** Never throws: whatever comes in is read or refused with every reason that can be seen. */
export function parseEvent(text: string): ParsedEvent {
  if (new TextEncoder().encode(text).length > MAX_EVENT_BYTES)
    return refused(
      [{ code: 'EVENT_TOO_LARGE', pointer: '', message: 'an event has at most 60 KB' }],
      undefined,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused([{ code: 'NOT_JSON', pointer: '', message: 'the event is not JSON' }], undefined);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused([{ code: 'NOT_JSON', pointer: '', message: 'the event is not a JSON object' }], undefined);
  }
  return parseObject(value as Json);
}

function parseObject(json: Json): ParsedEvent {
  const { type } = json;
  const validate = typeof type === 'string' ? VALIDATORS.get(type) : undefined;
  if (validate === undefined) return refused([typeReason(type)], json['subject']);
  const findings = validate(json) ? [] : explain(validate.errors);
  const reasons = [...findings, ...agreementReasons(json), ...instantReasons(json)];
  return reasons.length > 0 ? refused(reasons, json['subject']) : { ok: true, event: eventOf(json) };
}

function typeReason(type: unknown): Reason {
  const known = [...VALIDATORS.keys()].join(', ');
  return typeof type === 'string' && NOT_YET.has(type)
    ? {
        code: 'UNSUPPORTED_YET',
        pointer: '/type',
        message: `${type} is not handled by this version; it handles ${known}`,
      }
    : {
        code: 'UNKNOWN_TYPE',
        pointer: '/type',
        message: `events of this type are not handled; known are ${known}`,
      };
}

function refused(reasons: readonly Reason[], subject: unknown): ParsedEvent {
  const id = idIn(subject);
  return { ok: false, reasons, ...(id === undefined ? {} : { contractId: id }) };
}

function idIn(subject: unknown): ContractId | undefined {
  try {
    return typeof subject === 'string' ? parseContractId(subject) : undefined;
  } catch (error) {
    if (error instanceof PartnerAccessError) return undefined;
    throw error;
  }
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
      return [{ code: error.code, pointer: `/data/lease/${name}`, message: 'is no date of the calendar' }];
    }
  });
}

const dataOf = (json: Json): Json =>
  typeof json['data'] === 'object' && json['data'] !== null ? (json['data'] as Json) : {};

/** Only for what a validator has admitted. */
function eventOf(json: Json): InboundEvent {
  const { type, subject, source, id, data } = json as {
    type: InboundEvent['type'];
    subject: ContractId;
    source: string;
    id: string;
    data: Json;
  };
  const key: EventKey = { source, id, contentHash: sha256Hex(canonicalJson({ type, subject, data })) };
  return type === 'partner.contract.terminated'
    ? { type, contractId: subject, key, data: data as unknown as Termination }
    : { type, contractId: subject, key, data: requestOf(data) };
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
      setup: { mode: 'self-service' },
      ...request.grantee,
    } as OnboardingRequest['grantee'],
    restrict: request.restrict ?? {},
  };
}
