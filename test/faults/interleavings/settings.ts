/** What is let go against each other, and what must hold at every moment and in the end. */
import { loadContract } from '../../../shared/app/register/register.js';
import type { OnboardingRequest } from '../../../shared/domain/request.js';
import { roleNameOf } from '../../../shared/domain/role-name.js';
import { addSeconds, parseContractId } from '../../../shared/domain/values.js';
import { eventOf, NOW, PARTNER, request } from '../../support/requests.js';
import { SmallCloud } from '../../support/small-cloud/cloud.js';
import { portTo } from '../../support/small-cloud/ports.js';
import { GRANTED, NEVER } from '../sweep/flow.js';
import type { Call } from './call.js';
import { type Around, directly, type Work } from './execution.js';
import type { Play } from './explore.js';
import { runFlow } from './flows.js';

const contractId = parseContractId('C-2026-0142');
const roleName = roleNameOf(contractId);
const HOUR = 3_600;
const lease: OnboardingRequest['lease'] = {
  startsAt: addSeconds(NOW, -HOUR),
  expiresAt: addSeconds(NOW, HOUR),
};
const event = (id: string, type: string, data: object) =>
  eventOf({ contractId, requestedBy: 'test', reason: 'test', ...data }, { id, type });
const EVENTS = {
  asked: eventOf(request({ lease })),
  terminated: event('end', 'partner.contract.terminated', {}),
  suspended: event('s-1', 'partner.access.suspend.requested', {}),
  resumed: event('r-1', 'partner.access.resume.requested', { suspension: 's-1' }),
  extended: eventOf(
    { ...request({ lease: { ...lease, expiresAt: addSeconds(NOW, 2 * HOUR) } }), revision: 1 },
    { id: 'a-1', type: 'partner.contract.amended' },
  ),
  /** As the sweep begins it. */
  due: { contractId },
};
type Begun = readonly ['onboarding' | 'revocation' | 'amendment', keyof typeof EVENTS];
const run = ([flow, what]: Begun, around: Around) => runFlow(flow, EVENTS[what], around);

interface Setting {
  readonly before: readonly Begun[];
  readonly against: readonly [Begun, Begun];
  /** When the lease is over; else it is not, as long as it is looked at. */
  readonly isOver?: 'from the beginning' | 'at some time';
  /** See `Play`. */
  readonly isGivenUp?: (call: Call) => boolean;
  /** Whether the contract may win. */
  readonly mayLive?: boolean;
}
const granted: readonly Begun[] = [['onboarding', 'asked']];

export const SETTINGS: Readonly<Record<string, Setting>> = {
  'a termination against an onboarding': {
    before: [],
    against: [
      ['onboarding', 'asked'],
      ['revocation', 'terminated'],
    ],
  },
  'a termination against a resumption': {
    before: [...granted, ['amendment', 'suspended']],
    against: [
      ['amendment', 'resumed'],
      ['revocation', 'terminated'],
    ],
  },
  'a termination against a resumption that takes the stop off late': {
    before: [...granted, ['amendment', 'suspended']],
    against: [
      ['amendment', 'resumed'],
      ['revocation', 'terminated'],
    ],
    isGivenUp: ({ method }) => method === 'detach',
  },
  'an expiry against an amendment': {
    before: granted,
    against: [
      ['amendment', 'extended'],
      ['revocation', 'due'],
    ],
    isOver: 'at some time',
    mayLive: true,
  },
  'a sweep against another': {
    before: granted,
    against: [
      ['revocation', 'due'],
      ['revocation', 'due'],
    ],
    isOver: 'from the beginning',
  },
};
const end = Date.parse(lease.expiresAt);
/** Of all that is asked for here. */
const LAST_END = end + HOUR * 1000;

export async function playOf({
  before,
  against,
  isOver,
  isGivenUp,
  mayLive = false,
}: Setting): Promise<Play> {
  const cloud = new SmallCloud(Date.parse(NOW));
  for (const begun of before) await directly(cloud, { name: '0', run: (around) => run(begun, around) });
  if (isOver === 'from the beginning') cloud.now = end;
  const works = against.map(
    (begun, index): Work => ({
      name: 'ab'[index] ?? '',
      run: async (around) => {
        if (isOver === 'at some time' && begun[1] === 'due')
          await around.step('time passes', () => around.timePasses());
        await run(begun, around);
      },
    }),
  );
  return {
    cloud,
    works,
    later: end,
    ...(isGivenUp && { isGivenUp }),
    look,
    commutes,
    end: (at) => endOf(at, mayLive),
  };
}

/** What must hold at every moment. The numbers are those of the nine promises in the README. */
async function look(cloud: SmallCloud): Promise<readonly string[]> {
  const role = cloud.roles.get(roleName);
  if (role === undefined) return [];
  const has = (kind: string): boolean =>
    [...cloud.evidence].some(
      ([key, text]) => key.startsWith('contracts/') && text.includes(`"kind":"${kind}"`),
    );
  const isInside = cloud.entered.has(role.id);
  return [
    ...(isInside && has('cut') && cloud.may(roleName, GRANTED) ? ['2 a session works after the cut'] : []),
    ...(role.trust.includes(PARTNER) && !has('verified') ? ['2 open before it was verified'] : []),
    ...(cloud.may(roleName, GRANTED, LAST_END)
      ? ['1 something is allowed for longer than anybody asked']
      : []),
    ...NEVER.filter((right) => cloud.may(roleName, right)).map(({ action }) => `3 ${action} is allowed`),
  ];
}

async function endOf(cloud: SmallCloud, mayLive: boolean): Promise<readonly string[]> {
  // As the clock has it begun, when no step can be at work any more: what failed is tried again, and what has ended looked at again.
  cloud.now += 600_000;
  await directly(cloud, { name: 'c', run: (around) => run(['revocation', 'due'], around) });
  const { state } = await loadContract(contractId, portTo(cloud, 'evidence'));
  if (state === 'active' && mayLive) return [];
  if (!mayLive) await directly(cloud, { name: 'd', run: (around) => run(['onboarding', 'asked'], around) });
  return [
    ...(state === 'ended' ? [] : [`2 it is ${state}`]),
    ...(cloud.roles.has(roleName) ? ['2 the role is there'] : []),
    ...[...cloud.policies.keys()]
      .filter((name) => name.startsWith(roleName))
      .map((name) => `2 ${name} is there`),
    ...(cloud.told.has('partner.access.revoked') ? [] : ['9 nobody was told of the end']),
  ];
}

/**
 * `INTERLEAVINGS=all` also tries what others do before each look of a verifier, which decides what stands in a proof, and before each
 * look at tags, which are written once, with what they are on. Else such looks are taken together with the call before them.
 */
const isAll = process.env['INTERLEAVINGS'] === 'all';

/**
 * Events that are sent are a set; what stands in the register stays, and what a listing of it shows makes no difference, since all
 * that came since is read on; our own rights and the account's room are not what is tried; nobody here reads the index, and nothing
 * is promised about it; and a policy that is in no plan is never made.
 */
function commutes({ port, method, args }: Call, { evidence }: SmallCloud): boolean {
  const [first, session] = args;
  if (['events', 'index', 'quotas'].includes(port)) return true;
  if (port === 'evidence') return method === 'objects' || (method === 'read' && evidence.has(String(first)));
  if (port === 'products') return session === undefined || !isAll;
  if (port === 'sts') return !isAll;
  return /^tagsOf/.test(method) && (!isAll || /-[2-8]$/.test(String(first)));
}
