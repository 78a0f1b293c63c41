/** Looks at what the partner has after every write of ours, and listens to what is told: what must hold at every moment. */

import type { Session } from '../../../shared/cloud/ports.js';
import { addSeconds } from '../../../shared/domain/values.js';
import type { CallInfo } from '../../../shared/loopback/kernel.js';
import { ApiError } from '../../../shared/loopback/kernel.js';
import { OWNER, PARTNER, REGION } from '../../support/requests.js';
import { actorOf, isWrite } from './faults.js';
import { DAY, ELSEWHERE, type Flow, firstEndOf, GRANTED, NEVER, type Right } from './flow.js';
import { isOurs, roleOf, type Stage } from './stage.js';
import { namesOfOthers } from './whose.js';

export interface Watch {
  /** Numbers of the invariants with what was seen against them. */
  readonly violations: readonly string[];
  /** Kinds of the events about the contract, in order. */
  readonly told: readonly string[];
  /** Writes of ours to RAM that took effect. */
  readonly effects: readonly string[];
  /** The session that the partner holds, if it ever came in. */
  session(): Session | undefined;
  /** Looks once more, as after a write. */
  look(by: string): Promise<void>;
  stop(): void;
}

/** Now, or as it would be at `instant` if nobody did anything until then. */
const has = ({ world }: Stage, session: Session | undefined, right: Right, instant?: string): boolean => {
  if (session === undefined) return false;
  try {
    const { identity } = world.cloud.cloud;
    const { caller } = identity.authenticate(session.accessKeyId, session.securityToken);
    const context = instant === undefined ? {} : { 'acs:CurrentTime': instant };
    return identity.authorize(caller, { ...right, context }).effect === 'allow';
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
};

export const isAlive = ({ world }: Stage, { accessKeyId, securityToken }: Session): boolean => {
  try {
    world.cloud.cloud.identity.authenticate(accessKeyId, securityToken);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
};

/** The trust policy as it is seen now; '' without a role. */
async function trustOf({ asOwner }: Stage, id: string): Promise<string> {
  interface Got {
    readonly Role: { readonly AssumeRolePolicyDocument: string };
  }
  try {
    return (await asOwner<Got>('GetRole', { RoleName: roleOf(id) })).Role.AssumeRolePolicyDocument;
  } catch (error) {
    if (error instanceof ApiError && /^EntityNotExist/.test(error.code)) return '';
    throw error;
  }
}

type OneOrMore = string | readonly string[];

/** The partner comes in as soon as the door is open: by its own account's right and the ExternalId that stands in the trust. */
async function enter({ world, operator }: Stage, id: string, trust: string): Promise<Session | undefined> {
  interface Assumed {
    readonly Credentials: {
      readonly AccessKeyId: string;
      readonly AccessKeySecret: string;
      readonly SecurityToken: string;
    };
  }
  const { Statement } = JSON.parse(trust) as {
    readonly Statement: readonly {
      readonly Principal: { readonly RAM: OneOrMore };
      readonly Condition?: { readonly StringEquals?: Readonly<Record<string, OneOrMore>> };
    }[];
  };
  const door = Statement.find(({ Principal }) => [Principal.RAM].flat().some((arn) => arn.includes(PARTNER)));
  const [ExternalId = ''] = [door?.Condition?.StringEquals?.['sts:ExternalId'] ?? []].flat();
  const params = { RoleArn: `acs:ram::${OWNER}:role/${roleOf(id)}`, RoleSessionName: 'partner', ExternalId };
  try {
    const made = (await world.cloud.cloud.call(
      operator,
      '2015-04-01',
      'AssumeRole',
      params,
      REGION,
    )) as Assumed;
    const { AccessKeyId, AccessKeySecret, SecurityToken } = made.Credentials;
    return { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Before and after every lease here, by how far from now. */
const OUTSIDE_DAYS = [-4, 400];

const isRamWrite = (call: CallInfo): boolean =>
  /^(Ram|ResourceManager)$/.test(call.product) && isWrite(call) && isOurs(call);

export async function startWatch(stage: Stage, flow: Flow, id: string): Promise<Watch> {
  const violations: string[] = [];
  const told: string[] = [];
  const effects: string[] = [];
  const { openers = [], kept = [], contested = [] } = flow;
  let session: Session | undefined;
  /** Whether somebody who may open has written since the last cut. */
  let mayOpen = openers.includes('the clock');
  /** Epoch ms until which what was opened before a cut may come to be seen. */
  let seenUntil = 0;
  let had = false;
  let isCut = false;
  let isVerified = false;

  /** By the lease that was asked for at first: who renews it in time keeps what it had, and is not opened to again. */
  const isPastEnd = (): boolean => stage.world.clock.now() >= (firstEndOf(id) ?? Number.POSITIVE_INFINITY);
  let isEndSeen = false;
  const begunInTime = new Set<string>();

  /** `isLate`: the write was under way when the lease ended, and nobody can call it back. */
  const look = async (by: string, { isLate = false } = {}): Promise<void> => {
    const trust = await trustOf(stage, id);
    const isOpen = trust.includes(PARTNER);
    if (isOpen && !isVerified) {
      const kinds = (await stage.world.facts(id)).map(({ kind }) => kind);
      isVerified = kinds.includes('verified');
      if (!isVerified) violations.push(`2 open before it was verified, after ${by}`);
    }
    if (isOpen && (session === undefined || !isAlive(stage, session)))
      session = await enter(stage, id, trust);
    const hasNow = has(stage, session, GRANTED);
    if (hasNow && !had && !mayOpen && stage.world.clock.now() >= seenUntil)
      violations.push(`4 opened by ${by}`);
    if (hasNow && !had && isPastEnd() && !isLate)
      violations.push(`4 opened by ${by} after the lease had ended`);
    had = hasNow;
    for (const instant of OUTSIDE_DAYS.map((days) => addSeconds(stage.now(), days * DAY)))
      if (has(stage, session, GRANTED, instant))
        violations.push(`1 ${GRANTED.action} is allowed at ${instant}, after ${by}`);
    const never = [...NEVER, ...ELSEWHERE.filter((right) => !contested.includes(right))];
    for (const right of never.filter((one) => has(stage, session, one)))
      violations.push(`3 ${right.action} on ${right.resource} after ${by}`);
    if (!isCut && session !== undefined)
      for (const right of kept.filter((one) => !has(stage, session, one)))
        violations.push(`5 ${right.action} is missing after ${by}`);
  };

  const undo = stage.world.cloud.cloud.faults.add({
    // Between the end and the first call after it nobody has looked.
    before: async ({ requestId }) => {
      if (flow.isLastMoment !== true) return undefined;
      if (!isPastEnd()) begunInTime.add(requestId);
      if (isEndSeen || !isPastEnd()) return undefined;
      isEndSeen = true;
      await stage.aside(() => look('the end of the lease'));
      return undefined;
    },
    after: async (call, { code }) => {
      if (code !== undefined) return;
      const others = namesOfOthers(stage, call, id);
      if (others.length > 0 && !stage.isAside)
        violations.push(`6 ${actorOf(call.callerArn)} ${call.action} of ${others.join()}`);
      if (!isRamWrite(call)) return;
      const actor = actorOf(call.callerArn);
      effects.push(`${actor} ${call.action}`);
      const isStop = call.action === 'AttachPolicyToRole' && call.params['PolicyName'] === 'leasehold-ended';
      if (isStop && call.params['RoleName'] === roleOf(id)) {
        isCut = true;
        mayOpen = false;
        const { clock, switches } = stage.world.cloud.cloud;
        seenUntil = clock.now() + switches.propagationSeconds * 1000;
        isVerified = false;
      } else if (openers.includes(actor)) mayOpen = true;
      // What is thrown in here would be taken for the cloud's answer.
      const isLate = isPastEnd() && begunInTime.has(call.requestId);
      await look(`${actor} ${call.action}`, { isLate }).catch((error: unknown) =>
        violations.push(`0 no look after ${call.action}: ${String(error)}`),
      );
    },
  });
  const untap = stage.world.cloud.events.tap(OWNER, stage.world.cloud.config.outBus, (event) => {
    if (event['subject'] !== id) return;
    const kind = String(event['type']).replace('partner.access.', '');
    told.push(kind);
    if (kind === 'revoked' && session !== undefined && isAlive(stage, session))
      violations.push('2 told as revoked while a token lives');
    if (/^(revoked|suspended)$/.test(kind) && has(stage, session, GRANTED))
      violations.push(`2 told as ${kind} while a session works`);
  });
  await look('what was before');
  had = has(stage, session, GRANTED);
  violations.length = 0;
  return {
    violations,
    told,
    effects,
    session: () => session,
    look,
    stop: () => {
      undo();
      untap();
    },
  };
}
