/** Where the documentation is silent: what this embedded EventBridge takes to be so, and what a test may have it take instead. */
import type { CloudEvent } from './events.js';

/** Every switch may be set while the cloud runs. */
export interface EventBridgeSwitches {
  /** Every event reaches its targets twice: delivery is at least once. Default false. */
  deliverTwice: boolean;
  /** Seconds by which a delivery is put off; no page promises an order. Default: none. See `shuffled`. */
  delaySeconds: (event: CloudEvent) => number;
  /** Error code of an event that `PutEvents` does not take while it takes the others. Default: takes all. */
  refuseEntry: (event: CloudEvent) => string | undefined;
  /** Draws from [0, 1) for the wait of `BACKOFF_RETRY`. Default: seeded, so that runs are alike. */
  random: () => number;
  /**
   * The service that takes on the role of a flow target, whom that role must trust. The page of flow targets does not say; for a role
   * that reads logs the API reference asks to select EventBridge, and a Terraform sample of the vendor's names CloudFlow. Default:
   * EventBridge.
   */
  startsFlowsAs: 'eventbridge.aliyuncs.com' | 'fnf.aliyuncs.com';
  /** What `ExecutionAlreadyExists` of a flow means for the delivery. Default: the event was delivered, by whoever started it. */
  executionExists: 'delivered' | 'failed';
  /** Whether a function that fails makes the delivery fail, so that it is tried again. Default true. */
  functionErrorFails: boolean;
  /** Whether an event may come without a time: the page of PutEvents requires one, others list it as optional. Default false. */
  timeMayLack: boolean;
  /** Whether applications may publish to the bus `default`, which the pages call dedicated to cloud services. Default false. */
  customEventsOnDefaultBus: boolean;
  /**
   * Whether the control API refuses by a reply of status 200 that says `Success: false`, as its pages describe the reply and the
   * vendor's Terraform provider reads it, or by an error of the gateway. Default true.
   */
  refusesByReply: boolean;
  /**
   * How many values and conditions a rule's pattern may have for one field. Default 5, as the page of CreateRule says; the page of
   * patterns says nothing of it.
   */
  valuesAField: number;
  /**
   * Whether patterns may have conditions of the open-source sibling that the page of patterns does not list: numeric `>=` and `!=`,
   * `anything-but` with a suffix, `cidr` of one address. Default false.
   */
  unlistedConditions: boolean;
  /** Whether a rule may route to a bus of another region; the pages contradict each other. Default false. */
  crossRegionRouting: boolean;
  /**
   * Whether a bus takes no more events in a second than is published; a request that would be beyond is refused whole, by
   * the API's code for too many requests. Default false, since a loopback is faster than any network.
   */
  limitsEvents: boolean;
}

/** As whom EventBridge takes on roles of other accounts, with `<uid>@` before it. */
export const EVENTBRIDGE = 'eventbridge.aliyuncs.com';

export const defaultSwitches = (): EventBridgeSwitches => ({
  deliverTwice: false,
  delaySeconds: () => 0,
  refuseEntry: () => undefined,
  random: seeded(1),
  startsFlowsAs: EVENTBRIDGE,
  executionExists: 'delivered',
  functionErrorFails: true,
  timeMayLack: false,
  customEventsOnDefaultBus: false,
  refusesByReply: true,
  valuesAField: 5,
  unlistedConditions: false,
  crossRegionRouting: false,
  limitsEvents: false,
});

/** Region of a data-plane call that names none, neither in `x-eventbridge-regionid` nor in its host. */
export const DEFAULT_REGION = 'cn-hangzhou';
/** The role that functions are invoked with, and the service it trusts. Source: EventBridge "Service-linked roles". */
export const FUNCTION_ROLE = 'AliyunServiceRoleForEventBridgeSendToFC';
export const FUNCTION_ROLE_PRINCIPAL = 'sendevent-fc.eventbridge.aliyuncs.com';
/** Rules may route in a circle; an event that was routed more often than this is dropped, so that the cloud comes to rest. */
export const MAX_HOPS = 8;
/** Host milliseconds an http target has to answer. */
export const HTTP_TIMEOUT_MS = 10_000;

/** For `delaySeconds`: deliveries within `withinSeconds`, in an order that `seed` decides. */
export function shuffled(seed: number, withinSeconds: number): () => number {
  const draw = seeded(seed);
  return () => draw() * withinSeconds;
}

/** Mulberry32: small, fast, and the same everywhere; not for secrets. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
