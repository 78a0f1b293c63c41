/** What `leasehold deploy` makes itself, since Resource Orchestration has no type for it; as data. */
import type { BusToDeploy, FunctionToDeploy, ScheduleThere, ScheduleToDeploy } from './deployment.js';

/** What of that is there already. */
export interface DeployedBeyondStacks {
  readonly buses: readonly BusToDeploy[];
  readonly schedules: readonly ScheduleThere[];
  /** Function Compute 2.0 only: names of functions, by service. */
  readonly services: ReadonlyMap<string, readonly string[]>;
}

export type DeployStep =
  | { readonly kind: 'createBus' | 'updateBus'; readonly bus: BusToDeploy }
  | { readonly kind: 'createSchedule' | 'updateSchedule'; readonly schedule: ScheduleToDeploy }
  | { readonly kind: 'createService'; readonly service: string }
  | {
      readonly kind: 'createFunction' | 'updateFunction';
      readonly service: string;
      readonly toDeploy: FunctionToDeploy;
    };
