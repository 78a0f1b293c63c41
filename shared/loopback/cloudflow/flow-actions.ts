/** Actions on flows. Source: CloudFlow API reference. */
import { ApiError, type RpcAction, type RpcCall } from '../kernel.js';
import { beyondQuota, type Core } from './core.js';
import { roleArnOf } from './flows.js';
import { nameOf, pageOf, refuse, required } from './parameters.js';
import { describeFlow } from './replies.js';
import { demandFlow, demandPassRole } from './rights.js';

/** Parameters of the service that would change what happens, and that are not acted on here. */
const LACKING = ['Environment', 'ExternalStorageLocation', 'FlowVersion', 'ResourceGroupId'];

export function flowActions(core: Core): Readonly<Record<string, RpcAction>> {
  const { identity, clock } = core.cloud;
  const { flows } = core;
  const demandRole = ({ params, caller }: RpcCall): void => {
    const arn = roleArnOf(params['RoleArn'] ?? '', caller.accountId);
    if (arn !== '') demandPassRole(identity, caller, arn);
  };
  return {
    CreateFlow: (call) => {
      const name = required(call, 'Name');
      demandFlow(identity, call, 'CreateFlow', name);
      nameOf(name, 'Name');
      refuse(call, LACKING);
      if (flows.get(call.caller.accountId, call.region, name) !== undefined)
        throw new ApiError(409, 'FlowAlreadyExists', `Flow '${name}' already exists`);
      for (const parameter of ['Type', 'Definition', 'Description']) required(call, parameter);
      demandRole(call);
      if (
        flows.all().filter(({ accountId }) => accountId === call.caller.accountId).length >= core.limits.flows
      )
        throw beyondQuota('flows', core.limits.flows);
      return describeFlow(flows.store(call, name, clock.now()));
    },
    UpdateFlow: core.onFlow('UpdateFlow', 'Name', (flow, call) => {
      refuse(call, LACKING);
      demandRole(call);
      return describeFlow(flows.store(call, flow.name, clock.now(), flow));
    }),
    DescribeFlow: core.onFlow('DescribeFlow', 'Name', (flow, call) => {
      refuse(call, LACKING);
      return describeFlow(flow);
    }),
    DeleteFlow: core.onFlow('DeleteFlow', 'Name', (flow) => {
      flows.delete(flow);
      core.executions.kept.drop(flow.accountId, flow.region, flow.name);
      return {};
    }),
    ListFlows: (call) => {
      demandFlow(identity, call, 'ListFlows', '*');
      refuse(call, LACKING);
      const own = flows
        .all()
        .filter((flow) => flow.accountId === call.caller.accountId && flow.region === call.region);
      const { page, next } = pageOf(call, own, 999);
      return { Flows: page.map(describeFlow), ...next };
    },
  };
}
