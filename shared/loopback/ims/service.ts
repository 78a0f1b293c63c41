import { type ActionSpec, actionsOf } from '../identity/actions.js';
import type { IdentityCore } from '../identity/identity.js';
import type { RpcService } from '../kernel.js';
import { QUOTA } from '../ram/checks.js';
import { credentialActions } from './credentials.js';
import { groupActions } from './groups.js';
import { mfaActions } from './mfa.js';
import { passwordPolicyActions } from './password-policy.js';
import { recycleBinActions } from './recycle-bin.js';
import { userTagActions } from './user-tags.js';
import { IMS_CODES, imsUserActions } from './users.js';

/** The account's numbers as they are, and the quotas that this cloud enforces. */
const getAccountSummary: ActionSpec = {
  codes: IMS_CODES,
  on: () => ['*'],
  run: ({ seen, core }) => ({
    SummaryMap: {
      Users: seen.users.size,
      UsersQuota: seen.usersQuota,
      Roles: seen.roles.size,
      RolesQuota: core.sessions.switches.roleQuota,
      Policies: seen.policies.size,
      PoliciesQuota: core.sessions.switches.policyQuota,
      PolicySizeQuota: QUOTA.policyChars,
      VersionsPerPolicyQuota: QUOTA.versionsPerPolicy,
      AccessKeysPerUserQuota: QUOTA.accessKeysPerUser,
      AttachedPoliciesPerRoleQuota: QUOTA.customPoliciesPerPrincipal,
      AttachedSystemPoliciesPerRoleQuota: QUOTA.systemPoliciesPerPrincipal,
      AttachedPoliciesPerUserQuota: QUOTA.customPoliciesPerPrincipal,
      AttachedSystemPoliciesPerUserQuota: QUOTA.systemPoliciesPerPrincipal,
    },
  }),
};

/** IMS 2019-08-15. */
export function imsService(core: IdentityCore): RpcService {
  return {
    product: 'Ims',
    version: '2019-08-15',
    actions: actionsOf(core, {
      ...imsUserActions,
      ...credentialActions,
      ...passwordPolicyActions,
      ...mfaActions,
      ...groupActions,
      ...recycleBinActions,
      ...userTagActions,
      GetAccountSummary: getAccountSummary,
    }),
  };
}
