import { loadContract, loadFacts } from '../../shared/app/register/register.js';
import { Outbox } from '../../shared/cli/embedded/outbox.js';
import { OWNER, REGION } from '../../shared/cli/embedded/owner.js';
import { Partner } from '../../shared/cli/embedded/partner.js';
import { type Embedded, startEmbedded } from '../../shared/cli/embedded/start.js';
import { eventBridgeClient, postEvent } from '../../shared/cloud/alibaba/events.js';
import { makeEvidencePort } from '../../shared/cloud/alibaba/oss.js';
import { makeRamPort } from '../../shared/cloud/alibaba/ram.js';
import type { EvidencePort } from '../../shared/cloud/ports.js';
import { parseContractId } from '../../shared/domain/values.js';
import { makeVirtualClock, type VirtualClock } from '../../shared/loopback/clock.js';
import type { CloudFlowLimits } from '../../shared/loopback/cloudflow/service.js';
import type { FunctionRunner } from '../../shared/loopback/function-compute/service.js';
import type { ProductReadings } from '../../shared/loopback/products/readings.js';
import { type ProductSeed, sampleSeed } from '../../shared/loopback/products/seed.js';
import { NOW, PARTNER, request } from './requests.js';
import { holdToSchema } from './told.js';

export interface World {
  readonly cloud: Embedded;
  readonly clock: VirtualClock;
  readonly outbox: Outbox;
  readonly partner: Partner;
  readonly lines: string[];
  post(event: Record<string, unknown>): Promise<void>;
  onboard(contractId: string, changes?: Parameters<typeof request>[0], id?: string): Promise<void>;
  terminate(contractId: string, id?: string): Promise<void>;
  /** Waits for an outbound event, at most an hour of the cloud's time, which jumps from timer to timer and stops there. */
  hear(contractId: string, ...kinds: readonly string[]): Promise<Outbox['heard'][number]>;
  /** Lets the next minutes pass, with what was started and its retries. */
  calm(): Promise<void>;
  /**
   * Lets everything finish that was started, however much later its timers and retries are: time jumps from one to the next, and
   * stays where the last one was. Schedules alone are no reason to go on.
   */
  settle(): Promise<void>;
  /** Goes to `instant` (or epoch ms) as in one step: what is due on the way happens, each schedule once, at the end of it. */
  jumpTo(instant: string | number): Promise<void>;
  roles(): Promise<readonly string[]>;
  facts(contractId: string): ReturnType<typeof loadFacts>;
  contract(contractId: string): ReturnType<typeof loadContract>;
  /** Keys below `prefix` in a bucket, which nobody is asked for. */
  objectKeys(bucket: string, prefix: string): readonly string[];
  ramWrites(since?: number): readonly string[];
  /** A call of the owner's root, of whom nothing in Leasehold knows: what people do by hand. */
  asOwner(version: string, action: string, params?: Readonly<Record<string, string>>): Promise<unknown>;
  evidence(): ReturnType<typeof makeEvidencePort>;
  ram(): ReturnType<typeof makeRamPort>;
}

export interface WorldOptions {
  /** Default `processes`. Only processes can be killed; `in-process` is many times faster, and its time only jumps. */
  readonly runner?: FunctionRunner;
  readonly env?: Readonly<Record<string, string>>;
  /** Default `sampleSeed`. */
  readonly seed?: ProductSeed;
  /** Folder in which the cloud keeps its state; what was under way there goes on. */
  readonly data?: string;
  /** Whether changes to RAM are told on the owner's default bus. */
  readonly auditTrail?: boolean;
  /** Epoch ms; default `NOW`. */
  readonly startAt?: number;
  readonly flowLimits?: CloudFlowLimits;
  readonly productReadings?: Partial<ProductReadings>;
}

const HOUR = 3_600_000;

/** An embedded cloud with Leasehold in it and one partner. The bundles must have been built. */
export async function startWorld({
  runner = 'processes',
  env = {},
  data,
  seed = sampleSeed(OWNER),
  startAt = Date.parse(NOW),
  auditTrail = false,
  flowLimits = {},
  productReadings = {},
}: WorldOptions = {}): Promise<World> {
  const clock = makeVirtualClock({ startAt, flowing: runner === 'processes' });
  const lines: string[] = [];
  const cloud = await startEmbedded({
    seed,
    clock,
    runner,
    env,
    auditTrail,
    flowLimits,
    productReadings,
    ...(data === undefined ? {} : { data }),
    trace: (line) => lines.push(JSON.stringify(line)),
  });
  const outbox = new Outbox(cloud);
  let held = 0;
  const partner = new Partner(cloud, PARTNER);
  const asRoot = cloud.connectionOf(cloud.root);
  const evidence = () => makeEvidencePort(asRoot, cloud.config.evidenceBucket);
  const objectKeys: World['objectKeys'] = (bucket, prefix) => [...cloud.objectsOf(bucket).keysBelow(prefix)];
  /** The register as it is, without a call to the cloud that would be counted among those of others. */
  const lookedAt: EvidencePort = {
    ...evidence(),
    list: async (prefix) => objectKeys(cloud.config.evidenceBucket, prefix),
    objects: async (prefix) =>
      objectKeys(cloud.config.evidenceBucket, prefix).map((key) => ({ key, holds: () => false })),
    read: async (key) => cloud.objectsOf(cloud.config.evidenceBucket).get(key)?.body.toString(),
  };
  const post = (event: Record<string, unknown>) =>
    postEvent(eventBridgeClient(cloud.connectionOf(cloud.contractSystem)), 'leasehold', {
      time: new Date(clock.now()).toISOString(),
      ...event,
    } as unknown as Parameters<typeof postEvent>[2]);
  const asOwner: World['asOwner'] = (version, action, params = {}) =>
    cloud.cloud.call(cloud.accounts.rootOf(OWNER), version, action, params, REGION);
  const world: World = {
    cloud,
    clock,
    outbox,
    partner,
    lines,
    post,
    onboard: (contractId, changes = {}, id = `onboard-${contractId}`) =>
      post({
        id,
        source: 'test',
        type: 'partner.onboarding.requested',
        subject: contractId,
        data: request({ ...changes, contractId: parseContractId(contractId) }),
      }),
    terminate: (contractId, id = `terminate-${contractId}`) =>
      post({
        id,
        source: 'test',
        type: 'partner.contract.terminated',
        subject: contractId,
        data: { contractId, reason: 'test', requestedBy: 'test' },
      }),
    hear: async (contractId, ...kinds) => {
      const find = () =>
        outbox.heard.find(
          (event) => event.subject === contractId && kinds.some((kind) => event.type.endsWith(`.${kind}`)),
        );
      await clock.runUntilIdle({ until: clock.now() + HOUR, isDone: () => find() !== undefined });
      const heard = find();
      if (heard === undefined)
        throw new Error(`nothing heard of ${contractId}: ${lines.slice(-5).join('\n')}`);
      holdToSchema(outbox.heard.slice(held));
      held = outbox.heard.length;
      return heard;
    },
    calm: () => clock.runUntilIdle({ until: clock.now() + 180_000 }),
    settle: () => clock.runUntilIdle(),
    jumpTo: (instant) => clock.jumpTo(typeof instant === 'number' ? instant : Date.parse(instant)),
    roles: async () => {
      const reply = (await asOwner('2015-05-01', 'ListRoles')) as {
        readonly Roles: { readonly Role: readonly { readonly RoleName: string }[] };
      };
      return reply.Roles.Role.map((role) => role.RoleName).filter((name) => name.startsWith('lease-'));
    },
    facts: (contractId) => loadFacts(parseContractId(contractId), lookedAt),
    contract: (contractId) => loadContract(parseContractId(contractId), lookedAt),
    objectKeys,
    ramWrites: (since = 0) =>
      cloud.calls
        .slice(since)
        .filter(
          (call) =>
            call.effect &&
            /^(Ram|ResourceManager)$/i.test(call.product) &&
            call.callerArn?.includes('leasehold-fn-'),
        )
        .map((call) => call.action),
    asOwner,
    evidence,
    ram: () => makeRamPort(asRoot),
  };
  return world;
}

/** Clients of this process hear that their connections were closed a turn later; the next cloud listens on the same port. */
export async function connectionsAreGone(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
}
