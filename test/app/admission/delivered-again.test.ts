/**
 * EventBridge delivers an event at least once: what comes again, an hour or a day after all was said and done, changes nothing, and says
 * nothing that was not said. What is posted again was stamped anew by EventBridge, and is meant.
 */
import { describe, expect, it } from 'vitest';
import { admitAmendment } from '../../../shared/app/admission/admit-amendment.js';
import { admitRequest } from '../../../shared/app/admission/admit-request.js';
import { cutAccess } from '../../../shared/app/ending/cut-access.js';
import { removeAccess } from '../../../shared/app/ending/remove-access.js';
import { reportRevoked } from '../../../shared/app/ending/report-revoked.js';
import { appendFact } from '../../../shared/app/register/register.js';
import { tellRejected } from '../../../shared/app/telling/answer-refused.js';
import type { Ports } from '../../../shared/cloud/ports.js';
import type { EventKey } from '../../../shared/domain/fact.js';
import type { Grant } from '../../../shared/domain/grant.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { ACTIVE, amended, amending, fact, handedOver, resumed } from '../../domain/facts.js';
import type { Written } from '../../support/chains.js';
import { eventOf, kafkaGrant, NOW, REGION, request } from '../../support/requests.js';
import { contractId, nobodysLease, type SmallLease } from '../../support/small-cloud/lease.js';

const day = 86_400;
const busGrant: Grant = { service: 'eventbridge', access: 'publish', region: REGION, eventBus: 'orders' };
const TIMED_OUT = [{ code: 'APPROVAL_TIMED_OUT', pointer: '', message: 'test' }];

/** A lease whose events come as EventBridge delivers them. */
class Delivered {
  readonly #lease = nobodysLease();
  #settings = this.#lease.ports.settings;
  get lease(): SmallLease {
    return { ...this.#lease, ports: this.ports };
  }
  get ports(): Ports {
    return { ...this.#lease.ports, settings: this.#settings };
  }
  /** From now on somebody must say yes to what widens. */
  ask(): void {
    const { admission, approvals } = this.#settings;
    this.#settings = {
      ...this.#settings,
      approvals: {
        ...approvals,
        approvers: [{ id: 'boss@a.example', key: { kty: 'EC' } }],
        timeoutSeconds: 3 * day,
      } as unknown as Ports['settings']['approvals'],
      admission: { ...admission, autoApproval: { ...admission.autoApproval, maxLeaseSeconds: 1 } },
    };
  }
  askNobody(): void {
    this.#settings = this.#lease.ports.settings;
  }
  /** Has nothing admitted while `work` is done. */
  async refusing(work: () => Promise<unknown>): Promise<void> {
    const usual = this.#settings;
    this.#settings = { ...usual, admission: { ...usual.admission, regions: [] } };
    await work();
    this.#settings = usual;
  }
  pass(seconds: number): void {
    this.#lease.cloud.now += seconds * 1000;
  }
  /** Taken by the bus just now: the text of each delivery. */
  posted(what: string, data: object, id: string): string {
    const aliyunpublishtime = new Date(this.#lease.cloud.now).toISOString();
    return JSON.stringify(eventOf(data, { id, type: `partner.${what}`, aliyunpublishtime }));
  }
  requested(id = 'asked', changes: Parameters<typeof request>[0] = {}): string {
    return this.posted('onboarding.requested', request(changes), id);
  }
  amended(revision: number, changes: Parameters<typeof request>[0] = {}): string {
    const wish = { ...request({ grants: [kafkaGrant, busGrant], ...changes }), revision };
    return this.posted('contract.amended', wish, `revision-${revision}`);
  }
  asked(what: 'suspend' | 'resume', id: string, more: object = {}): string {
    const data = { contractId, requestedBy: 'test', reason: 'test', ...more };
    return this.posted(`access.${what}.requested`, data, id);
  }
  /** What it comes to. */
  async deliver(text: string): Promise<string> {
    const { type } = JSON.parse(text) as { type: string };
    if (type === 'partner.contract.terminated') return (await cutAccess(text, this.ports)).outcome;
    const step = type.startsWith('partner.onboarding.') ? admitRequest : admitAmendment;
    return (await step(text, this.ports)).outcome;
  }
  /** A minute passes, so that what is posted next has another stamp. */
  async first(text: string, outcome: string): Promise<string> {
    expect(await this.deliver(text)).toBe(outcome);
    this.pass(60);
    return text;
  }
  async write(...facts: readonly Written[]): Promise<void> {
    for (const one of facts) await appendFact(await this.lease.contract(), one, 'a-test', this.ports);
  }
  async granted(): Promise<string> {
    const text = await this.first(this.requested(), 'admitted');
    await this.write(...ACTIVE.slice(2), handedOver(1));
    expect((await this.lease.contract()).state).toBe('active');
    return text;
  }
  async ended(): Promise<string> {
    const data = { contractId, requestedBy: 'test', reason: 'test' };
    const text = await this.first(this.posted('contract.terminated', data, 'end'), 'ending');
    await removeAccess({ contractId }, this.ports);
    await reportRevoked({ contractId }, this.ports);
    expect((await this.lease.contract()).state).toBe('ended');
    return text;
  }
  async suspended(id = 'stop'): Promise<string> {
    const text = await this.first(this.asked('suspend', id), 'suspend');
    await this.write(fact('suspended', { suspension: id, witness: 'none', unseen: [] }));
    return text;
  }
  /** Asks for an amendment that comes to nothing. */
  async amendedInVain(): Promise<string> {
    const text = await this.first(this.amended(1), 'amend');
    await this.write(amending(1));
    await this.write(fact('amendment-failed', { revision: 1, step: 'AmendAccess', code: 'FnF.TaskTimeout' }));
    return text;
  }
  async takenBack(): Promise<void> {
    await this.write(
      fact('ending', { reason: 'failed', detail: 'test' }),
      fact('failed', { step: 'VerifyAccess', code: 'FnF.TaskTimeout', next: 'test' }),
    );
  }
}

/** What is delivered twice, and what came of it before it comes again. */
const ROWS: Readonly<Record<string, (given: Delivered) => Promise<string>>> = {
  async 'a request that was rejected'(given) {
    const lease = { startsAt: NOW, expiresAt: addSeconds(NOW, -1) };
    return given.first(given.requested('asked', { lease }), 'rejected');
  },
  async 'a request that was rejected, and would not be any more'(given) {
    const text = given.requested();
    await given.refusing(() => given.first(text, 'rejected'));
    return text;
  },
  async 'a request that was rejected, before another was'(given) {
    const text = given.requested();
    await given.refusing(async () => {
      await given.first(text, 'rejected');
      await given.first(given.requested('next', { grants: [busGrant] }), 'rejected');
    });
    return text;
  },
  async 'a request whose onboarding was taken back'(given) {
    const text = await given.first(given.requested(), 'admitted');
    await given.takenBack();
    return text;
  },
  async 'a request that an approver is asked about'(given) {
    given.ask();
    return given.first(given.requested(), 'awaiting');
  },
  async 'a request that an approver is asked about, and need not be any more'(given) {
    given.ask();
    const text = await given.first(given.requested(), 'awaiting');
    given.askNobody();
    return text;
  },
  async 'a request in whose place another is asked about'(given) {
    given.ask();
    const text = await given.first(given.requested(), 'awaiting');
    await given.first(given.requested('next', { grants: [busGrant] }), 'awaiting');
    return text;
  },
  async 'a request that nobody answered'(given) {
    given.ask();
    const text = await given.first(given.requested(), 'awaiting');
    const { requested } = await given.lease.contract();
    const event = requested?.event as EventKey;
    await given.write(fact('rejected', { event, reasons: TIMED_OUT }));
    await tellRejected(await given.lease.contract(), given.ports);
    return text;
  },
  async 'a request that holds'(given) {
    return given.granted();
  },
  async 'a request of what is suspended'(given) {
    const text = await given.granted();
    await given.suspended();
    return text;
  },
  async 'a request of what has ended'(given) {
    const text = await given.granted();
    await given.ended();
    return text;
  },
  async 'a request that was refused since its id was in use, which is free again'(given) {
    await given.first(given.requested(), 'admitted');
    const text = await given.first(given.requested('next', { grants: [busGrant] }), 'rejected');
    await given.takenBack();
    return text;
  },
  async 'an amendment whose execution timed out'(given) {
    await given.granted();
    return given.amendedInVain();
  },
  async 'an amendment whose execution timed out, of what is suspended'(given) {
    await given.granted();
    const text = await given.amendedInVain();
    await given.suspended();
    return text;
  },
  async 'an amendment whose execution timed out, of what has ended'(given) {
    await given.granted();
    const text = await given.amendedInVain();
    await given.ended();
    return text;
  },
  async 'an amendment whose execution timed out, before a later one came'(given) {
    await given.granted();
    const text = await given.amendedInVain();
    await given.first(given.amended(2), 'amend');
    return text;
  },
  async 'an amendment that an approver is asked about'(given) {
    await given.granted();
    given.ask();
    return given.first(given.amended(1), 'finished');
  },
  async 'an amendment that nobody answered'(given) {
    await given.granted();
    given.ask();
    const text = await given.first(given.amended(1), 'finished');
    await given.write(fact('amendment-dropped', { revision: 1, reasons: TIMED_OUT }));
    return text;
  },
  async 'an amendment that a later one took the place of'(given) {
    await given.granted();
    given.ask();
    const text = await given.first(given.amended(1), 'finished');
    await given.first(given.amended(2), 'finished');
    return text;
  },
  async 'an amendment that was refused, and would not be any more'(given) {
    await given.granted();
    const text = given.amended(1);
    await given.refusing(() => given.first(text, 'finished'));
    return text;
  },
  async 'an amendment that was refused since the contract was not active yet'(given) {
    await given.first(given.requested(), 'admitted');
    const text = await given.first(given.amended(1), 'finished');
    await given.write(...ACTIVE.slice(2), handedOver(1));
    return text;
  },
  async 'an amendment that holds'(given) {
    await given.granted();
    const text = await given.first(given.amended(1), 'amend');
    await given.write(
      amending(1),
      amended(1),
      handedOver((await given.lease.contract()).amendment?.seq ?? 0),
    );
    return text;
  },
  async 'an amendment that held, of what has ended'(given) {
    await given.granted();
    const text = await given.first(given.amended(1), 'amend');
    await given.write(amending(1), amended(1));
    await given.ended();
    return text;
  },
  async 'a suspension that holds'(given) {
    await given.granted();
    return given.suspended();
  },
  async 'a suspension that was lifted'(given) {
    await given.granted();
    const text = await given.suspended();
    await given.first(given.asked('resume', 'go-on', { suspension: 'stop' }), 'resume');
    await given.write(resumed('stop'));
    return text;
  },
  async 'a suspension that was refused since the contract was not active yet'(given) {
    await given.first(given.requested(), 'admitted');
    const text = await given.first(given.asked('suspend', 'stop'), 'finished');
    await given.write(...ACTIVE.slice(2), handedOver(1));
    return text;
  },
  async 'a suspension of what has ended'(given) {
    await given.granted();
    const text = await given.suspended();
    await given.ended();
    return text;
  },
  async 'a resumption that failed'(given) {
    await given.granted();
    await given.suspended();
    const text = await given.first(given.asked('resume', 'go-on', { suspension: 'stop' }), 'resume');
    await given.write(
      fact('resume-failed', { suspension: 'stop', step: 'VerifyChange', code: 'FnF.TaskTimeout' }),
    );
    return text;
  },
  async 'a resumption that was carried out, of what is suspended anew'(given) {
    await given.granted();
    await given.suspended();
    const text = await given.first(given.asked('resume', 'go-on', { suspension: 'stop' }), 'resume');
    await given.write(resumed('stop'));
    await given.suspended('stop-2');
    return text;
  },
  async 'a resumption that was refused, and would not be any more'(given) {
    await given.granted();
    const text = await given.first(given.asked('resume', 'go-on', { suspension: 'stop' }), 'finished');
    await given.suspended();
    return text;
  },
  async 'a resumption of what has ended'(given) {
    await given.granted();
    await given.suspended();
    const text = await given.first(given.asked('resume', 'go-on', { suspension: 'stop' }), 'resume');
    await given.ended();
    return text;
  },
  async 'a termination of what has ended'(given) {
    await given.granted();
    return given.ended();
  },
};

/** What a step says when nothing is to be done next. */
const NOTHING = ['finished', 'rejected', 'awaiting'];

const afterAWhile = (given: Delivered) => ({
  written: [...given.lease.cloud.evidence.keys()].sort(),
  roles: [...given.lease.cloud.roles],
});

describe.each([
  ['twenty minutes', 1200],
  ['an hour', 3600],
  ['a day', day],
])('delivered again after %s', (_, seconds) => {
  it.each(Object.entries(ROWS))('%s does and says nothing new', async (what, comeTo) => {
    const given = new Delivered();
    const text = await comeTo(given);
    given.pass(seconds);
    const { told } = given.lease;
    const before = afterAWhile(given);
    const known = told.map(({ id }) => id);
    const next = await given.deliver(text);
    if (what === 'a termination of what has ended') {
      // An end is looked at again and again.
      await removeAccess({ contractId }, given.ports);
      await reportRevoked({ contractId }, given.ports);
    } else expect(NOTHING).toContain(next);
    expect(afterAWhile(given)).toEqual(before);
    expect(told.filter(({ id }) => !known.includes(id))).toEqual([]);
  });
});

describe('posted again', () => {
  const again: readonly (readonly [string, string])[] = [
    ['a request that was rejected, and would not be any more', 'admitted'],
    ['a request whose onboarding was taken back', 'admitted'],
    ['a request that nobody answered', 'awaiting'],
    ['an amendment whose execution timed out', 'amend'],
    ['an amendment that was refused, and would not be any more', 'amend'],
    ['a resumption that failed', 'resume'],
  ];
  it.each(again)('%s is asked for again: %s', async (what, outcome) => {
    const given = new Delivered();
    const text = (await ROWS[what]?.(given)) ?? '';
    given.pass(3600);
    const { type, data, id } = JSON.parse(text);
    await given.first(given.posted(type.replace('partner.', ''), data, id), outcome);
  });
});
