/** What should be on a contract's role, by the register. Pure. */
import type { Attachment, Settings, Tags } from '../../cloud/ports.js';
import type { Contract } from '../../domain/contract.js';
import type { RoleName } from '../../domain/values.js';
import { roleTagsFor, verifierOf } from '../ours.js';
import { type AccessPlan, type PlannedPolicy, systemAttachments } from '../plan/plan-access.js';
import { openTrust } from '../plan/trust.js';

export interface WantedAccess {
  readonly roleName: RoleName;
  readonly trust: string;
  readonly maxSessionSeconds: number;
  readonly policies: readonly PlannedPolicy[];
  readonly attachments: readonly Attachment[];
  readonly tags: Tags;
  /** Of the vendor's policies, those that the contract's terms have, or had before an amendment: nobody puts them on by hand. */
  readonly approved: readonly Attachment[];
  /** Policies that only a suspension, a resumption or an end puts on or takes off: never detached on the way. */
  readonly stops: readonly string[];
}

/** The role of a live contract under `plan`: open to the partner, and with the stop on it while it is suspended. */
export function wantedAccess(
  contract: Contract,
  plan: AccessPlan,
  settings: Pick<Settings, 'verifierRoleArns' | 'stops'>,
): WantedAccess {
  const stop = suspensionStop(settings);
  return {
    roleName: plan.roleName,
    trust: openTrust(plan, contract.granting?.externalId ?? '', verifierOf(contract, { settings })),
    maxSessionSeconds: plan.maxSessionSeconds,
    policies: plan.policies,
    attachments: contract.suspensions.length > 0 ? [stop, ...plan.attachments] : plan.attachments,
    tags: roleTagsFor(contract),
    approved: [contract.terms, contract.amendment?.before, contract.amendment].flatMap((terms) =>
      systemAttachments(terms?.request.grants ?? []),
    ),
    stops: [settings.stops.suspended, settings.stops.ended],
  };
}

export const suspensionStop = ({ stops }: Pick<Settings, 'stops'>): Attachment => ({
  policy: { type: 'Custom', name: stops.suspended },
});
