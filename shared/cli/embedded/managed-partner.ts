/** A partner that lets Leasehold set up its users: a person with a password, a program with a key, and all of it gone at the end. */
import { provisioningExternalId } from '../../app/grantee/provisioning.js';
import { provisioningDocuments } from '../../app/grantee/provisioning-rights.js';
import type { HandOver } from '../../app/hand-over/hand-over.js';
import type { Secret } from '../../app/hand-over/seal.js';
import type { Credentials } from '../../cloud/alibaba/connection.js';
import { makeStsPort } from '../../cloud/alibaba/sts.js';
import { systemChance } from '../../cloud/alibaba/system.js';
import type { Session } from '../../cloud/ports.js';
import { addSeconds, instantOf, parseAccountId } from '../../domain/values.js';
import { type Check, type ContractReport, check } from './checks.js';
import { checkRoleGone } from './partner.js';
import {
  evidenceOf,
  newPartnerKey,
  PLAIN_GRANT,
  postAbout,
  reportOn,
  type Stage,
  terminate,
  usePlainGrant,
} from './stage.js';
import type { Embedded } from './start.js';

export const MANAGED_PARTNER = '2000000000000098';
const CONTRACT = 'MANAGED-1';
const PERSON = 'alice';
const PROGRAM = 'etl';

/** As the partner's administrator: makes the role that Leasehold asks for, opens what was sealed, and looks again after the end. */
export async function setUpAndClear(stage: Stage): Promise<ContractReport> {
  const { outbox, partner, embedded } = stage;
  const checks: Check[] = [];
  await partner.letUsIn(await provisioning(embedded, MANAGED_PARTNER));
  const { publicKey, openAll } = await newPartnerKey();
  await postAbout(stage, CONTRACT, 'onboarding.requested', dataFor(stage, publicKey));
  const granted = await outbox.answerTo(CONTRACT, ['granted', 'rejected', 'failed']);
  checks.push(check('the request', 'partner.access.granted', granted.type));
  if (granted.type !== 'partner.access.granted') return reportOn(CONTRACT, granted.type, checks);
  const handOver = granted.data as unknown as HandOver;
  const secrets = await openAll(handOver);
  const session = await useThem(stage, handOver, secrets, checks);

  const revoked = await terminate(stage, CONTRACT, checks);
  checks.push(check('left behind at the partner', '[]', JSON.stringify(revoked.data['leftBehind'])));
  await seeGone(stage, handOver, { secrets, session }, checks);
  return reportOn(CONTRACT, 'granted, set up, used, terminated, gone on both sides', checks);
}

/** What `leasehold provisioning` prints. */
export const provisioning = async (embedded: Embedded, account: string) =>
  provisioningDocuments({
    accountId: parseAccountId(account),
    functionRoleArn: embedded.config.settings.provisionerRoleArn,
    externalId: await provisioningExternalId(parseAccountId(account), {
      evidence: evidenceOf(embedded),
      chance: systemChance,
    }),
  });

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
  await usePlainGrant('it may', 'allowed', { stage, session: opened.session, checks });
  return opened.session;
}

async function seeGone(
  stage: Stage,
  handOver: HandOver,
  { secrets, session }: { readonly secrets: readonly Secret[]; readonly session: Session | undefined },
  checks: Check[],
): Promise<void> {
  const { embedded } = stage;
  if (session !== undefined) await usePlainGrant('after the end', 'denied', { stage, session, checks });
  checks.push(check(`user ${PERSON} logs on after the end`, 'no', canLogOn(stage, secrets) ? 'yes' : 'no'));
  const key = { ...keysOf(secrets), securityToken: '' };
  const caller = await makeStsPort(embedded.connectionOf(embedded.root)).callerOf(key);
  checks.push(check(`the key of ${PROGRAM} after the end`, 'dead', caller.outcome));
  checks.push(await checkRoleGone(embedded, handOver));
}

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
  grants: [PLAIN_GRANT],
});
