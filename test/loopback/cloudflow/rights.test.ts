import FnfPackage from '@alicloud/fnf-2019-03-15';
import RpcClient from '@alicloud/pop-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type FlowWorld, REGION, startFlows } from './world.js';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: object;
}
const FLOW = `acs:fnf:${REGION}:${ACCOUNT}:flow/mine`;
const EXECUTIONS = 'acs:fnf:::flows/mine/executions/*';
const START = { Effect: 'Allow', Action: 'fnf:StartExecution' } as const;

describe('a RAM user', () => {
  let world: FlowWorld;
  let users = 0;
  beforeAll(async () => {
    world = await startFlows();
    await world.create('mine', [{ Type: 'Succeed', Name: 'A' }]);
    await world.create('other', [{ Type: 'Succeed', Name: 'A' }]);
    await world.create('quick', [{ Type: 'Succeed', Name: 'A' }], { ExecutionMode: 'Express' });
  });
  afterAll(() => world.close());

  /** Keys of a new user who has just these statements. */
  const userWith = async (...Statement: readonly Statement[]) => {
    const name = `user${users++}`;
    const keys = world.cloud.accounts.createUser(ACCOUNT, name);
    await world.ram('CreatePolicy', {
      PolicyName: name,
      PolicyDocument: JSON.stringify({ Version: '1', Statement }),
    });
    await world.ram('AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: name, UserName: name });
    return keys;
  };
  const clientOf = (keys: { readonly accessKeyId: string; readonly accessKeySecret: string }) => {
    const Client = (FnfPackage as unknown as { default?: typeof FnfPackage }).default ?? FnfPackage;
    return new Client({ ...keys, endpoint: world.cloud.origin });
  };

  it.each<[string, readonly Statement[]]>([
    ['its executions, as the table of execution roles writes it', [{ ...START, Resource: EXECUTIONS }]],
    ['anything', [{ ...START, Resource: '*' }]],
  ])('who may start %s starts this flow, by the official SDK, and no other', async (what, statements) => {
    const client = clientOf(await userWith(...statements));
    expect(await client.startExecution({ FlowName: 'mine', Input: '{}' })).toMatchObject({
      FlowName: 'mine',
    });
    if (what !== 'anything')
      await expect(client.startExecution({ FlowName: 'other', Input: '{}' })).rejects.toMatchObject({
        code: 'AccessDenied',
      });
  });

  it.each([FLOW, `acs:fnf:${REGION}:${ACCOUNT}:*`])(
    'who may start %s starts nothing: starting is authorised on all resources',
    async (Resource) => {
      const client = clientOf(await userWith({ ...START, Resource }));
      await expect(client.startExecution({ FlowName: 'mine', Input: '{}' })).rejects.toMatchObject({
        code: 'AccessDenied',
      });
    },
  );

  it.each(['*', EXECUTIONS])('who is denied %s starts nothing, whatever else allows it', async (Resource) => {
    const client = clientOf(
      await userWith({ ...START, Resource: '*' }, { ...START, Effect: 'Deny', Resource }),
    );
    await expect(client.startExecution({ FlowName: 'mine', Input: '{}' })).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  it('gives a flow only a role that may be passed to CloudFlow', async () => {
    const make = { Effect: 'Allow', Action: 'fnf:*', Resource: '*' } as const;
    const pass = (service: string): Statement => ({
      Effect: 'Allow',
      Action: 'ram:PassRole',
      Resource: `acs:ram::${ACCOUNT}:role/flows`,
      Condition: { StringEquals: { 'acs:Service': service } },
    });
    const params = {
      Name: 'passed',
      Type: 'FDL',
      Description: 'd',
      Definition:
        'Type: StateMachine\nSpecVersion: v1\nName: passed\nStartAt: A\nStates: [{Type: Succeed, Name: A}]',
      RoleArn: `acs:ram::${ACCOUNT}:role/flows`,
    };
    for (const statements of [[make], [make, pass('fc.aliyuncs.com')]])
      await expect(clientOf(await userWith(...statements)).createFlow(params)).rejects.toMatchObject({
        code: 'AccessDenied',
      });
    const allowed = clientOf(await userWith(make, pass('fnf.aliyuncs.com')));
    expect(await allowed.createFlow(params)).toMatchObject({ Name: 'passed' });
  });

  it('uses what the SDK has no method for through pop-core', async () => {
    const keys = await userWith({ Effect: 'Allow', Action: 'fnf:*', Resource: '*' });
    const client = new RpcClient({ ...keys, endpoint: world.cloud.origin, apiVersion: '2019-03-15' });
    const reply = await client.request(
      'StartSyncExecution',
      { FlowName: 'quick', Input: '{"x":1}' },
      { method: 'POST' },
    );
    expect(reply).toMatchObject({ Status: 'Succeeded', Output: '{"x":1}', RequestId: expect.any(String) });
    await expect(client.request('PublishFlowVersion', { FlowName: 'quick' }, {})).rejects.toMatchObject({
      code: 'InvalidApi.NotFound',
    });
  });
});
