/** What a contract's register says of how one user or role in the grantee's account came to be. Pure. */
import { allTermsOf, type Contract } from '../../domain/contract.js';
import type { GranteeThing } from '../../domain/fact.js';
import { isExisting } from '../../domain/request.js';
import type { Instant } from '../../domain/values.js';

export interface Making {
  /** What was recorded last, whether or not the contract has let go of it since. */
  readonly made?: GranteeThing['made'];
  /** Since when one may have been made that is not recorded; unset while one is, and where none was ever to be made. */
  readonly intendedAt?: Instant;
}

export function makingOf(contract: Contract, type: 'user' | 'role', name: string): Making {
  const kind = `${type}s` as const;
  let making: Making = {};
  let isSetUp = false;
  for (const fact of contract.facts) {
    if (fact.kind === 'requested') {
      making = {};
      isSetUp = false;
    } else if (fact.kind === 'grantee-preparing') {
      if (making.intendedAt === undefined && isToBeMade(contract, fact.data.of, kind, name))
        making = { ...making, intendedAt: fact.at };
    } else if (fact.kind === 'grantee-changed') {
      const thing = fact.data[kind].find((one) => one.name === name);
      if (thing === undefined) continue;
      making = thing.made === undefined ? {} : { ...making, made: thing.made };
      isSetUp = true;
    } else if (fact.kind === 'grantee-released' && fact.data[kind].includes(name)) isSetUp = false;
  }
  const { intendedAt: _, ...onRecord } = making;
  return isSetUp ? onRecord : making;
}

/** Whether the terms that were asked for at `of` have it made; what is the grantee's own is only let in. */
function isToBeMade(contract: Contract, of: number, kind: 'users' | 'roles', name: string): boolean {
  const setup = allTermsOf(contract).find(({ seq }) => seq === of)?.request.grantee.setup;
  if (setup?.mode !== 'managed') return false;
  const named =
    kind === 'users'
      ? setup.users.find(({ logonName }) => logonName === name)
      : setup.roles.find((role) => role.name === name);
  return named !== undefined && !isExisting(named);
}
