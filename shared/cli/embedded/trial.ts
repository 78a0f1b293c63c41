/** The main job as one run: post, wait for the hand-over, act as the partner, terminate, see that nothing works any more. */

import type { HandOver } from '../../app/hand-over/hand-over.js';
import { loadContract } from '../../app/register/register.js';
import { type EventToPost, eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import type { Session } from '../../cloud/ports.js';
import { isResourceGrant } from '../../domain/grant.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { parseContractId } from '../../domain/values.js';
import { makeVirtualClock, type VirtualClock } from '../../loopback/clock.js';
import { reasonText } from '../reason-text.js';
import { type Check, type ContractReport, check } from './checks.js';
import { LIFETIME_PARTNER, renewAndExpire } from './lifetime.js';
import { MANAGED_PARTNER, provisioning, setUpAndClear } from './managed-partner.js';
import { type Heard, Outbox } from './outbox.js';
import { OWNER } from './owner.js';
import { checkRoleGone, Partner, type Person } from './partner.js';
import { parsedAsPosted, seedFor } from './seed.js';
import { SIDE_DOOR_PARTNER, useSideDoors } from './side-door-partner.js';
import { evidenceOf, type Stage } from './stage.js';
import { type Embedded, startEmbedded } from './start.js';
import { UseOfAccess } from './use-of-access.js';

export interface TrialReport {
  readonly ok: boolean;
  readonly contracts: readonly ContractReport[];
}
export interface TrialOptions {
  /** Also has a partner's users set up and cleared, gives one what RAM does not end, and lets a contract be renewed and run out. */
  readonly more?: boolean;
  /** Epoch ms at which the embedded cloud starts; default now. */
  readonly startAt?: number;
  readonly say: (line: string) => void;
  readonly trace?: (line: Readonly<Record<string, unknown>>) => void;
}

/** As the embedded cloud has it, and also what ends by Leasehold alone: nobody is there to approve it, and nothing is at stake. */
const LETS_THROUGH = JSON.stringify({
  maxLeaseSeconds: 366 * 86_400,
  allowUnavoidablyWider: true,
  allowSystemPolicies: false,
  allowEndsByController: true,
});

/** An event, what was heard of it, and the request in it where there is one. */
interface Answered {
  readonly event: EventToPost;
  readonly answer: Heard;
  readonly request: OnboardingRequest | undefined;
}

/**
 * Never rejects for what an event says: a refused event is a report that is not ok. One event a contract.
 * @throws {Error} when two events are about one contract
 */
export async function runTrial(
  events: readonly EventToPost[],
  { startAt, say, trace, more = false }: TrialOptions,
): Promise<TrialReport> {
  const twice = events.find(({ subject }, at) => events.findIndex((one) => one.subject === subject) < at);
  if (twice !== undefined)
    throw new Error(`two of the events are about ${twice.subject}; give one a contract`);
  const clock = makeVirtualClock({ ...(startAt === undefined ? {} : { startAt }), flowing: true });
  const requests = events.flatMap((event) => requestIn(event));
  const embedded = await startEmbedded({
    seed: seedFor(
      OWNER,
      requests.flatMap((request) => request.grants),
    ),
    clock,
    env: { LEASEHOLD_AUTO_APPROVAL: LETS_THROUGH },
    ...(trace === undefined ? {} : { trace }),
  });
  try {
    say(
      `embedded cloud on ${embedded.origin}: ${embedded.deployment.functions.length} functions, ${embedded.deployment.flows.length} flows deployed`,
    );
    const trial = new Trial(embedded, clock, say);
    const contracts = [
      ...(await trial.run(events, requests)),
      ...(more ? [await trial.setUp(), await trial.passBy(), await trial.outlive()] : []),
    ];
    return {
      ok:
        contracts.length > 0 &&
        contracts.every((contract) => contract.checks.length > 0 && contract.checks.every(({ ok }) => ok)),
      contracts,
    };
  } finally {
    await embedded.close();
  }
}

/** Whether an answer can be about a contract. */
function namesContract(event: EventToPost): boolean {
  const parsed = parsedAsPosted(event);
  return parsed.ok || parsed.contractId !== undefined;
}

/** The request an event carries; none when it is one that will be refused for its form. */
function requestIn(event: EventToPost): readonly OnboardingRequest[] {
  const parsed = parsedAsPosted(event);
  return parsed.ok && parsed.event.type === 'partner.onboarding.requested' ? [parsed.event.data] : [];
}

class Trial {
  readonly #partners = new Map<string, Partner>();
  readonly #outbox: Outbox;
  readonly #use: UseOfAccess;

  constructor(
    private readonly embedded: Embedded,
    private readonly clock: VirtualClock,
    private readonly say: (line: string) => void,
  ) {
    this.#outbox = new Outbox(embedded, say);
    this.#use = new UseOfAccess(embedded, clock);
  }

  async run(
    events: readonly EventToPost[],
    requests: readonly OnboardingRequest[],
  ): Promise<readonly ContractReport[]> {
    for (const request of requests) await this.#prepare(request);
    const reports: ContractReport[] = [];
    const answers: Promise<Answered>[] = [];
    for (const event of events) {
      const refusal = await this.#post(event).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (refusal === undefined) answers.push(this.#answerTo(event, requests));
      else reports.push(neverGranted(event, `EventBridge did not take it: ${refusal}`));
    }
    // Leases that begin first are looked at first, so that none is over before its turn.
    const startOf = ({ request }: Answered) => Date.parse(request?.lease.startsAt ?? '') || 0;
    const inTurn = (await Promise.all(answers)).sort((left, right) => startOf(left) - startOf(right));
    for (const { event, answer, request } of inTurn) {
      if (answer.type !== 'partner.access.granted' || request === undefined) {
        reports.push(neverGranted(event, summaryOf(answer.data), answer.type));
        continue;
      }
      await this.#waitFor(request);
      reports.push(await this.#liveAndEnd(request, await this.#unseal(answer.data as unknown as HandOver)));
    }
    return reports;
  }

  /** A partner that lets its users be set up. */
  setUp(): Promise<ContractReport> {
    return setUpAndClear(this.#stageFor(new Partner(this.embedded, MANAGED_PARTNER)));
  }

  /** A partner with an account in a data plane and a rule for events, which RAM does not end. */
  passBy(): Promise<ContractReport> {
    return useSideDoors(this.#stageFor(new Partner(this.embedded, SIDE_DOOR_PARTNER)));
  }

  /** A contract that is renewed in time, and ends with its lease. */
  outlive(): Promise<ContractReport> {
    return renewAndExpire(this.#stageFor(new Partner(this.embedded, LIFETIME_PARTNER)));
  }

  #stageFor(partner: Partner): Stage {
    return {
      embedded: this.embedded,
      clock: this.clock,
      outbox: this.#outbox,
      partner,
      post: (event) => this.#post(event),
    };
  }

  async #answerTo(event: EventToPost, requests: readonly OnboardingRequest[]): Promise<Answered> {
    const kinds = ['granted', 'rejected', 'failed', 'approval-needed'];
    const isMeant = ({ data }: Heard) =>
      (data['event'] as { readonly id?: string } | undefined)?.id === event.id;
    return {
      event,
      answer: await (namesContract(event)
        ? this.#outbox.answerTo(event.subject, kinds)
        : this.#outbox.answerTo('unreadable', kinds, isMeant)),
      request: requests.find((one) => one.contractId === event.subject),
    };
  }

  /** What the partner's administrator does before the request is posted. */
  async #prepare(request: OnboardingRequest): Promise<void> {
    const partner = this.#partnerOf(request);
    await partner?.prepare(request);
    if (request.grantee.setup.mode === 'managed')
      await partner?.letUsIn(await provisioning(this.embedded, partner.accountId));
  }

  /** A lease that begins later opens by itself; the clock goes there. */
  async #waitFor({ lease: { startsAt } }: OnboardingRequest): Promise<void> {
    if (Date.parse(startsAt) <= this.clock.now()) return;
    this.say(`the clock jumps to ${startsAt}, when the lease begins`);
    await this.clock.jumpTo(Date.parse(startsAt));
  }

  /** The partner's private key is not here, so what it would open is told by the owner, whose register has it. */
  async #unseal(handOver: HandOver): Promise<HandOver> {
    if (handOver.keyThumbprint === undefined) return handOver;
    const { contractId } = handOver;
    const { granting } = await loadContract(parseContractId(contractId), evidenceOf(this.embedded));
    if (granting === undefined) throw new Error(`contract ${contractId} was handed over and never granted`);
    this.say(`${contractId}: the ExternalId is sealed to a key that is not here; the owner tells it`);
    return { ...handOver, externalId: granting.externalId };
  }

  /** None for who would be his own partner: that is refused. */
  #partnerOf({ grantee: { accountId } }: OnboardingRequest): Partner | undefined {
    if (accountId === OWNER) return undefined;
    const partner = this.#partners.get(accountId) ?? new Partner(this.embedded, accountId);
    this.#partners.set(accountId, partner);
    return partner;
  }

  #post(event: EventToPost): Promise<void> {
    const client = eventBridgeClient(this.embedded.connectionOf(this.embedded.contractSystem));
    return postEvent(client, this.embedded.deployment.values.prefix, {
      ...event,
      time: new Date(this.clock.now()).toISOString(),
    });
  }

  async #liveAndEnd(request: OnboardingRequest, handOver: HandOver): Promise<ContractReport> {
    const people = (await this.#partnerOf(request)?.accept(handOver, request.restrict.sourceIps)) ?? [];
    const checks: Check[] = [];
    const sessions: { readonly person: Person; readonly session: Session }[] = [];
    for (const person of people) {
      const entered = await person.enter(handOver);
      checks.push(
        check(`${person.name} enters`, 'entered', 'refused' in entered ? entered.refused : 'entered'),
      );
      if (!('refused' in entered)) sessions.push({ person, session: entered });
      if (handOver.externalId !== undefined && person.name.endsWith('by api')) {
        const wrong = await person.enter(handOver, 'a-guess');
        checks.push(
          check(
            `${person.name} enters with a wrong ExternalId`,
            'refused',
            'refused' in wrong ? 'refused' : 'entered',
          ),
        );
      }
    }
    const grants = request.grants.filter(isResourceGrant);
    for (const { session } of sessions) checks.push(...(await this.#use.duringTheLease(grants, session)));
    checks.push(...(await this.#use.accounts(handOver.accounts, 'there')));

    const revoked = await this.#terminate(request);
    for (const { session, person } of sessions)
      checks.push(...(await this.#use.afterTheEnd(grants, session, person)));
    for (const person of people) {
      const entered = await person.enter(handOver);
      checks.push(
        check(`${person.name} enters after the end`, 'refused', 'refused' in entered ? 'refused' : 'entered'),
      );
    }
    checks.push(...(await this.#use.accounts(handOver.accounts, 'gone')));
    checks.push(await checkRoleGone(this.embedded, handOver));
    const time = revoked.data['timeToDenySeconds'];
    return {
      contractId: request.contractId,
      outcome: revoked.type === 'partner.access.revoked' ? 'granted, used, terminated, gone' : revoked.type,
      ...(typeof time === 'number' ? { timeToDenySeconds: time } : {}),
      checks: [...checks, check('the end', 'partner.access.revoked', revoked.type)],
    };
  }

  async #terminate({ contractId }: OnboardingRequest) {
    await this.#post({
      id: `try-terminate-${contractId.replace(/[._]/g, '-')}`,
      source: 'leasehold.try',
      type: 'partner.contract.terminated',
      subject: contractId,
      time: new Date(this.clock.now()).toISOString(),
      data: { contractId, reason: 'end of the trial', requestedBy: 'leasehold try' },
    });
    return this.#outbox.answerTo(contractId, ['revoked', 'failed']);
  }
}

/** The report on a request that gave nothing to act on. */
const neverGranted = (event: EventToPost, seen: string, outcome = 'not posted'): ContractReport => ({
  contractId: event.subject,
  outcome,
  checks: [check('the request', 'granted', seen)],
});

const summaryOf = (data: Readonly<Record<string, unknown>>): string => {
  const reasons = data['reasons'];
  if (!Array.isArray(reasons))
    return `${String(data['step'])}: ${String(data['code'])}; ${String(data['next'])}`;
  return reasons.map(reasonText).join('; ');
};
