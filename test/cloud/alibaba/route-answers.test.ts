/** What EventBridge may answer about rules and the embedded cloud does not. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeRoutesPort } from '../../../shared/cloud/alibaba/routes.js';
import type { Route } from '../../../shared/domain/route.js';
import { parseAccountId } from '../../../shared/domain/values.js';
import { type CannedCloud, startCannedCloud } from '../../support/canned-cloud.js';
import { PARTNER, REGION } from '../../support/requests.js';

const route: Route = {
  rule: 'lh-0123456789abcdef',
  region: REGION,
  eventBus: 'orders',
  description: 'd',
  pattern: '{}',
  to: {
    kind: 'bus',
    accountId: parseAccountId(PARTNER),
    region: REGION,
    eventBus: 'inbox',
    roleName: 'let-in',
  },
};

let cloud: CannedCloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

type Query = Readonly<Record<string, string>>;
async function portOver(answer: (action: string, query: Query) => object) {
  cloud = await startCannedCloud(({ url = '', headers }) => ({
    body: answer(String(headers['x-acs-action']), Object.fromEntries(new URL(url, 'http://x').searchParams)),
  }));
  return makeRoutesPort(cloud.connection);
}
const observed = async (rule: object) =>
  (await (await portOver(() => ({ Success: true, Data: rule }))).observe(route))?.rule;

describe('the rules on a bus', () => {
  it('are listed to the last page', async () => {
    const names = ['lh-1', 'lh-2', 'lh-3'];
    const port = await portOver((_, { NextToken = '0' }) => {
      const at = Number(NextToken);
      const more = at + 1 < names.length ? { NextToken: String(at + 1) } : {};
      return { Success: true, Data: { Rules: [{ RuleName: names[at] }], ...more } };
    });
    expect(await port.listRules(route, 'lh-')).toEqual(names);
  });
});

describe('a rule', () => {
  it('is not there where the reply says so by its code alone', async () => {
    const port = await portOver(() => ({ Code: 'EventRuleNotExisted', RequestId: 'r' }));
    expect(await port.observe(route)).toEqual({});
  });

  it('counts as not switched off where the reply says by its code alone that it was not', async () => {
    const port = await portOver(() => ({ Code: 'OperationDenied', RequestId: 'r' }));
    await expect(port.apply(route, { kind: 'setEnabled', isEnabled: false })).rejects.toMatchObject({
      code: 'OperationDenied',
    });
  });

  it.each([
    ['DISABLE', false],
    ['disable', false],
    ['ENABLE', true],
    ['', true],
    ['SOMETHING_NEW', true],
  ])(
    'whose status is %j takes events out, unless it says that it does not: %s',
    async (Status, isEnabled) => {
      expect(await observed({ FilterPattern: '{}', Status, Targets: [] })).toMatchObject({ isEnabled });
    },
  );
});

describe('a target', () => {
  const param = (ResourceKey: string, Value: string) => ({ ResourceKey, Form: 'CONSTANT', Value });
  const whole = { ResourceKey: 'Body', Form: 'ORIGINAL' };
  const bus = {
    Type: 'acs.eventbridge',
    Endpoint: `acs:eventbridge:${REGION}:${PARTNER}:eventbus/inbox`,
    ParamList: [
      param('RegionId', REGION),
      param('AccountId', PARTNER),
      param('EventBusName', 'inbox'),
      param('RAMRoleName', 'let-in'),
      whole,
    ],
  };
  const https = (Network = 'PublicNetwork') => ({
    Type: 'https',
    Endpoint: 'https://b.example/in',
    ParamList: [param('url', 'https://b.example/in'), param('Network', Network), whole],
  });
  const endOf = async (target: object) =>
    (await observed({ Status: 'ENABLE', Targets: [{ Id: 'grantee', ...target }] }))?.targets[0]?.to;

  it('is known by where its endpoint and its parameters agree that it leads', async () => {
    expect(await endOf(bus)).toEqual(route.to);
    expect(await endOf(https())).toEqual({ kind: 'https', url: 'https://b.example/in' });
  });

  it.each([
    ['a bus by its endpoint alone', { ...bus, Endpoint: bus.Endpoint.replace('inbox', 'elsewhere') }],
    ['an address by its endpoint alone', { ...https(), Endpoint: 'https://elsewhere.example/in' }],
    ['an address in a private network', https('PrivateNetwork')],
    ['a kind that no contract has', { ...bus, Type: 'acs.fc.function' }],
  ])('is not taken for what was approved where it leads to %s', async (_, target) => {
    expect(await endOf(target)).toBeUndefined();
  });

  it.each(['putTarget', 'removeTargets'] as const)(
    'that was not taken is a failure of %s, though the call was answered well',
    async (kind) => {
      const ErrorEntries = [{ EntryId: 'grantee', ErrorCode: 'EventTargetCountExceedLimit' }];
      const port = await portOver(() => ({ Success: true, Data: { ErrorEntries } }));
      const step = kind === 'putTarget' ? { kind } : { kind, ids: ['grantee'] };
      await expect(port.apply(route, step)).rejects.toMatchObject({ code: 'QUOTA' });
    },
  );

  it('that is gone already was removed', async () => {
    const ErrorEntries = [{ EntryId: 'grantee', ErrorCode: 'EventTargetNotExist' }];
    const port = await portOver(() => ({ Success: true, Data: { ErrorEntries } }));
    await port.apply(route, { kind: 'removeTargets', ids: ['grantee'] });
  });
});
