/** What a trial of one contract of its own plays on, and what each of them does alike. */
import { exportJWK, generateKeyPair } from 'jose';
import type { HandOver } from '../../app/hand-over/hand-over.js';
import { open, type Secret } from '../../app/hand-over/seal.js';
import type { EventToPost } from '../../cloud/alibaba/events.js';
import { makeEvidencePort } from '../../cloud/alibaba/oss.js';
import type { EvidencePort, Session } from '../../cloud/ports.js';
import type { ResourceGrant } from '../../domain/grant.js';
import type { PublicKey } from '../../domain/public-key.js';
import { parseAccountId, parseRegion } from '../../domain/values.js';
import type { VirtualClock } from '../../loopback/clock.js';
import { grantProbes } from '../../services/index.js';
import { askerOf } from './asker.js';
import { type Check, type ContractReport, check } from './checks.js';
import type { Outbox } from './outbox.js';
import { OWNER, REGION } from './owner.js';
import type { Partner } from './partner.js';
import type { Embedded } from './start.js';

export interface Stage {
  readonly embedded: Embedded;
  readonly clock: VirtualClock;
  readonly outbox: Outbox;
  readonly partner: Partner;
  readonly post: (event: EventToPost) => Promise<void>;
}

/** The register, as the owner reads it. */
export const evidenceOf = (embedded: Embedded): EvidencePort =>
  makeEvidencePort(embedded.connectionOf(embedded.root), embedded.config.evidenceBucket);

/** What a trial asks for where it is not about the grant. */
export const PLAIN_GRANT: ResourceGrant = {
  service: 'kafka',
  access: 'read',
  region: parseRegion(REGION),
  instanceId: 'alikafka_pre-cn-x1',
};

/** Posts `partner.<kind>` about the contract. */
export const postAbout = (stage: Stage, contractId: string, kind: string, data: object): Promise<void> =>
  stage.post({
    id: `try-${contractId.toLowerCase()}-${kind.replaceAll('.', '-')}`,
    source: 'leasehold.try',
    type: `partner.${kind}`,
    subject: contractId,
    time: new Date(stage.clock.now()).toISOString(),
    data,
  });

/** Ends the contract; what was heard of that. */
export async function terminate(stage: Stage, contractId: string, checks: Check[]) {
  const data = { contractId, reason: 'end of the trial', requestedBy: 'leasehold try' };
  await postAbout(stage, contractId, 'contract.terminated', data);
  const revoked = await stage.outbox.answerTo(contractId, ['revoked', 'failed']);
  checks.push(check('the end', 'partner.access.revoked', revoked.type));
  return revoked;
}

/** Notes what every read call of the plain grant is answered to the session. */
export async function usePlainGrant(
  what: string,
  expected: 'allowed' | 'denied',
  { stage, session, checks }: { readonly stage: Stage; readonly session: Session; readonly checks: Check[] },
): Promise<void> {
  const ask = askerOf(stage.embedded);
  for (const { call } of grantProbes(PLAIN_GRANT, parseAccountId(OWNER)))
    checks.push(check(`${what}: ${call.product} ${call.action}`, expected, await ask(call, session)));
}

export const reportOn = (contractId: string, outcome: string, checks: readonly Check[]): ContractReport => ({
  contractId,
  outcome,
  checks,
});

/** A partner's key: the public half for the request, and what opens what is sealed to it. */
export async function newPartnerKey(): Promise<{
  readonly publicKey: object;
  readonly openAll: (handOver: HandOver) => Promise<readonly Secret[]>;
}> {
  const pair = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const privateKey = (await exportJWK(pair.privateKey)) as PublicKey;
  return {
    publicKey: await exportJWK(pair.publicKey),
    openAll: async ({ sealed }) => {
      const opened = await Promise.all(sealed.map(({ jwe }) => open(jwe, privateKey)));
      return opened.flatMap((one) => (one.ok ? [one.secret] : []));
    },
  };
}
