/** What RAM is asked before an action of CloudFlow. Source: CloudFlow "Execution role", RAM "CloudFlow" authorisation table. */
import type { Caller, Identity, RpcCall } from '../kernel.js';

/** Not documented for every action; CloudFlow's error table has this code for 403. */
const DENIED = 'AccessDenied';

/** Any action on a flow; `*` as its name for an action on all of them. */
export function demandFlow(identity: Identity, call: RpcCall, action: string, flowName: string): void {
  identity.demand(
    call.caller,
    { action: `fnf:${action}`, resource: `acs:fnf:${call.region}:${call.caller.accountId}:flow/${flowName}` },
    DENIED,
  );
}

/**
 * An action on executions. Their resource is published in two forms: as the flow, and (in the table of an execution role's
 * permissions) as `flows/<flow>/executions/*`, there with region and account left empty. One that is allowed is enough; a Deny
 * of any refuses.
 */
export function demandExecution(
  identity: Identity,
  { caller, region }: RpcCall,
  action: string,
  flowName: string,
): void {
  const place = `acs:fnf:${region}:${caller.accountId}`;
  const requests = [
    `${place}:flow/${flowName}`,
    `${place}:flows/${flowName}/executions/*`,
    `acs:fnf:::flows/${flowName}/executions/*`,
  ].map((resource) => ({ action: `fnf:${action}`, resource }));
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
