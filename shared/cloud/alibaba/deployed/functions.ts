/** Which functions are there, how they are set, and what their code is. Both generations of Function Compute. */
import { createHash } from 'node:crypto';
import FcPackage, * as Fc from '@alicloud/fc20230330';
import { unzipSync } from 'fflate';
import type { DeployedFunction, FileDigests } from '../../../domain/deployed.js';
import type { Deployment } from '../../../domain/deployment.js';
import { TryLaterError } from '../../../domain/errors.js';
import { type Connection, clientClass, sdkConfig } from '../connection.js';
import { codeOf, doing } from '../failures.js';
import { fc2Client } from '../function-services.js';
import { look } from './look.js';

/** The most that ListFunctions gives at once, by either API. */
const PAGE = 100;

type Settings = Omit<DeployedFunction, 'code'>;
type Described = Readonly<{ [name in keyof Settings]?: Settings[name] | undefined }>;

/** All whose names begin with our prefix; the code of those that are to be there. */
export function deployedFunctions(
  { functions, generation, values }: Deployment,
  connection: Connection,
): Promise<readonly DeployedFunction[]> {
  const prefix = `${values.prefix}-`;
  const wanted = new Set(functions.map(({ functionName }) => functionName));
  return generation === '3.0'
    ? alone({ prefix, wanted }, connection)
    : inServices([...new Set(functions.map(({ role }) => role))], { prefix, wanted }, connection);
}

interface Sought {
  readonly prefix: string;
  readonly wanted: ReadonlySet<string>;
}

async function alone(
  { prefix, wanted }: Sought,
  connection: Connection,
): Promise<readonly DeployedFunction[]> {
  const client = new (clientClass(FcPackage))(
    sdkConfig(connection, `fcv3.${connection.region}.aliyuncs.com`),
  );
  const names: string[] = [];
  for (let nextToken: string | undefined; ; ) {
    const { body } = await doing('listing functions', () =>
      client.listFunctions(
        new Fc.ListFunctionsRequest({
          prefix,
          fcVersion: 'v3', // else those of 2.0 too, under names of both service and function
          limit: PAGE,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      ),
    );
    names.push(...(body?.functions ?? []).map(({ functionName = '' }) => functionName));
    nextToken = body?.nextToken || undefined;
    if (nextToken === undefined) break;
  }
  // A list gives some of the properties only. Source: Function Compute API reference, ListFunctions.
  const found = await Promise.all(
    names
      .filter((name) => name.startsWith(prefix))
      .map(async (functionName) => {
        const { body = {} } = await doing(`reading function ${functionName}`, () =>
          client.getFunction(functionName, new Fc.GetFunctionRequest({})),
        );
        return settingsOf(body, body);
      }),
  );
  return withCode(found, wanted, connection, async (name) => {
    const { body } = await client.getFunctionCode(name, new Fc.GetFunctionCodeRequest({}));
    return body?.url;
  });
}

/** Under 2.0 the role is the service's. A service that is not there has no functions. */
async function inServices(
  services: readonly string[],
  { prefix, wanted }: Sought,
  connection: Connection,
): Promise<readonly DeployedFunction[]> {
  const client = fc2Client(connection);
  const found = await Promise.all(
    services.map(async (service): Promise<readonly DeployedFunction[]> => {
      const role = await doing(`looking at service ${service}`, () =>
        unlessNoService(client.getService(service)),
      );
      if (role === undefined) return [];
      const there: Settings[] = [];
      for (let nextToken: string | undefined; ; ) {
        const { data } = await doing(`listing functions of ${service}`, () =>
          client.listFunctions(service, { limit: PAGE, ...(nextToken === undefined ? {} : { nextToken }) }),
        );
        const page = data as { readonly functions?: readonly Described[]; readonly nextToken?: string };
        there.push(...(page.functions ?? []).map((one) => settingsOf(one, role.data as OfService)));
        nextToken = page.nextToken || undefined;
        if (nextToken === undefined) break;
      }
      return withCode(there.filter(isBelow(prefix)), wanted, connection, async (name) => {
        const { data } = await client.getFunctionCode(service, name);
        return (data as { readonly url?: string }).url;
      });
    }),
  );
  return found.flat();
}

async function unlessNoService<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (failure) {
    if (codeOf(failure) === 'ServiceNotFound') return undefined;
    throw failure;
  }
}

const isBelow =
  (prefix: string) =>
  ({ functionName }: Settings): boolean =>
    functionName.startsWith(prefix);

/** Under 2.0 a function has them of its service. */
type OfService = Pick<Described, 'role' | 'logConfig'>;

const settingsOf = (one: Described, { role, logConfig }: OfService): Settings => ({
  functionName: one.functionName ?? '',
  runtime: one.runtime ?? '',
  handler: one.handler ?? '',
  memorySize: one.memorySize ?? 0,
  timeout: one.timeout ?? 0,
  ...(one.cpu === undefined ? {} : { cpu: one.cpu }),
  ...(one.diskSize === undefined ? {} : { diskSize: one.diskSize }),
  role: role ?? '',
  logConfig: logConfig ?? {},
  environmentVariables: one.environmentVariables ?? {},
});

const withCode = (
  found: readonly Settings[],
  wanted: ReadonlySet<string>,
  connection: Connection,
  addressOf: (name: string) => Promise<string | undefined>,
): Promise<readonly DeployedFunction[]> =>
  Promise.all(
    found.map(async (one) =>
      wanted.has(one.functionName)
        ? { ...one, code: await look(() => filesOf(one.functionName, addressOf, connection)) }
        : one,
    ),
  );

/** GetFunctionCode gives an address of OSS that is good for a while. */
const filesOf = (
  name: string,
  addressOf: (name: string) => Promise<string | undefined>,
  { endpoint, timeoutMilliseconds }: Connection,
): Promise<FileDigests> =>
  doing(`fetching the code of ${name}`, async () => {
    const address = (await addressOf(name)) ?? '';
    // Documented with http; what is compared must not be changed on its way.
    const url = endpoint === undefined ? address.replace(/^http:/, 'https:') : address;
    const reply = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    if (!reply.ok) throw new TryLaterError('UNAVAILABLE', `the code of ${name} was answered ${reply.status}`);
    return digestsOf(unzipSync(new Uint8Array(await reply.arrayBuffer())));
  });

/** Folders, which some zip tools write as entries, are no files. */
export const digestsOf = (files: Readonly<Record<string, Uint8Array>>): FileDigests =>
  Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => !path.endsWith('/'))
      .map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]),
  );
