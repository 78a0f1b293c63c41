/** `leasehold render`: writes what the components of `s.yaml` read: templates and flows with every parameter filled in. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { renderedFiles } from '../app/deployment/rendered.js';
import { readConfig } from '../config.js';
import { hasKeys } from './connect.js';
import { projectRoot, readCheckedProject, warnOfUnread } from './project.js';
import { writeTextFile } from './write-file.js';

const FOLDER = join('dist', 'deploy');

interface Options {
  readonly account: string;
  readonly out: string;
  readonly demandKeys?: true;
}

export function renderCommand(): Command {
  return new Command('render')
    .description('check the configuration and write what `s deploy` deploys to dist/deploy; calls no cloud')
    .addOption(
      new Option('--account <id>', 'account of the resource owner')
        .env('LEASEHOLD_ACCOUNT')
        .makeOptionMandatory(),
    )
    .option(
      '--out <folder>',
      'where to; the components of s.yaml read the default',
      join(projectRoot, FOLDER),
    )
    .option('--demand-keys', 'refuse also where there are no keys for `leasehold deploy`, which comes later')
    .action(({ account, out, demandKeys }: Options) => {
      // Serverless Devs runs commands without the keys of its `access`: they have what is in the environment.
      if (demandKeys && !hasKeys())
        throw new Error(
          'set AccessKeyID and AccessKeySecret: they are not in the environment, and commands that Serverless Devs runs have no other keys',
        );
      warnOfUnread(process.env);
      const stage = { env: { ...process.env, LEASEHOLD_ACCOUNT: account }, accountId: account };
      // What the functions would refuse at their start is refused here, before anything is deployed.
      const deployment = readCheckedProject(stage);
      const { settings } = readConfig(deployment.functions[0]?.environmentVariables ?? {});
      if (settings.approvals.approvers.length === 0 && settings.admission.autoApproval.maxLeaseSeconds === 0)
        console.error(
          'whatever is asked of this stage will be refused: LEASEHOLD_APPROVERS names nobody, and LEASEHOLD_AUTO_APPROVAL lets nothing through',
        );
      const files = Object.entries(renderedFiles(deployment));
      for (const [name, text] of files) writeTextFile(join(out, name), text);
      console.log(`${files.length} files in ${out}, for account ${account} in ${deployment.values.region}`);
    });
}
