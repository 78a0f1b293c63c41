import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Fc from '@alicloud/fc20230330';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { zipBundle } from '../../shared/cli/embedded/bundles.js';
import { examine, troubles } from '../support/examine.js';
import { fcOf, redeploy } from '../support/redeploy.js';
import { connectionsAreGone, startWorld, type World } from '../support/world.js';

const RULE = { EventBusName: 'leasehold', RuleName: 'leasehold-contract-terminated' };
const NOTHING = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';

/** Leasehold as another version of it, or another configuration, had deployed it. */
async function makeOlder(world: World): Promise<void> {
  await redeploy(world, { LEASEHOLD_ON_DRIFT: 'suspend', LEASEHOLD_OF_BEFORE: 'x' });
  const [other] = world.cloud.deployment.functions;
  const zipFile = Buffer.from(zipBundle(other!)).toString('base64');
  const code = new Fc.InputCodeLocation({ zipFile });
  await fcOf(world).updateFunction(
    'leasehold-cut-access',
    new Fc.UpdateFunctionRequest({ body: new Fc.UpdateFunctionInput({ code, timeout: 7 }) }),
  );
  const { Definition, ...flow } = (await world.asOwner('2019-03-15', 'DescribeFlow', {
    Name: 'leasehold-revocation',
  })) as Readonly<Record<string, string>>;
  await world.asOwner('2019-03-15', 'UpdateFlow', {
    Name: 'leasehold-revocation',
    Description: 'older',
    Type: 'FDL',
    RoleArn: flow['RoleArn'] ?? '',
    Definition: `${Definition}# older\n`,
  });
  await world.asOwner('2015-05-01', 'CreatePolicyVersion', {
    PolicyName: 'leasehold-fn-revoke',
    PolicyDocument: NOTHING,
    SetAsDefault: 'true',
  });
  await world.asOwner('2015-05-01', 'UpdateRole', {
    RoleName: 'leasehold-fn-revoke',
    NewAssumeRolePolicyDocument: (await world.ram().observeRole('leasehold-fn-flows' as never))?.trust ?? '',
  });
  await world.asOwner('2020-04-01', 'UpdateRule', { ...RULE, FilterPattern: '{"source":["nobody"]}' });
  await world.asOwner('2020-04-01', 'DeleteTargets', { ...RULE, TargetIds: '["leasehold-revocation"]' });
}

describe('an embedded cloud that is started again on its folder', () => {
  let world: World;
  afterEach(() => world?.cloud.close());

  it('runs what is built now, as it is configured now, for contracts from before', async () => {
    const data = mkdtempSync(join(tmpdir(), 'again-'));
    world = await startWorld({ runner: 'in-process', data });
    await world.onboard('A-1');
    await world.hear('A-1', 'granted');
    await world.settle();
    await makeOlder(world);
    expect(troubles(await examine(world)).length).toBeGreaterThan(world.cloud.deployment.functions.length);
    const now = world.clock.now();
    await world.cloud.close();
    await connectionsAreGone();

    world = await startWorld({
      runner: 'in-process',
      data,
      startAt: now,
      env: { LEASEHOLD_ON_DRIFT: 'heal' },
    });
    expect(troubles(await examine(world))).toEqual([]);
    await world.terminate('A-1');
    await world.hear('A-1', 'revoked');
    vi.restoreAllMocks();
  });
});
