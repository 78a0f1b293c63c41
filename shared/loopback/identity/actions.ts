/**
 * How an action of the identity services is written down: what it needs, what it is authorised on, what it does. The order of
 * checks (mandatory parameters, authorisation, then the action's own: formats, existence, conflicts) is kept here, in one place.
 */
import { ApiError, type Caller, type RpcAction, type RpcCall } from '../kernel.js';
import { missing } from '../signatures/compare.js';
import { denial } from './denial.js';
import type { IdentityCore } from './identity.js';
import { checkSessionLives } from './sessions.js';
import { type AccountState, keyOf } from './state.js';

export type Params = Readonly<Record<string, string>>;

export interface ActionContext {
  readonly core: IdentityCore;
  readonly params: Params;
  readonly caller: Caller;
  /** Epoch ms on the cloud's clock. */
  readonly now: number;
  /** The caller's account as writes find it. */
  readonly latest: AccountState;
  /** The caller's account as reads find it; behind `latest` while a write spreads. */
  readonly seen: AccountState;
  update(change: (account: AccountState) => AccountState): void;
}

export interface ActionSpec {
  /** Parameters without which nothing else is looked at. */
  readonly needs?: readonly string[];
  /**
   * What the caller must be allowed on, all of them: relative ids of the caller's account, such as `role/x`; whole ARNs for what
   * is not RAM's or not the account's own, in which `{uid}` is the account; or `*` for what the vendor's tables authorise on
   * "All Resources", which a grant on anything narrower does not match.
   */
  readonly on: (params: Params) => readonly string[];
  /** RAM codes under which the action is granted, if not `ram` alone. A Deny under any of them refuses in either case. */
  readonly codes?: { readonly anyOf: readonly string[] } | { readonly allOf: readonly string[] };
  readonly run: (context: ActionContext) => object;
}

export function actionsOf(
  core: IdentityCore,
  specs: Readonly<Record<string, ActionSpec>>,
): Record<string, RpcAction> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, actionOf(core, name, spec)]));
}

function actionOf(core: IdentityCore, name: string, spec: ActionSpec): RpcAction {
  return ({ caller, params: given }: RpcCall) => {
    const ignoresCase = core.sessions.switches.userNamesIgnoreCase;
    const params = ignoresCase ? asSpelled(given, core.store.latest(caller.accountId)) : given;
    for (const needed of spec.needs ?? []) required(params, needed);
    for (const relativeId of spec.on(params)) {
      demand(core, caller, name, spec.codes ?? { allOf: ['ram'] }, resourceOf(relativeId, caller));
    }
    const { store, sessions } = core;
    const [latest, seen] = [store.latest(caller.accountId), store.seen(caller.accountId)];
    if (latest === undefined || seen === undefined)
      throw new ApiError(500, 'InternalError', 'An internal error occurred.');
    return spec.run({
      core,
      params,
      caller,
      latest,
      seen,
      now: sessions.clock.now(),
      update: (change) => store.update(caller.accountId, change),
    });
  };
}

/** Parameters that name users, a logon name or not. */
const NAMES_A_USER = /^(?:UserName|UserPrincipalName|PrincipalName|ResourcePrincipalName\.\d+)$/;

/** With the names of users as they were made, whatever the case they are given in. */
function asSpelled(params: Params, account: AccountState | undefined): Params {
  const spelled = (value: string): string => {
    const [name = '', ...domain] = value.split('@');
    const made = [...(account?.users.keys() ?? [])].find((one) => keyOf(one) === keyOf(name));
    return [made ?? name, ...domain].join('@');
  };
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, NAMES_A_USER.test(key) ? spelled(value) : value]),
  );
}

function resourceOf(relativeId: string, { accountId }: Caller): string {
  if (relativeId === '*') return '*';
  return relativeId.startsWith('acs:')
    ? relativeId.replace('{uid}', accountId)
    : `acs:ram::${accountId}:${relativeId}`;
}

function demand(
  { identity, sessions }: IdentityCore,
  caller: Caller,
  name: string,
  codes: NonNullable<ActionSpec['codes']>,
  resource: string,
): void {
  checkSessionLives(sessions, caller);
  const actions = ('anyOf' in codes ? codes.anyOf : codes.allOf).map((code) => `${code}:${name}`);
  const denials = actions.flatMap((action) => {
    const decision = identity.authorize(caller, { action, resource });
    return decision.effect === 'deny' ? [{ action, decision }] : [];
  });
  const deciding = denials.find(({ decision }) => decision.reason === 'ExplicitDeny') ?? denials[0];
  if (deciding === undefined) return;
  const oneIsEnough = 'anyOf' in codes && denials.length < actions.length;
  if (oneIsEnough && deciding.decision.reason === 'ImplicitDeny') return;
  throw denial(caller, deciding.action, deciding.decision, 'NoPermission');
}

/** @throws {ApiError} `Missing<name>` */
export function required(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined || value === '') throw missing(name);
  return value;
}

export const flag = (params: Params, name: string): boolean => params[name]?.toLowerCase() === 'true';

/**
 * A list parameter, in either form that clients write it: JSON text in one parameter (`Tag=[{"Key":…}]`), or flattened
 * (`Tag.1.Key=…`, `TagKey.1=…`).
 * @throws {ApiError} `InvalidParameter.<name>` when the text is not a JSON list.
 */
export function list(params: Params, name: string): readonly (string | Readonly<Record<string, string>>)[] {
  const text = params[name];
  if (text !== undefined && text !== '') {
    const parsed = parseJson(text);
    if (!Array.isArray(parsed))
      throw new ApiError(400, `InvalidParameter.${name}`, `The parameter - "${name}" is not a list.`);
    return parsed.map((item: unknown) =>
      typeof item === 'object' && item !== null
        ? Object.fromEntries(Object.entries(item).map(([key, value]) => [key, String(value ?? '')]))
        : String(item),
    );
  }
  const items = new Map<number, string | Record<string, string>>();
  for (const [key, value] of Object.entries(params)) {
    const [, head, index = '', field] = /^(\w+)\.(\d+)(?:\.(\w+))?$/.exec(key) ?? [];
    if (head !== name) continue;
    const known = items.get(Number(index));
    items.set(
      Number(index),
      field === undefined ? value : { ...(typeof known === 'object' ? known : {}), [field]: value },
    );
  }
  return [...items].sort(([left], [right]) => left - right).map(([, item]) => item);
}

export const textList = (params: Params, name: string): readonly string[] =>
  list(params, name).filter((item) => typeof item === 'string');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A whole number within bounds; `fallback` when absent. @throws {ApiError} `code` */
export function whole(
  params: Params,
  name: string,
  bounds: { readonly min: number; readonly max: number; readonly fallback: number },
  code = `InvalidParameter.${name}`,
): number {
  const text = params[name];
  if (text === undefined || text === '') return bounds.fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= bounds.min && value <= bounds.max)) {
    throw new ApiError(
      400,
      code,
      `The parameter - "${name}" must be a number from ${bounds.min} to ${bounds.max}.`,
    );
  }
  return value;
}

/**
 * One page of a list that is read by `Marker` and `MaxItems`. The marker is opaque: the place of the last item, so that what is
 * added or removed between two pages neither repeats nor hides the others. `Marker` is returned only when there is more.
 */
export function page<T>(
  items: readonly T[],
  placeOf: (item: T) => string,
  params: Params,
  defaultSize = 100,
): {
  readonly items: readonly T[];
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string };
} {
  const sorted = items
    .map((item) => [placeOf(item), item] as const)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([, item]) => item);
  return pageInOrder(sorted, placeOf, params, defaultSize);
}

/** As `page`, of what is in the order of its places already. */
export function pageInOrder<T>(
  items: readonly T[],
  placeOf: (item: T) => string,
  params: Params,
  defaultSize = 100,
): ReturnType<typeof page<T>> {
  const size = whole(params, 'MaxItems', { min: 1, max: 1000, fallback: defaultSize });
  const after = params['Marker'] ? Buffer.from(params['Marker'], 'base64url').toString('utf8') : undefined;
  const next = after === undefined ? 0 : items.findIndex((item) => placeOf(item) > after);
  const from = next === -1 ? items.length : next;
  const shown = items.slice(from, from + size);
  const last = shown.at(-1);
  return {
    items: shown,
    rest:
      from + size < items.length && last !== undefined
        ? { IsTruncated: true, Marker: Buffer.from(placeOf(last)).toString('base64url') }
        : { IsTruncated: false },
  };
}
