/**
 * The way into a grantee's account, and whether it is as it must be. Nothing is made, here or there, before it is.
 */
import type { EvidencePort, GranteeGatePort, GranteePort, Ports } from '../../cloud/ports.js';
import { BrokenPromiseError, DeniedError } from '../../domain/errors.js';
import type { Reason } from '../../domain/fact.js';
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import type { AccountId, Instant } from '../../domain/values.js';
import { MalformedPolicyError, parsePolicy } from '../../policy/index.js';
import type { Right } from '../../services/types.js';
import { missingRights } from './provisioning-rights.js';

const provisioningKey = (accountId: AccountId): string => `grantees/${accountId}/provisioning.json`;

/**
 * The ExternalId that we made for this account: made once, at the first asking, and never taken from a request. May run twice.
 * @throws {BrokenPromiseError} `REGISTER_BROKEN` when what is recorded is none
 */
export async function provisioningExternalId(
  accountId: AccountId,
  {
    evidence,
    chance,
  }: {
    readonly evidence: Pick<EvidencePort, 'create' | 'read'>;
    readonly chance: Ports['chance'];
  },
): Promise<string> {
  const key = provisioningKey(accountId);
  if ((await evidence.read(key)) === undefined)
    await evidence.create(key, JSON.stringify({ externalId: chance.nonce() }));
  const text = await evidence.read(key);
  const externalId =
    text === undefined ? undefined : (JSON.parse(text) as { externalId?: unknown }).externalId;
  if (typeof externalId !== 'string' || externalId.length < 16)
    throw new BrokenPromiseError('REGISTER_BROKEN', `${key} holds no ExternalId`);
  return externalId;
}

export type ProvisioningCheck =
  | { readonly ok: true; readonly account: GranteePort }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/** Enters the account and looks whether the role is as it must be. Changes nothing. */
export async function checkProvisioning(
  {
    accountId,
    externalId,
    needed,
  }: { readonly accountId: AccountId; readonly externalId: string; readonly needed: readonly Right[] },
  { gate, chance, clock }: { readonly gate: GranteeGatePort } & Pick<Ports, 'chance' | 'clock'>,
): Promise<ProvisioningCheck> {
  for (const wrong of [undefined, chance.nonce()]) {
    const { outcome } = await gate.enter(accountId, wrong);
    if (outcome !== 'refused') return refused('PROVISIONING_WITHOUT_EXTERNAL_ID', WITHOUT_EXTERNAL_ID);
  }
  const entered = await gate.enter(accountId, externalId);
  if (entered.outcome === 'refused')
    return refused(
      'PROVISIONING_REFUSED',
      `account ${accountId} has no role ${PROVISIONING_ROLE} that lets us in (${entered.code}): its administrator must make it, with our ExternalId, as "leasehold provisioning ${accountId}" prints it`,
    );
  if (entered.outcome === 'elsewhere')
    return refused('PROVISIONING_ELSEWHERE', `what was entered is ${entered.arn}, not the grantee's role`);
  const missing = await missingFor(entered.account, needed, clock.now());
  if (missing.length === 0) return { ok: true, account: entered.account };
  return {
    ok: false,
    reasons: missing.map(({ action, resource }) =>
      reason('PROVISIONING_MAY_TOO_LITTLE', `${PROVISIONING_ROLE} lacks ${action} on ${resource}`),
    ),
  };
}

const WITHOUT_EXTERNAL_ID = `${PROVISIONING_ROLE} lets us in without our ExternalId: its trust policy must demand sts:ExternalId, or others could have us act in that account`;

const reason = (code: string, message: string): Reason => ({
  code,
  pointer: '/data/grantee/setup',
  message,
});
const refused = (code: string, message: string): ProvisioningCheck => ({
  ok: false,
  reasons: [reason(code, message)],
});

async function missingFor(
  account: GranteePort,
  needed: readonly Right[],
  now: Instant,
): Promise<readonly Right[]> {
  try {
    const policies = (await account.provisioningPolicies()).map(({ name, document }) => ({
      name,
      document: parsePolicy(document),
    }));
    return missingRights(policies, needed, now);
  } catch (error) {
    // It may not even look at itself: then that is what is missing first.
    if (error instanceof DeniedError)
      return needed.filter(
        ({ action }) => action === 'ram:ListPoliciesForRole' || action === 'ram:GetPolicy',
      );
    if (error instanceof MalformedPolicyError) return needed;
    throw error;
  }
}
