/** A flow that is swept: how the contract gets there, what begins it, what would come next, what tells its end. */
import type { Contract } from '../../../shared/domain/contract.js';
import type { KafkaGrant } from '../../../shared/domain/grant.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { addSeconds } from '../../../shared/domain/values.js';
import { amend, resume, suspend } from '../../support/changes.js';
import { managedGrantee } from '../../support/managed.js';
import { kafkaGrant, OWNER, REGION, request } from '../../support/requests.js';
import {
  kafkaDoor,
  keys,
  rabbitmqDoor,
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
  /** Kind of the outbound event that tells that it is done; none where there is nothing to tell. */
  readonly tells: string | undefined;
  /** Functions by whose calls the partner may come to have what he had not. Default: none. */
  readonly openers?: readonly string[];
  /** What the partner has before and after, so never is without while it lasts. */
  readonly kept?: readonly Right[];
  /** How the partner's other contract ends that the flow is about too (`companionOf`). Default: there is none. */
  readonly companion?: Pick<Flow, 'tells'>;
  /** What every change tries a fault at; of calls of one kind, which is drawn. Default: each call. */
  readonly triesEach?: 'kind of call';
  /** Whether the partner lends a user and a role of its own (`lend`). Default: it does not. */
  readonly lends?: true;
  /** Whether the lease ends seconds after the flow begins: whatever goes wrong, it may be over by then. Default: it lasts. */
  readonly isLastMoment?: true;
  /** What the partner may come to have, or to lose; all else he must never have. */
  readonly contested?: readonly Right[];
}

export const DAY = 86_400;
export const busGrant = {
  service: 'eventbridge',
  access: 'read',
  region: REGION,
  eventBus: 'orders',
} as const;
export const otherKafka = { ...kafkaGrant, instanceId: 'alikafka_pre-cn-x2' } as KafkaGrant;

const kafkaRight = (instanceId: string): Right => ({
  action: 'alikafka:ListTopic',
  resource: `acs:alikafka:${REGION}:${OWNER}:${instanceId}`,
});
export const GRANTED = kafkaRight((kafkaGrant as KafkaGrant).instanceId);
export const OTHER = kafkaRight(otherKafka.instanceId);
export const BUS: Right = {
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
export function requestOf(
  stage: Stage,
  id: string,
  changes: Changes = () => ({}),
): Partial<OnboardingRequest> {
  const known = requests.get(id);
  if (known !== undefined) return known;
  const made = { lease: leaseFrom(stage), ...changes(stage, id) };
  requests.set(id, made);
  return made;
}

/** Epoch ms at which the lease ends that was asked for at first; `undefined` as long as nothing was. */
export const firstEndOf = (id: string): number | undefined => {
  const { lease } = requests.get(id) ?? {};
  return lease === undefined ? undefined : Date.parse(lease.expiresAt);
};

export type Changes = (stage: Stage, id: string) => Partial<OnboardingRequest>;

export const onboard = (changes?: Changes) => (stage: Stage, id: string) =>
  stage.world.onboard(id, requestOf(stage, id, changes));

/** Asks for it, and lets it come to `state`, before anything goes wrong. @throws {Error} when it comes to another */
const until =
  (state: Contract['state']) =>
  (changes?: Changes) =>
  async (stage: Stage, id: string): Promise<void> => {
    await onboard(changes)(stage, id);
    await stage.world.settle();
    const { state: reached } = await stage.world.contract(id);
    if (reached !== state) throw new Error(`${id} is ${reached} and not ${state} before anything goes wrong`);
  };
export const live = until('active');
export const failed = until('failed');
export const awaited = until('awaiting-grantee');
export const unanswered = until('awaiting-approval');

export const terminate = ({ world }: Stage, id: string) => world.terminate(id);
/** Asks for the contract as it is but for `changes`. */
export const amending =
  (changes: Changes, revision = 1) =>
  (stage: Stage, id: string): Promise<void> =>
    amend(stage.world, id, { ...requestOf(stage, id), revision, ...changes(stage, id) });
export const suspending = ({ world }: Stage, id: string): Promise<void> => suspend(world, id, `s-${id}`);
export const resuming = ({ world }: Stage, id: string): Promise<void> => resume(world, id, `s-${id}`);

/** A user for programs, and a role for instances, which the partner's account had not. */
export const setUp = (who: string, id: string): OnboardingRequest['grantee'] =>
  managedGrantee(
    {
      users: [{ logonName: ownNameOf(who, id), access: 'programmatic' }],
      roles: [{ name: ownNameOf(`${who}-ecs`, id), trusts: 'ecs.aliyuncs.com' }],
    },
    [],
    keys.publicKey,
  );
export const managed: Changes = (_stage, id) => ({ grantee: setUp('etl', id) });
export const withStaticAccount: Changes = () => ({
  grantee: sealedGrantee,
  grants: [kafkaGrant, rabbitmqDoor()],
});
export const withDoors: Changes = () => ({
  grantee: sealedGrantee,
  grants: [kafkaGrant, kafkaDoor(), rocketmqDoor(), ruleDoor()],
});

export const suspended =
  (changes?: Changes) =>
  async (stage: Stage, id: string): Promise<void> => {
    await live(changes)(stage, id);
    await suspending(stage, id);
    await stage.world.settle();
  };

/** A user whom the partner has not made yet, and makes itself. */
export const newcomer = (id: string): string => `late-${id}`;
export const forNewcomer: Changes = (_stage, id) => ({
  grantee: { ...request().grantee, accessors: [{ type: 'user', name: newcomer(id), via: 'api' }] },
});

/** As the clock does every minute. */
export const sweepAgain = async ({ asOwner }: Stage): Promise<void> => {
  await asOwner('StartExecution', { FlowName: 'leasehold-expiry', Input: '{}' }, '2019-03-15');
};

/** A run begins five seconds into a minute: half an hour later is a moment before a tick. */
export const HALF_HOUR = 1_800;
/** What does not work is given up soon, though later than anything is seen that is seen late. */
export const impatient = {
  LEASEHOLD_VERDICT_INTERVAL_SECONDS: '3',
  LEASEHOLD_VERDICT_PATIENCE_SECONDS: '6',
};
/** Nothing works by it. */
export const nowhere = { ...busGrant, eventBus: 'no-such-bus' };

export const passHalfHour = ({ world }: Stage): Promise<void> => world.clock.advance((HALF_HOUR + 55) * 1000);

/** The lease begins half an hour from now. */
export const beginsSoon: Changes = (stage) => ({
  lease: { startsAt: addSeconds(stage.now(), HALF_HOUR), expiresAt: addSeconds(stage.now(), 90 * DAY) },
});
export const endsSoon: Changes = (stage) => ({
  lease: { startsAt: addSeconds(stage.now(), -DAY), expiresAt: addSeconds(stage.now(), HALF_HOUR) },
});
export const beginsInAMonth: Changes = (stage) => ({
  lease: { startsAt: addSeconds(stage.now(), 30 * DAY), expiresAt: addSeconds(stage.now(), 90 * DAY) },
});

export type Act = (stage: Stage, id: string) => Promise<void>;

export const lookForDrift: Act = async ({ asOwner }, id) => {
  const Input = JSON.stringify({ contractId: id });
  await asOwner('StartExecution', { FlowName: 'leasehold-reconciliation', Input }, '2019-03-15');
};
/** As somebody at the console does. */
export const detaching =
  (policyOf: (id: string) => string): Act =>
  ({ asOwner }, id) =>
    asOwner('DetachPolicyFromRole', {
      PolicyType: 'Custom',
      PolicyName: policyOf(id),
      RoleName: roleOf(id),
    });
export const grantOf = (id: string): string => `${roleOf(id)}-1`;

export const both =
  (...all: readonly Changes[]): Changes =>
  (stage, id) =>
    Object.assign({}, ...all.map((changes) => changes(stage, id)));
export const inTurn =
  (...acts: readonly Act[]): Act =>
  async (stage, id) => {
    for (const act of acts) {
      await act(stage, id);
      await stage.world.settle();
    }
  };

/** The changed contract stays the same however often it is posted. */
export const amendingTo = (changes: Changes): Act =>
  amending((stage, id) => {
    const { lease } = requestOf(stage, `${id} amended`, changes);
    return { ...changes(stage, id), ...(lease === undefined ? {} : { lease }) };
  });
