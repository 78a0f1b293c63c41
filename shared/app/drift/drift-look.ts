/** One look at a contract's role: what on it is not as it was approved. Reads only. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { DriftFinding } from '../../domain/fact.js';
import { harmReasons } from '../approval/require-harmless.js';
import { isEdited } from '../ending/stops.js';
import type { AccessPlan } from '../plan/plan-access.js';
import { type ObservedAccess, observeAccess } from '../role/observe-access.js';
import { type AccessStep, isSameJson, planConvergence } from '../role/plan-convergence.js';
import { findingsOf } from '../role/report-drift.js';
import { type WantedAccess, wantedAccess } from '../role/wanted-access.js';
import { type DoorDrift, lookForDoorDrift } from '../side-doors/door-drift.js';
import { granteeFindings } from './grantee-drift.js';

export interface DriftLook {
  /** All that differs, whether or not it can be mended. */
  readonly findings: readonly DriftFinding[];
  /** What would mend the role; none where there is no role of ours to mend. */
  readonly steps: readonly AccessStep[];
  readonly doors: DoorDrift;
  /** The stop of a suspension is on the role and does not deny everything any more; `isBare`: nothing else is on it. */
  readonly editedStop?: { readonly isBare: boolean };
}

/** The role and the side doors, of which either may be there without the other. */
export async function lookForDrift(contract: Contract, plan: AccessPlan, ports: Ports): Promise<DriftLook> {
  const [role, doors] = await Promise.all([
    lookAtRole(contract, plan, ports),
    lookForDoorDrift(contract, plan, ports),
  ]);
  const { there = [], ...own } = role;
  // What a partner can do much of in his own account comes last: what is told may be shortened.
  return { ...own, doors, findings: [...own.findings, ...doors.findings, ...there] };
}

interface RoleLook extends Omit<DriftLook, 'doors'> {
  /** Findings in the grantee's account. */
  readonly there?: readonly DriftFinding[];
}

async function lookAtRole(contract: Contract, plan: AccessPlan, ports: Ports): Promise<RoleLook> {
  const wanted = wantedAccess(contract, plan, ports.settings);
  const observed = await observeAccess(
    wanted.roleName,
    wanted.policies.map(({ name }) => name),
    ports,
  );
  if (observed === undefined)
    return only('ROLE_GONE', `role ${wanted.roleName} does not exist any more: the partner has no access`);
  if (observed.role.id !== contract.created?.roleId)
    return only(
      'ROLE_REPLACED',
      `role ${wanted.roleName} was deleted and made again by somebody else: it is not Leasehold's any more`,
    );
  const steps = await Promise.all(planConvergence(observed, wanted).map((step) => readMore(step, ports)));
  const there = await granteeFindings(contract, plan, ports);
  const findings = [
    ...findingsOf(steps),
    ...unexpectedStops(observed, wanted),
    ...(await changedByVendor(contract, ports)),
  ];
  const editedStop = await lookAtStop(contract, observed, ports);
  return editedStop === undefined
    ? { steps, findings, there }
    : { steps, findings: [stopEdited(ports.settings.stops.suspended), ...findings], there, editedStop };
}

/** Of a suspended contract; one edit opens all of them. */
async function lookAtStop(
  contract: Contract,
  { attachments }: ObservedAccess,
  ports: Pick<Ports, 'ram' | 'settings'>,
): Promise<DriftLook['editedStop']> {
  const stop = ports.settings.stops.suspended;
  const others = attachments.filter(({ policy }) => policy.name !== stop);
  const isStopped = contract.suspensions.length > 0 && others.length < attachments.length;
  return isStopped && (await isEdited(stop, ports)) ? { isBare: others.length === 0 } : undefined;
}

const stopEdited = (stop: string): DriftFinding => ({
  code: 'STOP_EDITED',
  message: `the contract is suspended, and its stop ${stop} does not deny everything any more`,
  widens: ['everything that was granted, to whoever may enter'],
  narrows: [],
});

const only = (code: string, message: string): RoleLook => ({ findings: [{ code, message }], steps: [] });

/** A stop that nobody of ours put on. It narrows, so it stays until somebody takes it off who knows why it is there. */
function unexpectedStops({ attachments }: ObservedAccess, wanted: WantedAccess): readonly DriftFinding[] {
  const isWanted = (name: string) => wanted.attachments.some(({ policy }) => policy.name === name);
  return attachments
    .map(({ policy }) => policy.name)
    .filter((name) => wanted.stops.includes(name) && !isWanted(name))
    .map((name) => ({
      code: 'STOP_UNEXPECTED',
      message: `stop ${name} is on the role, though the register knows no reason for it`,
      widens: [],
      narrows: ['everything that was granted'],
    }));
}

/** The vendor writes new versions of its policies, for everybody who has them: what they allow by then nobody may ever have been granted. */
async function changedByVendor(
  { terms }: Contract,
  ports: Pick<Ports, 'ram' | 'settings'>,
): Promise<readonly DriftFinding[]> {
  const reasons = await harmReasons(terms, ports);
  return reasons.map(({ message }) => ({
    code: 'VENDOR_POLICY_CHANGED',
    message,
    widens: [message],
    narrows: [],
  }));
}

/** Adds what only a report needs: what a foreign policy says, and whether it was only the default version that moved. */
async function readMore(step: AccessStep, { ram }: Pick<Ports, 'ram'>): Promise<AccessStep> {
  switch (step.kind) {
    case 'detach': {
      const text = step.text ?? (await ram.readPolicy(step.attachment.policy));
      return text === undefined ? step : { ...step, text };
    }
    case 'setDocument': {
      const { name, text } = step.policy;
      const versions = await ram.policyVersions(name);
      const now = versions.find(({ isDefault }) => isDefault);
      const isReverted =
        now !== undefined &&
        versions.some(({ id, document }) => isLater(id, now.id) && isSameJson(document, text));
      return isReverted ? { ...step, revertedTo: now.id } : step;
    }
    default:
      return step;
  }
}

/** Versions are counted `v1`, `v2` and on. */
const isLater = (id: string, other: string): boolean => Number(id.slice(1)) > Number(other.slice(1));

/**
 * What two looks, apart in time, agree on: RAM is eventually consistent, and a stale answer is no drift. A scheduled look that
 * finds nothing is believed at once, since the next one comes; `isCalled` by a change that was just made, it looks again.
 */
export async function lookTwice(
  contract: Contract,
  plan: AccessPlan,
  { isCalled }: { readonly isCalled: boolean },
  ports: Ports,
): Promise<DriftLook> {
  const first = await lookForDrift(contract, plan, ports);
  if (first.findings.length === 0 && !isCalled) return first;
  await ports.clock.sleep(ports.settings.absenceSeconds);
  return lookForDrift(contract, plan, ports);
}
