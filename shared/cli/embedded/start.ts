/** An embedded cloud with Leasehold deployed in it: what `try` and `up` run on, and the workflow tests too. */

import type { Connection, Credentials } from '../../cloud/alibaba/connection.js';
import { type Config, readConfig } from '../../config.js';
import type { Deployment } from '../../domain/deployment.js';
import { tellOfChanges } from '../../loopback/actiontrail.js';
import type { VirtualClock } from '../../loopback/clock.js';
import { type RunningCloud, startCloud } from '../../loopback/cloud.js';
import { PUBLISHED_ENTRIES } from '../../loopback/cloudflow/entry-rate.js';
import { type CloudFlowLimits, cloudFlowService } from '../../loopback/cloudflow/service.js';
import { eventBridgeService } from '../../loopback/eventbridge/service.js';
import {
  type FunctionComputeParts,
  type FunctionRunner,
  functionComputeService,
} from '../../loopback/function-compute/service.js';
import type { Keeper } from '../../loopback/keep/keeper.js';
import { ApiError } from '../../loopback/kernel.js';
import { type OssParts, ossService } from '../../loopback/oss/service.js';
import type { ProductReadings } from '../../loopback/products/readings.js';
import {
  type AccountResources,
  type NamedResource,
  NO_RESOURCES,
  withResources,
} from '../../loopback/products/seed.js';
import { type Logons, type ProductSeed, productsService } from '../../loopback/products/service.js';
import { publishedRates } from '../../loopback/rates.js';
import type { Switches } from '../../loopback/switches.js';
import { readProject } from '../project.js';
import { deployAll } from './deploy.js';
import { OWNER, REGION } from './owner.js';

/** RAM user of the owner that posts events, as a contract system would. */
const CONTRACT_SYSTEM = 'contract-system';

export interface Embedded extends RunningCloud {
  readonly deployment: Deployment;
  readonly config: Config;
  readonly functions: FunctionComputeParts;
  readonly events: ReturnType<typeof eventBridgeService>;
  readonly flows: ReturnType<typeof cloudFlowService>;
  /** What the owner has at first, for requests to name. */
  readonly resources: AccountResources;
  /** What clients of the products' data planes would be told. */
  readonly logons: Logons;
  /** What a bucket holds, read over no wire and by nobody. */
  readonly objectsOf: OssParts['objectsOf'];
  /** Keys of the owner's root, of whom nothing in Leasehold knows. */
  readonly root: Credentials;
  /** Keys of a user that may post to the inbound bus and nothing else. */
  readonly contractSystem: Credentials;
  connectionOf(credentials: Credentials, owner?: string): Connection;
}

export interface EmbeddedOptions {
  readonly seed: ProductSeed;
  /** Is put beside the seed; with `data` it stays. */
  readonly named?: readonly NamedResource[];
  /** Hears every event that Leasehold tells the world, also those of what goes on when kept state is taken up. */
  readonly hear?: (event: object) => void;
  readonly clock?: VirtualClock;
  readonly port?: number;
  /** Folder in which all state is kept; what is deployed there already is brought to what this build says. */
  readonly data?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default `processes`. */
  readonly runner?: FunctionRunner;
  /** Of Function Compute's. Default: published for an account that asked for no more. */
  readonly instances?: number;
  /** Whether the audit trail tells the owner's default bus of changes to RAM; an account must have switched that on. Default false. */
  readonly auditTrail?: boolean;
  readonly trace?: (line: Readonly<Record<string, unknown>>) => void;
  readonly switches?: Partial<Switches>;
  /** How the five products are read where their documents disagree. */
  readonly productReadings?: Partial<ProductReadings>;
  /** Of the accounts' flows; what is left out is as CloudFlow has it by default. */
  readonly flowLimits?: CloudFlowLimits;
  /** Whether requests, events and state entries beyond the published rates are refused, or wait. Default false. */
  readonly rates?: boolean;
}

/**
 * What holds here where the variables of a stage say nothing. The embedded cloud is consistent at once, so verdicts need not wait as long
 * as they must in the real one; and nothing is at stake, so what is asked for is let through for up to a year.
 */
export const EMBEDDED_SETTINGS = {
  LEASEHOLD_AUTO_APPROVAL:
    '{"maxLeaseSeconds":31622400,"allowUnavoidablyWider":true,"allowSystemPolicies":false}',
  LEASEHOLD_VERDICT_ANSWERS: '2',
  LEASEHOLD_VERDICT_INTERVAL_SECONDS: '0.05',
  LEASEHOLD_VERDICT_PATIENCE_SECONDS: '5',
  LEASEHOLD_ABSENCE_SECONDS: '0.1',
};

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  let functions: Embedded['functions'] | undefined;
  let events: Embedded['events'] | undefined;
  let flows: Embedded['flows'] | undefined;
  let logons: Logons | undefined;
  let oss: OssParts | undefined;
  let seed = options.seed;
  const running = await startCloud({
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    ...(options.switches === undefined ? {} : { switches: options.switches }),
    services: [
      (cloud) => {
        oss = ossService(cloud);
        return oss;
      },
      (cloud) => {
        // The very lists of the seed where nothing is put beside it: they may be changed while the cloud runs.
        const named = namedSoFar(cloud.keeper, options.named ?? []);
        seed = named.length === 0 ? options.seed : withResources(options.seed, OWNER, named);
        const products = productsService(cloud, seed, options.productReadings);
        logons = products.logons;
        return products;
      },
      (cloud) => {
        const { runner, instances } = options;
        const compute = functionComputeService(cloud, {
          ...(runner === undefined ? {} : { runner }),
          ...(instances === undefined ? {} : { instances }),
        });
        functions = compute;
        return compute;
      },
      (cloud) => {
        const invoker = () => (functions as FunctionComputeParts).invoker;
        const bridge = eventBridgeService(cloud, { functions: invoker });
        events = bridge;
        if (options.hear !== undefined) bridge.tap(OWNER, configIn(projectFor(options)).outBus, options.hear);
        return bridge;
      },
      (cloud) => {
        flows = cloudFlowService(cloud, {
          functions: () => (functions as FunctionComputeParts).invoker,
          events: () => (events as Embedded['events']).publisher,
          limits: limitsOf(options),
        });
        return flows;
      },
    ],
  });
  if (
    functions === undefined ||
    events === undefined ||
    flows === undefined ||
    logons === undefined ||
    oss === undefined
  )
    throw new Error('the embedded cloud did not start its services');

  try {
    const parts = { functions, events, flows, logons, objectsOf: oss.objectsOf };
    const settled = await Promise.race([settleIn(running, parts, { ...options, seed }), lost(running)]);
    // From now on: here it is deployed faster than anywhere.
    if (options.rates === true) limitRates(running, events);
    return settled;
  } catch (error) {
    await running.close();
    throw error;
  }
}

function limitRates({ cloud }: RunningCloud, { switches }: Embedded['events']): void {
  cloud.faults.add(publishedRates());
  switches.limitsEvents = true;
}

const limitsOf = ({ flowLimits, rates }: EmbeddedOptions): CloudFlowLimits => ({
  ...(rates === true ? { stateEntries: PUBLISHED_ENTRIES } : {}),
  ...flowLimits,
});

/** Never resolves; rejects once something could not be kept, which clients would try again for long. */
const lost = ({ failed }: RunningCloud): Promise<never> =>
  failed.then((failure) => {
    throw failure;
  });

/** What answers late in here is a host that has much else to do, never a network. */
const HOST_PATIENCE_MS = 60_000;

/** Opens the owner's account and deploys Leasehold into it. */
async function settleIn(
  running: RunningCloud,
  parts: Pick<Embedded, 'functions' | 'events' | 'flows' | 'logons' | 'objectsOf'>,
  options: EmbeddedOptions,
): Promise<Embedded> {
  const { accounts } = running;
  const root = accounts.keyOf(OWNER) ?? accounts.createAccount(OWNER).rootAccessKey;
  const contractSystem =
    accounts.keyOf(OWNER, CONTRACT_SYSTEM) ?? accounts.createUser(OWNER, CONTRACT_SYSTEM);
  if (options.auditTrail === true) tellOfChanges(running.cloud, (event) => parts.events.tell(OWNER, event));
  const connectionOf = (credentials: Credentials, owner = OWNER): Connection => ({
    region: REGION,
    owner,
    credentials,
    endpoint: running.endpoint,
    timeoutMilliseconds: HOST_PATIENCE_MS,
  });
  const deployment = projectFor(options, { LEASEHOLD_ENDPOINT: running.endpoint });
  const config = configIn(deployment);
  await deployAll(deployment, connectionOf(root));
  for (const [account, { resourceGroups }] of Object.entries(options.seed))
    for (const group of new Set(Object.values(resourceGroups)))
      running.accounts.createResourceGroup(account, group);
  await makeBuses(running, options.seed);
  await allowPosting(running, deployment);
  const resources = options.seed[OWNER] ?? NO_RESOURCES;
  return Object.assign(running, {
    deployment,
    config,
    ...parts,
    resources,
    root,
    contractSystem,
    connectionOf,
  });
}

/** As the stage says that `options` describe. @throws {InvalidRequestError} */
const projectFor = ({ env }: EmbeddedOptions, place: Readonly<Record<string, string>> = {}): Deployment =>
  readProject({
    env: { ...EMBEDDED_SETTINGS, ...place, LEASEHOLD_REGION: REGION, ...env },
    accountId: OWNER,
  });
const configIn = ({ functions }: Deployment): Config => readConfig(functions[0]?.environmentVariables ?? {});

/** What is named now and what was when the state that is kept was made. */
function namedSoFar(keeper: Keeper, named: readonly NamedResource[]): readonly NamedResource[] {
  const kept = keeper.table<NamedResource>('products/named');
  const all = new Map(kept.entries);
  for (const one of named) {
    const key = JSON.stringify(one);
    if (!all.has(key)) kept.put(key, one);
    all.set(key, one);
  }
  return [...all.values()];
}

/** The owner's own buses, which partners are given; Leasehold's and the default one are there already. */
async function makeBuses({ cloud, accounts }: RunningCloud, seed: ProductSeed): Promise<void> {
  for (const [account, { eventBuses }] of Object.entries(seed)) {
    for (const { name: EventBusName, region } of eventBuses)
      await unlessThere(
        cloud.call(accounts.rootOf(account), '2020-04-01', 'CreateEventBus', { EventBusName }, region),
      );
  }
}

/** The contract system may post to the inbound bus, and nothing else. */
async function allowPosting({ cloud, accounts }: RunningCloud, { values }: Deployment): Promise<void> {
  const resource = `acs:eventbridge:${values.region}:${values.account}:eventbus/${values.prefix}`;
  const PolicyDocument = JSON.stringify({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'eventbridge:PutEvents', Resource: resource }],
  });
  const call = (action: string, params: Readonly<Record<string, string>>) =>
    cloud.call(accounts.rootOf(values.account), '2015-05-01', action, params, REGION);
  await unlessThere(call('CreatePolicy', { PolicyName: 'post-contract-events', PolicyDocument }));
  await unlessThere(
    call('AttachPolicyToUser', {
      PolicyType: 'Custom',
      PolicyName: 'post-contract-events',
      UserName: CONTRACT_SYSTEM,
    }),
  );
}

/** State that was kept has it already; and no cloud makes a bus of some of the names that a request may hold. */
const unlessThere = (made: Promise<unknown>): Promise<unknown> =>
  made.catch((error: unknown) => {
    if (!(error instanceof ApiError && /AlreadyExist|^EventBusNameInvalid$/.test(error.code))) throw error;
  });
