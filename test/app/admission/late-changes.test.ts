import { describe, expect, it } from 'vitest';
import { admitAmendment } from '../../../shared/app/admission/admit-amendment.js';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import { foreseeAmendment } from '../../../shared/app/admission/foresee.js';
import { signAnswer } from '../../../shared/app/approval/answer.js';
import { parseEvent } from '../../../shared/app/inbound/parse-event.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { contractAmended } from '../../../shared/schemas/compiled/validators.js';
import { approversOf, BOSS, newSigner } from '../../support/approvers.js';
import { eventOf, request } from '../../support/requests.js';
import {
  askFor,
  contractId,
  leaseAfter,
  type SmallLease,
  suspended,
} from '../../support/small-cloud/lease.js';

const { lease } = request();
const renewed = { ...lease, expiresAt: addSeconds(lease.expiresAt, 86_400) };
const RENEWAL = JSON.stringify(
  eventOf(
    { ...request({ lease: renewed }), revision: 1 },
    { id: 'renewal', type: 'partner.contract.amended' },
  ),
);
const lastOf = ({ told }: SmallLease) => {
  const { type, data } = told.at(-1) ?? {};
  const reasons = (data?.['reasons'] ?? []) as readonly { readonly code: string }[];
  return [type, ...reasons.map(({ code }) => code)];
};
const LATE = ['partner.access.rejected', 'CONTRACT_ENDED'];
const kindsIn = async ({ contract }: SmallLease) => (await contract()).facts.map(({ kind }) => kind);

/** Of which the lease has just ended, and nobody has recorded that yet. */
async function over(): Promise<SmallLease> {
  const made = await leaseAfter(4);
  made.cloud.now = Date.parse(lease.expiresAt);
  return made;
}

describe('once a lease is over, and before that is recorded', () => {
  it('a renewal is refused: it comes too late, and opens nothing again', async () => {
    const made = await over();
    expect(await admitAmendment(RENEWAL, made.ports)).toMatchObject({ outcome: 'finished' });
    expect(lastOf(made)).toEqual(LATE);
    expect(await kindsIn(made)).not.toContain('amendment-requested');
  });

  it('whoever asks what a renewal would come to hears the same', async () => {
    const { ports } = await over();
    const parsed = parseEvent(RENEWAL, { 'partner.contract.amended': contractAmended });
    if (!parsed.ok) throw new Error('the renewal cannot be read');
    const { reasons } = await foreseeAmendment(parsed.event, ports);
    expect(reasons.map(({ code }) => code)).toEqual(['CONTRACT_ENDED']);
  });

  it('a renewal that was approved in time, and that nobody has begun with, gives way to the end', async () => {
    const made = await leaseAfter(4);
    await admitAmendment(RENEWAL, made.ports);
    made.cloud.now = Date.parse(lease.expiresAt);
    expect(await admitAmendment(RENEWAL, made.ports)).toMatchObject({ outcome: 'end' });
  });

  it('an approval of a renewal is refused, and the renewal dropped', async () => {
    const made = await leaseAfter(4);
    const boss = await newSigner(BOSS);
    const ports: Ports = {
      ...made.ports,
      settings: {
        ...made.ports.settings,
        approvals: { approvers: approversOf([boss]), timeoutSeconds: 365 * 86_400 },
        admission: {
          ...made.ports.settings.admission,
          autoApproval: { ...made.ports.settings.admission.autoApproval, maxLeaseSeconds: 0 },
        },
      },
    };
    await admitAmendment(RENEWAL, ports);
    made.cloud.now = Date.parse(lease.expiresAt);
    const { planHash = '', seq: of = 0 } = (await made.contract()).amendment ?? {};
    const claims = {
      contractId,
      planHash,
      of,
      decision: 'approve',
      expires: renewed.expiresAt,
      reason: 'yes',
    };
    const jws = await signAnswer(claims as Parameters<typeof signAnswer>[0], boss.id, boss.key);
    const yes = eventOf({ contractId, jws }, { id: 'yes', type: 'partner.onboarding.approved' });
    expect(await admitRequest(JSON.stringify(yes), ports)).toMatchObject({ outcome: 'rejected' });
    expect(lastOf(made)).toEqual(LATE);
    expect((await kindsIn(made)).at(-1)).toBe('amendment-dropped');
  });

  it('a resumption is refused, and a suspension is not', async () => {
    const made = await leaseAfter(4);
    const suspension = await suspended(made, 'incident');
    made.cloud.now = Date.parse(lease.expiresAt);
    expect(await askFor(made, 'resume', 'resume', { suspension })).toMatchObject({ outcome: 'finished' });
    expect(lastOf(made)).toEqual(LATE);
    expect(await askFor(made, 'again', 'suspend')).toMatchObject({ outcome: 'suspend' });
  });
});
