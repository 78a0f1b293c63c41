import type { CallInfo } from '../../shared/loopback/kernel.js';
import type { World } from './world.js';

/** Has the next such call wait for `seconds` of the cloud's time before it is applied; gives back how to stop, and whether it came. */
export function holdFirst(
  { cloud: { cloud }, clock }: World,
  isIt: (call: CallInfo) => boolean,
  seconds: number,
): () => boolean {
  let isHeld = false;
  const undo = cloud.faults.add({
    before: async (call) => {
      if (isHeld || !isIt(call)) return undefined;
      isHeld = true;
      await clock.sleep(seconds * 1000);
      return undefined;
    },
  });
  return () => {
    undo();
    return isHeld;
  };
}
