/** Takes the bounds of a lease off a role that only the verifier can enter, for as long as it is probed. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { nameOfError, TryLaterError } from '../../domain/errors.js';
import { secondsBetween } from '../../domain/values.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { appendFact, appendWhenever, loadContract } from '../register/register.js';
import { isSameJson } from '../role/plan-convergence.js';
import { stillOurTurn } from './grant-access.js';

const BY = 'verify-access';
/** Longer than the function runs (`s.yaml`): whoever was at it is not any more. */
export const LONGEST_PROBING_SECONDS = 15 * 60;

/** Whether the lease lets no probe of ours through. */
export const isBound = ({ lease, policies }: AccessPlan, { clock }: Pick<Ports, 'clock'>): boolean =>
  clock.now() < lease.startsAt ||
  policies.some(({ text, probingText }) => text.includes('acs:SourceIp') && probingText !== text);

export const isBeingProbed = ({ contractId }: Contract): TryLaterError =>
  new TryLaterError('CONFLICT', `contract ${contractId} is being verified by another execution`);

/**
 * Runs `work`, which sets the bounds again by `bind` and records what it saw. One execution at a time, by an intent in the register:
 * another that took the bounds off after this one had verified, and opened, would open the role before its time.
 * @throws {TryLaterError} `CONFLICT` while another execution is at it
 */
export async function withoutBounds(
  contract: Contract,
  plan: AccessPlan,
  work: (begun: Contract) => Promise<void>,
  ports: Ports,
): Promise<void> {
  const token = ports.chance.nonce();
  try {
    const begun = await begin(contract, token, ports);
    if (begun === undefined) return;
    await loosen(plan, ports);
    await work(begun);
  } catch (error) {
    await giveUp(contract, token, plan, ports);
    throw error;
  }
}

/** `undefined` when somebody else has verified meanwhile. */
async function begin(contract: Contract, token: string, ports: Ports): Promise<Contract | undefined> {
  if (contract.verified !== undefined) return undefined;
  const { probing } = contract;
  if (probing !== undefined && secondsBetween(probing.at, ports.clock.now()) < LONGEST_PROBING_SECONDS)
    throw isBeingProbed(contract);
  const result = await appendFact(contract, { kind: 'probing', data: { token } }, BY, ports);
  return result.outcome === 'appended'
    ? result.contract
    : begin(stillOurTurn(result.contract, contract.epoch), token, ports);
}

/**
 * Whatever failed, also the hearing of what was recorded: if the bounds were this execution's to take off, they hold again. Should
 * that fail too, the next try has to wait until the intent counts as abandoned, and the flow takes back what it made.
 */
async function giveUp(
  { contractId }: Contract,
  token: string,
  plan: AccessPlan,
  ports: Ports,
): Promise<void> {
  const isMine = ({ probing, state }: Contract) => probing?.token === token && state === 'granting';
  try {
    const now = await loadContract(contractId, ports.evidence);
    if (!isMine(now)) return;
    await bind(plan, ports);
    await appendWhenever(now, { kind: 'probing-over', data: { token } }, BY, ports, isMine);
  } catch (error) {
    ports.log.warn(
      { contractId, error: nameOfError(error) },
      'the bounds of the lease could not be set again',
    );
  }
}

/**
 * What is probed with is a version of its own, made without effect, put into effect and deleted again. So no write of these that is
 * given up and applied late lets anybody in without the bounds: an addition has no effect, and a version that is gone gets none.
 */
async function loosen(plan: AccessPlan, { ram }: Ports): Promise<void> {
  for (const { name, text, probingText } of plan.policies) {
    if (text === probingText) continue;
    await ram.setDefaultVersion(name, await ram.addPolicyVersion(name, probingText));
  }
}

/** The bounds hold again, whatever was tried without them. May run twice. */
export async function bind(plan: AccessPlan, { ram }: Ports): Promise<void> {
  for (const { name, text, probingText } of plan.policies) {
    if (text === probingText) continue;
    const versions = await ram.policyVersions(name);
    const bound = versions.find(({ document }) => isSameJson(document, text));
    // It gives way only to the leftovers of several tries.
    if (bound === undefined) await ram.setPolicyDocument(name, text);
    else await ram.setDefaultVersion(name, bound.id);
    for (const { id } of versions.filter((one) => one.id !== bound?.id))
      await ram.deletePolicyVersion(name, id);
  }
}
