/** One synthetic contract, from its request to its end: whether Leasehold grants and, above all, takes back. */
import type { Ports } from '../../cloud/ports.js';
import { type Contract, type ContractState, isOver } from '../../domain/contract.js';
import { nameOfError, PartnerAccessError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import type { Grant } from '../../domain/grant.js';
import { roleNameOf } from '../../domain/role-name.js';
import { type AccountId, addSeconds, type ContractId, parseContractId } from '../../domain/values.js';
import { revokeDirectly } from '../ending/revoke-directly.js';
import { parseAnyEvent } from '../inbound/every-event.js';
import { loadContract } from '../register/register.js';
import { error, type Finding, type FindingCode } from './finding.js';

export interface ProbeRequest {
  readonly grantee: AccountId;
  readonly grant: Grant;
  /** For the grant, and again for the end. */
  readonly patienceSeconds: number;
}
/** An event for the inbound bus. */
export interface ProbeEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: unknown;
}
export interface ProbeReport {
  /** Absent when there was nothing to grant. */
  readonly contractId?: ContractId;
  readonly isGranted: boolean;
  /** From the post to the role's opening; absent when it was not opened. */
  readonly secondsToGrant?: number;
  /** From the cut to the first refusal, as the register has it. */
  readonly secondsToDeny?: number;
  /** From the post of the termination to the end. */
  readonly secondsToEnd?: number;
  /** What the contract made and is still there. The register keeps its facts, and the index looks at it again for a day. */
  readonly left: readonly string[];
  readonly findings: readonly Finding[];
}

/** Should all else fail, the policy itself ends it then. */
const LEASE_SECONDS = 3600;
/** The lease has begun also by a clock that is behind. */
const BACK_SECONDS = 300;
const LOOK_EVERY_SECONDS = 2;

/** Whether a request has come to rest before anybody answers or ends it. */
const isSettled = (contract: Contract): boolean => isOver(contract) || RESTS.has(contract.state);
const RESTS: ReadonlySet<ContractState> = new Set(['active', 'awaiting-approval', 'awaiting-grantee']);

/**
 * Makes a role and removes it. However it goes half way, it is ended: by event, and past the flows when they do not. Whoever
 * kills the process leaves a lease of an hour, which ends by itself. May run any number of times: each makes a contract of its own.
 */
export async function probe(
  request: ProbeRequest,
  ports: Ports,
  post: (event: ProbeEvent) => Promise<void>,
): Promise<ProbeReport> {
  const contractId = parseContractId(`doctor-${ports.chance.nonce().slice(0, 16)}`);
  const asking = requestEvent(contractId, request, ports);
  // Of what is no request, no contract is made that could be waited for.
  const parsed = parseAnyEvent(JSON.stringify(asking));
  if (!parsed.ok)
    return { contractId, isGranted: false, left: [], findings: [noRequest(contractId, parsed.reasons)] };
  const from = ports.clock.ticks();
  const asked = await attempt(async () => {
    await post(asking);
    return until(contractId, isSettled, request.patienceSeconds, ports);
  });
  const secondsToGrant = secondsSince(from, ports);
  const isGranted = 'done' in asked && asked.done.state === 'active';
  const endingFrom = ports.clock.ticks();
  const ended = await end(contractId, request.patienceSeconds, ports, post);
  const secondsToEnd = secondsSince(endingFrom, ports);
  const contract = 'done' in ended ? ended.done : undefined;
  const left = await attempt(() => leftOf(contractId, contract, ports));
  return {
    contractId,
    isGranted,
    ...(isGranted ? { secondsToGrant } : {}),
    ...(contract?.cut?.timeToDenySeconds === undefined
      ? {}
      : { secondsToDeny: contract.cut.timeToDenySeconds }),
    ...(contract?.state === 'ended' ? { secondsToEnd } : {}),
    left: 'done' in left ? left.done : [],
    findings: [
      ...(isGranted ? [] : [notGranted(contractId, asked)]),
      ...judgeEnd(contractId, ended),
      ...judgeLeft(contractId, left),
    ],
  };
}

/** What came of it: a failure is reported when everything is cleaned up. */
type Attempt<T> = { readonly done: T } | { readonly trouble: string };

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { done: await work() };
  } catch (error) {
    return { trouble: troubleOf(error) };
  }
}

/** The vendor's code where there is one: its message may hold what it failed on. */
const troubleOf = (error: unknown): string =>
  error instanceof Error && !(error instanceof PartnerAccessError) && 'code' in error
    ? `${error.name} ${String(error.code)}`
    : nameOfError(error);

/** The contract as it is once `isReached` holds of it, or when patience ends. */
async function until(
  contractId: ContractId,
  isReached: (contract: Contract) => boolean,
  patienceSeconds: number,
  { evidence, clock }: Pick<Ports, 'evidence' | 'clock'>,
): Promise<Contract> {
  const end = addSeconds(clock.now(), patienceSeconds);
  for (;;) {
    const contract = await loadContract(contractId, evidence);
    if (isReached(contract) || clock.now() >= end) return contract;
    await clock.sleep(LOOK_EVERY_SECONDS);
  }
}

/** By event, as everybody does; past bus and flows when that comes to nothing. A request that was refused has nothing to end. */
async function end(
  contractId: ContractId,
  patienceSeconds: number,
  ports: Ports,
  post: (event: ProbeEvent) => Promise<void>,
): Promise<Attempt<Contract> & { readonly byHand: boolean }> {
  const byEvent = await attempt(async () => {
    const before = await loadContract(contractId, ports.evidence);
    if (isOver(before)) return before;
    await post(terminationEvent(contractId, ports));
    return until(contractId, isOver, patienceSeconds, ports);
  });
  if ('done' in byEvent && isOver(byEvent.done)) return { ...byEvent, byHand: false };
  const direct = await attempt(async () => {
    const how = { detail: 'leasehold doctor cleans up', by: 'leasehold doctor' };
    return (await revokeDirectly(contractId, how, ports)).contract;
  });
  return { ...direct, byHand: true };
}

const secondsSince = (from: number, { clock }: Pick<Ports, 'clock'>): number =>
  Math.round((clock.ticks() - from) / 100) / 10;

async function leftOf(
  contractId: ContractId,
  contract: Contract | undefined,
  { ram }: Pick<Ports, 'ram'>,
): Promise<readonly string[]> {
  const role = roleNameOf(contractId);
  const policies = contract?.created?.policies ?? [];
  const there = await Promise.all([
    ram.observeRole(role).then((found) => (found === undefined ? [] : [`role ${role}`])),
    ...policies.map(async (name) =>
      (await ram.readPolicy({ type: 'Custom', name })) === undefined ? [] : [`policy ${name}`],
    ),
  ]);
  return there.flat();
}

const requestEvent = (
  contractId: ContractId,
  { grantee, grant }: ProbeRequest,
  { clock }: Pick<Ports, 'clock'>,
): ProbeEvent => ({
  ...eventAbout(contractId, clock.now()),
  id: `ask-${contractId}`,
  type: 'partner.onboarding.requested',
  data: {
    contractId,
    requestedBy: 'leasehold-doctor',
    grantee: { name: 'leasehold doctor', accountId: grantee, setup: { mode: 'self-service' } },
    lease: {
      startsAt: addSeconds(clock.now(), -BACK_SECONDS),
      expiresAt: addSeconds(clock.now(), LEASE_SECONDS),
    },
    grants: [grant],
  },
});

const terminationEvent = (contractId: ContractId, { clock }: Pick<Ports, 'clock'>): ProbeEvent => ({
  ...eventAbout(contractId, clock.now()),
  id: `end-${contractId}`,
  type: 'partner.contract.terminated',
  data: { contractId, reason: 'the probe of leasehold doctor is over', requestedBy: 'leasehold-doctor' },
});

const eventAbout = (contractId: ContractId, time: string) => ({
  source: 'leasehold-doctor',
  subject: contractId,
  time,
});

const noRequest = (contractId: ContractId, reasons: readonly Reason[]): Finding =>
  finding(
    'PROBE_NOT_GRANTED',
    contractId,
    `nothing was asked for: ${reasons.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`,
    'name with --grant a grant as a request has it, such as {"service":"kafka","access":"read","region":"…","instanceId":"…"}',
  );

function notGranted(contractId: ContractId, asked: Attempt<Contract>): Finding {
  const code = 'PROBE_NOT_GRANTED';
  if ('trouble' in asked)
    return finding(
      code,
      contractId,
      `asking failed: ${asked.trouble}`,
      'see what else is found here: bus, register, your own rights',
    );
  const { state, rejected, terms, failed } = asked.done;
  const reasons = (rejected?.reasons ?? terms?.question?.reasons ?? []).map(({ message }) => message);
  const because = failed === undefined ? reasons.join('; ') : `${failed.step} failed: ${failed.code}`;
  return finding(
    code,
    contractId,
    `it came to ${state}${because === '' ? '' : `: ${because}`}`,
    state === 'unknown' || state === 'requested' || state === 'granting'
      ? 'look at the executions of the flow onboarding, and at what else is found here'
      : 'choose with --grantee and --grant what the auto-approval rule lets through at once',
  );
}

function judgeEnd(
  contractId: ContractId,
  ended: Attempt<Contract> & { readonly byHand: boolean },
): readonly Finding[] {
  if ('trouble' in ended)
    return [
      finding(
        'PROBE_NOT_ENDED',
        contractId,
        `it could be ended neither by event nor from here: ${ended.trouble}`,
        `leasehold revoke ${contractId} --direct --reason "…"; the lease ends by itself within the hour`,
      ),
    ];
  return ended.byHand
    ? [
        finding(
          'PROBE_NOT_ENDED',
          contractId,
          `its termination came to nothing in time, so it was ended from here and is ${ended.done.state}`,
          'look at the executions of the flow revocation, and at what else is found here',
        ),
      ]
    : [];
}

function judgeLeft(contractId: ContractId, left: Attempt<readonly string[]>): readonly Finding[] {
  if ('trouble' in left)
    return [
      {
        severity: 'warning',
        code: 'COULD_NOT_LOOK',
        what: `what is left of probe ${contractId}`,
        seen: `could not look: ${left.trouble}`,
        next: `look for role ${roleNameOf(contractId)} yourself`,
      },
    ];
  return left.done.length === 0
    ? []
    : [
        finding(
          'PROBE_LEFT_BEHIND',
          contractId,
          `still there: ${left.done.join(', ')}`,
          `leasehold revoke ${contractId} --direct --reason "…", then delete what is still there`,
        ),
      ];
}

const finding = (code: FindingCode, contractId: ContractId, seen: string, next: string): Finding =>
  error(code, `probe ${contractId}`, seen, next);
