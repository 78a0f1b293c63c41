import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { amend } from '../support/changes.js';
import {
  bob,
  driftToldOf,
  ended,
  etl,
  granted,
  keyIdsOf,
  keysOf,
  managedGrantee,
  policiesOf,
  principal,
  startManaged,
  there,
  usersThere,
} from '../support/managed.js';
import { PARTNER } from '../support/requests.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startManaged();
}, 60_000);
afterAll(() => world?.cloud.close());

const ims = (action: string, params: Readonly<Record<string, string>>) =>
  there(world, '2019-08-15', action, params);
const ram = (action: string, params: Readonly<Record<string, string>>) =>
  there(world, '2015-05-01', action, params);
const ossReader = (UserName: string) => ({
  PolicyType: 'System',
  PolicyName: 'AliyunOSSReadOnlyAccess',
  UserName,
});
/** Longer than what is over is looked at again. */
async function aDayLater(): Promise<void> {
  await world.jumpTo(world.clock.now() + 25 * 3_600_000);
  await world.calm();
}
/** A second key of a user's, by the partner's own hand. */
async function ownKeyOf(name: string): Promise<string> {
  const made = await ims('CreateAccessKey', { UserPrincipalName: principal(name) });
  return (made as { readonly AccessKey: { readonly AccessKeyId: string } }).AccessKey.AccessKeyId;
}
const statusesOf = async (name: string) =>
  Object.fromEntries((await keysOf(world, name)).map(({ AccessKeyId, Status }) => [AccessKeyId, Status]));
afterEach(async () => {
  for (const name of await usersThere(world)) await removedByHand(name);
});
async function removedByHand(name: string): Promise<void> {
  const UserPrincipalName = principal(name);
  for (const UserAccessKeyId of await keyIdsOf(world, name))
    await ims('DeleteAccessKey', { UserPrincipalName, UserAccessKeyId });
  for (const PolicyName of await policiesOf(world, name)) {
    const PolicyType = PolicyName.startsWith('Aliyun') ? 'System' : 'Custom';
    await ram('DetachPolicyFromUser', { PolicyType, PolicyName, UserName: name });
  }
  await ims('DeleteLoginProfile', { UserPrincipalName }).catch(() => undefined);
  await ims('DeleteUser', { UserPrincipalName });
}

describe('what the partner has made for himself at a user of ours', () => {
  it('works for good after the end if it is a key', async () => {
    await granted(world, 'O-key', { users: [etl] });
    const [{ AccessKeyId: ours } = { AccessKeyId: '' }] = await keysOf(world, 'etl');
    const own = await ownKeyOf('etl');
    const revoked = await ended(world, 'O-key');
    expect(revoked.data['leftBehind']).toMatchObject([{ name: 'etl', given: [`AccessKey ${own}`] }]);
    await aDayLater();
    expect(await statusesOf('etl')).toEqual({ [ours]: 'Inactive', [own]: 'Active' });
    expect(driftToldOf(world, 'O-key')).toEqual([]);
  });

  it('works for good after the end if it is a logon', async () => {
    await granted(world, 'O-logon', { users: [etl] });
    await ims('CreateLoginProfile', { UserPrincipalName: principal('etl'), Password: 'aB3$efghijkl9' });
    await ended(world, 'O-logon');
    await aDayLater();
    expect(await ims('GetLoginProfile', { UserPrincipalName: principal('etl') })).toMatchObject({
      LoginProfile: { Status: 'Active' },
    });
  });

  it('works for good after the end if it is a key, and a policy besides', async () => {
    await granted(world, 'O-both', { users: [etl] });
    const own = await ownKeyOf('etl');
    await ram('AttachPolicyToUser', ossReader('etl'));
    await ended(world, 'O-both');
    await aDayLater();
    expect(await statusesOf('etl')).toMatchObject({ [own]: 'Active' });
  });

  it('is told when the user leaves by an amendment, and stays to the end and after', async () => {
    await granted(world, 'O-amended', { users: [etl, bob] });
    const own = await ownKeyOf('bob');
    const left = [{ type: 'user', name: 'bob', given: [`AccessKey ${own}`] }];
    await amend(world, 'O-amended', { revision: 1, grantee: managedGrantee({ users: [etl] }) });
    expect((await world.hear('O-amended', 'amended')).data['leftBehind']).toMatchObject(left);
    expect((await ended(world, 'O-amended')).data['leftBehind']).toMatchObject(left);
    await aDayLater();
    expect(await statusesOf('bob')).toMatchObject({ [own]: 'Active' });
  });

  it('stays also if the user has joined again meanwhile, who then is taken off once more', async () => {
    await granted(world, 'O-rejoined', { users: [etl, bob] });
    const own = await ownKeyOf('bob');
    await amend(world, 'O-rejoined', { revision: 1, grantee: managedGrantee({ users: [etl] }) });
    await world.hear('O-rejoined', 'amended');
    await amend(world, 'O-rejoined', { revision: 2, grantee: managedGrantee({ users: [etl, bob] }) });
    await world.calm();
    expect((await world.contract('O-rejoined')).terms?.revision).toBe(2);
    expect(await statusesOf('bob')).toMatchObject({ [own]: 'Active' });
    expect((await ended(world, 'O-rejoined')).data['leftBehind']).toMatchObject([{ name: 'bob' }]);
    await aDayLater();
    expect(await usersThere(world)).toEqual(['bob']);
    expect(await statusesOf('bob')).toMatchObject({ [own]: 'Active' });
  });

  it('is his to decide about: what he enables again as his own is not disabled once more', async () => {
    await granted(world, 'O-decided', { users: [etl] });
    await ram('AttachPolicyToUser', ossReader('etl'));
    await ended(world, 'O-decided');
    const [{ AccessKeyId } = { AccessKeyId: '' }] = await keysOf(world, 'etl');
    const Status = 'Active';
    await ims('UpdateAccessKey', {
      UserPrincipalName: principal('etl'),
      UserAccessKeyId: AccessKeyId,
      Status,
    });
    await aDayLater();
    expect(await statusesOf('etl')).toEqual({ [AccessKeyId]: 'Active' });
  });
});

describe('the tags of a user of ours, copied', () => {
  const tagsOf = async (name: string) => {
    const { TagResources } = (await ims('ListTagResources', {
      ResourceType: 'user',
      'ResourcePrincipalName.1': principal(name),
    })) as {
      readonly TagResources: {
        readonly TagResource: readonly { readonly TagKey: string; readonly TagValue: string }[];
      };
    };
    return Object.fromEntries(
      TagResources.TagResource.flatMap(({ TagKey, TagValue }, index) => [
        [`Tag.${index + 1}.Key`, TagKey],
        [`Tag.${index + 1}.Value`, TagValue],
      ]),
    );
  };
  const tag = (name: string, tags: Readonly<Record<string, string>>) =>
    ims('TagResources', { ResourceType: 'user', 'ResourcePrincipalName.1': principal(name), ...tags });

  it('make nobody ours whom no terms name: he is told, and left as he is', async () => {
    await granted(world, 'T-strangers', { users: [etl] });
    for (const name of ['ceo', 'cfo']) {
      await ims('CreateUser', { UserPrincipalName: principal(name), DisplayName: name });
      await ownKeyOf(name);
      await tag(name, await tagsOf('etl'));
    }
    await ims('CreateLoginProfile', { UserPrincipalName: principal('ceo'), Password: 'aB3$efghijkl9' });
    await ram('AttachPolicyToUser', ossReader('cfo'));
    const revoked = await ended(world, 'T-strangers');
    expect(revoked.data['leftBehind']).toMatchObject([
      { type: 'user', name: 'ceo', next: expect.stringContaining('takes the tags off') },
      { type: 'user', name: 'cfo' },
    ]);
    await aDayLater();
    expect(await usersThere(world)).toEqual(['ceo', 'cfo']);
    for (const name of ['ceo', 'cfo']) expect(Object.values(await statusesOf(name))).toEqual(['Active']);
    expect(driftToldOf(world, 'T-strangers')).toEqual([]);
  });

  it('make no user ours whom the partner had before, and named as his', async () => {
    await ims('CreateUser', { UserPrincipalName: principal('ops'), DisplayName: 'ops' });
    await world.clock.advance(3_600_000);
    await granted(world, 'T-existing', { users: [etl, { logonName: 'ops', existing: true }] });
    await tag('ops', await tagsOf('etl'));
    await ended(world, 'T-existing');
    await aDayLater();
    expect(await usersThere(world)).toEqual(['ops']);
  });

  it('make no user ours whom the partner has made again under the name of ours', async () => {
    await granted(world, 'T-again', { users: [etl] });
    const tags = await tagsOf('etl');
    await ended(world, 'T-again');
    await ims('CreateUser', { UserPrincipalName: principal('etl'), DisplayName: 'etl' });
    await ownKeyOf('etl');
    await tag('etl', tags);
    await aDayLater();
    expect(await usersThere(world)).toEqual(['etl']);
    expect(Object.values(await statusesOf('etl'))).toEqual(['Active']);
  });
});

describe('a partner in whose account the end comes to nothing', () => {
  const asProvisioner = (callerArn: string | undefined) =>
    callerArn?.includes(`${PARTNER}:assumed-role/leasehold-provisioning`) === true;
  const toldOf = (id: string) =>
    world.outbox.heard
      .filter(({ subject }) => subject === id)
      .map(({ type, data }) => [type.replace('partner.access.', ''), data['reason'] ?? '']);

  it('does not hold it up by making the policy again as often as it is deleted', async () => {
    await granted(world, 'H-again', { users: [etl] });
    let name = '';
    let again = 0;
    const { nonce } = (await world.contract('H-again')).granting ?? { nonce: '' };
    const undo = world.cloud.cloud.faults.add({
      after: async (call, { code }) => {
        if (call.action !== 'DeletePolicy' || code !== undefined || !asProvisioner(call.callerArn)) return;
        name = call.params['PolicyName'] ?? '';
        again += 1;
        await ram('CreatePolicy', {
          PolicyName: name,
          PolicyDocument: JSON.stringify({
            Version: '1',
            Statement: [{ Effect: 'Deny', Action: 'oss:*', Resource: '*' }],
          }),
          'Tag.1.Key': 'leasehold-contract',
          'Tag.1.Value': 'H-again',
          'Tag.2.Key': 'leasehold-nonce',
          'Tag.2.Value': nonce,
        });
      },
    });
    await world.terminate('H-again');
    await world.clock.runUntilIdle({ until: world.clock.now() + 3_600_000 });
    expect(toldOf('H-again').at(-1)?.[0]).toBe('revoked');
    expect((await world.contract('H-again')).granteeSide.leftBehind).toMatchObject([
      { type: 'policy', name, given: ['it was there again after it had been deleted'] },
    ]);
    expect(await usersThere(world)).toEqual([]);
    await world.clock.advance(5 * 3_600_000);
    await world.calm();
    expect(again).toBeGreaterThan(2);
    expect(driftToldOf(world, 'H-again')).toEqual([]);
    undo();
    await aDayLater();
    expect(driftToldOf(world, 'H-again')).toMatchObject([{ findings: [{ code: 'LEFT_BEHIND' }] }]);
    expect((await world.contract('H-again')).granteeSide.leftBehind).toEqual([]);
  }, 60_000);

  it('does not hold it up by keeping its RAM busy: what is left is told, and removed once it can be', async () => {
    await granted(world, 'H-busy', { users: [etl] });
    const undo = world.cloud.cloud.faults.add({
      before: ({ callerArn }) =>
        asProvisioner(callerArn) ? { kind: 'error', status: 429, code: 'Throttling.User' } : undefined,
    });
    await world.terminate('H-busy');
    await world.clock.runUntilIdle({ until: world.clock.now() + 2 * 3_600_000 });
    undo();
    expect(JSON.stringify(toldOf('H-busy'))).not.toContain('Queued');
    expect(toldOf('H-busy').at(-1)?.[0]).toBe('revoked');
    expect((await world.contract('H-busy')).granteeSide.leftBehind).toMatchObject([
      { type: 'user', name: 'etl' },
      { type: 'policy' },
    ]);
    await aDayLater();
    expect(await usersThere(world)).toEqual([]);
    expect(driftToldOf(world, 'H-busy')).toMatchObject([{ leftBehind: [] }]);
  }, 60_000);
});

describe('the policy to enter with', () => {
  it('is told as left behind where the partner has taken its tags off, since it is not known whose it is then', async () => {
    await granted(world, 'T-off', { users: [etl] });
    const [PolicyName = ''] = await policiesOf(world, 'etl');
    await there(world, '2015-05-01', 'UntagResources', {
      ResourceType: 'policy',
      'ResourceNames.1': PolicyName,
      All: 'true',
    });
    const revoked = await ended(world, 'T-off');
    expect(revoked.data['leftBehind']).toMatchObject([
      { type: 'policy', name: PolicyName, given: [expect.stringContaining('tags')] },
    ]);
    expect(await usersThere(world)).toEqual([]);
  });
});
