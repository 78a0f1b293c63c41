/** An embedded cloud with accounts in data planes and rules for events in it, and what those who hold them can do. */
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { open, type SealedAccount } from '../../shared/app/hand-over/seal.js';
import { eventBridgeClient, postEvent } from '../../shared/cloud/alibaba/events.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { portsOf } from '../../shared/compose.js';
import type { Grant } from '../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../shared/domain/request.js';
import { instantOf } from '../../shared/domain/values.js';
import { makeKeyPair } from './key-pairs.js';
import { OWNER, PARTNER, REGION, request } from './requests.js';
import { startWorld, type World, type WorldOptions } from './world.js';

export const keys = makeKeyPair('ec', { namedCurve: 'P-256' });
const dataPlane = { endsByController: true } as const;

export const kafkaDoor = (own: object = {}): Grant => ({
  service: 'kafka',
  access: 'publish',
  region: REGION,
  instanceId: 'alikafka_pre-cn-x1',
  topics: ['orders'],
  dataPlane,
  ...own,
});
export const rocketmqDoor = (own: object = {}): Grant => ({
  service: 'rocketmq',
  series: '5.x',
  access: 'publish',
  region: REGION,
  instanceId: 'rmq-cn-x1',
  topics: ['orders'],
  dataPlane,
  ...own,
});
export const rabbitmqDoor = (own: object = {}): Grant => ({
  service: 'rabbitmq',
  access: 'publish',
  region: REGION,
  instanceId: 'amqp-cn-x1',
  virtualHosts: ['shop'],
  exchanges: ['orders'],
  dataPlane: { endsByController: true, staticAccount: true },
  ...own,
});
export const ruleDoor = (own: object = {}): Grant => ({
  service: 'eventbridge',
  access: 'subscribe',
  region: REGION,
  eventBus: 'orders',
  target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in', endsByController: true },
  ...own,
});

export const grantee: OnboardingRequest['grantee'] = {
  ...request().grantee,
  publicKey: keys.publicKey,
};

/** What lets every request of these tests through at once. */
export const LETS_ALL_THROUGH = {
  LEASEHOLD_AUTO_APPROVAL: JSON.stringify({
    maxLeaseSeconds: 31_622_400,
    allowUnavoidablyWider: true,
    allowEndsByController: true,
  }),
};

export const startDoors = ({ env, ...options }: WorldOptions = {}): Promise<World> =>
  startWorld({ runner: 'in-process', ...options, env: { ...LETS_ALL_THROUGH, ...env } });

/** What was sealed to the grantee in an event, opened. */
export async function accountsIn(event: {
  readonly data: Readonly<Record<string, unknown>>;
}): Promise<readonly SealedAccount[]> {
  const { sealed = [] } = event.data as unknown as Partial<HandOver>;
  const opened = await Promise.all(sealed.map(({ jwe }) => open(jwe, keys.privateKey)));
  return opened.flatMap((one) => {
    if (!one.ok) throw new Error(one.why);
    return one.secret.kind === 'data-plane-account' ? [one.secret] : [];
  });
}

/** What a client with this account is told: `allowed`, or why not. */
export function logOn(
  world: World,
  { product, instanceId, username, password }: SealedAccount,
  topic = 'orders',
  does: 'publish' | 'subscribe' = 'publish',
): string {
  if (product === 'rabbitmq') throw new TypeError('RabbitMQ knows no topics: see logOnToAmqp');
  const answer = world.cloud.logons[product]({
    accountId: OWNER,
    region: REGION,
    instanceId,
    username,
    password,
    does,
    topic,
    group: 'GID_globex',
  });
  return answer.outcome === 'allowed' ? 'allowed' : answer.reason;
}

/** The same, of a client of RabbitMQ. */
export function logOnToAmqp(
  world: World,
  { instanceId, username, password }: Pick<SealedAccount, 'instanceId' | 'username' | 'password'>,
  does: { readonly publishTo: string } | { readonly consumeFrom: string } = { publishTo: 'orders' },
  virtualHost = 'shop',
): string {
  const place = { accountId: OWNER, region: REGION, instanceId, virtualHost };
  const answer = world.cloud.logons.rabbitmq({ ...place, username, password, does });
  return answer.outcome === 'allowed' ? 'allowed' : answer.reason;
}

/** Users of the owner that stand behind accounts of RabbitMQ. */
export async function usersBehind(world: World): Promise<readonly string[]> {
  const { Users } = (await world.asOwner('2015-05-01', 'ListUsers')) as {
    readonly Users: { readonly User: readonly { readonly UserName: string }[] };
  };
  return Users.User.map(({ UserName }) => UserName).filter((name) => name.startsWith('lh-'));
}

/** The grantee's bus `inbox`, open to rules of the owner, and what arrives on it. */
export async function openInbox(world: World): Promise<readonly string[]> {
  const { cloud, accounts, events } = world.cloud;
  const call = (version: string, action: string, params: Readonly<Record<string, string>>) =>
    cloud.call(accounts.rootOf(PARTNER), version, action, params, REGION);
  await call('2020-04-01', 'CreateEventBus', { EventBusName: 'inbox' });
  await call('2015-05-01', 'CreateRole', {
    RoleName: 'let-in',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: [`${OWNER}@eventbridge.aliyuncs.com`] },
        },
      ],
    }),
  });
  await call('2015-05-01', 'CreatePolicy', {
    PolicyName: 'put',
    PolicyDocument: JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'eventbridge:PutEvents', Resource: '*' }],
    }),
  });
  await call('2015-05-01', 'AttachPolicyToRole', {
    PolicyType: 'Custom',
    PolicyName: 'put',
    RoleName: 'let-in',
  });
  const heard: string[] = [];
  events.tap(PARTNER, 'inbox', (event) => void heard.push(String(event.id)));
  return heard;
}

/** Posts an event to the owner's bus `orders`, under the owner's own keys. */
export async function order(world: World, id: string): Promise<void> {
  await postEvent(eventBridgeClient(world.cloud.connectionOf(world.cloud.root)), 'orders', {
    id,
    source: 'shop',
    type: 'order.created',
    subject: 'order',
    time: new Date(world.clock.now()).toISOString(),
    data: {},
  });
  await world.clock.runUntilIdle({ until: world.clock.now() + 30_000 });
}

/** The rules of contracts on the bus `orders`, and whether each is on. */
export async function rulesOn(world: World, eventBus = 'orders'): Promise<Readonly<Record<string, string>>> {
  const { cloud, accounts } = world.cloud;
  const reply = (await cloud.call(
    accounts.rootOf(OWNER),
    '2020-04-01',
    'ListRules',
    { EventBusName: eventBus },
    REGION,
  )) as {
    readonly Data: { readonly Rules: readonly { readonly RuleName: string; readonly Status: string }[] };
  };
  return Object.fromEntries(reply.Data.Rules.map(({ RuleName, Status }) => [RuleName, Status]));
}

/** Everything with the owner's own keys, past the flows: what people do by hand, and what the operator does from his machine. */
export function portsAsRoot(world: World): Ports {
  const silent = { info: () => undefined, warn: () => undefined };
  return {
    ...portsOf(world.cloud.connectionOf(world.cloud.root), world.cloud.config, silent),
    clock: {
      now: () => instantOf(world.clock.now()),
      ticks: () => world.clock.now(),
      sleep: (seconds) => world.clock.advance(seconds * 1000),
    },
  };
}
