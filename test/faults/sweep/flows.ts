/** The flows that every change is tried by, a row each. */
import { addSeconds } from '../../../shared/domain/values.js';
import { letUsIn } from '../../support/managed.js';
import { kafkaGrant, PARTNER } from '../../support/requests.js';
import { LETS_ALL_THROUGH } from '../../support/side-doors.js';
import { answered, asksForLong, forMonths, forWeeks } from './approvals.js';
import {
  amending,
  BUS,
  beginsSoon,
  busGrant,
  DAY,
  detaching,
  endsSoon,
  type Flow,
  forNewcomer,
  GRANTED,
  grantOf,
  HALF_HOUR,
  impatient,
  live,
  lookForDrift,
  managed,
  newcomer,
  nowhere,
  OTHER,
  onboard,
  otherKafka,
  passHalfHour,
  resuming,
  setUp,
  suspended,
  suspending,
  sweepAgain,
  terminate,
  withDoors,
} from './flow.js';

export const FLOWS: readonly Flow[] = [
  {
    name: 'onboarding',
    before: async () => undefined,
    begin: onboard(),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'refusal',
    before: async () => undefined,
    begin: onboard((stage) => ({
      lease: { startsAt: addSeconds(stage.now(), -DAY), expiresAt: addSeconds(stage.now(), 9_000 * DAY) },
      grants: [{ ...kafkaGrant, access: 'publish' }],
    })),
    next: terminate,
    tells: 'rejected',
  },
  {
    name: 'opening',
    before: live(beginsSoon),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'opened',
    openers: ['the clock'],
  },
  {
    name: 'amendment',
    before: live(() => ({ grants: [kafkaGrant, busGrant] })),
    begin: amending(() => ({
      grants: [kafkaGrant, otherKafka],
      restrict: { maxSessionSeconds: 7200 },
    })),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
    contested: [OTHER, BUS],
  },
  {
    name: 'suspension',
    before: live(),
    begin: suspending,
    next: terminate,
    tells: 'suspended',
  },
  {
    name: 'resumption',
    before: suspended(),
    begin: resuming,
    next: terminate,
    tells: 'resumed',
    openers: ['resume-access'],
  },
  {
    name: 'revocation',
    before: live(),
    begin: terminate,
    next: suspending,
    tells: 'revoked',
  },
  {
    name: 'expiry',
    before: live(endsSoon),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'revoked',
  },
  {
    name: 'managed-onboarding',
    stage: letUsIn,
    before: async () => undefined,
    begin: onboard(managed),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'managed-amendment',
    stage: letUsIn,
    before: live(managed),
    begin: amending((_stage, id) => ({
      grantee: setUp('bob', id),
    })),
    next: terminate,
    tells: 'amended',
    kept: [GRANTED],
  },
  {
    name: 'managed-revocation',
    stage: letUsIn,
    before: live(managed),
    begin: terminate,
    next: suspending,
    tells: 'revoked',
  },
  {
    name: 'doors-onboarding',
    env: LETS_ALL_THROUGH,
    before: async () => undefined,
    begin: onboard(withDoors),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
    contested: [BUS],
  },
  {
    name: 'doors-revocation',
    env: LETS_ALL_THROUGH,
    before: live(withDoors),
    begin: terminate,
    next: suspending,
    tells: 'revoked',
    contested: [BUS],
  },
  {
    name: 'healing',
    env: { LEASEHOLD_ON_DRIFT: 'heal' },
    before: async (stage, id) => {
      await live()(stage, id);
      // Somebody wants to stop the partner and does not know how.
      await detaching(grantOf)(stage, id);
    },
    begin: lookForDrift,
    next: terminate,
    tells: 'drift-found',
    openers: ['heal-drift'],
  },
  {
    name: 'question',
    env: asksForLong,
    before: async () => undefined,
    begin: onboard(),
    next: terminate,
    tells: 'approval-needed',
  },
  {
    name: 'approval',
    env: asksForLong,
    before: live(),
    begin: answered('approve'),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'declining',
    env: asksForLong,
    before: live(),
    begin: answered('decline'),
    next: terminate,
    tells: 'rejected',
  },
  {
    name: 'silence',
    env: { ...asksForLong, LEASEHOLD_APPROVAL_SECONDS: String(HALF_HOUR) },
    before: live(),
    begin: passHalfHour,
    again: sweepAgain,
    next: answered('decline'),
    tells: 'rejected',
  },
  {
    name: 'warning',
    before: live((stage) => ({
      lease: {
        startsAt: addSeconds(stage.now(), -DAY),
        expiresAt: addSeconds(stage.now(), 7 * DAY + HALF_HOUR),
      },
    })),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'expiring',
  },
  {
    name: 'withdrawal',
    env: impatient,
    before: async () => undefined,
    begin: onboard(() => ({ grants: [nowhere] })),
    next: terminate,
    tells: 'failed',
  },
  {
    name: 'restoration',
    env: impatient,
    before: live(),
    begin: amending(() => ({
      grants: [kafkaGrant, nowhere],
    })),
    next: terminate,
    tells: 'failed',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
  },
  {
    name: 'overtaking',
    env: asksForLong,
    before: async (stage, id) => {
      await live(() => ({ lease: forWeeks(stage) }))(stage, id);
      await amending(() => ({ lease: forMonths(stage) }))(stage, id);
      await stage.world.settle();
    },
    begin: amending(
      () => ({
        grants: [kafkaGrant, otherKafka],
      }),
      2,
    ),
    next: terminate,
    tells: 'rejected',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
    contested: [OTHER],
  },
  {
    name: 'preparation',
    before: async () => undefined,
    begin: onboard(forNewcomer),
    next: terminate,
    tells: 'prepared',
  },
  {
    name: 'arrival',
    before: async (stage, id) => {
      await live(forNewcomer)(stage, id);
      stage.world.cloud.accounts.createUser(PARTNER, newcomer(id));
    },
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'late-termination',
    before: live(),
    begin: async ({ world, asOwner }, id) => {
      const data = { contractId: id, reason: 'test', requestedBy: 'test' };
      const event = {
        id: `terminate-${id}`,
        source: 'test',
        type: 'partner.contract.terminated',
        subject: id,
        data,
      };
      await asOwner(
        'StartExecution',
        {
          FlowName: 'leasehold-undelivered',
          Input: JSON.stringify({
            specversion: '1.0',
            time: new Date(world.clock.now()).toISOString(),
            ...event,
          }),
        },
        '2019-03-15',
      );
    },
    next: suspending,
    tells: 'revoked',
  },
];
