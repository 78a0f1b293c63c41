import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../support/world.js';

const DAY = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process', auditTrail: true });
});
afterAll(() => world?.cloud.close());

/** Subjects of what is told to have got to no flow. */
const undelivered = () =>
  world.outbox.heard
    .filter(({ type, data }) => type === 'partner.access.failed' && data['code'] === 'UNDELIVERED')
    .map(({ subject }) => subject);

describe('what could be delivered to no flow for a day', () => {
  it('is told, also if it is of a type that nobody listens to; but no clock that has struck since, and no audit', async () => {
    const undo = world.cloud.cloud.faults.add({
      before: ({ action, callerArn }) =>
        action === 'StartExecution' && callerArn?.includes('fn-events')
          ? { kind: 'error', status: 500, code: 'InternalServerError' }
          : undefined,
    });
    await world.terminate('U-ended');
    await world.post({
      id: 'slip',
      source: 'test',
      type: 'parnter.contract.terminated',
      subject: 'U-slip',
      data: { contractId: 'U-slip' },
    });
    await world.asOwner('2015-05-01', 'CreateRole', {
      RoleName: 'by-hand',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '1',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { RAM: ['acs:ram::1000000000000001:root'] },
          },
        ],
      }),
    });
    // In one step each clock strikes once.
    await world.clock.advance(120_000);
    await world.clock.advance(DAY);
    undo();
    await world.calm();
    const dead = world.cloud.events.deadLetters().map(({ event }) => event.type);
    expect(new Set(dead)).toEqual(
      new Set([
        'partner.contract.terminated',
        'parnter.contract.terminated',
        'ram:ActionTrail:ApiCall',
        'eventbridge:Events:ScheduledEvent',
      ]),
    );
    expect(undelivered().sort()).toEqual(['U-ended', 'U-slip']);
  }, 60_000);
});
