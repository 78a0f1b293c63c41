/** What a suspension is lifted by. Pure. */
import type { Contract } from '../../domain/contract.js';

/** So that what is put after an id leaves it one that a resume may name. */
const MAX_ID = 120;

/**
 * The id of the event that asks for it; where one of this contract ever bore that, which another sender chose as well, the id with a
 * number after it. Each is lifted by itself, and what comes late for one that is over lifts no other.
 */
export function suspensionName({ facts }: Pick<Contract, 'facts'>, id: string): string {
  const taken = new Set(facts.flatMap((fact) => (fact.kind === 'suspending' ? [fact.data.suspension] : [])));
  let name = id;
  for (let nth = 2; taken.has(name); nth++) name = `${id.slice(0, MAX_ID)}-${nth}`;
  return name;
}
