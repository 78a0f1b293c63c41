/**
 * Makes in an account what a `Deployment` lists, over the official SDKs. Meant for the embedded cloud, where it stands in
 * for `s deploy`; everything that exists already is left as it is.
 */
import FcPackage, * as Fc from '@alicloud/fc20230330';
import FnfClient from '@alicloud/fnf-2019-03-15';
import OpenApiPackage, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import OSS from 'ali-oss';
import type {
  Deployment,
  FlowToDeploy,
  FunctionToDeploy,
  RuleToDeploy,
  ScheduleToDeploy,
} from '../../domain/deployment.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { codeOf, doing } from './failures.js';
import { makeRamPort } from './ram.js';

/** Zipped code of each function, by function name. */
export type FunctionCode = (toDeploy: FunctionToDeploy) => Uint8Array;

/** Deploys in an order that works: roles before what runs under them, buses before rules. May run twice. */
export async function deploy(
  deployment: Deployment,
  code: FunctionCode,
  connection: Connection,
): Promise<void> {
  await deployRoles(deployment, connection);
  await Promise.all([
    ...deployment.buckets.map((bucket) => deployBucket(bucket, connection)),
    ...deployment.functions.map((one) => deployFunction(one, code(one), connection)),
    ...deployment.flows.map((flow) => deployFlow(flow, connection)),
    deployRules(deployment, connection),
  ]);
}

async function deployRoles(deployment: Deployment, connection: Connection): Promise<void> {
  const ram = makeRamPort(connection);
  for (const stop of deployment.stops) await ram.createPolicy({ ...stop, tags: {} });
  for (const role of deployment.roles) {
    const policy = {
      name: role.name,
      document: role.document,
      description: 'Leasehold: what one group of functions may do.',
      tags: {},
    };
    // Our own roles have names that the lease roles' type does not admit, on purpose; only this deployer makes them.
    const name = role.name as Parameters<typeof ram.createRole>[0]['name'];
    await ram.createRole({
      name,
      trust: role.trust,
      description: policy.description,
      maxSessionSeconds: 3600,
      tags: {},
    });
    await ram.createPolicy(policy);
    await ram.attach(name, { policy: { type: 'Custom', name: role.name } });
  }
}

async function deployBucket(bucket: string, connection: Connection): Promise<void> {
  const client = new OSS({
    region: `oss-${connection.region}`,
    accessKeyId: connection.credentials.accessKeyId,
    accessKeySecret: connection.credentials.accessKeySecret,
    bucket,
    ...(connection.endpoint === undefined ? { secure: true } : { endpoint: `http://${connection.endpoint}` }),
    ...({ authorizationV4: true } as object),
  });
  await doing(`making bucket ${bucket}`, () => client.putBucket(bucket));
}

async function deployFunction(one: FunctionToDeploy, zip: Uint8Array, connection: Connection): Promise<void> {
  const client = new (clientClass(FcPackage))(
    sdkConfig(connection, `fcv3.${connection.region}.aliyuncs.com`),
  );
  await unlessThere(`making function ${one.functionName}`, () =>
    client.createFunction(
      new Fc.CreateFunctionRequest({
        body: new Fc.CreateFunctionInput({
          functionName: one.functionName,
          runtime: one.runtime,
          handler: one.handler,
          memorySize: one.memorySize,
          cpu: one.cpu,
          diskSize: one.diskSize,
          timeout: one.timeout,
          role: `acs:ram::${connection.owner}:role/${one.role}`,
          environmentVariables: one.environmentVariables,
          code: new Fc.InputCodeLocation({ zipFile: Buffer.from(zip).toString('base64') }),
        }),
      }),
    ),
  );
}

async function deployFlow(flow: FlowToDeploy, connection: Connection): Promise<void> {
  const client = new FnfClient({
    accessKeyId: connection.credentials.accessKeyId,
    accessKeySecret: connection.credentials.accessKeySecret,
    endpoint:
      connection.endpoint === undefined
        ? `https://${connection.region}.fnf.aliyuncs.com`
        : `http://${connection.endpoint}`,
  });
  await unlessThere(`making flow ${flow.name}`, () =>
    client.createFlow({
      Name: flow.name,
      Definition: flow.definition,
      Description: 'Leasehold',
      Type: 'FDL',
      RoleArn: `acs:ram::${connection.owner}:role/${flow.roleName}`,
    }),
  );
}

async function deployRules(deployment: Deployment, connection: Connection): Promise<void> {
  const call = eventBridgeControl(connection);
  for (const bus of deployment.buses)
    await call('CreateEventBus', { EventBusName: bus.name, Description: bus.description });
  for (const rule of deployment.rules) await call('CreateRule', ruleParameters(rule));
  // Clocks last: their first tick finds a rule.
  for (const schedule of deployment.schedules) await call('CreateEventSource', scheduleParameters(schedule));
}

const scheduleParameters = ({ name, bus, description, cron }: ScheduleToDeploy) => ({
  EventBusName: bus,
  EventSourceName: name,
  Description: description,
  SourceScheduledEventParameters: JSON.stringify({ Schedule: cron, TimeZone: 'GMT+0:00' }),
});

const ruleParameters = (rule: RuleToDeploy): Readonly<Record<string, string>> => ({
  EventBusName: rule.bus,
  RuleName: rule.name,
  Description: rule.description,
  FilterPattern: rule.pattern,
  Status: 'ENABLE',
  EventTargets: JSON.stringify([rule.target]),
});

/** API 2020-04-01, whose own package is not published; only it can give a target a dead-letter queue. */
function eventBridgeControl(connection: Connection) {
  const client = new (clientClass(OpenApiPackage))(
    sdkConfig(connection, `eventbridge-console.${connection.region}.aliyuncs.com`),
  );
  return (action: string, query: Readonly<Record<string, string>>): Promise<unknown> =>
    unlessThere(`${action} ${query['RuleName'] ?? query['EventBusName'] ?? ''}`, () =>
      client.callApi(
        new $OpenApiUtil.Params({
          action,
          version: '2020-04-01',
          protocol: 'HTTPS',
          pathname: '/',
          method: 'POST',
          authType: 'AK',
          style: 'RPC',
          reqBodyType: 'json',
          bodyType: 'json',
        }),
        new $OpenApiUtil.OpenApiRequest({ query: { ...query } }),
        new RuntimeOptions({}),
      ),
    );
}

async function unlessThere(what: string, work: () => Promise<unknown>): Promise<void> {
  await doing(what, async () => {
    try {
      await work();
    } catch (failure) {
      if (!/AlreadyExist|FlowAlreadyExists/.test(codeOf(failure))) throw failure;
    }
  });
}
