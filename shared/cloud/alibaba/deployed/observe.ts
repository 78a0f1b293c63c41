/** Looks at all there is of a deployment, over the official SDKs. Touches nothing. */
import type { Deployed } from '../../../domain/deployed.js';
import type { Deployment } from '../../../domain/deployment.js';
import type { Connection } from '../connection.js';
import { makeEventControl } from '../event-control.js';
import { makeQuotasPort } from '../quotas.js';
import { makeRamPort } from '../ram.js';
import { deployedBucket } from './buckets.js';
import { deployedFlows } from './flows.js';
import { deployedFunctions } from './functions.js';
import { look, looksByName } from './look.js';
import { deployedRole } from './rights.js';
import { deployedAlarms, deployedStack } from './watch.js';

const DEFAULT_BUS = 'default';

type Observed = Omit<Deployed, 'caller' | 'clockAheadSeconds' | 'due'>;

export async function observeDeployed(deployment: Deployment, connection: Connection): Promise<Observed> {
  const ram = makeRamPort(connection);
  const prefix = `${deployment.values.prefix}-`;
  const [functions, flows, events, roles, roleNames, stops, buckets, stacks, alarms, quotas] =
    await Promise.all([
      look(() => deployedFunctions(deployment, connection)),
      look(() => deployedFlows(prefix, connection)),
      eventsThere(deployment, connection),
      looksByName(
        deployment.roles.map(({ name }) => name),
        (name) => deployedRole(name, ram),
      ),
      look(async () =>
        (await ram.listRoles()).map(({ name }) => name).filter((name) => name.startsWith(`${prefix}fn-`)),
      ),
      looksByName(
        deployment.stops.map(({ name }) => name),
        (name) => ram.readPolicy({ type: 'Custom', name }),
      ),
      looksByName(
        deployment.buckets.map(({ name }) => name),
        (name) => deployedBucket(name, connection),
      ),
      looksByName(
        deployment.steps.flatMap((step) => (step.kind === 'stack' ? [step.toDeploy.name] : [])),
        (name) => deployedStack(name, connection),
      ),
      look(() =>
        deployedAlarms(
          deployment.alarms.map(({ name }) => name),
          connection,
        ),
      ),
      look(() => makeQuotasPort(connection).read()),
    ]);
  return { functions, flows, ...events, roles, roleNames, stops, buckets, stacks, alarms, quotas };
}

/** Buses first: what is not there has neither rules nor clocks. */
async function eventsThere(
  { buses, rules, values }: Deployment,
  connection: Connection,
): Promise<Pick<Deployed, 'buses' | 'rules' | 'schedules'>> {
  const events = makeEventControl(connection);
  const there = await look(async () => {
    const ours = new Set(buses.map(({ name }) => name));
    return (await events.buses(values.prefix)).filter(({ name }) => ours.has(name));
  });
  if (!('seen' in there)) return { buses: there, rules: there, schedules: there };
  const names = there.seen.map(({ name }) => name);
  const withRules = [...names, ...(rules.some(({ bus }) => bus === DEFAULT_BUS) ? [DEFAULT_BUS] : [])];
  const [rulesThere, schedules] = await Promise.all([
    look(async () =>
      (await Promise.all(withRules.map((bus) => events.rules(bus, `${values.prefix}-`)))).flat(),
    ),
    look(async () => (await Promise.all(names.map((bus) => events.schedules(bus)))).flat()),
  ]);
  return { buses: there, rules: rulesThere, schedules };
}
