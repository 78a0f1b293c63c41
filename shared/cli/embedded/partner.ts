/** Acts as the partner, with the partner's own keys and the official SDKs, from nothing but the hand-over. */
import type { HandOver } from '../../app/hand-over/hand-over.js';
import type { Credentials } from '../../cloud/alibaba/connection.js';
import { makeRamPort } from '../../cloud/alibaba/ram.js';
import { makeStsPort } from '../../cloud/alibaba/sts.js';
import type { Session } from '../../cloud/ports.js';
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import type { OnboardingRequest } from '../../domain/request.js';
import type { Embedded } from './start.js';
import { REGION } from './start.js';

/** Someone of the partner's who may enter, and how. */
export type Person = {
  readonly name: string;
  readonly enter: (
    handOver: HandOver,
    externalId?: string,
  ) => Promise<Session | { readonly refused: string }>;
};

/** Where partners call from when they may call from anywhere (RFC 5737). */
const ELSEWHERE = '192.0.2.1';
const POLICY = 'may-assume-the-lease-role';

/**
 * What the partner's administrator does beforehand: an account with the users and roles that the request names, since RAM
 * wants them to exist before a trust policy names them.
 */
export class Partner {
  readonly #keys = new Map<string, Credentials>();
  #chains = 0;

  constructor(
    private readonly embedded: Embedded,
    readonly accountId: string,
  ) {
    const { accounts } = embedded;
    if (accounts.keyOf(accountId) === undefined) accounts.createAccount(accountId);
    this.#keys.set(
      'operator',
      accounts.keyOf(accountId, 'operator') ?? accounts.createUser(accountId, 'operator'),
    );
  }

  /** Users get keys, roles trust the partner's own account. May run twice. */
  async prepare(request: OnboardingRequest): Promise<void> {
    for (const { type, name } of request.grantee.accessors) {
      if (this.#keys.has(`${type} ${name}`)) continue;
      if (type === 'user')
        this.#keys.set(`user ${name}`, this.embedded.accounts.createUser(this.accountId, name));
      else {
        await this.#call('CreateRole', {
          RoleName: name,
          AssumeRolePolicyDocument: JSON.stringify({
            Version: '1',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'sts:AssumeRole',
                Principal: { RAM: [`acs:ram::${this.accountId}:root`] },
              },
            ],
          }),
        });
        this.#keys.set(`role ${name}`, this.#keys.get('operator') as Credentials);
      }
    }
  }

  /**
   * Attaches the policy of the hand-over to whom it is for, as the partner's administrator would. `sourceIps`: whence they may
   * call, which is where they then are. May run again, for a renewal.
   */
  async accept(handOver: HandOver, sourceIps: readonly string[] = []): Promise<readonly Person[]> {
    const [sourceIp] = (sourceIps[0] ?? ELSEWHERE).split('/');
    for (const { accessKeyId } of this.#keys.values())
      this.embedded.accounts.setSourceIp(accessKeyId, sourceIp ?? ELSEWHERE);
    const policyName = `${POLICY}-${handOver.roleName.slice(-16)}`;
    await this.#setPolicy(policyName, JSON.stringify(handOver.assumePolicy));
    const entrants =
      handOver.accessors.length > 0
        ? handOver.accessors
        : [{ type: 'user', name: 'operator', via: 'api' } as const];
    const people: Person[] = [];
    for (const { type, name, via } of entrants) {
      const target =
        type === 'user'
          ? { action: 'AttachPolicyToUser', key: 'UserName' }
          : { action: 'AttachPolicyToRole', key: 'RoleName' };
      await this.#unlessThere(target.action, {
        PolicyType: 'Custom',
        PolicyName: policyName,
        [target.key]: name,
      });
      people.push({
        name: `${type} ${name} by ${via}`,
        enter:
          via === 'console' ? this.#byConsole(name, sourceIp ?? ELSEWHERE) : await this.#byApi(type, name),
      });
    }
    return people;
  }

  /** Makes the role by which Leasehold sets up users here, as its administrator does with the documents that Leasehold prints. */
  async letUsIn({ trust, policy }: { readonly trust: string; readonly policy: string }): Promise<void> {
    const names = { PolicyName: PROVISIONING_ROLE, RoleName: PROVISIONING_ROLE };
    await this.#call('CreateRole', { RoleName: names.RoleName, AssumeRolePolicyDocument: trust });
    await this.#call('CreatePolicy', { PolicyName: names.PolicyName, PolicyDocument: policy });
    await this.#call('AttachPolicyToRole', { PolicyType: 'Custom', ...names });
  }

  /** A renewal is handed over with a policy for the new lease: it takes the old one's place. */
  async #setPolicy(PolicyName: string, PolicyDocument: string): Promise<void> {
    const isNew = await this.#unlessThere('CreatePolicy', { PolicyName, PolicyDocument });
    if (!isNew) await this.#call('CreatePolicyVersion', { PolicyName, PolicyDocument, SetAsDefault: 'true' });
  }

  /** False when what is to be made was there already. */
  async #unlessThere(action: string, params: Readonly<Record<string, string>>): Promise<boolean> {
    try {
      await this.#call(action, params);
      return true;
    } catch (error) {
      const isThere =
        error instanceof Error && 'code' in error && /^EntityAlreadyExists?\b/.test(String(error.code));
      if (!isThere) throw error;
      return false;
    }
  }

  #byConsole(name: string, sourceIp: string): Person['enter'] {
    return async (handOver) => {
      try {
        const { credentials } = this.embedded.accounts.switchRole(
          { accountId: this.accountId, name, mfa: true, sourceIp },
          { accountId: handOver.ownerAccountId, name: handOver.roleName },
        );
        return credentials;
      } catch (error) {
        return { refused: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' };
      }
    };
  }

  async #byApi(type: 'user' | 'role', name: string): Promise<Person['enter']> {
    const keys =
      type === 'user'
        ? (this.#keys.get(`user ${name}`) ?? (this.#keys.get('operator') as Credentials))
        : await this.#chain(name);
    const sts = makeStsPort(this.embedded.connectionOf(keys, this.accountId));
    return async (handOver, externalId = handOver.externalId) => {
      const opened = await sts.assume({
        roleArn: handOver.roleArn,
        sessionName: name,
        seconds: 3600,
        ...(externalId === undefined ? {} : { externalId }),
      });
      return opened.outcome === 'opened' ? opened.session : { refused: opened.code };
    };
  }

  /** A role of the partner's enters by role chaining: operator, then that role, then ours. */
  async #chain(role: string): Promise<Session> {
    this.#chains += 1;
    const policyName = `enter-own-role-${this.#chains}`;
    const resource = `acs:ram::${this.accountId}:role/${role}`;
    const PolicyDocument = JSON.stringify({
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: resource }],
    });
    await this.#call('CreatePolicy', { PolicyName: policyName, PolicyDocument });
    await this.#call('AttachPolicyToUser', {
      PolicyType: 'Custom',
      PolicyName: policyName,
      UserName: 'operator',
    });
    const sts = makeStsPort(
      this.embedded.connectionOf(this.#keys.get('operator') as Credentials, this.accountId),
    );
    const opened = await sts.assume({ roleArn: resource, sessionName: 'operator', seconds: 3600 });
    if (opened.outcome === 'refused')
      throw new Error(`the partner cannot enter its own role ${role}: ${opened.code}`);
    return opened.session;
  }

  #call(action: string, params: Readonly<Record<string, string>>): Promise<unknown> {
    return this.embedded.cloud.call(
      this.embedded.accounts.rootOf(this.accountId),
      '2015-05-01',
      action,
      params,
      REGION,
    );
  }
}

/** Whether the role is still in the owner's account. */
export const roleExists = async (embedded: Embedded, handOver: HandOver): Promise<boolean> =>
  (await makeRamPort(embedded.connectionOf(embedded.root)).observeRole(
    handOver.roleName as Parameters<ReturnType<typeof makeRamPort>['observeRole']>[0],
  )) !== undefined;
