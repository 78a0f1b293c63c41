/** Undoes what a contract had done in the grantee's account: keys first, and nothing that is not ours. */
import type { GranteePort, Ports } from '../../cloud/ports.js';
import { allTermsOf, type Contract, standingTerms } from '../../domain/contract.js';
import { BrokenPromiseError, DeniedError } from '../../domain/errors.js';
import type { LeftBehind } from '../../domain/fact.js';
import { isReleased } from '../../domain/fold-contract.js';
import { CONTRACT_TAG, tagsFor } from '../ours.js';
import { appendWhenever, loadContract } from '../register.js';
import { settle } from '../verdict.js';
import { applyGranteeStep } from './apply-grantee-step.js';
import { claimedAs, letGo } from './claims.js';
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
import { enteringPolicyName, type GranteeStep } from './side.js';

/** `isLast`: nobody else of the contract stays there. */
type Leavers = Names & { readonly isLast: boolean };

/** Whether the contract may ever have done anything there. */
export const hasGranteeSide = (contract: Contract): boolean =>
  contract.granting !== undefined &&
  (contract.granteeSide.users.length + contract.granteeSide.roles.length > 0 ||
    allTermsOf(contract).some(({ request }) => managedSetupOf(request) !== undefined));

/**
 * Everybody, and the policy. May run twice. An account that lets us in no more, or lets us do too little, does not hold up the end
 * of a contract: what could not be undone there is recorded as left behind, and its administrator is told.
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
    if (!isShut(error)) throw error;
    await letGo(claimedAs(accountId, named), contract.contractId, ports.index);
    return record(contract, named, unreachable(contract, error), by, ports);
  }
}

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
  const isOurs = ({ type, made }: LeftBehind) => type === 'policy' || made !== undefined;
  try {
    const account = await enterGrantee(granteeOf(contract), ports);
    const everybody = await everybodyIn(account, contract);
    const { steps } = await planLeaving(contract, account, everybody, ports);
    if (steps.length === 0 && !contract.granteeSide.leftBehind.some(isOurs)) return nothing;
    return { contract: await release(contract, account, everybody, by, ports), isDone: true };
  } catch (error) {
    if (!isShut(error)) throw error;
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

const recordedIn = ({ granteeSide }: Contract): Names => ({
  users: granteeSide.users.map(({ name }) => name),
  roles: granteeSide.roles.map(({ name }) => name),
});

const leftBehindIn = ({ granteeSide }: Contract): Names => {
  const named = (type: LeftBehind['type']) =>
    granteeSide.leftBehind.filter((one) => one.type === type).map(({ name }) => name);
  return { users: named('user'), roles: named('role') };
};

const isNobody = ({ users, roles }: Names): boolean => users.length + roles.length === 0;

const without = (all: Names, others: Names): Names => ({
  users: all.users.filter((name) => !others.users.includes(name)),
  roles: all.roles.filter((name) => !others.roles.includes(name)),
});

export const union = (all: readonly Names[]): Names => ({
  users: [...new Set(all.flatMap(({ users }) => users))],
  roles: [...new Set(all.flatMap(({ roles }) => roles))],
});

const everybodyNamed = (contract: Contract): Names =>
  union([recordedIn(contract), ...allTermsOf(contract).map(({ request }) => namesSetUp(request))]);

/** Also whom no terms name, and who says by his tags that he is the contract's. */
async function everybodyIn(account: GranteePort, contract: Contract): Promise<Leavers> {
  const tagged = await account.usersTagged(CONTRACT_TAG, contract.contractId);
  return { ...union([everybodyNamed(contract), { users: tagged, roles: [] }]), isLast: true };
}

async function release(
  contract: Contract,
  account: GranteePort,
  leavers: Leavers,
  by: string,
  ports: Ports,
): Promise<Contract> {
  const { users, roles } = leavers;
  const names = { users, roles };
  // Before anybody looks who else claims: of two who end at once, one at least then sees that he is the last.
  await letGo(claimedAs(granteeOf(contract), names), contract.contractId, ports.index);
  const plan = await planLeaving(contract, account, leavers, ports);
  for (const step of plan.steps) await applyGranteeStep(step, account);
  await seeGone(contract, account, plan.steps, ports);
  ports.log.info(
    { contractId: contract.contractId, steps: plan.steps.length, leftBehind: plan.leftBehind.length },
    'released in the grantee’s account',
  );
  return record(contract, names, plan.leftBehind, by, ports);
}

async function planLeaving(
  contract: Contract,
  account: GranteePort,
  { isLast, users, roles }: Leavers,
  ports: Ports,
): Promise<GranteeRemovalPlan> {
  const names = { users, roles };
  const policy = enteringPolicyName(contract.requested?.roleName ?? '');
  const observed = await observeGrantee({ policy, ...names }, account);
  const known = await knownSideOf(contract, granteeOf(contract), names, ports);
  return planGranteeRemoval({ tags: tagsFor(contract), policy, isLast, ...names }, observed, known);
}

/** "Deleted" is what a reply says; gone is what is not there any more. */
async function seeGone(
  contract: Contract,
  account: GranteePort,
  steps: readonly GranteeStep[],
  ports: Ports,
): Promise<void> {
  const looks = steps.flatMap((step): readonly (() => Promise<unknown>)[] => {
    if (step.kind === 'deleteUser') return [() => account.observeUser(step.user)];
    if (step.kind === 'deleteRole') return [() => account.observeRole(step.role)];
    return step.kind === 'deletePolicy' ? [() => account.observePolicy(step.policy)] : [];
  });
  for (const look of looks) {
    const seen = await settle(look, (there) => there === undefined, ports);
    if (seen.outcome === 'unsettled')
      throw new BrokenPromiseError(
        'STILL_REACHABLE',
        `something that contract ${contract.contractId} made in the grantee's account is still there after it was deleted`,
      );
  }
}

const NEXT = "the grantee's administrator deletes it; it opens nothing in the owner's account any more";

function unreachable(
  { granteeSide, contractId, requested }: Contract,
  error: unknown,
): readonly LeftBehind[] {
  const why =
    error instanceof DeniedError
      ? 'Leasehold may not do there what it takes'
      : 'Leasehold is not let in there any more';
  const told = { given: [why], next: NEXT };
  const isMade = ({ made }: { readonly made?: { readonly by: string } }) => made?.by === contractId;
  return [
    ...granteeSide.leftBehind.filter(({ type }) => type !== 'policy'),
    ...granteeSide.users.filter(isMade).map((one) => ({ ...one, type: 'user' as const, ...told })),
    ...granteeSide.roles.filter(isMade).map((one) => ({ ...one, type: 'role' as const, ...told })),
    { type: 'policy', name: enteringPolicyName(requested?.roleName ?? ''), ...told },
  ];
}

const isSame = (left: LeftBehind, right: LeftBehind): boolean =>
  left.type === right.type && left.name === right.name;

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
