/** Records the calls of a flow in their order. */
import { type TapedCall, tapedCall } from './faults.js';
import { isOurs, type Stage } from './stage.js';

export function startTape(stage: Stage, id: string): { stop(): readonly TapedCall[] } {
  const tape: TapedCall[] = [];
  const undo = stage.world.cloud.cloud.faults.add({
    before: (call) => {
      if (!stage.isAside && isOurs(call)) tape.push(tapedCall(call, id));
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
