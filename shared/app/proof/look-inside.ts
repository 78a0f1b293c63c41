/** A session of our verifier in a lease role: what the partner's session would be, narrowed to the reads that probes make. */
import type { CallOutcome, Ports, Session } from '../../cloud/ports.js';
import type { ApiCall } from '../../domain/api-call.js';
import type { Contract } from '../../domain/contract.js';
import { isResourceGrant, type ResourceGrant } from '../../domain/grant.js';
import { roleNameOf } from '../../domain/role-name.js';
import { grantProbes } from '../../services/index.js';
import type { PositiveProbe } from '../../services/types.js';

/** The shortest session STS gives. */
export const SESSION_SECONDS = 900;

/** The grants that hold now; where an amendment is under way, those of the agreed terms. */
export const resourceGrantsOf = (contract: Contract): readonly ResourceGrant[] =>
  (contract.terms?.request.grants ?? []).filter(isResourceGrant);

export const probesOf = (contract: Contract): readonly PositiveProbe[] => {
  const { requested } = contract;
  return requested === undefined
    ? []
    : resourceGrantsOf(contract).flatMap((grant) => grantProbes(grant, requested.owner));
};

export const roleArnOf = (contract: Contract, owner: string): string =>
  `acs:ram::${owner}:role/${roleNameOf(contract.contractId)}`;

/** Read-only by the very actions that probes need, and nothing else, whatever the role may do. */
function sessionPolicyFor(probes: readonly PositiveProbe[]): string {
  const actions = [...new Set(probes.flatMap((probe) => probe.proves.map((right) => right.action)))].sort();
  return JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: actions.length === 0 ? ['sts:GetCallerIdentity'] : actions, Resource: '*' },
    ],
  });
}

/**
 * Opens a session as our verifier, for `probes` (default: those of the terms that hold). `refused` says why; nothing is
 * retried here.
 */
export function openVerifierSession(
  contract: Contract,
  { sts, settings }: Pick<Ports, 'sts' | 'settings'>,
  probes: readonly PositiveProbe[] = probesOf(contract),
): ReturnType<Ports['sts']['assume']> {
  return sts.assume({
    roleArn: roleArnOf(contract, settings.owner),
    sessionName: 'leasehold-verifier',
    seconds: SESSION_SECONDS,
    policy: sessionPolicyFor(probes),
    ...(contract.granting === undefined ? {} : { externalId: contract.granting.verifierExternalId }),
  });
}

export interface ProbeAnswer {
  readonly probe: PositiveProbe;
  readonly outcome: CallOutcome;
}

/** Asks every probe once, at the same time. */
export async function askProbes(
  probes: readonly PositiveProbe[],
  session: Session,
  { products }: Pick<Ports, 'products'>,
): Promise<readonly ProbeAnswer[]> {
  return Promise.all(
    probes.map(async (probe) => ({ probe, outcome: await products.call(probe.call, session) })),
  );
}

/** "Passed authorisation": a "not found" is RAM's yes, unless the product looks before it asks RAM; it proves no resource. */
export const isLetIn = ({ outcome }: ProbeAnswer): boolean => outcome.outcome !== 'denied';
export const isRefused = ({ outcome }: ProbeAnswer): boolean => outcome.outcome === 'denied';
export const isMissing = ({ outcome }: ProbeAnswer): boolean => outcome.outcome === 'not-found';

export const nameOfProbe = ({ call }: PositiveProbe): string => nameOfCall(call);
export const nameOfCall = (call: ApiCall): string =>
  `${call.product} ${call.action}${call.rest === undefined ? ` ${Object.values(call.params).join(' ')}` : ` ${call.rest.path}`}`.trim();
