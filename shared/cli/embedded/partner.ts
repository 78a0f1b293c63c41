/** Acts as the partner, with the partner's own keys and the official SDKs, from nothing but the hand-over. */
import type { HandOver } from '../../app/hand-over/hand-over.js';
import type { Credentials } from '../../cloud/alibaba/connection.js';
import { codeOf } from '../../cloud/alibaba/failures.js';
import { makeRamPort } from '../../cloud/alibaba/ram.js';
import { makeStsPort } from '../../cloud/alibaba/sts.js';
import type { Session } from '../../cloud/ports.js';
import { PROVISIONING_ROLE } from '../../domain/provisioning.js';
import { type Accessor, isExisting, type OnboardingRequest } from '../../domain/request.js';
import type { RoleName } from '../../domain/values.js';
import { type Check, check } from './checks.js';
import { REGION } from './owner.js';
import type { Embedded } from './start.js';

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
    for (const { type, name } of ownOf(request)) {
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
   * Attaches the policy of the hand-over to whom it is for, as the partner's administrator would, unless Leasehold did. `sourceIps`:
   * whence they may call, which is where they then are. May run again, for a renewal.
   */
  async accept(handOver: HandOver, sourceIps: readonly string[] = []): Promise<readonly Person[]> {
    const [sourceIp = ELSEWHERE] = (sourceIps[0] ?? ELSEWHERE).split('/');
    const entrants = entrantsOf(handOver);
    this.#learnKeys(entrants);
    for (const { accessKeyId } of this.#keys.values())
      this.embedded.accounts.setSourceIp(accessKeyId, sourceIp);
    if (handOver.setup !== 'managed') await this.#givePolicy(handOver, entrants);
    const people: Person[] = [];
    for (const { type, name, via } of entrants)
      people.push({
        name: `${type} ${name} by ${via}`,
        enter: via === 'console' ? this.#byConsole(name, sourceIp) : await this.#byApi(type, name),
      });
    return people;
  }

  /** What Leasehold sealed for its users, the embedded cloud tells. */
  #learnKeys(entrants: readonly Entrant[]): void {
    for (const { type, name } of entrants) {
      const key = type === 'user' ? this.embedded.accounts.keyOf(this.accountId, name) : undefined;
      if (key !== undefined && !this.#keys.has(`user ${name}`)) this.#keys.set(`user ${name}`, key);
    }
  }

  async #givePolicy(handOver: HandOver, entrants: readonly Entrant[]): Promise<void> {
    const PolicyName = `${POLICY}-${handOver.roleName.slice(-16)}`;
    await this.#setPolicy(PolicyName, JSON.stringify(handOver.assumePolicy));
    for (const { type, name } of entrants) {
      const [action, key] =
        type === 'user' ? ['AttachPolicyToUser', 'UserName'] : ['AttachPolicyToRole', 'RoleName'];
      await this.#unlessThere(action, { PolicyType: 'Custom', PolicyName, [key]: name });
    }
  }

  /**
   * Makes the role by which Leasehold sets up users here, as its administrator does with the documents that Leasehold prints.
   * May run twice.
   */
  async letUsIn({ trust, policy }: { readonly trust: string; readonly policy: string }): Promise<void> {
    const names = { PolicyName: PROVISIONING_ROLE, RoleName: PROVISIONING_ROLE };
    await this.#unlessThere('CreateRole', { RoleName: names.RoleName, AssumeRolePolicyDocument: trust });
    await this.#unlessThere('CreatePolicy', { PolicyName: names.PolicyName, PolicyDocument: policy });
    await this.#unlessThere('AttachPolicyToRole', { PolicyType: 'Custom', ...names });
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
        : await this.#sessionOf(name);
    const sts = makeStsPort(this.embedded.connectionOf(keys, this.accountId));
    return async (handOver, externalId = handOver.externalId) => {
      try {
        const opened = await sts.assume({
          roleArn: handOver.roleArn,
          // The name of a user may be shorter than that of a session.
          sessionName: 'partner',
          seconds: 3600,
          ...(externalId === undefined ? {} : { externalId }),
        });
        return opened.outcome === 'opened' ? opened.session : { refused: opened.code };
      } catch (error) {
        const code = codeOf(error);
        // What Leasehold made to sign with, or the role that it made, is gone at the end.
        if (!/^Invalid(?:AccessKeyId|SecurityToken)\b/.test(code)) throw error;
        return { refused: code };
      }
    };
  }

  /** One that Leasehold made is taken on by an ECS instance. */
  async #sessionOf(role: string): Promise<Session> {
    if (this.#keys.has(`role ${role}`)) return this.#chain(role);
    const { identity } = this.embedded.cloud;
    return identity.assumeForService(this.accountId, role, 'ecs.aliyuncs.com', 'i-partner').credentials;
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

type Entrant = Pick<Accessor, 'type' | 'name' | 'via'>;

/** Whom the request takes to be there: not whom Leasehold makes. */
function ownOf({ grantee: { accessors, setup } }: OnboardingRequest): readonly Omit<Entrant, 'via'>[] {
  if (setup.mode !== 'managed') return accessors;
  const all = [
    ...setup.users.map((user) => ({ type: 'user' as const, name: user.logonName, isOwn: isExisting(user) })),
    ...setup.roles.map((role) => ({ type: 'role' as const, name: role.name, isOwn: isExisting(role) })),
  ];
  const isMade = ({ type, name }: Omit<Entrant, 'via'>) =>
    all.some((one) => !one.isOwn && one.type === type && one.name === name);
  return [...accessors, ...all.filter(({ isOwn }) => isOwn)].filter((one) => !isMade(one));
}

/** Where nobody is named, whoever was given the policy. */
function entrantsOf({ accessors, setup, users, roles }: HandOver): readonly Entrant[] {
  if (accessors.length > 0) return accessors;
  if (setup !== 'managed') return [{ type: 'user', name: 'operator', via: 'api' }];
  return [
    ...users.map(({ logonName }): Entrant => ({ type: 'user', name: logonName, via: 'api' })),
    ...roles.map(({ name }): Entrant => ({ type: 'role', name, via: 'api' })),
  ];
}

/** That the role is not in the owner's account any more. */
export async function checkRoleGone(embedded: Embedded, { roleName }: HandOver): Promise<Check> {
  const ram = makeRamPort(embedded.connectionOf(embedded.root));
  const role = await ram.observeRole(roleName as RoleName);
  return check(`role ${roleName}`, 'gone', role === undefined ? 'gone' : 'still there');
}
