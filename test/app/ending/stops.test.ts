import { describe, expect, it } from 'vitest';
import {
  attachStop,
  isEdited,
  makeUpForEdit,
  spareReplaced,
  stopOurs,
} from '../../../shared/app/ending/stops.js';
import type { Attachment, Ports } from '../../../shared/cloud/ports.js';
import { BrokenPromiseError, TryLaterError } from '../../../shared/domain/errors.js';
import { PARTNER } from '../../support/requests.js';
import { policyOf, type Role } from '../../support/small-cloud/cloud.js';
import { leaseAfter, roleName } from '../../support/small-cloud/lease.js';

const STOP = 'leasehold-ended';
const OWN = `${roleName}-1`;
const DENIAL = { Effect: 'Deny', Action: '*', Resource: '*' };
const custom = (name: string): Attachment => ({ policy: { type: 'Custom', name } });
const vendors: Attachment = { policy: { type: 'System', name: 'AliyunOSSFullAccess' } };

/** A lease on whose role are also `more`, and which takes no more of Custom policies than there are on it. */
async function fullLease(...more: readonly Attachment[]) {
  const lease = await leaseAfter(4);
  const { cloud, ports } = lease;
  const role = cloud.roles.get(roleName) as Role;
  const attached = [...role.attached, ...more];
  cloud.setRole(roleName, { ...role, attached });
  const customOn = () =>
    (cloud.roles.get(roleName)?.attached ?? []).filter(({ policy }) => policy.type === 'Custom').length;
  const most = customOn();
  const attach: Ports['ram']['attach'] = async (name, one) => {
    if (customOn() >= most) throw new BrokenPromiseError('QUOTA', 'it takes no more');
    return ports.ram.attach(name, one);
  };
  return { ...lease, ports: { ...ports, ram: { ...ports.ram, attach } } };
}

/** A lease in whose role's place somebody has made `changes`. */
async function replacedLease(changes: Partial<Role> = {}) {
  const lease = await leaseAfter(4);
  const role = lease.cloud.roles.get(roleName) as Role;
  const made = { ...role, id: 'another', tags: {}, trust: '{"Statement":[]}', attached: [custom('his')] };
  lease.cloud.setRole(roleName, { ...made, ...changes });
  return lease;
}

describe('a role that takes no more policies', () => {
  it('is stopped once what somebody else put on it made room, of which the vendor’s policies make none', async () => {
    const { ports, contract, attached } = await fullLease(custom('foreign'), vendors);
    expect(await attachStop(await contract(), STOP, ports)).toEqual({
      outcome: 'attached',
      besides: `; foreign made room for ${STOP}`,
    });
    expect(attached()).toEqual([OWN, vendors.policy.name, STOP]);
  });

  it('loses all of them where nothing on it can make room', async () => {
    const { ports, contract, attached } = await fullLease();
    expect((await attachStop(await contract(), STOP, ports)).outcome).toBe('instead');
    expect(attached()).toEqual([]);
  });
});

describe('a stop that is not there', () => {
  it('is made up for: the role loses every policy', async () => {
    const { cloud, ports, contract, attached } = await leaseAfter(4);
    cloud.policies.delete(STOP);
    expect((await attachStop(await contract(), STOP, ports)).outcome).toBe('instead');
    expect(attached()).toEqual([]);
  });

  it('takes nothing from a role that somebody made for himself in the place of ours', async () => {
    const { cloud, ports, contract, attached } = await replacedLease();
    cloud.policies.delete(STOP);
    expect((await attachStop(await contract(), STOP, ports)).outcome).toBe('no-role');
    expect(attached()).toEqual(['his']);
  });

  it('is not taken for one where the cloud asks for patience', async () => {
    const { ports, contract, attached } = await leaseAfter(4);
    const attach = () => Promise.reject(new TryLaterError('THROTTLED', 'too much'));
    const busy = { ...ports, ram: { ...ports.ram, attach } };
    await expect(attachStop(await contract(), STOP, busy)).rejects.toMatchObject({ code: 'THROTTLED' });
    expect(attached()).toEqual([OWN]);
  });
});

describe('a role that somebody made in the place of ours', () => {
  const stopped = [custom('his'), custom(STOP)];

  it('is spared, where he made it for himself: the stop comes off', async () => {
    const { ports, contract, attached } = await replacedLease({ attached: stopped });
    expect(await spareReplaced(await contract(), STOP, ports)).toBe(true);
    expect(attached()).toEqual(['his']);
  });

  it('is spared also where it was stopped by a look that was stale', async () => {
    const { ports, contract, attached } = await replacedLease();
    await stopOurs(await contract(), STOP, ports);
    expect(attached()).toEqual(['his']);
  });

  it.each<[string, Partial<Role>]>([
    ['lets the partner in', { trust: `{"Statement":[{"Principal":{"RAM":"acs:ram::${PARTNER}:root"}}]}` }],
    ['holds a policy of the contract', { attached: [...stopped, custom(OWN)] }],
  ])('stays stopped where it %s', async (_, changes) => {
    const { ports, contract, attached } = await replacedLease({ attached: stopped, ...changes });
    expect(await spareReplaced(await contract(), STOP, ports)).toBe(false);
    expect(attached()).toContain(STOP);
  });
});

describe('a stop', () => {
  it.each<[string, object]>([
    ['as it was made', { Statement: [DENIAL] }],
    ['with its one statement not in a list', { Statement: DENIAL }],
    ['with more besides', { Statement: [{ ...DENIAL, Effect: 'Allow', Action: 'oss:*' }, DENIAL] }],
    ['with its star in a list', { Statement: [{ ...DENIAL, Action: ['*'], Resource: ['*'] }] }],
  ])('denies everything %s', async (_, document) => {
    const { cloud, ports } = await leaseAfter(4);
    cloud.policies.set(STOP, policyOf(JSON.stringify(document)));
    expect(await isEdited(STOP, ports)).toBe(false);
  });

  it.each<[string, object]>([
    ['no statement', { Statement: [] }],
    ['an allowance', { Statement: [{ ...DENIAL, Effect: 'Allow' }] }],
    ['one action', { Statement: [{ ...DENIAL, Action: 'oss:*' }] }],
    ['one resource', { Statement: [{ ...DENIAL, Resource: 'acs:oss:*:*:a' }] }],
    ['a condition', { Statement: [{ ...DENIAL, Condition: { Bool: { 'acs:SecureTransport': 'false' } } }] }],
  ])('with %s alone denies everything no more', async (_, document) => {
    const { cloud, ports } = await leaseAfter(4);
    cloud.policies.set(STOP, policyOf(JSON.stringify(document)));
    expect(await isEdited(STOP, ports)).toBe(true);
  });

  it('that was edited is made up for: every other policy leaves the role', async () => {
    const { cloud, ports, contract, attached } = await leaseAfter(4);
    await attachStop(await contract(), STOP, ports);
    expect(await makeUpForEdit(await contract(), STOP, ports)).toBe('');
    expect(attached()).toEqual([OWN, STOP]);
    cloud.policies.set(STOP, policyOf('{"Statement":[]}'));
    expect(await makeUpForEdit(await contract(), STOP, ports)).toContain('was edited');
    expect(attached()).toEqual([STOP]);
  });
});
