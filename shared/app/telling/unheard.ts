/** What was asked for and never reached the register, so that no sweep knows of it. Pure. */
import { type Contract, isLive } from '../../domain/contract.js';
import { isEvent } from '../../domain/fact.js';
import type { Instant } from '../../domain/values.js';
import type { FailureInput } from '../inbound/step-input.js';

/** As long as EventBridge tries to deliver an event. */
const WORTH_MILLISECONDS = 86_400_000;

/** Of whatever may be otherwise in a while: the cloud was busy, a right was missing, or the step did not run at all. */
export const MAY_PASS = /^(?:TryLaterError|DeniedError|UnhandledInvocationError|(?:FC|FnF)\..+)$/;

/**
 * Whether an end or a suspension is to be begun again by its event, because the step that was to record it could not. What widens is
 * not done hours after it was asked: that it failed is told, and whoever asked decides.
 */
export function isUnheard(
  { code, eventSource: source, eventId: id, eventType, eventTime }: FailureInput,
  contract: Contract,
  now: Instant,
): boolean {
  const age = Math.abs(Date.parse(now) - Date.parse(eventTime ?? ''));
  if (!(age <= WORTH_MILLISECONDS) || !MAY_PASS.test(code)) return false;
  switch (eventType) {
    case 'partner.contract.terminated':
      return contract.state !== 'ending' && contract.state !== 'ended';
    case 'partner.access.suspend.requested':
      return isLive(contract) && !contract.suspensions.some(({ event }) => isEvent(event, { source, id }));
    default:
      return false;
  }
}
