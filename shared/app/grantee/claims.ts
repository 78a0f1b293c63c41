/**
 * Claims on users and roles of a grantee: which contracts use them. Entries of the index, so that two contracts may share a user
 * and the last one out removes it. A contract claims before it looks, and lets go before it looks who else claims: whoever then
 * sees nobody is the last, and two who both do remove the same thing twice, which is once.
 */
import type { IndexPort, Ports } from '../../cloud/ports.js';
import { type AccountId, type ContractId, parseContractId } from '../../domain/values.js';
import { readable } from '../register/strange-keys.js';

export interface Claimed {
  readonly accountId: AccountId;
  readonly type: 'user' | 'role';
  /** Of a user the logon name with its domain; of a role the name. */
  readonly name: string;
}

/** Those of an account, by their names. */
export const claimedAs = (
  accountId: AccountId,
  { users, roles }: { readonly users: readonly string[]; readonly roles: readonly string[] },
): readonly Claimed[] => [
  ...users.map((name) => ({ accountId, type: 'user' as const, name })),
  ...roles.map((name) => ({ accountId, type: 'role' as const, name })),
];

const prefixOf = ({ accountId, type }: Omit<Claimed, 'name'>): string => `grantees/${accountId}/${type}s/`;

export const claimKey = (claimed: Claimed, contractId: ContractId): string =>
  `${prefixOf(claimed)}${claimed.name}/${contractId}`;

/** May run twice. */
export async function claim(claimed: Claimed, contractId: ContractId, index: IndexPort): Promise<void> {
  await index.put(claimKey(claimed, contractId), '');
}

/** May run twice. */
export async function claimAll(
  claimed: readonly Claimed[],
  contractId: ContractId,
  index: IndexPort,
): Promise<void> {
  await Promise.all(claimed.map((one) => claim(one, contractId, index)));
}

/** May run twice. */
export async function letGo(
  claimed: readonly Claimed[],
  contractId: ContractId,
  index: IndexPort,
): Promise<void> {
  await index.removeAll(claimed.map((one) => claimKey(one, contractId)));
}

export interface Claim {
  readonly name: string;
  readonly contractId: ContractId;
}

/**
 * What other contracts claim of an account, by the names that they claim it by; all of it, since any number of those that stand first
 * may be over, and since a name may be claimed in another case.
 */
export async function otherClaims(
  of: Omit<Claimed, 'name'>,
  own: ContractId,
  { index, log }: Pick<Ports, 'index' | 'log'>,
): Promise<readonly Claim[]> {
  const prefix = prefixOf(of);
  const keys = await index.list(prefix, Number.POSITIVE_INFINITY);
  const claimIn = (key: string): Claim => {
    const [name = '', contractId = ''] = key.slice(prefix.length).split('/');
    return { name, contractId: parseContractId(contractId) };
  };
  return readable(keys, claimIn, { log }).filter(({ contractId }) => contractId !== own);
}
