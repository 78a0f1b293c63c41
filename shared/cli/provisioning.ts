/** `leasehold provisioning <accountId>`: what a partner's administrator makes so that Leasehold may set up users there. */
import { Command } from 'commander';
import { provisioningExternalId } from '../app/grantee/provisioning.js';
import { provisioningDocuments } from '../app/grantee/provisioning-rights.js';
import { sh } from '../app/hand-over/snippets/snippet.js';
import { PROVISIONING_ROLE } from '../domain/provisioning.js';
import { parseAccountId } from '../domain/values.js';
import { type RegisterOptions, withRegisterOptions } from './connect.js';
import { operatorFrom } from './operator.js';

export function provisioningCommand(): Command {
  return withRegisterOptions(new Command('provisioning'))
    .description('print what a partner makes once, so that Leasehold may set up its users (setup "managed")')
    .argument('<accountId>', 'the partner: 16 digits')
    .option('--json', 'print for machines')
    .action(async (text: string, options: RegisterOptions & { readonly json?: boolean }) => {
      const { ports } = await operatorFrom(options);
      const accountId = parseAccountId(text);
      const documents = provisioningDocuments({
        accountId,
        functionRoleArn: ports.settings.provisionerRoleArn,
        externalId: await provisioningExternalId(accountId, ports),
      });
      console.log(
        options.json === true ? JSON.stringify(documents, null, 2) : instructions(accountId, documents),
      );
    });
}

const instructions = (
  accountId: string,
  documents: ReturnType<typeof provisioningDocuments>,
): string => `An administrator of account ${accountId} runs this once. It lets Leasehold, and nobody without this ExternalId,
make users, roles and policies lease-* there. Whoever can give users policies can give itself more, so keep an
eye on the role; deleting it shuts Leasehold out, and what it made then is yours to remove.

aliyun ram CreateRole --RoleName ${PROVISIONING_ROLE} \\
  --AssumeRolePolicyDocument ${sh(documents.trust)}
aliyun ram CreatePolicy --PolicyName ${PROVISIONING_ROLE} \\
  --PolicyDocument ${sh(documents.policy)}
aliyun ram AttachPolicyToRole --PolicyType Custom --PolicyName ${PROVISIONING_ROLE} --RoleName ${PROVISIONING_ROLE}`;
