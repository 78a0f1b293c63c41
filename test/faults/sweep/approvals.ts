/** Flows in which somebody is asked first: about leases of more than a month. */
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { answer, approvedBy, BOSS, newSigner, signed } from '../../support/approvers.js';
import { DAY, leaseFrom } from './flow.js';
import type { Stage } from './stage.js';

type Lease = OnboardingRequest['lease'];

const boss = await newSigner(BOSS);

export const asksForLong = {
  ...approvedBy([boss]),
  LEASEHOLD_AUTO_APPROVAL: JSON.stringify({ maxLeaseSeconds: 30 * DAY, accessLevels: ['read'] }),
};
/** Let through. */
export const forWeeks = (stage: Stage): Lease => ({
  startsAt: addSeconds(stage.now(), -DAY),
  expiresAt: addSeconds(stage.now(), 20 * DAY),
});
/** Asked about. */
export const forMonths = leaseFrom;

/** An answer stays the same however often it is posted. */
const answers = new Map<string, string>();
export const answered =
  (decision: 'approve' | 'decline') =>
  async ({ world, now }: Stage, id: string): Promise<void> => {
    const jws =
      answers.get(id) ?? (await signed(world, id, boss, { decision, expires: addSeconds(now(), 2 * DAY) }));
    answers.set(id, jws);
    await answer(world, id, {
      jws,
      id: `answer-${id}`,
      decision: decision === 'approve' ? 'approved' : 'declined',
    });
  };
