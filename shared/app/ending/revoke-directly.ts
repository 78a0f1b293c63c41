/** Break-glass: the end of a contract from a person's own machine, past the bus and the flows, by the same use cases. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { isRetriable, nameOfError } from '../../domain/errors.js';
import type { ContractId } from '../../domain/values.js';
import { watchUntold } from '../register/index-entries.js';
import { loadContract } from '../register/register.js';
import { cutContract } from './cut-access.js';
import { removeAccess } from './remove-access.js';
import { recordEnd, tellRevoked } from './report-revoked.js';

export interface DirectEnd {
  readonly contract: Contract;
  /** False when the outbound bus did not take the event: the sweep sends it as soon as it runs again. */
  readonly announced: boolean;
}

/** What a flow's `Retry` does otherwise. */
const TRIES = 6;

/**
 * Cuts, removes and records, with whatever rights the ports have. That nobody can be told stops none of it. May run twice, also beside a
 * flow that does the same: the register knows what is done, and the announcement has one id.
 * @throws {PartnerAccessError} as the steps do; what was done until then is done, and running again goes on from there
 */
export async function revokeDirectly(
  contractId: ContractId,
  { detail, by }: { readonly detail: string; readonly by: string },
  anybodys: Ports,
): Promise<DirectEnd> {
  // Who reaches for this does not wait for others.
  const ports = { ...anybodys, settings: { ...anybodys.settings, writesPerSecond: 0 } };
  const ending = { reason: 'terminated', detail, by, direct: true } as const;
  await stubbornly(() => cutContract(contractId, ending, ports), ports);
  await stubbornly(() => removeAccess({ contractId }, ports), ports);
  // Before it is recorded: whoever dies between the two has the sweep finish and tell it.
  const untold = await stubbornly(() => watchUntold({ contractId }, 'end', ports.clock.now(), ports), ports);
  const contract = await stubbornly(
    async () => recordEnd(await loadContract(contractId, ports.evidence), ports),
    ports,
  );
  const announced = await isTold(contract, ports);
  if (announced) await stubbornly(() => ports.index.remove(untold), ports);
  return { contract, announced };
}

async function isTold(contract: Contract, ports: Ports): Promise<boolean> {
  try {
    await tellRevoked(contract, ports);
    return true;
  } catch (error) {
    // Whatever keeps the bus from taking it: the end stands in the register, and an entry has the sweep tell it.
    const { contractId } = contract;
    ports.log.warn(
      { contractId, error: nameOfError(error) },
      'the end was not announced; the sweep will do it',
    );
    return false;
  }
}

async function stubbornly<T>(
  work: () => Promise<T>,
  { clock, log }: Pick<Ports, 'clock' | 'log'>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRetriable(error) || tried === TRIES) throw error;
      log.warn({ error: nameOfError(error), tried }, 'the cloud asks for patience');
      await clock.sleep(2 ** tried);
    }
  }
}
