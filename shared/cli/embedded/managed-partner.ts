/** A partner that lets Leasehold set up its users: a person with a password, a program with a key, and all of it gone at the end. */
import { exportJWK, generateKeyPair } from 'jose';
import { provisioningExternalId } from '../../app/grantee/provisioning.js';
import { provisioningDocuments } from '../../app/grantee/provisioning-rights.js';
import type { HandOver } from '../../app/hand-over/hand-over.js';
import { open, type Secret } from '../../app/hand-over/seal.js';
import type { Credentials } from '../../cloud/alibaba/connection.js';
import type { EventToPost } from '../../cloud/alibaba/events.js';
import { makeEvidencePort } from '../../cloud/alibaba/oss.js';
import { makeStsPort } from '../../cloud/alibaba/sts.js';
import { systemChance } from '../../cloud/alibaba/system.js';
import type { Session } from '../../cloud/ports.js';
import type { ResourceGrant } from '../../domain/grant.js';
import type { PublicKey } from '../../domain/public-key.js';
import { addSeconds, instantOf, parseAccountId, parseRegion } from '../../domain/values.js';
import type { VirtualClock } from '../../loopback/clock.js';
import { grantProbes } from '../../services/index.js';
import { askerOf } from './asker.js';
import { type Check, type ContractReport, check } from './checks.js';
import type { Outbox } from './outbox.js';
import { type Partner, roleExists } from './partner.js';
import { type Embedded, OWNER, REGION } from './start.js';

export const MANAGED_PARTNER = '2000000000000098';
const CONTRACT = 'MANAGED-1';
const PERSON = 'alice';
const PROGRAM = 'etl';

interface Stage {
  readonly embedded: Embedded;
  readonly clock: VirtualClock;
  readonly outbox: Outbox;
  readonly partner: Partner;
  readonly post: (event: EventToPost) => Promise<void>;
}

const GRANT: ResourceGrant = {
  service: 'kafka',
  access: 'read',
  region: parseRegion(REGION),
  instanceId: 'alikafka_pre-cn-x1',
};

/** As the partner's administrator: makes the role that Leasehold asks for, opens what was sealed, and looks again after the end. */
export async function setUpAndClear(stage: Stage): Promise<ContractReport> {
  const { outbox, partner, embedded } = stage;
  const checks: Check[] = [];
  await partner.letUsIn(await provisioning(embedded));
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  await stage.post(eventFor(stage, 'onboarding.requested', dataFor(stage, await exportJWK(publicKey))));
  const granted = await outbox.answerTo(CONTRACT, ['granted', 'rejected', 'failed']);
  checks.push(check('the request', 'partner.access.granted', granted.type));
  if (granted.type !== 'partner.access.granted') return reportOf(granted.type, checks);
  const handOver = granted.data as unknown as HandOver;
  const secrets = await openAll(handOver, (await exportJWK(privateKey)) as PublicKey);
  const session = await useThem(stage, handOver, secrets, checks);

  await stage.post(
    eventFor(stage, 'contract.terminated', {
      contractId: CONTRACT,
      reason: 'end of the trial',
      requestedBy: 'leasehold try',
    }),
  );
  const revoked = await outbox.answerTo(CONTRACT, ['revoked', 'failed']);
  checks.push(check('the end', 'partner.access.revoked', revoked.type));
  checks.push(check('left behind at the partner', '[]', JSON.stringify(revoked.data['leftBehind'])));
  await seeGone(stage, handOver, { secrets, session }, checks);
  return reportOf('granted, set up, used, terminated, gone on both sides', checks);
}

/** What `leasehold provisioning` prints. */
const provisioning = async (embedded: Embedded) =>
  provisioningDocuments({
    accountId: parseAccountId(MANAGED_PARTNER),
    functionRoleArn: embedded.config.settings.provisionerRoleArn,
    externalId: await provisioningExternalId(parseAccountId(MANAGED_PARTNER), {
      evidence: makeEvidencePort(embedded.connectionOf(embedded.root), embedded.config.evidenceBucket),
      chance: systemChance,
    }),
  });

async function openAll({ sealed }: HandOver, privateKey: PublicKey): Promise<readonly Secret[]> {
  const opened = await Promise.all(sealed.map(({ jwe }) => open(jwe, privateKey)));
  return opened.flatMap((one) => (one.ok ? [one.secret] : []));
}

const ofUser = (secrets: readonly Secret[], name: string) =>
  secrets.find((one) => one.kind === 'user' && one.userPrincipalName.startsWith(`${name}@`));

function keysOf(secrets: readonly Secret[]): Credentials {
  const secret = ofUser(secrets, PROGRAM);
  if (secret?.kind !== 'user') return { accessKeyId: '', accessKeySecret: '' };
  return { accessKeyId: secret.accessKeyId ?? '', accessKeySecret: secret.accessKeySecret ?? '' };
}

const canLogOn = ({ embedded }: Stage, secrets: readonly Secret[]): boolean => {
  const secret = ofUser(secrets, PERSON);
  const password = secret?.kind === 'user' ? secret.password : undefined;
  return password !== undefined && embedded.accounts.canLogOn(MANAGED_PARTNER, PERSON, password);
};

async function useThem(
  stage: Stage,
  handOver: HandOver,
  secrets: readonly Secret[],
  checks: Check[],
): Promise<Session | undefined> {
  const { embedded } = stage;
  checks.push(
    check(
      `user ${PERSON} logs on with the password that was sealed`,
      'yes',
      canLogOn(stage, secrets) ? 'yes' : 'no',
    ),
  );
  const entry = secrets.find((one) => one.kind === 'external-id');
  const opened = await makeStsPort(embedded.connectionOf(keysOf(secrets), MANAGED_PARTNER)).assume({
    roleArn: handOver.roleArn,
    sessionName: PROGRAM,
    seconds: 3600,
    ...(entry?.kind === 'external-id' ? { externalId: entry.externalId } : {}),
  });
  const isIn = opened.outcome === 'opened';
  checks.push(
    check(
      `program ${PROGRAM} enters with the key that was sealed`,
      'entered',
      isIn ? 'entered' : opened.code,
    ),
  );
  if (!isIn) return undefined;
  await use('it may', 'allowed', { stage, session: opened.session, checks });
  return opened.session;
}

async function seeGone(
  stage: Stage,
  handOver: HandOver,
  { secrets, session }: { readonly secrets: readonly Secret[]; readonly session: Session | undefined },
  checks: Check[],
): Promise<void> {
  const { embedded } = stage;
  if (session !== undefined) await use('after the end', 'denied', { stage, session, checks });
  checks.push(check(`user ${PERSON} logs on after the end`, 'no', canLogOn(stage, secrets) ? 'yes' : 'no'));
  const key = { ...keysOf(secrets), securityToken: '' };
  const caller = await makeStsPort(embedded.connectionOf(embedded.root)).callerOf(key);
  checks.push(check(`the key of ${PROGRAM} after the end`, 'dead', caller.outcome));
  const isThere = await roleExists(embedded, handOver);
  checks.push(check(`role ${handOver.roleName}`, 'gone', isThere ? 'still there' : 'gone'));
}

async function use(
  what: string,
  expected: 'allowed' | 'denied',
  { stage, session, checks }: { readonly stage: Stage; readonly session: Session; readonly checks: Check[] },
): Promise<void> {
  const ask = askerOf(stage.embedded);
  for (const { call } of grantProbes(GRANT, parseAccountId(OWNER)))
    checks.push(check(`${what}: ${call.product} ${call.action}`, expected, await ask(call, session)));
}

const reportOf = (outcome: string, checks: readonly Check[]): ContractReport => ({
  contractId: CONTRACT,
  outcome,
  checks,
});

const dataFor = ({ clock }: Stage, publicKey: object): object => ({
  contractId: CONTRACT,
  requestedBy: 'leasehold try',
  grantee: {
    name: 'Umbrella',
    accountId: MANAGED_PARTNER,
    publicKey,
    accessors: [
      { type: 'user', name: PERSON, via: 'console' },
      { type: 'user', name: PROGRAM, via: 'api' },
    ],
    setup: {
      mode: 'managed',
      users: [
        { logonName: PERSON, access: 'console' },
        { logonName: PROGRAM, access: 'programmatic' },
      ],
    },
  },
  lease: { startsAt: instantOf(clock.now()), expiresAt: addSeconds(instantOf(clock.now()), 30 * 86_400) },
  grants: [GRANT],
});

const eventFor = ({ clock }: Stage, kind: string, data: object): EventToPost => ({
  id: `try-managed-${kind.replaceAll('.', '-')}`,
  source: 'leasehold.try',
  type: `partner.${kind}`,
  subject: CONTRACT,
  time: new Date(clock.now()).toISOString(),
  data,
});
