/** Accounts in data planes and their passwords, made in the very invocation that hands them over. */
import type { Logon, Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Instant } from '../../domain/values.js';
import type { CredentialMaker, Made } from '../hand-over/credentials.js';
import { isMadeAnew, stillHandingOver } from '../hand-over/give-way.js';
import type { SealedAccount } from '../hand-over/seal.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { loadContract } from '../register.js';
import {
  type AccountDoor,
  applyDoorStep,
  areDoorsOpen,
  doorsOf,
  isHeld,
  lookAtAll,
  workOff,
} from './doors.js';
import { proofsOf, seeAsWanted } from './prove-side-doors.js';

/** What bears the name of an account that nobody holds is deleted and made again: its password cannot be read. */
export const accountMaker: CredentialMaker = {
  isDue: (contract, plan, { clock }) => dueAccounts(contract, plan, clock.now()).length > 0,

  async make(contract, plan, ports): Promise<Made> {
    const due = dueAccounts(contract, plan, ports.clock.now());
    const takeBack = () => removeUnclaimed(contract, due, ports);
    try {
      const secrets: SealedAccount[] = [];
      for (const door of due) secrets.push(await makeAccount(contract, door, ports));
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

async function makeAccount(contract: Contract, door: AccountDoor, ports: Ports): Promise<SealedAccount> {
  const { contractId } = contract;
  const [look] = await lookAtAll([door], ports);
  if (look?.steps.some(({ step }) => step.kind.startsWith('delete')))
    await stillHandingOver(contract, ports.evidence);
  const refused = (look?.refused ?? []).map(({ message }) => message);
  if (refused.length > 0)
    throw new BrokenPromiseError('ACCESS_NOT_VERIFIED', `contract ${contractId}: ${refused.join('; ')}`);
  let logon: Partial<Logon> = {};
  for (const step of look?.steps ?? []) logon = { ...logon, ...(await applyDoorStep(step, ports)) };
  const { product, region, instanceId } = door.account.instance;
  const { username = door.account.account, password } = logon;
  if (password === undefined)
    throw new BrokenPromiseError(
      'ACCESS_NOT_VERIFIED',
      `contract ${contractId}: ${door.account.account} has no new password`,
    );
  return { kind: 'data-plane-account', contractId, product, region, instanceId, username, password };
}

/** But for what another writer has begun to make since, who deletes it himself, or has handed over. */
async function removeUnclaimed(begun: Contract, due: readonly AccountDoor[], ports: Ports): Promise<void> {
  const now = await loadContract(begun.contractId, ports.evidence);
  if (isMadeAnew(begun, now)) return;
  const mine = due.filter(({ account }) => !isHeld(now, account.account));
  await workOff(
    mine.map((door) => ({ ...door, goal: 'gone' })),
    ports,
  );
}
