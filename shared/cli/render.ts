/** `leasehold render`: writes what the components of `s.yaml` read: templates and flows with every parameter filled in. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { renderedFiles } from '../app/deployment/rendered.js';
import { readConfig } from '../config.js';
import { projectRoot, readProject } from './project.js';

const FOLDER = join('dist', 'deploy');

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
    .action(({ account, out }: { readonly account: string; readonly out: string }) => {
      const deployment = readProject({ env: process.env, accountId: account });
      // What the functions would refuse at their start is refused here, before anything is deployed.
      readConfig(deployment.functions[0]?.environmentVariables ?? {});
      const files = Object.entries(renderedFiles(deployment));
      for (const [name, text] of files) {
        mkdirSync(dirname(join(out, name)), { recursive: true });
        writeFileSync(join(out, name), text);
      }
      console.log(`${files.length} files in ${out}, for account ${account} in ${deployment.values.region}`);
    });
}
