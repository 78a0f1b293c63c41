/**
 * What users and accounts that Leasehold made for a grantee log on with. It is made in the very call that announces it, sealed
 * and sent, and kept nowhere: whatever was made and not seen to be announced is made anew by the next try.
 */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { MadeCredential, Proof } from '../../domain/fact.js';
import { userCredentials } from '../grantee/user-credentials.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { accountMaker } from '../side-doors/account-maker.js';
import type { Secret } from './seal.js';

export interface Made {
  readonly secrets: readonly Secret[];
  readonly credentials: readonly MadeCredential[];
  /** What was seen of it, if anything. */
  readonly proofs?: readonly Proof[];
  /** Undoes exactly this, for a writer who finds that another was first. May run twice. */
  takeBack(): Promise<void>;
}

/** One kind of holder, such as the users in a grantee's account. */
export interface CredentialMaker {
  /** Whether some holder has none that reached the grantee. Reads the register only. */
  isDue(contract: Contract, plan: AccessPlan, ports: Ports): boolean;
  /** Discards what earlier tries made and nobody holds, and makes it anew. */
  make(contract: Contract, plan: AccessPlan, ports: Ports): Promise<Made>;
}

const MAKERS: readonly CredentialMaker[] = [userCredentials, accountMaker];

export const areCredentialsDue = (contract: Contract, plan: AccessPlan, ports: Ports): boolean =>
  MAKERS.some((maker) => maker.isDue(contract, plan, ports));

/** Everything that is due, or nothing: what was made before one maker failed is taken back. */
export async function makeCredentials(contract: Contract, plan: AccessPlan, ports: Ports): Promise<Made> {
  const made: Made[] = [];
  const takeBack = async () => {
    for (const one of made) await one.takeBack();
  };
  try {
    for (const maker of MAKERS)
      if (maker.isDue(contract, plan, ports)) made.push(await maker.make(contract, plan, ports));
  } catch (error) {
    await takeBack();
    throw error;
  }
  return {
    secrets: made.flatMap(({ secrets }) => secrets),
    credentials: made.flatMap(({ credentials }) => credentials),
    proofs: made.flatMap(({ proofs = [] }) => proofs),
    takeBack,
  };
}
