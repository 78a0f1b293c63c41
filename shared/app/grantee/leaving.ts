/**
 * Whom another contract is removing from a grantee's account. It lets go of its claim before it looks who else claims, so that for a
 * while what it made looks like nobody's. The thing says by its tag which contract that is, and that contract's register whether it is so.
 */
import type { Ports, Tags } from '../../cloud/ports.js';
import type { GranteeThing } from '../../domain/fact.js';
import type { ContractId } from '../../domain/values.js';
import { contractIdIn } from '../inbound/step-input.js';
import { CONTRACT_TAG } from '../ours.js';
import { believedContract } from '../register/register.js';
import { type KnownSide, type KnownThing, type ObservedSide, UNKNOWN } from './side.js';

interface Thing {
  readonly id: string;
  readonly tags: Tags;
}

/** `known` with what is said of those there whom no claim tells of. Reads only. */
export async function withLeaving(
  known: KnownSide,
  { users, roles }: ObservedSide,
  ports: Pick<Ports, 'evidence'>,
): Promise<KnownSide> {
  return {
    users: await allWithLeaving(known.users, users, 'users', ports),
    roles: await allWithLeaving(known.roles, roles, 'roles', ports),
  };
}

async function allWithLeaving(
  known: ReadonlyMap<string, KnownThing>,
  there: ReadonlyMap<string, Thing>,
  kind: 'users' | 'roles',
  ports: Pick<Ports, 'evidence'>,
): Promise<ReadonlyMap<string, KnownThing>> {
  const all = new Map(known);
  for (const [name, thing] of there) {
    const one = known.get(name) ?? UNKNOWN;
    const leaving = one.madeId === thing.id ? undefined : await recordedBy(thing, kind, ports);
    if (leaving !== undefined) all.set(name, { ...one, leaving });
  }
  return all;
}

/** The contract that the thing says it is of, where its register says that it made this very one and has not removed it. */
async function recordedBy(
  { id, tags }: Thing,
  kind: 'users' | 'roles',
  { evidence }: Pick<Ports, 'evidence'>,
): Promise<ContractId | undefined> {
  // Tags in somebody's account may say anything.
  const contractId = contractIdIn(tags[CONTRACT_TAG]);
  if (contractId === undefined) return undefined;
  const contract = await believedContract(contractId, evidence);
  const recorded: readonly GranteeThing[] = contract?.granteeSide[kind] ?? [];
  return recorded.some(({ made }) => made?.id === id) ? contractId : undefined;
}
