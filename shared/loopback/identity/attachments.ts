/** Attaching policies to users and roles, in both scopes: RAM does it for the account, Resource Management for a resource group. */
import { ApiError } from '../kernel.js';
import { withEntry, withoutEntry } from './shared-map.js';
import { type AccountState, type Attachment, keyOf, type PolicyState } from './state.js';

export type Principal = Attachment['principal'];

export const ACCOUNT_SCOPE = 'account';

const NAME_OF = { user: 'User', role: 'Role' } as const;

const isSame = (attachment: Attachment, scope: string, policy: PolicyState, principal: Principal): boolean =>
  attachment.scope === scope &&
  attachment.principal.id === principal.id &&
  attachment.policyType === policy.type &&
  keyOf(attachment.policyName) === keyOf(policy.name);

/** Policies a principal may have attached in one scope. "Limits": 20 system and 10 custom ones, counted apart per scope. */
const MAX_ATTACHED = { System: 20, Custom: 10 } as const;

/** @throws {ApiError} `EntityAlreadyExists.<Role|User>.Policy` or `LimitExceeded.<Role|User>.Policy` */
export function attach(
  account: AccountState,
  scope: string,
  policy: PolicyState,
  principal: Principal,
  now: number,
): AccountState {
  const kind = NAME_OF[principal.kind];
  if (attachmentsOf(account, principal.id).some((one) => isSame(one, scope, policy, principal))) {
    throw new ApiError(
      409,
      `EntityAlreadyExists.${kind}.Policy`,
      `The ${principal.kind} has already been attached this policy.`,
    );
  }
  const held = attachmentsOf(account, principal.id).filter(
    (attachment) => attachment.scope === scope && attachment.policyType === policy.type,
  ).length;
  if (held >= MAX_ATTACHED[policy.type]) {
    throw new ApiError(
      409,
      `LimitExceeded.${kind}.Policy`,
      `The count of policies attached to the ${principal.kind} beyond the current limits.`,
    );
  }
  const attachment: Attachment = {
    scope,
    policyType: policy.type,
    policyName: policy.name,
    principal,
    attachedAt: now,
  };
  const attachments = withEntry(account.attachments, principal.id, [
    ...attachmentsOf(account, principal.id),
    attachment,
  ]);
  return { ...account, attachments };
}

/** @throws {ApiError} `EntityNotExist.<Role|User>.Policy` */
export function detach(
  account: AccountState,
  scope: string,
  policy: PolicyState,
  principal: Principal,
): AccountState {
  const attached = attachmentsOf(account, principal.id);
  const kept = attached.filter((attachment) => !isSame(attachment, scope, policy, principal));
  if (kept.length === attached.length) {
    throw new ApiError(
      404,
      `EntityNotExist.${NAME_OF[principal.kind]}.Policy`,
      `The indicate policy of the ${principal.kind} does not exist.`,
    );
  }
  const attachments =
    kept.length === 0
      ? withoutEntry(account.attachments, principal.id)
      : withEntry(account.attachments, principal.id, kept);
  return { ...account, attachments };
}

/** What is attached to one principal, in all scopes, in the order in which it was. */
export const attachmentsOf = ({ attachments }: AccountState, principalId: string): readonly Attachment[] =>
  attachments.get(principalId) ?? [];

/** To whom a policy is attached, in all scopes. */
export const attachmentsOfPolicy = (
  { attachments }: AccountState,
  { type, name }: Pick<PolicyState, 'type' | 'name'>,
): readonly Attachment[] => {
  const key = keyOf(name);
  const found: Attachment[] = [];
  for (const own of attachments.values())
    for (const one of own) if (one.policyType === type && keyOf(one.policyName) === key) found.push(one);
  return found;
};
