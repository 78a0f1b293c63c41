/** How a flow calls a step: `{execution, input}`. A bare input is taken as well, for calls by hand. */
import { contractIdIn, contractIdInKey, objectIn, objectOf } from './step-input.js';

export interface StepCall {
  readonly input: Buffer;
  readonly about: CallSubject;
}
/** What a log is searched by; only what the call says. */
export interface CallSubject {
  /** Name of the flow's execution. */
  readonly execution?: string;
  readonly contractId?: string;
  /** The sender's id of the event that began it. */
  readonly eventId?: string;
}

/** Ids of strangers are cut to this. */
const MAX_ID = 128;

/** Never throws: what cannot be read is refused by whoever has to understand it. */
export function parseCall(event: Buffer): StepCall {
  const call = objectIn(event.toString('utf8'));
  const { execution, input, ...others } = call ?? {};
  if (typeof execution !== 'string' || input === undefined || Object.keys(others).length > 0)
    return { input: event, about: subjectOf(call) };
  const bare = Buffer.from(JSON.stringify(input));
  return { input: bare, about: { execution, ...subjectOf(objectOf(input)) } };
}

/** Of an event, of ids between two steps, of a failure's report, or of an entry in the index. */
function subjectOf(input: Record<string, unknown> | undefined): CallSubject {
  const about = objectOf(input?.['failed']) ?? input ?? {};
  const { id, contractId, subject, key } = about;
  const known = contractIdIn(contractId ?? subject) ?? contractIdInKey(key);
  return {
    ...(known === undefined ? {} : { contractId: known }),
    ...(typeof id === 'string' ? { eventId: id.slice(0, MAX_ID) } : {}),
  };
}
