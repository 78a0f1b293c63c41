/** What the data planes of all products have in common. */
import { randomInt } from 'node:crypto';
import type { AclEntry, DataPlaneInstance, ObservedDataPlane } from '../../domain/data-plane.js';
import type { Logon } from '../ports.js';
import { codeOf } from './failures.js';

/** One product's calls; they reject with the SDK's failures. */
export interface ProductDataPlane {
  observe(
    instance: DataPlaneInstance,
    account: string,
    expected: readonly AclEntry[],
  ): Promise<ObservedDataPlane | undefined>;
  createAccount(instance: DataPlaneInstance, account: string): Promise<Logon>;
  /** Names of all, or at least of those that begin with `prefix`. */
  accountsOf(instance: DataPlaneInstance, prefix: string): Promise<readonly string[] | undefined>;
  setEnabled(instance: DataPlaneInstance, account: string, isEnabled: boolean): Promise<void>;
  deleteAccount(instance: DataPlaneInstance, account: string): Promise<void>;
  addEntry(instance: DataPlaneInstance, account: string, entry: AclEntry): Promise<void>;
  removeEntry(instance: DataPlaneInstance, account: string, entry: AclEntry): Promise<void>;
}

/** Runs `work`; a refusal with such a code is no failure, and answers nothing. */
export async function tolerating(codes: RegExp, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (failure) {
    if (codes.test(codeOf(failure))) return undefined;
    throw failure;
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD_LENGTH = 32;
/** 32 letters and digits, of each kind at least one: what both products take, and some 190 bits. */
export function newPassword(): string {
  for (;;) {
    const password = Array.from({ length: PASSWORD_LENGTH }, () =>
      LETTERS.charAt(randomInt(LETTERS.length)),
    ).join('');
    if ([/[A-Z]/, /[a-z]/, /[0-9]/].every((kind) => kind.test(password))) return password;
  }
}
