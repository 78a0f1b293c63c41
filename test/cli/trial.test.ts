import { beforeAll, describe, expect, it } from 'vitest';
import { runTrial, type TrialReport } from '../../shared/cli/embedded/trial.js';
import { eventOf, NOW, OWNER, REGION, request } from '../support/requests.js';
import { keys } from '../support/side-doors.js';

type Posted = Parameters<typeof runTrial>[0][number];
type Data = Record<string, unknown>;

/** An onboarding of `contractId` that somebody else might write; `change` does with its data what it likes. */
const asks = (contractId: string, change: Data, around: Data = {}): Posted =>
  eventOf(
    { ...structuredClone(request()), contractId, ...change },
    { id: `try-${contractId.replace(/[._]/g, '-')}`, subject: contractId, ...around },
  ) as unknown as Posted;
const tried = (events: readonly Posted[]): Promise<TrialReport> =>
  runTrial(events, { startAt: Date.parse(NOW), say: () => undefined });
const grantee = (accountId: string, ...accessors: readonly Data[]) => ({
  grantee: { name: 'Hooli', accountId, accessors, setup: { mode: 'self-service' } },
});
const failures = ({ contracts }: TrialReport) =>
  contracts.flatMap(({ contractId, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ what, seen }) => `${contractId}: ${what} ${seen}`),
  );

describe('events that are unlike the samples', () => {
  let report: TrialReport;
  beforeAll(async () => {
    report = await tried([
      asks('Odd.Ways_1', {
        ...grantee(
          '3141592653589793',
          { type: 'user', name: 'z', via: 'api' },
          { type: 'user', name: 'z', via: 'console' },
          { type: 'user', name: 'max', via: 'console', requireMfa: false },
          { type: 'role', name: 'svc.role-1', via: 'api' },
        ),
        grants: [
          { service: 'eventbridge', access: 'publish', region: 'cn-shanghai', eventBus: 'partner-in' },
          { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'default' },
        ],
        restrict: { sourceIps: ['10.0.0.0/16'] },
      }),
      asks('in-groups', {
        ...grantee('2718281828459045'),
        grants: [
          {
            service: 'kafka',
            access: 'read',
            region: REGION,
            instanceId: 'alikafka_in-1',
            resourceGroupId: 'rg-one',
          },
          {
            service: 'rocketmq',
            series: '5.x',
            access: 'read',
            region: REGION,
            instanceId: 'rmq-cn-in2',
            resourceGroupId: 'rg-two',
          },
          {
            service: 'slb',
            kind: 'nlb',
            access: 'read',
            region: REGION,
            loadBalancerIds: ['nlb-in1'],
            resourceGroupId: 'rg-one',
          },
        ],
      }),
      asks('sealed', {
        grantee: { ...grantee('1618033988749894').grantee, publicKey: keys.publicKey },
        grants: [
          {
            service: 'kafka',
            access: 'publish',
            region: REGION,
            instanceId: 'alikafka_pre-cn-x2',
            topics: ['of.theirs'],
            dataPlane: { endsByController: true },
          },
          {
            service: 'eventbridge',
            access: 'subscribe',
            region: REGION,
            eventBus: 'orders',
            target: { type: 'https', url: 'https://hooks.example/in', endsByController: true },
          },
        ],
      }),
      asks('sample-in-a-group', {
        ...grantee('1202056903159594'),
        grants: [
          {
            service: 'kafka',
            access: 'read',
            region: REGION,
            instanceId: 'alikafka_pre-cn-x1',
            resourceGroupId: 'rg-one',
          },
        ],
      }),
      asks('managed', {
        grantee: {
          name: 'Hooli',
          accountId: '2502907875095892',
          publicKey: keys.publicKey,
          accessors: [
            { type: 'user', name: 'etl', via: 'api' },
            { type: 'user', name: 'old', via: 'api' },
            { type: 'role', name: 'on-ecs', via: 'api' },
          ],
          setup: {
            mode: 'managed',
            users: [
              { logonName: 'etl', access: 'programmatic' },
              { logonName: 'old', existing: true },
            ],
            roles: [{ name: 'on-ecs', trusts: 'ecs.aliyuncs.com' }],
          },
        },
      }),
      asks('later', {
        ...grantee('1414213562373095'),
        lease: { startsAt: '2028-01-01T00:00:00Z', expiresAt: '2028-12-31T23:59:59Z' },
      }),
    ]);
  }, 180_000);

  it('give access and take it, whoever enters in whatever way, from where and whenever', () => {
    expect(failures(report)).toEqual([]);
    expect(report.ok).toBe(true);
  });
  it('are used: a bus elsewhere takes an event, and what stands in a resource group answers', () => {
    const seen = report.contracts.flatMap(({ checks }) => checks.map((one) => `${one.what} ${one.seen}`));
    expect(seen).toContain('publishing to bus partner-in published');
    expect(seen).toContain('alikafka GetTopicList alikafka_in-1 allowed');
    expect(seen).toContain('RocketMQ GetInstance /instances/rmq-cn-in2 allowed');
    expect(seen).toContain('Nlb GetLoadBalancerAttribute nlb-in1 allowed');
  });
  it('are used though what they seal is for others: whoever was set up enters, and accounts are there until the end', () => {
    const seen = report.contracts.flatMap(({ contractId, checks }) =>
      checks.map((one) => `${contractId}: ${one.what} ${one.seen}`),
    );
    for (const who of ['user etl', 'user old', 'role on-ecs'])
      expect(seen).toContain(`managed: ${who} by api enters entered`);
    expect(seen).toContain('sealed: user operator by api enters entered');
    const accounts = seen.filter((line) => line.startsWith('sealed: account lh-'));
    expect(accounts.map((line) => line.split(' ').at(-1))).toEqual(['there', 'gone']);
  });
  it('are looked at in the order in which their leases begin', () => {
    expect(report.contracts.at(-1)?.contractId).toBe('later');
  });
});

describe('events that must not be granted', () => {
  let report: TrialReport;
  const bus = (eventBus: string) => ({ service: 'eventbridge', access: 'read', region: REGION, eventBus });
  beforeAll(async () => {
    report = await tried([
      asks('own-bus', { grants: [bus('leasehold'), bus('eventbridge-reserved-x')] }),
      asks('own-partner', grantee(OWNER)),
      asks('a..b', {}, { id: 'no-contract' }),
      asks('bad-id', {}, { id: 'not an id' }),
      asks('too-large', { requestedBy: 'x'.repeat(62_000) }),
    ]);
  }, 180_000);

  it('are reported one by one, with what was answered, and never stop the rest', () => {
    expect(report.ok).toBe(false);
    const seen = Object.fromEntries(
      report.contracts.map(({ contractId, checks }) => [contractId, checks.map((one) => one.seen).join()]),
    );
    expect(Object.keys(seen).sort()).toEqual(['a..b', 'bad-id', 'own-bus', 'own-partner', 'too-large']);
    expect(seen['own-bus']).toMatch(/^PROTECTED at \/data\/grants\/0.*: /);
    expect(seen['own-partner']).toMatch(/^GRANTEE_IS_OWNER at \/data\/grantee.*: /);
    expect(seen['a..b']).toMatch(/^BAD_CONTRACT_ID at \/data\/contractId: /);
    expect(seen['bad-id']).toMatch(/^EventBridge did not take it: /);
    expect(seen['too-large']).toMatch(/^EVENT_TOO_LARGE at \/: /);
  });
});
