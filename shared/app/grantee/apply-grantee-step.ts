/** Does one step in a grantee's account. */
import type { GranteePort } from '../../cloud/ports.js';
import { TryLaterError } from '../../domain/errors.js';
import type { GranteeStep } from './side.js';

/** What a user logs on or signs with, as it was just made. In memory only, until it is sealed. */
export type NewCredential =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'key'; readonly user: string; readonly keyId: string; readonly secret: string };

export interface StepOutcome {
  /** Of a user or role that was made. */
  readonly madeId?: string;
  readonly credential?: NewCredential;
}

/**
 * May run twice, but for `createKey`: whoever repeats a plan plans anew. One call after the other stays far below the rates
 * of RAM (20 writes a second and API, 10 for attachments of roles).
 * @throws {TryLaterError} `CONFLICT` when somebody has made the same thing meanwhile: look and plan again
 */
export async function applyGranteeStep(
  step: GranteeStep,
  account: GranteePort,
  newPassword: (logonName: string) => string = noPassword,
): Promise<StepOutcome> {
  switch (step.kind) {
    case 'createPolicy':
      if ((await account.createPolicy(policyOf(step))) === 'exists') throw crossed(step);
      return {};
    case 'setPolicyDocument':
      await account.setPolicyDocument(step.policy, step.document);
      return {};
    case 'deletePolicy':
      await account.deletePolicy(step.policy);
      return {};
    case 'createUser':
      return madeBy(
        step,
        await account.createUser({ logonName: step.user, displayName: step.displayName, tags: step.tags }),
      );
    case 'deleteUser':
      await account.deleteUser(step.user);
      return {};
    case 'createLogin': {
      const password = newPassword(step.user);
      if ((await account.createLogin(step.user, password)) === 'exists') throw crossed(step);
      return { credential: { kind: 'password', user: step.user, password } };
    }
    case 'deleteLogin':
      await account.deleteLogin(step.user);
      return {};
    case 'disableLogin':
      await account.setLogin(step.user, 'Inactive');
      return {};
    case 'createKey': {
      const { id: keyId, secret } = await account.createKey(step.user);
      return { credential: { kind: 'key', user: step.user, keyId, secret } };
    }
    case 'deleteKey':
      await account.deleteKey(step.user, step.keyId);
      return {};
    case 'disableKey':
      await account.setKey(step.user, step.keyId, 'Inactive');
      return {};
    case 'unbindMfa':
      await account.unbindMfa(step.user);
      return {};
    case 'createRole':
      return madeBy(
        step,
        await account.createRole({
          name: step.role,
          trust: step.trust,
          description: MADE_BY_US,
          tags: step.tags,
        }),
      );
    case 'deleteRole':
      await account.deleteRole(step.role);
      return {};
    case 'attach':
      await account.attach(step.principal, step.policy);
      return {};
    case 'detach':
      await account.detach(step.principal, step.policy);
      return {};
  }
}

/** For plans in which nobody is to get one. */
const noPassword = (): string => {
  throw new TypeError('no password is to be made here');
};

const MADE_BY_US =
  'Made by Leasehold for a contract with another account, which removes it when the contract ends.';

const policyOf = (step: Extract<GranteeStep, { kind: 'createPolicy' }>) => ({
  name: step.policy,
  document: step.document,
  description: MADE_BY_US,
  tags: step.tags,
});

function madeBy(
  step: GranteeStep,
  made: { readonly outcome: 'created'; readonly id: string } | { readonly outcome: 'exists' },
): StepOutcome {
  if (made.outcome === 'exists') throw crossed(step);
  return { madeId: made.id };
}

const crossed = (step: GranteeStep): TryLaterError =>
  new TryLaterError('CONFLICT', `${step.kind} in the grantee's account crossed with somebody else's doing`);
