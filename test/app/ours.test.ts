import { describe, expect, it } from 'vitest';
import {
  foreignOn,
  isMadeLate,
  isOrphan,
  isOurPolicy,
  isOurRole,
  otherDeploymentIn,
  verifierOf,
} from '../../shared/app/ours.js';
import { closedTrust } from '../../shared/app/plan/trust.js';
import type { Attachment, ObservedRole, Ports, Tags } from '../../shared/cloud/ports.js';
import type { Contract } from '../../shared/domain/contract.js';
import { ACTIVE, fold, requested } from '../domain/facts.js';
import { CONTRACT } from '../support/chains.js';
import { kafkaGrant, PARTNER, request } from '../support/requests.js';
import { roleName } from '../support/small-cloud/lease.js';
import { SMALL_SETTINGS } from '../support/small-cloud/ports.js';

const settings = SMALL_SETTINGS;
const contract = fold(...ACTIVE);
const { created: _, ...begun } = contract;
/** Granted by the register, which does not say yet that the role was made. */
const making: Contract = begun;
/** Of which the register knows what was asked for, and no more. */
const asked = fold(requested());
const closed = closedTrust(verifierOf(contract, { settings }));
const open = `{"Statement":[{"Principal":{"RAM":["acs:ram::${PARTNER}:root"]}}]}`;
const role = (changes: Partial<ObservedRole> = {}): ObservedRole => ({
  name: roleName,
  id: 'role-1',
  arn: 'arn',
  trust: closed,
  maxSessionSeconds: 3600,
  ...changes,
});
const own: Tags = { 'leasehold-contract': CONTRACT, 'leasehold-nonce': 'n' };
const portsWith = (tags: Tags) =>
  ({
    ram: { tagsOfRole: async () => tags, tagsOfPolicy: async () => tags },
    settings,
  }) as unknown as Pick<Ports, 'ram' | 'settings'>;
const others: readonly [string, Tags][] = [
  ['no tags', {}],
  ['the tag of another contract', { ...own, 'leasehold-contract': 'C-2' }],
  ['the nonce of another request', { ...own, 'leasehold-nonce': 'another' }],
];

describe('a role', () => {
  it('is ours by the id that the register has, whatever its tags say', async () => {
    expect(await isOurRole(role(), contract, portsWith({}))).toBe(true);
    expect(await isOurRole(role({ id: 'role-2' }), contract, portsWith(own))).toBe(false);
  });

  it('is ours by its tags as long as the register has no id', async () => {
    expect(await isOurRole(role(), making, portsWith(own))).toBe(true);
    expect(await isOurRole(role(), asked, portsWith(own))).toBe(false);
  });

  it.each(others)('is not ours by %s', async (_, tags) => {
    expect(await isOurRole(role(), making, portsWith(tags))).toBe(false);
    expect(await isMadeLate(role({ id: 'role-2' }), contract, portsWith(tags))).toBe(false);
  });

  it('was made late where it carries what this request alone knows and nobody else may enter', async () => {
    expect(await isMadeLate(role({ id: 'role-2' }), contract, portsWith(own))).toBe(true);
    expect(await isMadeLate(role({ id: 'role-2', trust: open }), contract, portsWith(own))).toBe(false);
  });
});

describe('a role of which the register does not know', () => {
  const orphan = (of: Contract, changes: Partial<ObservedRole>, tags: Tags) =>
    isOrphan(role(changes), of, portsWith(tags));

  it('is an orphan where it says that it is of the contract', async () => {
    expect(await orphan(asked, {}, own)).toBe(true);
    expect(await orphan(asked, {}, { ...own, 'leasehold-contract': 'C-2' })).toBe(false);
    expect(await orphan(contract, {}, own)).toBe(false);
  });

  it('is one also where the request was begun anew, if it lets the partner in', async () => {
    expect(await orphan(making, { trust: open }, own)).toBe(true);
    expect(await orphan(making, {}, own)).toBe(false);
  });

  it('is none where another Leasehold made it', async () => {
    expect(await orphan(asked, {}, { ...own, 'leasehold-deployment': 'staging.staging-register' })).toBe(
      false,
    );
    expect(await orphan(asked, {}, { ...own, 'leasehold-deployment': 'leasehold.register-of-before' })).toBe(
      true,
    );
  });
});

describe('another Leasehold', () => {
  const deployment = { prefix: 'leasehold', register: 'leasehold-evidence' };
  it.each([
    ['staging.staging-register', { prefix: 'staging', register: 'staging-register' }],
    ['leasehold.another', undefined],
    ['renamed.leasehold-evidence', undefined],
    ['leasehold.leasehold-evidence', undefined],
    ['nonsense', undefined],
    ['', undefined],
  ])('by what stands in %j shares neither of its names with this one', (text, expected) => {
    expect(otherDeploymentIn({ 'leasehold-deployment': text }, { deployment })).toEqual(expected);
    expect(otherDeploymentIn({}, { deployment })).toBeUndefined();
  });
});

describe('a policy', () => {
  it('is ours by its name and its tags', async () => {
    expect(await isOurPolicy(`${roleName}-1`, contract, portsWith(own))).toBe(true);
    expect(await isOurPolicy('AnybodysPolicy', contract, portsWith(own))).toBe(false);
    expect(await isOurPolicy(`${roleName}-1`, fold(), portsWith(own))).toBe(false);
  });
  it.each(others)('is not ours by %s', async (_, tags) => {
    expect(await isOurPolicy(`${roleName}-1`, contract, portsWith(tags))).toBe(false);
  });

  it('on a role of ours is foreign unless the contract, or a stop, has it there', () => {
    const vendors = request({ grants: [kafkaGrant, { systemPolicy: 'AliyunKafkaReadOnlyAccess' }] });
    const [, ...rest] = ACTIVE;
    const on = (name: string, type: 'Custom' | 'System' = 'Custom'): Attachment => ({
      policy: { type, name },
    });
    const attached = [
      on('leasehold-ended'),
      on('leasehold-suspended'),
      on('p-1'),
      on(`${roleName}-7`),
      on('AliyunKafkaReadOnlyAccess', 'System'),
      on('AdministratorAccess', 'System'),
      on('by-hand'),
    ];
    const foreign = foreignOn(attached, fold(requested(vendors), ...rest), { settings });
    expect(foreign.map(({ policy }) => policy.name)).toEqual(['AdministratorAccess', 'by-hand']);
  });
});
