/** `leasehold revoke <contractId>`: ends a contract, by event or, with `--direct`, from here. */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { Command } from 'commander';
import { type DirectEnd, revokeDirectly } from '../app/ending/revoke-directly.js';
import { printable } from '../app/printable.js';
import { loadContract } from '../app/register/register.js';
import type { Ports } from '../cloud/ports.js';
import { nameOfError } from '../domain/errors.js';
import { type ContractId, parseContractId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { NothingThereError } from './exit-codes.js';
import { type Operator, operatorFrom } from './operator.js';
import { post } from './post.js';
import { byWayOf } from './witness.js';

interface RevokeOptions extends RegisterOptions {
  readonly reason: string;
  readonly by?: string;
  readonly closeUnknown?: boolean;
  readonly direct?: boolean;
  readonly witnessRole?: string;
}

export function revokeCommand(): Command {
  return withRegisterOptions(new Command('revoke'))
    .description('end a contract now, for good')
    .argument('<contractId>')
    .requiredOption('--reason <text>', 'why; it goes to the register and to whoever listens')
    .option('--by <who>', 'who wants it; you at this machine, unless said')
    .option('--close-unknown', 'also an id that the register does not know: nobody can ever use it then')
    .option(
      '--direct',
      'from here and with your own rights, past EventBridge, CloudFlow and Function Compute',
    )
    .option(
      '--witness-role <arn>',
      'with --direct: a verifier role that trusts you too, to see sessions refused with',
      process.env['LEASEHOLD_WITNESS_ROLE'],
    )
    .action(async (id: string, options: RevokeOptions) => {
      const contractId = parseContractId(id);
      const operator = operatorFrom(options);
      if (options.direct === true) console.log(printEnd(await endDirectly(contractId, options, operator)));
      else await postTermination(contractId, options, operator);
    });
}

async function postTermination(
  contractId: ContractId,
  { reason, by = whoAmI(), closeUnknown }: RevokeOptions,
  { ports, inBus, connection, config }: Operator,
): Promise<void> {
  if (closeUnknown !== true) await refuseUnknown(contractId, config.evidenceBucket, ports);
  const event = {
    id: `terminate-${randomUUID()}`,
    source: 'leasehold-cli',
    type: 'partner.contract.terminated',
    subject: contractId,
    time: ports.clock.now(),
    data: { contractId, reason, requestedBy: by },
  };
  await post(event, inBus, connection);
  console.log(
    `posted ${event.type} for ${contractId}; "leasehold show ${contractId}" tells when it has ended`,
  );
}

async function endDirectly(
  contractId: ContractId,
  { reason: detail, by = whoAmI(), witnessRole }: RevokeOptions,
  { ports, connection, config }: Operator,
): Promise<DirectEnd> {
  await refuseUnknown(contractId, config.evidenceBucket, ports);
  const looking = witnessRole === undefined ? ports : await byWayOf(witnessRole, ports, connection);
  return revokeDirectly(contractId, { detail, by }, looking);
}

/** As far as the machine knows: in a container nobody need have a name. */
function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}

/** A slip of the pen would close an id for good. A register that cannot be asked stops nothing: the cut needs none. */
async function refuseUnknown(
  contractId: ContractId,
  bucket: string,
  { evidence, log }: Ports,
): Promise<void> {
  let state: string;
  try {
    state = (await loadContract(contractId, evidence)).state;
  } catch (error) {
    log.warn({ error: nameOfError(error) }, 'the register cannot be asked; going on all the same');
    return;
  }
  if (state === 'unknown')
    throw new NothingThereError(
      `${contractId} is unknown to the register in ${bucket}; if it is to be closed all the same, so that nobody can use it, say --close-unknown, without --direct`,
    );
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
