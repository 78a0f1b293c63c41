/** What a list of an inventory is, how it goes on, and what is done about what appears in it. */
import type { ApiCall } from '../domain/api-call.js';
import { member } from '../domain/member.js';

export interface InventoryList {
  /** What each name in it is: `topic of Kafka instance x (cn-hangzhou)`. */
  readonly of: string;
  readonly call: ApiCall;
  readonly findIn: (reply: unknown) => readonly string[];
  /** Parameters of the page after `reply`; `seen`: names found until then. `undefined` when that was the last. */
  readonly after: (
    reply: unknown,
    page: number,
    seen: number,
  ) => Readonly<Record<string, string>> | undefined;
  /** What the owner does about one that appeared. */
  readonly next: string;
  /** Lists of what is in one of them. What is in one that appeared is not told besides. */
  readonly inEach?: (name: string) => readonly InventoryList[];
}
export interface Inventory {
  readonly lists: readonly InventoryList[];
  /** What no list shows, in plain words. */
  readonly unseen: readonly string[];
}

type After = InventoryList['after'];

export const PAGE = 100;
export const DELETE_IT = 'delete it, unless somebody of yours needs it';
export const CHECK_IT = 'take it out, unless somebody of yours put it there';

/** Pages are counted; a reply says at `totalAt` how many items there are. */
export const numbered =
  (parameter: string, totalAt: readonly string[]): After =>
  (reply, page, seen) =>
    seen < Number(member(reply, ...totalAt) ?? 0) ? { [parameter]: `${page + 1}` } : undefined;

/** A reply says at `tokenAt` where the next page begins. */
export const tokened =
  (tokenAt: readonly string[]): After =>
  (reply) => {
    const token = member(reply, ...tokenAt);
    return typeof token === 'string' && token !== '' ? { NextToken: token } : undefined;
  };

/** All is in one reply. */
export const whole: After = () => undefined;
