/** Events of every type, for who is no function: a function names those that it handles. */
import {
  contractAmended,
  contractTerminated,
  onboardingApproved,
  onboardingDeclined,
  onboardingRequested,
  resumeRequested,
  suspendRequested,
} from '../../schemas/compiled/validators.js';
import { type Handled, type ParsedEvent, parseEvent } from './parse-event.js';

const EVERY_EVENT: Handled = {
  'partner.onboarding.requested': onboardingRequested,
  'partner.onboarding.approved': onboardingApproved,
  'partner.onboarding.declined': onboardingDeclined,
  'partner.contract.amended': contractAmended,
  'partner.contract.terminated': contractTerminated,
  'partner.access.suspend.requested': suspendRequested,
  'partner.access.resume.requested': resumeRequested,
};

/** As `parseEvent`, for events of every type. */
export const parseAnyEvent = (text: string): ParsedEvent => parseEvent(text, EVERY_EVENT);
