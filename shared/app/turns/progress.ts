/** Who waits for RAM, and until when: for an operator who wants to know how far a crowd is. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { Instant } from '../../domain/values.js';
import { addSeconds } from '../../domain/values.js';
import { LANES, type Lane, type Waiting, waitingInLane, writesOf } from './entries.js';

export interface LaneProgress {
  readonly lane: Lane;
  /** First to go first; at most a thousand. */
  readonly waiting: readonly Pick<Waiting, 'contractId' | 'rank' | 'writes'>[];
  /** Calls that are still to be made for them. */
  readonly writes: number;
  /** When the last of them has its turn, if nobody else comes; `undefined` where nobody waits, or no rate is configured. */
  readonly endsAt: Instant | undefined;
}

/** May look while others come and go. */
export async function progressOf({
  index,
  clock,
  settings,
}: Pick<Ports, 'index' | 'clock' | 'settings'>): Promise<readonly LaneProgress[]> {
  const rate = settings.writesPerSecond;
  return Promise.all(
    LANES.map(async (lane) => {
      const waiting = await waitingInLane(lane, { index, clock });
      const writes = writesOf(waiting);
      const isKnown = writes > 0 && rate > 0;
      const endsAt = isKnown ? addSeconds(clock.now(), Math.ceil(writes / rate)) : undefined;
      return { lane, waiting, writes, endsAt };
    }),
  );
}
