/** A partner that sends to Kafka and gets events: an account and a rule that RAM does not end, and both gone with the contract. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { HandOver } from '../../app/hand-over/hand-over.js';
import { open, type SealedAccount } from '../../app/hand-over/seal.js';
import { type EventToPost, eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import type { PublicKey } from '../../domain/public-key.js';
import { addSeconds, instantOf } from '../../domain/values.js';
import type { VirtualClock } from '../../loopback/clock.js';
import { type Check, type ContractReport, check } from './checks.js';
import type { Outbox } from './outbox.js';
import type { Partner } from './partner.js';
import { type Embedded, OWNER, REGION } from './start.js';

export const SIDE_DOOR_PARTNER = '2000000000000097';
const CONTRACT = 'SIDE-DOORS-1';
const BUS = 'orders';
const TOPIC = 'orders';
const INBOX = 'inbox';
const ROLE = 'events-of-the-owner';
/** How long an event may be under way in the cloud's own time. */
const DELIVERY_MILLISECONDS = 30_000;

interface Stage {
  readonly embedded: Embedded;
  readonly clock: VirtualClock;
  readonly outbox: Outbox;
  readonly partner: Partner;
  readonly post: (event: EventToPost) => Promise<void>;
}

/** As a program of the partner's: logs on with the password that was sealed, listens on its own bus, and tries both after the end. */
export async function useSideDoors(stage: Stage): Promise<ContractReport> {
  const { outbox } = stage;
  const checks: Check[] = [];
  const inbox = await letEventsIn(stage);
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  await stage.post(eventFor(stage, 'onboarding.requested', dataFor(stage, await exportJWK(publicKey))));
  const granted = await outbox.answerTo(CONTRACT, ['granted', 'rejected', 'failed']);
  checks.push(check('the request', 'partner.access.granted', granted.type));
  if (granted.type !== 'partner.access.granted') return reportOf(granted.type, checks);
  const account = await accountIn(
    granted.data as unknown as HandOver,
    (await exportJWK(privateKey)) as PublicKey,
  );
  checks.push(check(`sending to topic ${TOPIC} with the account`, 'allowed', send(stage, account, TOPIC)));
  checks.push(check('neighbour: sending to topic invoices', 'NO_RIGHT', send(stage, account, 'invoices')));
  checks.push(check(`an event on bus ${BUS} arrives at the partner`, 'yes', await isHeard(stage, inbox)));

  const end = { contractId: CONTRACT, reason: 'end of the trial', requestedBy: 'leasehold try' };
  await stage.post(eventFor(stage, 'contract.terminated', end));
  const revoked = await outbox.answerTo(CONTRACT, ['revoked', 'failed']);
  checks.push(check('the end', 'partner.access.revoked', revoked.type));
  checks.push(check('after the end: sending', 'BAD_CREDENTIALS', send(stage, account, TOPIC)));
  checks.push(check(`after the end: an event on bus ${BUS} arrives`, 'no', await isHeard(stage, inbox)));
  return reportOf('granted, used past RAM, terminated, gone', checks);
}

/** The partner's bus, and the role that its administrator makes by the hand-over. Gives back the ids of what arrives. */
async function letEventsIn({ embedded }: Stage): Promise<readonly string[]> {
  const { cloud, accounts } = embedded;
  const asPartner = (version: string, action: string, params: Readonly<Record<string, string>>) =>
    cloud.call(accounts.rootOf(SIDE_DOOR_PARTNER), version, action, params, REGION);
  const Principal = { Service: [`${OWNER}@eventbridge.aliyuncs.com`] };
  const Statement = [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }];
  await asPartner('2020-04-01', 'CreateEventBus', { EventBusName: INBOX });
  await asPartner('2015-05-01', 'CreateRole', {
    RoleName: ROLE,
    AssumeRolePolicyDocument: JSON.stringify({ Version: '1', Statement }),
  });
  await asPartner('2015-05-01', 'AttachPolicyToRole', {
    PolicyType: 'System',
    PolicyName: 'AliyunEventBridgePutEventsPolicy',
    RoleName: ROLE,
  });
  const heard: string[] = [];
  embedded.events.tap(SIDE_DOOR_PARTNER, INBOX, (event) => void heard.push(event.id));
  return heard;
}

async function accountIn({ sealed }: HandOver, privateKey: PublicKey): Promise<SealedAccount | undefined> {
  const opened = await Promise.all(sealed.map(({ jwe }) => open(jwe, privateKey)));
  return opened
    .flatMap((one) => (one.ok ? [one.secret] : []))
    .find((secret) => secret.kind === 'data-plane-account');
}

/** What a client of the data plane is told. */
function send({ embedded }: Stage, account: SealedAccount | undefined, topic: string): string {
  if (account === undefined) return 'no account was handed over';
  const { username, password, instanceId } = account;
  const place = { accountId: OWNER, region: REGION, instanceId };
  const answer = embedded.logons.kafka({ ...place, username, password, does: 'publish', topic });
  return answer.outcome === 'allowed' ? 'allowed' : answer.reason;
}

/** Whether what the owner's programs put on their bus now arrives. */
async function isHeard({ embedded, clock }: Stage, inbox: readonly string[]): Promise<'yes' | 'no'> {
  const id = randomUUID();
  await postEvent(eventBridgeClient(embedded.connectionOf(embedded.root)), BUS, {
    id,
    source: 'shop',
    type: 'order:Created',
    subject: 'order-1',
    time: new Date(clock.now()).toISOString(),
    data: {},
  });
  await clock.advance(DELIVERY_MILLISECONDS);
  return inbox.includes(id) ? 'yes' : 'no';
}

const reportOf = (outcome: string, checks: readonly Check[]): ContractReport => ({
  contractId: CONTRACT,
  outcome,
  checks,
});

const dataFor = ({ clock }: Stage, publicKey: object): object => ({
  contractId: CONTRACT,
  requestedBy: 'leasehold try',
  grantee: { name: 'Hooli', accountId: SIDE_DOOR_PARTNER, publicKey },
  lease: { startsAt: instantOf(clock.now()), expiresAt: addSeconds(instantOf(clock.now()), 30 * 86_400) },
  grants: [
    {
      service: 'kafka',
      access: 'publish',
      region: REGION,
      instanceId: 'alikafka_pre-cn-x1',
      topics: [TOPIC],
      dataPlane: { endsByController: true },
    },
    {
      service: 'eventbridge',
      access: 'subscribe',
      region: REGION,
      eventBus: BUS,
      target: { type: 'bus', eventBus: INBOX, roleName: ROLE, endsByController: true },
    },
  ],
});

const eventFor = ({ clock }: Stage, kind: string, data: object): EventToPost => ({
  id: `try-side-doors-${kind.replaceAll('.', '-')}`,
  source: 'leasehold.try',
  type: `partner.${kind}`,
  subject: CONTRACT,
  time: new Date(clock.now()).toISOString(),
  data,
});
