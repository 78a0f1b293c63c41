/** RAM 2015-05-01, policies attached to roles and users at account scope. */
import type { ActionSpec, Params } from '../identity/actions.js';
import {
  ACCOUNT_SCOPE,
  attach,
  attachmentsOf,
  attachmentsOfPolicy,
  detach,
  type Principal,
} from '../identity/attachments.js';
import { type AccountState, keyOf, roleArn, roleById, stamp, userById } from '../identity/state.js';
import { ApiError } from '../kernel.js';
import { nameOf, policyNamed, policyResource, policyTypeOf, roleNamed, userNamed } from './checks.js';

type Kind = Principal['kind'];

const principalResource =
  (kind: Kind) =>
  ({ RoleName = '', UserName = '' }: Params): string =>
    kind === 'role' ? `role/${keyOf(RoleName)}` : `user/${UserName}`;

/** Both sides of an attachment are authorised: the policy and whom it is attached to. */
const onBoth =
  (kind: Kind): ActionSpec['on'] =>
  (params) => [policyResource(params), principalResource(kind)(params)];

const principalOf = (account: AccountState, kind: Kind, params: Params): Principal => ({
  kind,
  id: kind === 'role' ? roleNamed(account, params).id : userNamed(account, params).id,
});

/** The SDK has the parameter, no page does: who were to count on it and be wrong would grant on all of the account. */
function refuseGroup(params: Params): void {
  if (params['ResourceGroupId'])
    throw new ApiError(
      400,
      'InvalidParameter.ResourceGroupId',
      'Within a resource group AttachPolicy and DetachPolicy of Resource Management change what is attached.',
    );
}

const changing = (kind: Kind, change: typeof attach): ActionSpec => ({
  needs: ['PolicyType', 'PolicyName', kind === 'role' ? 'RoleName' : 'UserName'],
  on: onBoth(kind),
  run: ({ params, latest, now, update }) => {
    refuseGroup(params);
    const type = policyTypeOf(params);
    const policyName = nameOf(params, 'PolicyName');
    const principal = principalOf(latest, kind, params);
    const policy = policyNamed(latest, type, policyName);
    update((account) => change(account, ACCOUNT_SCOPE, policy, principal, now));
    return {};
  },
});

/** Account scope only, and no paging, as the vendor does it. */
const listing = (kind: Kind): ActionSpec => ({
  needs: [kind === 'role' ? 'RoleName' : 'UserName'],
  on: ({ RoleName = '', UserName = '' }) => [
    kind === 'role' ? `role/${keyOf(RoleName)}` : `user/${UserName}`,
  ],
  run: ({ params, seen }) => {
    const { id } = principalOf(seen, kind, params);
    const attached = attachmentsOf(seen, id).filter(({ scope }) => scope === ACCOUNT_SCOPE);
    return {
      Policies: {
        Policy: attached.map(({ policyType, policyName, attachedAt }) => {
          const policy = policyNamed(seen, policyType, policyName);
          return {
            PolicyName: policy.name,
            PolicyType: policy.type,
            Description: policy.description,
            DefaultVersion: policy.defaultVersionId,
            AttachDate: stamp(attachedAt),
          };
        }),
      },
    };
  },
});

export const attachmentActions: Readonly<Record<string, ActionSpec>> = {
  AttachPolicyToRole: changing('role', attach),
  DetachPolicyFromRole: changing('role', detach),
  AttachPolicyToUser: changing('user', attach),
  DetachPolicyFromUser: changing('user', detach),
  ListPoliciesForRole: listing('role'),
  ListPoliciesForUser: listing('user'),
  ListEntitiesForPolicy: {
    needs: ['PolicyName', 'PolicyType'],
    on: (params) => [policyResource(params)],
    run: ({ params, seen }) => {
      const policy = policyNamed(seen, policyTypeOf(params), nameOf(params, 'PolicyName'));
      const holders = attachmentsOfPolicy(seen, policy).filter(({ scope }) => scope === ACCOUNT_SCOPE);
      return {
        Users: {
          User: holders.flatMap(({ principal, attachedAt }) => {
            const user = userById(seen, principal.id);
            return user === undefined
              ? []
              : [
                  {
                    UserId: user.id,
                    UserName: user.name,
                    DisplayName: user.displayName,
                    AttachDate: stamp(attachedAt),
                  },
                ];
          }),
        },
        Groups: { Group: [] },
        Roles: {
          Role: holders.flatMap(({ principal, attachedAt }) => {
            const role = roleById(seen, principal.id);
            return role === undefined
              ? []
              : [
                  {
                    RoleId: role.id,
                    RoleName: role.name,
                    Arn: roleArn(seen.id, role.name),
                    Description: role.description,
                    AttachDate: stamp(attachedAt),
                  },
                ];
          }),
        },
      };
    },
  },
};
