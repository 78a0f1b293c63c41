/** The flows that are swept, a row each: how the contract gets there, what begins it, what would come next, what tells its end. */
import type { KafkaGrant } from '../../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { amend, resume, suspend } from '../../support/changes.js';
import { letUsIn, managedGrantee } from '../../support/managed.js';
import { kafkaGrant, OWNER, REGION } from '../../support/requests.js';
import {
  kafkaDoor,
  keys,
  LETS_ALL_THROUGH,
  rocketmqDoor,
  ruleDoor,
  grantee as sealedGrantee,
} from '../../support/side-doors.js';
import { ownNameOf } from './beside.js';
import { roleOf, type Stage, type StageOptions } from './stage.js';

export interface Right {
  readonly action: string;
  readonly resource: string;
}
export interface Flow extends StageOptions {
  readonly name: string;
  /** Brings the contract to where the flow begins. */
  before(stage: Stage, id: string): Promise<void>;
  /** As from outside; again, the same event is sent again. */
  begin(stage: Stage, id: string): Promise<void>;
  /** How it may begin a second time meanwhile. Default: as `begin`. */
  again?(stage: Stage, id: string): Promise<void>;
  /** Another event about the contract; `undefined` where nothing else would come. */
  next?(stage: Stage, id: string): Promise<void>;
  /** So many calls by so few steps that more faults are tried together. Default: false. */
  readonly isLong?: boolean;
  /** Kind of the outbound event that tells that it is done; none where there is nothing to tell. */
  readonly tells: string | undefined;
  /** Functions by whose calls the partner may come to have what he had not. Default: none. */
  readonly openers?: readonly string[];
  /** What the partner has before and after, so never is without while it lasts. */
  readonly kept?: readonly Right[];
  /** What the partner may come to have, or to lose; all else he must never have. */
  readonly contested?: readonly Right[];
}

const DAY = 86_400;
const busGrant = { service: 'eventbridge', access: 'read', region: REGION, eventBus: 'orders' } as const;
const otherKafka = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as KafkaGrant;

const kafkaRight = (instanceId: string): Right => ({
  action: 'alikafka:ListTopic',
  resource: `acs:alikafka:${REGION}:${OWNER}:${instanceId}`,
});
export const GRANTED = kafkaRight((kafkaGrant as KafkaGrant).instanceId);
const OTHER = kafkaRight(otherKafka.instanceId);
const BUS: Right = {
  action: 'eventbridge:GetEventBus',
  resource: `acs:eventbridge:${REGION}:${OWNER}:eventbus/orders`,
};
/** A sample of what nobody here is ever granted. */
export const NEVER: readonly Right[] = [
  { ...GRANTED, action: 'alikafka:DeleteTopic' },
  { ...GRANTED, action: 'alikafka:CreateSaslUser' },
  { action: 'ram:ListUsers', resource: `acs:ram:*:${OWNER}:user/*` },
  { ...BUS, action: 'eventbridge:PutEvents' },
];
/** What other flows' contracts are granted. */
export const ELSEWHERE: readonly Right[] = [OTHER, BUS];

/** Long enough for everything that a run waits for, and for no warning. */
export const leaseFrom = (stage: Stage): OnboardingRequest['lease'] => ({
  startsAt: addSeconds(stage.now(), -DAY),
  expiresAt: addSeconds(stage.now(), 90 * DAY),
});

/** The request of a contract stays the same however often it is posted. */
const requests = new Map<string, Partial<OnboardingRequest>>();
function requestOf(stage: Stage, id: string, changes: Changes = () => ({})): Partial<OnboardingRequest> {
  const known = requests.get(id);
  if (known !== undefined) return known;
  const made = { lease: leaseFrom(stage), ...changes(stage, id) };
  requests.set(id, made);
  return made;
}

type Changes = (stage: Stage, id: string) => Partial<OnboardingRequest>;

const onboard = (changes?: Changes) => (stage: Stage, id: string) =>
  stage.world.onboard(id, requestOf(stage, id, changes));

const live =
  (changes?: Changes) =>
  async (stage: Stage, id: string): Promise<void> => {
    await onboard(changes)(stage, id);
    await stage.world.settle();
  };

const terminate = ({ world }: Stage, id: string) => world.terminate(id);

/** A user for programs, and a role for instances, which the partner's account had not. */
const setUp = (who: string, id: string): OnboardingRequest['grantee'] =>
  managedGrantee(
    {
      users: [{ logonName: ownNameOf(who, id), access: 'programmatic' }],
      roles: [{ name: ownNameOf(`${who}-ecs`, id), trusts: 'ecs.aliyuncs.com' }],
    },
    [],
    keys.publicKey,
  );
const managed: Changes = (_stage, id) => ({ grantee: setUp('etl', id) });
const withDoors: Changes = () => ({
  grantee: sealedGrantee,
  grants: [kafkaGrant, kafkaDoor(), rocketmqDoor(), ruleDoor()],
});

const suspended = async (stage: Stage, id: string): Promise<void> => {
  await live()(stage, id);
  await suspend(stage.world, id, `s-${id}`);
  await stage.world.settle();
};

/** As the clock does every minute. */
const sweepAgain = async ({ asOwner }: Stage): Promise<void> => {
  await asOwner('StartExecution', { FlowName: 'leasehold-expiry', Input: '{}' }, '2019-03-15');
};

/** A run begins five seconds into a minute: half an hour later is a moment before a tick. */
const HALF_HOUR = 1_800;

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
    name: 'later-onboarding',
    before: async () => undefined,
    begin: onboard((stage) => ({
      lease: { startsAt: addSeconds(stage.now(), 30 * DAY), expiresAt: addSeconds(stage.now(), 90 * DAY) },
    })),
    next: terminate,
    tells: 'granted',
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
    before: live((stage) => ({
      lease: {
        startsAt: addSeconds(stage.now(), HALF_HOUR),
        expiresAt: addSeconds(stage.now(), 90 * DAY),
      },
    })),
    begin: async (stage) => stage.world.clock.advance((HALF_HOUR + 55) * 1000),
    again: sweepAgain,
    next: terminate,
    tells: 'opened',
    openers: ['the clock'],
  },
  {
    name: 'amendment',
    before: live(() => ({ grants: [kafkaGrant, busGrant] })),
    begin: (stage, id) =>
      amend(stage.world, id, {
        ...requestOf(stage, id),
        revision: 1,
        grants: [kafkaGrant, otherKafka],
        restrict: { maxSessionSeconds: 7200 },
      }),
    next: terminate,
    tells: 'amended',
    openers: ['amend-access', 'restore-access'],
    kept: [GRANTED],
    contested: [OTHER, BUS],
  },
  {
    name: 'suspension',
    before: live(),
    begin: ({ world }, id) => suspend(world, id, `s-${id}`),
    next: terminate,
    tells: 'suspended',
  },
  {
    name: 'resumption',
    before: suspended,
    begin: ({ world }, id) => resume(world, id, `s-${id}`),
    next: terminate,
    tells: 'resumed',
    openers: ['resume-access'],
  },
  {
    name: 'revocation',
    before: live(),
    begin: terminate,
    next: ({ world }, id) => suspend(world, id, `s-${id}`),
    tells: 'revoked',
  },
  {
    name: 'expiry',
    before: live((stage) => ({
      lease: { startsAt: addSeconds(stage.now(), -DAY), expiresAt: addSeconds(stage.now(), HALF_HOUR) },
    })),
    begin: async (stage) => stage.world.clock.advance((HALF_HOUR + 55) * 1000),
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
    begin: (stage, id) =>
      amend(stage.world, id, {
        ...requestOf(stage, id),
        revision: 1,
        grantee: setUp('bob', id),
      }),
    next: terminate,
    tells: 'amended',
    kept: [GRANTED],
  },
  {
    name: 'managed-revocation',
    stage: letUsIn,
    before: live(managed),
    begin: terminate,
    next: ({ world }, id) => suspend(world, id, `s-${id}`),
    tells: 'revoked',
  },
  {
    name: 'doors-onboarding',
    isLong: true,
    env: LETS_ALL_THROUGH,
    before: async () => undefined,
    begin: onboard(withDoors),
    next: terminate,
    tells: 'granted',
    openers: ['activate-access'],
    contested: [BUS],
  },
  {
    name: 'doors-suspension',
    isLong: true,
    env: LETS_ALL_THROUGH,
    before: live(withDoors),
    begin: ({ world }, id) => suspend(world, id, `s-${id}`),
    next: terminate,
    tells: 'suspended',
    contested: [BUS],
  },
  {
    name: 'doors-revocation',
    isLong: true,
    env: LETS_ALL_THROUGH,
    before: live(withDoors),
    begin: terminate,
    next: ({ world }, id) => suspend(world, id, `s-${id}`),
    tells: 'revoked',
    contested: [BUS],
  },
  {
    name: 'healing',
    env: { LEASEHOLD_ON_DRIFT: 'heal' },
    before: async (stage, id) => {
      await live()(stage, id);
      // As somebody at the console does who wants to stop the partner and does not know how.
      await stage.asOwner('DetachPolicyFromRole', {
        PolicyType: 'Custom',
        PolicyName: `${roleOf(id)}-1`,
        RoleName: roleOf(id),
      });
    },
    begin: async ({ asOwner }, id) => {
      const Input = JSON.stringify({ contractId: id });
      await asOwner('StartExecution', { FlowName: 'leasehold-reconciliation', Input }, '2019-03-15');
    },
    next: terminate,
    tells: 'drift-found',
    openers: ['heal-drift'],
  },
];
