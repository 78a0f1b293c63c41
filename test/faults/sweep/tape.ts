/** Records the calls of a flow in their order. */
import type { TapedCall } from './faults.js';
import { isOurs, type Stage } from './stage.js';

export function startTape(stage: Stage): { stop(): readonly TapedCall[] } {
  const tape: TapedCall[] = [];
  const undo = stage.world.cloud.cloud.faults.add({
    before: (call) => {
      // What posts the event is the poster's.
      if (stage.isAside || !isOurs(call) || (tape.length === 0 && call.action === 'PutEvents'))
        return undefined;
      tape.push({ product: call.product, action: call.action, actor: actorOf(call.callerArn) });
      return undefined;
    },
  });
  return {
    stop: () => {
      undo();
      return tape;
    },
  };
}

/** `…:assumed-role/leasehold-fn-grant/leasehold-activate-access-1a2b3c4d` → `activate-access`; of a rule or flow, its role. */
export function actorOf(callerArn = ''): string {
  const [role = '', session = ''] = callerArn.split('/').slice(-2);
  return (
    /-fn-(events|flows)$/.exec(role)?.[1] ?? session.replace(/^leasehold-/, '').replace(/-[0-9a-f]{8}$/, '')
  );
}
