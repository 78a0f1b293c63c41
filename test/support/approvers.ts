import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type AnswerClaims, signAnswer } from '../../shared/app/approval/answer.js';
import { publicPartOf } from '../../shared/cli/keys.js';
import { addSeconds, instantOf, parseContractId } from '../../shared/domain/values.js';
import { reasonsIn } from './changes.js';
import type { World } from './world.js';

export const BOSS = 'boss@a.example';
export const OTHER_BOSS = 'other.boss@a.example';

export interface Signer {
  readonly id: string;
  readonly key: JWK;
}

export async function newSigner(id: string): Promise<Signer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { id, key: await exportJWK(privateKey) };
}

/** As they are configured. */
export const approversOf = (signers: readonly Signer[]) =>
  signers.map(({ id, key }) => ({ id, key: publicPartOf(key) }));

/** The environment in which these may approve, and the rule lets through nothing but reading. */
export const approvedBy = (signers: readonly Signer[]): Readonly<Record<string, string>> => ({
  LEASEHOLD_APPROVERS: JSON.stringify(approversOf(signers)),
  LEASEHOLD_AUTO_APPROVAL: JSON.stringify({
    maxLeaseSeconds: 31_622_400,
    accessLevels: ['read'],
    allowSystemPolicies: false,
    allowUnavoidablyWider: true,
  }),
});

/** Signs an answer to what waits, or to what `changes` say. */
export async function signed(
  world: World,
  contractId: string,
  { id, key }: Signer,
  changes: Partial<AnswerClaims> = {},
): Promise<string> {
  const { terms, amendment } = await world.contract(contractId);
  const asked = amendment ?? terms!;
  const claims: AnswerClaims = {
    contractId: parseContractId(contractId),
    planHash: asked.planHash,
    of: asked.seq,
    decision: 'approve',
    expires: addSeconds(instantOf(world.clock.now()), 3600),
    reason: 'as agreed',
    ...changes,
  };
  return signAnswer(claims, id, key);
}

export const answer = (
  world: World,
  contractId: string,
  { jws, id, decision = 'approved' }: { jws: string; id: string; decision?: 'approved' | 'declined' },
): Promise<void> =>
  world.post({
    id,
    source: 'test',
    type: `partner.onboarding.${decision}`,
    subject: contractId,
    data: { contractId, jws },
  });

/** Codes of all refusals that were told about the contract so far. */
export const refusalsOf = (world: World, contractId: string): readonly string[] =>
  world.outbox.heard
    .filter(({ subject, type }) => subject === contractId && type === 'partner.access.rejected')
    .flatMap((event) => reasonsIn(event));
