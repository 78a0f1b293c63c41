/** Flows that `npm run sweep` tries and not every change does: what befalls a contract that has come into something already. */
import { addSeconds } from '../../../shared/domain/values.js';
import { suspend } from '../../support/changes.js';
import { letUsIn, managedGrantee } from '../../support/managed.js';
import { kafkaGrant } from '../../support/requests.js';
import { kafkaDoor, keys, LETS_ALL_THROUGH, rabbitmqDoor, ruleDoor } from '../../support/side-doors.js';
import { ownNameOf } from './beside.js';
import {
  type Act,
  amending,
  amendingTo,
  awaited,
  BUS,
  beginsInAMonth,
  beginsSoon,
  both,
  busGrant,
  type Changes,
  DAY,
  detaching,
  endsSoon,
  type Flow,
  failed,
  forNewcomer,
  GRANTED,
  grantOf,
  HALF_HOUR,
  impatient,
  inTurn,
  leaseFrom,
  live,
  lookForDrift,
  managed,
  nowhere,
  OTHER,
  otherKafka,
  passHalfHour,
  requestOf,
  resuming,
  setUp,
  suspended,
  suspending,
  sweepAgain,
  terminate,
  withDoors,
  withStaticAccount,
} from './flow.js';

const suspendingToo: Act = ({ world }, id) => suspend(world, id, `t-${id}`);

/** Two users of the contract's own. */
const two: Changes = (_stage, id) => ({
  grantee: managedGrantee(
    {
      users: ['etl', 'bob'].map((who) => ({
        logonName: ownNameOf(who, id),
        access: 'programmatic' as const,
      })),
    },
    [],
    keys.publicKey,
  ),
});
const one: Changes = (_stage, id) => ({
  grantee: managedGrantee(
    { users: [{ logonName: ownNameOf('etl', id), access: 'programmatic' }] },
    [],
    keys.publicKey,
  ),
});

export const RARER_FLOWS: readonly Flow[] = [
  {
    name: 'doors-opening',
    env: LETS_ALL_THROUGH,
    before: live(both(withDoors, beginsSoon)),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'opened',
    openers: ['the clock'],
    contested: [BUS],
  },
  {
    name: 'doors-expiry',
    env: LETS_ALL_THROUGH,
    before: live(both(withDoors, endsSoon)),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'revoked',
    contested: [BUS],
  },
  {
    name: 'doors-healing',
    env: { ...LETS_ALL_THROUGH, LEASEHOLD_ON_DRIFT: 'heal' },
    before: inTurn(live(withDoors), detaching(grantOf)),
    begin: lookForDrift,
    next: terminate,
    tells: 'drift-found',
    openers: ['heal-drift'],
    contested: [BUS],
  },
  {
    name: 'drift-suspension',
    env: { LEASEHOLD_ON_DRIFT: 'suspend' },
    before: inTurn(
      live(() => ({ grants: [kafkaGrant, busGrant] })),
      detaching(grantOf),
    ),
    begin: lookForDrift,
    next: terminate,
    tells: 'suspended',
    contested: [BUS],
  },
  {
    name: 'stopping-again',
    before: inTurn(
      suspended(),
      detaching(() => 'leasehold-suspended'),
    ),
    begin: lookForDrift,
    next: terminate,
    tells: 'drift-found',
    openers: ['the clock'],
  },
  {
    name: 'second-suspension',
    before: suspended(),
    begin: suspendingToo,
    next: terminate,
    tells: 'suspended',
  },
  {
    name: 'half-resumption',
    before: inTurn(suspended(), suspendingToo),
    begin: resuming,
    next: terminate,
    tells: 'resumed',
  },
  {
    name: 'suspended-amendment',
    before: suspended(() => ({ grants: [kafkaGrant, busGrant] })),
    begin: amending(() => ({ grants: [kafkaGrant, otherKafka], restrict: { maxSessionSeconds: 7200 } })),
    next: terminate,
    tells: 'amended',
    contested: [OTHER, BUS],
  },
  {
    name: 'suspended-expiry',
    before: suspended(endsSoon),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'revoked',
  },
  {
    name: 'shortening',
    before: live(),
    begin: amendingTo((stage) => ({
      lease: { ...leaseFrom(stage), expiresAt: addSeconds(stage.now(), -HALF_HOUR) },
    })),
    next: terminate,
    tells: 'revoked',
  },
  {
    name: 'putting-off',
    before: live(),
    begin: amendingTo(beginsInAMonth),
    next: terminate,
    tells: 'amended',
    // What cannot be verified is put back: the partner had it.
    openers: ['restore-access'],
  },
  {
    name: 'managed-renewal',
    stage: letUsIn,
    before: live(managed),
    begin: amendingTo((stage) => ({
      lease: { ...leaseFrom(stage), expiresAt: addSeconds(stage.now(), 120 * DAY) },
    })),
    next: terminate,
    tells: 'amended',
    kept: [GRANTED],
  },
  {
    name: 'managed-leaving',
    stage: letUsIn,
    before: live(two),
    begin: amending(one),
    next: terminate,
    tells: 'amended',
    kept: [GRANTED],
  },
  {
    name: 'managed-expiry',
    stage: letUsIn,
    before: live(both(managed, endsSoon)),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'revoked',
  },
  {
    name: 'account-amendment',
    env: LETS_ALL_THROUGH,
    before: live(withStaticAccount),
    begin: amending(() => ({ grants: [kafkaGrant, rabbitmqDoor({ exchanges: ['orders', 'invoices'] })] })),
    next: terminate,
    tells: 'amended',
    kept: [GRANTED],
  },
  {
    name: 'account-joining',
    env: LETS_ALL_THROUGH,
    before: live((stage, id) => ({ ...withStaticAccount(stage, id), grants: [kafkaGrant] })),
    begin: amending(() => ({ grants: [kafkaGrant, rabbitmqDoor(), kafkaDoor(), ruleDoor()] })),
    next: terminate,
    tells: 'amended',
    kept: [GRANTED],
    contested: [BUS],
  },
  {
    name: 'second-request',
    env: impatient,
    before: failed(() => ({ grants: [nowhere] })),
    begin: (stage, id) => stage.world.onboard(id, requestOf(stage, `${id} again`), `again-${id}`),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
  {
    name: 'nobody-arrives',
    env: { LEASEHOLD_GRANTEE_SECONDS: String(HALF_HOUR) },
    before: awaited(forNewcomer),
    begin: passHalfHour,
    again: sweepAgain,
    next: terminate,
    tells: 'failed',
  },
  {
    name: 'crossing-suspension',
    before: live(),
    begin: async (stage, id) => {
      await suspending(stage, id);
      await amending(() => ({ grants: [kafkaGrant, otherKafka] }))(stage, id);
    },
    next: terminate,
    tells: 'amended',
    contested: [OTHER],
  },
  {
    name: 'managed-second-request',
    env: impatient,
    stage: letUsIn,
    before: failed((_stage, id) => ({ grantee: setUp('etl', id), grants: [nowhere] })),
    begin: (stage, id) =>
      stage.world.onboard(
        id,
        requestOf(stage, `${id} again`, () => managed(stage, id)),
        `again-${id}`,
      ),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
  },
];
