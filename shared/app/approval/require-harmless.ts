/** That policies of the vendor's which terms in the register name may be given to a partner, as admission judges it. */
import type { Ports } from '../../cloud/ports.js';
import type { Contract, Terms } from '../../domain/contract.js';
import { BrokenPromiseError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import { isSystemPolicyGrant } from '../../domain/grant.js';
import type { OnboardingRequest } from '../../domain/request.js';
import { systemPolicyReasons } from '../plan/system-policies.js';

/**
 * For whoever attaches policies: what the rule covers by its kind may have been put into the register without ever having been judged
 * by its document. Reads only, and nothing where no such policy is named.
 * @throws {BrokenPromiseError} `NOT_APPROVED`
 */
export async function requireHarmless(
  { contractId }: Contract,
  terms: Terms | undefined,
  ports: Pick<Ports, 'ram' | 'settings'>,
): Promise<void> {
  const [reason] = await harmReasons(terms, ports);
  if (reason !== undefined)
    throw new BrokenPromiseError('NOT_APPROVED', `contract ${contractId}: ${reason.message}`);
}

/** What admission would say today against the policies of the vendor's that `terms` name. Reads only, and nothing where there are none. */
export async function harmReasons(
  terms: Terms | undefined,
  { ram, settings: { owner, admission } }: Pick<Ports, 'ram' | 'settings'>,
): Promise<readonly Reason[]> {
  if (terms === undefined) return [];
  const { request } = terms;
  const systemPolicies = await systemPoliciesOf(request, ram);
  const facts = { owner, settings: admission, systemPolicies };
  return request.grants.filter(isSystemPolicyGrant).flatMap((grant) => systemPolicyReasons(grant, '', facts));
}

/** Documents of the system policies that are named; `undefined` for one that does not exist. */
export async function systemPoliciesOf(
  { grants }: OnboardingRequest,
  ram: Ports['ram'],
): Promise<Readonly<Record<string, string | undefined>>> {
  const names = new Set(grants.filter(isSystemPolicyGrant).map((grant) => grant.systemPolicy));
  const documents = [...names].map(
    async (name) => [name, await ram.readPolicy({ type: 'System', name })] as const,
  );
  return Object.fromEntries(await Promise.all(documents));
}
