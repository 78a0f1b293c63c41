import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { reasonsIn } from '../support/changes.js';
import {
  bob,
  documentsFor,
  driftToldOf,
  ended,
  etl,
  granted,
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
afterAll(() => world.cloud.close());

describe('a user who was given more since', () => {
  it('is disabled for us, and told', async () => {
    await granted(world, 'G-more', { users: [etl] });
    const attach = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess', UserName: 'etl' };
    await there(world, '2015-05-01', 'AttachPolicyToUser', attach);
    const revoked = await ended(world, 'G-more');
    expect(revoked.data['leftBehind']).toMatchObject([
      { type: 'user', name: 'etl', given: ['policy AliyunOSSReadOnlyAccess'] },
    ]);
    const keys = await keysOf(world, 'etl');
    expect(keys.map(({ Status }) => Status)).toEqual(['Inactive']);
    for (const { AccessKeyId } of keys)
      await there(world, '2019-08-15', 'DeleteAccessKey', {
        UserPrincipalName: principal('etl'),
        UserAccessKeyId: AccessKeyId,
      });
    await there(world, '2015-05-01', 'DetachPolicyFromUser', attach);
    await there(world, '2015-05-01', 'DeleteUser', { UserName: 'etl' });
  });
});

describe('what a person changes in the partner’s account', () => {
  it('is told by the next look, and left as it is', async () => {
    await granted(world, 'D-there', { users: [etl] });
    const [PolicyName = ''] = await policiesOf(world, 'etl');
    await there(world, '2015-05-01', 'DetachPolicyFromUser', {
      PolicyType: 'Custom',
      PolicyName,
      UserName: 'etl',
    });
    await there(world, '2015-05-01', 'AttachPolicyToUser', {
      PolicyType: 'Custom',
      PolicyName,
      UserName: 'operator',
    });
    const root = world.cloud.connectionOf(world.cloud.root);
    await startFlow('leasehold-reconciliation', { contractId: 'D-there' }, root);
    const drift = await world.hear('D-there', 'drift-found');
    expect(drift.data).toMatchObject({
      action: 'reported',
      findings: [
        { code: 'GRANTEE_SETUP_GONE', message: `user etl does not hold policy ${PolicyName} any more` },
        {
          code: 'GRANTEE_OTHER_HOLDER',
          message: `user operator was given policy ${PolicyName} by somebody else`,
        },
      ],
    });
    expect(await policiesOf(world, 'etl')).toEqual([]);
    await ended(world, 'D-there');
    expect(await usersThere(world)).toEqual([]);
  });
});

describe('a provisioning role that may do too little', () => {
  const PolicyName = 'leasehold-provisioning';
  it('is refused before anything is made, with each right that is missing', async () => {
    const { policy } = await documentsFor(world);
    const before = world.ramWrites().length;
    await there(world, '2015-05-01', 'CreatePolicyVersion', {
      PolicyName,
      PolicyDocument: policy
        .replace('"ram:CreateAccessKey",', '')
        .replace('"ram:DeleteUser"', '"ram:GetUser"'),
      SetAsDefault: 'true',
    });
    await world.onboard('L-little', { grantee: managedGrantee({ users: [etl] }) });
    const rejected = await world.hear('L-little', 'rejected', 'granted', 'failed');
    expect(
      (rejected.data['reasons'] as readonly { readonly message: string }[]).map(({ message }) => message),
    ).toEqual([
      `leasehold-provisioning lacks ram:DeleteUser on acs:ram::${PARTNER}:user/etl`,
      `leasehold-provisioning lacks ram:CreateAccessKey on acs:ram::${PARTNER}:user/etl`,
    ]);
    expect(world.ramWrites().slice(before)).toEqual([]);
    await there(world, '2015-05-01', 'CreatePolicyVersion', {
      PolicyName,
      PolicyDocument: policy,
      SetAsDefault: 'true',
    });
  });
});

describe('an account that shuts Leasehold out', () => {
  const CLOSED = JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${PARTNER}:root`] } },
    ],
  });
  const setTrust = (trust: string) =>
    there(world, '2015-05-01', 'UpdateRole', {
      RoleName: 'leasehold-provisioning',
      NewAssumeRolePolicyDocument: trust,
    });

  it('and lets it in again within the day is tidied up then, but for who was given more since', async () => {
    await granted(world, 'Z-again', { users: [etl, bob] });
    await setTrust(CLOSED);
    const revoked = await ended(world, 'Z-again');
    expect(revoked.data['leftBehind']).toMatchObject([{ name: 'etl' }, { name: 'bob' }, { type: 'policy' }]);
    const attach = { PolicyType: 'System', PolicyName: 'AliyunOSSReadOnlyAccess', UserName: 'bob' };
    await there(world, '2015-05-01', 'AttachPolicyToUser', attach);
    await world.jumpTo(world.clock.now() + 10 * 60_000);
    await setTrust((await documentsFor(world)).trust);
    await world.jumpTo(world.clock.now() + 26 * 3_600_000);
    await world.settle();
    expect(await usersThere(world)).toEqual(['bob']);
    expect(driftToldOf(world, 'Z-again')).toMatchObject([
      {
        findings: [{ code: 'LEFT_BEHIND' }],
        leftBehind: [{ type: 'user', name: 'bob', given: ['policy AliyunOSSReadOnlyAccess'] }],
      },
    ]);
  });

  it('does not hold up an end: what is left there is told', async () => {
    await granted(world, 'Z-shut', { users: [etl] });
    const { policy } = await documentsFor(world);
    expect(policy).toContain('ram:DeleteUser');
    await setTrust(CLOSED);
    const revoked = await ended(world, 'Z-shut');
    expect(revoked.type).toBe('partner.access.revoked');
    expect(revoked.data['leftBehind']).toMatchObject([{ type: 'user', name: 'etl' }, { type: 'policy' }]);
    await world.onboard('Z-refused', { grantee: managedGrantee({ users: [bob] }) });
    expect(reasonsIn(await world.hear('Z-refused', 'rejected'))).toEqual(['PROVISIONING_REFUSED']);
  });
});
