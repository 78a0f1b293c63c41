/** Passwords and AccessKeys of users that a contract made in the grantee's account. */
import type { GranteePort, PasswordPolicy, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { GranteeThing, MadeCredential, Unsettled } from '../../domain/fact.js';
import { isExisting } from '../../domain/request.js';
import type { CredentialMaker, Made } from '../hand-over/credentials.js';
import { type NoteDoubt, noting } from '../hand-over/doubt.js';
import { isMadeAnew, stillHandingOver } from '../hand-over/give-way.js';
import type { SealedUser } from '../hand-over/seal.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { loadContract } from '../register/register.js';
import { applyGranteeStep, type NewCredential } from './apply-grantee-step.js';
import { requireSteps } from './look-at-side.js';
import { enterGrantee, granteeOf, wantedSideOf } from './managed-side.js';
import { observeGrantee } from './observe-grantee.js';
import { generatePassword, randomFrom } from './password.js';
import { planGrantee } from './plan-grantee.js';
import { isAboutCredentials } from './prepare-side.js';
import { type GranteeStep, type KnownThing, UNKNOWN } from './side.js';

export const userCredentials: CredentialMaker = {
  isDue: (contract, plan) => dueUsers(contract, plan).length > 0,
  make: makeForUsers,
  missing: usersWithoutKey,
};

/** Users that this very contract made and that hold nothing yet. */
function dueUsers(
  { contractId, granteeSide, credentials }: Contract,
  { setup }: AccessPlan,
): readonly GranteeThing[] {
  const created = (setup?.users ?? []).filter((user) => !isExisting(user)).map(({ logonName }) => logonName);
  return granteeSide.users.filter(
    ({ name, made }) =>
      made?.by === contractId &&
      created.includes(name) &&
      !credentials.some((one) => one.kind === 'user' && one.id === made.id),
  );
}

async function makeForUsers(
  contract: Contract,
  plan: AccessPlan,
  ports: Ports,
  note: NoteDoubt,
): Promise<Made> {
  const due = dueUsers(contract, plan);
  const names = due.map(({ name }) => name);
  const account = await enterGrantee(granteeOf(contract), ports);
  const fresh: NewCredential[] = [];
  const takeBack = () => takeBackUnclaimed(contract, fresh, account, ports);
  const { steps, passwordPolicy, domain } = await stepsToCredentials(contract, plan, account);
  try {
    for await (const credential of freshCredentials(
      contract,
      { steps, passwordPolicy },
      account,
      ports,
      note,
    ))
      fresh.push(credential);
  } catch (error) {
    await takeBack();
    throw error;
  }
  const ofUser = (name: string) => fresh.filter(({ user }) => user === name);
  return {
    secrets: names.map((name) => secretOf(contract, `${name}@${domain}`, ofUser(name))),
    credentials: due.map(({ name, made }) => recordOf(name, made?.id ?? '', ofUser(name))),
    takeBack,
  };
}

/**
 * But for what has been handed over, whether or not its writer heard so, and for logins that another writer has begun to make anew
 * since: a key is deleted by its id, a login by its user, and may be the other's.
 */
async function takeBackUnclaimed(
  begun: Contract,
  fresh: readonly NewCredential[],
  account: GranteePort,
  { evidence }: Ports,
): Promise<void> {
  if (fresh.length === 0) return;
  const now = await loadContract(begun.contractId, evidence);
  for (const one of fresh) {
    const held = now.credentials.find((other) => other.kind === 'user' && other.user === one.user);
    if (one.kind === 'key') {
      if (!isKeyOf(held, one.keyId)) await account.deleteKey(one.user, one.keyId);
    } else if (held === undefined && !isMadeAnew(begun, now)) await account.deleteLogin(one.user);
  }
}

const isKeyOf = (held: MadeCredential | undefined, keyId: string): boolean =>
  held?.kind === 'user' && held.keyIds.includes(keyId);

interface CredentialSteps {
  readonly steps: readonly GranteeStep[];
  readonly passwordPolicy: PasswordPolicy;
}

/** What an earlier try made, and nobody holds, is deleted on the way. */
async function* freshCredentials(
  contract: Contract,
  { steps, passwordPolicy }: CredentialSteps,
  account: GranteePort,
  { chance, evidence }: Ports,
  note: NoteDoubt,
): AsyncGenerator<NewCredential> {
  const random = randomFrom(chance);
  const password = (logonName: string) => generatePassword(passwordPolicy, logonName, random);
  if (steps.some(({ kind }) => kind.startsWith('delete'))) await stillHandingOver(contract, evidence);
  for (const step of steps) {
    const apply = () => applyGranteeStep(step, account, password);
    const { credential } = await noting(effectOf(step), note, apply);
    if (credential !== undefined) yield credential;
  }
}

async function stepsToCredentials(contract: Contract, plan: AccessPlan, account: GranteePort) {
  const due = dueUsers(contract, plan);
  const names = due.map(({ name }) => name);
  const users = (plan.setup?.users ?? []).filter(({ logonName }) => names.includes(logonName));
  const wanted = wantedSideOf(contract, plan, { users, roles: [] });
  const observed = await observeGrantee({ policy: wanted.policy.name, users: names, roles: [] }, account);
  const known = new Map<string, KnownThing>(
    due.map(({ name, made }) => [
      name,
      made === undefined ? UNKNOWN : { ...UNKNOWN, madeId: made.id, madeBy: made.by },
    ]),
  );
  const side = planGrantee(wanted, observed, { users: known, roles: new Map() });
  const steps = requireSteps(side, contract).filter(isAboutCredentials);
  return { steps, passwordPolicy: observed.passwordPolicy, domain: observed.defaultDomain };
}

/** A key that comes late is one more; a login is refused where there is one, but one that goes late is the new one. */
function effectOf(step: GranteeStep): Unsettled | undefined {
  if (step.kind === 'createKey') return { what: 'made', of: step.user };
  return step.kind === 'deleteLogin' ? { what: 'deleted', of: step.user } : undefined;
}

async function usersWithoutKey(
  contract: Contract,
  plan: AccessPlan,
  ports: Ports,
): Promise<readonly string[]> {
  const account = await enterGrantee(granteeOf(contract), ports);
  const { steps } = await stepsToCredentials(contract, plan, account);
  const usersOf = (kind: 'createKey' | 'deleteKey') =>
    steps.flatMap((step) => (step.kind === kind ? [step.user] : []));
  return usersOf('createKey').filter((user) => !usersOf('deleteKey').includes(user));
}

function secretOf(
  { contractId }: Contract,
  userPrincipalName: string,
  made: readonly NewCredential[],
): SealedUser {
  const password = made.find((one) => one.kind === 'password');
  const key = made.find((one) => one.kind === 'key');
  return {
    kind: 'user',
    contractId,
    userPrincipalName,
    ...(password === undefined ? {} : { password: password.password }),
    ...(key === undefined ? {} : { accessKeyId: key.keyId, accessKeySecret: key.secret }),
  };
}

const recordOf = (user: string, id: string, made: readonly NewCredential[]): MadeCredential => ({
  kind: 'user',
  user,
  id,
  keyIds: made.flatMap((one) => (one.kind === 'key' ? [one.keyId] : [])),
  hasPassword: made.some((one) => one.kind === 'password'),
});
