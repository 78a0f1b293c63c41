import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStsPort } from '../../shared/cloud/alibaba/sts.js';
import { enterAs, suspend, using } from '../support/changes.js';
import { codesOf, HOUR, roleOf } from '../support/drift-stage.js';
import { kafkaGrant } from '../support/requests.js';
import { rabbitmqDoor } from '../support/side-doors.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
});
afterAll(() => world?.cloud.close());

const ramByHand = (action: string, params: Readonly<Record<string, string>>, its = world) =>
  its.asOwner('2015-05-01', action, params);
const ALL_OF_OSS = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"}]}';
const NOTHING = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
const byHand = Array.from({ length: 9 }, (_, nth) => `by-hand-${nth}`);
const makeByHand = async (its: World) => {
  for (const PolicyName of byHand)
    await ramByHand('CreatePolicy', { PolicyName, PolicyDocument: ALL_OF_OSS }, its);
};
/** A role takes ten. */
const fill = async (id: string, its: World) => {
  for (const PolicyName of byHand)
    await ramByHand('AttachPolicyToRole', { PolicyType: 'Custom', PolicyName, RoleName: roleOf(id) }, its);
};
const attachedTo = async (id: string, its: World) =>
  (await its.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name).sort();

describe('an account where somebody deleted the stop', () => {
  it('is cut all the same, by detaching everything', async () => {
    await world.onboard('C-stopless');
    const session = await enterAs(world, 'C-stopless');
    await ramByHand('DeletePolicy', { PolicyName: 'leasehold-ended' });
    await world.terminate('C-stopless');
    const { data } = await world.hear('C-stopless', 'revoked');
    expect(data['witness']).toContain('leasehold-ended is missing, so every other policy was detached');
    await ramByHand('CreatePolicy', {
      PolicyName: 'leasehold-ended',
      PolicyDocument: NOTHING,
    });
    expect((await makeStsPort(world.cloud.connectionOf(world.cloud.root)).callerOf(session)).outcome).toBe(
      'dead',
    );
    expect(await world.roles()).not.toContain(roleOf('C-stopless'));
  });
});

describe('a role that somebody has filled with policies', () => {
  beforeAll(() => makeByHand(world));

  it('is cut all the same: they make room for the stop, and that is told', async () => {
    await world.onboard('C-full');
    await enterAs(world, 'C-full');
    await fill('C-full', world);
    await world.terminate('C-full');
    const { data } = await world.hear('C-full', 'revoked', 'failed');
    expect(data['witness']).toBe(
      `a live session worked before the cut; ${byHand.join(', ')} made room for leasehold-ended`,
    );
    expect(await world.roles()).not.toContain(roleOf('C-full'));
    for (const PolicyName of byHand)
      expect(await world.ram().readPolicy({ type: 'Custom', name: PolicyName })).toBe(ALL_OF_OSS);
  });
});

describe('an account where somebody edited a stop', () => {
  /** Which no read call shows. */
  const publishing = rabbitmqDoor({ dataPlane: undefined });
  const whileEdited = async (PolicyName: string, work: () => Promise<void>) => {
    const PolicyDocument =
      '{"Version":"1","Statement":[{"Effect":"Deny","Action":"oss:*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"acs:oss:*:*:*"}]}';
    const edit = { PolicyName, PolicyDocument, SetAsDefault: 'true' };
    const { PolicyVersion } = (await ramByHand('CreatePolicyVersion', edit)) as {
      readonly PolicyVersion: { readonly VersionId: string };
    };
    await work();
    await ramByHand('SetDefaultPolicyVersion', { PolicyName, VersionId: 'v1' });
    await ramByHand('DeletePolicyVersion', { PolicyName, VersionId: PolicyVersion.VersionId });
  };

  it('is cut all the same, by detaching everything else, and that is told', async () => {
    await world.onboard('C-edited');
    await enterAs(world, 'C-edited');
    await whileEdited('leasehold-ended', async () => {
      await world.terminate('C-edited');
      const { data } = await world.hear('C-edited', 'revoked', 'failed');
      expect(data['witness']).toBe(
        'a live session worked before the cut; leasehold-ended was edited, so every other policy was detached',
      );
    });
    expect(await world.roles()).not.toContain(roleOf('C-edited'));
  });

  it('is looked at where no call would show that it stops nothing', async () => {
    await world.onboard('C-edited-unseen', { grants: [publishing] });
    await world.hear('C-edited-unseen', 'granted');
    await whileEdited('leasehold-suspended', async () => {
      await suspend(world, 'C-edited-unseen', 'pause');
      const { data } = await world.hear('C-edited-unseen', 'suspended', 'failed');
      expect(data['witness']).toMatch(/^none: .*leasehold-suspended was edited/);
      const attached = await world.ram().attachmentsOf(roleOf('C-edited-unseen'));
      expect(attached.map(({ policy }) => policy.name)).toEqual(['leasehold-suspended']);
    });
    await world.terminate('C-edited-unseen');
    await world.hear('C-edited-unseen', 'revoked');
  });

  it('is suspended all the same', async () => {
    await world.onboard('C-edited-pause');
    const session = await enterAs(world, 'C-edited-pause');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    await whileEdited('leasehold-suspended', async () => {
      await suspend(world, 'C-edited-pause', 'pause');
      const { data } = await world.hear('C-edited-pause', 'suspended', 'failed');
      expect(data['witness']).toContain('leasehold-suspended was edited');
      expect(await using(world, session, kafkaGrant)).toBe('denied');
    });
    await world.terminate('C-edited-pause');
    await world.hear('C-edited-pause', 'revoked');
  });
});

describe.each(['report', 'heal'])(
  'a suspended contract whose stop somebody takes off, with drift: %s',
  (onDrift) => {
    let its: World;
    const STOP = 'leasehold-suspended';
    const takeOff = (id: string) =>
      ramByHand(
        'DetachPolicyFromRole',
        { PolicyType: 'Custom', PolicyName: STOP, RoleName: roleOf(id) },
        its,
      );
    const anHourLater = async () => {
      await its.clock.advance(HOUR);
      await its.calm();
    };
    const suspended = async (id: string) => {
      await its.onboard(id);
      await its.hear(id, 'granted');
      await suspend(its, id, 'pause');
      await its.hear(id, 'suspended');
    };
    const doesNow = async (id: string) => using(its, await enterAs(its, id), kafkaGrant);
    beforeAll(async () => {
      its = await startWorld({ runner: 'in-process', env: { LEASEHOLD_ON_DRIFT: onDrift } });
      await makeByHand(its);
    });
    afterAll(() => its?.cloud.close());

    it('has it put on again, also where the role was filled meanwhile', async () => {
      await suspended('C-refilled');
      await takeOff('C-refilled');
      await fill('C-refilled', its);
      expect(await doesNow('C-refilled')).toBe('allowed');
      await anHourLater();
      expect(await doesNow('C-refilled')).toBe('denied');
      expect(await attachedTo('C-refilled', its)).toContain(STOP);
    });

    it('has no policy at all while the account has no stop to put on', async () => {
      await suspended('C-no-stop');
      await takeOff('C-no-stop');
      await takeOff('C-refilled');
      await ramByHand('DeletePolicy', { PolicyName: STOP }, its);
      expect(await doesNow('C-no-stop')).toBe('allowed');
      await anHourLater();
      expect(await attachedTo('C-no-stop', its)).toEqual([]);
      await anHourLater();
      expect(await attachedTo('C-no-stop', its)).toEqual([]);
      await ramByHand('CreatePolicy', { PolicyName: STOP, PolicyDocument: NOTHING }, its);
      await anHourLater();
      expect(await attachedTo('C-no-stop', its)).toContain(STOP);
      expect(await doesNow('C-no-stop')).toBe('denied');
    });

    it('loses every other policy within the hour when somebody edits the stop instead, and that is told', async () => {
      await suspended('C-edited-later');
      const edit = { PolicyName: STOP, PolicyDocument: ALL_OF_OSS, SetAsDefault: 'true' };
      await ramByHand('CreatePolicyVersion', edit, its);
      expect(await doesNow('C-edited-later')).toBe('allowed');
      const told = () =>
        its.outbox.heard
          .filter(({ subject, type }) => subject === 'C-edited-later' && type.endsWith('.drift-found'))
          .map(({ data }) => [data['action'], codesOf(data as never)?.[0]]);
      await anHourLater();
      expect(told()).toEqual([['stopped-again', 'STOP_EDITED']]);
      expect(await attachedTo('C-edited-later', its)).toEqual([STOP]);
      await anHourLater();
      expect(told().at(-1)).toEqual(['reported', 'STOP_EDITED']);
      expect(await attachedTo('C-edited-later', its)).toEqual([STOP]);
      await ramByHand('SetDefaultPolicyVersion', { PolicyName: STOP, VersionId: 'v1' }, its);
      await anHourLater();
      expect(await doesNow('C-edited-later')).toBe('denied');
      const policy = `${roleOf('C-edited-later')}-1`;
      expect(await attachedTo('C-edited-later', its)).toEqual(onDrift === 'heal' ? [policy, STOP] : [STOP]);
    });
  },
);
