/** `GranteeGatePort` and `GranteePort` over the official SDKs: STS to enter, IMS for users, RAM for roles and policies. */
import { BrokenPromiseError } from '../../domain/errors.js';
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import type { GranteeGatePort, GranteePort, Session } from '../ports.js';
import { type Trail, UNNOTED } from '../trail.js';
import type { Connection } from './connection.js';
import { granteePolicies } from './grantee-policies.js';
import { granteeUsers } from './grantee-users.js';
import { makeStsPort } from './sts.js';

/** The longest that a session taken with another session may last. Source: STS AssumeRole, role chaining. */
const SESSION_SECONDS = 3600;
const SESSION_NAME = 'leasehold';

/**
 * In two doors: `connection` is a function of ours, which may take on `provisionerRoleArn`, and that role alone is trusted by
 * grantees and allowed to enter them, by one role name in whatever account.
 */
export function makeGranteeGate(
  connection: Connection,
  provisionerRoleArn: string,
  trail: Pick<Trail, 'note'> = UNNOTED,
): GranteeGatePort {
  let ours: Promise<Session> | undefined;
  const asProvisioner = (): Promise<Session> => {
    ours ??= takeOn(connection, provisionerRoleArn).catch((error: unknown) => {
      ours = undefined;
      throw error;
    });
    return ours;
  };
  return {
    async enter(accountId, externalId) {
      const sts = makeStsPort({ ...connection, credentials: await asProvisioner() });
      const opened = await sts.assume({
        roleArn: `acs:ram::${accountId}:role/${PROVISIONING_ROLE}`,
        sessionName: SESSION_NAME,
        seconds: SESSION_SECONDS,
        ...(externalId === undefined ? {} : { externalId }),
      });
      if (opened.outcome === 'refused') return opened;
      const caller = await sts.callerOf(opened.session);
      if (caller.outcome === 'dead') return { outcome: 'refused', code: caller.code };
      const isTheirs = caller.arn.startsWith(`acs:ram::${accountId}:assumed-role/${PROVISIONING_ROLE}/`);
      if (!isTheirs) return { outcome: 'elsewhere', arn: caller.arn };
      return {
        outcome: 'entered',
        account: makeGranteePort({ ...connection, owner: accountId, credentials: opened.session }, trail),
      };
    },
  };
}

async function takeOn(connection: Connection, roleArn: string): Promise<Session> {
  const opened = await makeStsPort(connection).assume({
    roleArn,
    sessionName: SESSION_NAME,
    seconds: SESSION_SECONDS,
  });
  if (opened.outcome === 'opened') return opened.session;
  throw new BrokenPromiseError('NOT_DEPLOYED', `this step may not take on ${roleArn} (${opened.code})`);
}

/** `connection.owner` is the grantee here, and the credentials are of a session in its account. */
const makeGranteePort = (connection: Connection, trail: Pick<Trail, 'note'>): GranteePort => ({
  ...granteeUsers(connection, trail),
  ...granteePolicies(connection, trail),
});
