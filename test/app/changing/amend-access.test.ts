import { describe, expect, it } from 'vitest';
import { admitAmendment } from '../../../shared/app/admission/admit-amendment.js';
import { amendAccess } from '../../../shared/app/changing/amend-access.js';
import { verifyBefore } from '../../../shared/app/changing/verify-before.js';
import { verifyChange } from '../../../shared/app/changing/verify-change.js';
import { appendFact } from '../../../shared/app/register/register.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import { addSeconds, type Instant } from '../../../shared/domain/values.js';
import { eventOf, REGION, request } from '../../support/requests.js';
import {
  amendmentOf,
  contractId,
  leaseAfter,
  roleName,
  type SmallLease,
} from '../../support/small-cloud/lease.js';

const { lease } = request();
const END = lease.expiresAt;
const RENEWED = addSeconds(END, 86_400);

/** Of which a renewal was approved in time, and waits for nobody any more. */
async function renewing() {
  const made = await leaseAfter(4);
  const data = { ...request({ lease: { ...lease, expiresAt: RENEWED } }), revision: 1 };
  const event = eventOf(data, { id: 'renewal', type: 'partner.contract.amended' });
  at(made, addSeconds(END, -60));
  const { epoch } = await admitAmendment(JSON.stringify(event), made.ports);
  const input = { contractId, epoch };
  await verifyBefore(input, made.ports);
  return { made, input };
}

const at = ({ cloud }: SmallLease, now: Instant): void => {
  cloud.now = Date.parse(now);
};
const untilWhen = ({ cloud }: SmallLease): Instant =>
  cloud.documentsOf(roleName).join().includes(RENEWED) ? RENEWED : END;

describe('a renewal that is carried out', () => {
  it('up to the last second of the lease holds, also when it is seen to only after that', async () => {
    const { made, input } = await renewing();
    at(made, addSeconds(END, -1));
    await amendAccess(input, made.ports);
    at(made, addSeconds(END, 1));
    await verifyChange({ ...input, suspension: undefined }, made.ports);
    expect((await made.contract()).terms?.request.lease.expiresAt).toBe(RENEWED);
  });

  it.each([0, 1, 600])(
    'only %i seconds after the end of the lease gives way: what is over is not opened again',
    async (seconds) => {
      const { made, input } = await renewing();
      at(made, addSeconds(END, seconds));
      await expect(amendAccess(input, made.ports)).rejects.toMatchObject({ code: 'LOST_THE_RACE' });
      expect(untilWhen(made)).toBe(END);
    },
  );

  it('while the lease ends gives way, though it had begun in time', async () => {
    const { made, input } = await renewing();
    const setPolicyDocument: Ports['ram']['setPolicyDocument'] = async (...given) => {
      at(made, END);
      await made.ports.ram.setPolicyDocument(...given);
    };
    const ram = { ...made.ports.ram, setPolicyDocument };
    await expect(amendAccess(input, { ...made.ports, ram })).rejects.toMatchObject({
      code: 'LOST_THE_RACE',
    });
  });

  it('writes nothing where the lease ends at the last moment before that', async () => {
    const { made, input } = await renewing();
    const tagsOfPolicy: Ports['ram']['tagsOfPolicy'] = async (name) => {
      at(made, END);
      return made.ports.ram.tagsOfPolicy(name);
    };
    const ram = { ...made.ports.ram, tagsOfPolicy };
    await expect(amendAccess(input, { ...made.ports, ram })).rejects.toMatchObject({
      code: 'LOST_THE_RACE',
    });
    expect(untilWhen(made)).toBe(END);
  });
});

describe('a look at what was before', () => {
  it('is none once the role has begun to change', async () => {
    const { made, input } = await renewing();
    await amendAccess(input, made.ports);
    const { seq } = await made.contract();
    await verifyBefore(input, made.ports);
    expect((await made.contract()).seq).toBe(seq);
  });
});

describe('an amendment of which the register alone says that it was approved, and has begun', () => {
  it('is not carried out', async () => {
    const one = {
      service: 'kafka',
      access: 'read',
      region: REGION,
      instanceId: 'alikafka_pre-cn-x1',
    } as const;
    const made = await leaseAfter(4, { grants: [one] });
    const asked = await amendmentOf(made, [one, { ...one, instanceId: 'alikafka_pre-cn-x2' }]);
    const data = { revision: 1, policies: [] };
    await appendFact(asked, { kind: 'amending', data }, 'a-test', made.ports);
    const { admission } = made.ports.settings;
    const autoApproval = { ...admission.autoApproval, maxLeaseSeconds: 1 };
    const settings = { ...made.ports.settings, admission: { ...admission, autoApproval } };
    const before = made.cloud.documentsOf(roleName);
    await expect(
      amendAccess({ contractId, epoch: asked.amendment?.seq ?? 0 }, { ...made.ports, settings }),
    ).rejects.toMatchObject({ code: 'NOT_APPROVED' });
    expect(made.cloud.documentsOf(roleName)).toEqual(before);
  });
});
