import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployedFlows } from '../../../../shared/cloud/alibaba/deployed/flows.js';
import { type CannedCloud, startCannedCloud } from '../../../support/canned-cloud.js';

const HOUR = 3_600_000;
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR).toISOString();
/** A step that tells what failed is tried for a day, so that an execution fails long after it began. */
const EXECUTIONS = [
  { Name: 'failed-soon', Status: 'Failed', StartedTime: hoursAgo(3), StoppedTime: hoursAgo(2) },
  { Name: 'failed-after-a-day', Status: 'Failed', StartedTime: hoursAgo(28), StoppedTime: hoursAgo(1) },
  { Name: 'failed-the-day-before', Status: 'Failed', StartedTime: hoursAgo(40), StoppedTime: hoursAgo(30) },
];

let cloud: CannedCloud;
beforeAll(async () => {
  cloud = await startCannedCloud((request) => {
    const query = new URL(request.url ?? '/', 'http://any').searchParams;
    switch (query.get('Action')) {
      case 'ListFlows':
        return { body: { Flows: [{ Name: 'leasehold-revocation' }] } };
      case 'DescribeFlow':
        return { body: { Name: query.get('Name'), Definition: 'text', RoleArn: 'role' } };
      default:
        return {
          body: {
            Executions: EXECUTIONS.filter(
              ({ Status, StartedTime }) =>
                Status === query.get('Status') && StartedTime >= (query.get('StartedTimeBegin') ?? ''),
            ),
          },
        };
    }
  });
});
afterAll(() => cloud.close());

describe('executions that ended badly', () => {
  it('are those that ended in the last day, whenever they began', async () => {
    const [flow] = await deployedFlows('leasehold-', cloud.connection);
    expect(flow?.failures).toMatchObject({
      seen: [
        { execution: 'failed-soon', status: 'Failed' },
        { execution: 'failed-after-a-day', status: 'Failed' },
      ],
    });
  });
});
