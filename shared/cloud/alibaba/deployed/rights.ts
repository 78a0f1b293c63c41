/** The roles that functions run under, and the stops. */
import type { DeployedRole } from '../../../domain/deployed.js';
import type { RoleName } from '../../../domain/values.js';
import type { RamPort } from '../../ports.js';

/** `undefined` when there is no such role. */
export async function deployedRole(name: string, ram: RamPort): Promise<DeployedRole | undefined> {
  // Our own roles have names that the lease roles' type does not admit, on purpose; here they are only read.
  const roleName = name as RoleName;
  const role = await ram.observeRole(roleName);
  if (role === undefined) return undefined;
  const [document, attachments] = await Promise.all([
    ram.readPolicy({ type: 'Custom', name }),
    ram.attachmentsOf(roleName),
  ]);
  return {
    trust: role.trust,
    document,
    attached: attachments.map(
      ({ policy, resourceGroupId }) =>
        `${policy.type} ${policy.name}${resourceGroupId === undefined ? '' : ` in resource group ${resourceGroupId}`}`,
    ),
  };
}
