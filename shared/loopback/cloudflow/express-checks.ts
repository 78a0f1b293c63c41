/** What a flow in Express mode may not do though it is well written. Source: CloudFlow "Standard and Express workflows". */
import type { Scope } from './definition.js';
import { WAIT_SECONDS } from './readings.js';

/** Why `scope` cannot run in Express mode; empty when it can. */
export function expressProblems({ States }: Scope): readonly string[] {
  return States.flatMap((state): readonly string[] => {
    switch (state.Type) {
      case 'Task':
        return (state.TaskMode ?? 'RequestComplete') === 'RequestComplete'
          ? []
          : [`state ${state.Name} has TaskMode ${state.TaskMode}, which Express mode lacks`];
      case 'Wait':
        return Number(state.Seconds ?? 0) <= WAIT_SECONDS.Express.to
          ? []
          : [`state ${state.Name} waits longer than ${WAIT_SECONDS.Express.to} s, the most in Express mode`];
      case 'Parallel':
        return state.Branches.flatMap(expressProblems);
      case 'Map':
        return expressProblems(state.Processor);
      default:
        return [];
    }
  });
}
