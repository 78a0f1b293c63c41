/** A hand-over that is larger than an event may be goes out in parts, each of which says which of how many it is. Pure. */
import type { HandOver } from './hand-over.js';

/** What an event carries: the hand-over, and the same as a page for people. */
export interface Delivery extends HandOver {
  /** Markdown. */
  readonly page: string;
}
/** The lists and the page are cut; everything else is in every part. */
export interface DeliveryPart extends Delivery {
  readonly part: { readonly number: number; readonly of: number };
}

/** An event has at most 60 KB; what Leasehold and EventBridge put around the data takes less than four. */
export const MAX_PART_BYTES = 56 * 1024;
/** As many as the room kept for their numbers is enough for. */
export const MAX_PARTS = 9_999;

const LISTS = [
  'sealed',
  'users',
  'roles',
  'accessors',
  'grants',
  'resources',
  'accounts',
  'routes',
  'unavoidablyWider',
  'proven',
] as const;
type Lists = Pick<HandOver, (typeof LISTS)[number]>;
/** The smallest thing that is not cut: an item of a list, or a line of the page with its end. */
interface Piece {
  readonly in: keyof Lists | 'page';
  readonly item: unknown;
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/**
 * As few parts as filling them in order gives, each at most `maxBytes` of JSON. Joined in order they are the whole again.
 * @throws {RangeError} when what every part carries leaves no room for the largest piece
 */
export function partsOf(delivery: Delivery, maxBytes: number = MAX_PART_BYTES): readonly DeliveryPart[] {
  const pieces: readonly Piece[] = [
    ...LISTS.flatMap((name) => delivery[name].map((item) => ({ in: name, item }))),
    ...linesOf(delivery.page).map((item) => ({ in: 'page' as const, item })),
  ];
  const frame = bytesOf(partOf(delivery, [], { number: MAX_PARTS, of: MAX_PARTS }));
  const filled: Piece[][] = [[]];
  let room = maxBytes - frame;
  for (const piece of pieces) {
    const size = bytesOf(piece.item) + 1;
    if (frame + size > maxBytes)
      throw new RangeError(`a part of ${maxBytes} bytes has no room for ${size} bytes of ${piece.in}`);
    if (size > room) {
      filled.push([]);
      room = maxBytes - frame;
    }
    filled.at(-1)?.push(piece);
    room -= size;
  }
  return filled.map((those, index) => partOf(delivery, those, { number: index + 1, of: filled.length }));
}

function partOf(delivery: Delivery, pieces: readonly Piece[], part: DeliveryPart['part']): DeliveryPart {
  const itemsIn = (name: Piece['in']) => pieces.filter((piece) => piece.in === name).map(({ item }) => item);
  return { ...delivery, ...listsOf(itemsIn), page: itemsIn('page').join(''), part };
}

/** Items go back into the lists they were taken from, so the types are those of the lists. */
const listsOf = (itemsIn: (name: keyof Lists) => readonly unknown[]): Lists =>
  Object.fromEntries(LISTS.map((name) => [name, itemsIn(name)])) as unknown as Lists;

const linesOf = (page: string): readonly string[] => page.match(/[^\n]*\n|[^\n]+$/g) ?? [];
