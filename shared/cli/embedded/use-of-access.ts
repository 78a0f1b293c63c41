/** What a partner does with access, and what must come of it: during the lease and after its end. */
import type { HandedAccount } from '../../app/hand-over/hand-over.js';
import { makeDataPlanePort } from '../../cloud/alibaba/data-planes.js';
import { eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import { makeProductPort } from '../../cloud/alibaba/products.js';
import { makeStsPort } from '../../cloud/alibaba/sts.js';
import type { Session } from '../../cloud/ports.js';
import type { EventbridgeGrant, ResourceGrant } from '../../domain/grant.js';
import { parseAccountId } from '../../domain/values.js';
import type { VirtualClock } from '../../loopback/clock.js';
import { instanceText } from '../../services/data-plane.js';
import { grantProbes, grantsNeighbours } from '../../services/index.js';
import type { PositiveProbe } from '../../services/types.js';
import { askerOf } from './asker.js';
import { type Check, check } from './checks.js';
import { OWNER } from './owner.js';
import type { Person } from './partner.js';
import type { Embedded } from './start.js';

export class UseOfAccess {
  constructor(
    private readonly embedded: Embedded,
    private readonly clock: VirtualClock,
  ) {}

  /** What was granted works; real neighbours, found as the owner, are refused; events are really published. */
  async duringTheLease(grants: readonly ResourceGrant[], session: Session): Promise<readonly Check[]> {
    const owner = parseAccountId(OWNER);
    const checks: Check[] = [];
    for (const probe of grants.flatMap((grant) => grantProbes(grant, owner)))
      checks.push(await this.#ask(probe, session, 'allowed'));
    for (const probe of await this.#neighbours(grants))
      checks.push(await this.#ask(probe, session, 'denied', 'neighbour: '));
    for (const grant of grants) {
      if (grant.service === 'eventbridge' && grant.access === 'publish')
        checks.push(await this.#publish(grant, session, 'published'));
    }
    return checks;
  }

  async afterTheEnd(
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
        checks.push(await this.#publish(grant, session, 'refused'));
    }
    const caller = await makeStsPort(this.embedded.connectionOf(this.embedded.root)).callerOf(session);
    return [...checks, check(`the live session of ${person.name}`, 'dead', caller.outcome)];
  }

  /** Their passwords are sealed, so they are looked at as the owner does. */
  async accounts(handed: readonly HandedAccount[], expected: 'there' | 'gone'): Promise<readonly Check[]> {
    const dataPlanes = makeDataPlanePort(this.embedded.connectionOf(this.embedded.root));
    return Promise.all(
      handed.map(async ({ account, may: _, ...instance }) => {
        const observed = await dataPlanes.observe(instance, account, []);
        const what = `account ${account} on ${instanceText(instance)}`;
        return check(what, expected, observed?.account === undefined ? 'gone' : 'there');
      }),
    );
  }

  async #neighbours(grants: readonly ResourceGrant[]): Promise<readonly PositiveProbe[]> {
    const asOwner = makeProductPort(this.embedded.connectionOf(this.embedded.root));
    const found = await Promise.all(
      grantsNeighbours(grants, parseAccountId(OWNER)).map(async ({ list, probesIn }) => {
        const listed = await asOwner.call(list);
        return listed.outcome === 'allowed' ? probesIn(listed.body, 1) : [];
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

  async #publish(
    { eventBus: bus, region }: EventbridgeGrant,
    session: Session,
    expected: 'published' | 'refused',
  ): Promise<Check> {
    const client = eventBridgeClient({ ...this.embedded.connectionOf(session), region });
    const event = {
      id: `partner-${bus}-${this.clock.now()}`,
      source: 'partner.app',
      type: 'order:Created',
      subject: 'order-1',
      time: new Date(this.clock.now()).toISOString(),
      data: {},
    };
    try {
      await postEvent(client, bus, event);
      return check(`publishing to bus ${bus}`, expected, 'published');
    } catch (error) {
      return check(`publishing to bus ${bus}`, expected, error instanceof Error ? 'refused' : String(error));
    }
  }
}
