/** What somebody at this machine wants of a contract, told by event: what it is, why, and who he is. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { parseAnyEvent } from '../app/inbound/every-event.js';
import type { InboundEvent } from '../app/inbound/parse-event.js';
import { loadContract } from '../app/register/register.js';
import type { EventToPost } from '../cloud/alibaba/events.js';
import type { ContractState } from '../domain/contract.js';
import { nameOfError } from '../domain/errors.js';
import type { ContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { NothingThereError } from './exit-codes.js';
import type { Operator } from './operator.js';
import { post } from './post.js';
import { reasonText } from './reason-text.js';

export interface WishOptions extends RegisterOptions {
  readonly reason: string;
  readonly by?: string;
}

export const withWishOptions = (command: Command): Command =>
  withRegisterOptions(command)
    .argument('<contractId>')
    .requiredOption('--reason <text>', 'why; it goes to the register and to whoever listens')
    .option('--by <who>', 'who wants it; you at this machine, unless said');

/** As far as the machine knows: in a container nobody need have a name. */
export function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}

/** An event of this machine's; `what` begins its id. */
export const eventFromHere = <Data extends { readonly contractId: ContractId }>(
  what: string,
  type: InboundEvent['type'],
  data: Data,
  { ports }: Pick<Operator, 'ports'>,
): EventToPost => ({
  id: `${what}-${randomUUID()}`,
  source: 'leasehold-cli',
  type,
  subject: data.contractId,
  time: ports.clock.now(),
  data,
});

/**
 * Whoever reads that it was posted waits for what it brings about: what would be refused there is not sent.
 * @throws {Error} with every reason
 */
export async function postFromHere(event: EventToPost, { inBus, connection }: Operator): Promise<void> {
  const parsed = parseAnyEvent(JSON.stringify(event));
  if (!parsed.ok) throw new Error(parsed.reasons.map(reasonText).join('; '));
  await post(event, inBus, connection);
}

/**
 * For a slip of the pen. Gives back the state, if there was an answer: a register that cannot be asked stops nothing, since to shut
 * somebody out needs none.
 * @throws {NothingThereError} `otherwise`: what to do if it is meant all the same
 */
export async function refuseUnknown(
  contractId: ContractId,
  { ports: { evidence, log }, config }: Operator,
  otherwise = '',
): Promise<ContractState | undefined> {
  let state: ContractState;
  try {
    state = (await loadContract(contractId, evidence)).state;
  } catch (error) {
    log.warn({ error: nameOfError(error) }, 'the register cannot be asked; going on all the same');
    return undefined;
  }
  if (state === 'unknown')
    throw new NothingThereError(
      `${contractId} is unknown to the register in ${config.evidenceBucket}${otherwise}`,
    );
  return state;
}
