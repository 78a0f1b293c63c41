/** Step HandOverAccess: tells the grantee what it was not told yet, with what it needs for it. */
import type { Ports } from '../../cloud/ports.js';
import { atWorkSince, type Contract, chainOf, isLive, type Owed } from '../../domain/contract.js';
import { nameOfError } from '../../domain/errors.js';
import type { Unsettled } from '../../domain/fact.js';
import type { ContractId } from '../../domain/values.js';
import { requireApproval } from '../approval/require-approval.js';
import { namesSetUp } from '../grantee/managed-side.js';
import { releaseLeavers } from '../grantee/release-side.js';
import { areCredentialsDue, type Made, makeCredentials, requireSettled } from '../hand-over/credentials.js';
import { deliveriesOf } from '../hand-over/deliver.js';
import { giveWay, requireNobodyElse } from '../hand-over/give-way.js';
import { handOverOf } from '../hand-over/hand-over.js';
import { handOverKey } from '../hand-over/kept.js';
import type { Secret } from '../hand-over/seal.js';
import { approvedPlan } from '../plan/approved-plan.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { appendFact, appendWhenever, loadContract } from '../register/register.js';
import { settleSideDoors } from '../side-doors/settle-side-doors.js';
import { announce } from '../telling/outbound.js';
import { requireNoDoubt } from './has-begun.js';

const BY = 'hand-over-access';

/**
 * May run twice: what needs no credentials is announced again under the same id; with credentials, what is not known to have
 * been announced is made anew and announced under an id of its own, and only the last of them works. Nothing is handed over
 * once an end has begun.
 * @throws {TryLaterError} `CONFLICT` while somebody else hands over, or a lease that was seen to begin has not by the clock of this function
 */
export async function handOverAccess(contractId: ContractId, ports: Ports): Promise<void> {
  let contract = await leave(await loadContract(contractId, ports.evidence), ports);
  while (mayBeTold(contract) && contract.owed.length > 0) {
    requireBegunHere(contract, ports);
    const { contract: now, isSettled } = await settleSideDoors(contract, BY, ports);
    const [owed] = now.owed;
    contract = isSettled && owed !== undefined ? await handOver(now, owed, ports) : now;
  }
}

/**
 * Where the lease had begun by whoever activated or opened it, nobody comes at its beginning any more: by a clock that is behind, what no
 * policy opens would be told to be open, and stay closed.
 */
function requireBegunHere(contract: Contract, { clock }: Ports): void {
  const { terms, activated, owed } = contract;
  if (terms === undefined || activated === undefined) return;
  const hadBegun = activated.at >= terms.request.lease.startsAt || owed.some(({ what }) => what === 'opened');
  if (hadBegun) requireNoDoubt(contract, clock.now());
}

/** What is owed is dropped by an end, and by nothing else. */
const mayBeTold = (contract: Contract): boolean => isLive(contract) || contract.state === 'awaiting-grantee';

/** Who was set up by earlier terms and is not named any more goes before the others are told. */
async function leave(contract: Contract, ports: Ports): Promise<Contract> {
  const { terms, amendment } = contract;
  const isAtWork = amendment !== undefined && atWorkSince(amendment) !== undefined;
  if (!isLive(contract) || terms === undefined || isAtWork) return contract;
  return releaseLeavers(contract, { stay: namesSetUp(terms.request) }, BY, ports);
}

/** One step nearer to nothing owed, of a contract whose side doors are settled; how things stand then. */
async function handOver(contract: Contract, owed: Owed, ports: Ports): Promise<Contract> {
  const plan = approvedPlan(contract);
  if (owed.what === 'prepared' || !areCredentialsDue(contract, plan, ports))
    return tell(contract, owed, { plan, secrets: [] }, ports);
  // Keys are sealed to whom the terms name, and a register entry alone must not name anybody.
  await requireApproval(contract, contract.terms, ports);
  requireNobodyElse(contract, ports);
  await requireSettled(contract, plan, ports);
  const { execution } = ports;
  const data = { of: owed.of, ...(execution === undefined ? {} : { execution }) };
  const begun = await appendFact(contract, { kind: 'handing-over', data }, BY, ports);
  if (begun.outcome === 'lost') return giveWay(contract, begun.contract);
  let unsettled: Unsettled | undefined;
  try {
    const made = await makeCredentials(begun.contract, plan, ports, (doubt) => {
      unsettled = doubt;
    });
    return await tellMade(begun.contract, owed, { plan, made }, ports);
  } catch (error) {
    await giveUp(begun.contract, unsettled, ports);
    throw error;
  }
}

/** Should that fail too, whoever comes next waits until this cannot be at it any more. */
async function giveUp(begun: Contract, unsettled: Unsettled | undefined, ports: Ports): Promise<void> {
  const { contractId, seq } = begun;
  const data = { begun: seq, ...(unsettled === undefined ? {} : { unsettled }) };
  const fact = { kind: 'hand-over-given-up', data } as const;
  try {
    const isAtIt = (now: Contract) => mayBeTold(now) && now.handingOver?.seq === seq;
    await appendWhenever(begun, fact, BY, ports, isAtIt);
  } catch (error) {
    ports.log.warn(
      { contractId, error: nameOfError(error) },
      'that it came to nothing could not be recorded',
    );
  }
}

/** The append is the look at the register that counts: whoever finds another there takes its own back. */
async function tellMade(
  begun: Contract,
  owed: Owed,
  { plan, made }: { readonly plan: AccessPlan; readonly made: Made },
  ports: Ports,
): Promise<Contract> {
  const { credentials, secrets, proofs = [] } = made;
  let lost: Contract;
  try {
    const seen = proofs.length === 0 ? {} : { proofs };
    const fact = { kind: 'credentials-made', data: { of: owed.of, credentials, ...seen } } as const;
    const result = await appendFact(begun, fact, BY, ports);
    if (result.outcome === 'appended') return await tell(result.contract, owed, { plan, secrets }, ports);
    await made.takeBack();
    lost = result.contract;
  } catch (error) {
    // Whether it was announced is not known: none of it may live on, and the next try makes it anew.
    await made.takeBack();
    throw error;
  }
  return giveWay(begun, lost);
}

interface News {
  readonly plan: AccessPlan;
  readonly secrets: readonly Secret[];
}

async function tell(contract: Contract, owed: Owed, news: News, ports: Ports): Promise<Contract> {
  const { contractId, made } = contract;
  const type = `partner.access.${owed.what}` as const;
  for (const data of await tidings(contract, owed, news, ports))
    await announce(type, contract, data, ports, made?.seq ?? owed.of);
  ports.log.info({ contractId, what: owed.what, secrets: news.secrets.length }, 'handed over');
  // Whatever else came meanwhile, it was told; but what somebody else has made since is what works.
  const isOurs = (now: Contract) =>
    mayBeTold(now) && now.made?.seq === made?.seq && now.owed.some(({ of }) => of === owed.of);
  const now = await appendWhenever(
    contract,
    { kind: 'handed-over', data: { of: owed.of } },
    BY,
    ports,
    isOurs,
  );
  const isStillOwed = mayBeTold(now) && now.owed.some(({ of }) => of === owed.of);
  return isStillOwed ? giveWay(contract, now) : now;
}

type Data = Readonly<Record<string, unknown>>;

/** What the events about it carry, one or, where it is much, several. */
async function tidings(
  contract: Contract,
  { what, of }: Owed,
  news: News,
  ports: Ports,
): Promise<readonly Data[]> {
  const { terms, opened, resumed, awaitingGrantee } = contract;
  switch (what) {
    case 'prepared':
      return deliver(contract, news, { until: awaitingGrantee?.until, next: WAITING_NEXT }, ports);
    case 'granted':
      await keep(contract, of, news, ports);
      return deliver(contract, news, {}, ports);
    case 'amended': {
      await keep(contract, of, news, ports);
      const revision = chainOf(terms).find(({ seq }) => seq === of)?.revision;
      const { leftBehind } = contract.granteeSide;
      const told = leftBehind.length === 0 ? { revision } : { revision, leftBehind };
      return deliver(contract, news, told, ports);
    }
    case 'opened': {
      const data = { lease: terms?.request.lease, proofs: opened?.proofs.length };
      return deliverSecrets(contract, news, data, ports);
    }
    case 'resumed': {
      // As it stands now: what was owed for long may have been overtaken by another suspension.
      const data = { suspension: resumed?.suspension, remaining: contract.suspensions.map(({ id }) => id) };
      return deliverSecrets(contract, news, data, ports);
    }
  }
}

const WAITING_NEXT =
  'the role names users or roles that the account does not have: once they are there it opens, and partner.access.granted says so';

/** To be printed again, without what is sealed. May run twice. */
async function keep(
  contract: Contract,
  of: Owed['of'],
  { plan }: News,
  { evidence, settings }: Ports,
): Promise<void> {
  const handOver = handOverOf(contract, plan, settings);
  await evidence.create(handOverKey(contract.contractId, of), JSON.stringify(handOver));
}

/** `data` with the whole hand-over. */
async function deliver(
  contract: Contract,
  { plan, secrets }: News,
  data: Data,
  { settings }: Ports,
): Promise<readonly Data[]> {
  const parts = await deliveriesOf(contract, plan, settings, secrets);
  return parts.map((part) => ({ ...data, ...part }));
}

/** `data` alone, where there is nothing in the hand-over that the grantee does not have yet. */
const deliverSecrets = async (
  contract: Contract,
  news: News,
  data: Data,
  ports: Ports,
): Promise<readonly Data[]> => (news.secrets.length === 0 ? [data] : deliver(contract, news, data, ports));
