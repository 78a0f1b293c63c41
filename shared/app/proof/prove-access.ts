/** Sees what a contract's role lets through and what it refuses: by calls where calls can show it, by the engine the rest. */
import type { Attachment, Ports, Session } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Proof } from '../../domain/fact.js';
import type { ResourceGrant } from '../../domain/grant.js';
import { grantsNeighbours } from '../../services/index.js';
import type { PositiveProbe } from '../../services/types.js';
import { judgeDocuments } from '../plan/judge.js';
import type { AccessPlan } from '../plan/plan-access.js';
import {
  askProbes,
  isMissing,
  isRefused,
  nameOfCall,
  nameOfProbe,
  openVerifierSession,
  type ProbeAnswer,
} from './look-inside.js';
import { settle } from './verdict.js';

/** More neighbours prove no more: each is one more thing that the same ARN keeps out. */
const NEIGHBOURS_EACH = 2;

/** A session of our verifier that may make `probes`; waits as long as RAM needs to let it in. */
export async function enter(
  contract: Contract,
  probes: readonly PositiveProbe[],
  ports: Ports,
): Promise<Session> {
  const verdict = await settle(
    () => openVerifierSession(contract, ports, probes),
    (answer) => answer.outcome === 'opened',
    {
      ...ports,
      settings: { ...ports.settings, verdict: { ...ports.settings.verdict, answers: 1 } },
    },
  );
  if (verdict.outcome === 'settled' && verdict.answer.outcome === 'opened') return verdict.answer.session;
  throw unverified(contract, 'the verifier cannot enter the role');
}

/** Real things beside what was granted, found with the verifier's own rights. */
export async function neighboursOf(
  contract: Contract,
  grants: readonly ResourceGrant[],
  { products, settings }: Ports,
): Promise<readonly PositiveProbe[]> {
  const found = await Promise.all(
    grantsNeighbours(grants, settings.owner).map(async ({ list, probesIn }) => {
      const listed = await products.call(list);
      if (listed.outcome !== 'allowed') {
        throw unverified(
          contract,
          `our own ${nameOfCall(list)} was answered ${listed.code}, so no neighbour can be found`,
        );
      }
      return probesIn(listed.body, NEIGHBOURS_EACH);
    }),
  );
  return found.flat();
}

export interface Sight {
  readonly session: Session;
  readonly positive: readonly PositiveProbe[];
  readonly negative: readonly PositiveProbe[];
}
interface Seen {
  readonly positive: readonly ProbeAnswer[];
  readonly negative: readonly ProbeAnswer[];
}

const works = ({ outcome }: ProbeAnswer): boolean => outcome.outcome === 'allowed';

/** Both kinds in one breath, so that each answer that works stands as control beside those that must not. */
export async function seeWhatHolds(
  contract: Contract,
  { session, positive, negative }: Sight,
  ports: Ports,
): Promise<readonly Proof[]> {
  const ask = async (): Promise<Seen> => {
    const [yes, no] = await Promise.all([
      askProbes(positive, session, ports),
      askProbes(negative, session, ports),
    ]);
    return { positive: yes, negative: no };
  };
  const verdict = await settle(
    ask,
    (seen) => seen.positive.every(works) && seen.negative.every(isRefused),
    ports,
  );
  const seen = verdict.outcome === 'settled' ? verdict.answer : verdict.last;
  if (verdict.outcome === 'unsettled') throw unverified(contract, troubleIn(seen));
  return [
    ...seen.positive.flatMap((answer) =>
      answer.probe.proves.map(
        (right): Proof => ({
          right: `${right.action} on ${right.resource}`,
          verdict: 'proven',
          how: `${nameOfProbe(answer.probe)} worked`,
        }),
      ),
    ),
    ...seen.negative.map(
      (answer): Proof => ({
        right: `not ${nameOfProbe(answer.probe)}`,
        verdict: 'proven',
        how: 'a real neighbour was refused',
      }),
    ),
  ];
}

function troubleIn({ positive, negative }: Seen): string {
  const missing = positive
    .filter(isMissing)
    .map((answer) => `${nameOfProbe(answer.probe)} finds nothing of that name`);
  const refused = positive
    .filter(isRefused)
    .map(
      ({ probe }) =>
        `${nameOfProbe(probe)} is refused${probe.remedy === undefined ? '' : ` (${probe.remedy})`}`,
    );
  const open = negative
    .filter((answer) => !isRefused(answer))
    .map((answer) => `the neighbour ${nameOfProbe(answer.probe)} is not refused`);
  return [...missing, ...refused, ...open].join('; ');
}

/**
 * What RAM gives back, judged by the engine: what no read call can show, before, during and after the lease. `expected`: all
 * that may be attached, a stop included, which is left out of what is judged.
 */
export async function judge(
  contract: Contract,
  plan: AccessPlan,
  expected: readonly Attachment[],
  ports: Pick<Ports, 'ram' | 'clock' | 'settings'>,
): Promise<readonly Proof[]> {
  // What was written a moment ago may not be read yet: a stale answer is no finding.
  const seen = await settle(
    () => judgeOnce(plan, expected, ports),
    ({ findings }) => findings.length === 0,
    ports,
  );
  const { findings, proofs } = seen.outcome === 'settled' ? seen.answer : seen.last;
  if (findings.length > 0) throw unverified(contract, findings.join('; '));
  return proofs;
}

async function judgeOnce(
  plan: AccessPlan,
  expected: readonly Attachment[],
  { ram }: Pick<Ports, 'ram'>,
): Promise<ReturnType<typeof judgeDocuments>> {
  const attached = await ram.attachmentsOf(plan.roleName);
  const isExpected = new Set(expected.map((one) => JSON.stringify(one)));
  const foreign = attached.filter((one) => !isExpected.has(JSON.stringify(one)));
  if (foreign.length > 0 || attached.length !== expected.length) {
    const names = attached.map(({ policy }) => policy.name).join(', ');
    return { findings: [`the role carries other policies than planned: ${names}`], proofs: [] };
  }
  const documents = await Promise.all(
    plan.attachments.map(async ({ policy, ...scope }) => ({
      name: policy.name,
      text: await ram.readPolicy(policy),
      ...scope,
    })),
  );
  const read = documents.flatMap(({ text, ...one }) => (text === undefined ? [] : [{ ...one, text }]));
  if (read.length === documents.length) return judgeDocuments(plan, read);
  const gone = documents.filter(({ text }) => text === undefined).map(({ name }) => name);
  return { findings: [`attached policies are not there: ${gone.join(', ')}`], proofs: [] };
}

export const unverified = (contract: Contract, what: string): BrokenPromiseError =>
  new BrokenPromiseError('ACCESS_NOT_VERIFIED', `contract ${contract.contractId}: ${what}`);
