import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, askingTask, type FlowWorld, REGION, startFlows } from './world.js';

describe('a task', () => {
  let world: FlowWorld;
  let server: Server;
  const heard: { headers: IncomingHttpHeaders; method: string | undefined; body: string }[] = [];
  let url = '';
  beforeAll(async () => {
    world = await startFlows();
    await world.ram('AttachPolicyToRole', {
      PolicyType: 'System',
      PolicyName: 'AdministratorAccess',
      RoleName: 'flows',
    });
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        heard.push({
          headers: request.headers,
          method: request.method,
          body: Buffer.concat(parts).toString(),
        });
        response.writeHead(418, { 'X-Told': 'yes' }).end('hello world');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await world.close();
  });
  const task = (Action: string, Parameters: object, more: object = {}) => ({
    Type: 'Task',
    Name: 'A',
    Action,
    Parameters,
    End: true,
    ...more,
  });

  it('calls a server of this machine, and gives its answer as header, code and body', async () => {
    const { output } = await world.run('http', [
      task('HTTP:Request', { url, method: 'Post', body: { a: 1 }, headers: { 'X-Mine': '1' } }),
    ]);
    expect(JSON.parse(output)).toMatchObject({ Code: 418, Body: 'hello world', Header: { 'x-told': 'yes' } });
    expect(heard.at(-1)).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'x-mine': '1' } });
  });

  it('hands a server its token, and waits for the answer', async () => {
    await world.create('http-back', [
      task('HTTP:Request', { url, method: 'GET' }, { TaskMode: 'WaitForCustomCallback' }),
    ]);
    await world.call('StartExecution', { FlowName: 'http-back', Input: '{}' });
    await world.clock.settled();
    const TaskToken = String(heard.at(-1)?.headers['x-fnf-http-callback-task-token']);
    await world.call('ReportTaskSucceeded', { TaskToken, Output: '{"n":1}' });
    const [execution] = world.flows.executionsOf(ACCOUNT, 'http-back');
    await execution?.over;
    expect(execution?.output).toBe('{"n":1}');
  });

  it('publishes an event as the flow’s role, about the flow', async () => {
    const { output } = await world.run(
      'tells',
      [
        task('EventBridge:PutEvents', {
          id: '1',
          source: 's',
          type: 't',
          eventBusName: 'bus',
          data: { 'x.$': '$Input.x' },
        }),
      ],
      { x: 1 },
    );
    expect(JSON.parse(output)).toEqual({ FailedEntryCount: 0 });
    const { caller, event } = world.published.at(-1) ?? {};
    expect(caller).toMatchObject({ kind: 'role-session', roleName: 'flows' });
    expect(event).toMatchObject({
      id: '1',
      aliyuneventbusname: 'bus',
      subject: `acs:fnf:${REGION}:${ACCOUNT}:flow/tells`,
      data: { x: 1 },
    });
  });

  it('finds a function whose ARN leaves region and account out in those of the flow', async () => {
    const before = world.arns.length;
    for (const [name, resourceArn] of [
      ['short', 'acs:fc:::services/s.LATEST/functions/f'],
      ['long', 'acs:fc:cn-beijing:2:services/s.LATEST/functions/f'],
    ] as const)
      await world.run(name, [task('FC:InvokeFunction', { resourceArn, invocationType: 'Sync' })]);
    expect(world.arns.slice(before)).toEqual([
      `acs:fc:${REGION}:${ACCOUNT}:services/s.LATEST/functions/f`,
      'acs:fc:cn-beijing:2:services/s.LATEST/functions/f',
    ]);
  });

  it.each([
    ['without region and account', 'acs:fnf:::flow/child', undefined],
    ['with both', `acs:fnf:${REGION}:${ACCOUNT}:flow/child`, undefined],
    ['of another region', `acs:fnf:cn-beijing::flow/child`, 'InvalidArgument'],
    ['of another account', `acs:fnf:::2:flow/child`, 'InvalidArgument'],
    ['of no flow', `acs:fc:::functions/child`, 'InvalidArgument'],
    ['that is not there', `acs:fnf:::flow/nobody`, 'FlowNotExists'],
  ])('starts a flow %s', async (what, resourceArn, code) => {
    await world.create('child', [{ Type: 'Succeed', Name: 'A' }]).catch(() => undefined);
    const parameters = { resourceArn, executionName: what.replaceAll(' ', '-'), 'input.$': '$Input' };
    const parent = await world.run(
      `parent-${what.replaceAll(' ', '-')}`,
      [task('FNF:StartExecution', parameters)],
      { x: 1 },
    );
    expect(parent.failure?.code).toBe(code);
    if (code !== undefined) return;
    expect(JSON.parse(parent.output)).toMatchObject({
      FlowName: 'child',
      ExecutionName: parameters.executionName,
    });
    const child = world.flows.executionsOf(ACCOUNT, 'child').at(-1);
    expect(child).toMatchObject({ name: parameters.executionName, input: '{"x":1}' });
  });

  it.each([
    ['MNS:SendMessage', 'RequestComplete'],
    ['ECS:DescribeInstances', 'RequestComplete'],
    ['RAM:CreateUser', 'RequestComplete'],
    ['EventBridge:PutEvents', 'WaitForSystemCallback'],
    ['HTTP:Request', 'WaitForSystemCallback'],
  ])('that is not in this embedded cloud (%s, %s) fails by its name', async (action, TaskMode) => {
    const { failure } = await world.run(`lacks-${action.replace(':', '-')}-${TaskMode}`, [
      task(action, {}, { TaskMode }),
    ]);
    expect(failure).toMatchObject({ code: 'ActionNotSupported', detail: expect.stringContaining(action) });
  });

  it('of a flow without a role fails, and so does one whose role trusts nobody', async () => {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
    });
    await world.ram('CreateRole', { RoleName: 'others', AssumeRolePolicyDocument });
    const before = world.payloads.length;
    for (const [name, RoleArn] of [
      ['without', ''],
      ['distrusted', `acs:ram::${ACCOUNT}:role/others`],
    ] as const) {
      await world.create(name, [task('FC:InvokeFunction', { resourceArn: 'echo', invocationType: 'Sync' })], {
        RoleArn,
      });
      await world.call('StartExecution', { FlowName: name, Input: '{}' });
      await world.clock.settled();
      expect(world.flows.executionsOf(ACCOUNT, name)[0]?.status).toBe('Failed');
    }
    expect(world.payloads.length).toBe(before);
  });

  it('on a product that does not stand beside fails loudly', async () => {
    const alone = await startFlows({}, true);
    try {
      const functions = await alone.run('calls', [
        task('FC:InvokeFunction', { resourceArn: 'echo', invocationType: 'Sync' }),
      ]);
      const events = await alone.run('tells', [task('EventBridge:PutEvents', { id: '1' })]);
      expect([functions.failure?.code, events.failure?.code]).toEqual(['FC.InternalError', 'InternalError']);
    } finally {
      await alone.close();
    }
  });

  it('leaves a trail of what it went through', async () => {
    const types = async (name: string, state: { readonly Name: string }) => {
      const { history } = await world.run(name, [state]);
      return history.map(({ Type }) => Type);
    };
    const echo = { resourceArn: 'echo', invocationType: 'Sync' };
    expect(await types('trail-done', task('FC:InvokeFunction', echo))).toEqual([
      'ExecutionStarted',
      'StepEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'StepExited',
      'ExecutionSucceeded',
    ]);
    expect(await types('trail-late', { ...askingTask, Timeout: 5 } as never)).toEqual([
      'ExecutionStarted',
      'StepEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskTimedOut',
      'StepFailed',
      'ExecutionFailed',
    ]);
    const refused = { ...askingTask, Parameters: { resourceArn: 'refuse', invocationType: 'Sync' } };
    expect(await types('trail-refused', refused)).toContain('TaskSubmitFailed');
    const branch = { StartAt: 'S', States: [{ Type: 'Succeed', Name: 'S' }] };
    const parallel = { Type: 'Parallel', Name: 'A', Branches: [branch], End: true };
    expect(await types('trail-branch', parallel)).toEqual([
      'ExecutionStarted',
      'StepEntered',
      'BranchEntered',
      'StepEntered',
      'StepExited',
      'BranchExited',
      'StepExited',
      'ExecutionSucceeded',
    ]);
  });
});
