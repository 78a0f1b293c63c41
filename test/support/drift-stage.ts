/** An embedded cloud with what people do by hand in it, and what Leasehold says of that. */
import { expect } from 'vitest';
import type { HandOver } from '../../shared/app/hand-over/hand-over.js';
import { startFlow } from '../../shared/cloud/alibaba/flows.js';
import { makeProductPort } from '../../shared/cloud/alibaba/products.js';
import type { DriftFinding, Fact } from '../../shared/domain/fact.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { roleNameOf } from '../../shared/domain/role-name.js';
import { parseContractId } from '../../shared/domain/values.js';
import { grantProbes } from '../../shared/services/index.js';
import { kafkaGrant, OWNER, REGION } from './requests.js';
import { startWorld, type World, type WorldOptions } from './world.js';

export const roleOf = (id: string) => roleNameOf(parseContractId(id));
export const HOUR = 3600_000;

/** One embedded cloud with what people do by hand in it, and what Leasehold says of that. */
export const stage = (
  env: Readonly<Record<string, string>>,
  auditTrail = false,
  options: Pick<WorldOptions, 'runner'> = {},
) => {
  let world: World;
  const call = (action: string, params: Readonly<Record<string, string>>) =>
    world.cloud.cloud.call(world.cloud.accounts.rootOf(OWNER), '2015-05-01', action, params, REGION);
  const told = (subject: string) =>
    world.outbox.heard.filter(
      (event) => event.subject === subject && event.type === 'partner.access.drift-found',
    );
  return {
    start: async () => {
      world = await startWorld({ runner: 'in-process', env, auditTrail, ...options });
    },
    close: () => world?.cloud.close(),
    world: () => world,
    call,
    told,
    live: async (id: string) => {
      await world.onboard(id);
      await world.hear(id, 'granted');
      return (await world.hear(id, 'granted')).data as unknown as HandOver;
    },
    /** The next hour's round, and whatever it starts. */
    round: async () => {
      const before = world.cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length;
      await world.clock.advance(HOUR);
      expect(world.cloud.flows.executionsOf(OWNER, 'leasehold-reconciliation').length).toBeGreaterThan(
        before,
      );
      await world.calm();
    },
    /** As `leasehold reconcile` does it. */
    ask: (contractId: string) =>
      startFlow('leasehold-reconciliation', { contractId }, world.cloud.connectionOf(world.cloud.root)),
    /** What was found of the contract last, in the register and told alike. */
    found: async (id: string) => {
      const facts = (await world.facts(id)).filter((fact) => fact.kind === 'drift-found');
      const fact = facts.at(-1) as Extract<Fact, { readonly kind: 'drift-found' }> | undefined;
      const event = told(id).at(-1);
      expect(event?.data['findings']).toEqual(fact?.data.findings);
      expect(event?.data['action']).toBe(fact?.data.action);
      return fact?.data;
    },
    put: (id: string, name: string, type = 'System') =>
      call('AttachPolicyToRole', { PolicyType: type, PolicyName: name, RoleName: roleOf(id) }),
    take: (id: string, name: string, type = 'Custom') =>
      call('DetachPolicyFromRole', { PolicyType: type, PolicyName: name, RoleName: roleOf(id) }),
    attached: async (id: string) =>
      (await world.ram().attachmentsOf(roleOf(id))).map(({ policy }) => policy.name).sort(),
    trust: (id: string, change: (text: string) => string) =>
      world
        .ram()
        .observeRole(roleOf(id))
        .then((role) => world.ram().setTrust(roleOf(id), change(role?.trust ?? ''))),
    /** What the partner's administrator can do with what was handed over, each time in a new session. */
    visitor: async (handOver: HandOver) => {
      const [person] = await world.partner.accept(handOver);
      const [probe] = grantProbes(kafkaGrant as ResourceGrant, OWNER);
      const port = makeProductPort(world.cloud.connectionOf(world.cloud.root));
      return async () => {
        const entered = await person!.enter(handOver);
        return 'refused' in entered ? 'kept out' : (await port.call(probe!.call, entered)).outcome;
      };
    },
  };
};

export const codesOf = (data: { readonly findings: readonly DriftFinding[] } | undefined) =>
  data?.findings.map(({ code }) => code);
export const addEve = (text: string) => {
  const trust = JSON.parse(text);
  const eve = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM: 'acs:ram::9000000000000009:root' },
  };
  return JSON.stringify({ ...trust, Statement: [...trust.Statement, eve] });
};
export const WIDE = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alikafka:*","Resource":"*"}]}';
