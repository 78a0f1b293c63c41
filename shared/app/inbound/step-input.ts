/** What travels between the steps of a flow, parsed once at each step's door. Ids only. */
import { InvalidRequestError, QUOTABLE, UNHANDLED } from '../../domain/errors.js';
import type { StepFailure } from '../../domain/fact.js';
import { type ContractId, parseContractId } from '../../domain/values.js';

/** `epoch`: sequence of the request the execution works for. */
export interface StepInput {
  readonly contractId: ContractId;
  readonly epoch: number;
}
export type StepOutput = StepInput;

export interface EndInput {
  /** Nothing is left to do without one. */
  readonly contractId: ContractId | undefined;
}
/** Every member is there, also when it says nothing: a flow cannot read what a reply lacks. */
export interface EndOutput {
  readonly contractId: string;
  /** `refused`: the event could not be understood and has been answered, or nothing is to end. */
  readonly outcome: 'ending' | 'refused';
}

export const NOTHING_TO_END: EndOutput = { contractId: '', outcome: 'refused' };
export const endingOf = (contractId: ContractId): EndOutput => ({ contractId, outcome: 'ending' });

export interface FailureInput extends StepFailure {
  /** Absent when what failed was the reading of an event that named none. */
  readonly contractId: ContractId | undefined;
  readonly epoch: number | undefined;
  /** The suspension that was to be made or lifted, where it is about one. */
  readonly suspension: string | undefined;
  /** The event's own id where the contract's is unknown, so that a report can be traced to it. */
  readonly eventId: string | undefined;
  readonly eventSource: string | undefined;
  /** Of the event, where the step that failed was to read it. */
  readonly eventType: string | undefined;
  /** When the event came, as its sender or EventBridge says. */
  readonly eventTime: string | undefined;
  readonly withdrawn: boolean;
}

/** Of a failure that no event led to, and that is about no contract. */
export const ABOUT_NOTHING: Omit<FailureInput, keyof StepFailure> = {
  contractId: undefined,
  epoch: undefined,
  suspension: undefined,
  eventId: undefined,
  eventSource: undefined,
  eventType: undefined,
  eventTime: undefined,
  withdrawn: false,
};

/** @throws {InvalidRequestError} `BAD_EVENT` */
export function parseObject(event: Buffer | string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(event.toString());
  } catch (error) {
    throw new InvalidRequestError('BAD_EVENT', 'the input of this step is not JSON', { cause: error });
  }
  const object = objectOf(value);
  if (object === undefined)
    throw new InvalidRequestError('BAD_EVENT', 'the input of this step is not a JSON object');
  return object;
}

/** Where there is none, `undefined` spelled out would be one. @throws {InvalidRequestError} */
export function contractIdOf({ contractId }: Readonly<Record<string, unknown>>): ContractId {
  if (typeof contractId !== 'string') throw new InvalidRequestError('BAD_EVENT', 'contractId is missing');
  return parseContractId(contractId);
}

/**
 * The contract that a flow was started again for, by Leasehold itself; `undefined` for an event from outside, which names
 * its type. What is to be done stands in the register.
 */
export function parseContractRef(text: string): ContractId | undefined {
  try {
    const input = parseObject(text);
    return input['type'] === undefined ? contractIdOf(input) : undefined;
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}

/** `{contractId}`, for a step that needs no more. @throws {InvalidRequestError} */
export const parseContractInput = (event: Buffer): ContractId => contractIdOf(parseObject(event));

/** @throws {InvalidRequestError} */
export function parseStepInput(event: Buffer): StepInput {
  const input = parseObject(event);
  const { epoch } = input;
  if (!Number.isSafeInteger(epoch)) throw new InvalidRequestError('BAD_EVENT', 'epoch is missing');
  return { contractId: contractIdOf(input), epoch: Number(epoch) };
}

/** @throws {InvalidRequestError} */
export function parseEndInput(event: Buffer): EndInput {
  const input = parseObject(event);
  return { contractId: input['outcome'] === 'refused' ? undefined : contractIdOf(input) };
}

/** Never throws for what `failed` holds: a failure must be reportable whatever it was about. */
export function parseFailureInput(event: Buffer): FailureInput {
  const { failed, step, code, detail, withdrawn } = parseObject(event);
  const about = objectOf(failed) ?? {};
  // An event, which names its type, is about its subject; what else stands beside that is its sender's, and no step's word.
  const ids = about['type'] === undefined ? about : { contractId: about['subject'] };
  return {
    step: String(step),
    ...saidOf(String(code), detail),
    contractId: contractIdIn(ids['contractId'] ?? ids['subject']) ?? contractIdInKey(ids['key']),
    epoch: Number.isSafeInteger(ids['epoch']) ? Number(ids['epoch']) : undefined,
    suspension: typeof ids['suspension'] === 'string' ? ids['suspension'] || undefined : undefined,
    eventId: typeof about['id'] === 'string' ? about['id'].slice(0, 128) : undefined,
    eventSource: typeof about['source'] === 'string' ? about['source'].slice(0, 128) : undefined,
    eventType: typeof about['type'] === 'string' ? about['type'] : undefined,
    eventTime: typeof about['time'] === 'string' ? about['time'] : undefined,
    withdrawn: withdrawn === true,
  };
}

const MAX_REASON = 1000;

/**
 * What a step said of its failure: `detail` itself where the flow knows the error's class, else within what Function Compute answered.
 * An error whose message may quote a stranger is not quoted.
 */
export function saidOf(code: string, detail: unknown): Pick<StepFailure, 'code' | 'reason'> {
  const { errorType = code, errorMessage = detail } = objectIn(detail) ?? {};
  const named = typeof errorType === 'string' ? classIn(errorType) : '';
  if (!QUOTABLE.has(named)) return { code: classIn(code) };
  return typeof errorMessage === 'string' && errorMessage !== ''
    ? { code: named, reason: errorMessage.slice(0, MAX_REASON) }
    : { code: named };
}

const classIn = (name: string): string => (name.startsWith(UNHANDLED) ? name.slice(UNHANDLED.length) : name);

/** `undefined` for what is no text of a JSON object. */
export function objectIn(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

/** Whose a due entry is, `due/<instant>/<contractId>/<what>`; `undefined` for any other key. */
export const contractIdInKey = (key: unknown): ContractId | undefined =>
  typeof key === 'string' ? contractIdIn(key.split('/')[2]) : undefined;

/** `undefined` when it is none. */
export function contractIdIn(value: unknown): ContractId | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return parseContractId(value);
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}
