import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeDirectly } from '../../shared/app/ending/revoke-directly.js';
import { byWayOf } from '../../shared/cli/witness.js';
import type { Connection } from '../../shared/cloud/alibaba/connection.js';
import { systemClock } from '../../shared/cloud/alibaba/system.js';
import type { Ports } from '../../shared/cloud/ports.js';
import { portsOf } from '../../shared/compose.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { instantOf, parseContractId } from '../../shared/domain/values.js';
import { failing, throttled } from '../../shared/loopback/dispatch.js';
import { enterAs, hearNth, using } from '../support/changes.js';
import { kafkaGrant, OWNER } from '../support/requests.js';
import { startWorld, type World } from '../support/world.js';

let world: World;
let connection: Connection;
let ports: Ports;
beforeAll(async () => {
  world = await startWorld({ runner: 'in-process' });
  const keys = world.cloud.accounts.createUser(OWNER, 'operator');
  await asRoot('CreatePolicy', {
    PolicyName: 'everything',
    PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  });
  await asRoot('AttachPolicyToUser', {
    PolicyType: 'Custom',
    PolicyName: 'everything',
    UserName: 'operator',
  });
  connection = world.cloud.connectionOf(keys);
  const silent = { info: () => undefined, warn: () => undefined };
  ports = {
    ...portsOf(connection, world.cloud.config, silent),
    clock: {
      now: () => instantOf(world.clock.now()),
      ticks: () => world.clock.now(),
      // What is waited for beside other work takes its time; long waits cost none.
      sleep: (seconds) => (seconds > 1 ? world.clock.advance(seconds * 1000) : systemClock.sleep(seconds)),
    },
  };
});
afterAll(() => world?.cloud.close());

const asRoot = (action: string, params: Readonly<Record<string, string>>) =>
  world.cloud.cloud.call(world.cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, 'cn-hangzhou');
const nameOf = (id: string) => roleNameOf(parseContractId(id));
const directly = (id: string, by: Ports = ports) =>
  revokeDirectly(parseContractId(id), { detail: 'an incident', by: 'operator@a.example' }, by);
const granted = async (id: string) => {
  await world.onboard(id);
  const session = await enterAs(world, id);
  await world.calm();
  return session;
};
/** EventBridge, CloudFlow and Function Compute answer nothing but 503, also to each other. */
const controllerDown = () =>
  world.cloud.cloud.faults.add({
    before: ({ product }) =>
      /^(eventbridge|fnf|fc)/i.test(product)
        ? { kind: 'error', status: 503, code: 'ServiceUnavailable' }
        : undefined,
  });
const toldEnds = (id: string) =>
  world.outbox.heard.filter(({ subject, type }) => subject === id && type === 'partner.access.revoked');
const idOf = (event: object) => (event as { readonly id?: string }).id;

describe('an end from an operator’s machine, with bus, flows and functions down', () => {
  it('refuses a live session and leaves nothing, though nobody can be told', async () => {
    const session = await granted('G-down');
    const up = controllerDown();
    const calls = world.cloud.calls.length;
    const { contract, announced } = await directly('G-down');
    expect(announced).toBe(false);
    expect(contract.state).toBe('ended');
    await expect(using(world, session, kafkaGrant)).rejects.toThrow('the session is dead');
    expect(await world.roles()).not.toContain(nameOf('G-down'));
    expect(await world.ram().readPolicy({ type: 'Custom', name: `${nameOf('G-down')}-1` })).toBeUndefined();
    const since = world.cloud.calls.slice(calls);
    expect(since.filter(({ callerArn }) => callerArn?.includes('leasehold-fn-'))).toEqual([]);
    expect(toldEnds('G-down')).toEqual([]);
    up();
  });

  it('says who wanted it, and never claims a refusal that nobody could see', async () => {
    const { ending, cut, removed } = await world.contract('G-down');
    expect(ending).toMatchObject({ reason: 'terminated', by: 'operator@a.example', direct: true });
    expect(cut?.timeToDenySeconds).toBeUndefined();
    expect(cut?.witness).toMatch(
      /^none: no session could be opened before the cut \(NoPermission\), nor after it; leasehold-ended was read back/,
    );
    expect(cut?.unseen[0]).toMatch(/^that live sessions were refused/);
    expect(removed?.tokenDeath).toMatch(/^not seen: .*the role reads back as deleted$/);
  });

  it('is announced once by the sweep, when that runs again', async () => {
    await hearNth(world, 'G-down', 'revoked', 1);
    await world.calm();
    const [told, ...more] = toldEnds('G-down');
    expect(more).toEqual([]);
    expect(told?.data).toMatchObject({ reason: 'terminated', timeToDenySeconds: 'n/a' });
  });

  it('leaves a termination that comes after nothing to do but to say so again, under the same id', async () => {
    const { seq } = await world.contract('G-down');
    const calls = world.cloud.calls.length;
    await world.terminate('G-down');
    await hearNth(world, 'G-down', 'revoked', 2);
    await world.calm();
    expect(world.ramWrites(calls)).toEqual([]);
    expect((await world.contract('G-down')).seq).toBe(seq);
    const ids = toldEnds('G-down').map(idOf);
    expect(ids[0]).toBeDefined();
    expect(new Set(ids).size).toBe(1);
  });
});

describe('an end from an operator’s machine', () => {
  it('is announced at once when the bus is there', async () => {
    await granted('G-up');
    const { announced } = await directly('G-up');
    expect(announced).toBe(true);
    await world.calm();
    expect(toldEnds('G-up')).toHaveLength(1);
  });

  it('goes on where the cloud asked for patience', async () => {
    await granted('G-busy');
    const faults = world.cloud.cloud.faults;
    const undo = [
      faults.add(failing({ action: 'AttachPolicyToRole', product: 'Ram', nth: 1 }, throttled)),
      faults.add(failing({ action: 'DeleteRole', product: 'Ram', nth: 1 }, throttled)),
      faults.add(failing({ action: 'PutObject', product: 'oss', nth: 3 }, throttled)),
    ];
    const { contract } = await directly('G-busy');
    for (const each of undo) each();
    expect(contract.state).toBe('ended');
    expect(await world.roles()).not.toContain(nameOf('G-busy'));
  });

  it('may be made twice: the second finds nothing left, and says nothing new', async () => {
    const { seq } = await world.contract('G-up');
    const { contract } = await directly('G-up');
    expect(contract.seq).toBe(seq);
    await world.calm();
    expect(new Set(toldEnds('G-up').map(idOf)).size).toBe(1);
  });

  it('goes on from where a flow had stopped', async () => {
    await granted('G-half');
    const undo = world.cloud.cloud.faults.add({
      before: ({ action, callerArn }) =>
        action === 'DeleteRole' && callerArn?.includes('fn-revoke')
          ? { kind: 'error', status: 500, code: 'InternalError' }
          : undefined,
    });
    await world.terminate('G-half');
    for (let rounds = 0; (await world.contract('G-half')).cut === undefined && rounds < 60; rounds++)
      await world.clock.advance(1000);
    const { contract } = await directly('G-half');
    undo();
    expect(contract.state).toBe('ended');
    expect(contract.cut?.timeToDenySeconds).toBeTypeOf('number');
    await world.calm();
    expect(new Set(toldEnds('G-half').map(idOf)).size).toBe(1);
  });

  const roleArn = `acs:ram::${OWNER}:role/leasehold-fn-verify`;

  it('sees the refusal too, where a verifier role trusts the operator', async () => {
    await granted('G-seen');
    const before = await world.ram().observeRole('leasehold-fn-verify' as ReturnType<typeof nameOf>);
    const trust = JSON.parse(before!.trust);
    trust.Statement.push({
      Action: 'sts:AssumeRole',
      Effect: 'Allow',
      Principal: { RAM: [`acs:ram::${OWNER}:user/operator`] },
    });
    await asRoot('UpdateRole', {
      RoleName: 'leasehold-fn-verify',
      NewAssumeRolePolicyDocument: JSON.stringify(trust),
    });
    const { contract } = await directly('G-seen', await byWayOf(roleArn, ports, connection));
    expect(contract.cut).toMatchObject({ witness: 'a live session worked before the cut' });
    expect(contract.cut?.timeToDenySeconds).toBeTypeOf('number');
    expect(contract.removed?.tokenDeath).toMatch(/^a live token was refused/);
  });

  it('takes no token that ran out for one that died with the role, when the machine slept for an hour', async () => {
    await granted('G-asleep');
    const seeing = await byWayOf(roleArn, ports, connection);
    const callerOf: Ports['sts']['callerOf'] = async (session) => {
      await world.clock.advance(3_600_000);
      return seeing.sts.callerOf(session);
    };
    const up = controllerDown();
    const { contract } = await directly('G-asleep', { ...seeing, sts: { ...seeing.sts, callerOf } });
    up();
    expect(contract.state).toBe('ended');
    expect(contract.removed?.tokenDeath).toBe(
      'not seen: the token had run out by then; the role reads back as deleted',
    );
  });

  it('does without a witness role that does not let the operator in', async () => {
    const ofGranting = `acs:ram::${OWNER}:role/leasehold-fn-grant`;
    expect(await byWayOf(ofGranting, ports, connection)).toBe(ports);
  });
});
