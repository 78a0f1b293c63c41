/** Resource Management 2020-03-31: resource groups, and policies attached within one. */
import { type ActionSpec, actionsOf, type Params, required, whole } from '../identity/actions.js';
import { ACCOUNT_SCOPE, attach, attachmentsOf, detach, type Principal } from '../identity/attachments.js';
import type { IdentityCore } from '../identity/identity.js';
import { type AccountState, type Attachment, keyOf, roleById, stamp, userById } from '../identity/state.js';
import { ApiError, type RpcService } from '../kernel.js';
import { nameOf, notFound, policyNamed, policyResource, policyTypeOf } from '../ram/checks.js';
import { noSuchGroup, resourceGroupActions } from './resource-groups.js';

export function resourceManagerService(core: IdentityCore): RpcService {
  return {
    product: 'ResourceManager',
    version: '2020-03-31',
    actions: actionsOf(core, { ...actions, ...resourceGroupActions }),
  };
}

const NEEDS = ['ResourceGroupId', 'PolicyType', 'PolicyName', 'PrincipalType', 'PrincipalName'];

/**
 * Which RAM code guards these actions is not established, as their pages and the product's page on its rights do not agree: who
 * is granted both here is safe whichever it is.
 */
const CODES = { allOf: ['ram', 'resourcemanager'] };

const changing = (change: typeof attach): ActionSpec => ({
  needs: NEEDS,
  codes: CODES,
  // Source: "RAM authorization" of Resource Management: the policy, and all that the policy might be given to.
  on: (params) => [
    policyResource(params),
    params['PrincipalType'] === 'ServiceRole' ? 'role/*' : 'acs:ims::{uid}:user/*',
  ],
  run: ({ params, latest, now, update }) => {
    const type = policyTypeOf(params);
    const name = nameOf(params, 'PolicyName');
    const scope = scopeOf(latest, required(params, 'ResourceGroupId'));
    const principal = principalOf(latest, params);
    const policy = policyNamed(latest, type, name);
    update((account) => change(account, scope, policy, principal, now));
    return {};
  },
});

const actions: Readonly<Record<string, ActionSpec>> = {
  AttachPolicy: changing(attach),
  DetachPolicy: changing(detach),
  ListPolicyAttachments: {
    codes: CODES,
    on: () => ['*'],
    run: ({ params, seen }) => {
      const number = whole(params, 'PageNumber', { min: 1, max: 1_000_000, fallback: 1 });
      const size = whole(params, 'PageSize', { min: 1, max: 100, fallback: 10 });
      const rows = rowsOf(seen, attachmentsFor(seen, params)).filter((row) =>
        (['ResourceGroupId', 'PolicyType', 'PolicyName', 'PrincipalType', 'PrincipalName'] as const).every(
          (field) => !params[field] || keyOf(params[field]) === keyOf(row[field]),
        ),
      );
      return {
        PolicyAttachments: { PolicyAttachment: rows.slice((number - 1) * size, number * size) },
        PageNumber: number,
        PageSize: size,
        TotalCount: rows.length,
      };
    },
  },
};

/** A resource group, or the account itself under its id. @throws {ApiError} `EntityNotExists.ResourceGroup` */
function scopeOf(account: AccountState, resourceGroupId: string): string {
  if (resourceGroupId === account.id) return ACCOUNT_SCOPE;
  if (account.resourceGroups.has(resourceGroupId)) return resourceGroupId;
  throw noSuchGroup();
}

/** What names of principals hold: the account's alias; its id only while it has none. */
const stemOf = ({ alias, id }: AccountState): string => alias ?? id;

/** Logon-style names: `<user>@<alias>.onaliyun.com`, `<role>@role.<alias>.onaliyunservice.com`. */
function principalOf(account: AccountState, params: Params): Principal {
  const type = required(params, 'PrincipalType');
  const name = required(params, 'PrincipalName');
  const [, short = '', domain = ''] = /^([^@]+)@(.+)$/.exec(name) ?? [];
  const stem = stemOf(account);
  if (type === 'ServiceRole') {
    const role = domain === `role.${stem}.onaliyunservice.com` ? account.roles.get(keyOf(short)) : undefined;
    if (role === undefined) throw notFound('Role', 'The role does not exist.');
    return { kind: 'role', id: role.id };
  }
  if (type === 'IMSUser') {
    const user = domain === `${stem}.onaliyun.com` ? account.users.get(short) : undefined;
    if (user === undefined) throw notFound('User', 'The user does not exist.');
    return { kind: 'user', id: user.id };
  }
  throw new ApiError(400, 'InvalidParameter.PrincipalType', 'The parameter - "PrincipalType" is incorrect.');
}

/** Those among which the ones that are asked for are: of the roles and users of that name, or all. */
function attachmentsFor(account: AccountState, { PrincipalName }: Params): readonly Attachment[] {
  if (!PrincipalName) return [...account.attachments.values()].flat();
  const short = PrincipalName.split('@')[0] ?? '';
  const users = [...account.users.values()].filter(({ name }) => keyOf(name) === keyOf(short));
  const ids = [account.roles.get(keyOf(short)), ...users].map((principal) => principal?.id);
  return ids.flatMap((id) => (id === undefined ? [] : attachmentsOf(account, id)));
}

function rowsOf(account: AccountState, attachments: readonly Attachment[]) {
  const stem = stemOf(account);
  return attachments.flatMap(({ scope, policyType, policyName, principal, attachedAt }) => {
    const role = principal.kind === 'role' ? roleById(account, principal.id) : undefined;
    const user = principal.kind === 'user' ? userById(account, principal.id) : undefined;
    if (role === undefined && user === undefined) return [];
    return [
      {
        ResourceGroupId: scope === ACCOUNT_SCOPE ? account.id : scope,
        PolicyType: policyType,
        PolicyName: policyName,
        PrincipalType: principal.kind === 'role' ? 'ServiceRole' : 'IMSUser',
        PrincipalName:
          role === undefined
            ? `${user?.name ?? ''}@${stem}.onaliyun.com`
            : `${role.name}@role.${stem}.onaliyunservice.com`,
        Description: policyNamed(account, policyType, policyName).description,
        AttachDate: stamp(attachedAt),
      },
    ];
  });
}
