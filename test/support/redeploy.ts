/** Deployed functions, changed as `s deploy` changes them. */
import FcPackage, * as Fc from '@alicloud/fc20230330';
import { clientClass, sdkConfig } from '../../shared/cloud/alibaba/connection.js';
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
