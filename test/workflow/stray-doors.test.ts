import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../shared/cloud/ports.js';
import { failing } from '../../shared/loopback/dispatch.js';
import { HOUR, stage } from '../support/drift-stage.js';
import { OWNER, REGION } from '../support/requests.js';
import {
  grantee,
  kafkaDoor,
  LETS_ALL_THROUGH,
  portsAsRoot,
  rabbitmqDoor,
  rocketmqDoor,
  ruleDoor,
} from '../support/side-doors.js';

const s = stage(LETS_ALL_THROUGH, false, { runner: 'in-process' });
let ports: Ports;
beforeAll(async () => {
  await s.start();
  ports = portsAsRoot(s.world());
  const grants = [kafkaDoor(), rocketmqDoor(), rabbitmqDoor(), ruleDoor()];
  await s.world().onboard('LIVES', { grantee, grants });
  await s.world().hear('LIVES', 'granted', 'failed');
  await s.world().onboard('ENDS', { grantee, grants: [kafkaDoor({ instanceId: 'alikafka_pre-cn-x1' })] });
  await s.world().hear('ENDS', 'granted', 'failed');
});
afterAll(() => s.close());

const asOwner = (version: string, action: string, params: Readonly<Record<string, string>>) =>
  s.world().cloud.cloud.call(s.world().cloud.accounts.rootOf(OWNER), version, action, params, REGION);
const kafka = { product: 'kafka', region: REGION, instanceId: 'alikafka_pre-cn-x1' } as const;
const rocketmq = { product: 'rocketmq5', region: REGION, instanceId: 'rmq-cn-x1' } as const;
const findingsOf = (subject: string) =>
  s.told(subject).flatMap(({ data }) => data['findings'] as readonly { code: string; message: string }[]);

describe('what bears our prefix on instances and buses where contracts have something', () => {
  it('is no stray as long as it is of a contract that lives', async () => {
    await s.round();
    expect(s.told('strays')).toEqual([]);
    expect(s.told('LIVES')).toEqual([]);
  });

  it('is told once when nobody claims it, and left alone; what is named otherwise is nobody’s business', async () => {
    for (const instance of [kafka, rocketmq])
      for (const name of ['lh-by-hand', 'shop'])
        await ports.dataPlanes.apply(instance, name, { kind: 'createAccount' });
    await asOwner('2015-05-01', 'CreateUser', { UserName: 'lh-somebody' });
    const rule = { EventBusName: 'orders', FilterPattern: '{}' };
    await asOwner('2020-04-01', 'CreateRule', { ...rule, RuleName: 'lh-tap' });
    await asOwner('2020-04-01', 'CreateRule', { ...rule, RuleName: 'tap' });
    await s.round();
    const unknown = 'bears our prefix and is unknown to the register';
    expect(
      findingsOf('strays')
        .map(({ code, message }) => `${code}: ${message}`)
        .sort(),
    ).toEqual([
      `STRAY_ACCOUNT: account lh-by-hand on Kafka instance alikafka_pre-cn-x1 (cn-hangzhou) ${unknown}`,
      `STRAY_ACCOUNT: account lh-by-hand on RocketMQ 5.x instance rmq-cn-x1 (cn-hangzhou) ${unknown}`,
      `STRAY_ACCOUNT: account lh-somebody on RabbitMQ instance amqp-cn-x1 (cn-hangzhou) ${unknown}`,
      `STRAY_RULE: rule lh-tap on bus orders (cn-hangzhou) ${unknown}`,
    ]);
    await s.round();
    expect(findingsOf('strays')).toHaveLength(4);
    expect(await ports.dataPlanes.listAccounts(kafka, 'lh-by')).toEqual(['lh-by-hand']);
    expect(await ports.dataPlanes.listAccounts(rocketmq, 'lh-by')).toEqual(['lh-by-hand']);
    expect(await ports.routes.listRules({ region: REGION, eventBus: 'orders' }, 'lh-tap')).toEqual([
      'lh-tap',
    ]);
  });

  it('is told with the contract it was of, when that has ended', async () => {
    const [known] = (await s.world().contract('ENDS')).sideDoors.accounts;
    await s.world().terminate('ENDS');
    await s.world().hear('ENDS', 'revoked');
    await s.world().clock.advance(26 * HOUR); // past the closing watch, whose job it was until then
    await ports.dataPlanes.apply(kafka, known!.account, { kind: 'createAccount' });
    await s.round();
    expect(findingsOf('ENDS')).toEqual([
      expect.objectContaining({
        code: 'STRAY_ACCOUNT',
        message: expect.stringContaining('though contract ENDS is ended'),
      }),
    ]);
    expect(await ports.dataPlanes.listAccounts(kafka, known!.account)).toEqual([known!.account]);
  });

  it('holds up no round where an instance cannot be looked at, which is told once a day', async () => {
    const undo = s
      .world()
      .cloud.cloud.faults.add(
        failing({ action: 'DescribeSaslUsers' }, { kind: 'error', status: 403, code: 'Forbidden.RAM' }),
      );
    await asOwner('2020-04-01', 'CreateRule', {
      EventBusName: 'orders',
      RuleName: 'lh-other',
      FilterPattern: '{}',
    });
    const before = findingsOf('strays').length;
    await s.round();
    await s.round();
    undo();
    const failures = s.world().outbox.heard.filter(({ subject }) => subject === 'unreadable');
    expect(failures.map(({ data }) => data)).toContainEqual(
      expect.objectContaining({
        step: 'FindDrift',
        code: 'DeniedError',
        reason: expect.stringContaining(kafka.instanceId),
      }),
    );
    expect(new Set(failures.map(({ id }) => id)).size).toBe(1);
    // What could not be looked at is not taken for gone, and not told anew when it can be again.
    await s.round();
    expect(findingsOf('strays')).toHaveLength(before + 1);
    expect(findingsOf('strays').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('lh-other'),
    );
  });
});

describe('an account of a contract whose register has lost it', () => {
  it('is named by its end, which does not know any more that it is to be taken away', async () => {
    const { cloud, terminate, hear, onboard, facts, objectKeys } = s.world();
    const id = 'FORGETS';
    await onboard(id, { grantee, grants: [kafkaDoor()] });
    await hear(id, 'granted');
    await s.world().calm();
    const last = (await facts(id)).findIndex(({ kind }) => kind === 'side-doors-intended');
    const bucket = cloud.config.evidenceBucket;
    for (const key of objectKeys(bucket, `contracts/${id}/`).slice(last)) cloud.objectsOf(bucket).delete(key);
    await terminate(id);
    expect((await hear(id, 'revoked')).data['foreign']).toEqual([
      expect.stringMatching(/^account lh-[0-9a-f]{16} of Kafka instance alikafka_pre-cn-x1 /),
    ]);
  });
});
