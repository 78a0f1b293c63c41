/** Undoes what a contract had done in the grantee's account: keys first, and nothing that is not ours. */
import type { GranteePort, Ports } from '../../cloud/ports.js';
import { allTermsOf, type Contract, standingTerms } from '../../domain/contract.js';
import { DeniedError, TryLaterError } from '../../domain/errors.js';
import type { LeftBehind } from '../../domain/fact.js';
import { isReleased } from '../../domain/fold-contract.js';
import { addSeconds } from '../../domain/values.js';
import { CONTRACT_TAG, tagsFor } from '../ours.js';
import { settle } from '../proof/verdict.js';
import { appendWhenever, loadContract } from '../register/register.js';
import { applyGranteeStep } from './apply-grantee-step.js';
import { claimedAs, letGo } from './claims.js';
import { withHolding } from './holding.js';
import { insist } from './insist.js';
import {
  enterGrantee,
  granteeOf,
  isShut,
  knownSideOf,
  managedSetupOf,
  type Names,
  NOBODY,
  namesSetUp,
} from './managed-side.js';
import { observeGrantee } from './observe-grantee.js';
import { type GranteeRemovalPlan, planGranteeRemoval } from './plan-grantee-removal.js';
import { withoutNames } from './same-name.js';
import { enteringPolicyName, type GranteeStep, type ObservedSide } from './side.js';
import {
  everKnown,
  everybodyNamed,
  isDecided,
  isNobody,
  leftBehindIn,
  recordedIn,
  union,
  without,
} from './who-leaves.js';

type Leavers = Names & {
  /** Whether nobody else of the contract stays there. */
  readonly isLast: boolean;
  /** Users that no terms name, and that say by their tags that they are the contract's. */
  readonly strangers?: readonly string[];
};

/** For how long an account that is busy, or where somebody works against us, holds up the end of a contract. */
const HELD_UP_SECONDS = 30 * 60;

/** Whether the contract may ever have done anything there. */
export const hasGranteeSide = (contract: Contract): boolean =>
  contract.granting !== undefined &&
  (contract.granteeSide.users.length + contract.granteeSide.roles.length > 0 ||
    allTermsOf(contract).some(({ request }) => managedSetupOf(request) !== undefined));

/**
 * Everybody, and the policy. May run twice. An account that lets us in no more, or lets us do too little, does not hold up the end
 * of a contract, nor for long one that is busy: what could not be undone there is recorded as left behind, and its administrator
 * is told.
 * @throws {TryLaterError} `GRANTEE_BUSY`, `CONFLICT`
 */
export async function releaseWhole(contract: Contract, by: string, ports: Ports): Promise<Contract> {
  if (!hasGranteeSide(contract)) return contract;
  const accountId = granteeOf(contract);
  const named = everybodyNamed(contract);
  try {
    return await insist(async () => {
      const account = await enterGrantee(accountId, ports);
      return release(contract, account, await everybodyIn(account, contract), by, ports);
    }, ports);
  } catch (error) {
    if (!isShut(error) && !(isInTheWay(error) && isHeldUp(contract, ports))) throw error;
    await letGo(claimedAs(accountId, named), contract.contractId, ports.index);
    return record(contract, named, unreachable(contract, named, error), by, ports);
  }
}

const isInTheWay = (error: unknown): boolean =>
  error instanceof TryLaterError && (error.code === 'GRANTEE_BUSY' || error.code === 'CONFLICT');

const isHeldUp = ({ ending }: Contract, { clock }: Pick<Ports, 'clock'>): boolean =>
  ending !== undefined && clock.now() >= addSeconds(ending.at, HELD_UP_SECONDS);

/**
 * What a closed door kept us from undoing, should it be open by now; and what somebody made there whom the end had overtaken. May run
 * twice. `isDone`: whether there was anything, and we were let in.
 */
export async function releaseRest(
  contract: Contract,
  by: string,
  ports: Ports,
): Promise<{ readonly contract: Contract; readonly isDone: boolean }> {
  const nothing = { contract, isDone: false };
  if (!hasGranteeSide(contract)) return nothing;
  try {
    const account = await enterGrantee(granteeOf(contract), ports);
    const everybody = await everybodyIn(account, contract);
    const { steps } = await planLeaving(contract, account, everybody, ports);
    if (steps.length === 0 && contract.granteeSide.leftBehind.every(isDecided)) return nothing;
    const tidied = await release(contract, account, everybody, by, ports);
    const isDone = tidied.seq !== contract.seq || tidied.granteeSide.leftBehind.every(isDecided);
    return { contract: tidied, isDone };
  } catch (error) {
    if (!isShut(error) && !isInTheWay(error)) throw error;
    return nothing;
  }
}

/** Those who are set up, or `joining` and may be, and whom `stay` does not name. May run twice. */
export async function releaseLeavers(
  contract: Contract,
  { stay, joining = NOBODY }: { readonly stay: Names; readonly joining?: Names },
  by: string,
  ports: Ports,
): Promise<Contract> {
  const leaving = without(union([recordedIn(contract), joining]), stay);
  if (isNobody(leaving)) return contract;
  const account = await enterGrantee(granteeOf(contract), ports);
  return release(contract, account, { ...leaving, isLast: isNobody(stay) }, by, ports);
}

/**
 * Who was to join by an amendment that failed, and was made after what was before had been put back. Nothing is written unless somebody
 * is there. Whom the grantee has been told to decide about is his. May run twice.
 * @throws {BrokenPromiseError} `GRANTEE_CLOSED`
 * @throws {DeniedError}
 */
export async function releaseLate(contract: Contract, by: string, ports: Ports): Promise<void> {
  const stay = union(standingTerms(contract).map(({ request }) => namesSetUp(request)));
  const tried = union(contract.tried.map(({ request }) => namesSetUp(request)));
  const late = without(without(tried, stay), leftBehindIn(contract));
  if (isNobody(late)) return;
  const account = await enterGrantee(granteeOf(contract), ports);
  const leavers = { ...late, isLast: isNobody(stay) };
  const { steps } = await planLeaving(contract, account, leavers, ports);
  if (steps.length === 0) return;
  // Somebody who is asked for again meanwhile would be made under the same tags.
  const now = await loadContract(contract.contractId, ports.evidence);
  if (now.seq === contract.seq) await release(contract, account, leavers, by, ports);
}

async function everybodyIn(account: GranteePort, contract: Contract): Promise<Leavers> {
  const tagged = await account.usersTagged(CONTRACT_TAG, contract.contractId);
  const strangers = withoutNames(tagged, everKnown(contract).users);
  return { ...everybodyNamed(contract), strangers, isLast: true };
}

async function release(
  contract: Contract,
  account: GranteePort,
  leavers: Leavers,
  by: string,
  ports: Ports,
): Promise<Contract> {
  const { users, roles, strangers = [] } = leavers;
  const names = { users, roles };
  // Before anybody looks who else claims: of two who end at once, one at least then sees that he is the last.
  await letGo(claimedAs(granteeOf(contract), names), contract.contractId, ports.index);
  const { steps, leftBehind, observed } = await planLeaving(contract, account, leavers, ports);
  for (const step of steps) await applyGranteeStep(step, account);
  const left = [
    ...leftBehind,
    ...(await stillThere(contract, account, { steps, observed }, ports)),
    ...strangers.map(strangerLeft),
  ];
  ports.log.info(
    { contractId: contract.contractId, steps: steps.length, leftBehind: left.length },
    'released in the grantee’s account',
  );
  return record(contract, { ...names, users: [...users, ...strangers] }, left, by, ports);
}

const strangerLeft = (name: string): LeftBehind => ({
  type: 'user',
  name,
  given: ['the tags of this contract, though no terms of it name the user'],
  next: "nothing was done to it; the grantee's administrator takes the tags off, or deletes it",
});

async function planLeaving(
  contract: Contract,
  account: GranteePort,
  { isLast, users, roles }: Leavers,
  ports: Ports,
): Promise<GranteeRemovalPlan & { readonly observed: ObservedSide }> {
  const names = { users, roles };
  const policy = enteringPolicyName(contract.requested?.roleName ?? '');
  const observed = await observeGrantee({ policy, ...names }, account);
  const claimed = await knownSideOf(contract, granteeOf(contract), names, ports);
  const known = await withHolding(claimed, observed, contract, ports);
  const plan = planGranteeRemoval({ tags: tagsFor(contract), policy, isLast, ...names }, observed, known);
  return { ...plan, observed };
}

/**
 * "Deleted" is what a reply says; gone is what is not there any more. What is there all the same, or again by another's hand, lets
 * nobody in by now, and is left to later looks.
 */
async function stillThere(
  { contractId }: Contract,
  account: GranteePort,
  { steps, observed }: { readonly steps: readonly GranteeStep[]; readonly observed: ObservedSide },
  ports: Ports,
): Promise<readonly LeftBehind[]> {
  const left: LeftBehind[] = [];
  for (const step of steps) {
    const deleted = deletedBy(step, account, observed);
    if (deleted === undefined) continue;
    const { look, id, ...thing } = deleted;
    const seen = await settle(look, (there) => there === undefined || there.id !== id, ports);
    if (seen.outcome === 'settled') continue;
    const made = id === undefined ? {} : { made: { id, by: contractId } };
    left.push({ ...thing, ...made, given: ['it was there again after it had been deleted'], next: NEXT });
  }
  return left;
}

/** One of its name with another id is not what was deleted; a policy has none. */
interface Deleted {
  readonly type: LeftBehind['type'];
  readonly name: string;
  readonly id: string | undefined;
  readonly look: () => Promise<{ readonly id?: string } | undefined>;
}

function deletedBy(step: GranteeStep, account: GranteePort, observed: ObservedSide): Deleted | undefined {
  switch (step.kind) {
    case 'deleteUser': {
      const { user: name } = step;
      const look = () => account.observeUser(name);
      return { type: 'user', name, id: observed.users.get(name)?.id, look };
    }
    case 'deleteRole': {
      const { role: name } = step;
      const look = () => account.observeRole(name);
      return { type: 'role', name, id: observed.roles.get(name)?.id, look };
    }
    case 'deletePolicy': {
      const { policy: name } = step;
      const look = async () => ((await account.observePolicy(name)) === undefined ? undefined : {});
      return { type: 'policy', name, id: undefined, look };
    }
    default:
      return undefined;
  }
}

const NEXT = "the grantee's administrator deletes it; it opens nothing in the owner's account any more";

function unreachable(
  { granteeSide, contractId, requested }: Contract,
  named: Names,
  error: unknown,
): readonly LeftBehind[] {
  const told = { given: [whyUnreachable(error)], next: NEXT };
  const isMade = ({ made }: { readonly made?: { readonly by: string } }) => made?.by === contractId;
  return [
    ...granteeSide.leftBehind.filter((one) => one.type !== 'policy' && isReleased(one, named)),
    ...granteeSide.users.filter(isMade).map((one) => ({ ...one, type: 'user' as const, ...told })),
    ...granteeSide.roles.filter(isMade).map((one) => ({ ...one, type: 'role' as const, ...told })),
    { type: 'policy', name: enteringPolicyName(requested?.roleName ?? ''), ...told },
  ];
}

function whyUnreachable(error: unknown): string {
  if (error instanceof DeniedError) return 'Leasehold may not do there what it takes';
  return error instanceof TryLaterError
    ? `for ${HELD_UP_SECONDS / 60} minutes what it takes could not be done there (${error.code}); it is tried again for a day`
    : 'Leasehold is not let in there any more';
}

const isSame = (left: LeftBehind, right: LeftBehind): boolean =>
  left.type === right.type && left.name === right.name && isDecided(left) === isDecided(right);

/** Nothing is recorded twice, and nothing when nobody was set up. */
async function record(
  contract: Contract,
  names: Names,
  leftBehind: readonly LeftBehind[],
  by: string,
  ports: Ports,
): Promise<Contract> {
  const isNews = ({ granteeSide }: Contract): boolean =>
    granteeSide.users.some(({ name }) => names.users.includes(name)) ||
    granteeSide.roles.some(({ name }) => names.roles.includes(name)) ||
    leftBehind.some((one) => !granteeSide.leftBehind.some((known) => isSame(known, one))) ||
    granteeSide.leftBehind.some(
      (known) => isReleased(known, names) && !leftBehind.some((one) => isSame(known, one)),
    );
  const fact = { kind: 'grantee-released', data: { ...names, leftBehind } } as const;
  return appendWhenever(contract, fact, by, ports, isNews);
}
