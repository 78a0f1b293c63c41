/** The policy that the partner's administrator attaches to whoever may enter: this one role, for the lease. Pure. */
import { formatPolicy } from '../../policy/index.js';
import { windowOf } from './documents.js';
import type { AccessPlan } from './plan-access.js';

/** Both published spellings of a role's ARN are named, since either may be what is compared. */
export function assumePolicyOf({
  owner,
  roleName,
  lease,
}: Pick<AccessPlan, 'owner' | 'roleName' | 'lease'>): string {
  return formatPolicy({
    version: '1',
    statements: [
      {
        effect: 'Allow',
        actions: ['sts:AssumeRole'],
        resources: [`acs:ram::${owner}:role/${roleName}`, `acs:ram:*:${owner}:role/${roleName}`],
        condition: windowOf(lease),
      },
    ],
  });
}
