/** Deployed functions, changed as `s deploy` changes them. */
import FcPackage, * as Fc from '@alicloud/fc20230330';
import { deployAll } from '../../shared/cli/embedded/deploy.js';
import { EMBEDDED_SETTINGS } from '../../shared/cli/embedded/start.js';
import { readProject } from '../../shared/cli/project.js';
import { clientClass, sdkConfig } from '../../shared/cloud/alibaba/connection.js';
import { OWNER, REGION } from './requests.js';
import type { World } from './world.js';

export const fcOf = ({ cloud }: World) => {
  const connection = cloud.connectionOf(cloud.root);
  return new (clientClass(FcPackage))(sdkConfig(connection, ''));
};

/** Every function gets `env` besides what it has. */
export async function redeploy(world: World, env: Readonly<Record<string, string>>): Promise<void> {
  for (const { functionName, environmentVariables } of world.cloud.deployment.functions)
    await fcOf(world).updateFunction(
      functionName,
      new Fc.UpdateFunctionRequest({
        body: new Fc.UpdateFunctionInput({ environmentVariables: { ...environmentVariables, ...env } }),
      }),
    );
}

export interface Pause {
  /** Before the first function is deployed, or after the last flow is. */
  readonly at: 'before functions' | 'after flows';
  readonly during: () => Promise<void>;
}

/** The whole project, deployed over what runs with other variables, as `s deploy` does it. */
export async function deployOver(
  { cloud }: World,
  env: Readonly<Record<string, string>>,
  { at, during }: Pause = { at: 'after flows', during: async () => undefined },
): Promise<void> {
  const deployment = readProject({
    env: { ...EMBEDDED_SETTINGS, LEASEHOLD_ENDPOINT: cloud.endpoint, LEASEHOLD_REGION: REGION, ...env },
    accountId: OWNER,
  });
  const connection = cloud.connectionOf(cloud.root);
  const { steps } = deployment;
  const pause =
    at === 'before functions'
      ? steps.findIndex(({ kind }) => kind === 'function')
      : steps.findLastIndex(({ kind }) => kind === 'flow') + 1;
  await deployAll({ ...deployment, steps: steps.slice(0, pause) }, connection);
  await during();
  await deployAll({ ...deployment, steps: steps.slice(pause) }, connection);
}
