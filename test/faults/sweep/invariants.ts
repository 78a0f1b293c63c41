/** What must hold a day after, whatever went wrong. The numbers are those of the nine promises in the README. */
import { dutyOf } from '../../../shared/app/sweep/duty.js';
import { naiveVerdict } from '../../policy/naive-evaluator.js';
import { untoldOf } from '../../support/told.js';
import { LENT_POLICY } from './beside.js';
import type { Standing } from './digest.js';
import { type Flow, GRANTED, NEVER, type Right } from './flow.js';
import { roleOf, type Stage } from './stage.js';
import { isAlive, type Watch } from './watch.js';

export interface Finished {
  readonly flow: Flow;
  readonly id: string;
  readonly watch: Watch;
  readonly standing: Standing;
  /** Whether something else was asked for meanwhile, which may have come first. */
  readonly isCrossed: boolean;
}

export async function checkEnd(stage: Stage, finished: Finished): Promise<readonly string[]> {
  return [
    ...outsideTheWindow(finished),
    ...whatIsLeft(stage, finished),
    ...tooWide(stage, finished),
    ...(await reopened(stage, finished)),
    ...effectsOfRefusals(finished),
    ...silence(finished),
    ...toldOtherwise(stage, finished),
    ...heldByNobody(finished),
    ...spoilt(finished),
    ...unfinished(stage, finished),
  ];
}

const contextAt = (instant: string) => ({
  'acs:CurrentTime': instant,
  'acs:SourceIp': '192.0.2.1',
  'acs:SecureTransport': 'true',
});
const allows = (documents: readonly string[], right: Right, instant: string): boolean =>
  naiveVerdict(documents, { ...right, context: contextAt(instant) }) === 'Allow';

/** 1: what is attached says by itself when the lease is over, also for whoever assumes the role then. */
function outsideTheWindow({ standing: { contract, role }, flow }: Finished): readonly string[] {
  const { lease } = contract.terms?.request ?? {};
  if (role === undefined || lease === undefined) return [];
  const instants = [
    new Date(Date.parse(lease.startsAt) - 1000).toISOString(),
    lease.expiresAt,
    new Date(Date.parse(lease.expiresAt) + 365 * 86_400_000).toISOString(),
  ];
  return instants.flatMap((instant) =>
    [GRANTED, ...(flow.contested ?? [])]
      .filter((right) => allows(role.documents, right, instant))
      .map((right) => `1 ${right.action} is allowed at ${instant}`),
  );
}

/** 2: an end that is recorded left nothing; and nothing is left of what was never granted. */
function whatIsLeft(stage: Stage, { standing, watch }: Finished): readonly string[] {
  const { contract, role, policies, beside } = standing;
  if (!/^(ended|failed|rejected|unknown)$/.test(contract.state)) return [];
  const session = watch.session();
  return [
    ...(role === undefined ? [] : [`2 the role is there, and the contract ${contract.state}`]),
    ...Object.keys(policies).map((name) => `2 policy ${name} is there, and the contract ${contract.state}`),
    ...beside.users.map(({ name }) => `2 user ${name} is there, and the contract ${contract.state}`),
    ...beside.roles.map(
      ({ name }) => `2 role ${name} of the partner's is there, and the contract ${contract.state}`,
    ),
    ...beside.policies.map(
      (name) => `2 policy ${name} of the partner's is there, and the contract ${contract.state}`,
    ),
    ...beside.accounts.map(
      ({ product }) => `2 its account of ${product} is there, and the contract ${contract.state}`,
    ),
    ...beside.rules.map(() => `2 its rule is there, and the contract ${contract.state}`),
    ...(session !== undefined && isAlive(stage, session) ? ['2 a token lives'] : []),
  ];
}

/** 3: as the documents read, not only as they were judged on the way. */
function tooWide(stage: Stage, { standing: { role } }: Finished): readonly string[] {
  return role === undefined
    ? []
    : NEVER.filter((right) => allows(role.documents, right, stage.now())).map(
        ({ action, resource }) => `3 ${action} on ${resource} in the end`,
      );
}

/** 4: what has ended is not begun again by what began it, should that come late. */
async function reopened(stage: Stage, { id, standing: { contract } }: Finished): Promise<readonly string[]> {
  const { requested, state } = contract;
  if (state !== 'ended' || requested === undefined) return [];
  await stage.world.onboard(id, requested.request, requested.event.id);
  await stage.world.settle();
  const now = await stage.world.contract(id);
  return [
    ...(now.state === 'ended' ? [] : [`4 it is ${now.state} after a late onboarding`]),
    ...((await stage.world.roles()).includes(roleOf(id)) ? ['4 a late onboarding makes a role'] : []),
  ];
}

/** 7: what works was announced; what a crash left between making and telling does not work. */
const heldByNobody = ({ standing: { beside } }: Finished): readonly string[] => [
  ...beside.users
    .filter(({ keysOfNobody }) => keysOfNobody > 0)
    .map(({ name }) => `7 user ${name} has a key that nobody was given`),
  ...beside.users
    .filter((user) => user.console === 'untold')
    .map(({ name }) => `7 user ${name} has a password that nobody was given`),
  ...beside.accounts
    .filter((account) => account.logOn === 'untold' || account.logOn === 'BAD_CREDENTIALS')
    .map(({ product }) => `7 the account of ${product} has a password that nobody was given`),
];

/** 6: what is the partner's own is there as it was, but for what a contract that lives has attached. */
function spoilt({ flow, standing: { beside, contract } }: Finished): readonly string[] {
  if (flow.lends === undefined) return [];
  const own = beside.lent.filter(({ policies }) => policies.includes(LENT_POLICY));
  const isOver = /^(ended|failed|rejected)$/.test(contract.state);
  return [
    ...(own.length === 2 ? [] : ['6 the partner’s own user or role is gone, or lacks what it had']),
    ...own
      .filter(({ policies }) => isOver && policies.length > 1)
      .map(({ name, policies }) => `2 ${name} has ${policies.join()}, and the contract ${contract.state}`),
  ];
}

/** 5: whatever went wrong, nothing is still under way, unless it waits for the partner. */
const unfinished = (stage: Stage, { standing: { contract } }: Finished): readonly string[] =>
  contract.state === 'awaiting-grantee' ||
  dutyOf(contract, { what: 'progress' }, stage.now(), { warningDays: [] }).kind === 'none'
    ? []
    : [`5 it is ${contract.state} and not finished`];

/** 8: what was never granted made nothing; but at a partner who lets us, who comes first. */
function effectsOfRefusals({ standing: { contract }, watch }: Finished): readonly string[] {
  const { request } = contract.terms ?? contract.requested ?? {};
  if (contract.granting !== undefined || request?.grantee.setup.mode === 'managed') return [];
  return watch.effects.map((effect) => `8 ${effect}`);
}

/** 9: the outcome was told. */
function silence({ flow, watch, isCrossed }: Finished): readonly string[] {
  if (flow.tells === undefined || watch.told.includes(flow.tells)) return [];
  if (isCrossed && watch.told.length > 0) return [];
  return [`9 ${flow.tells} was never told, but: ${watch.told.join(', ')}`];
}

/** 9: whatever was told is as its schema says, which is how a failure names its reason, owner and next step. */
const toldOtherwise = ({ world }: Stage, { id }: Finished): readonly string[] =>
  world.outbox.heard
    .filter(({ subject }) => subject === id)
    .flatMap((event) => untoldOf(event).map((how) => `9 ${event.type} is told otherwise: ${how}`));
