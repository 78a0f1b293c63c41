import type { CallInfo } from '../../shared/loopback/kernel.js';
import type { World } from './world.js';

/** Has the next such call of Leasehold's refused once, by a cloud that has no time; gives back how to stop, and whether it came. */
export function failOnce({ cloud: { cloud } }: World, isIt: (call: CallInfo) => boolean): () => boolean {
  let isMet = false;
  const undo = cloud.faults.add({
    before: (call) => {
      if (isMet || call.callerArn?.includes('leasehold-fn-') !== true || !isIt(call)) return undefined;
      isMet = true;
      return { kind: 'error', status: 503, code: 'ServiceUnavailable' };
    },
  });
  return () => {
    undo();
    return isMet;
  };
}
