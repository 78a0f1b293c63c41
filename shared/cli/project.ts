/** Where the project's own files are, for the built command as for its sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeployment, settingProblems } from '../app/deployment/deployment.js';
import type { Surroundings } from '../app/deployment/serverless-devs.js';
import { configProblems } from '../config.js';
import type { Deployment } from '../domain/deployment.js';
import { InvalidRequestError } from '../domain/errors.js';

/** The folder with `s.yaml`, found upwards from this file. */
export const projectRoot = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 's.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('s.yaml is not in any folder above this command');
    folder = parent;
  }
  return folder;
})();

const readText = (...path: readonly string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');

/** Files of workflows/ that are no flows. */
const NO_FLOWS = ['triggers.yaml', 'alarms.yaml'];

/** Read by commands alone, and by no function. */
const OF_COMMANDS = ['LEASEHOLD_OSS', 'LEASEHOLD_WITNESS_ROLE'];

/** Warns of variables that look like ours and are none: what a slip of the pen was meant to say is at its default. */
export function warnOfUnread(env: NodeJS.ProcessEnv): void {
  const known = new Set([...OF_COMMANDS, ...(readText('s.yaml').match(/LEASEHOLD_[A-Z0-9_]+/g) ?? [])]);
  for (const name of Object.keys(env).filter((one) => one.startsWith('LEASEHOLD_') && !known.has(one)))
    console.error(`nobody reads ${name}; the variables that there are stand in s.yaml`);
}

/** All that is set wrong, be it for the deployment or for its functions, which would refuse to start. */
export const problemsIn = (surroundings: Surroundings): readonly string[] =>
  settingProblems({ serverless: readText('s.yaml') }, surroundings, configProblems);

/** As `readProject`. @throws {InvalidRequestError} `BAD_CONFIG`, naming all that is set wrong at once */
export function readCheckedProject(surroundings: Surroundings): Deployment {
  const problems = problemsIn(surroundings);
  if (problems.length > 0)
    throw new InvalidRequestError('BAD_CONFIG', `configuration: ${problems.join('; ')}`);
  return readProject(surroundings);
}

/** What is to be deployed, as the project's files say. */
export function readProject(surroundings: Surroundings): Deployment {
  const flows = readdirSync(join(projectRoot, 'workflows')).filter(
    (file) => file.endsWith('.yaml') && !NO_FLOWS.includes(file),
  );
  return readDeployment(
    {
      serverless: readText('s.yaml'),
      triggers: readText('workflows', 'triggers.yaml'),
      alarms: readText('workflows', 'alarms.yaml'),
      roles: readText('functions', 'roles.yaml'),
      flows: Object.fromEntries(
        flows.map((file) => [file.replace(/\.yaml$/, ''), readText('workflows', file)]),
      ),
    },
    surroundings,
  );
}
