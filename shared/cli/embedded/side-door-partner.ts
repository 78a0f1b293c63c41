/** A partner that sends to Kafka and gets events: an account and a rule that RAM does not end, and both gone with the contract. */
import { randomUUID } from 'node:crypto';
import type { HandOver } from '../../app/hand-over/hand-over.js';
import type { SealedAccount } from '../../app/hand-over/seal.js';
import { eventBridgeClient, postEvent } from '../../cloud/alibaba/events.js';
import { addSeconds, instantOf } from '../../domain/values.js';
import { type Check, type ContractReport, check } from './checks.js';
import { OWNER, REGION } from './owner.js';
import { newPartnerKey, postAbout, reportOn, type Stage, terminate } from './stage.js';

export const SIDE_DOOR_PARTNER = '2000000000000097';
const CONTRACT = 'SIDE-DOORS-1';
const BUS = 'orders';
const TOPIC = 'orders';
const INBOX = 'inbox';
const ROLE = 'events-of-the-owner';
/** How long an event may be under way in the cloud's own time. */
const DELIVERY_MILLISECONDS = 30_000;

/** As a program of the partner's: logs on with the password that was sealed, listens on its own bus, and tries both after the end. */
export async function useSideDoors(stage: Stage): Promise<ContractReport> {
  const { outbox } = stage;
  const checks: Check[] = [];
  const inbox = await letEventsIn(stage);
  const { publicKey, openAll } = await newPartnerKey();
  await postAbout(stage, CONTRACT, 'onboarding.requested', dataFor(stage, publicKey));
  const granted = await outbox.answerTo(CONTRACT, ['granted', 'rejected', 'failed']);
  checks.push(check('the request', 'partner.access.granted', granted.type));
  if (granted.type !== 'partner.access.granted') return reportOn(CONTRACT, granted.type, checks);
  const secrets = await openAll(granted.data as unknown as HandOver);
  const account = secrets.find((secret) => secret.kind === 'data-plane-account');
  checks.push(check(`sending to topic ${TOPIC} with the account`, 'allowed', send(stage, account, TOPIC)));
  checks.push(check('neighbour: sending to topic invoices', 'NO_RIGHT', send(stage, account, 'invoices')));
  checks.push(check(`an event on bus ${BUS} arrives at the partner`, 'yes', await isHeard(stage, inbox)));

  await terminate(stage, CONTRACT, checks);
  checks.push(check('after the end: sending', 'BAD_CREDENTIALS', send(stage, account, TOPIC)));
  checks.push(check(`after the end: an event on bus ${BUS} arrives`, 'no', await isHeard(stage, inbox)));
  return reportOn(CONTRACT, 'granted, used past RAM, terminated, gone', checks);
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
