import { readProject } from '../../shared/cli/project.js';
import type { Deployment } from '../../shared/domain/deployment.js';
import { OWNER } from './requests.js';

/** What the project deploys, with these variables. */
export const deploymentWith = (env: Readonly<Record<string, string>> = {}): Deployment =>
  readProject({ env, accountId: OWNER });
