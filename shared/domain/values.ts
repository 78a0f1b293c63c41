/** Values with types of their own. Each is made only by its `parse…`, which checks the documented limit. */
import { InvalidRequestError } from './errors.js';

declare const brand: unique symbol;
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Point in time, ISO-8601 in UTC to the second: `2026-03-01T08:00:00Z`. Sorts as text. */
export type Instant = Branded<string, 'Instant'>;
/** 16 digits. */
export type AccountId = Branded<string, 'AccountId'>;
/** 1–64 of letters, digits, `.`, `-`, `_`; alphanumeric at both ends; no `..`. */
export type ContractId = Branded<string, 'ContractId'>;
/** `lease-<slug>-<16 hex>`; lower case, at most 64. See `role-name.ts`. */
export type RoleName = Branded<string, 'RoleName'>;
/** Lower-case letters, digits and `-`, such as `cn-hangzhou`. */
export type Region = Branded<string, 'Region'>;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** @throws {InvalidRequestError} `BAD_INSTANT` when `text` carries an offset, a fraction or no zone, or names no real date. */
export function parseInstant(text: string): Instant {
  const epoch = Date.parse(text);
  if (
    !INSTANT.test(text) ||
    Number.isNaN(epoch) ||
    new Date(epoch).toISOString().slice(0, 19) !== text.slice(0, 19)
  ) {
    throw new InvalidRequestError(
      'BAD_INSTANT',
      `"${text}" is not an instant of the form 2026-03-01T08:00:00Z`,
    );
  }
  return text as Instant;
}

/** The instant `epochMilliseconds` falls into, cut to the second. */
export function instantOf(epochMilliseconds: number): Instant {
  return `${new Date(epochMilliseconds).toISOString().slice(0, 19)}Z` as Instant;
}

/** Whole seconds from `from` to `to`; negative when `to` is earlier. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** `seconds` after `instant`; negative seconds go back. */
export function addSeconds(instant: Instant, seconds: number): Instant {
  return instantOf(Date.parse(instant) + seconds * 1000);
}

/** Instants sort as text. */
export const earlierOf = (left: Instant, right: Instant): Instant => {
  if (left < right) return left;
  return right;
};

export const isAccountId = (text: string): boolean => /^\d{16}$/.test(text);

/** @throws {InvalidRequestError} `BAD_ACCOUNT_ID` */
export function parseAccountId(text: string): AccountId {
  if (!isAccountId(text))
    throw new InvalidRequestError('BAD_ACCOUNT_ID', `"${text}" is not a 16-digit account id`);
  return text as AccountId;
}

/** @throws {InvalidRequestError} `BAD_CONTRACT_ID` */
export function parseContractId(text: string): ContractId {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(text) || text.includes('..')) {
    throw new InvalidRequestError(
      'BAD_CONTRACT_ID',
      'a contract id has 1 to 64 letters, digits, ".", "-" or "_", begins and ends with a letter or digit, and has no ".."',
    );
  }
  return text as ContractId;
}

/** @throws {InvalidRequestError} `BAD_REGION` */
export function parseRegion(text: string): Region {
  if (!/^[a-z]{2}-[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text)) {
    throw new InvalidRequestError('BAD_REGION', `"${text}" is not a region id such as cn-hangzhou`);
  }
  return text as Region;
}
