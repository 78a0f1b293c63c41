/** All that is there against all that should be. Pure. */
import type { Deployed } from '../../domain/deployed.js';
import type { Deployment } from '../../domain/deployment.js';
import { judgeQuotas } from './account.js';
import { judgeEvents } from './events.js';
import type { Finding } from './finding.js';
import { judgeFlows } from './flows.js';
import { type Bundles, judgeFunctions, otherStages } from './functions.js';
import { judgeBuckets, judgeDue } from './keeping.js';
import { judgeRights } from './rights.js';
import { judgeWatch } from './watch.js';

/** None when all is as it should be; what could not be seen is a finding of its own. */
export function judgeDeployed(
  deployment: Deployment,
  deployed: Deployed,
  bundles: Bundles,
): readonly Finding[] {
  const others = otherStages(deployed.functions, deployment.values.prefix);
  return [
    ...judgeRights(deployment, deployed, others),
    ...judgeFunctions(deployment, deployed, bundles),
    ...judgeFlows(deployment, deployed, others),
    ...judgeEvents(deployment, deployed, others),
    ...judgeBuckets(deployment, deployed),
    ...judgeDue(deployed),
    ...judgeWatch(deployment, deployed),
    ...judgeQuotas(deployed.quotas),
  ];
}
