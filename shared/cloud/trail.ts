/** The writes that this process has made in the cloud, until the register has them. */
import type { CloudCall } from '../domain/fact.js';
import type { LogPort, TrailPort } from './ports.js';

/** A trail, and the adapters' way to put a call on it. */
export interface Trail extends TrailPort {
  /** To be called with the reply to a write that took effect; what a lost reply would have said is not to be had. */
  note(action: string, reply: { readonly requestId?: string } | undefined): void;
}

/** For whoever keeps no trail. */
export const UNNOTED: Pick<Trail, 'note'> = { note: () => undefined };

/** Each call is a log line too, so that it is known by its id also when the step fails before it writes a fact. */
export function makeTrail(log: Pick<LogPort, 'info'>): Trail {
  const calls: CloudCall[] = [];
  return {
    note(action, reply) {
      if (reply?.requestId === undefined) return;
      calls.push({ action, requestId: reply.requestId });
      log.info({ action, cloudRequestId: reply.requestId }, 'written');
    },
    calls: () => [...calls],
    recorded: (count) => void calls.splice(0, count),
  };
}
