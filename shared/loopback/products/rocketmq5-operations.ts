/** What the calls of RocketMQ 5.x on one instance are checked on, and what they answer. Source: its API reference. */
import type { Caller } from '../kernel.js';
import { integerIn, invalid, type Params, pageOf } from './params.js';
import type { ProductReadings } from './readings.js';
import {
  accountNamed,
  aclAt,
  addAccount,
  addAcl,
  changeAccount,
  changeAcl,
  type Fields,
  type InstanceAcl,
  type Rocketmq5Accounts,
  removeAccount,
  removeAcl,
} from './rocketmq5-accounts.js';
import type { Messaging } from './seed.js';

const DEFAULT_PAGE = 10;
/** What is done to one account, or to its ACLs. Names of accounts need no encoding. */
const OF_ONE = /^(\/accounts|\/acl\/account)\/([^/]+)$/;

export interface Call {
  readonly caller: Caller;
  readonly region: string;
  readonly method: string;
  /** Of the query. */
  readonly params: Params;
  /** Of the JSON body; none when there is no body. */
  readonly body: Fields;
}
/** A call on an instance that RAM allowed and that is there. */
export interface InstanceCall extends Call {
  readonly instance: Messaging;
  readonly kept: Rocketmq5Accounts;
  readonly readings: ProductReadings;
  /** Named in the path; '' where none is. */
  readonly account: string;
  change(kept: Rocketmq5Accounts): void;
}
export interface Route {
  readonly action: string;
  /** Below the instance's own ARN; '' for the instance. */
  readonly resource: string;
  readonly answer: (call: InstanceCall) => unknown;
}

const on = (action: string, answer: Route['answer'], resource = ''): Route => ({
  action: `rocketmq:${action}`,
  resource,
  answer,
});
const done =
  (changed: (call: InstanceCall) => Rocketmq5Accounts): Route['answer'] =>
  (call) => {
    call.change(changed(call));
    return true;
  };

/** By method and path below an instance; `*` is the name of an account. */
const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['GET ', on('GetInstance', ({ instance }) => withDetails(instance))],
  ['GET /topics', on('ListTopics', (call) => topicsOf(call), '/topic/*')],
  ['GET /consumerGroups', on('ListConsumerGroups', (call) => groupsOf(call), '/consumergroup/*')],
  ['GET /accounts', on('ListInstanceAccount', (call) => accountsOf(call))],
  ['GET /account', on('GetInstanceAccount', (call) => accountOf(call))],
  [
    'POST /accounts',
    on(
      'CreateInstanceAccount',
      done(({ kept, body }) => addAccount(kept, body)),
    ),
  ],
  [
    'PATCH /accounts/*',
    on(
      'UpdateInstanceAccount',
      // This one is sent in the query.
      done(({ kept, account, params }) => changeAccount(kept, account, params)),
    ),
  ],
  [
    'DELETE /accounts/*',
    on(
      'DeleteInstanceAccount',
      done(({ kept, account, readings }) => removeAccount(kept, account, readings)),
    ),
  ],
  ['GET /acl', on('ListInstanceAcl', (call) => aclsOf(call))],
  [
    'GET /acl/account/*',
    on('GetInstanceAcl', (call) => shown(aclAt(call.kept, call.account, call.params), call)),
  ],
  [
    'POST /acl/account/*',
    on(
      'CreateInstanceAcl',
      done(({ kept, account, body }) => addAcl(kept, account, body)),
    ),
  ],
  [
    'PATCH /acl/account/*',
    on(
      'UpdateInstanceAcl',
      done(({ kept, account, body }) => changeAcl(kept, account, body)),
    ),
  ],
  [
    'DELETE /acl/account/*',
    on(
      'DeleteInstanceAcl',
      done(({ kept, account, params }) => removeAcl(kept, account, params)),
    ),
  ],
]);

/** All that there are, and that of instances. */
export const OPERATIONS: readonly string[] = [
  'ListInstances',
  ...[...ROUTES.values()].map(({ action }) => action.replace('rocketmq:', '')),
];

/** What `method` on `path`, below an instance, does, and to which account; `undefined` when there is nothing. */
export function routeOf(method: string, path: string): (Route & Pick<InstanceCall, 'account'>) | undefined {
  const [, folder, account = ''] = OF_ONE.exec(path) ?? [];
  const route = ROUTES.get(`${method} ${folder === undefined ? path : `${folder}/*`}`);
  return route && { ...route, account };
}

function topicsOf(call: InstanceCall): object {
  const common = commonOf(call);
  return paged(
    call,
    call.instance.topics
      .filter((topic) => isWanted(call, topic))
      .map((topicName) => ({ ...common, topicName, messageType: 'NORMAL', remark: '' })),
  );
}

/** The one list of these with a range of page sizes. */
function groupsOf(call: InstanceCall): object {
  const common = commonOf(call);
  const pageSize = integerIn(call.params, 'pageSize', DEFAULT_PAGE);
  if (pageSize < 10 || pageSize > 100) throw invalid('pageSize', 'is not from 10 to 100');
  return paged(
    call,
    call.instance.groups
      .filter((group) => isWanted(call, group))
      .map((consumerGroupId) => ({ ...common, consumerGroupId, remark: '' })),
  );
}

/** Without passwords. */
function accountsOf(call: InstanceCall): object {
  const { params, kept } = call;
  const wanted = (['username', 'accountStatus', 'accountType'] as const).filter((key) => params[key]);
  return paged(
    call,
    kept.accounts
      .filter((account) => wanted.every((key) => account[key] === params[key]))
      .map(({ password: _, ...account }) => ({ ...placeOf(call), ...account })),
  );
}

/** With its password; the default account when none is named. */
function accountOf({ params, kept }: InstanceCall): object {
  const named = params['username'];
  const { username, password, remark, accountStatus } =
    kept.accounts.find(({ accountType }) => named === undefined && accountType === 'DEFAULT') ??
    accountNamed(kept, named ?? '');
  return { username, password, remark, accountStatus };
}

/** What the filter is compared with is not documented: names of resources and of users. */
function aclsOf(call: InstanceCall): object {
  return paged(
    call,
    call.kept.acls
      .filter(({ resourceName, username }) => isWanted(call, resourceName) || isWanted(call, username))
      .map((acl) => shown(acl, call)),
  );
}

const shown = (acl: InstanceAcl, call: InstanceCall): object => ({
  ...placeOf(call),
  ...acl,
  aclType: 'APACHE',
});
const isWanted = ({ params }: Call, name: string): boolean => name.includes(params['filter'] ?? '');
const placeOf = ({ instance, region }: InstanceCall) => ({
  instanceId: instance.instanceId,
  regionId: region,
});
const commonOf = (call: InstanceCall) => ({ ...placeOf(call), status: 'RUNNING' });

export function paged({ params }: Call, items: readonly object[]): object {
  const pageNumber = integerIn(params, 'pageNumber', 1);
  const pageSize = integerIn(params, 'pageSize', DEFAULT_PAGE);
  return { pageNumber, pageSize, totalCount: items.length, list: pageOf(items, pageNumber, pageSize) };
}

/** Nothing listens at the endpoints. */
export const described = ({ instanceId, region, resourceGroupId }: Messaging): object => ({
  instanceId,
  instanceName: instanceId,
  regionId: region,
  status: 'RUNNING',
  serviceCode: 'rmq',
  seriesCode: 'standard',
  subSeriesCode: 'cluster_ha',
  ...(resourceGroupId === undefined ? {} : { resourceGroupId }),
});

const withDetails = (instance: Messaging): object => ({
  ...described(instance),
  aclInfo: {
    aclTypes: instance.isAclOn === true ? ['default', 'apache_acl'] : ['default'],
    defaultVpcAuthFree: true,
  },
  networkInfo: {
    endpoints: [
      {
        endpointType: 'TCP_VPC',
        endpointUrl: `${instance.instanceId}-vpc.${instance.region}.rmq.aliyuncs.com:8080`,
      },
    ],
  },
});
