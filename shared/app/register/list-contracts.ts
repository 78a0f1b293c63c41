/** Which contracts there are, by the index where it can answer and by the register itself where it cannot. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, type ContractState, isOverOrUnknown, standingTerms } from '../../domain/contract.js';
import { type AccountId, type ContractId, type Instant, parseContractId } from '../../domain/values.js';
import { mayBeAbout } from '../../services/index.js';
import { lookAtEach } from '../at-once.js';
import { DUE_PREFIX, dueEntryOf, GRANTEES_PREFIX } from './index-entries.js';
import { keysBelow } from './keys-below.js';
import { contractOrBroken } from './register.js';
import { readable } from './strange-keys.js';

export interface ContractQuery {
  readonly partner?: AccountId;
  /** Only leases that end by then and are not over. */
  readonly endsBy?: Instant;
  /** `any`: those too that are over. Unset: what is not. */
  readonly state?: ContractState | 'any';
  /** Only those of which something differs from what was approved, as the last look found. */
  readonly isDrifted?: boolean;
  /** Only those by which something may be done to the thing of this id (`mayBeAbout`), now or once a change under way is done. */
  readonly about?: string;
}

/** What stands in the register for a contract; `broken` says why that cannot be believed. */
export type Listed =
  | { readonly contractId: ContractId; readonly contract: Contract }
  | { readonly contractId: ContractId; readonly broken: string };

/** Of such contracts the index has nothing any more, or never had. */
const isOutOfIndex = (state: ContractQuery['state']): boolean =>
  state === 'any' || (state !== undefined && isOverOrUnknown({ state }));

/** Ordered by contract id. Costs the listing of what the index has of it, and one look a contract. */
export async function listContracts(query: ContractQuery, ports: Ports): Promise<readonly Listed[]> {
  const ids = [...new Set(await candidates(query, ports))].sort();
  const listed = await lookAtEach(
    ids,
    async (contractId): Promise<Listed> => ({
      contractId,
      ...(await contractOrBroken(contractId, ports.evidence)),
    }),
  );
  // What is broken is shown whatever was asked for: nobody can say that it is something else.
  return listed.filter((one) => 'broken' in one || isWanted(one.contract, query, ports.clock.now()));
}

function candidates({ partner, endsBy, state }: ContractQuery, ports: Ports): Promise<readonly ContractId[]> {
  if (isOutOfIndex(state)) return inRegister(ports);
  if (partner !== undefined) return ofGrantees(`${GRANTEES_PREFIX}${partner}/`, ports);
  return endsBy === undefined ? ofGrantees(GRANTEES_PREFIX, ports) : ending(endsBy, ports);
}

async function ofGrantees(prefix: string, { index, log }: Ports): Promise<readonly ContractId[]> {
  const found: string[] = [];
  for await (const key of keysBelow(prefix, index)) {
    const [, , id, ...more] = key.split('/');
    // Deeper keys claim users of the partner's, not contracts.
    if (id !== undefined && more.length === 0) found.push(id);
  }
  return readable(found, parseContractId, { log });
}

async function ending(by: Instant, { index }: Ports): Promise<readonly ContractId[]> {
  const found: ContractId[] = [];
  for await (const key of keysBelow(DUE_PREFIX, index)) {
    const entry = dueEntryOf(key);
    // Keys are in the order of their instants.
    if (entry !== undefined && entry.at > by) break;
    if (entry?.what === 'expiry') found.push(entry.contractId);
  }
  return found;
}

async function inRegister({ evidence, log }: Ports): Promise<readonly ContractId[]> {
  const keys = await evidence.list('contracts/');
  const ids = new Set(keys.map((key) => key.split('/')[1] ?? ''));
  return readable([...ids], parseContractId, { log });
}

function isWanted(
  contract: Contract,
  { partner, endsBy, state, isDrifted, about }: ContractQuery,
  now: Instant,
): boolean {
  if (isDrifted === true && contract.drift === undefined) return false;
  const grants = standingTerms(contract).flatMap(({ request }) => request.grants);
  if (about !== undefined && !grants.some((grant) => mayBeAbout(grant, about))) return false;
  const { grantee, lease } = contract.terms?.request ?? {};
  if (partner !== undefined && grantee?.accountId !== partner) return false;
  if (state === undefined ? isOverOrUnknown(contract) : state !== 'any' && contract.state !== state)
    return false;
  return endsBy === undefined || (lease !== undefined && lease.expiresAt <= endsBy && now < lease.expiresAt);
}
