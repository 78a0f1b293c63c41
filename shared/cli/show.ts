/** `leasehold show <contractId>`: what the register knows of a contract. */
import { Command } from 'commander';
import { loadFacts } from '../app/register.js';
import { makeEvidencePort } from '../cloud/alibaba/oss.js';
import type { Change, Fact } from '../domain/fact.js';
import { foldContract } from '../domain/fold-contract.js';
import { parseContractId } from '../domain/values.js';
import { type ConnectOptions, connectionFrom, withConnectOptions } from './connect.js';

export function showCommand(): Command {
  return withConnectOptions(new Command('show'))
    .description('print the register of a contract')
    .argument('<contractId>')
    .option('--json', 'print for machines')
    .option(
      '--bucket <name>',
      'evidence bucket',
      process.env['LEASEHOLD_EVIDENCE_BUCKET'] ?? 'leasehold-evidence',
    )
    .action(
      async (id: string, options: ConnectOptions & { readonly bucket: string; readonly json?: boolean }) => {
        const contractId = parseContractId(id);
        const facts = await loadFacts(contractId, makeEvidencePort(connectionFrom(options), options.bucket));
        const contract = foldContract(contractId, facts);
        if (facts.length === 0) process.exitCode = 1;
        if (options.json === true) console.log(JSON.stringify({ contract, facts }, null, 2));
        else
          console.log(
            facts.length === 0
              ? `${contractId}: unknown to the register`
              : [`${contractId}: ${contract.state}`, ...facts.map(line)].join('\n'),
          );
      },
    );
}

const line = (fact: Fact): string =>
  `  ${String(fact.seq).padStart(3)}  ${fact.at}  ${fact.kind.padEnd(13)} ${gist(fact)}  (${fact.by})`;

function gist(fact: Fact): string {
  switch (fact.kind) {
    case 'requested':
      return `by ${fact.data.request.requestedBy}, ${fact.data.request.lease.startsAt} to ${fact.data.request.lease.expiresAt}`;
    case 'rejected':
      return fact.data.reasons.map((reason) => reason.code).join(', ');
    case 'approved':
      return `by ${fact.data.by}, plan ${fact.data.planHash.slice(0, 12)}`;
    case 'awaiting-approval':
      return `until ${fact.data.until}: ${fact.data.reasons.map((reason) => reason.message).join('; ')}`;
    case 'declined':
      return `by ${fact.data.by}: ${fact.data.reason}`;
    case 'granting':
      return 'ids fixed';
    case 'role-created':
      return `role id ${fact.data.roleId}, ${fact.data.policies.length} policies`;
    case 'amendment-requested':
      return `revision ${fact.data.revision}: ${changeText(fact.data.change)}`;
    case 'amendment-dropped':
      return `revision ${fact.data.revision}: ${fact.data.reasons.map((reason) => reason.code).join(', ')}`;
    case 'amending':
      return `revision ${fact.data.revision}, ${fact.data.policies.length} policies`;
    case 'amended':
      return `revision ${fact.data.revision}: ${changeText(fact.data.change)}`;
    case 'amendment-failed':
      return `revision ${fact.data.revision}: ${fact.data.step} ${fact.data.code}`;
    case 'suspending':
    case 'resuming':
      return `${fact.data.suspension}, by ${fact.data.by}: ${fact.data.reason}`;
    case 'resumed':
      return fact.data.remaining.length === 0
        ? fact.data.suspension
        : `${fact.data.suspension}; still held by ${fact.data.remaining.join(', ')}`;
    case 'resume-failed':
      return `${fact.data.suspension}: ${fact.data.step} ${fact.data.code}`;
    case 'warned':
      return `${fact.data.days} days before ${fact.data.expiresAt}`;
    case 'drift-found':
      return `${fact.data.action}: ${fact.data.findings.map((finding) => finding.code).join(', ')}; ${fact.data.who}`;
    case 'drift-gone':
      return fact.data.how;
    case 'verified':
    case 'activated':
    case 'opened':
      return `${fact.data.proofs.filter((proof) => proof.verdict === 'proven').length} of ${fact.data.proofs.length} rights proven by calls`;
    case 'ending':
    case 'ended':
      return `${fact.data.reason}: ${fact.data.detail}`;
    case 'cut':
    case 'suspended':
      return fact.data.timeToDenySeconds === undefined
        ? fact.data.witness
        : `refused after ${fact.data.timeToDenySeconds} s`;
    case 'removed':
      return fact.data.tokenDeath;
    case 'failed':
      return `${fact.data.step}: ${fact.data.code}; ${fact.data.next}`;
  }
}

const changeText = ({ widens, narrows }: Change): string =>
  [...widens.map((what) => `+ ${what}`), ...narrows.map((what) => `- ${what}`)].join('; ') || 'no difference';
