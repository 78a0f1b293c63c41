/** The grantee's side of a contract as the register has it: what is wanted of it, and what is known of it. */
import type { GranteePort, Ports } from '../../cloud/ports.js';
import { type Contract, isOver, standingTerms, type Terms } from '../../domain/contract.js';
import { BrokenPromiseError, DeniedError, TryLaterError } from '../../domain/errors.js';
import type { GranteeThing } from '../../domain/fact.js';
import { isExisting, type ManagedSetup, type OnboardingRequest } from '../../domain/request.js';
import type { AccountId, ContractId } from '../../domain/values.js';
import { lookAtEach } from '../at-once.js';
import { tagsFor } from '../ours.js';
import { patiently } from '../patiently.js';
import { assumePolicyOf } from '../plan/assume-policy.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { believedContract } from '../register/register.js';
import { type Claim, otherClaims } from './claims.js';
import { makingOf } from './making.js';
import { provisioningExternalId } from './provisioning.js';
import { isSameName } from './same-name.js';
import { enteringPolicyName, type KnownSide, type KnownThing, type WantedSide } from './side.js';

export const managedSetupOf = ({ grantee }: OnboardingRequest): ManagedSetup | undefined =>
  grantee.setup.mode === 'managed' ? grantee.setup : undefined;

/** Whether `terms` have somebody set up who was not yet, in the grantee's account. */
export const isPreparationDue = ({ granteeSide }: Contract, terms: Terms | undefined): boolean =>
  terms !== undefined && managedSetupOf(terms.request) !== undefined && granteeSide.preparedFor !== terms.seq;

export const granteeOf = ({ contractId, requested }: Contract): AccountId => {
  if (requested !== undefined) return requested.request.grantee.accountId;
  throw new BrokenPromiseError('REGISTER_BROKEN', `contract ${contractId} was never requested`);
};

/**
 * The grantee's account, entered. Many users at once may take more calls than its RAM takes in a second: they are made as it takes them.
 * What it does not take for long is a `TryLaterError` `GRANTEE_BUSY`, also of the methods.
 * @throws {BrokenPromiseError} `GRANTEE_CLOSED`
 */
export async function enterGrantee(accountId: AccountId, ports: Ports): Promise<GranteePort> {
  const busy = (cause: unknown) =>
    new TryLaterError('GRANTEE_BUSY', `account ${accountId} takes no more calls for now`, { cause });
  const gate = patiently(ports.grantees, ports.clock, busy);
  const entered = await gate.enter(accountId, await provisioningExternalId(accountId, ports));
  if (entered.outcome === 'entered') return patiently(entered.account, ports.clock, busy);
  const why = entered.outcome === 'refused' ? entered.code : entered.arn;
  throw new BrokenPromiseError('GRANTEE_CLOSED', `account ${accountId} does not let us in: ${why}`);
}

/** Whether an account lets us in no more, or lets us do too little: nothing of ours will change that. */
export const isShut = (error: unknown): boolean =>
  error instanceof DeniedError || (error instanceof BrokenPromiseError && error.code === 'GRANTEE_CLOSED');

export const wantedSideOf = (
  contract: Contract,
  plan: AccessPlan,
  { users, roles }: Pick<ManagedSetup, 'users' | 'roles'>,
): WantedSide => ({
  contractId: contract.contractId,
  tags: tagsFor(contract),
  policy: { name: enteringPolicyName(plan.roleName), document: assumePolicyOf(plan) },
  users,
  roles,
});

export interface Names {
  readonly users: readonly string[];
  readonly roles: readonly string[];
}
export const namesIn = ({ users, roles }: Pick<ManagedSetup, 'users' | 'roles'>): Names => ({
  users: users.map(({ logonName }) => logonName),
  roles: roles.map(({ name }) => name),
});

export const NOBODY: Names = { users: [], roles: [] };

/** Whom the request has set up; nobody in self-service. */
export function namesSetUp(request: OnboardingRequest): Names {
  const setup = managedSetupOf(request);
  return setup === undefined ? NOBODY : namesIn(setup);
}

/** What the registers say of those named: this contract's, and those of others that claim them too. One that is broken holds up no other's end. */
export async function knownSideOf(
  contract: Contract,
  accountId: AccountId,
  names: Names,
  ports: Pick<Ports, 'index' | 'evidence' | 'log'>,
): Promise<KnownSide> {
  const others = new Map<ContractId, Promise<Contract | undefined>>([
    [contract.contractId, Promise.resolve(contract)],
  ]);
  const load = (id: ContractId): Promise<Contract | undefined> => {
    const loaded = others.get(id) ?? believedContract(id, ports.evidence);
    others.set(id, loaded);
    return loaded;
  };
  const knownOf = async (
    type: 'user' | 'role',
    name: string,
    others: readonly Claim[],
  ): Promise<KnownThing> => {
    const claims = others.filter((one) => isSameName(one.name, name));
    const loaded = await lookAtEach(claims, ({ contractId }) => load(contractId));
    const claimants = loaded.filter((one) => one !== undefined);
    const unbelieved = claims.find((_, index) => loaded[index] === undefined)?.contractId;
    const recorded = [contract, ...claimants];
    // A claim may be applied after its contract let go of it.
    const inUse = claims.flatMap((claim, index) => {
      const claimant = loaded[index];
      return claimant !== undefined && mayUse(claimant, type, claim.name) ? [{ ...claim, claimant }] : [];
    });
    const own = makingOf(contract, type, name);
    const made =
      recorded.map((one) => thingIn(one, type, name)?.made).find((one) => one !== undefined) ?? own.made;
    return {
      ...(made === undefined ? NOTHING_HANDED : credentialOf(await load(made.by), made.id)),
      otherClaims: inUse.filter((one) => one.name === name).map(({ contractId }) => contractId),
      aliases: inUse
        .filter((one) => one.name !== name)
        .map((one) => ({
          name: one.name,
          contractId: one.contractId,
          isTheirOwn: isTheirOwn(one.claimant, type, one.name),
        })),
      ...(unbelieved === undefined ? {} : { unbelieved }),
      ...(thingIn(contract, type, name) === undefined ? {} : { isOnRecord: true }),
      ...(made === undefined ? {} : { madeId: made.id, madeBy: made.by }),
      ...(own.intendedAt === undefined ? {} : { intendedAt: own.intendedAt }),
    };
  };
  const mapOf = async (type: 'user' | 'role', all: readonly string[]) => {
    if (all.length === 0) return new Map<string, KnownThing>();
    const claims = await otherClaims({ accountId, type }, contract.contractId, ports);
    return new Map(
      await Promise.all(all.map(async (name) => [name, await knownOf(type, name, claims)] as const)),
    );
  };
  return { users: await mapOf('user', names.users), roles: await mapOf('role', names.roles) };
}

/** Whether the contract has it set up, or its terms, or those under way, say that it is to. */
export function mayUse(contract: Contract, type: 'user' | 'role', name: string): boolean {
  if (isOver(contract)) return false;
  const kind = `${type}s` as const;
  const named = standingTerms(contract).flatMap(({ request }) => namesSetUp(request)[kind]);
  return [...named, ...contract.granteeSide[kind].map((thing) => thing.name)].some((one) =>
    isSameName(one, name),
  );
}

/** Whether the contract takes it for the grantee's own, and so neither makes nor removes it. */
function isTheirOwn(contract: Contract, type: 'user' | 'role', name: string): boolean {
  const kind = `${type}s` as const;
  const isMade = (setup: ManagedSetup | undefined) =>
    type === 'user'
      ? setup?.users.some((user) => isSameName(user.logonName, name) && !isExisting(user))
      : setup?.roles.some((role) => isSameName(role.name, name) && !isExisting(role));
  return !(
    standingTerms(contract).some(({ request }) => isMade(managedSetupOf(request)) === true) ||
    contract.granteeSide[kind].some((thing) => isSameName(thing.name, name) && thing.made !== undefined)
  );
}

/** Also what a closed door kept us from removing: it is as much ours as it was. */
function thingIn({ granteeSide }: Contract, type: 'user' | 'role', name: string): GranteeThing | undefined {
  const all: readonly GranteeThing[] = [
    ...(type === 'user' ? granteeSide.users : granteeSide.roles),
    ...granteeSide.leftBehind.filter((one) => one.type === type),
  ];
  return all.find((one) => one.name === name) ?? all.find((one) => isSameName(one.name, name));
}

type Handed = Pick<KnownThing, 'isHandedOver' | 'keyIds' | 'hasPassword'>;
const NOTHING_HANDED: Handed = { isHandedOver: false, keyIds: [], hasPassword: false };

/** Of a maker whose register is broken nobody knows which were handed over: none of those that are there is taken for ours. */
function credentialOf(maker: Contract | undefined, id: string): Handed {
  if (maker === undefined) return { ...NOTHING_HANDED, isHandedOver: true };
  const found = maker.credentials.find((one) => one.kind === 'user' && one.id === id);
  if (found?.kind !== 'user') return NOTHING_HANDED;
  return { isHandedOver: true, keyIds: found.keyIds, hasPassword: found.hasPassword };
}
