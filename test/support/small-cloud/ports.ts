/** The ports that reach a small cloud. Those of a grantee's account, of data planes and of rules have nothing behind them here. */
import type { Ports, Session } from '../../../shared/cloud/ports.js';
import { DEFAULT_ADMISSION } from '../../../shared/domain/admission-settings.js';
import { DeniedError } from '../../../shared/domain/errors.js';
import { instantOf } from '../../../shared/domain/values.js';
import { OWNER } from '../requests.js';
import { judge, type SmallCloud } from './cloud.js';
import { ramOf } from './ram.js';

const VERIFIER = `acs:ram::${OWNER}:role/leasehold-fn-verify`;
const INSTANCES = ['alikafka_pre-cn-x1', 'alikafka_pre-cn-x2'];
const RIGHTS: Readonly<Record<string, string>> = {
  GetTopicList: 'alikafka:ListTopic',
  GetConsumerList: 'alikafka:ListGroup',
  GetInstanceList: 'alikafka:ListInstance',
};

/** What reaches the cloud. */
export type CloudPorts = Pick<Ports, 'ram' | 'quotas' | 'sts' | 'products' | 'events' | 'evidence' | 'index'>;

/** Each is made when it is asked for: all of them are more than most calls need. */
const PORTS: { readonly [P in keyof CloudPorts]: (cloud: SmallCloud) => CloudPorts[P] } = {
  ram: ramOf,
  quotas: () => ({
    read: async () => ({ roles: 0, rolesQuota: 1000, policies: 0, policiesQuota: 1500 }),
  }),
  sts: stsOf,
  products: productsOf,
  events: ({ told }) => ({ publish: async (event) => void told.add(event.type) }),
  evidence: ({ evidence }) => ({
    create: async (key, body) => {
      if (evidence.has(key)) return 'exists';
      evidence.set(key, body);
      return 'created';
    },
    read: async (key) => evidence.get(key),
    list: async (prefix) => below(prefix, evidence),
    objects: async (prefix) =>
      below(prefix, evidence).map((key) => ({ key, holds: (text) => evidence.get(key) === text })),
  }),
  index: ({ index }) => ({
    put: async (key, body) => void index.set(key, body),
    remove: async (key) => void index.delete(key),
    removeAll: async (keys) => {
      for (const key of keys) index.delete(key);
    },
    read: async (key) => index.get(key),
    list: async (prefix, limit, after = '') =>
      below(prefix, index)
        .filter((key) => key > after)
        .slice(0, limit),
  }),
};
export const portTo = <P extends keyof CloudPorts>(cloud: SmallCloud, port: P): CloudPorts[P] =>
  PORTS[port](cloud);

const below = (prefix: string, objects: ReadonlyMap<string, string>): readonly string[] =>
  [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();

/** Of whom a session is, and what it is narrowed to, stands in its token. */
interface Held {
  readonly roleName: string;
  readonly roleId: string;
  readonly policy: string | undefined;
}
const heldBy = ({ securityToken }: Session): Held => JSON.parse(securityToken) as Held;
const isAlive = (cloud: SmallCloud, { roleName, roleId }: Held): boolean =>
  cloud.roles.get(roleName)?.id === roleId;

function stsOf(cloud: SmallCloud): Ports['sts'] {
  return {
    assume: async ({ roleArn, externalId = '', policy }) => {
      const roleName = roleArn.split('/').at(-1) ?? '';
      const role = cloud.roles.get(roleName);
      const { Statement } = JSON.parse(role?.trust ?? '{"Statement":[]}') as {
        readonly Statement: readonly object[];
      };
      const isLetIn = Statement.map((statement) => JSON.stringify(statement)).some(
        (text) => externalId !== '' && text.includes(`"${VERIFIER}"`) && text.includes(`"${externalId}"`),
      );
      if (role === undefined || !isLetIn) return { outcome: 'refused', code: 'NoPermission' };
      const securityToken = JSON.stringify({ roleName, roleId: role.id, policy } satisfies Held);
      return { outcome: 'opened', session: { accessKeyId: '', accessKeySecret: '', securityToken } };
    },
    callerOf: async (session) =>
      isAlive(cloud, heldBy(session))
        ? { outcome: 'alive', arn: '' }
        : { outcome: 'dead', code: 'InvalidSecurityToken' },
  };
}

function productsOf(cloud: SmallCloud): Ports['products'] {
  return {
    call: async ({ action, params, region }, session) => {
      const right = RIGHTS[action] ?? action;
      const resource = `acs:alikafka:${region}:${OWNER}:${params['InstanceId'] ?? '*'}`;
      if (session !== undefined) {
        const held = heldBy(session);
        if (!isAlive(cloud, held))
          throw new DeniedError(`the session is dead: InvalidSecurityToken from ${action}`);
        const context = { 'acs:CurrentTime': instantOf(cloud.now), 'acs:SourceIp': '192.0.2.1' };
        const isLetIn =
          cloud.may(held.roleName, { action: right, resource }) &&
          (held.policy === undefined ||
            judge([held.policy], { action: right, resource, context }) === 'Allow');
        if (!isLetIn) return { outcome: 'denied', code: 'Forbidden.RAM' };
      }
      const InstanceVO = INSTANCES.map((InstanceId) => ({ InstanceId }));
      return { outcome: 'allowed', body: { InstanceList: { InstanceVO } } };
    },
  };
}

const nothing = (what: string) => ({
  get: () => () => Promise.reject(new Error(`this small cloud has no ${what}`)),
});

export const NOT_HERE: Pick<Ports, 'grantees' | 'dataPlanes' | 'routes' | 'resourceGroups'> = {
  grantees: new Proxy({} as Ports['grantees'], nothing('grantees')),
  dataPlanes: new Proxy({} as Ports['dataPlanes'], nothing('data planes')),
  routes: new Proxy({} as Ports['routes'], nothing('rules')),
  resourceGroups: new Proxy({} as Ports['resourceGroups'], nothing('resource groups')),
};

/** One answer is a verdict, and nobody need be asked. */
export const SMALL_SETTINGS: Ports['settings'] = {
  owner: OWNER,
  deployment: { prefix: 'leasehold', register: 'leasehold-evidence' },
  verifierRoleArns: [VERIFIER],
  provisionerRoleArn: `acs:ram::${OWNER}:role/leasehold-fn-provisioner`,
  stops: { suspended: 'leasehold-suspended', ended: 'leasehold-ended' },
  verdict: { answers: 1, intervalSeconds: 0, patienceSeconds: 0 },
  absenceSeconds: 0,
  writesPerSecond: 0,
  granteeSeconds: 86_400,
  admission: {
    ...DEFAULT_ADMISSION,
    autoApproval: {
      maxLeaseSeconds: 1e9,
      allowSystemPolicies: false,
      allowUnavoidablyWider: true,
      allowEndsByController: false,
    },
  },
  approvals: { approvers: [], timeoutSeconds: 86_400 },
  warningDays: [],
  onDrift: 'report',
};
