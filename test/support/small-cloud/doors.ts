/** Side doors in memory: accounts of a data plane and rules of a bus, and a contract that has one of each. */
import { planAccess } from '../../../shared/app/plan/plan-access.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { Contract } from '../../../shared/domain/contract.js';
import type { AclEntry } from '../../../shared/domain/data-plane.js';
import { foldContract } from '../../../shared/domain/fold-contract.js';
import { type ObservedTarget, ROUTE_TARGET_ID, type Route } from '../../../shared/domain/route.js';
import { accountCredential, activated, doorsIntended, fact } from '../../domain/facts.js';
import { chainOf, type Written } from '../chains.js';
import { makeKeyPair } from '../key-pairs.js';
import { kafkaGrant, OWNER, REGION, request } from '../requests.js';
import { contractId, nobodysLease, roleName } from './lease.js';

const asked = request({
  grantee: { ...request().grantee, publicKey: makeKeyPair('x25519').publicKey },
  grants: [
    { ...kafkaGrant, access: 'publish', topics: ['orders'], dataPlane: { endsByController: true } },
    {
      service: 'eventbridge',
      access: 'subscribe',
      region: REGION,
      eventBus: 'orders',
      events: { types: ['order.paid'] },
      target: { type: 'bus', eventBus: 'inbox', roleName: 'let-in', endsByController: true },
    },
  ] as never,
});
export const plan = planAccess(asked, OWNER);
export const [ACCOUNT] = plan.accounts as unknown as readonly [(typeof plan.accounts)[number]];
export const [RULE] = plan.routes as unknown as readonly [(typeof plan.routes)[number]];

/** Asked for, approved and open to the partner. */
export const GRANTED: readonly Written[] = [
  fact('requested', {
    event: { source: 's', id: 'asked', contentHash: 'h' },
    request: asked,
    owner: OWNER,
    roleName,
    planHash: plan.planHash,
  }),
  fact('approved', { of: 1, by: 'auto-approval', planHash: plan.planHash }),
  fact('granting', { nonce: 'n', externalId: 'x', verifierExternalId: 'v' }),
  fact('role-created', { roleId: 'role-1', policies: [] }),
  activated,
];
/** Of which nothing is owed, where `more` begins with the hand-over of both. */
export const HANDED_OVER: readonly Written[] = [
  ...GRANTED,
  doorsIntended([ACCOUNT], [RULE]),
  fact('credentials-made', {
    of: 1,
    credentials: [accountCredential(ACCOUNT.account, ACCOUNT.instance.instanceId)],
  }),
  fact('handed-over', { of: 1 }),
];

interface Account {
  readonly isEnabled: boolean;
  readonly entries: readonly AclEntry[];
}
interface Rule {
  readonly pattern: string;
  readonly isEnabled: boolean;
  readonly targets: readonly ObservedTarget[];
}
export const ruleOf = ({ pattern, to }: Route): Rule => ({
  pattern,
  isEnabled: true,
  targets: [{ id: ROUTE_TARGET_ID, to, retries: 'briefly' }],
});

/** With `facts` in the register, and both doors open as they were approved. */
export function doorsWith(facts: readonly Written[]) {
  const lease = nobodysLease();
  const { cloud } = lease;
  for (const one of chainOf(facts, contractId))
    cloud.evidence.set(
      `contracts/${contractId}/${String(one.seq).padStart(8, '0')}.json`,
      JSON.stringify(one),
    );
  const accounts = new Map<string, Account>([
    [ACCOUNT.account, { isEnabled: true, entries: ACCOUNT.entries }],
  ]);
  const rules = new Map<string, Rule>([[RULE.rule, ruleOf(RULE)]]);
  /** `<name> <kind of step>`, in their order. */
  const done: string[] = [];
  const is = { aclOn: true };
  const dataPlanes = {
    observe: async (_: unknown, name: string) => {
      const { entries = [], ...account } = accounts.get(name) ?? {};
      return {
        isAclOn: is.aclOn,
        entries,
        forEveryone: [],
        ...(accounts.has(name) ? { account } : {}),
      };
    },
    apply: async (_: unknown, name: string, step: Parameters<Ports['dataPlanes']['apply']>[2]) => {
      done.push(`${name} ${step.kind}`);
      const there = accounts.get(name) ?? { isEnabled: true, entries: [] };
      if (step.kind === 'deleteAccount') accounts.delete(name);
      if (step.kind === 'createAccount') accounts.set(name, { isEnabled: true, entries: [] });
      if (step.kind === 'setEnabled') accounts.set(name, { ...there, isEnabled: step.isEnabled });
      if (step.kind === 'addEntry') accounts.set(name, { ...there, entries: [...there.entries, step.entry] });
      if (step.kind === 'removeEntry')
        accounts.set(name, { ...there, entries: there.entries.filter((one) => one !== step.entry) });
      return step.kind === 'createAccount' ? { username: name, password: 'secret' } : {};
    },
  } as unknown as Ports['dataPlanes'];
  const routes = {
    observe: async ({ rule }: Route) => (rules.has(rule) ? { rule: rules.get(rule) } : {}),
    apply: async (route: Route, step: Parameters<Ports['routes']['apply']>[1]) => {
      const { rule: name } = route;
      done.push(`${name} ${step.kind}`);
      const there = rules.get(name) ?? ruleOf(route);
      if (step.kind === 'createRule') rules.set(name, { ...ruleOf(route), isEnabled: false });
      if (step.kind === 'setEnabled') rules.set(name, { ...there, isEnabled: step.isEnabled });
      if (step.kind === 'removeTargets') rules.set(name, { ...there, targets: [] });
      if (step.kind === 'deleteRule') rules.delete(name);
    },
  } as unknown as Ports['routes'];
  const admission = {
    ...lease.ports.settings.admission,
    autoApproval: { ...lease.ports.settings.admission.autoApproval, allowEndsByController: true },
  };
  const ports: Ports = {
    ...lease.ports,
    dataPlanes,
    routes,
    settings: { ...lease.ports.settings, admission },
  };
  const contract: Contract = foldContract(contractId, chainOf(facts, contractId));
  return { ...lease, ports, contract, accounts, rules, done, is };
}
