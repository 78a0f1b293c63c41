/** Two accounts in an embedded cloud: the owner's, with our provisioner role, and a grantee's, with its provisioning role. */
import { provisioningDocuments } from '../../shared/app/grantee/provisioning-rights.js';
import type { Connection, Credentials } from '../../shared/cloud/alibaba/connection.js';
import { makeGranteeGate } from '../../shared/cloud/alibaba/grantee.js';
import type { GranteeGatePort, GranteePort } from '../../shared/cloud/ports.js';
import { PROVISIONING_ROLE } from '../../shared/domain/provisioning.js';
import type { AccountId } from '../../shared/domain/values.js';
import { makeVirtualClock } from '../../shared/loopback/clock.js';
import { type RunningCloud, startCloud } from '../../shared/loopback/cloud.js';
import { NOW, OWNER, PARTNER, REGION } from './requests.js';

export const EXTERNAL_ID = 'made-by-us-for-this-account';
const PROVISIONER = 'leasehold-fn-provisioner';

export interface GranteeWorld {
  readonly running: RunningCloud;
  readonly gate: GranteeGatePort;
  /** A call of RAM or IMS as an account's owner, in process. */
  call(accountId: AccountId, version: 'ram' | 'ims', action: string, params: Params): Promise<unknown>;
  /** The grantee's account, entered. */
  enter(): Promise<GranteePort>;
  connectionOf(credentials: Credentials, accountId?: AccountId): Connection;
  close(): Promise<void>;
}
type Params = Readonly<Record<string, string>>;

const VERSIONS = { ram: '2015-05-01', ims: '2019-08-15' } as const;

/** With the role that the documents we give out describe; `provisioning` changes them. */
export async function startGranteeWorld(
  provisioning: { readonly trust?: string; readonly policy?: string } = {},
  options: { readonly usersQuota?: number } = {},
): Promise<GranteeWorld> {
  const running = await startCloud({ clock: makeVirtualClock({ startAt: Date.parse(NOW) }) });
  const { accounts, cloud } = running;
  accounts.createAccount(OWNER);
  accounts.createAccount(PARTNER, options);
  const operator = accounts.createUser(OWNER, 'operator');
  const call: GranteeWorld['call'] = (accountId, version, action, params) =>
    cloud.call(accounts.rootOf(accountId), VERSIONS[version], action, params, REGION);
  const connectionOf: GranteeWorld['connectionOf'] = (credentials, accountId = OWNER) => ({
    region: REGION,
    owner: accountId,
    credentials,
    endpoint: running.endpoint,
    timeoutMilliseconds: 10_000,
  });

  const functionRoleArn = `acs:ram::${OWNER}:role/${PROVISIONER}`;
  const mayEnter = `acs:ram:*:*:role/${PROVISIONING_ROLE}`;
  await makeRole(call, OWNER, {
    name: PROVISIONER,
    trust: JSON.stringify({
      Version: '1',
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: `acs:ram::${OWNER}:root` } },
      ],
    }),
    policy: JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: mayEnter }],
    }),
  });
  const attach = { PolicyType: 'System', PolicyName: 'AliyunSTSAssumeRoleAccess', UserName: 'operator' };
  await call(OWNER, 'ram', 'AttachPolicyToUser', attach);
  const documents = provisioningDocuments({ accountId: PARTNER, functionRoleArn, externalId: EXTERNAL_ID });
  await makeRole(call, PARTNER, { name: PROVISIONING_ROLE, ...documents, ...provisioning });

  const gate = makeGranteeGate(connectionOf(operator), functionRoleArn);
  return {
    running,
    gate,
    call,
    connectionOf,
    enter: async () => {
      const entered = await gate.enter(PARTNER, EXTERNAL_ID);
      if (entered.outcome !== 'entered') throw new Error(JSON.stringify(entered));
      return entered.account;
    },
    close: () => running.close(),
  };
}

async function makeRole(
  call: GranteeWorld['call'],
  accountId: AccountId,
  role: { readonly name: string; readonly trust: string; readonly policy: string },
): Promise<void> {
  const PolicyName = `${role.name}-policy`;
  await call(accountId, 'ram', 'CreateRole', { RoleName: role.name, AssumeRolePolicyDocument: role.trust });
  await call(accountId, 'ram', 'CreatePolicy', { PolicyName, PolicyDocument: role.policy });
  await call(accountId, 'ram', 'AttachPolicyToRole', {
    PolicyType: 'Custom',
    PolicyName,
    RoleName: role.name,
  });
}
