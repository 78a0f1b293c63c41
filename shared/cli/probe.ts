/** The probe of `leasehold doctor`, from what its options say. */
import { type ProbeReport, probe } from '../app/doctor/probe.js';
import { findProbeGrant } from '../app/doctor/probe-grant.js';
import type { Connection } from '../cloud/alibaba/connection.js';
import type { Ports } from '../cloud/ports.js';
import type { Deployment } from '../domain/deployment.js';
import type { Grant } from '../domain/grant.js';
import { type AccountId, parseAccountId, parseRegion } from '../domain/values.js';
import { post } from './post.js';

export interface ProbeChoice {
  readonly grantee?: string;
  readonly grant?: string;
}
export interface ProbeSurroundings {
  readonly deployment: Deployment;
  readonly connection: Connection;
  readonly ports: Ports;
}

/** Longer than an onboarding takes whose verdicts need all their patience. */
const PATIENCE_SECONDS = 15 * 60;

export interface ProbeOrder {
  readonly grantee: AccountId;
  readonly grant?: Grant;
}

/** @throws {Error} when it is not said, or not well, whom to grant what */
export function readProbeOrder({ grantee, grant }: ProbeChoice): ProbeOrder {
  if (grantee === undefined)
    throw new Error('say with --grantee to which account to grant: one of yours, other than the owner');
  return { grantee: parseAccountId(grantee), ...(grant === undefined ? {} : { grant: parseGrant(grant) }) };
}

/** Grants and ends one contract. May run any number of times. */
export async function runProbe(
  order: ProbeOrder,
  { deployment, connection, ports }: ProbeSurroundings,
): Promise<ProbeReport> {
  const { values } = deployment;
  const place = {
    owner: parseAccountId(values.account),
    region: parseRegion(values.region),
    prefix: values.prefix,
  };
  const grant = order.grant ?? (await findProbeGrant(place, ports));
  if (grant === undefined)
    return {
      isGranted: false,
      left: [],
      findings: [
        {
          severity: 'warning',
          code: 'PROBE_NOTHING_TO_GRANT',
          what: 'probe',
          seen: `nothing was found in ${values.region} that could be granted, so nothing was`,
          next: 'name something with --grant \'{"service":"kafka","access":"read","region":"…","instanceId":"…"}\'',
        },
      ],
    };
  return probe({ grantee: order.grantee, grant, patienceSeconds: PATIENCE_SECONDS }, ports, (event) =>
    post(event, values.prefix, connection),
  );
}

/** Whether it is a grant is Leasehold's to judge. */
function parseGrant(text: string): Grant {
  try {
    return JSON.parse(text) as Grant;
  } catch (error) {
    throw new Error('--grant is not JSON', { cause: error });
  }
}

export function printProbe({
  contractId,
  isGranted,
  secondsToGrant,
  secondsToDeny,
  secondsToEnd,
  left,
}: ProbeReport): string {
  const seconds = (value: number | undefined) => (value === undefined ? 'not seen' : `${value} s`);
  return [
    `probe ${contractId ?? '(none)'}: ${isGranted ? 'granted' : 'NOT granted'}`,
    `  time to grant  ${seconds(secondsToGrant)}`,
    `  time to deny   ${seconds(secondsToDeny)}, from the cut`,
    `  time to end    ${seconds(secondsToEnd)}, from the termination to proven absence`,
    `  left behind    ${left.length === 0 ? 'nothing but its entries in the register' : left.join(', ')}`,
  ].join('\n');
}
