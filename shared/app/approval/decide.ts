/** Whether admitted terms are carried out at once or wait for somebody's answer. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract, Terms } from '../../domain/contract.js';
import type { Change, Reason } from '../../domain/fact.js';
import { addSeconds, earlierOf, type Instant, secondsBetween } from '../../domain/values.js';
import { approvalReasons } from '../plan/auto-approval.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { dueKey, granteeKey, tellWatched, writeIndex } from '../register/index-entries.js';
import { type AppendOutcome, appendFact } from '../register/register.js';
import { announce } from '../telling/outbound.js';

/** What is to be decided: terms that the register holds already, their plan, and for an amendment what it changes. */
export interface Matter {
  readonly terms: Terms;
  readonly plan: AccessPlan;
  readonly change?: Change;
}

/** What stands against carrying it out at once; none for an amendment that widens nothing. */
export function uncoveredReasons(
  { request, plan, change }: Pick<Matter, 'plan' | 'change'> & Pick<Terms, 'request'>,
  { admission }: Pick<Ports['settings'], 'admission'>,
): readonly Reason[] {
  if (change !== undefined && change.widens.length === 0) return [];
  return approvalReasons(request, plan, admission.autoApproval);
}

/** Approves what nobody need be asked about, or asks. The caller appends on when the place was lost. May run twice. */
export async function decide(
  contract: Contract,
  matter: Matter,
  by: string,
  ports: Ports,
): Promise<AppendOutcome> {
  const { terms, change } = matter;
  const reasons = uncoveredReasons({ ...matter, request: terms.request }, ports.settings);
  if (reasons.length > 0) return ask(contract, matter, reasons, by, ports);
  const isNarrowing = change !== undefined && change.widens.length === 0;
  return approve(contract, terms, { by: isNarrowing ? 'narrowing' : 'auto-approval' }, by, ports);
}

/** Records the approval; what the lease makes due is written before it. That it goes on then is watched by the caller. May run twice. */
export async function approve(
  contract: Contract,
  { request, planHash, seq }: Terms,
  approval: { readonly by: string; readonly jws?: string },
  by: string,
  ports: Ports,
): Promise<AppendOutcome> {
  await writeIndex(request, ports);
  return appendFact(contract, { kind: 'approved', data: { of: seq, planHash, ...approval } }, by, ports);
}

async function ask(
  contract: Contract,
  { terms, plan, change }: Matter,
  reasons: readonly Reason[],
  by: string,
  ports: Ports,
): Promise<AppendOutcome> {
  const { clock, index, settings } = ports;
  const { contractId } = contract;
  const until = earlierOf(timeOutOf(contract, clock.now(), settings), plan.lease.expiresAt);
  // Not before there are terms in the register: whoever lost to an end knows of none by which the entry would ever be dropped.
  const keys = [dueKey({ at: until, contractId, what: 'approval-timeout' }), granteeKey(terms.request)];
  await Promise.all(keys.map((key) => index.put(key, '{}')));
  const question = { of: terms.seq, planHash: terms.planHash, until, reasons };
  const result = await appendFact(contract, { kind: 'awaiting-approval', data: question }, by, ports);
  if (result.outcome === 'appended') await tellQuestion(result.contract, { terms, plan, change }, ports);
  return result;
}

/** Counted from the asking, so that whoever tries again finds the same entry; but half of the time is the approver's at least. */
function timeOutOf(
  { changedAt: asked }: Contract,
  now: Instant,
  { approvals: { timeoutSeconds } }: Pick<Ports['settings'], 'approvals'>,
): Instant {
  const isInTime = asked !== undefined && secondsBetween(asked, now) <= timeoutSeconds / 2;
  return addSeconds(isInTime ? asked : now, timeoutSeconds);
}

type Asked = Omit<Matter, 'change'> & { readonly change: Change | undefined };

/** Tells who may approve, or has the sweep do it. May run twice. */
export async function tellQuestion(contract: Contract, asked: Asked, ports: Ports): Promise<void> {
  const watched = { outcome: 'question', begun: contract.changedAt ?? ports.clock.now() } as const;
  await tellWatched(contract, watched, () => announceQuestion(contract, asked, ports), ports);
}

/** May run twice: the same question has the same id. */
export async function announceQuestion(
  contract: Contract,
  { terms, plan, change }: Asked,
  ports: Ports,
): Promise<void> {
  const question = contract.terms?.seq === terms.seq ? contract.terms.question : contract.amendment?.question;
  if (question === undefined) return;
  const { lease, grants, waysIn, unavoidablyWider, restrict } = plan;
  await announce(
    'partner.access.approval-needed',
    contract,
    {
      of: terms.seq,
      revision: terms.revision,
      planHash: terms.planHash,
      until: question.until,
      requestedBy: terms.request.requestedBy,
      reasons: question.reasons,
      plan: { grantee: plan.grantee, lease, grants, waysIn, unavoidablyWider, restrict },
      ...(change === undefined ? {} : { change }),
      next: `read the plan, then run: leasehold approve ${contract.contractId} --key <private JWK>`,
    },
    ports,
    terms.seq,
  );
  ports.log.info({ contractId: contract.contractId, planHash: terms.planHash }, 'waits for an approver');
}
