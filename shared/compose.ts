/** The one place that picks adapters. */

import type { CallSubject } from './app/inbound/step-call.js';
import { atFirstCall } from './cloud/alibaba/at-first-call.js';
import type { Connection, Credentials } from './cloud/alibaba/connection.js';
import { makeEvidencePort, makeIndexPort } from './cloud/alibaba/oss.js';
import { makeLogPort, systemChance, systemClock } from './cloud/alibaba/system.js';
import type { LogPort, Ports } from './cloud/ports.js';
import { makeTrail } from './cloud/trail.js';
import { type Config, readConfig } from './config.js';

/** What Function Compute hands to a handler; only what we read of it. */
export interface FunctionContext {
  readonly requestId: string;
  /** Temporary keys of the function's role, fresh at every request: an instance may outlive them. */
  readonly credentials: Credentials;
  readonly function: { readonly name: string };
}

/** Longer than any call takes, shorter than the shortest function's time-out. */
const CALL_TIMEOUT_MILLISECONDS = 10_000;

let config: Config | undefined;

/** Ports with the keys of this request and the configuration of this instance; `about` is in every line of the log. */
export function composePorts(context: FunctionContext, about: CallSubject = {}): Ports {
  config ??= readConfig(process.env);
  const connection: Connection = {
    region: config.region,
    owner: config.owner,
    credentials: context.credentials,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(config.ossNetwork === 'internal' ? { oss: 'internal' as const } : {}),
    timeoutMilliseconds: CALL_TIMEOUT_MILLISECONDS,
  };
  const log = makeLogPort({ step: context.function.name, requestId: context.requestId, ...about });
  const ports = portsOf(connection, config, log);
  return about.execution === undefined ? ports : { ...ports, execution: about.execution };
}

/**
 * Ports over any connection; for the command line and tests. The register is called first by every function, so its adapter is
 * loaded at the start; the others are loaded when they are called.
 */
export function portsOf(connection: Connection, configuration: Config, log: LogPort): Ports {
  const trail = makeTrail(log);
  return {
    clock: systemClock,
    chance: systemChance,
    ram: atFirstCall(async () => (await import('./cloud/alibaba/ram.js')).makeRamPort(connection, trail)),
    quotas: atFirstCall(async () => (await import('./cloud/alibaba/quotas.js')).makeQuotasPort(connection)),
    sts: atFirstCall(async () => (await import('./cloud/alibaba/sts.js')).makeStsPort(connection)),
    grantees: atFirstCall(async () => {
      const { makeGranteeGate } = await import('./cloud/alibaba/grantee.js');
      return makeGranteeGate(connection, configuration.settings.provisionerRoleArn, trail);
    }),
    products: atFirstCall(async () =>
      (await import('./cloud/alibaba/products.js')).makeProductPort(connection),
    ),
    dataPlanes: atFirstCall(async () =>
      (await import('./cloud/alibaba/data-planes.js')).makeDataPlanePort(connection, trail),
    ),
    routes: atFirstCall(async () =>
      (await import('./cloud/alibaba/routes.js')).makeRoutesPort(connection, trail),
    ),
    resourceGroups: atFirstCall(async () =>
      (await import('./cloud/alibaba/resource-groups.js')).makeResourceGroupsPort(connection),
    ),
    events: atFirstCall(async () => {
      const { eventBridgeSource, makeEventsPort } = await import('./cloud/alibaba/events.js');
      return makeEventsPort(connection, { bus: configuration.outBus, source: eventBridgeSource(connection) });
    }),
    evidence: makeEvidencePort(connection, configuration.evidenceBucket),
    index: makeIndexPort(connection, configuration.indexBucket),
    trail,
    log,
    settings: configuration.settings,
  };
}
