/** Sets up whom a contract's terms name in the grantee's account. Nobody has anything to log on with by that. */
import type { GranteePort, Ports, Tags } from '../../cloud/ports.js';
import type { Contract, Terms } from '../../domain/contract.js';
import type { GranteeThing } from '../../domain/fact.js';
import type { ManagedSetup } from '../../domain/request.js';
import type { ContractId } from '../../domain/values.js';
import { planOf } from '../plan/approved-plan.js';
import { appendFact } from '../register/register.js';
import { applyGranteeStep } from './apply-grantee-step.js';
import { claimAll, claimedAs } from './claims.js';
import { lookAtSide, requireSteps } from './look-at-side.js';
import { enterGrantee, granteeOf, isPreparationDue, managedSetupOf, namesIn } from './managed-side.js';
import { type GranteeStep, type Identity, isOurs, type KnownThing, UNKNOWN } from './side.js';

/** How many users and roles are set up between two facts: so many may show up as news at once, or be found anew after a crash. */
const AT_ONCE = 20;

/** Where the register lost its place to somebody who may go on from here, or who throws. */
type Yield = (now: Contract) => Contract;

interface Work {
  readonly contract: Contract;
  readonly terms: Terms;
  readonly by: string;
  readonly ports: Ports;
  readonly isStillOurs: Yield;
}

/**
 * Claims everybody that `terms` name, makes who is missing and gives each the policy to enter with. May run twice: what was
 * made is recognised by its tags. Nothing when it was done already, or nobody is to be set up.
 * @throws {BrokenPromiseError} `GRANTEE_CLOSED`, `GRANTEE_CHANGED`, `QUOTA`, or whatever `isStillOurs` throws
 */
export async function prepareSide(work: Work): Promise<Contract> {
  const { contract, terms, ports, by, isStillOurs } = work;
  if (!isPreparationDue(contract, terms)) return contract;
  const begun = await appendFact(contract, { kind: 'grantee-preparing', data: { of: terms.seq } }, by, ports);
  if (begun.outcome === 'lost') return prepareSide({ ...work, contract: isStillOurs(begun.contract) });
  const prepared = await setUp({ ...work, contract: begun.contract });
  const result = await appendFact(prepared, { kind: 'grantee-prepared', data: { of: terms.seq } }, by, ports);
  if (result.outcome === 'appended') return result.contract;
  return prepareSide({ ...work, contract: isStillOurs(result.contract) });
}

/** As `prepareSide`, whether or not it was done already: for what has drifted, or was changed and is put back. */
export async function setUp(work: Work): Promise<Contract> {
  const { contract, terms, ports } = work;
  const setup = managedSetupOf(terms.request);
  if (setup === undefined) return contract;
  const accountId = granteeOf(contract);
  const account = await enterGrantee(accountId, ports);
  // Before anybody is looked at: whoever ends at the same time then sees that he is not the last.
  await claimAll(claimedAs(accountId, namesIn(setup)), contract.contractId, ports.index);
  return applyAll(work, account, await stepsFor(work, setup, account));
}

/** One user or role with the steps that it takes, and what it is recorded as when none of them makes it. */
interface Planned {
  readonly type: 'user' | 'role';
  readonly thing: GranteeThing;
  readonly steps: readonly GranteeStep[];
}
interface SideSteps {
  readonly policy: readonly GranteeStep[];
  readonly things: readonly Planned[];
}

async function stepsFor(
  { contract, terms, ports }: Work,
  setup: ManagedSetup,
  account: GranteePort,
): Promise<SideSteps> {
  const names = namesIn(setup);
  const entered = { accountId: granteeOf(contract), account };
  const look = await lookAtSide(contract, { plan: planOf(contract, terms), setup }, entered, ports);
  const { wanted, observed, known, plan } = look;
  const steps = requireSteps(plan, contract).filter((step) => !isAboutCredentials(step));
  const planned = (type: Planned['type'], name: string): Planned => {
    const things =
      type === 'user'
        ? { known: known.users, there: observed.users }
        : { known: known.roles, there: observed.roles };
    const thing = standing(
      name,
      contract.contractId,
      wanted.tags,
      things.known.get(name),
      things.there.get(name),
    );
    return { type, thing, steps: steps.filter((step) => isAbout(step, type, name)) };
  };
  return {
    policy: steps.filter(({ kind }) => kind === 'createPolicy' || kind === 'setPolicyDocument'),
    things: [
      ...names.users.map((name) => planned('user', name)),
      ...names.roles.map((name) => planned('role', name)),
    ],
  };
}

/** What a user logs on with is made when it is handed over, and not before. */
export const isAboutCredentials = ({ kind }: GranteeStep): boolean =>
  kind === 'createLogin' || kind === 'createKey' || kind === 'deleteLogin' || kind === 'deleteKey';

function isAbout(step: GranteeStep, type: Planned['type'], name: string): boolean {
  if ('principal' in step) return step.principal.type === type && step.principal.name === name;
  return type === 'user' ? 'user' in step && step.user === name : 'role' in step && step.role === name;
}

/** Made by a contract that wrote it down; or by an earlier try of this one that did not come to that; or the grantee's own. */
function standing(
  name: string,
  contractId: ContractId,
  tags: Tags,
  known: KnownThing = UNKNOWN,
  there: Identity | undefined,
): GranteeThing {
  if (there === undefined) return { name };
  if (known.madeBy !== undefined && known.madeId === there.id)
    return { name, made: { id: there.id, by: known.madeBy } };
  return isOurs(there, known, tags) ? { name, made: { id: there.id, by: contractId } } : { name };
}

/** Each fact is a look at the register too: whoever has lost it goes no further. */
async function applyAll(work: Work, account: GranteePort, { policy, things }: SideSteps): Promise<Contract> {
  const { contract, ports } = work;
  for (const step of policy) await applyGranteeStep(step, account);
  let current = contract;
  for (let from = 0; from < things.length; from += AT_ONCE) {
    const done: Planned[] = [];
    for (const one of things.slice(from, from + AT_ONCE))
      done.push({ ...one, thing: await applyOne(one, contract, account) });
    current = await record(current, done, work);
    ports.log.info(
      { contractId: contract.contractId, done: from + done.length, of: things.length },
      'set up in the grantee’s account',
    );
  }
  return current;
}

async function record(contract: Contract, done: readonly Planned[], work: Work): Promise<Contract> {
  const { terms, by, ports, isStillOurs } = work;
  const news = (type: Planned['type'], recorded: readonly GranteeThing[]) =>
    done
      .filter((one) => one.type === type && !recorded.some((there) => isSame(there, one.thing)))
      .map(({ thing }) => thing);
  const users = news('user', contract.granteeSide.users);
  const roles = news('role', contract.granteeSide.roles);
  if (users.length + roles.length === 0) return contract;
  const fact = { kind: 'grantee-changed', data: { of: terms.seq, users, roles } } as const;
  const result = await appendFact(contract, fact, by, ports);
  return result.outcome === 'appended' ? result.contract : record(isStillOurs(result.contract), done, work);
}

const isSame = (left: GranteeThing, right: GranteeThing): boolean =>
  left.name === right.name && left.made?.id === right.made?.id;

async function applyOne(
  { thing, steps }: Planned,
  { contractId }: Contract,
  account: GranteePort,
): Promise<GranteeThing> {
  let made = thing;
  for (const step of steps) {
    const { madeId } = await applyGranteeStep(step, account);
    if (madeId !== undefined) made = { ...thing, made: { id: madeId, by: contractId } };
  }
  return made;
}
