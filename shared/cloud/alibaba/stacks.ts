/**
 * Makes what a template of Resource Orchestration lists, call by call. It stands in for ROS where there is none: in the embedded
 * cloud. Whatever exists already is changed to what it should be; what a template does not list any more stays.
 */
import type { RosResource, RosTemplate, RuleToDeploy, TargetToDeploy } from '../../domain/deployment.js';
import { InvalidRequestError } from '../../domain/errors.js';
import type { Connection } from './connection.js';
import { makeEventControl } from './event-control.js';
import { codeOf, doing } from './failures.js';
import { ossClient } from './oss.js';
import { makeRamPort } from './ram.js';

type Properties = RosResource['Properties'];
type Maker = (properties: Properties, connection: Connection) => Promise<void>;

/** Types of the product that the embedded cloud does not have; nothing that runs in it asks for them. */
const NOT_EMBEDDED = /^ALIYUN::SLS::/;

/** None of these is in the published types. */
interface Retention {
  getBucketWorm(
    bucket: string,
  ): Promise<{ readonly wormId: string; readonly state: string; readonly days: string }>;
  initiateBucketWorm(bucket: string, days: string): Promise<{ readonly wormId: string }>;
  completeBucketWorm(bucket: string, id: string): Promise<unknown>;
  extendBucketWorm(bucket: string, id: string, days: string): Promise<unknown>;
}

async function unlessNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (failure) {
    if (codeOf(failure) === 'NoSuchWORMConfiguration') return undefined;
    throw failure;
  }
}

const MAKERS: Readonly<Record<string, Maker>> = {
  'ALIYUN::RAM::Role': async (properties, connection) => {
    const ram = makeRamPort(connection);
    const name = roleName(text(properties, 'RoleName'));
    const trust = JSON.stringify(properties['AssumeRolePolicyDocument']);
    const maxSessionSeconds = Number(properties['MaxSessionDuration']);
    const description = text(properties, 'Description');
    const made = await ram.createRole({ name, trust, description, maxSessionSeconds, tags: {} });
    if (made.outcome === 'created') return;
    await ram.setTrust(name, trust);
    await ram.setMaxSessionSeconds(name, maxSessionSeconds);
  },
  'ALIYUN::RAM::ManagedPolicy': async (properties, connection) => {
    const ram = makeRamPort(connection);
    const name = text(properties, 'PolicyName');
    const document = JSON.stringify(properties['PolicyDocument']);
    const description = text(properties, 'Description');
    const made = await ram.createPolicy({ name, document, description, tags: {} });
    if (made === 'exists' && (await ram.readPolicy({ type: 'Custom', name })) !== document)
      await ram.setPolicyDocument(name, document);
    for (const role of (properties['Roles'] ?? []) as readonly string[])
      await ram.attach(roleName(role), { policy: { type: 'Custom', name } });
  },
  'ALIYUN::OSS::Bucket': async (properties, connection) => {
    const bucket = text(properties, 'BucketName');
    await doing(`making bucket ${bucket}`, () => ossClient(connection).putBucket(bucket));
  },
  // Locked at once, as ROS is taken to do it; days are only ever added.
  'ALIYUN::OSS::BucketWorm': async (properties, connection) => {
    const bucket = text(properties, 'Bucket');
    const days = Number(properties['RetentionPeriodInDays']);
    const client = ossClient(connection) as unknown as Retention;
    await doing(`retaining bucket ${bucket}`, async () => {
      const there = await unlessNone(client.getBucketWorm(bucket));
      const { wormId } = there ?? (await client.initiateBucketWorm(bucket, String(days)));
      if (there?.state !== 'Locked') await client.completeBucketWorm(bucket, wormId);
      if (there !== undefined && Number(there.days) < days)
        await client.extendBucketWorm(bucket, wormId, String(days));
    });
  },
  'ALIYUN::EventBridge::Rule': async (properties, connection) => {
    const rule: RuleToDeploy = {
      bus: text(properties, 'EventBusName'),
      name: text(properties, 'RuleName'),
      description: text(properties, 'Description'),
      pattern: JSON.stringify(properties['FilterPattern']),
      target: (properties['Targets'] as readonly [TargetToDeploy])[0],
    };
    const events = makeEventControl(connection);
    await makeOrChange(
      () => events.createRule(rule),
      () => events.updateRule(rule),
    );
  },
};

/** May run twice. @throws {InvalidRequestError} `BAD_CONFIG` for a type that nobody here can make */
export async function applyTemplate({ Resources }: RosTemplate, connection: Connection): Promise<void> {
  for (const { Type, Properties } of inOrder(Resources)) {
    const make = MAKERS[Type];
    if (make !== undefined) await make(Properties, connection);
    else if (!NOT_EMBEDDED.test(Type)) throw new InvalidRequestError('BAD_CONFIG', `${Type} cannot be made`);
  }
}

/** Each after what it depends on. @throws {InvalidRequestError} `BAD_CONFIG` when that is a circle or is not there */
function inOrder(resources: RosTemplate['Resources']): readonly RosResource[] {
  const ordered = new Map<string, RosResource>();
  const visit = (id: string, above: readonly string[]): void => {
    const resource = resources[id];
    if (resource === undefined || above.includes(id))
      throw new InvalidRequestError(
        'BAD_CONFIG',
        `template: ${[...above, id].join(' needs ')}, which cannot be`,
      );
    for (const other of resource.DependsOn ?? []) visit(other, [...above, id]);
    ordered.set(id, resource);
  };
  for (const id of Object.keys(resources)) visit(id, []);
  return [...ordered.values()];
}

/** Our own roles have names that the lease roles' type does not admit, on purpose; only a deployment makes them. */
const roleName = (name: string) =>
  name as Parameters<ReturnType<typeof makeRamPort>['createRole']>[0]['name'];

function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value === 'string') return value;
  throw new InvalidRequestError('BAD_CONFIG', `template: ${name} is missing`);
}

/** May run twice. */
export async function makeOrChange(
  make: () => Promise<unknown>,
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await make();
  } catch (failure) {
    if (!/AlreadyExist/.test(codeOf(failure))) throw failure;
    await change();
  }
}
