/** Step AdmitRequest: refuses with all reasons before the first effect, or claims the contract. */
import type { Ports } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import type { EventKey, NewFact, Reason } from '../domain/fact.js';
import { isSystemPolicyGrant } from '../domain/grant.js';
import type { OnboardingRequest } from '../domain/request.js';
import { parseAccountId } from '../domain/values.js';
import { answerUnreadable, rejectAttempt, rejectContract } from './answer-refused.js';
import { writeIndex } from './index-entries.js';
import { parseEvent } from './parse-event.js';
import { type AdmissionFacts, admissionReasons } from './plan/admission.js';
import { type AccessPlan, planAccess } from './plan/plan-access.js';
import { appendFact, loadContract } from './register.js';

export interface AdmitOutput {
  readonly contractId: string;
  /** 0 unless admitted. */
  readonly epoch: number;
  /** `finished`: this very request was carried out before. */
  readonly outcome: 'admitted' | 'rejected' | 'finished';
}

const BY = 'admit-request';
const REJECTED = { epoch: 0, outcome: 'rejected' } as const;

/** Judges the event and, when nothing speaks against it, makes it the contract's request. May run twice. */
export async function admitRequest(eventText: string, ports: Ports): Promise<AdmitOutput> {
  const parsed = parseEvent(eventText);
  if (!parsed.ok || parsed.event.type !== 'partner.onboarding.requested') {
    await answerUnreadable(parsed, eventText, ports);
    return { contractId: (parsed.ok ? parsed.event.contractId : parsed.contractId) ?? '', ...REJECTED };
  }
  const { contractId, key, data: request } = parsed.event;
  return admit(await loadContract(contractId, ports.evidence), key, request, ports);
}

async function admit(
  contract: Contract,
  key: EventKey,
  request: OnboardingRequest,
  ports: Ports,
): Promise<AdmitOutput> {
  const { contractId } = contract;
  const standing = standingOf(contract, key);
  if (standing.kind === 'repeat') return { contractId, epoch: contract.epoch, outcome: standing.outcome };
  if (standing.kind === 'refuse') {
    await rejectAttempt(contract, key, [standing.reason], ports);
    return { contractId, ...REJECTED };
  }

  const owner = parseAccountId(ports.settings.owner);
  const plan = planAccess(request, owner);
  const reasons = [
    ...admissionReasons(request, await factsFor(request, ports)),
    ...(await claimReasons(plan, ports)),
  ];
  if (reasons.length > 0) {
    await rejectContract(contract, key, reasons, ports);
    return { contractId, ...REJECTED };
  }
  await writeIndex(request, ports);
  return claim(contract, { key, request, plan }, ports);
}

type Standing =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'repeat'; readonly outcome: 'admitted' | 'finished' }
  | { readonly kind: 'refuse'; readonly reason: Reason };

/** What the register says to an event: known means finished, not seen. */
function standingOf(contract: Contract, key: EventKey): Standing {
  const known = contract.events.find(({ source, id }) => source === key.source && id === key.id);
  if (known !== undefined && known.contentHash !== key.contentHash) {
    return refusal('EVENT_REUSED', '/id', 'an event of this source and id came before with other content');
  }
  switch (contract.state) {
    case 'unknown':
    case 'rejected':
    case 'failed':
      return { kind: 'fresh' };
    case 'ending':
    case 'ended':
      return refusal(
        'CONTRACT_ENDED',
        '/data/contractId',
        'this contract has ended and stays ended; use a new contract id',
      );
    case 'requested':
    case 'granting':
    case 'active': {
      const isSame = contract.requested?.event.contentHash === key.contentHash;
      if (!isSame)
        return refusal(
          'CONTRACT_EXISTS',
          '/data/contractId',
          'this contract id is in use by another request',
        );
      return { kind: 'repeat', outcome: contract.state === 'active' ? 'finished' : 'admitted' };
    }
  }
}

const refusal = (code: string, pointer: string, message: string): Standing => ({
  kind: 'refuse',
  reason: { code, pointer, message },
});

/** What judging needs of the cloud: the time, room in the account, and what named system policies allow. Reads only. */
async function factsFor(
  request: OnboardingRequest,
  { clock, ram, settings }: Ports,
): Promise<AdmissionFacts> {
  const names = request.grants.filter(isSystemPolicyGrant).map((grant) => grant.systemPolicy);
  const documents = await Promise.all(
    [...new Set(names)].map(async (name) => [name, await ram.readPolicy({ type: 'System', name })] as const),
  );
  return {
    now: clock.now(),
    owner: parseAccountId(settings.owner),
    settings: settings.admission,
    account: await ram.accountSummary(),
    systemPolicies: Object.fromEntries(documents),
  };
}

/** A role name is a function of the contract id; the claim shows up the collision that a hash could have. */
async function claimReasons(plan: AccessPlan, { evidence }: Ports): Promise<readonly Reason[]> {
  const claimed = await evidence.read(`names/${plan.roleName}`);
  if (claimed === undefined || claimed === plan.contractId) return [];
  return [
    {
      code: 'ROLE_NAME_TAKEN',
      pointer: '/data/contractId',
      message: `role ${plan.roleName} is claimed by another contract`,
    },
  ];
}

async function claim(
  contract: Contract,
  {
    key,
    request,
    plan,
  }: { readonly key: EventKey; readonly request: OnboardingRequest; readonly plan: AccessPlan },
  ports: Ports,
): Promise<AdmitOutput> {
  const { contractId } = contract;
  await ports.evidence.create(`names/${plan.roleName}`, contractId);
  const fact: NewFact = {
    kind: 'requested',
    data: {
      event: key,
      request,
      owner: parseAccountId(ports.settings.owner),
      roleName: plan.roleName,
      planHash: plan.planHash,
    },
  };
  const requested = await appendFact(contract, fact, BY, ports);
  if (requested.outcome === 'lost') return admit(requested.contract, key, request, ports);
  const approval: NewFact = { kind: 'approved', data: { by: 'auto-approval', planHash: plan.planHash } };
  const approved = await appendFact(requested.contract, approval, BY, ports);
  if (approved.outcome === 'lost') return admit(approved.contract, key, request, ports);
  ports.log.info({ contractId, role: plan.roleName, planHash: plan.planHash }, 'admitted');
  return { contractId, epoch: approved.contract.epoch, outcome: 'admitted' };
}
