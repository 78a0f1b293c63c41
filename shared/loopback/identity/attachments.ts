/** Attaching policies to users and roles, in both scopes: RAM does it for the account, Resource Management for a resource group. */
import { ApiError } from '../kernel.js';
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
  return { ...account, attachments: [...account.attachments, attachment] };
}

/** @throws {ApiError} `EntityNotExist.<Role|User>.Policy` */
export function detach(
  account: AccountState,
  scope: string,
  policy: PolicyState,
  principal: Principal,
): AccountState {
  const kept = account.attachments.filter((attachment) => !isSame(attachment, scope, policy, principal));
  if (kept.length === account.attachments.length) {
    throw new ApiError(
      404,
      `EntityNotExist.${NAME_OF[principal.kind]}.Policy`,
      `The indicate policy of the ${principal.kind} does not exist.`,
    );
  }
  return { ...account, attachments: kept };
}

/** By principal, for as long as the list is the account's: every decision asks, writes are few. */
const byPrincipal = new WeakMap<readonly Attachment[], ReadonlyMap<string, readonly Attachment[]>>();

/** What is attached to one principal, in all scopes, in the order in which it was. */
export function attachmentsOf({ attachments }: AccountState, principalId: string): readonly Attachment[] {
  let index = byPrincipal.get(attachments);
  if (index === undefined) {
    const made = new Map<string, Attachment[]>();
    for (const attachment of attachments) {
      const own = made.get(attachment.principal.id);
      if (own === undefined) made.set(attachment.principal.id, [attachment]);
      else own.push(attachment);
    }
    index = made;
    byPrincipal.set(attachments, index);
  }
  return index.get(principalId) ?? [];
}
