/**
 * Makes a history happen to real contracts, and asks what their partners can really do: after each event, and where time passes over
 * the beginning or the end of a lease in the second before and at the instant itself, before anybody has done anything about it.
 */
import type { KafkaGrant } from '../../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { instantOf, parseContractId } from '../../../shared/domain/values.js';
import { ApiError, type Caller } from '../../../shared/loopback/kernel.js';
import { answer, type Signer, signed } from '../../support/approvers.js';
import { amend, resume, suspend } from '../../support/changes.js';
import { kafkaGrant, OWNER, REGION, request } from '../../support/requests.js';
import { FAULTS, plant } from '../sweep/faults.js';
import type { Flow } from '../sweep/flow.js';
import { FLOWS } from '../sweep/flows.js';
import { roleOf, type Stage } from '../sweep/stage.js';
import { type Answer, CONTRACTS, type Event, type Happening, INSTANCES, MINUTE } from './history.js';
import { meddle } from './meddle.js';
import { Model, type Terms } from './model.js';

/** An event, as it is posted and as the model takes it. `nth`: 0, and on when it is asked for again. */
interface Deed {
  post(nth: number): Promise<void>;
  /** With the time at which all is done. */
  foresee(now: number): void;
}

/** With somebody who answers for the owner. */
export interface SignedStage extends Stage {
  readonly signer: Signer;
}

/** Milliseconds from an event to what comes of it at the latest. */
const LONGEST_TRIED = 90 * MINUTE;

let histories = 0;

/** What is not as the model says, after the first event after which anything is; nothing, if all goes well. */
export async function live(stage: SignedStage, happenings: readonly Happening[]): Promise<readonly string[]> {
  const ids = CONTRACTS.map(({ key }) => `H-${histories}-${key}`);
  histories += 1;
  const life = new Life(stage, ids);
  try {
    for (const [index, happening] of happenings.entries()) {
      const wrong = [...(await life.happen(happening)), ...(await life.compare())];
      if (wrong.length > 0) return wrong.map((one) => `after event ${index}: ${one}`);
    }
    return [];
  } finally {
    for (const id of ids) await stage.purge(id);
  }
}

class Life {
  readonly #model = new Model();
  readonly #startsAt = new Map<string, number>();
  readonly #sessions: { readonly id: string; readonly caller: Caller }[] = [];
  #wrong: string[] = [];
  #posted = 0;
  #revision = 0;

  constructor(
    private readonly stage: SignedStage,
    private readonly ids: readonly string[],
  ) {}

  /** What was not as the model says while time passed. */
  async happen({ event, fault }: Happening): Promise<readonly string[]> {
    this.#wrong = [];
    const { cloud, outbox, settle } = this.stage.world;
    const id = 'of' in event ? (this.ids[event.of] ?? '') : '';
    await this.#letEnd(id);
    const failures = () =>
      outbox.heard.filter(({ subject, type }) => subject === id && type.endsWith('.failed')).length;
    const deed = this.#deedOf(event, id);
    const undo = this.#plant(id, fault);
    for (let nth = 0; nth < 3; nth++) {
      const before = failures();
      await deed.post(nth);
      await settle();
      await this.#pass(26 * MINUTE);
      undo();
      cloud.set({ propagationSeconds: 0, listingDelaySeconds: 0 });
      // Who is told that it failed asks again.
      if (failures() === before) break;
    }
    deed.foresee(this.stage.world.clock.now());
    return this.#wrong;
  }

  #plant(id: string, fault: Happening['fault']): () => void {
    const chosen = FAULTS.find(({ name }) => name === fault?.name);
    if (chosen === undefined || fault === undefined) return () => undefined;
    const scene = { stage: this.stage, flow: FLOWS[0] as Flow, id, tape: [] };
    return plant(chosen.at(fault.nth, scene), scene).undo;
  }

  /** Which comes first, an event or the end of the lease, must not hang on how often the event was tried. */
  async #letEnd(id: string): Promise<void> {
    const left = this.#model.endOf(id) - this.stage.world.clock.now();
    if (left > 0 && left < LONGEST_TRIED) await this.#passWatching(left + MINUTE);
  }

  /** As long as nothing is asked for, the model knows what holds at every moment. */
  async #passWatching(ms: number): Promise<void> {
    const { clock, jumpTo } = this.stage.world;
    const until = clock.now() + ms;
    const edges = this.#model.edges().flatMap((edge) => [edge - 1000, edge]);
    for (const at of edges
      .filter((edge) => clock.now() < edge && edge < until)
      .sort((one, other) => one - other)) {
      await jumpTo(at);
      for (const [index, id] of this.ids.entries()) {
        const caller = await this.#enter(id, CONTRACTS[index]?.partner ?? '');
        if (caller !== undefined) this.#sessions.push({ id, caller });
      }
      this.#wrong.push(...(await this.#compareSessions()).map((one) => `${one} at ${instantOf(at)}`));
    }
    await this.#pass(until - clock.now());
  }

  async #pass(ms: number): Promise<void> {
    const { world } = this.stage;
    await world.jumpTo(world.clock.now() + ms);
    await world.settle();
  }

  #deedOf(event: Event, id: string): Deed {
    const { world } = this.stage;
    const now = world.clock.now();
    this.#posted += 1;
    const eventId = (nth: number) => `${id}-${this.#posted}-${nth}`;
    const model = this.#model;
    switch (event.what) {
      case 'onboard': {
        const { terms, request } = this.#plan(id, event, now + event.startsIn);
        const isAsked = model.isAsked(id, terms);
        return {
          post: async (nth) => {
            await world.onboard(id, request, eventId(nth));
            if (isAsked) await this.#answer(id, event.answer, eventId(nth));
          },
          foresee: () => {
            if (!model.onboard(id, terms)) return;
            this.#startsAt.set(id, terms.startsAt);
            // What was declined is over before it began.
            if (isAsked && event.answer === 'declined') model.terminate(id);
          },
        };
      }
      case 'amend': {
        const { terms, request } = this.#plan(id, event, this.#startsAt.get(id) ?? now);
        const isAsked = model.isAsked(id, terms);
        return {
          post: async (nth) => {
            this.#revision += 1;
            await amend(world, id, { ...request, revision: this.#revision, id: eventId(nth) });
            if (isAsked) await this.#answer(id, event.answer, eventId(nth));
          },
          foresee: (then) => {
            if (!isAsked || event.answer === 'approved') model.amend(id, then, terms);
          },
        };
      }
      case 'suspend':
        return {
          // What is asked for again is the same suspension.
          post: () => suspend(world, id, eventId(0)),
          foresee: (then) => model.suspend(id, then, eventId(0)),
        };
      case 'resume': {
        const open = model.suspensionsOf(id);
        const suspension = open[event.nth % Math.max(open.length, 1)] ?? 'none';
        return {
          post: (nth) => resume(world, id, suspension, eventId(nth)),
          foresee: (then) => model.resume(id, then, suspension),
        };
      }
      case 'terminate':
        return {
          post: (nth) => world.terminate(id, eventId(nth)),
          foresee: () => model.terminate(id),
        };
      case 'meddle':
        return { post: () => meddle(this.stage, id, event.how), foresee: () => undefined };
      case 'time':
        return { post: () => this.#passWatching(event.passes), foresee: () => undefined };
    }
  }

  /** Where a question is open: what has ended, or what failed on the way to it, asks none. */
  async #answer(id: string, decision: Answer, eventId: string): Promise<void> {
    const { world, signer } = this.stage;
    await world.settle();
    const { state, terms, amendment } = await world.contract(id);
    if (state !== 'awaiting-approval' && (amendment === undefined || amendment.approval !== undefined))
      return;
    if ((amendment ?? terms) === undefined) return;
    const claims = { decision: decision === 'approved' ? 'approve' : 'decline' } as const;
    const jws = await this.stage.aside(() => signed(world, id, signer, claims));
    await this.stage.aside(() => answer(world, id, { jws, id: `${eventId}-answer`, decision }));
  }

  #plan(
    id: string,
    { rights: bits, lasts }: { readonly rights: number; readonly lasts: number },
    from: number,
  ): { readonly terms: Terms; readonly request: OnboardingRequest } {
    const startsAt = toSecond(from);
    const expiresAt = toSecond(Math.max(from, this.stage.world.clock.now()) + lasts);
    const rights = INSTANCES.filter((_, index) => (bits & (1 << index)) !== 0);
    const { partner } = CONTRACTS[this.ids.indexOf(id)] ?? CONTRACTS[0];
    const made = request({
      contractId: parseContractId(id),
      lease: { startsAt: instantOf(startsAt), expiresAt: instantOf(expiresAt) },
      grants: rights.map((instanceId) => ({ ...(kafkaGrant as KafkaGrant), instanceId })),
    });
    return {
      terms: { rights, startsAt, expiresAt },
      request: { ...made, grantee: { ...made.grantee, accountId: partner } },
    };
  }

  /** Asked of the products, with every session that the partners ever had, and with new ones. */
  async compare(): Promise<readonly string[]> {
    const now = this.stage.world.clock.now();
    const wrong: string[] = [];
    for (const [index, id] of this.ids.entries()) {
      for (const partner of new Set(CONTRACTS.map((one) => one.partner))) {
        const caller = await this.#enter(id, partner);
        const isExpected = partner === CONTRACTS[index]?.partner && this.#model.isLive(id, now);
        if ((caller !== undefined) !== isExpected)
          wrong.push(`${partner} ${isExpected ? 'cannot' : 'can'} enter the role of ${id}`);
        if (caller !== undefined) this.#sessions.push({ id, caller });
      }
    }
    return [...wrong, ...(await this.#compareSessions())];
  }

  async #compareSessions(): Promise<readonly string[]> {
    const now = this.stage.world.clock.now();
    const wrong: string[] = [];
    for (const { id, caller } of this.#sessions) {
      for (const instance of INSTANCES) {
        const isExpected = now < (caller.expiresAt ?? 0) && this.#model.may(id, instance, now);
        if ((await this.#canRead(caller, instance)) !== isExpected)
          wrong.push(`a session of ${id} ${isExpected ? 'cannot' : 'can'} read ${instance}`);
      }
    }
    return wrong;
  }

  async #enter(id: string, partner: string): Promise<Caller | undefined> {
    const { cloud, accounts } = this.stage.world.cloud;
    const { granting } = await this.stage.world.contract(id);
    interface Assumed {
      readonly Credentials: { readonly AccessKeyId: string; readonly SecurityToken: string };
    }
    const params = {
      RoleArn: `acs:ram::${OWNER}:role/${roleOf(id)}`,
      RoleSessionName: 'partner',
      ExternalId: granting?.externalId ?? 'none',
    };
    const operator = accounts.userOf(partner, 'operator');
    const reply = await unlessRefused(cloud.call(operator, '2015-04-01', 'AssumeRole', params, REGION));
    if (reply === undefined) return undefined;
    const { AccessKeyId, SecurityToken } = (reply as Assumed).Credentials;
    return cloud.identity.authenticate(AccessKeyId, SecurityToken).caller;
  }

  async #canRead(caller: Caller, InstanceId: string): Promise<boolean> {
    const { cloud } = this.stage.world.cloud;
    const asked = cloud.call(caller, '2019-09-16', 'GetTopicList', { InstanceId }, REGION);
    return (await unlessRefused(asked)) !== undefined;
  }
}

const toSecond = (epochMs: number): number => Math.floor(epochMs / 1000) * 1000;

async function unlessRefused(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
