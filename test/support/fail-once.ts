import { throttled } from '../../shared/loopback/dispatch.js';
import type { CallInfo, Fault } from '../../shared/loopback/kernel.js';
import type { World } from './world.js';

/** What befalls a call that is made well, by name. */
export const FAULTS = {
  throttled,
  'answered 503': { kind: 'error', status: 503, code: 'ServiceUnavailable' },
  'applied, its reply lost': { kind: 'lost-reply' },
  'lost before it arrived': { kind: 'lost-request' },
} as const satisfies Readonly<Record<string, Fault>>;

/** Has the next such call of Leasehold's refused once, by a cloud that has no time; gives back how to stop, and whether it came. */
export function failOnce({ cloud: { cloud } }: World, isIt: (call: CallInfo) => boolean): () => boolean {
  let isMet = false;
  const undo = cloud.faults.add({
    before: (call) => {
      if (isMet || call.callerArn?.includes('leasehold-fn-') !== true || !isIt(call)) return undefined;
      isMet = true;
      return FAULTS['answered 503'];
    },
  });
  return () => {
    undo();
    return isMet;
  };
}

interface Befallen {
  readonly where: string;
  readonly actions: readonly string[];
  readonly fault: Fault;
}
/** Of what may have been made for a data plane: that is waited for, up to twenty minutes, so that a reply is lost once in a run. */
export const befalling = (actions: readonly string[]): readonly Befallen[] => [
  { where: 'each call is throttled', actions, fault: FAULTS.throttled },
  { where: 'each call is answered 503', actions, fault: FAULTS['answered 503'] },
  ...actions.map((action) => ({
    where: `the reply to ${action} is lost`,
    actions: [action],
    fault: FAULTS['applied, its reply lost'],
  })),
];

/**
 * Has the next call of each of these actions befallen by a fault once, unless it is made by somebody who is no function of Leasehold's;
 * gives back how to stop, and which of them never came.
 */
export function failEachOnce(
  { cloud: { cloud } }: World,
  actions: readonly string[],
  fault: Fault,
): () => readonly string[] {
  const left = new Set(actions);
  const undo = cloud.faults.add({
    before: ({ action, callerArn = 'leasehold-' }) =>
      callerArn.includes('leasehold-') && left.delete(action) ? fault : undefined,
  });
  return () => {
    undo();
    return [...left];
  };
}
