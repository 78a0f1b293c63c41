/** Judges statements by the policy engine, and holds the vendor's tables against them. */
import type { ResourceGrant } from '../../shared/domain/grant.js';
import { authorize, compilePolicies, type PolicyDocument } from '../../shared/policy/index.js';
import { grantStatements } from '../../shared/services/index.js';
import type { Right } from '../../shared/services/types.js';
import tables from './actions.json' with { type: 'json' };
import { OWNER } from './grants.js';

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
