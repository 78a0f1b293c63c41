/** A contract in a small cloud, brought there by the steps themselves; a test says what goes wrong then. */
import { admitAmendment } from '../../../shared/app/admission/admit-amendment.js';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import { suspendAccess } from '../../../shared/app/changing/suspend-access.js';
import { activateAccess } from '../../../shared/app/granting/activate-access.js';
import { grantAccess } from '../../../shared/app/granting/grant-access.js';
import { handOverAccess } from '../../../shared/app/granting/hand-over-access.js';
import { verifyAccess } from '../../../shared/app/granting/verify-access.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { appendFact, loadContract } from '../../../shared/app/register/register.js';
import type { OutboundEvent, Ports } from '../../../shared/cloud/ports.js';
import type { Contract } from '../../../shared/domain/contract.js';
import { TryLaterError } from '../../../shared/domain/errors.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { instantOf } from '../../../shared/domain/values.js';
import { eventOf, NOW, OWNER, request } from '../requests.js';
import { SmallCloud } from './cloud.js';
import { NOT_HERE, portTo, SMALL_SETTINGS } from './ports.js';

export const { contractId } = request();
export const roleName = roleNameOf(contractId);

export interface SmallLease {
  readonly cloud: SmallCloud;
  readonly ports: Ports;
  /** What was told of it, oldest first. */
  readonly told: readonly OutboundEvent[];
  contract(): Promise<Contract>;
  /** What is on its role. */
  attached(): readonly string[];
}

/** Of which nobody has asked for anything yet. Time passes only where somebody sleeps. */
export function nobodysLease(): SmallLease {
  const cloud = new SmallCloud(Date.parse(NOW));
  const told: OutboundEvent[] = [];
  let drawn = 0;
  const ports: Ports = {
    ram: portTo(cloud, 'ram'),
    quotas: portTo(cloud, 'quotas'),
    sts: portTo(cloud, 'sts'),
    products: portTo(cloud, 'products'),
    evidence: portTo(cloud, 'evidence'),
    index: portTo(cloud, 'index'),
    events: { publish: async (event) => void told.push(event) },
    ...NOT_HERE,
    clock: {
      now: () => instantOf(cloud.now),
      ticks: () => cloud.now,
      sleep: async (seconds) => {
        // Time passes once nothing else is to be done.
        await new Promise((resolve) => setImmediate(resolve));
        cloud.now += seconds * 1000;
      },
    },
    chance: { nonce: () => String(++drawn).padStart(32, '0') },
    trail: { calls: () => [], recorded: () => undefined },
    log: { info: () => undefined, warn: () => undefined },
    settings: SMALL_SETTINGS,
  };
  return {
    cloud,
    ports,
    told,
    contract: () => loadContract(contractId, ports.evidence),
    attached: () => (cloud.roles.get(roleName)?.attached ?? []).map(({ policy }) => policy.name),
  };
}

const STEPS = [grantAccess, verifyAccess, activateAccess];
/** As it is asked for. */
export const REQUESTED = JSON.stringify(eventOf(request()));

/** Requested, and led through so many of the steps that set it up: 4 for all. */
export async function leaseAfter(steps: number, asked: Partial<OnboardingRequest> = {}): Promise<SmallLease> {
  const lease = nobodysLease();
  const { ports } = lease;
  const { epoch } = await admitRequest(JSON.stringify(eventOf(request(asked))), ports);
  for (const step of STEPS.slice(0, steps)) await step({ contractId, epoch }, ports);
  if (steps > STEPS.length) await handOverAccess(contractId, ports);
  return lease;
}

export const down = (): Promise<never> => Promise.reject(new TryLaterError('UNAVAILABLE', 'down'));

/** As it ends by an event. */
export const TERMINATED = JSON.stringify(
  eventOf(
    { contractId, requestedBy: 'test', reason: 'over' },
    { id: 'end', type: 'partner.contract.terminated' },
  ),
);

/** Has an amendment to other grants stand in the register, which says of it that it is approved since it only narrows. */
export async function amendmentOf(
  { ports, contract }: SmallLease,
  grants: OnboardingRequest['grants'],
  revision = 1,
): Promise<Contract> {
  const asked = request({ grants });
  const { planHash } = planAccess(asked, OWNER);
  const event = { source: 's', id: `amendment-${revision}`, contentHash: `amendment-${revision}` };
  const change = { widens: [], narrows: [] };
  const data = { event, request: asked, revision, planHash, change };
  const wanted = await appendFact(await contract(), { kind: 'amendment-requested', data }, 'a-test', ports);
  const of = wanted.contract.seq;
  const fact = { kind: 'approved', data: { of, planHash, by: 'narrowing' } } as const;
  return (await appendFact(wanted.contract, fact, 'a-test', ports)).contract;
}

/** Asks for a suspension, or for the end of one. */
export const askFor = (
  { ports }: SmallLease,
  id: string,
  what: 'suspend' | 'resume',
  more: { readonly suspension?: string } = {},
) => {
  const data = { contractId, requestedBy: 'test', reason: 'test', ...more };
  const event = eventOf(data, { id, type: `partner.access.${what}.requested` });
  return admitAmendment(JSON.stringify(event), ports);
};

/** Suspends it, and gives back the name of that. */
export async function suspended(lease: SmallLease, id: string): Promise<string> {
  const { suspension } = await askFor(lease, id, 'suspend');
  await suspendAccess({ contractId, suspension }, lease.ports);
  return suspension;
}
