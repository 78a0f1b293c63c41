import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditedChangeOf } from '../../../shared/app/drift/audited-change.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { parseContractId } from '../../../shared/domain/values.js';

const role = roleNameOf(parseContractId('C-1'));
const event = (data: object, type = 'ram:ActionTrail:ApiCall') => ({ type, source: 'acs.ram', data });
const record = (changes: object = {}) => ({
  eventId: 'E-1',
  eventName: 'AttachPolicyToRole',
  eventTime: '2026-12-01T09:00:00Z',
  sourceIpAddress: '203.0.113.9',
  requestParameters: { RoleName: role, PolicyName: 'AdministratorAccess' },
  userIdentity: { type: 'ram-user', accountId: '1', userName: 'carol' },
  ...changes,
});

describe('an event of the audit trail', () => {
  it.each([
    ['a role', { RoleName: role }],
    ['a role in other letters', { RoleName: role.toUpperCase() }],
    ['a policy made for it', { PolicyName: `${role}-2` }],
    ['tags', { ResourceType: 'role', ResourceNames: JSON.stringify([role]) }],
    ['a grant on a resource group', { PrincipalName: `${role}@role.1.onaliyunservice.com` }],
  ])('names the role by %s', (_, requestParameters) => {
    expect(auditedChangeOf(event(record({ requestParameters })), 'leasehold')?.roleNames).toEqual([role]);
  });

  it('names it also by what it says it refers to', () => {
    const data = {
      ...record(),
      requestParameters: undefined,
      referencedResources: { 'ACS::RAM::Role': [role] },
    };
    expect(auditedChangeOf(event(data), 'leasehold')?.roleNames).toEqual([role]);
  });

  it('names nothing of ours where nothing is', () => {
    const data = record({ requestParameters: { RoleName: 'lease-of-a-flat', PolicyName: 'x' } });
    expect(auditedChangeOf(event(data), 'leasehold')?.roleNames).toEqual([]);
  });

  it.each([
    ['a call', {}, 'ram:ActionTrail:ApiCall', 'by a call'],
    ['the console', {}, 'ram:ActionTrail:ConsoleOperation', 'through the console'],
    [
      'the console by its own calls',
      { userAgent: 'AliyunConsole' },
      'ram:ActionTrail:ApiCall',
      'through the console',
    ],
  ])('says who did what by %s', (_, changes, type, how) => {
    expect(auditedChangeOf(event(record(changes), type), 'leasehold')?.who).toBe(
      `carol (ram-user of account 1) ${how}: AttachPolicyToRole at 2026-12-01T09:00:00Z from 203.0.113.9, audit event E-1`,
    );
  });

  it("tells Leasehold's own functions from a user or a role whose name begins alike", () => {
    const by = (type: string, userName: string) =>
      auditedChangeOf(event(record({ userIdentity: { type, userName } })), 'leasehold')?.isOwn;
    expect(by('assumed-role', 'leasehold-fn-grant:session')).toBe(true);
    expect(by('ram-user', 'leasehold-fn-grant')).toBe(false);
    expect(by('assumed-role', 'leasehold-admin:session')).toBe(false);
  });

  it('is none when its type is another', () => {
    expect(
      auditedChangeOf(event(record(), 'ram:ActionTrail:AliyunServiceEvent'), 'leasehold'),
    ).toBeUndefined();
    expect(auditedChangeOf({}, 'leasehold')).toBeUndefined();
  });

  it('is read whatever it holds, and told on one line of bounded length', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), fc.string(), (data, userName) => {
        const change = auditedChangeOf(event({ ...data, userIdentity: { userName } }), 'leasehold');
        expect(change?.who.length).toBeLessThan(1_000);
        expect(change?.who).not.toMatch(/[\n\r]/);
      }),
    );
  });
});
