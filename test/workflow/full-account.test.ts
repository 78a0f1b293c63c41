import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addSeconds, type Instant, instantOf } from '../../shared/domain/values.js';
import { enterAs, using } from '../support/changes.js';
import { kafkaGrant, request } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

const FLOWS = '2019-03-15';
/** Runs until it is stopped. */
const WAITS = JSON.stringify({
  Type: 'StateMachine',
  SpecVersion: 'v1',
  Name: 'others',
  StartAt: 'Wait',
  States: [
    { Type: 'Wait', Name: 'Wait', Seconds: 300, Next: 'Again' },
    { Type: 'Pass', Name: 'Again', Next: 'Wait' },
  ],
});

describe('an account in which as many executions run as it may have', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ runner: 'in-process', flowLimits: { runningExecutions: 3 } });
  });
  afterAll(() => world?.cloud.close());

  const CONTRACTS = ['F-1', 'F-2', 'F-3', 'F-4'];
  const failures = () => world.outbox.heard.filter(({ type }) => type.endsWith('.failed'));
  const letIn = async (ids: readonly string[], expiresAt: Instant): Promise<void> => {
    for (const id of ids) {
      await world.onboard(id, { lease: { ...request().lease, expiresAt } });
      await world.hear(id, 'granted');
    }
  };

  it('has all of a crowd revoked whose leases end at once, and nothing fails', async () => {
    const expiresAt = addSeconds(instantOf(world.clock.now()), 3600);
    await letIn(CONTRACTS, expiresAt);
    await world.jumpTo(expiresAt);
    for (const id of CONTRACTS) await world.hear(id, 'revoked');
    expect(failures()).toEqual([]);
  });

  it('has all of a crowd revoked that is terminated at once, and nothing fails', async () => {
    const ids = CONTRACTS.map((id) => `${id}-T`);
    await letIn(ids, request().lease.expiresAt);
    await Promise.all(ids.map((id) => world.terminate(id)));
    for (const id of ids) await world.hear(id, 'revoked');
    expect(failures()).toEqual([]);
  });

  it('has a lease end by itself where others’ executions leave no room for an hour, and revoked when they do', async () => {
    const expiresAt = addSeconds(instantOf(world.clock.now()), 1800);
    await letIn(['F-late'], expiresAt);
    const session = await enterAs(world, 'F-late');
    expect(await using(world, session, kafkaGrant)).toBe('allowed');
    const others = ['a', 'b', 'c'];
    await world.asOwner(FLOWS, 'CreateFlow', {
      Name: 'others',
      Type: 'FDL',
      Description: 'd',
      Definition: WAITS,
    });
    for (const ExecutionName of others)
      await world.asOwner(FLOWS, 'StartExecution', { FlowName: 'others', ExecutionName });
    await world.jumpTo(addSeconds(expiresAt, 1800));
    expect(await using(world, session, kafkaGrant)).toBe('denied');
    expect((await world.contract('F-late')).state).toBe('active');
    for (const ExecutionName of others)
      await world.asOwner(FLOWS, 'StopExecution', { FlowName: 'others', ExecutionName });
    await world.hear('F-late', 'revoked');
  });
});
