/** Flows that `npm run sweep` tries and not every change does: they would take minutes of each, and differ from those little. */
import { letUsIn, managedGrantee } from '../../support/managed.js';
import { kafkaGrant } from '../../support/requests.js';
import {
  kafkaDoor,
  keys,
  LETS_ALL_THROUGH,
  ruleDoor,
  grantee as sealedGrantee,
} from '../../support/side-doors.js';
import { answered, asksForLong, forMonths, forWeeks } from './approvals.js';
import { lend, lentNameOf, ownNameOf } from './beside.js';
import {
  amending,
  BUS,
  beginsInAMonth,
  busGrant,
  type Changes,
  type Flow,
  GRANTED,
  HALF_HOUR,
  impatient,
  live,
  managed,
  nowhere,
  onboard,
  passHalfHour,
  resuming,
  setUp,
  suspended,
  suspending,
  sweepAgain,
  terminate,
  withDoors,
  withStaticAccount,
} from './flow.js';
import { companionOf, type Stage } from './stage.js';

const EVENTBRIDGE = '2020-04-01';

/** One user and one role of the partner's, whichever contract names them. */
const sharing =
  (id: string): Changes =>
  () => ({ grantee: setUp('etl', id) });

const lent: Changes = (_stage, id) => ({
  grantee: managedGrantee(
    {
      users: [{ logonName: lentNameOf('user', id), existing: true }],
      roles: [{ name: lentNameOf('role', id), existing: true }],
    },
    [],
    keys.publicKey,
  ),
});
const withConsole: Changes = (_stage, id) => ({
  grantee: managedGrantee(
    { users: [{ logonName: ownNameOf('ann', id), access: 'console' }] },
    [{ type: 'user', name: ownNameOf('ann', id), via: 'console' }],
    keys.publicKey,
  ),
});

/** Asks for more than is let through without an answer. */
const askForMonths = amending((stage) => ({ lease: forMonths(stage) }));
const liveForWeeks = live((stage) => ({ lease: forWeeks(stage) }));
const askedForMonths = async (stage: Stage, id: string): Promise<void> => {
  await liveForWeeks(stage, id);
  await askForMonths(stage, id);
  await stage.world.settle();
};

export const FLOWS_BY_COMMAND: readonly Flow[] = [
  {
    name: 'later-onboarding',
    before: async () => undefined,
    begin: onboard(beginsInAMonth),
    next: terminate,
    tells: 'granted',
  },
  {
    name: 'doors-suspension',
    env: LETS_ALL_THROUGH,
    before: live(withDoors),
    begin: suspending,
    next: terminate,
    tells: 'suspended',
    contested: [BUS],
  },
  {
    name: 'doors-amendment',
    env: LETS_ALL_THROUGH,
    before: live(withDoors),
    begin: amending(() => ({
      grants: [kafkaGrant, kafkaDoor({ topics: ['orders', 'invoices'] }), ruleDoor()],
    })),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
    contested: [BUS],
  },
  {
    name: 'doors-resumption',
    env: LETS_ALL_THROUGH,
    before: suspended(withDoors),
    begin: resuming,
    next: terminate,
    tells: 'resumed',
    openers: ['resume-access'],
    contested: [BUS],
  },
  {
    name: 'account-onboarding',
    env: LETS_ALL_THROUGH,
    before: async () => undefined,
    begin: onboard(withStaticAccount),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'account-suspension',
    env: LETS_ALL_THROUGH,
    before: live(withStaticAccount),
    begin: suspending,
    next: terminate,
    tells: 'suspended',
  },
  {
    name: 'account-resumption',
    env: LETS_ALL_THROUGH,
    before: suspended(withStaticAccount),
    begin: resuming,
    next: terminate,
    tells: 'resumed',
    openers: ['resume-access'],
  },
  {
    name: 'account-revocation',
    env: LETS_ALL_THROUGH,
    before: live(withStaticAccount),
    begin: terminate,
    next: suspending,
    tells: 'revoked',
  },
  {
    name: 'lent-onboarding',
    stage: letUsIn,
    lends: true,
    before: lend,
    begin: onboard(lent),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'lent-revocation',
    stage: letUsIn,
    lends: true,
    before: async (stage, id) => {
      await lend(stage, id);
      await live(lent)(stage, id);
    },
    begin: terminate,
    next: suspending,
    tells: 'revoked',
  },
  {
    name: 'console-onboarding',
    stage: letUsIn,
    before: async () => undefined,
    begin: onboard(withConsole),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'console-revocation',
    stage: letUsIn,
    before: live(withConsole),
    begin: terminate,
    next: suspending,
    tells: 'revoked',
  },
  {
    name: 'managed-suspension',
    stage: letUsIn,
    before: live(managed),
    begin: suspending,
    next: terminate,
    tells: 'suspended',
  },
  {
    name: 'managed-resumption',
    stage: letUsIn,
    before: suspended(managed),
    begin: resuming,
    next: terminate,
    tells: 'resumed',
    openers: ['resume-access'],
  },
  {
    name: 'shared-ending',
    stage: letUsIn,
    before: async (stage, id) => {
      await live(sharing(id))(stage, id);
      await live(sharing(id))(stage, companionOf(id));
    },
    begin: async (stage, id) => {
      await terminate(stage, id);
      await terminate(stage, companionOf(id));
    },
    next: suspending,
    tells: 'revoked',
    companion: { tells: 'revoked' },
  },
  {
    name: 'shared-handing-on',
    stage: letUsIn,
    before: async (stage, id) => {
      await live(sharing(id))(stage, companionOf(id));
    },
    begin: async (stage, id) => {
      await terminate(stage, companionOf(id));
      await onboard(sharing(id))(stage, id);
    },
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
    companion: { tells: 'revoked' },
  },
  {
    name: 'managed-withdrawal',
    env: impatient,
    stage: letUsIn,
    before: async () => undefined,
    begin: onboard((_stage, id) => ({ grantee: setUp('etl', id), grants: [nowhere] })),
    next: terminate,
    tells: 'failed',
  },
  {
    name: 'managed-restoration',
    env: impatient,
    stage: letUsIn,
    before: live(managed),
    begin: amending((_stage, id) => ({
      grantee: setUp('bob', id),
      grants: [kafkaGrant, nowhere],
    })),
    next: terminate,
    tells: 'failed',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
  },
  {
    name: 'doors-withdrawal',
    env: { ...LETS_ALL_THROUGH, ...impatient },
    before: async () => undefined,
    begin: onboard(() => ({
      grantee: sealedGrantee,
      grants: [kafkaGrant, kafkaDoor(), ruleDoor(), nowhere],
    })),
    next: terminate,
    tells: 'failed',
    contested: [BUS],
  },
  {
    name: 'doors-restoration',
    env: { ...LETS_ALL_THROUGH, ...impatient },
    before: live(withDoors),
    begin: amending(() => ({
      grants: [
        kafkaGrant,
        kafkaDoor({ topics: ['orders', 'invoices'] }),
        ruleDoor({ events: { types: ['order:Paid'] } }),
        nowhere,
      ],
    })),
    next: terminate,
    tells: 'failed',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
    contested: [BUS],
  },
  {
    name: 'failed-resumption',
    env: impatient,
    before: async (stage, id) => {
      const bus = { EventBusName: `bus-${id}` };
      await stage.asOwner('CreateEventBus', bus, EVENTBRIDGE);
      await suspended(() => ({ grants: [{ ...busGrant, eventBus: bus.EventBusName }] }))(stage, id);
      await stage.asOwner('DeleteEventBus', bus, EVENTBRIDGE);
    },
    begin: resuming,
    next: terminate,
    tells: 'failed',
    openers: ['resume-access'],
  },
  {
    name: 'amendment-question',
    env: asksForLong,
    before: liveForWeeks,
    begin: askForMonths,
    next: terminate,
    tells: 'approval-needed',
    kept: [GRANTED],
  },
  {
    name: 'amendment-approval',
    env: asksForLong,
    before: askedForMonths,
    begin: answered('approve'),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
  },
  {
    name: 'amendment-declining',
    env: asksForLong,
    before: askedForMonths,
    begin: answered('decline'),
    next: terminate,
    tells: 'rejected',
    kept: [GRANTED],
  },
  {
    name: 'amendment-silence',
    env: { ...asksForLong, LEASEHOLD_APPROVAL_SECONDS: String(HALF_HOUR) },
    before: askedForMonths,
    begin: passHalfHour,
    again: sweepAgain,
    next: answered('approve'),
    tells: 'rejected',
    kept: [GRANTED],
  },
];
