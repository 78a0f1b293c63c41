import OSS from 'ali-oss';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../../shared/cloud/alibaba/connection.js';
import { deployedBucket } from '../../../shared/cloud/alibaba/deployed/buckets.js';
import type { EvidencePort } from '../../../shared/cloud/ports.js';
import { type RunningCloud, startCloud } from '../../../shared/loopback/cloud.js';
import { ossService } from '../../../shared/loopback/oss/service.js';
import { ENV } from '../../support/env.js';

/** Names of OSS's hosts lead to the embedded cloud, which is told by which of them it was called. */
const toCloud = vi.hoisted(() => ({ origin: '', hosts: [] as string[] }));
vi.mock('httpx', async (importActual) => {
  const httpx = await importActual<typeof import('httpx')>();
  return {
    ...httpx,
    request: (url: string, { agent: _, ...options }: { headers: object; agent: unknown }) => {
      const { host, pathname, search } = new URL(url);
      if (!host.endsWith('.aliyuncs.com')) return httpx.request(url, options as never);
      toCloud.hosts.push(host);
      return httpx.request(`${toCloud.origin}${pathname}${search}`, {
        ...options,
        headers: { ...options.headers, host },
      } as never);
    },
  };
});

interface Asking {
  readonly options: { readonly endpoint: { readonly host: string } };
  request(): Promise<never>;
}

const BUCKET = ENV.LEASEHOLD_EVIDENCE_BUCKET;
let cloud: RunningCloud;
let credentials: Connection['credentials'];
beforeAll(async () => {
  cloud = await startCloud({ services: [ossService], switches: { refusesPublicData: true } });
  toCloud.origin = cloud.origin;
  credentials = cloud.accounts.createAccount(ENV.LEASEHOLD_ACCOUNT).rootAccessKey;
});
afterAll(() => cloud.close());
beforeEach(() => {
  vi.resetModules();
  toCloud.hosts.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});
/** Anew each time: where files share what is loaded, another one has loaded it over the real transport. */
const makeEvidencePort = async (over: Connection): Promise<EvidencePort> =>
  (await import('../../../shared/cloud/alibaba/oss.js')).makeEvidencePort(over, BUCKET);

const connection = (changes: Partial<Connection> = {}): Connection => ({
  region: 'cn-hangzhou',
  owner: ENV.LEASEHOLD_ACCOUNT,
  credentials,
  timeoutMilliseconds: 5_000,
  ...changes,
});
const inside = `${BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com`;
const outside = `${BUCKET}.oss-cn-hangzhou.aliyuncs.com`;

describe('a register in the mainland, of an account that is new', () => {
  it('is not given out by the endpoint that the whole world reaches', async () => {
    const register = await makeEvidencePort(connection());
    await expect(register.read('contracts/x')).rejects.toMatchObject({
      code: 'PublicEndpointForbidden',
    });
    expect(toCloud.hosts).toEqual([outside]);
  });
  it('is given by the endpoint of the region to functions in the embedded cloud, too', async () => {
    const embedded = { endpoint: cloud.endpoint, oss: 'internal' } as const;
    const inside = await makeEvidencePort(connection(embedded));
    await expect(inside.read('contracts/x')).rejects.toMatchObject({
      code: 'NoSuchBucket',
    });
    const { endpoint } = embedded;
    const outside = await makeEvidencePort(connection({ endpoint }));
    await expect(outside.read('contracts/x')).rejects.toMatchObject({ code: 'PublicEndpointForbidden' });
  });
  it('is asked for by the endpoint of the region, where that is reached', async () => {
    const register = await makeEvidencePort(connection({ oss: 'internal' }));
    await expect(register.read('contracts/x')).rejects.toMatchObject({ code: 'NoSuchBucket' });
    expect(toCloud.hosts).toEqual([inside]);
  });
});

describe('a function', () => {
  const portsWith = async (env: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries({ ...ENV, LEASEHOLD_ENDPOINT: '', ...env }))
      vi.stubEnv(name, value);
    const { composePorts } = await import('../../../shared/compose.js');
    return composePorts({ requestId: '1', credentials, function: { name: 'cut-access' } });
  };
  it.each([
    ['unless something is said of it', {}],
    ['where that is said', { LEASEHOLD_OSS_NETWORK: 'internal' }],
  ])('calls the endpoint of its region %s', async (_, env) => {
    const { evidence } = await portsWith(env);
    await evidence.read('contracts/x').catch(() => {});
    expect(toCloud.hosts).toEqual([inside]);
  });
  it('calls the endpoint that the whole world reaches where that is said', async () => {
    const { evidence } = await portsWith({ LEASEHOLD_OSS_NETWORK: 'public' });
    await evidence.read('contracts/x').catch(() => {});
    expect(toCloud.hosts).toEqual([outside]);
  });
});

describe('a look at buckets', () => {
  it('goes by the endpoint that the connection names', async () => {
    const hosts: string[] = [];
    const asked = vi.spyOn(OSS.prototype as unknown as Asking, 'request').mockImplementation(function (
      this: Asking,
    ) {
      hosts.push(this.options.endpoint.host);
      throw Object.assign(new Error('gone'), { code: 'NoSuchBucket' });
    });
    for (const way of [{ oss: 'internal' }, {}] as const)
      expect(await deployedBucket(BUCKET, connection(way))).toBeUndefined();
    asked.mockRestore();
    expect(hosts).toEqual(['oss-cn-hangzhou-internal.aliyuncs.com', 'oss-cn-hangzhou.aliyuncs.com']);
  });
});
