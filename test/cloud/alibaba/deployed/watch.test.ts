import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../../../shared/cloud/alibaba/connection.js';
import { deployedAround } from '../../../../shared/cloud/alibaba/deployed/around.js';
import { look } from '../../../../shared/cloud/alibaba/deployed/look.js';
import { deployedAlarms, deployedStack } from '../../../../shared/cloud/alibaba/deployed/watch.js';
import { type CannedCloud, startCannedCloud } from '../../../support/canned-cloud.js';

/** Replies in the shape of the vendor's API references; the embedded cloud has neither product. */
const REPLIES: Readonly<Record<string, (query: URLSearchParams) => object>> = {
  ListStacks: (query) => ({
    Stacks: [
      { StackName: `${query.get('StackName.1')}-too`, StackId: 'other', Status: 'CREATE_FAILED' },
      { StackName: 'leasehold-rights', StackId: 's-0', Status: 'DELETE_COMPLETE' },
      { StackName: 'leasehold-rights', StackId: 's-1', Status: 'UPDATE_COMPLETE' },
      { StackName: 'leasehold-answers', StackId: 's-2', Status: 'DELETE_COMPLETE' },
    ],
  }),
  ListStackResources: (query) => ({
    Resources:
      query.get('StackId') === 's-1'
        ? [{ LogicalResourceId: 'LogstoreFunctions', Status: 'CREATE_COMPLETE' }]
        : [],
  }),
  DescribeMetricRuleList: (query) => ({
    Alarms: {
      Alarm: (query.get('RuleIds') ?? '')
        .split(',')
        .map((RuleId, at) => ({ RuleId, EnableState: at > 0, AlertState: at === 1 ? 'ALARM' : 'OK' })),
    },
  }),
};

let cloud: CannedCloud;
let connection: Connection;
let asked: URLSearchParams[];
let date: string | undefined;
beforeAll(async () => {
  asked = [];
  cloud = await startCannedCloud((request) => {
    const query = new URL(request.url ?? '/', 'http://any').searchParams;
    const reply = REPLIES[String(request.headers['x-acs-action'])];
    const headers = date === undefined ? {} : { date };
    if (reply === undefined)
      return { status: 403, headers, body: { Code: 'Forbidden.RAM', Message: 'no', RequestId: 'r' } };
    asked.push(query);
    return { headers, body: reply(query) };
  });
  ({ connection } = cloud);
});
afterAll(() => cloud.close());

describe('a stack', () => {
  it('is told by its own name, with what became of its resources', async () => {
    expect(await deployedStack('leasehold-rights', connection)).toEqual({
      status: 'UPDATE_COMPLETE',
      resources: { LogstoreFunctions: 'CREATE_COMPLETE' },
    });
    expect(asked.at(-1)?.get('RegionId')).toBe('cn-hangzhou');
  });

  it('that is not there is not another whose name is alike', async () => {
    expect(await deployedStack('leasehold-events', connection)).toBeUndefined();
  });

  it('that was deleted is not there, though the list still has it', async () => {
    expect(await deployedStack('leasehold-answers', connection)).toBeUndefined();
  });
});

describe('alarms', () => {
  it('are asked for twenty at a time, all of them', async () => {
    const names = Array.from({ length: 25 }, (_, at) => `alarm-${at}`);
    const since = asked.length;
    const found = await deployedAlarms(names, connection);
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(asked.length - since).toBe(2);
    expect(found[0]).toEqual({ name: 'alarm-0', isEnabled: false, isRinging: false });
    expect(found[1]).toEqual({ name: 'alarm-1', isEnabled: true, isRinging: true });
  });
});

describe('a look', () => {
  it('that is refused is told with the code', async () => {
    const { caller } = await deployedAround(connection);
    expect(caller).toEqual({ unseen: 'denied', code: 'Forbidden.RAM' });
  });

  it('at the clock goes by the date of any answer, also of a refusal', async () => {
    date = new Date(Date.now() - 3_600_000).toUTCString();
    const { clockAheadSeconds } = await deployedAround(connection);
    date = undefined;
    expect('seen' in clockAheadSeconds && Math.abs(clockAheadSeconds.seen - 3600) < 30).toBe(true);
  });

  it('that fails by a mistake of ours is no answer of the cloud', async () => {
    await expect(look(() => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours');
  });
});
