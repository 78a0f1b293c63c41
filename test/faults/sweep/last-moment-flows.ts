/** Flows that begin five seconds before the lease ends, for `npm run sweep`: what goes wrong in them may outlast it. */
import { addSeconds } from '../../../shared/domain/values.js';
import { letUsIn } from '../../support/managed.js';
import { kafkaGrant } from '../../support/requests.js';
import { kafkaDoor, LETS_ALL_THROUGH } from '../../support/side-doors.js';
import {
  type Act,
  amending,
  amendingTo,
  BUS,
  both,
  type Changes,
  DAY,
  detaching,
  endsSoon,
  type Flow,
  firstEndOf,
  grantOf,
  inTurn,
  leaseFrom,
  live,
  lookForDrift,
  managed,
  OTHER,
  onboard,
  otherKafka,
  resuming,
  suspended,
  suspending,
  terminate,
  withDoors,
} from './flow.js';

const LAST_SECONDS = 5;

const endsAtOnce: Changes = (stage) => ({
  lease: { startsAt: addSeconds(stage.now(), -DAY), expiresAt: addSeconds(stage.now(), LAST_SECONDS) },
});
const toTheLastMoment: Act = ({ world }, id) =>
  world.jumpTo((firstEndOf(id) ?? Number.NaN) - LAST_SECONDS * 1000);
const nearEnd = (changes: Changes = () => ({})): Act =>
  inTurn(live(both(changes, endsSoon)), toTheLastMoment);
const renewing = (changes: Changes = () => ({})): Act =>
  amendingTo((stage, id) => ({
    ...changes(stage, id),
    lease: { ...leaseFrom(stage), expiresAt: addSeconds(stage.now(), 60 * DAY) },
  }));

const lastMoments: readonly Omit<Flow, 'isLastMoment'>[] = [
  {
    name: 'last-onboarding',
    before: async () => undefined,
    begin: onboard(endsAtOnce),
    next: terminate,
    tells: 'revoked',
    openers: ['activate-access'],
  },
  {
    name: 'last-renewal',
    before: nearEnd(),
    begin: renewing(),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
  },
  {
    name: 'last-widening',
    before: nearEnd(),
    begin: amending(() => ({ grants: [kafkaGrant, otherKafka] })),
    next: terminate,
    tells: 'revoked',
    openers: ['amend-access', 'restore-access'],
    contested: [OTHER],
  },
  {
    name: 'last-suspension',
    before: nearEnd(),
    begin: suspending,
    next: terminate,
    tells: 'revoked',
  },
  {
    name: 'last-resumption',
    before: inTurn(suspended(endsSoon), toTheLastMoment),
    begin: resuming,
    next: terminate,
    tells: 'revoked',
    openers: ['resume-access'],
  },
  {
    name: 'last-healing',
    env: { LEASEHOLD_ON_DRIFT: 'heal' },
    before: inTurn(nearEnd(), detaching(grantOf)),
    begin: lookForDrift,
    next: terminate,
    tells: 'revoked',
    openers: ['heal-drift'],
  },
  {
    name: 'last-termination',
    before: nearEnd(),
    begin: terminate,
    next: suspending,
    tells: 'revoked',
  },
  {
    name: 'last-managed-onboarding',
    stage: letUsIn,
    before: async () => undefined,
    begin: onboard(both(managed, endsAtOnce)),
    next: terminate,
    tells: 'revoked',
    openers: ['activate-access'],
  },
  {
    name: 'last-managed-renewal',
    stage: letUsIn,
    before: nearEnd(managed),
    begin: renewing(),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
  },
  {
    name: 'last-doors-onboarding',
    env: LETS_ALL_THROUGH,
    before: async () => undefined,
    begin: onboard(both(withDoors, endsAtOnce)),
    next: terminate,
    tells: 'revoked',
    openers: ['activate-access'],
    contested: [BUS],
  },
  {
    name: 'last-doors-renewal',
    env: LETS_ALL_THROUGH,
    before: nearEnd(withDoors),
    begin: renewing(() => ({ grants: [kafkaGrant, kafkaDoor({ topics: ['orders', 'invoices'] })] })),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
    contested: [BUS],
  },
  {
    name: 'last-doors-resumption',
    env: LETS_ALL_THROUGH,
    before: inTurn(suspended(both(withDoors, endsSoon)), toTheLastMoment),
    begin: resuming,
    next: terminate,
    tells: 'revoked',
    openers: ['resume-access'],
    contested: [BUS],
  },
];

export const LAST_MOMENT_FLOWS: readonly Flow[] = lastMoments.map((flow) => ({
  ...flow,
  isLastMoment: true,
}));
