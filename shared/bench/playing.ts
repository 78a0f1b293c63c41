/** A contract as a contract system plays it: events are posted by it, answers heard, time passed. */
import type { Outbox } from '../cli/embedded/outbox.js';
import type { Embedded } from '../cli/embedded/start.js';
import { eventBridgeClient, postEvent } from '../cloud/alibaba/events.js';
import type { VirtualClock } from '../loopback/clock.js';

const HOUR_MS = 3_600_000;

export const termsOf = (contractId: string, startsAt: string, expiresAt: string) => ({
  contractId,
  requestedBy: 'benchmark',
  grantee: { name: 'Globex', accountId: '2000000000000002' },
  lease: { startsAt, expiresAt },
  grants: [{ service: 'kafka', access: 'read', region: 'cn-hangzhou', instanceId: 'alikafka_pre-cn-x1' }],
});

export const idOf = (contractId: string, kind: string): string =>
  `${contractId}-${kind.replaceAll('.', '-')}`;

/** One contract's part: what its events say, what is heard of it, and time. */
export function playing(embedded: Embedded, clock: VirtualClock, outbox: Outbox, contractId: string) {
  const client = eventBridgeClient(embedded.connectionOf(embedded.contractSystem));
  const heard = (kind: string) =>
    outbox.heard.filter(({ subject, type }) => subject === contractId && type.endsWith(`.${kind}`)).length;
  return {
    tell: (kind: string, data: object): Promise<void> =>
      postEvent(client, embedded.deployment.values.prefix, {
        id: idOf(contractId, kind),
        source: 'benchmark',
        type: `partner.${kind}`,
        subject: contractId,
        time: new Date(clock.now()).toISOString(),
        data,
      }),
    hear: async (kind: string, count = 1): Promise<void> => {
      await clock.runUntilIdle({ until: clock.now() + HOUR_MS, isDone: () => heard(kind) >= count });
      if (heard(kind) < count) throw new Error(`${contractId}: ${kind} was not heard`);
    },
    pass: (seconds: number): Promise<void> => clock.jumpTo(clock.now() + seconds * 1000),
  };
}
