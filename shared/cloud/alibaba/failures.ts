/** Translates the cloud's failures once, from a table, into the few classes that workflows tell apart. */
import {
  BrokenPromiseError,
  DeniedError,
  NotFoundError,
  type PartnerAccessError,
  TryLaterError,
} from '../../domain/errors.js';

type Translate = (message: string, options: ErrorOptions) => PartnerAccessError;

const later =
  (code: ConstructorParameters<typeof TryLaterError>[0]): Translate =>
  (message, options) =>
    new TryLaterError(code, message, options);

/** First match wins. Codes as RAM, STS, OSS and EventBridge document them; singular and plural both occur. */
const BY_CODE: readonly (readonly [RegExp, Translate])[] = [
  [/^EntityNotExists?\b|^NoSuchKey$|^NotFound\b/, (message, options) => new NotFoundError(message, options)],
  [/^DeleteConflict\b|^ConcurrentUpdate/, later('CONFLICT')],
  [/Throttling|TooManyRequests|ResourceThrottled|ResourceExhausted|Flow_?Control/i, later('THROTTLED')],
  [/(?:Qps|Rate|Request)LimitExceeded$/, later('THROTTLED')],
  [/^ServiceUnavailable|^InternalError|^InternalServerError|^UnknownError$/, later('UNAVAILABLE')],
  [/^ECONNRESET|^EPIPE|^ETIMEDOUT|^UND_ERR/, later('NO_ANSWER')],
  [/^ECONN|^ENOTFOUND|^EAI_AGAIN/, later('UNAVAILABLE')],
  [
    /^LimitExceeded\b|CountExceedLimit$/,
    (message, options) => new BrokenPromiseError('QUOTA', `${message}: it takes no more`, options),
  ],
  [/^NoPermission\b|^AccessDenied\b|^Forbidden\b/, (message, options) => new DeniedError(message, options)],
];
const BY_NAME: readonly (readonly [RegExp, Translate])[] = [
  [/Timeout/, later('TIMED_OUT')],
  [/^(RequestError|ResponseError)$/, later('UNAVAILABLE')],
  [/^SyntaxError$/, later('UNAVAILABLE')], // a proxy's HTML page where JSON was due
];

/** The vendor's error code, '' when the failure carries none. */
export function codeOf(failure: unknown): string {
  const code =
    typeof failure === 'object' && failure !== null && 'code' in failure ? failure.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Under which id the cloud knows the call that failed, however deep it lies; `undefined` when nothing was answered. */
export function requestIdOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null) return undefined;
  const { requestId, data, cause } = failure as Readonly<Record<'requestId' | 'data' | 'cause', unknown>>;
  const { RequestId = requestId } = (data ?? {}) as { readonly RequestId?: unknown };
  return typeof RequestId === 'string' && RequestId !== '' ? RequestId : requestIdOf(cause);
}

function statusOf(failure: unknown): number {
  const record = failure as { readonly statusCode?: unknown; readonly status?: unknown };
  return Number(record?.statusCode ?? record?.status ?? 0);
}

/**
 * `failure` as one of our errors, saying what was being done; unchanged when it is nothing we know. The vendor's message
 * stays in `cause`: it may quote the request, so it does not go into ours.
 */
export function translate(failure: unknown, doing: string): unknown {
  const code = codeOf(failure);
  const name = failure instanceof Error ? failure.name : '';
  const message = `${doing}: ${code || name || 'unknown failure'}`;
  const rule =
    BY_CODE.find(([pattern]) => code !== '' && pattern.test(code)) ??
    BY_NAME.find(
      ([pattern]) =>
        pattern.test(name) ||
        /(Read|Connect)Timeout/.test(failure instanceof Error ? failure.message.slice(0, 40) : ''),
    );
  if (rule !== undefined) return rule[1](message, { cause: failure });
  return statusOf(failure) >= 500 ? new TryLaterError('UNAVAILABLE', message, { cause: failure }) : failure;
}

/** Runs `work`, translating what it throws. */
export async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (failure) {
    throw translate(failure, what);
  }
}

/** Runs `work`; a "does not exist" becomes `undefined`. */
export async function unlessMissing<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await doing(what, work);
  } catch (failure) {
    if (failure instanceof NotFoundError) return undefined;
    throw failure;
  }
}

/**
 * `there`, which a call that found something answers with.
 * @throws {TryLaterError} `UNAVAILABLE` where it is lacking: such an answer is no "does not exist"
 */
export function answered<T>(what: string, there: T | undefined): T {
  if (there === undefined) throw new TryLaterError('UNAVAILABLE', `${what}: answered without it`);
  return there;
}

const isTaken = (failure: unknown): boolean => /^EntityAlreadyExists?\b/.test(codeOf(failure));

/** Runs a create; `exists` when the name was taken before. */
export async function creating<T>(what: string, work: () => Promise<T>): Promise<T | 'exists'> {
  return doing(what, async () => {
    try {
      return await work();
    } catch (failure) {
      if (isTaken(failure)) return 'exists' as const;
      throw failure;
    }
  });
}
