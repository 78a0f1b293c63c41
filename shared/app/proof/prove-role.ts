/** Proves an open role of a live contract, as far as its lease, restrictions and suspensions let anybody look. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { Proof } from '../../domain/fact.js';
import { type Grant, isResourceGrant, type ResourceGrant } from '../../domain/grant.js';
import { givenBy, grantProbes } from '../../services/index.js';
import type { PositiveProbe } from '../../services/types.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { wantedAccess } from '../role/wanted-access.js';
import { nameOfProbe } from './look-inside.js';
import { enter, judge, neighboursOf, seeWhatHolds } from './prove-access.js';

export interface Expectation {
  readonly plan: AccessPlan;
  readonly grants: readonly Grant[];
  /** Grants of which what `grants` does not hold must be refused. */
  readonly lost: readonly Grant[];
}

/**
 * What was granted works, what was taken away and the neighbours are refused, and the documents as read back say so.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`
 */
export async function proveRole(
  contract: Contract,
  { plan, grants, lost }: Expectation,
  ports: Ports,
): Promise<readonly Proof[]> {
  const expected = wantedAccess(contract, plan, ports.settings).attachments;
  const judged = await judge(contract, plan, expected, ports);
  const hindrance = whyNoProbe(contract, plan, ports);
  if (hindrance !== undefined)
    return [...judged, { right: 'what calls would show', verdict: 'unprovable', how: hindrance }];
  const kept = grants.filter(isResourceGrant);
  const positive = probesIn(kept, plan);
  const names = new Set(positive.map(nameOfProbe));
  const isGiven = givenBy(kept, plan.owner);
  const gone = probesIn(lost.filter(isResourceGrant), plan).filter(
    (probe) => !names.has(nameOfProbe(probe)) && !probe.proves.some(isGiven),
  );
  // The session policy admits what was taken away too: what refuses it must be the role.
  const session = await enter(contract, [...positive, ...gone], ports);
  const neighbours = await neighboursOf(contract, kept, ports);
  const sight = { session, positive, negative: [...gone, ...neighbours] };
  return [...(await seeWhatHolds(contract, sight, ports)), ...judged];
}

const probesIn = (grants: readonly ResourceGrant[], { owner }: AccessPlan): readonly PositiveProbe[] =>
  grants.flatMap((grant) => grantProbes(grant, owner));

function whyNoProbe(
  { suspensions }: Contract,
  { lease, restrict }: AccessPlan,
  { clock }: Pick<Ports, 'clock'>,
): string | undefined {
  if (suspensions.length > 0) return 'suspended: every call is refused until that is lifted';
  const now = clock.now();
  if (now < lease.startsAt) return 'the lease has not begun; it is looked at again when it does';
  if (now >= lease.expiresAt) return 'the lease is over';
  return restrict.sourceIps === undefined
    ? undefined
    : 'bound to addresses that are not ours, so no call of ours is let through';
}
