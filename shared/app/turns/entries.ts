/** What stands in the index of those who wait for their turn: `turns/<lane>/<rank>/<contractId>/<writes>/<where>/<seenAt>`. */
import type { Ports } from '../../cloud/ports.js';
import { InvalidRequestError } from '../../domain/errors.js';
import {
  addSeconds,
  type ContractId,
  type Instant,
  parseContractId,
  parseInstant,
} from '../../domain/values.js';
import { MOST_LISTED } from '../register/keys-below.js';
import { unlessStrange } from '../register/strange-keys.js';

/** What is waited for: RAM lets each of these calls be made so many times a second, for the whole account. */
export type Lane = 'attach' | 'detach';
export const LANES: readonly Lane[] = ['attach', 'detach'];

/** A place among those who wait. */
export interface Place {
  readonly lane: Lane;
  /** Sorts as text, first to go first; see `rank.ts`. */
  readonly rank: string;
  readonly contractId: ContractId;
  /** How many calls of the lane's kind are to be made. */
  readonly writes: number;
  /** From then on it waits for nobody any more. Default: never. */
  readonly until?: Instant;
}

/** One who waits: `here` in a function at this moment, or `away` until its flow comes back. */
export interface Waiting extends Place {
  readonly key: string;
  readonly where: 'here' | 'away';
  readonly seenAt: Instant;
  /** When it is no longer waited for, unless it was seen again: whoever made the entry does not come back. */
  readonly lostAt: Instant;
}

const TURNS_PREFIX = 'turns/';
/** So many of those listed may be lost, or between two entries. */
const SPARE = 20;
const LOST_SECONDS = { here: 45, away: 180 } as const;
/** How far ahead the clock of another function may be. */
const SKEW_SECONDS = 60;
/** More than any contract has of policies. */
const MOST_WRITES = 100;

export const turnKey = (entry: Place & Pick<Waiting, 'where' | 'seenAt'>): string =>
  `${ownPrefix(entry)}${entry.writes}/${entry.where}/${entry.seenAt}`;
const ownPrefix = ({ lane, rank, contractId }: Place): string => `${lanePrefix(lane)}${rank}/${contractId}/`;
const lanePrefix = (lane: Lane): string => `${TURNS_PREFIX}${lane}/`;

/** @throws {InvalidRequestError} for what is no key of an entry */
export function waitingAt(key: string): Waiting {
  const [, lane, rank = '', contractId = '', writes = '', at, seen = ''] = key.split('/');
  if (!/^\d+$/.test(writes)) throw new InvalidRequestError('BAD_EVENT', `"${key}" waits for nothing`);
  const where = at === 'here' ? 'here' : 'away';
  const seenAt = parseInstant(seen);
  return {
    key,
    lane: lane === 'detach' ? 'detach' : 'attach',
    rank,
    contractId: parseContractId(contractId),
    writes: Number(writes),
    where,
    seenAt,
    lostAt: addSeconds(seenAt, LOST_SECONDS[where]),
  };
}

/** Those of `keys` that are of entries: what else somebody has put there holds up nobody. */
const entriesAt = (keys: readonly string[]): readonly Waiting[] =>
  keys.flatMap((key) => unlessStrange(() => waitingAt(key)) ?? []);

/** Also of what nobody of ours can have written: it would be waited for as long as it says. */
const isLost = ({ writes, seenAt, lostAt }: Waiting, now: Instant): boolean =>
  lostAt <= now || seenAt > addSeconds(now, SKEW_SECONDS) || writes > MOST_WRITES;

export const writesOf = (places: readonly Pick<Place, 'writes'>[]): number =>
  places.reduce((sum, { writes }) => sum + writes, 0);

/** Everybody in a lane, first to go first; at most a thousand. */
export const waitingInLane = async (
  lane: Lane,
  ports: Pick<Ports, 'index' | 'clock'>,
): Promise<readonly Waiting[]> => (await firstInLane(lane, MOST_LISTED, ports)).waiting;

/** Of the first `most` entries of a lane. Who was lost is dropped, and one who is between two entries is one. */
async function firstInLane(
  lane: Lane,
  most: number,
  { index, clock }: Pick<Ports, 'index' | 'clock'>,
): Promise<{ readonly waiting: readonly Waiting[]; readonly isAll: boolean }> {
  const keys = await index.list(lanePrefix(lane), most);
  const all = entriesAt(keys);
  const now = clock.now();
  await index.removeAll(all.filter((one) => isLost(one, now)).map(({ key }) => key));
  const byContract = new Map<ContractId, Waiting>();
  for (const one of all) if (!isLost(one, now)) byContract.set(one.contractId, one);
  return { waiting: [...byContract.values()], isAll: keys.length < most };
}

/**
 * Who waits before `place`, and its own entries. Where more than `enough` writes are to be made before its own, not all who wait need be
 * among them: in a crowd everybody looks every few seconds, so a look at all of it by all of it would cost the square of its size.
 */
export async function waitingIn(
  place: Place,
  enough: number,
  ports: Pick<Ports, 'index' | 'clock'>,
): Promise<{ readonly ahead: readonly Waiting[]; readonly own: readonly Waiting[] }> {
  const prefix = ownPrefix(place);
  const isAhead = ({ key }: Waiting) => key < prefix;
  const few = await firstInLane(place.lane, Math.min(Math.ceil(enough) + SPARE, MOST_LISTED), ports);
  const isEnough = few.isAll || writesOf(few.waiting.filter(isAhead)) > enough;
  const { waiting, isAll } = isEnough ? few : await firstInLane(place.lane, MOST_LISTED, ports);
  const isOwn = ({ key }: Waiting) => key.startsWith(prefix);
  // Whoever may stand behind those that were listed asks for its own besides.
  const own = isAll ? waiting.filter(isOwn) : entriesAt(await ports.index.list(prefix, MOST_LISTED));
  return { ahead: waiting.filter(isAhead), own };
}
