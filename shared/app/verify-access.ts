/** Step VerifyAccess: sees that what was granted works and that its neighbours are refused, before the partner can enter. */
import type { Ports, Session } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import { BrokenPromiseError } from '../domain/errors.js';
import type { Proof } from '../domain/fact.js';
import { parseAccountId } from '../domain/values.js';
import { grantNeighbours } from '../services/index.js';
import type { PositiveProbe } from '../services/types.js';
import { approvedPlan, loadForEpoch, stillOurTurn } from './grant-access.js';
import {
  askProbes,
  isRefused,
  nameOfProbe,
  openVerifierSession,
  type ProbeAnswer,
  probesOf,
  resourceGrantsOf,
} from './look-inside.js';
import { judgeDocuments } from './plan/judge.js';
import type { AccessPlan } from './plan/plan-access.js';
import { appendFact } from './register.js';
import type { StepInput, StepOutput } from './step-input.js';
import { settle } from './verdict.js';

const BY = 'verify-access';
/** More neighbours prove no more: each is one more thing that the same ARN keeps out. */
const NEIGHBOURS_EACH = 2;

/**
 * Verifies by calls what calls can show, and by the policy engine over what RAM gives back the rest. May run twice.
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`, `LOST_THE_RACE`
 */
export async function verifyAccess(input: StepInput, ports: Ports): Promise<StepOutput> {
  const contract = await loadForEpoch(input, ports);
  if (contract.verified !== undefined) return input;
  const plan = approvedPlan(contract);
  const probed = await probe(contract, plan, ports);
  const judged = await judge(contract, plan, ports);
  await recordProofs(contract, [...probed, ...judged], ports);
  ports.log.info(
    { contractId: contract.contractId, proven: probed.length, judged: judged.length },
    'verified',
  );
  return input;
}

/**
 * A lease that begins later, or is bound to the partner's addresses, lets no probe of ours through. While only the verifier
 * can enter, it is probed without those bounds; then they are set again and everything is seen to be refused.
 */
async function probe(contract: Contract, plan: AccessPlan, ports: Ports): Promise<readonly Proof[]> {
  const isBound =
    ports.clock.now() < plan.lease.startsAt ||
    plan.policies.some(({ text, probingText }) => text.includes('acs:SourceIp') && probingText !== text);
  if (isBound) await writeDocuments(plan, 'probingText', ports);
  const session = await enter(contract, ports);
  const positive = probesOf(contract);
  const negative = await neighboursOf(contract, ports);
  const proofs = await seeWhatHolds(contract, { session, positive, negative }, ports);
  if (isBound) {
    await writeDocuments(plan, 'text', ports);
    await seeClosed(contract, session, [...positive, ...negative], ports);
  }
  return proofs;
}

async function writeDocuments(
  plan: AccessPlan,
  which: 'text' | 'probingText',
  { ram }: Ports,
): Promise<void> {
  for (const policy of plan.policies) {
    if (policy.text !== policy.probingText) await ram.setPolicyDocument(policy.name, policy[which]);
  }
}

async function enter(contract: Contract, ports: Ports): Promise<Session> {
  const verdict = await settle(
    () => openVerifierSession(contract, ports),
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
async function neighboursOf(
  contract: Contract,
  { products, settings }: Ports,
): Promise<readonly PositiveProbe[]> {
  const owner = parseAccountId(settings.owner);
  const searches = resourceGrantsOf(contract).flatMap((grant) => grantNeighbours(grant, owner));
  const granted = new Set(
    resourceGrantsOf(contract).flatMap((grant) =>
      grantNeighbours(grant, owner).flatMap((search) => search.granted),
    ),
  );
  const found = await Promise.all(
    searches.map(async (search) => {
      const listed = await products.call(search.list);
      if (listed.outcome !== 'allowed') {
        throw unverified(
          contract,
          `our own ${search.list.product} ${search.list.action} was answered ${listed.code}, so no neighbour can be found`,
        );
      }
      return search
        .findIn(listed.body)
        .filter((id) => !granted.has(id))
        .slice(0, NEIGHBOURS_EACH)
        .map(search.probe);
    }),
  );
  return found.flat();
}

interface Sight {
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
async function seeWhatHolds(
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
    .filter((answer) => answer.outcome.outcome === 'not-found')
    .map((answer) => `${nameOfProbe(answer.probe)} finds nothing of that name`);
  const refused = positive.filter(isRefused).map((answer) => `${nameOfProbe(answer.probe)} is refused`);
  const open = negative
    .filter((answer) => !isRefused(answer))
    .map((answer) => `the neighbour ${nameOfProbe(answer.probe)} is not refused`);
  return [...missing, ...refused, ...open].join('; ');
}

async function seeClosed(
  contract: Contract,
  session: Session,
  probes: readonly PositiveProbe[],
  ports: Ports,
): Promise<void> {
  const ask = async () => ({
    answers: await askProbes(probes, session, ports),
    caller: await ports.sts.callerOf(session),
  });
  // The session must still live: a dead one would be refused for another reason.
  const verdict = await settle(
    ask,
    ({ answers, caller }) => caller.outcome === 'alive' && answers.every(isRefused),
    ports,
  );
  if (verdict.outcome === 'unsettled')
    throw unverified(contract, 'the bounds of the lease do not close access');
}

/** What RAM gives back, judged by the engine: what no read call can show, before, during and after the lease. */
async function judge(contract: Contract, plan: AccessPlan, { ram }: Ports): Promise<readonly Proof[]> {
  const attached = await ram.attachmentsOf(plan.roleName);
  const isPlanned = new Set(plan.attachments.map((one) => JSON.stringify(one)));
  const foreign = attached.filter((one) => !isPlanned.has(JSON.stringify(one)));
  if (foreign.length > 0 || attached.length !== plan.attachments.length) {
    throw unverified(
      contract,
      `the role carries other policies than planned: ${attached.map(({ policy }) => policy.name).join(', ')}`,
    );
  }
  const documents = await Promise.all(
    attached.map(async ({ policy }) => ({ name: policy.name, text: (await ram.readPolicy(policy)) ?? '' })),
  );
  const { findings, proofs } = judgeDocuments(plan, documents);
  if (findings.length > 0) throw unverified(contract, findings.join('; '));
  return proofs;
}

async function recordProofs(contract: Contract, proofs: readonly Proof[], ports: Ports): Promise<void> {
  const result = await appendFact(contract, { kind: 'verified', data: { proofs } }, BY, ports);
  if (result.outcome === 'appended') return;
  const now = stillOurTurn(result.contract, contract.epoch);
  if (now.verified === undefined) await recordProofs(now, proofs, ports);
}

const unverified = (contract: Contract, what: string): BrokenPromiseError =>
  new BrokenPromiseError('ACCESS_NOT_VERIFIED', `contract ${contract.contractId}: ${what}`);
