import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import type { Session } from '../../shared/cloud/ports.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { parseContractId } from '../../shared/domain/values.js';
import { grantProbes } from '../../shared/services/index.js';
import { OWNER, PARTNER, REGION, request } from './requests.js';
import type { World } from './world.js';

type Changes = Parameters<typeof request>[0];

/** Posts the whole contract as it shall be from now on. */
export const amend = (
  world: World,
  contractId: string,
  {
    revision,
    id = `amend-${contractId}-${revision}`,
    ...changes
  }: Changes & { revision: number; id?: string },
): Promise<void> =>
  world.post({
    id,
    source: 'test',
    type: 'partner.contract.amended',
    subject: contractId,
    data: { ...request({ ...changes, contractId: parseContractId(contractId) }), revision },
  });

export const suspend = (world: World, contractId: string, id: string, source = 'test'): Promise<void> =>
  world.post({
    id,
    source,
    type: 'partner.access.suspend.requested',
    subject: contractId,
    data: { contractId, reason: 'an incident', requestedBy: 'security@a.example' },
  });

export const resume = (
  world: World,
  contractId: string,
  suspension: string,
  id = `resume-${suspension}`,
): Promise<void> =>
  world.post({
    id,
    source: 'test',
    type: 'partner.access.resume.requested',
    subject: contractId,
    data: { contractId, suspension, reason: 'it is over', requestedBy: 'security@a.example' },
  });

/** The `nth` (from 1) outbound event of `kind` about the contract; time passes until it comes. */
export async function hearNth(world: World, contractId: string, kind: string, nth: number) {
  const all = () =>
    world.outbox.heard.filter(({ subject, type }) => subject === contractId && type.endsWith(`.${kind}`));
  await world.clock.runUntilIdle({
    until: world.clock.now() + 3_600_000,
    isDone: () => all().length >= nth,
  });
  const heard = all()[nth - 1];
  if (heard === undefined) throw new Error(`${contractId}: ${all().length} of ${nth} ${kind} heard`);
  return heard;
}

export const reasonsIn = (event: { readonly data: Readonly<Record<string, unknown>> }): readonly string[] =>
  (event.data['reasons'] as readonly { readonly code: string }[]).map(({ code }) => code);

/** Enters as the partner, from nothing but what was handed over. */
export async function enterAs(world: World, contractId: string): Promise<Session> {
  const handOver = (await world.hear(contractId, 'granted')).data as unknown as HandOver;
  const [person] = await world.partner.accept(handOver);
  const entered = await person?.enter(handOver);
  if (entered === undefined || 'refused' in entered) throw new Error(entered?.refused ?? 'nobody enters');
  // The session lives on without it, and a user of the partner can hold no more than ten policies.
  await world.cloud.cloud.call(
    world.cloud.accounts.rootOf(PARTNER),
    '2015-05-01',
    'DetachPolicyFromUser',
    {
      PolicyType: 'Custom',
      PolicyName: `may-assume-the-lease-role-${handOver.roleName.slice(-16)}`,
      UserName: 'operator',
    },
    REGION,
  );
  return entered;
}

/** What a session's reads of a grant are answered: the same for all of its probes, or all of them. */
export async function using(world: World, session: Session, grant: unknown): Promise<string> {
  const port = makeProductPort(world.cloud.connectionOf(world.cloud.root));
  const answers = await Promise.all(
    grantProbes(grant as ResourceGrant, OWNER).map(
      async ({ call }) => (await port.call(call, session)).outcome,
    ),
  );
  return [...new Set(answers)].sort().join(' ');
}
