import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployAll } from '../../shared/cli/embedded/deploy.js';
import { type Heard, Outbox } from '../../shared/cli/embedded/outbox.js';
import { EMBEDDED_SETTINGS } from '../../shared/cli/embedded/start.js';
import { readProject } from '../../shared/cli/project.js';
import { eventBridgeClient, postEvent } from '../../shared/cloud/alibaba/events.js';
import { parseContractId } from '../../shared/domain/values.js';
import { HOUR, roleOf } from '../support/drift-stage.js';
import { examine, troubles } from '../support/examine.js';
import { OWNER, REGION, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

/** Begins with the other one's prefix, as names of stages do. */
const STAGING = 'leasehold-staging';
let world: World;
let staging: Outbox;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process', auditTrail: true });
  const { cloud } = world;
  const env = {
    ...EMBEDDED_SETTINGS,
    LEASEHOLD_ENDPOINT: cloud.endpoint,
    LEASEHOLD_REGION: REGION,
    LEASEHOLD_PREFIX: STAGING,
    LEASEHOLD_EVIDENCE_BUCKET: 'staging-evidence',
    LEASEHOLD_INDEX_BUCKET: 'staging-index',
    LEASEHOLD_LOG_PROJECT: 'staging-logs',
  };
  await deployAll(readProject({ env, accountId: OWNER }), cloud.connectionOf(cloud.root));
  staging = new Outbox({ ...cloud, config: { ...cloud.config, outBus: `${STAGING}-out` } });
});
afterAll(() => world?.cloud.close());

const post = (type: string, id: string, data: object) =>
  postEvent(eventBridgeClient(world.cloud.connectionOf(world.cloud.root)), STAGING, {
    time: new Date(world.clock.now()).toISOString(),
    id: `${id}-${type.split('.').at(-1)}`,
    source: 'test',
    type,
    subject: id,
    data,
  } as unknown as Parameters<typeof postEvent>[2]);
const onboardThere = (id: string) =>
  post('partner.onboarding.requested', id, request({ contractId: parseContractId(id) }));
const terminateThere = (id: string) =>
  post('partner.contract.terminated', id, { contractId: id, reason: 'test', requestedBy: 'test' });
const hearThere = async (id: string, kind: string): Promise<Heard> => {
  const find = () => staging.heard.find(({ subject, type }) => subject === id && type.endsWith(`.${kind}`));
  await world.clock.runUntilIdle({ until: world.clock.now() + HOUR, isDone: () => find() !== undefined });
  const heard = find();
  if (heard === undefined) throw new Error(`staging says nothing of ${id}`);
  return heard;
};
const attachedTo = async (id: string) =>
  (await world.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name);
const driftIn = (outbox: Outbox) => outbox.heard.filter(({ type }) => type.endsWith('.drift-found'));

/** Two deployments with names, buckets and buses of their own. What they make for contracts begins with `lease-` in both. */
describe('two stages in one account', () => {
  it('tell nothing of what the other one has granted, and both of what neither has', async () => {
    await world.onboard('T-here');
    await onboardThere('T-there');
    await world.hear('T-here', 'granted');
    await hearThere('T-there', 'granted');
    await world.clock.advance(HOUR);
    await world.calm();
    expect([world.outbox, staging].map(driftIn)).toEqual([[], []]);
    expect(troubles(await examine(world))).toEqual([]);

    await world.asOwner('2015-05-01', 'CreateRole', {
      RoleName: roleOf('T-nobody'),
      AssumeRolePolicyDocument: (await world.ram().observeRole(roleOf('T-here')))?.trust ?? '',
    });
    await world.calm();
    for (const outbox of [world.outbox, staging])
      expect(driftIn(outbox).map(({ data }) => data['findings'])).toEqual([
        [expect.objectContaining({ code: 'STRAY_ROLE' })],
      ]);
  });

  it('tell of what they made themselves when they had other names or another register', async () => {
    const made = [
      ['T-other-register', 'leasehold.evidence-of-before'],
      ['T-other-prefix', 'before.leasehold-evidence'],
    ] as const;
    for (const [id, Value] of made)
      await world.asOwner('2015-05-01', 'CreateRole', {
        RoleName: roleOf(id),
        AssumeRolePolicyDocument: (await world.ram().observeRole(roleOf('T-here')))?.trust ?? '',
        Tag: JSON.stringify([{ Key: 'leasehold-deployment', Value }]),
      });
    await world.clock.advance(HOUR);
    await world.calm();
    const told = JSON.stringify(driftIn(world.outbox).map(({ data }) => data['findings']));
    for (const [id] of made) expect(told).toContain(roleOf(id));
  });

  it('refuse an id that the other one has, and say whose the role is', async () => {
    await world.onboard('T-both');
    await world.hear('T-both', 'granted');
    const before = await attachedTo('T-both');
    await onboardThere('T-both');
    expect((await hearThere('T-both', 'failed')).data).toMatchObject({
      step: 'GrantAccess',
      reason: expect.stringContaining('another Leasehold in this account, whose names begin with leasehold;'),
    });
    await world.settle();
    expect(await attachedTo('T-both')).toEqual(before);
  });

  it('cut their own contracts and none of the other one while their register is out of reach', async () => {
    const undo = world.cloud.cloud.faults.add({
      before: ({ product, callerArn }) =>
        product === 'oss' && callerArn?.includes(`${STAGING}-fn-`) === true
          ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
          : undefined,
    });
    await terminateThere('T-here');
    await terminateThere('T-there');
    await hearThere('T-here', 'failed');
    await hearThere('T-there', 'failed');
    undo();
    expect(await attachedTo('T-there')).toContain(`${STAGING}-ended`);
    expect(await attachedTo('T-here')).toEqual([`${roleOf('T-here')}-1`]);
    // As `partner.access.failed` asks for.
    await terminateThere('T-here');
    await terminateThere('T-there');
    expect((await hearThere('T-here', 'revoked')).data).toMatchObject({
      witness: 'n/a: nothing was ever granted',
    });
    await hearThere('T-there', 'revoked');
    expect(await world.roles()).toContain(roleOf('T-here'));
    expect(await world.roles()).not.toContain(roleOf('T-there'));
  });
});
