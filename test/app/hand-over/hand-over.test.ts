import { describe, expect, it } from 'vitest';
import { deliveriesOf } from '../../../shared/app/hand-over/deliver.js';
import { handOverOf, sealedHandOver } from '../../../shared/app/hand-over/hand-over.js';
import { handOverPage } from '../../../shared/app/hand-over/page.js';
import { open, type Secret } from '../../../shared/app/hand-over/seal.js';
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import { announce } from '../../../shared/app/telling/outbound.js';
import { systemClock } from '../../../shared/cloud/alibaba/system.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { thumbprintOf } from '../../../shared/domain/public-key.js';
import type { Accessor } from '../../../shared/domain/request.js';
import {
  contractOf,
  EXTERNAL_ID,
  eventbridgeGrant,
  everyGrant,
  handOverFor,
  rabbitmqGrant,
} from '../../support/hand-overs.js';
import { makeKeyPair } from '../../support/key-pairs.js';
import { kafkaGrant, OWNER, PARTNER, request } from '../../support/requests.js';

const { publicKey, privateKey } = makeKeyPair('ec', { namedCurve: 'P-256' });
const alice: Accessor = { type: 'user', name: 'alice', via: 'console' };
const withGrantee = (changes: object) => request({ grantee: { ...request().grantee, ...changes } });
const withKey = withGrantee({ publicKey });
const user: Secret = {
  kind: 'user',
  contractId: 'C-2026-0142',
  userPrincipalName: `etl@${PARTNER}.onaliyun.com`,
  accessKeyId: 'LTAIetl',
  accessKeySecret: 'a-secret-of-etl',
};
const deliver = (asked: ReturnType<typeof request>, more: readonly Secret[] = []) =>
  deliveriesOf(contractOf(asked), planAccess(asked, OWNER), { owner: OWNER }, more);

describe('a hand-over', () => {
  it('says who may do what, until when, and what was seen to work', () => {
    expect(
      handOverFor({ restrict: { sourceIps: ['198.51.100.0/24'], maxSessionSeconds: 7200 } }),
    ).toMatchObject({
      contractId: 'C-2026-0142',
      ownerAccountId: OWNER,
      granteeAccountId: PARTNER,
      externalId: EXTERNAL_ID,
      lease: request().lease,
      maxSessionSeconds: 7200,
      sourceIps: ['198.51.100.0/24'],
      setup: 'self-service',
      proven: ['alikafka:ListTopic'],
      judged: 1,
      sealed: [],
    });
  });
  it('is that of the terms that hold: an amendment changes whom it names and whose key it is sealed to', async () => {
    const amended = withGrantee({ accessors: [{ ...alice, via: 'api' }], publicKey });
    const contract = {
      ...contractOf(request()),
      terms: { revision: 1, request: amended, planHash: '', seq: 9 },
    };
    const [part] = await deliveriesOf(contract, planAccess(amended, OWNER), { owner: OWNER });
    expect(part?.accessors).toEqual(amended.grantee.accessors);
    expect(part?.sealed.map(({ about }) => about)).toEqual(['ExternalId']);
  });
  it('has no ExternalId for people who enter at the console alone, since they can send none', () => {
    const people = withGrantee({ accessors: [alice] });
    expect(handOverFor(people)).not.toHaveProperty('externalId');
  });
});

describe('what is sealed', () => {
  it('is the ExternalId and what was made for users, and no other part of the hand-over has it', async () => {
    const parts = await deliver(withKey, [user]);
    const text = JSON.stringify(parts);
    for (const secret of [EXTERNAL_ID, 'a-secret-of-etl', 'LTAIetl']) expect(text).not.toContain(secret);
    const sealed = parts.flatMap((part) => part.sealed);
    expect(sealed.map(({ about }) => about)).toEqual([
      'ExternalId',
      `AccessKey of etl@${PARTNER}.onaliyun.com`,
    ]);
    const opened = await Promise.all(sealed.map(({ jwe }) => open(jwe, privateKey)));
    const { roleArn } = handOverFor();
    expect(opened).toEqual([
      {
        ok: true,
        secret: { kind: 'external-id', contractId: 'C-2026-0142', roleArn, externalId: EXTERNAL_ID },
      },
      { ok: true, secret: user },
    ]);
  });
  it('is not in the hand-over that is kept and printed again', () => {
    const kept = handOverOf(contractOf(withKey), planAccess(withKey, OWNER), { owner: OWNER });
    expect(JSON.stringify(kept)).not.toContain(EXTERNAL_ID);
    expect(kept).toMatchObject({ sealed: [], keyThumbprint: thumbprintOf(publicKey) });
    expect(handOverPage(kept)).toContain('not repeated here');
  });
  it('leaves sealed or not at all', async () => {
    const secrets = { externalId: EXTERNAL_ID, more: [user] };
    await expect(sealedHandOver(handOverFor(), secrets, undefined)).rejects.toThrow(TypeError);
  });
  it('does not hold an ExternalId that nobody could send', async () => {
    const people = withGrantee({ accessors: [alice], publicKey });
    expect((await deliver(people))[0]?.sealed).toEqual([]);
  });
});

describe('parts of one announcement', () => {
  it('are events of their own, of which the first has the id that it would have alone', async () => {
    const ids: string[] = [];
    const events = { publish: async ({ id }: { readonly id: string }) => void ids.push(id) };
    const contract = { ...contractOf(request()), seq: 3, hash: 'h' };
    for (const data of [{}, { part: { number: 1, of: 2 } }, { part: { number: 2, of: 2 } }])
      await announce('partner.access.granted', contract, data, { events, clock: systemClock });
    const [alone, first, second] = ids;
    expect(first).toBe(alone);
    expect(second).toBe(`${alone}-2`);
  });
});

describe('the page', () => {
  const page = (changes: object = {}, asked: object = {}) =>
    handOverPage(handOverFor({ ...withGrantee(changes), grants: everyGrant, ...asked }));

  it('leads people through the consoles of both sites', () => {
    const text = page({ accessors: [alice] });
    const { roleName } = handOverFor();
    for (const part of [
      `<https://signin.aliyun.com/${PARTNER}.onaliyun.com/login.htm>`,
      `<https://signin-intl.aliyun.com/${PARTNER}.onaliyun.com/login.htm>`,
      `<https://signin.aliyun.com/switchRole.htm?parentAlias=${OWNER}.onaliyun.com&roleName=${roleName}>`,
      `Enterprise alias or default domain: \`${OWNER}\``,
      'The owner of an account cannot switch.',
      'user alice, at the console after a logon with MFA',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('## By API');
  });
  it('has no console steps for programs alone', () => expect(page()).not.toContain('## At the console'));
  it('tells what a session does not open', () => {
    expect(page()).toMatch(/Kafka clients take no session/);
    expect(page()).toMatch(/RocketMQ 5\.x clients take no session/);
  });
  it('tells what was set up, where Leasehold did it, and what becomes of it', () => {
    const text = page({
      publicKey,
      setup: {
        mode: 'managed',
        users: [
          { logonName: 'etl', access: 'programmatic' },
          { logonName: 'bob', existing: true },
        ],
        roles: [{ name: 'etl-ecs', trusts: 'ecs.aliyuncs.com' }],
      },
    });
    expect(text).toContain('user etl, made for this contract: signs with an AccessKey');
    expect(text).toContain('user bob, your own');
    expect(text).toContain('ALIBABA_CLOUD_ECS_METADATA=etl-ecs');
    expect(text).toContain('recycle bin for 30 days');
    expect(text).not.toContain('set-up.sh');
  });
  it('shows where the policies forced a wider right, and from where calls must come', () => {
    const text = page({}, { restrict: { sourceIps: ['198.51.100.0/24'] } });
    expect(text).toContain('| Only from | 198.51.100.0/24 |');
    expect(text).toMatch(/RocketMQ checks CreateGroup on the instance/);
  });
  it('promises no end by itself to what RAM does not decide', () => {
    const dataPlane = { endsByController: true } as const;
    const kafka = { ...kafkaGrant, access: 'publish', topics: ['orders'], dataPlane } as Grant;
    const staying = { ...rabbitmqGrant, dataPlane: { ...dataPlane, staticAccount: true } } as Grant;
    const target = { type: 'https', url: 'https://b.example/in', ...dataPlane };
    const route = { ...eventbridgeGrant, access: 'subscribe', target } as Grant;
    for (const [grants, named] of [
      [
        [kafka, staying],
        /Not by themselves, but by Leasehold, .* end: account lh-\w+ on Kafka instance \S+ \(cn-hangzhou\)\. /,
      ],
      [[route], /Not by themselves, but by Leasehold, .* end: what sends you events\. /],
    ] as const) {
      const text = page({}, { grants });
      expect(text).toMatch(named);
      expect(text).toContain('from then on, but for what “At the end” names |');
      expect(text).not.toContain('everything is refused.');
    }
    const text = page({}, { grants: [staying] });
    expect(text).toContain('from then on |');
    expect(text).toContain('everything is refused. What you made');
  });
  it('keeps a name a name, whatever characters it has', () => {
    expect(page({ name: '# [x](y) `z` <b>' }).split('\n')[0]).toBe(
      '# Access for \\# \\[x\\](y) \\`z\\` \\<b\\>: contract C-2026-0142',
    );
    expect(page({ name: 'B &lt;\n# or https://b.example' }).split('\n')[0]).toBe(
      '# Access for B \\&lt; \\# or https:\\/\\/b.example: contract C-2026-0142',
    );
  });
  it('fences what has fences in it', () => {
    const fences = page().match(/^`{3,}/gm) ?? [];
    expect(fences.length % 2).toBe(0);
  });
});
