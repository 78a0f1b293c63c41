/** `StsPort` over the official STS SDK. */
import StsPackage, * as Sts from '@alicloud/sts20150401';
import { TryLaterError } from '../../domain/errors.js';
import type { StsPort } from '../ports.js';
import { type Connection, clientClass, sdkConfig } from './connection.js';
import { codeOf, doing } from './failures.js';

const StsClient = clientClass(StsPackage);

/** One text for three causes is all STS gives (caller, trust, conditions); a role that is not there has a code of its own. */
const REFUSED = /^NoPermission\b|^EntityNotExists?\b|^AccessDenied\b|^Forbidden\b/;
/** The token or its key is no longer known. A Deny cannot cause these. */
const DEAD =
  /^InvalidSecurityToken\b|^SecurityTokenExpired$|^InvalidAccessKeyId\b|^MissingSecurityToken$|^EntityNotExists?\b/;

export function makeStsPort(connection: Connection): StsPort {
  const host = `sts.${connection.region}.aliyuncs.com`;
  const own = new StsClient(sdkConfig(connection, host));
  return {
    async assume({ roleArn, sessionName, seconds, externalId, policy }) {
      return doing(`opening a session of ${roleArn}`, async () => {
        try {
          const { body } = await own.assumeRole(
            new Sts.AssumeRoleRequest({
              roleArn,
              roleSessionName: sessionName,
              durationSeconds: seconds,
              ...(externalId === undefined ? {} : { externalId }),
              ...(policy === undefined ? {} : { policy }),
            }),
          );
          const { accessKeyId, accessKeySecret, securityToken } = body?.credentials ?? {};
          if (accessKeyId === undefined || accessKeySecret === undefined || securityToken === undefined) {
            throw new TryLaterError('UNAVAILABLE', `STS answered without credentials for ${roleArn}`);
          }
          return { outcome: 'opened' as const, session: { accessKeyId, accessKeySecret, securityToken } };
        } catch (failure) {
          const code = codeOf(failure);
          if (REFUSED.test(code)) return { outcome: 'refused' as const, code };
          throw failure;
        }
      });
    },

    async callerOf(session) {
      return doing('asking whose session this is', async () => {
        try {
          const { body } = await new StsClient(sdkConfig(connection, host, session)).getCallerIdentity();
          return { outcome: 'alive' as const, arn: body?.arn ?? '' };
        } catch (failure) {
          const code = codeOf(failure);
          if (DEAD.test(code)) return { outcome: 'dead' as const, code };
          throw failure;
        }
      });
    },
  };
}
