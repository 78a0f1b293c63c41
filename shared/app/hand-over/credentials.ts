/**
 * What users and accounts that Leasehold made for a grantee log on with. It is made in the very call that announces it, sealed
 * and sent, and kept nowhere: whatever was made and not seen to be announced is made anew by the next try.
 */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { TryLaterError } from '../../domain/errors.js';
import type { MadeCredential, Proof } from '../../domain/fact.js';
import { addSeconds } from '../../domain/values.js';
import { userCredentials } from '../grantee/user-credentials.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { accountMaker } from '../side-doors/account-maker.js';
import { type NoteDoubt, UNSETTLED_SECONDS } from './doubt.js';
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
  /** Discards what earlier tries made and nobody holds, and makes it anew. `note` is told of calls that got no answer. */
  make(contract: Contract, plan: AccessPlan, ports: Ports, note: NoteDoubt): Promise<Made>;
  /**
   * Holders that an earlier try may have asked to be made for, where nothing is there and what would come late would do harm. One that is
   * there has come, and goes when all is made anew.
   */
  missing(contract: Contract, plan: AccessPlan, ports: Ports): Promise<readonly string[]>;
}

const MAKERS: readonly CredentialMaker[] = [userCredentials, accountMaker];

export const areCredentialsDue = (contract: Contract, plan: AccessPlan, ports: Ports): boolean =>
  MAKERS.some((maker) => maker.isDue(contract, plan, ports));

/**
 * Before anything is made anew: what an earlier try asked for, and gave up on, has come to pass or cannot any more.
 * @throws {TryLaterError} `NOT_YET_VISIBLE`
 */
export async function requireSettled(contract: Contract, plan: AccessPlan, ports: Ports): Promise<void> {
  const { contractId, unsettled, handingOver } = contract;
  // A try that left no word died on the way, wherever that was.
  const died = handingOver && { what: 'made', of: undefined, at: handingOver.at };
  for (const { what, of, at } of [unsettled, died].filter((one) => one !== undefined)) {
    const until = addSeconds(at, UNSETTLED_SECONDS);
    if (ports.clock.now() >= until) continue;
    const waitingFor = what === 'deleted' ? [of] : await missingOf(of, contract, plan, ports);
    if (waitingFor.length > 0)
      throw new TryLaterError(
        'NOT_YET_VISIBLE',
        `contract ${contractId}: whether what ${waitingFor.join(', ')} logs on with was ${what} is not known; it is made anew from ${until} on`,
      );
  }
}

async function missingOf(
  holder: string | undefined,
  contract: Contract,
  plan: AccessPlan,
  ports: Ports,
): Promise<readonly string[]> {
  const due = MAKERS.filter((maker) => maker.isDue(contract, plan, ports));
  const missing = (await Promise.all(due.map((maker) => maker.missing(contract, plan, ports)))).flat();
  return missing.filter((one) => holder === undefined || one === holder);
}

/** Everything that is due, or nothing: what was made before one maker failed is taken back. */
export async function makeCredentials(
  contract: Contract,
  plan: AccessPlan,
  ports: Ports,
  note: NoteDoubt,
): Promise<Made> {
  const made: Made[] = [];
  const takeBack = async () => {
    for (const one of made) await one.takeBack();
  };
  try {
    for (const maker of MAKERS)
      if (maker.isDue(contract, plan, ports)) made.push(await maker.make(contract, plan, ports, note));
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
