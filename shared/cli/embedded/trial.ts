/** The main job as one run: post, wait for the hand-over, act as the partner, terminate, see that nothing works any more. */

import type { HandOver } from '../../app/hand-over/hand-over.js';
import { parseEvent } from '../../app/parse-event.js';
import { type EventToPost, eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import { makeProductPort } from '../../cloud/alibaba/products.js';
import { makeStsPort } from '../../cloud/alibaba/sts.js';
import type { Session } from '../../cloud/ports.js';
import { isSystemPolicyGrant, type ResourceGrant } from '../../domain/grant.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { parseAccountId } from '../../domain/values.js';
import { makeVirtualClock, type VirtualClock } from '../../loopback/clock.js';
import { grantNeighbours, grantProbes } from '../../services/index.js';
import type { PositiveProbe } from '../../services/types.js';
import { askerOf } from './asker.js';
import { type Check, type ContractReport, check } from './checks.js';
import { LIFETIME_PARTNER, renewAndExpire } from './lifetime.js';
import { Outbox } from './outbox.js';
import { Partner, type Person, roleExists } from './partner.js';
import { seedFor } from './seed.js';
import { type Embedded, OWNER, startEmbedded } from './start.js';

export interface TrialReport {
  readonly ok: boolean;
  readonly contracts: readonly ContractReport[];
}
export interface TrialOptions {
  /** Also lets a contract be renewed and then run out. */
  readonly lifetime?: boolean;
  /** Epoch ms at which the embedded cloud starts; default now. */
  readonly startAt?: number;
  readonly say: (line: string) => void;
  readonly trace?: (line: Readonly<Record<string, unknown>>) => void;
}

/** Never rejects for what an event says: a refused event is a report that is not ok. */
export async function runTrial(
  events: readonly EventToPost[],
  { startAt, say, trace, lifetime = false }: TrialOptions,
): Promise<TrialReport> {
  const clock = makeVirtualClock({ ...(startAt === undefined ? {} : { startAt }), flowing: true });
  const requests = events.flatMap((event) => requestIn(event));
  const embedded = await startEmbedded({
    seed: seedFor(
      OWNER,
      requests.flatMap((request) => request.grants),
    ),
    clock,
    ...(trace === undefined ? {} : { trace }),
  });
  try {
    say(
      `embedded cloud on ${embedded.origin}: ${embedded.deployment.functions.length} functions, ${embedded.deployment.flows.length} flows deployed`,
    );
    const trial = new Trial(embedded, clock, say);
    const contracts = [...(await trial.run(events, requests)), ...(lifetime ? [await trial.outlive()] : [])];
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

/** The request an event carries; none when it is one that will be refused for its form. */
function requestIn(event: EventToPost): readonly OnboardingRequest[] {
  const parsed = parseEvent(JSON.stringify({ ...event, specversion: '1.0' }));
  return parsed.ok && parsed.event.type === 'partner.onboarding.requested' ? [parsed.event.data] : [];
}

class Trial {
  readonly #partners = new Map<string, Partner>();
  readonly #outbox: Outbox;

  constructor(
    private readonly embedded: Embedded,
    private readonly clock: VirtualClock,
    private readonly say: (line: string) => void,
  ) {
    this.#outbox = new Outbox(embedded, say);
  }

  async run(
    events: readonly EventToPost[],
    requests: readonly OnboardingRequest[],
  ): Promise<readonly ContractReport[]> {
    for (const request of requests) await this.#partnerOf(request).prepare(request);
    for (const event of events) await this.#post(event);
    const answers = await Promise.all(
      events.map(async (event) => ({
        event,
        answer: await this.#outbox.answerTo(event.subject, ['granted', 'rejected', 'failed']),
      })),
    );
    await this.#waitForLeases(requests);

    const reports: ContractReport[] = [];
    for (const { event, answer } of answers) {
      const request = requests.find((one) => one.contractId === event.subject);
      if (answer.type !== 'partner.access.granted' || request === undefined) {
        reports.push({
          contractId: event.subject,
          outcome: answer.type,
          checks: [check('the request', 'granted', summaryOf(answer.data))],
        });
        continue;
      }
      reports.push(await this.#liveAndEnd(request, answer.data as unknown as HandOver));
    }
    return reports;
  }

  /** A contract that is renewed in time, and ends with its lease. */
  outlive(): Promise<ContractReport> {
    const partner = new Partner(this.embedded, LIFETIME_PARTNER);
    return renewAndExpire({
      embedded: this.embedded,
      clock: this.clock,
      outbox: this.#outbox,
      partner,
      post: (event) => this.#post(event),
    });
  }

  /** A lease that begins later opens by itself; the clock goes there. */
  async #waitForLeases(requests: readonly OnboardingRequest[]): Promise<void> {
    const latest = Math.max(0, ...requests.map((request) => Date.parse(request.lease.startsAt)));
    if (latest <= this.clock.now()) return;
    this.say(`the clock jumps to ${new Date(latest).toISOString()}, when the last lease begins`);
    await this.clock.jumpTo(latest);
  }

  #partnerOf(request: OnboardingRequest): Partner {
    const { accountId } = request.grantee;
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
    const people = await this.#partnerOf(request).accept(handOver);
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
    const grants = request.grants.filter((grant): grant is ResourceGrant => !isSystemPolicyGrant(grant));
    for (const { session } of sessions) checks.push(...(await this.#use(grants, session)));

    const revoked = await this.#terminate(request);
    for (const { session, person } of sessions)
      checks.push(...(await this.#afterTheEnd(grants, session, person)));
    for (const person of people) {
      const entered = await person.enter(handOver);
      checks.push(
        check(`${person.name} enters after the end`, 'refused', 'refused' in entered ? 'refused' : 'entered'),
      );
    }
    checks.push(
      check(
        `role ${handOver.roleName}`,
        'gone',
        (await roleExists(this.embedded, handOver)) ? 'still there' : 'gone',
      ),
    );
    const time = revoked.data['timeToDenySeconds'];
    return {
      contractId: request.contractId,
      outcome: revoked.type === 'partner.access.revoked' ? 'granted, used, terminated, gone' : revoked.type,
      ...(typeof time === 'number' ? { timeToDenySeconds: time } : {}),
      checks: [...checks, check('the end', 'partner.access.revoked', revoked.type)],
    };
  }

  /** What was granted works; real neighbours, found as the owner, are refused; events are really published. */
  async #use(grants: readonly ResourceGrant[], session: Session): Promise<readonly Check[]> {
    const owner = parseAccountId(OWNER);
    const checks: Check[] = [];
    for (const probe of grants.flatMap((grant) => grantProbes(grant, owner)))
      checks.push(await this.#ask(probe, session, 'allowed'));
    for (const probe of await this.#neighbours(grants))
      checks.push(await this.#ask(probe, session, 'denied', 'neighbour: '));
    for (const grant of grants) {
      if (grant.service === 'eventbridge' && grant.access === 'publish')
        checks.push(await this.#publish(grant.eventBus, session, 'published'));
    }
    return checks;
  }

  async #afterTheEnd(
    grants: readonly ResourceGrant[],
    session: Session,
    person: Person,
  ): Promise<readonly Check[]> {
    const owner = parseAccountId(OWNER);
    const checks: Check[] = [];
    for (const probe of grants.flatMap((grant) => grantProbes(grant, owner)))
      checks.push(await this.#ask(probe, session, 'denied', 'after the end: '));
    for (const grant of grants) {
      if (grant.service === 'eventbridge' && grant.access === 'publish')
        checks.push(await this.#publish(grant.eventBus, session, 'refused'));
    }
    const caller = await makeStsPort(this.embedded.connectionOf(this.embedded.root)).callerOf(session);
    return [...checks, check(`the live session of ${person.name}`, 'dead', caller.outcome)];
  }

  async #neighbours(grants: readonly ResourceGrant[]): Promise<readonly PositiveProbe[]> {
    const asOwner = makeProductPort(this.embedded.connectionOf(this.embedded.root));
    const searches = grants.flatMap((grant) => grantNeighbours(grant, parseAccountId(OWNER)));
    const granted = new Set(searches.flatMap((search) => search.granted));
    const found = await Promise.all(
      searches.map(async (search) => {
        const listed = await asOwner.call(search.list);
        const ids = listed.outcome === 'allowed' ? search.findIn(listed.body) : [];
        return ids
          .filter((id) => !granted.has(id))
          .slice(0, 1)
          .map(search.probe);
      }),
    );
    return found.flat();
  }

  async #ask(
    { call }: PositiveProbe,
    session: Session,
    expected: 'allowed' | 'denied',
    prefix = '',
  ): Promise<Check> {
    const what = `${prefix}${call.product} ${call.action} ${call.rest?.path ?? Object.values(call.params).join(' ')}`;
    return check(what, expected, await askerOf(this.embedded)(call, session));
  }

  async #publish(bus: string, session: Session, expected: 'published' | 'refused'): Promise<Check> {
    const client = eventBridgeClient(this.embedded.connectionOf(session));
    const event = {
      id: `partner-${bus}-${this.clock.now()}`,
      source: 'partner.app',
      type: 'order:Created',
      subject: 'order-1',
      time: new Date().toISOString(),
      data: {},
    };
    try {
      await postEvent(client, bus, event);
      return check(`publishing to bus ${bus}`, expected, 'published');
    } catch (error) {
      return check(`publishing to bus ${bus}`, expected, error instanceof Error ? 'refused' : String(error));
    }
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

const summaryOf = (data: Readonly<Record<string, unknown>>): string => {
  const reasons = data['reasons'];
  if (!Array.isArray(reasons))
    return `${String(data['step'])}: ${String(data['code'])}; ${String(data['next'])}`;
  return reasons
    .map((reason: { readonly code: string; readonly message: string }) => `${reason.code}: ${reason.message}`)
    .join('; ');
};
