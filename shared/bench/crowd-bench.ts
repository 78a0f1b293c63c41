/** A crowd of partners let in, and let out, at once: on the embedded cloud's virtual clock, with the published rates kept. */
import { endRank } from '../app/turns/rank.js';
import { Outbox } from '../cli/embedded/outbox.js';
import { OWNER } from '../cli/embedded/owner.js';
import { type Embedded, startEmbedded } from '../cli/embedded/start.js';
import { eventBridgeClient, postEvent } from '../cloud/alibaba/events.js';
import type { Grant } from '../domain/grant.js';
import type { OnboardingRequest } from '../domain/request.js';
import { roleNameOf } from '../domain/role-name.js';
import {
  addSeconds,
  type Instant,
  parseAccountId,
  parseContractId,
  parseInstant,
  parseRegion,
} from '../domain/values.js';
import { makeVirtualClock, type VirtualClock } from '../loopback/clock.js';
import { PUBLISHED_ENTRIES } from '../loopback/cloudflow/entry-rate.js';
import { sampleSeed } from '../loopback/products/seed.js';
import { publishedRateOf, publishedRates } from '../loopback/rates.js';

const START = parseInstant('2026-12-01T08:00:00Z');
const PARTNER = parseAccountId('2000000000000002');
const REGION = parseRegion('cn-hangzhou');
const DAY = 86_400;
/** An account has a hundred, until it asks for more. */
const ENOUGH_INSTANCES = 300;
/** Events a second: as many as flows may be started. */
const POSTED = 100;
/** Whoever has its turn within ten seconds no longer makes way for who comes then; and a flow begins when it may enter a state. */
const SETTLED_MS = 12_000;
const HOST_PATIENCE_MS = 1_800_000;
const PATIENCE_MS = 2 * 3_600_000;

export interface Crowd {
  readonly partners: number;
  /** How the crowd is let out: by as many termination events, or because every lease ends at one instant. */
  readonly end: 'terminated' | 'expired';
  /** Of the published rates of RAM and STS; less makes a small crowd wait as a large one does. Default 1. */
  readonly share?: number;
  /** Of functions, that may run at once. Default: as many as the crowd needs. */
  readonly instances?: number;
  /** Settings of the functions, where they are others than the embedded cloud's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Seconds of the cloud's time; deterministic but for the order of calls within an instant. */
export interface Span {
  /** What the rates allow at best: that of the call which takes longest, by how often it took effect. */
  readonly atBest: number;
  readonly took: number;
}
export interface CrowdFigures {
  readonly granted: Span;
  readonly cut: Span;
  readonly removed: Span;
  /** Contracts that were cut later than one which could wait longer, although both had been waiting for their turn. */
  readonly overtaken: number;
  readonly failed: number;
  /** Calls that were refused for want of quota. */
  readonly throttled: number;
}

/** Lets a crowd in, and out again when all are in. Rejects when one of them is not heard of within two hours. */
export async function benchCrowd({
  partners,
  end,
  share = 1,
  instances = ENOUGH_INSTANCES,
  env = {},
}: Crowd): Promise<CrowdFigures> {
  const clock = makeVirtualClock({ startAt: Date.parse(START), patienceMs: HOST_PATIENCE_MS });
  const embedded = await startEmbedded({
    seed: sampleSeed(OWNER),
    clock,
    runner: 'in-process',
    instances,
    env: { ...env, LEASEHOLD_WRITES_PER_SECOND: String(10 * share) },
    switches: { roleQuota: 2 * partners + 100, policyQuota: 10 * partners + 100 },
    flowLimits: { stateEntries: PUBLISHED_ENTRIES },
  });
  try {
    const crowd = new CrowdOnClock(embedded, clock, { partners, end, share });
    const granted = await crowd.letIn();
    return { granted, ...(await crowd.letOut()) };
  } finally {
    await embedded.close();
  }
}

/** A call that is limited and took effect. */
interface Call {
  readonly product: string;
  readonly action: string;
  readonly params: Readonly<Record<string, string>>;
  readonly at: number;
}

class CrowdOnClock {
  readonly #outbox: Outbox;
  readonly #requests: readonly OnboardingRequest[];
  #calls: Call[] = [];
  #throttled = 0;
  readonly #counts = new Map<string, number>();
  #counted = 0;

  constructor(
    private readonly embedded: Embedded,
    private readonly clock: VirtualClock,
    private readonly crowd: Required<Pick<Crowd, 'partners' | 'end' | 'share'>>,
  ) {
    this.#outbox = new Outbox(embedded);
    const expiresAt = addSeconds(START, 3 * DAY);
    this.#requests = Array.from({ length: crowd.partners }, (_, n) =>
      requestOf(n, crowd.end === 'expired' ? expiresAt : addSeconds(expiresAt, (n % 7) * DAY)),
    );
    embedded.cloud.faults.add(
      publishedRates(
        () => clock.now(),
        (call) => this.#rateOf(call),
      ),
    );
    embedded.cloud.faults.add({
      after: ({ product, action, params }, { code = '' }) => {
        if (code.includes('Throttling')) this.#throttled += 1;
        else if (code === '' && publishedRateOf({ product, action }) !== undefined)
          this.#calls.push({ product, action, params, at: clock.now() });
      },
    });
  }

  async letIn(): Promise<Span> {
    const begun = this.clock.now();
    await this.#post('onboarding.requested', (request) => request);
    await this.#hear('granted');
    return this.#span(begun, ({ action }) => action === 'UpdateRole');
  }

  async letOut(): Promise<Omit<CrowdFigures, 'granted'>> {
    this.#calls = [];
    const begun = await this.#beginEnd();
    await this.#hear('revoked');
    const isCut = ({ action, params }: Call) =>
      action === 'AttachPolicyToRole' && params['PolicyName'] === this.embedded.config.settings.stops.ended;
    return {
      cut: this.#span(begun, isCut, (call) => isCut(call) || call.action === 'StartExecution'),
      removed: this.#span(begun, ({ action }) => action === 'DeletePolicy'),
      overtaken: this.#overtaken(this.#calls.filter(isCut)),
      failed: this.#count('failed'),
      throttled: this.#throttled,
    };
  }

  async #beginEnd(): Promise<number> {
    if (this.crowd.end === 'expired') {
      const expiresAt = Date.parse(this.#requests[0]?.lease.expiresAt ?? START);
      // The warnings that come before it are told in peace.
      await this.clock.jumpTo(expiresAt - PATIENCE_MS);
      await this.clock.runUntilIdle({ until: expiresAt - 1000 });
      return expiresAt;
    }
    const begun = this.clock.now();
    await this.#post('contract.terminated', ({ contractId }) => ({
      contractId,
      reason: 'benchmark',
      requestedBy: 'benchmark',
    }));
    return begun;
  }

  /** From `begun` until the last of the calls that are meant; at best, what those that `isNeeded` take. */
  #span(
    begun: number,
    isMeant: (call: Call) => boolean,
    isNeeded: (call: Call) => boolean = () => true,
  ): Span {
    const counts = new Map<string, { readonly rate: number; count: number }>();
    for (const call of this.#calls.filter(isNeeded)) {
      const known = counts.get(call.action) ?? { rate: this.#rateOf(call) ?? 1, count: 0 };
      known.count += 1;
      counts.set(call.action, known);
    }
    const last = this.#calls.findLast(isMeant)?.at ?? Number.NaN;
    return {
      atBest: Math.max(...[...counts.values()].map(({ rate, count }) => count / rate)),
      took: (last - begun) / 1000,
    };
  }

  #overtaken(cuts: readonly Call[]): number {
    const begunAt = new Map<string, number>();
    for (const { action, params, at } of this.#calls)
      if (action === 'StartExecution') begunAt.set(/P-\d+/.exec(params['Input'] ?? '')?.[0] ?? '', at);
    const waits = this.#requests.map((request) => ({
      rank: endRank(request, parseAccountId(OWNER)),
      knownAt: (begunAt.get(request.contractId) ?? 0) + SETTLED_MS,
      cutAt: cuts.find(({ params }) => params['RoleName'] === roleNameOf(request.contractId))?.at ?? 0,
    }));
    return waits.filter(({ rank, knownAt, cutAt }) =>
      waits.some((other) => rank < other.rank && knownAt < other.cutAt && other.cutAt < cutAt),
    ).length;
  }

  async #post(kind: string, dataOf: (request: OnboardingRequest) => object): Promise<void> {
    // A crowd may keep this process busy for longer than any network would.
    const connection = {
      ...this.embedded.connectionOf(this.embedded.contractSystem),
      timeoutMilliseconds: HOST_PATIENCE_MS,
    };
    const client = eventBridgeClient(connection);
    for (let from = 0; from < this.#requests.length; from += POSTED) {
      const posts = this.#requests.slice(from, from + POSTED).map((request) =>
        postEvent(client, this.embedded.deployment.values.prefix, {
          id: `${request.contractId}-${kind.replaceAll('.', '-')}`,
          source: 'benchmark',
          type: `partner.${kind}`,
          subject: request.contractId,
          time: new Date(this.clock.now()).toISOString(),
          data: dataOf(request),
        }),
      );
      await Promise.all(posts);
      await this.clock.advance(1000);
    }
  }

  async #hear(kind: string): Promise<void> {
    const { partners } = this.crowd;
    const isDone = () => this.#count(kind) + this.#count('failed') >= partners;
    await this.clock.runUntilIdle({ until: this.clock.now() + PATIENCE_MS, isDone });
    if (!isDone()) throw new Error(`only ${this.#count(kind)} of ${partners} were ${kind}`);
  }

  #count(kind: string): number {
    // Asked at every instant, so what was counted is not counted again.
    const { heard } = this.#outbox;
    for (const { type } of heard.slice(this.#counted))
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    this.#counted = heard.length;
    return this.#counts.get(`partner.access.${kind}`) ?? 0;
  }

  #rateOf(call: Pick<Call, 'product' | 'action'>): number | undefined {
    const rate = publishedRateOf(call);
    return rate === undefined || call.product === 'fnf' ? rate : rate * this.crowd.share;
  }
}

/** Of three widths. */
function requestOf(n: number, expiresAt: Instant): OnboardingRequest {
  const grants: readonly Grant[] = [
    { service: 'kafka', access: 'read', region: REGION, instanceId: 'alikafka_pre-cn-x1' },
    {
      service: 'rabbitmq',
      access: 'publish',
      region: REGION,
      instanceId: 'amqp-cn-x1',
      virtualHosts: ['shop'],
    },
    { service: 'slb', kind: 'clb', access: 'operate', region: REGION, loadBalancerIds: ['lb-x1'] },
  ];
  return {
    contractId: parseContractId(`P-${String(n).padStart(4, '0')}`),
    requestedBy: 'benchmark',
    grantee: { name: 'Globex', accountId: PARTNER, accessors: [], setup: { mode: 'self-service' } },
    lease: { startsAt: START, expiresAt },
    grants: grants.slice(0, 1 + (n % 3)),
    restrict: {},
  };
}
