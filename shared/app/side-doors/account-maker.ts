/** Accounts in data planes and their passwords, made in the very invocation that hands them over. */
import type { Logon, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Unsettled } from '../../domain/fact.js';
import type { Instant } from '../../domain/values.js';
import type { CredentialMaker, Made } from '../hand-over/credentials.js';
import { type NoteDoubt, noting } from '../hand-over/doubt.js';
import { isMadeAnew, stillHandingOver } from '../hand-over/give-way.js';
import type { SealedAccount } from '../hand-over/seal.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { loadContract } from '../register/register.js';
import {
  type AccountDoor,
  afterAll,
  applyDoorStep,
  areDoorsOpen,
  type DoorStep,
  doorsOf,
  isHeld,
  lookAtAll,
  nameOf,
  workOff,
} from './doors.js';
import { proofsOf, seeAsWanted } from './prove-side-doors.js';

/** What bears the name of an account that nobody holds is deleted and made again: its password cannot be read. */
export const accountMaker: CredentialMaker = {
  isDue: (contract, plan, { clock }) => dueAccounts(contract, plan, clock.now()).length > 0,
  missing: missingAccounts,

  async make(contract, plan, ports, note): Promise<Made> {
    const due = dueAccounts(contract, plan, ports.clock.now());
    // What is in doubt is left to the next try, to which it tells by being there that it was made.
    const inDoubt = new Set<AccountDoor>();
    const takeBack = () =>
      removeUnclaimed(
        contract,
        due.filter((door) => !inDoubt.has(door)),
        ports,
        note,
      );
    try {
      const secrets: SealedAccount[] = [];
      for (const door of due)
        secrets.push(
          await makeAccount(contract, door, ports, (unsettled) => {
            inDoubt.add(door);
            note(unsettled);
          }),
        );
      const held = due.map((door) => ({ ...door, standing: { isIntended: true, isHandedOver: true } }));
      const seen = await seeAsWanted(contract, held, ports);
      return {
        secrets,
        credentials: due.map(({ account: { account, instance } }) => ({
          kind: 'account',
          account,
          instanceId: instance.instanceId,
        })),
        proofs: seen.flatMap(proofsOf),
        takeBack,
      };
    } catch (error) {
      await takeBack();
      throw error;
    }
  },
};

function dueAccounts(contract: Contract, plan: AccessPlan, now: Instant): readonly AccountDoor[] {
  if (!areDoorsOpen(contract, plan.lease, now)) return [];
  return doorsOf(contract, plan, now).flatMap((door) =>
    door.kind === 'account' && door.goal === 'open' && !door.standing.isHandedOver ? [door] : [],
  );
}

/**
 * Of these, a call that comes late to make an account harms the one that was made since: it replaces the password (source:
 * CreateSaslUser), or puts a key besides on the user behind it, of which there may be several (source: CreateAccessKey). Others refuse.
 */
const HARMED_BY_LATE_CALLS: ReadonlySet<string> = new Set(['kafka', 'rabbitmq']);

async function missingAccounts(
  contract: Contract,
  plan: AccessPlan,
  { clock, dataPlanes }: Ports,
): Promise<readonly string[]> {
  const inDanger = dueAccounts(contract, plan, clock.now()).filter(({ account }) =>
    HARMED_BY_LATE_CALLS.has(account.instance.product),
  );
  const missing = await Promise.all(
    inDanger.map(async ({ account: { instance, account, entries } }) => {
      const there = (await dataPlanes.observe(instance, account, entries))?.account;
      return there === undefined || there.isBroken === true ? [account] : [];
    }),
  );
  return missing.flat();
}

async function makeAccount(
  contract: Contract,
  door: AccountDoor,
  ports: Ports,
  note: NoteDoubt,
): Promise<SealedAccount> {
  const { contractId } = contract;
  const [look] = await lookAtAll([door], ports);
  if (look?.steps.some(({ step }) => step.kind.startsWith('delete')))
    await stillHandingOver(contract, ports.evidence);
  const refused = (look?.refused ?? []).map(({ message }) => message);
  if (refused.length > 0)
    throw new BrokenPromiseError('ACCESS_NOT_VERIFIED', `contract ${contractId}: ${refused.join('; ')}`);
  let logon: Partial<Logon> = {};
  for (const one of look?.steps ?? []) {
    const effect = effectOf(one);
    logon = { ...logon, ...(await noting(effect, note, () => applyDoorStep(one, ports))) };
  }
  const { product, region, instanceId } = door.account.instance;
  const { username = door.account.account, password } = logon;
  if (password === undefined)
    throw new BrokenPromiseError(
      'ACCESS_NOT_VERIFIED',
      `contract ${contractId}: ${door.account.account} has no new password`,
    );
  return { kind: 'data-plane-account', contractId, product, region, instanceId, username, password };
}

function effectOf({ door, step }: DoorStep): Unsettled | undefined {
  if (step.kind === 'createAccount') return { what: 'made', of: nameOf(door) };
  return step.kind === 'deleteAccount' ? { what: 'deleted', of: nameOf(door) } : undefined;
}

/** But for what another writer has begun to make since, who deletes it himself, or has handed over. */
async function removeUnclaimed(
  begun: Contract,
  due: readonly AccountDoor[],
  ports: Ports,
  note: NoteDoubt,
): Promise<void> {
  const now = await loadContract(begun.contractId, ports.evidence);
  if (isMadeAnew(begun, now)) return;
  const mine = due.filter(({ account }) => !isHeld(now, account.account));
  await afterAll(
    mine.map((door) =>
      noting({ what: 'deleted', of: nameOf(door) }, note, () => workOff([{ ...door, goal: 'gone' }], ports)),
    ),
  );
}
