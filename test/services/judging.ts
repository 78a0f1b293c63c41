/** Judges statements by the policy engine, and holds the vendor's tables against them. */
import type { ApiCall } from '../../shared/domain/api-call.js';
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { authorize, compilePolicies, type PolicyDocument } from '../../shared/policy/index.js';
import { grantStatements } from '../../shared/services/index.js';
import type { Right } from '../../shared/services/types.js';
import tables from './actions.json' with { type: 'json' };
import { OWNER, REGION } from './grants.js';

export const allowing = (
  actions: readonly string[],
  resources: readonly string[] = ['*'],
): PolicyDocument => ({
  version: '1',
  statements: [{ effect: 'Allow', actions, resources }],
});

/** Whether the statements of `grants` together allow a right. */
export function judgeOf(...grants: readonly ResourceGrant[]): (right: Right) => boolean {
  const statements = grants.flatMap((grant) => grantStatements(grant, OWNER));
  const accountLevel = compilePolicies(
    statements.map(({ actions, resources }, index) => ({
      name: `${index}`,
      document: allowing(actions, resources),
    })),
  );
  return (right) => authorize({ ...right, context: {} }, { accountLevel }).effect === 'allow';
}

/** Each right as a line of text, once and sorted: `amqp:GetVhost on amqp:/instances/x`; a resource is `*`, or `code:rest` of its ARN. */
export const linesOf = (rights: readonly Right[]): readonly string[] =>
  [
    ...new Set(rights.map(({ action, resource }) => `${action} on ${resource.replace(OF_OWNER, '$1:')}`)),
  ].sort();
const OF_OWNER = new RegExp(`^acs:(\\w+):${REGION}:${OWNER}:`);

/** A call in one line: `Slb 2014-05-15 cn-hangzhou DescribeLoadBalancers PageSize=100`. */
export const callText = ({ product, version, region, action, rest, params }: ApiCall): string =>
  [
    product,
    version,
    region,
    action,
    ...(rest === undefined ? [] : [rest.method, rest.path]),
    ...Object.entries(params).map(([name, value]) => `${name}=${value}`),
  ].join(' ');

interface Table {
  readonly arns: Readonly<Record<string, string>>;
  readonly actions: Readonly<Record<string, { readonly access: string; readonly levels: readonly string[] }>>;
}
export type TableName = keyof typeof tables;

export function tableNameOf(grant: ResourceGrant): TableName {
  if (grant.service === 'rocketmq') return grant.series === '4.x' ? 'rocketmq4' : 'rocketmq5';
  return grant.service === 'slb' ? grant.kind : grant.service;
}
export const tableOf = (name: TableName): Table => tables[name];

/** Resource forms that the table documents for an action; empty where it states none. */
export function formsOf(name: TableName, action: string): readonly RegExp[] {
  const { arns, actions } = tableOf(name);
  return (actions[action]?.levels ?? []).map((level) => (level === '*' ? /^\*$/ : formOf(arns[level] ?? '')));
}

/** `{region}` and `{account}` must be exact; another placeholder is a name, or `*` for any. */
function formOf(template: string): RegExp {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  const pattern = escaped
    .replace('{region}', '[a-z]{2}-[a-z0-9-]+')
    .replace('{account}', '\\d{16}')
    .replace(/\{\w+\}/g, '(?:[^/:%*]+|\\*)');
  return new RegExp(`^${pattern}$`);
}
