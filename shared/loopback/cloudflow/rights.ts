/** What RAM is asked before an action of CloudFlow. Source: CloudFlow "Execution role", RAM "CloudFlow" authorisation table. */
import type { Caller, Identity, RpcCall } from '../kernel.js';

/** Not documented for every action; CloudFlow's error table has this code for 403. */
const DENIED = 'AccessDenied';

/** Making a flow is authorised on flows; every other action on all resources, so that no pattern of names lets anybody do it. */
export function demandFlow(identity: Identity, call: RpcCall, action: string, flowName: string): void {
  const { caller, region } = call;
  const resource = action === 'CreateFlow' ? `acs:fnf:${region}:${caller.accountId}:flow/${flowName}` : '*';
  identity.demand(caller, { action: `fnf:${action}`, resource }, DENIED);
}

/**
 * An action on executions: on all resources, as the authorisation table says, or as the table of an execution role's permissions has
 * it, `flows/<flow>/executions/*` with region and account left empty. One that is allowed is enough; a Deny of either refuses.
 */
export function demandExecution(
  identity: Identity,
  { caller }: RpcCall,
  action: string,
  flowName: string,
): void {
  const requests = ['*', `acs:fnf:::flows/${flowName}/executions/*`].map((resource) => ({
    action: `fnf:${action}`,
    resource,
  }));
  const judged = requests.map((request) => ({ request, decision: identity.authorize(caller, request) }));
  const telling =
    judged.find(({ decision }) => decision.effect === 'deny' && decision.reason === 'ExplicitDeny') ??
    judged.find(({ decision }) => decision.effect === 'allow') ??
    judged[0];
  if (telling !== undefined) identity.demand(caller, telling.request, DENIED);
}

/** Who gives a flow a role must be allowed to pass it on to CloudFlow. */
export function demandPassRole(identity: Identity, caller: Caller, roleArn: string): void {
  identity.demand(
    caller,
    { action: 'ram:PassRole', resource: roleArn, context: { 'acs:Service': 'fnf.aliyuncs.com' } },
    DENIED,
  );
}
