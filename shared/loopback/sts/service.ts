/** STS 2015-04-01: AssumeRole and GetCallerIdentity. */
import { MalformedPolicyError, parsePolicy } from '../../policy/index.js';
import { denial } from '../identity/denial.js';
import type { IdentityCore } from '../identity/identity.js';
import { checkSessionLives, openSession } from '../identity/sessions.js';
import { keyOf, type RoleState, roleArn } from '../identity/state.js';
import { ApiError, type RpcAction, type RpcService } from '../kernel.js';
import { missing } from '../signatures/compare.js';

/** API reference, AssumeRole. */
const MIN_SECONDS = 900;
const DEFAULT_SECONDS = 3_600;
/** The page counts characters, its error bytes. */
const MAX_POLICY_BYTES = 2_048;
/** No region: with `*` it is what policies say, and names no role. */
const ROLE_ARN = /^acs:ram::(\d+):role\/([A-Za-z0-9.@_-]+)$/;

export function stsService(core: IdentityCore): RpcService {
  return {
    product: 'Sts',
    version: '2015-04-01',
    actions: { AssumeRole: assumeRole(core), GetCallerIdentity: getCallerIdentity(core) },
  };
}

/** Succeeds for any live credential, even under a Deny of everything. */
const getCallerIdentity =
  ({ sessions }: IdentityCore): RpcAction =>
  ({ caller }) => {
    checkSessionLives(sessions, caller);
    const common = { AccountId: caller.accountId, Arn: caller.arn };
    switch (caller.kind) {
      case 'root':
        return {
          ...common,
          IdentityType: 'Account',
          PrincipalId: caller.accountId,
          UserId: caller.accountId,
        };
      case 'user':
        return { ...common, IdentityType: 'RAMUser', PrincipalId: caller.userId, UserId: caller.userId };
      case 'role-session':
        return {
          ...common,
          IdentityType: 'AssumedRoleUser',
          PrincipalId: `${caller.roleId}:${caller.sessionName}`,
          RoleId: caller.roleId,
        };
    }
  };

/**
 * Opens a role session if both sides allow it: the caller's policies, judged first and without regard to whether the role
 * exists, and the role's trust policy. Refusals of either side, of an account owner and of a wrong ExternalId share one code.
 */
const assumeRole =
  (core: IdentityCore): RpcAction =>
  ({ caller, params }) => {
    checkSessionLives(core.sessions, caller);
    const { RoleArn = '', RoleSessionName = '' } = params;
    if (RoleArn === '') throw missing('RoleArn');
    if (RoleSessionName === '') throw missing('RoleSessionName');
    const [, accountId = '', roleName] = ROLE_ARN.exec(RoleArn) ?? [];
    if (roleName === undefined) throw malformed('RoleArn');
    const arn = roleArn(accountId, roleName);
    const { Policy: sessionPolicy, ExternalId: externalId, SourceIdentity: asked } = params;
    // Fixed for the session and handed on through a chain of roles, whatever is asked for on the way.
    const sourceIdentity = core.store.sessions.get(caller.accessKeyId)?.sourceIdentity ?? asked;
    const context = {
      ...(externalId ? { 'sts:ExternalId': externalId } : {}),
      ...(sourceIdentity ? { 'sts:SourceIdentity': sourceIdentity } : {}),
    };
    core.identity.demand(caller, { action: 'sts:AssumeRole', resource: arn, context });
    checkFormats(params);
    const role = core.store.seen(accountId)?.roles.get(keyOf(roleName));
    if (role === undefined) throw new ApiError(404, 'EntityNotExist.Role', `The role not exists: ${arn}.`);
    const decision = core.verdicts.judgeEntry(caller, { roleArn: arn, role, context });
    if (decision.effect === 'deny') throw denial(caller, 'sts:AssumeRole', decision, 'NoPermission');
    const { credentials } = openSession(core.sessions, {
      accountId,
      role,
      sessionName: RoleSessionName,
      seconds: secondsOf(params, role),
      sourceIp: caller.sourceIp,
      // What a function opens it uses itself, in the same process and by the same clock.
      isFunction: core.store.sessions.get(caller.accessKeyId)?.isFunction ?? false,
      ...(sessionPolicy ? { sessionPolicy } : {}),
      ...(sourceIdentity ? { sourceIdentity } : {}),
    });
    return {
      AssumedRoleUser: {
        Arn: `${arn}/${RoleSessionName}`,
        AssumedRoleId: `${role.id}:${RoleSessionName}`,
      },
      Credentials: {
        AccessKeyId: credentials.accessKeyId,
        AccessKeySecret: credentials.accessKeySecret,
        SecurityToken: credentials.securityToken,
        Expiration: credentials.expiration,
      },
      ...(sourceIdentity ? { SourceIdentity: sourceIdentity } : {}),
    };
  };

function checkFormats(params: Readonly<Record<string, string>>): void {
  const { RoleSessionName = '', ExternalId, SourceIdentity, Policy } = params;
  if (!/^[A-Za-z0-9.@_-]{2,64}$/.test(RoleSessionName)) throw malformed('RoleSessionName');
  if (ExternalId && !/^[\w+=,.@:/-]{2,1224}$/.test(ExternalId)) throw malformed('ExternalId');
  if (SourceIdentity && !/^(?!acs:|aliyun:|alibabacloud:)[\w+=,.@-]{2,64}$/.test(SourceIdentity)) {
    throw malformed('SourceIdentity');
  }
  if (!Policy) return;
  if (Buffer.byteLength(Policy) > MAX_POLICY_BYTES) {
    throw new ApiError(
      400,
      'InvalidParameter.PolicySize',
      'The size of Policy must be smaller than 2048 bytes.',
    );
  }
  try {
    parsePolicy(Policy);
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error;
    throw new ApiError(
      400,
      'InvalidParameter.PolicyGrammar',
      'The parameter Policy has not passed grammar check.',
    );
  }
}

function secondsOf({ DurationSeconds: text }: Readonly<Record<string, string>>, role: RoleState): number {
  if (!text) return DEFAULT_SECONDS;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= MIN_SECONDS && seconds <= role.maxSessionSeconds)) {
    throw new ApiError(
      400,
      'InvalidParameter.DurationSeconds',
      'The Min/Max value of DurationSeconds is 15min/1hr.', // the published text, whatever the role allows
    );
  }
  return seconds;
}

const malformed = (name: string): ApiError =>
  new ApiError(400, `InvalidParameter.${name}`, `The parameter ${name} is wrongly formed.`);
