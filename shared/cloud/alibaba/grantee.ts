/** `GranteeGatePort` and `GranteePort` over the official SDKs: STS to enter, IMS for users, RAM for roles and policies. */
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import type { GranteeGatePort, GranteePort } from '../ports.js';
import type { Connection } from './connection.js';
import { granteePolicies } from './grantee-policies.js';
import { granteeUsers } from './grantee-users.js';
import { makeStsPort } from './sts.js';

/** Long enough for a hundred users, one call after the other. */
const SESSION_SECONDS = 3600;
const SESSION_NAME = 'leasehold';

/** `connection` is ours; its function role must be allowed `sts:AssumeRole` on that one role name, in whatever account. */
export function makeGranteeGate(connection: Connection): GranteeGatePort {
  const sts = makeStsPort(connection);
  return {
    async enter(accountId, externalId) {
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
        account: makeGranteePort({ ...connection, owner: accountId, credentials: opened.session }),
      };
    },
  };
}

/** `connection.owner` is the grantee here, and the credentials are of a session in its account. */
export const makeGranteePort = (connection: Connection): GranteePort => ({
  ...granteeUsers(connection),
  ...granteePolicies(connection),
});
