/** What can go wrong at a call, a row each. */
import { throttled } from '../../../shared/loopback/dispatch.js';
import type { Fault as CallFault, CallInfo } from '../../../shared/loopback/kernel.js';
import { OWNER } from '../../support/requests.js';
import { type Flow, firstEndOf } from './flow.js';
import { companionOf, isOurs, roleOf, type Stage } from './stage.js';

/** A call as it was recorded when nothing went wrong. */
export interface TapedCall {
  readonly product: string;
  readonly action: string;
  /** The function, flow or rule that makes it, as far as its session tells. */
  readonly actor: string;
  /** What it is about, as its parameters tell, without what is another in every contract and at every time. */
  readonly about: string;
}
export const tapedCall = ({ product, action, callerArn, params }: CallInfo, id: string): TapedCall => ({
  product,
  action,
  actor: actorOf(callerArn),
  about: aboutOf(params, id),
});

const IS_SECRET = /password|secret|token|signature/i;
/** Instants, UUIDs, digests, ids of keys, signed answers, and `2:<instance>:LTAI…` in base64, which RabbitMQ takes for a user name. */
const ANOTHER_EACH_TIME =
  /Mjp[\w+/]{20,}=*|eyJ[\w-]+\.[\w-]+\.[\w-]+|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|LTAI\w+/gi;
const aboutOf = (params: CallInfo['params'], id: string): string =>
  Object.entries(params)
    .filter(([name]) => !IS_SECRET.test(name))
    .map(([, value]) => value)
    .join(' ')
    .replaceAll('%3A', ':')
    .replaceAll(roleOf(id), 'ROLE')
    .replaceAll(roleOf(companionOf(id)), 'OTHER-ROLE')
    .replaceAll(id, 'ID')
    .replace(ANOTHER_EACH_TIME, '#');

/** `…:assumed-role/leasehold-fn-grant/leasehold-activate-access-1a2b3c4d` → `activate-access`; of a rule or flow, its role. */
export function actorOf(callerArn = ''): string {
  const [role = '', session = ''] = callerArn.split('/').slice(-2);
  return (
    /-fn-(events|flows)$/.exec(role)?.[1] ?? session.replace(/^leasehold-/, '').replace(/-[0-9a-f]{8}$/, '')
  );
}

export interface Scene {
  readonly stage: Stage;
  readonly flow: Flow;
  readonly id: string;
  readonly tape: readonly TapedCall[];
}
type Moment = {
  before?(call: CallInfo): CallFault | undefined | Promise<CallFault | undefined>;
  after?(call: CallInfo): void | Promise<void>;
};
export interface Fault {
  readonly name: string;
  /** Whether it can befall the `nth` call (from 1) of the tape. */
  befalls(call: TapedCall, nth: number, scene: Pick<Scene, 'tape' | 'flow'>): boolean;
  /** Lasts longer than any step is tried: what was asked for may fail then, as long as that is told. Default: it may not. */
  readonly mayFail?: boolean;
  /** What happens at which calls, by number. */
  at(nth: number, scene: Scene): ReadonlyMap<number, Moment>;
}

const WRITE = /^(Create|Attach|Detach|Update|Delete|Put|Set|Tag|Untag|Start)/;
export const isWrite = ({ action }: Pick<TapedCall, 'action'>): boolean => WRITE.test(action);
const isRam = ({ product }: Pick<TapedCall, 'product'>): boolean => /^(Ram|ResourceManager)$/.test(product);
const isOfIdentities = (call: Pick<TapedCall, 'product'>): boolean => isRam(call) || call.product === 'Ims';
/** Decided by what RAM holds: its own reads, and whatever a session does. */
const isJudged = ({ product }: TapedCall): boolean => !/^(oss|fnf|eventbridge)$/.test(product);
const isByFunction = ({ actor }: TapedCall): boolean => !/^(events|flows)$/.test(actor);
const always = () => true;

const simple = (name: string, befalls: Fault['befalls'], moment: (scene: Scene) => Moment): Fault => ({
  name,
  befalls,
  at: (nth, scene) => new Map([[nth, moment(scene)]]),
});
const answered = (name: string, fault: CallFault): Fault =>
  simple(name, always, () => ({ before: () => fault }));
const error = (status: number, code: string): CallFault => ({ kind: 'error', status, code });

/** Longer than any call is waited for. */
const TOO_LONG_MS = 12_000;
/** Before the retries of a flow are over, and between the first and the second look at what has ended. */
const LATE_MS = 30_000;
const VERY_LATE_MS = 100 * 60_000;
/** Longer than any step is tried, and shorter than whoever asked is patient. Where the bus is down nobody is told that something fails. */
const HOUR_MS = 65 * 60_000;
/** How long a burst of writes is answered with a refusal. */
const BURST_MS = 30_000;
/** Less than a verdict waits for in here, more than a whole flow takes. */
const PROPAGATION_SECONDS = 4;
const LONG_AGO_SECONDS = 3_600;

/** The write whose effect is not seen yet: the last one before the `nth` call. */
const lastRamWrite = (tape: readonly TapedCall[], nth: number): number =>
  tape.slice(0, nth - 1).findLastIndex((call) => isRam(call) && isWrite(call)) + 1;

/** Held back on its way, and applied in the end. */
const held = (name: string, ms: number, befalls: Fault['befalls']): Fault =>
  simple(name, befalls, ({ stage: { world } }) => ({
    before: async () => {
      await world.cloud.cloud.clock.sleep(ms);
      return undefined;
    },
  }));

const setting = (stage: Stage, switches: Parameters<Stage['world']['cloud']['set']>[0]) => (): undefined =>
  stage.world.cloud.set(switches) as undefined;

/** The last event about the contract, as EventBridge does that heard no answer: as it was taken, and not posted anew. */
async function deliverAgain({ world, asOwner }: Stage, id: string): Promise<void> {
  const last = ['onboarding', 'amendment', 'revocation']
    .flatMap((flow) => world.cloud.flows.executionsOf(OWNER, `leasehold-${flow}`))
    .filter(({ input }) => (JSON.parse(input) as { readonly subject?: string }).subject === id)
    .sort((one, other) => one.startedAt - other.startedAt)
    .at(-1);
  if (last === undefined) return;
  await asOwner('StartExecution', { FlowName: last.flowName, Input: last.input }, '2019-03-15');
}

export const FAULTS: readonly Fault[] = [
  answered('throttled', throttled),
  answered('500', error(500, 'InternalError')),
  answered('503', error(503, 'ServiceUnavailable')),
  answered('request lost', { kind: 'lost-request' }),
  answered('reply lost', { kind: 'lost-reply' }),
  simple(
    'NoPermission burst',
    (call) => isRam(call) && isWrite(call),
    ({ stage: { world } }) => ({
      before: () => {
        const until = world.clock.now() + BURST_MS;
        const undo = world.cloud.cloud.faults.add({
          before: (call) =>
            isRam(call) && isWrite(call) && isOurs(call) ? error(403, 'NoPermission') : undefined,
        });
        world.clock.at(until, undo);
        return error(403, 'NoPermission');
      },
    }),
  ),
  {
    ...simple(
      'down for an hour',
      ({ product }) => product !== 'eventbridge',
      ({ stage: { world } }) => ({
        before: ({ product }) => {
          const undo = world.cloud.cloud.faults.add({
            before: (call) =>
              call.product === product && isOurs(call) ? error(503, 'ServiceUnavailable') : undefined,
          });
          world.clock.at(world.clock.now() + HOUR_MS, undo);
          return error(503, 'ServiceUnavailable');
        },
      }),
    ),
    mayFail: true,
  },
  simple('answered too late', always, ({ stage: { world } }) => ({
    after: () => world.cloud.cloud.clock.sleep(TOO_LONG_MS),
  })),
  held('applied late', LATE_MS, isWrite),
  // Only calls of identities are taken to be in order before they are held; the others would be refused as stale by then.
  held('applied very late', VERY_LATE_MS, (call) => isOfIdentities(call) && isWrite(call)),
  simple('killed before', isByFunction, ({ stage: { world } }) => ({
    before: () => {
      world.cloud.functions.crash();
      return { kind: 'lost-request' };
    },
  })),
  simple('killed after', isByFunction, ({ stage: { world } }) => ({
    after: () => void world.cloud.functions.crash(),
  })),
  {
    name: 'stale read',
    befalls: (call, nth, { tape }) => isJudged(call) && !isWrite(call) && lastRamWrite(tape, nth) > 0,
    // As if the last write had not reached whoever answers: its history is kept, and looked at for one call.
    at: (nth, { stage, tape }) => {
      const stale = {
        before: setting(stage, { propagationSeconds: LONG_AGO_SECONDS }),
        after: setting(stage, { propagationSeconds: 0 }),
      };
      return new Map([
        [lastRamWrite(tape, nth), stale],
        [nth, stale],
      ]);
    },
  },
  simple(
    'stale listing',
    ({ action }) => action === 'ListObjectsV2',
    ({ stage }) => ({
      before: setting(stage, { listingDelaySeconds: 5 }),
      after: setting(stage, { listingDelaySeconds: 0 }),
    }),
  ),
  simple(
    'seen late',
    (call) => isRam(call) && isWrite(call),
    ({ stage }) => ({
      before: () => {
        const { clock, cloud } = stage.world;
        cloud.set({ propagationSeconds: PROPAGATION_SECONDS });
        clock.at(clock.now() + 2 * PROPAGATION_SECONDS * 1000, setting(stage, { propagationSeconds: 0 }));
        return undefined;
      },
    }),
  ),
  simple(
    'over meanwhile',
    (_call, _nth, { flow }) => flow.isLastMoment === true,
    ({ stage: { world }, id }) => ({
      before: async () => {
        const left = (firstEndOf(id) ?? 0) - world.clock.now();
        if (left > 0) await world.cloud.cloud.clock.sleep(left + 1000);
        return undefined;
      },
    }),
  ),
  simple('begun again', always, ({ stage, flow, id }) => ({
    before: async () => {
      await (flow.again ?? flow.begin)(stage, id);
      return undefined;
    },
  })),
  simple(
    'delivered again',
    (_call, _nth, { flow }) => flow.again === undefined,
    ({ stage, id }) => ({
      before: async () => {
        await deliverAgain(stage, id);
        return undefined;
      },
    }),
  ),
  simple(
    'next event first',
    (_call, _nth, { flow }) => flow.next !== undefined,
    ({ stage, flow, id }) => ({
      before: async () => {
        await flow.next?.(stage, id);
        return undefined;
      },
    }),
  ),
];

/** Whether it brings another event, after which the calls are others than those of the tape. */
export const isCrossing = ({ name }: Pick<Fault, 'name'>): boolean => name === 'next event first';

export interface Planting {
  /** Whether it came to the calls that it was meant for. */
  isMet(): boolean;
  undo(): void;
}

/** Which of the calls of its kind by whoever makes it the `nth` of the tape is: so it is known again when others come before it. */
function placeOf(tape: readonly TapedCall[], nth: number): string {
  const kinds = tape.slice(0, nth).map(kindOf);
  const kind = kinds.at(-1) ?? '';
  return `${kind} ${kinds.filter((one) => one === kind).length}`;
}
/** What tells it from the other calls of a flow, but for those of its kind. */
const kindOf = ({ product, action, actor, about }: TapedCall): string =>
  `${actor} ${product} ${action} ${about}`;

/**
 * Takes the fault's moments into the calls of Leasehold as they come, counted from now on; gives back how to stop. Without a tape a call
 * is known by its number alone.
 */
export function plant(moments: ReadonlyMap<number, Moment>, { stage, tape, id }: Scene): Planting {
  const byPlace = new Map([...moments].map(([nth, moment]) => [placeOf(tape, nth), moment]));
  const counts = new Map<string, number>();
  let number = 0;
  const befallen = new Map<string, Moment>();
  const placeNow = (call: CallInfo): string => {
    const kind = kindOf(tapedCall(call, id));
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return `${kind} ${count}`;
  };
  const undo = stage.world.cloud.cloud.faults.add({
    before: async (call) => {
      if (stage.isAside || !isOurs(call)) return undefined;
      number += 1;
      const moment = tape.length === 0 ? moments.get(number) : byPlace.get(placeNow(call));
      if (moment === undefined) return undefined;
      befallen.set(call.requestId, moment);
      return moment.before?.(call);
    },
    after: async (call) => befallen.get(call.requestId)?.after?.(call),
  });
  return { isMet: () => befallen.size > 0, undo };
}
