/** `leasehold revoke <contractId>`: ends a contract, by event or, with `--direct`, from here. */
import { Command } from 'commander';
import { type DirectEnd, revokeDirectly } from '../app/ending/revoke-directly.js';
import { printable } from '../app/printable.js';
import { type ContractId, parseContractId } from '../domain/values.js';
import { type Operator, operatorFrom } from './operator.js';
import {
  eventFromHere,
  postFromHere,
  refuseUnknown,
  type WishOptions,
  whoAmI,
  withWishOptions,
} from './wish.js';
import { byWayOf } from './witness.js';

interface RevokeOptions extends WishOptions {
  readonly closeUnknown?: boolean;
  readonly direct?: boolean;
  readonly witnessRole?: string;
}

export function revokeCommand(): Command {
  return withWishOptions(new Command('revoke'))
    .description('end a contract now, for good')
    .option('--close-unknown', 'also an id that the register does not know: nobody can ever use it then')
    .option(
      '--direct',
      'from here and with your own rights, past EventBridge, CloudFlow and Function Compute',
    )
    .option(
      '--witness-role <arn>',
      'with --direct: a verifier role that trusts you too, to see sessions refused with',
      process.env['LEASEHOLD_WITNESS_ROLE'] || undefined,
    )
    .action(async (id: string, options: RevokeOptions, command: Command) => {
      const contractId = parseContractId(id);
      // Whoever forgot it would wait for flows that may be down. The variable may stay set.
      if (options.direct !== true && command.getOptionValueSource('witnessRole') === 'cli')
        throw new Error('--witness-role is for --direct: by event, the flows have witnesses of their own');
      const operator = await operatorFrom(options);
      if (options.direct === true) console.log(printEnd(await endDirectly(contractId, options, operator)));
      else await postTermination(contractId, options, operator);
    });
}

const CLOSE_IT =
  '; if it is to be closed all the same, so that nobody can use it, say --close-unknown, without --direct';

async function postTermination(
  contractId: ContractId,
  { reason, by = whoAmI(), closeUnknown }: RevokeOptions,
  operator: Operator,
): Promise<void> {
  if (closeUnknown !== true) await refuseUnknown(contractId, operator, CLOSE_IT);
  const data = { contractId, reason, requestedBy: by };
  const event = eventFromHere('terminate', 'partner.contract.terminated', data, operator);
  await postFromHere(event, operator);
  console.log(
    `posted ${event.type} for ${contractId}; "leasehold show ${contractId}" tells when it has ended`,
  );
}

async function endDirectly(
  contractId: ContractId,
  { reason: detail, by = whoAmI(), witnessRole }: RevokeOptions,
  operator: Operator,
): Promise<DirectEnd> {
  await refuseUnknown(contractId, operator, CLOSE_IT);
  const { ports, connection } = operator;
  const looking = witnessRole === undefined ? ports : await byWayOf(witnessRole, ports, connection);
  return revokeDirectly(contractId, { detail, by }, looking);
}

function printEnd({ contract, announced }: DirectEnd): string {
  const { contractId, ended, cut, removed } = contract;
  return [
    `${contractId}: ${contract.state} at ${ended?.at} (${ended?.reason}: ${ended?.detail})`,
    `  refused    ${cut?.timeToDenySeconds === undefined ? cut?.witness : `seen ${cut.timeToDenySeconds} s after the cut: ${cut.witness}`}`,
    `  removed    ${removed?.tokenDeath}`,
    ...(cut?.unseen ?? []).map((what) => `  not seen   ${what}`),
    ...(removed?.foreign ?? []).map((what) => `  not ours   ${what}`),
    announced
      ? '  announced  partner.access.revoked'
      : '  NOT announced: the bus did not take it. It stands in the register, and the sweep announces it when it runs again.',
  ]
    .map(printable)
    .join('\n');
}
