/**
 * Makes functions and flows in an account, as the components of Serverless Devs do. Meant for the embedded cloud, where it stands
 * in for them; what exists already is changed to what it should be.
 */
import FcPackage, * as Fc from '@alicloud/fc20230330';
import type { FlowToDeploy, FunctionToDeploy } from '../../domain/deployment.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { doing } from './failures.js';
import { flowClient } from './flow-client.js';
import { makeOrChange } from './stacks.js';

/** As component `fc3`. May run twice. */
export function deployFunction(
  one: FunctionToDeploy,
  zip: Uint8Array,
  connection: Connection,
): Promise<void> {
  const client = new (clientClass(FcPackage))(
    sdkConfig(connection, `fcv3.${connection.region}.aliyuncs.com`),
  );
  const wanted = {
    runtime: one.runtime,
    handler: one.handler,
    memorySize: one.memorySize,
    cpu: one.cpu,
    diskSize: one.diskSize,
    timeout: one.timeout,
    role: `acs:ram::${connection.owner}:role/${one.role}`,
    environmentVariables: one.environmentVariables,
    logConfig: new Fc.LogConfig(one.logs),
    code: new Fc.InputCodeLocation({ zipFile: Buffer.from(zip).toString('base64') }),
  };
  const { functionName } = one;
  const create = new Fc.CreateFunctionInput({ functionName, ...wanted });
  const update = new Fc.UpdateFunctionInput(wanted);
  return makeOrChange(
    () =>
      doing(`making function ${functionName}`, () =>
        client.createFunction(new Fc.CreateFunctionRequest({ body: create })),
      ),
    () =>
      doing(`changing function ${functionName}`, () =>
        client.updateFunction(functionName, new Fc.UpdateFunctionRequest({ body: update })),
      ),
  );
}

/** As component `flow`. May run twice. */
export function deployFlow(flow: FlowToDeploy, connection: Connection): Promise<void> {
  const client = flowClient(connection);
  const wanted = {
    Name: flow.name,
    Definition: flow.definition,
    Description: flow.description,
    Type: 'FDL',
    RoleArn: `acs:ram::${connection.owner}:role/${flow.roleName}`,
  };
  return makeOrChange(
    () => doing(`making flow ${flow.name}`, () => client.createFlow(wanted)),
    () => doing(`changing flow ${flow.name}`, () => client.updateFlow(wanted)),
  );
}
