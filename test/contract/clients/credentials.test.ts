import { createRequire } from 'node:module';
import RPCClient from '@alicloud/pop-core';
import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER, REGION } from '../../support/requests.js';
import { type ClientsCloud, startClientsCloud } from './cloud.js';

// Providers have no name of their own in the package's types: it hands them out by configuration, for the real cloud only.
const require = createRequire(import.meta.url);
interface Credential {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}
interface Request {
  protocol: string;
}
interface Provider {
  getCredentials(): Promise<Credential>;
  doRequest: (request: Request) => Promise<unknown>;
}
interface Builder {
  withCredentialsProvider(provider: unknown): Builder;
  withRoleArn(arn: string): Builder;
  withRoleSessionName(name: string): Builder;
  withStsEndpoint(endpoint: string): Builder;
  withExternalId(id: string): Builder;
  withPolicy(policy: string): Builder;
  withDurationSeconds(seconds: number): Builder;
  build(): Provider;
}
const RamRoleArn = require('@alicloud/credentials/dist/src/providers/ram_role_arn').default as {
  builder(): Builder;
};
const StaticKey = require('@alicloud/credentials/dist/src/providers/static_ak').default as {
  builder(): {
    withAccessKeyId(id: string): { withAccessKeySecret(secret: string): { build(): unknown } };
  };
};

const statement = (Action: string | readonly string[], Resource: string) =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action, Resource }] });
const ROLE_ARN = `acs:ram::${OWNER}:role/reader`;
const BUCKET = 'conformance';

let its: ClientsCloud;
beforeAll(async () => {
  its = await startClientsCloud();
  const ram = (action: string, params: Readonly<Record<string, string>>) =>
    its.cloud.cloud.call(its.cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, REGION);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { RAM: [`acs:ram::${OWNER}:root`] },
        Condition: { StringEquals: { 'sts:ExternalId': 'agreed' } },
      },
    ],
  });
  await ram('CreateRole', { RoleName: 'reader', AssumeRolePolicyDocument });
  const policy = { PolicyName: 'reading', PolicyType: 'Custom' };
  await ram('CreatePolicy', {
    ...policy,
    PolicyDocument: statement(['oss:GetObject', 'oss:ListObjects', 'ram:ListRoles'], '*'),
  });
  await ram('AttachPolicyToRole', { ...policy, RoleName: 'reader' });
  const oss = ossWith(its.keys);
  await oss.putBucket(BUCKET);
  await oss.put('a/open', Buffer.from('open'));
  await oss.put('b/closed', Buffer.from('closed'));
});
afterAll(() => its?.close());

/** The package's own provider; only the scheme of its request is another, since the embedded cloud has no certificate. */
function provider(change: (builder: Builder) => Builder = (builder) => builder): Provider {
  const { accessKeyId, accessKeySecret } = its.keys;
  const keys = StaticKey.builder().withAccessKeyId(accessKeyId).withAccessKeySecret(accessKeySecret).build();
  const built = change(
    RamRoleArn.builder()
      .withCredentialsProvider(keys)
      .withRoleArn(ROLE_ARN)
      .withRoleSessionName('conformance')
      .withExternalId('agreed')
      .withStsEndpoint(its.cloud.endpoint),
  ).build();
  const { doRequest } = built;
  built.doRequest = (request) => doRequest(Object.assign(request, { protocol: 'http' }));
  return built;
}
const ossWith = (
  { accessKeyId, accessKeySecret, securityToken }: Partial<Credential> & ClientsCloud['keys'],
  more: object = {},
) =>
  new OSS({
    bucket: BUCKET,
    region: `oss-${REGION}`,
    endpoint: its.cloud.origin,
    accessKeyId,
    accessKeySecret,
    ...(securityToken === undefined ? {} : { stsToken: securityToken }),
    ...more,
  });

describe('the RamRoleArn provider of the credentials package', () => {
  it('is given a session that works with other clients', async () => {
    const session = await provider().getCredentials();
    expect(session.accessKeyId).toMatch(/^STS\./);
    const sts = new RPCClient({ ...session, endpoint: its.cloud.origin, apiVersion: '2015-04-01' });
    expect(await sts.request('GetCallerIdentity', {})).toMatchObject({
      Arn: `acs:ram::${OWNER}:assumed-role/reader/conformance`,
      IdentityType: 'AssumedRoleUser',
    });
  });

  it('keeps its session while it is fresh', async () => {
    const one = provider();
    const [first, second] = [await one.getCredentials(), await one.getCredentials()];
    expect(second.securityToken).toBe(first.securityToken);
  });

  it('is refused without the ExternalId that was agreed', async () => {
    await expect(provider((builder) => builder.withExternalId('other')).getCredentials()).rejects.toThrow(
      /NoPermission/,
    );
  });

  it('is refused a longer session than the role allows', async () => {
    await expect(provider((builder) => builder.withDurationSeconds(43_200)).getCredentials()).rejects.toThrow(
      /InvalidParameter\.DurationSeconds/,
    );
  });
});

describe.each([
  ['version 1', {}],
  ['version 4', { authorizationV4: true }],
])('ali-oss with a session, signing by %s', (_version, more) => {
  it('reads and lists what the role may, and is refused the rest', async () => {
    const oss = ossWith(await provider().getCredentials(), more);
    expect(String((await oss.get('a/open')).content)).toBe('open');
    const { objects } = await oss.listV2({ prefix: 'a/' }, {});
    expect(objects?.map(({ name }) => name)).toEqual(['a/open']);
    await expect(oss.put('a/new', Buffer.from('x'))).rejects.toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
  });

  it('is narrowed by the session policy that the provider asked for', async () => {
    const policy = statement('oss:GetObject', `acs:oss:*:*:${BUCKET}/a/*`);
    const oss = ossWith(await provider((builder) => builder.withPolicy(policy)).getCredentials(), more);
    expect(String((await oss.get('a/open')).content)).toBe('open');
    await expect(oss.get('b/closed')).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(oss.listV2({ prefix: 'a/' }, {})).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('renews its session by itself', async () => {
    let renewed = 0;
    const session = await provider().getCredentials();
    const oss = ossWith(
      { ...session, securityToken: session.securityToken },
      {
        ...more,
        refreshSTSTokenInterval: 0,
        refreshSTSToken: async () => {
          renewed += 1;
          const { accessKeyId, accessKeySecret, securityToken } = await provider().getCredentials();
          return { accessKeyId, accessKeySecret, stsToken: securityToken };
        },
      },
    );
    await oss.get('a/open');
    await new Promise((resolve) => setImmediate(resolve));
    await oss.get('a/open');
    expect(renewed).toBeGreaterThan(0);
  });

  it('hears that a token was tampered with, and that an object is not there', async () => {
    const session = await provider().getCredentials();
    const forged = ossWith({ ...session, securityToken: `${session.securityToken}x` }, more);
    await expect(forged.get('a/open')).rejects.toMatchObject({ code: 'InvalidSecurityToken' });
    await expect(ossWith(session, more).get('a/none')).rejects.toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    });
  });
});
