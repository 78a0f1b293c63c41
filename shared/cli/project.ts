/** Where the project's own files are, for the built command as for its sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeployment } from '../app/deployment/deployment.js';
import type { Surroundings } from '../app/deployment/serverless-devs.js';
import type { Deployment } from '../domain/deployment.js';

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
