/** Accounts with their history, access keys and sessions: all the mutable state of identity, in one place. */
import { randomBytes, randomInt } from 'node:crypto';
import { forgetful, type Keeper, type Table } from '../keep/keeper.js';
import type { CloudClock } from '../kernel.js';
import type { Switches } from '../switches.js';
import { KeptAccounts } from './kept-accounts.js';
import type { AccountState } from './state.js';

export interface KeyOwner {
  readonly accountId: string;
  /** Absent for a key of the account's owner. */
  readonly userName?: string;
}

export interface Session {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token: string;
  readonly accountId: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly sessionPolicy?: string;
  readonly sourceIdentity?: string;
  readonly sourceIp: string;
  readonly mfaPresent: boolean;
  /** Credentials of a function's process, which lives by the cloud's clock. */
  readonly isFunction: boolean;
  readonly openedAt: number;
  readonly expiresAt: number;
}

interface Snapshot {
  readonly at: number;
  readonly state: AccountState;
}

/** Sessions kept beyond their end, so that they are told apart from forged ones, are forgotten after this long. */
const FORGET_SESSION_MS = 24 * 3_600_000;

export class Store {
  readonly #accounts = new Map<string, Snapshot[]>();
  readonly keyOwners = new Map<string, KeyOwner>();
  readonly sessions = new Map<string, Session>();
  readonly #kept: KeptAccounts;
  readonly #keptSessions: Table<Session>;

  constructor(
    private readonly clock: CloudClock,
    private readonly switches: Switches,
    keeper: Keeper = forgetful,
  ) {
    this.#kept = new KeptAccounts(keeper);
    this.#keptSessions = keeper.table('identity/sessions');
    for (const state of this.#kept.load()) this.#takeBack(state);
    for (const [id, session] of this.#keptSessions.entries) this.sessions.set(id, session);
  }

  accountIds(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  addAccount(state: AccountState): void {
    this.#accounts.set(state.id, [{ at: Number.NEGATIVE_INFINITY, state }]);
    this.#kept.save(undefined, state);
  }

  #takeBack(state: AccountState): void {
    const accountId = state.id;
    this.#accounts.set(accountId, [{ at: Number.NEGATIVE_INFINITY, state }]);
    for (const id of state.rootKeys.keys()) this.keyOwners.set(id, { accountId });
    for (const { name, accessKeys } of state.users.values())
      for (const id of accessKeys.keys()) this.keyOwners.set(id, { accountId, userName: name });
  }

  /** The state that writes build on and conflicts are judged by. `undefined` when there is no such account. */
  latest(accountId: string): AccountState | undefined {
    return this.#accounts.get(accountId)?.at(-1)?.state;
  }

  /** The state that reads and evaluation see: the latest, or with `propagationSeconds` set the one of that long ago. */
  seen(accountId: string): AccountState | undefined {
    const history = this.#accounts.get(accountId);
    if (history === undefined || this.switches.propagationSeconds === 0) return history?.at(-1)?.state;
    const horizon = this.clock.now() - this.switches.propagationSeconds * 1000;
    return (history.findLast((snapshot) => snapshot.at <= horizon) ?? history[0])?.state;
  }

  update(accountId: string, change: (state: AccountState) => AccountState): void {
    const history = this.#accounts.get(accountId);
    const latest = history?.at(-1)?.state;
    if (history === undefined || latest === undefined) throw new Error(`no account ${accountId}`);
    const now = this.clock.now();
    const changed = change(latest);
    this.#kept.save(latest, changed);
    history.push({ at: now, state: changed });
    const horizon = now - this.switches.propagationSeconds * 1000;
    const firstNeeded =
      this.switches.propagationSeconds === 0
        ? history.length - 1
        : Math.max(
            history.findLastIndex((snapshot) => snapshot.at <= horizon),
            0,
          );
    history.splice(0, firstNeeded);
  }

  addSession(session: Session): void {
    const longAgo = this.clock.now() - FORGET_SESSION_MS;
    for (const [id, old] of this.sessions) {
      if (old.expiresAt >= longAgo) break; // in order of opening, so about in order of their end
      this.sessions.delete(id);
      this.#keptSessions.remove(id);
    }
    this.sessions.set(session.accessKeyId, session);
    this.#keptSessions.put(session.accessKeyId, session);
  }
}

const letters = (bytes: number): string => randomBytes(bytes).toString('base64url').replaceAll(/[-_]/g, 'x');

/** 18 digits, as the vendor's user and role ids. */
export const newEntityId = (): string => `3${Array.from({ length: 17 }, () => randomInt(10)).join('')}`;
export const newAccessKeyId = (): string => `LTAI${letters(15)}`;
export const newSecret = (): string => letters(22).slice(0, 30);
export const newSessionKeyId = (): string => `STS.N${letters(15)}`;
export const newSecurityToken = (): string => `CAIS${letters(150)}`;
