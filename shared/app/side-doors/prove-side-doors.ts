/** Sees that side doors are as they should be, and says what that proves. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import { BrokenPromiseError, TryLaterError } from '../../domain/errors.js';
import type { Proof } from '../../domain/fact.js';
import { entryText, routeText } from '../../services/index.js';
import { settle } from '../proof/verdict.js';
import { loadContract } from '../register/register.js';
import { type Door, type DoorLook, doorText, lookAtAll } from './doors.js';

/**
 * Reads back until nothing is left to do.
 * @throws {TryLaterError} `CONFLICT` when somebody wrote to the register meanwhile, who may have closed what was opened here
 * @throws {BrokenPromiseError} `ACCESS_NOT_VERIFIED`
 */
export async function seeAsWanted(
  { contractId, seq }: Contract,
  doors: readonly Door[],
  ports: Ports,
): Promise<readonly DoorLook[]> {
  const isSettled = ({ steps, refused }: DoorLook) => steps.length + refused.length === 0;
  const verdict = await settle(
    () => lookAtAll(doors, ports),
    (looks) => looks.every(isSettled),
    ports,
  );
  if (verdict.outcome === 'settled') return verdict.answer;
  if ((await loadContract(contractId, ports.evidence)).seq !== seq)
    throw new TryLaterError('CONFLICT', `contract ${contractId} changed while its side doors were opened`);
  const open = verdict.last.filter((look) => !isSettled(look)).map(({ door }) => doorText(door));
  throw new BrokenPromiseError(
    'ACCESS_NOT_VERIFIED',
    `contract ${contractId}: ${open.join(', ')} reads back otherwise than it was made`,
  );
}

/** What a list shows is proven; that messages pass, nothing of ours is sent to show. */
export function proofsOf({ door, wider }: DoorLook): readonly Proof[] {
  const text = doorText(door);
  if (door.goal !== 'open') {
    const right = `${text} is ${door.goal === 'gone' ? 'gone' : 'closed'}`;
    return [{ right, verdict: 'proven', how: 'as read back' }];
  }
  if (door.kind === 'rule') {
    const how = 'the rule reads back with this pattern and this target, switched on';
    return [{ right: `${text}: ${routeText(door.route)}`, verdict: 'proven', how }, unseen(text)];
  }
  const listed = door.account.entries.map(
    (entry): Proof => ({
      right: `${entryText(entry)} by ${text}`,
      verdict: 'proven',
      how: 'the ACL lists it, and nothing for this account besides',
    }),
  );
  const besides = wider.map(
    (right): Proof => ({ right, verdict: 'proven', how: 'the ACL lists it for everybody' }),
  );
  return [...listed, ...besides, unseen(text)];
}

const unseen = (text: string): Proof => ({
  right: `messages by ${text}`,
  verdict: 'unprovable',
  how: 'Leasehold sends and receives none',
});
