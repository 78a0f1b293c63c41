/** Function Compute 2.0: services, and functions in them. For accounts that still have services. */
import Fc2Client from '@alicloud/fc2';
import type { FunctionToDeploy } from '../../domain/deployment.js';
import type { Connection } from './connection.js';
import { codeOf, doing } from './failures.js';

export interface FunctionServices {
  /** Names of the functions in a service; `undefined` when there is no such service. */
  functionsIn(service: string): Promise<readonly string[] | undefined>;
  /** The service runs under the role of its own name, and logs where `logs` says. */
  createService(service: string, logs: FunctionToDeploy['logs']): Promise<void>;
  createFunction(service: string, toDeploy: FunctionToDeploy, zip: Uint8Array): Promise<void>;
  updateFunction(service: string, toDeploy: FunctionToDeploy, zip: Uint8Array): Promise<void>;
}

const PAGE = 100;

export function fc2Client({
  owner,
  region,
  credentials,
  endpoint,
  timeoutMilliseconds,
}: Connection): Fc2Client {
  return new Fc2Client(owner, {
    accessKeyID: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    ...(credentials.securityToken === undefined ? {} : { securityToken: credentials.securityToken }),
    region,
    ...(endpoint === undefined ? { secure: true } : { endpoint: `http://${endpoint}` }),
    timeout: timeoutMilliseconds,
  });
}

export function makeFunctionServices(connection: Connection): FunctionServices {
  const client = fc2Client(connection);
  const roleArn = (name: string) => `acs:ram::${connection.owner}:role/${name}`;
  return {
    functionsIn: (service) =>
      doing(`looking at service ${service}`, async () => {
        const names: string[] = [];
        try {
          for (let nextToken: string | undefined; ; ) {
            const { data } = await client.listFunctions(service, {
              limit: PAGE,
              ...(nextToken === undefined ? {} : { nextToken }),
            });
            const page = data as {
              readonly functions?: readonly { readonly functionName: string }[];
              readonly nextToken?: string;
            };
            names.push(...(page.functions ?? []).map(({ functionName }) => functionName));
            nextToken = page.nextToken || undefined;
            if (nextToken === undefined) return names;
          }
        } catch (failure) {
          if (codeOf(failure) === 'ServiceNotFound') return undefined;
          throw failure;
        }
      }),
    createService: async (service, logConfig) => {
      await doing(`making service ${service}`, () =>
        client.createService(service, { role: roleArn(service), logConfig, internetAccess: true }),
      );
    },
    createFunction: async (service, toDeploy, zip) => {
      await doing(`making function ${service}/${toDeploy.functionName}`, () =>
        client.createFunction(service, settingsOf(toDeploy, zip)),
      );
    },
    updateFunction: async (service, toDeploy, zip) => {
      await doing(`writing function ${service}/${toDeploy.functionName}`, () =>
        client.updateFunction(service, toDeploy.functionName, settingsOf(toDeploy, zip)),
      );
    },
  };
}

const settingsOf = (
  { functionName, runtime, handler, memorySize, timeout, environmentVariables }: FunctionToDeploy,
  zip: Uint8Array,
) => ({
  functionName,
  runtime,
  handler,
  memorySize,
  timeout,
  environmentVariables: { ...environmentVariables }, // the client rewrites its parameters in place
  code: { zipFile: Buffer.from(zip).toString('base64') },
});
