/** How things stand with a contract, told so that two contracts that stand alike read alike. */
import { mayUse } from '../../../shared/app/grantee/managed-side.js';
import { parseDueKey } from '../../../shared/app/register/index-entries.js';
import { dutyOf } from '../../../shared/app/sweep/duty.js';
import { type Contract, isLive } from '../../../shared/domain/contract.js';
import { type Beside, observeBeside } from './beside.js';
import { roleOf, type Stage, unlessGone } from './stage.js';

export interface Standing {
  readonly contract: Contract;
  readonly role: ObservedRole | undefined;
  readonly policies: Readonly<Record<string, string>>;
  readonly due: readonly string[];
  readonly beside: Beside;
}
export interface ObservedRole {
  readonly trust: string;
  readonly maxSessionSeconds: number;
  readonly attached: readonly string[];
  /** Documents of what is attached, a line each. */
  readonly documents: readonly string[];
}

export async function standingOf(stage: Stage, id: string): Promise<Standing> {
  const { world } = stage;
  const contract = await world.contract(id);
  const { indexBucket } = world.cloud.config;
  const keys = (prefix: string) =>
    world.objectKeys(indexBucket, prefix).filter((key) => key.split('/').includes(id));
  return {
    contract,
    role: await observeRole(stage, id),
    policies: await policiesOf(stage, id),
    due: [
      ...keys('due/').filter((key) => callsForSomething(contract, key)),
      ...keys('grantees/').filter((key) => countsForSomething(contract, key)),
    ],
    beside: await observeBeside(stage, id, contract),
  };
}

/** What stays behind and calls for nothing when it is due goes then, and costs a look. */
function callsForSomething(contract: Contract, key: string): boolean {
  const entry = parseDueKey(key);
  return dutyOf(contract, entry, entry.at, { warningDays: [30, 7, 1] }).kind !== 'none';
}

/** As for what is due, of a claim that was applied late. */
function countsForSomething(contract: Contract, key: string): boolean {
  const [, , kind, name] = key.split('/');
  if (kind !== 'users' && kind !== 'roles') return true;
  return mayUse(contract, kind === 'users' ? 'user' : 'role', name ?? '');
}

async function observeRole({ asOwner }: Stage, id: string): Promise<ObservedRole | undefined> {
  interface Got {
    readonly Role: { readonly AssumeRolePolicyDocument: string; readonly MaxSessionDuration: number };
  }
  interface Listed {
    readonly Policies: {
      readonly Policy: readonly { readonly PolicyName: string; readonly PolicyType: string }[];
    };
  }
  const RoleName = roleOf(id);
  const got = await unlessGone(asOwner<Got>('GetRole', { RoleName }));
  if (got === undefined) return undefined;
  const { Policies } = await asOwner<Listed>('ListPoliciesForRole', { RoleName });
  const documents = await Promise.all(
    Policies.Policy.map(({ PolicyName, PolicyType }) => documentOf({ asOwner }, PolicyName, PolicyType)),
  );
  return {
    trust: got.Role.AssumeRolePolicyDocument,
    maxSessionSeconds: got.Role.MaxSessionDuration,
    attached: Policies.Policy.map(({ PolicyName }) => PolicyName).sort(),
    documents: documents.map((text) => text ?? ''),
  };
}

async function documentOf(
  { asOwner }: Pick<Stage, 'asOwner'>,
  PolicyName: string,
  PolicyType = 'Custom',
): Promise<string | undefined> {
  interface Got {
    readonly DefaultPolicyVersion: { readonly PolicyDocument: string };
  }
  const got = await unlessGone(asOwner<Got>('GetPolicy', { PolicyType, PolicyName }));
  return got?.DefaultPolicyVersion.PolicyDocument;
}

async function policiesOf(stage: Stage, id: string): Promise<Readonly<Record<string, string>>> {
  interface Listed {
    readonly Policies: { readonly Policy: readonly { readonly PolicyName: string }[] };
  }
  const { Policies } = await stage.asOwner<Listed>('ListPolicies', { PolicyType: 'Custom' });
  const names = Policies.Policy.map(({ PolicyName }) => PolicyName).filter((name) =>
    name.startsWith(roleOf(id)),
  );
  const entries = await Promise.all(
    names.map(async (name) => [name, (await documentOf(stage, name)) ?? ''] as const),
  );
  return Object.fromEntries(entries);
}

/** What matters as long as nothing has ended. */
const lifeOf = ({ terms, suspensions, resuming, amendment, owed, drift, warned }: Contract) => ({
  revision: terms?.revision,
  request: terms?.request,
  suspensions: suspensions.map((one) => [one.id, one.seen !== undefined]),
  resuming: resuming?.suspension,
  amendment: amendment?.revision,
  owed: owed.map(({ what }) => what),
  drift: drift?.findings.map(({ code }) => code),
  warned: warned.length,
});

/** Without what is another in every contract: its names, secrets and instants. */
export function digestOf({ contract, role, policies, due, beside }: Standing, id: string): string {
  const { state, terms, granting, ending } = contract;
  const text = JSON.stringify(
    {
      state,
      ...(isLive(contract) ? lifeOf(contract) : {}),
      ending: state === 'ended' ? ending?.reason : undefined,
      role: role && { ...role, documents: undefined },
      policies,
      due: due.map((key) => key.replace(/^due\/[^/]+/, 'due')).sort(),
      beside: {
        ...beside,
        users: beside.users.map((user) => ({ ...user, keyIds: user.keyIds.length })),
        accounts: beside.accounts.map((account) => ({ ...account, name: undefined })),
      },
    },
    undefined,
    1,
  );
  const { lease } = terms?.request ?? {};
  const names: readonly (readonly [string | undefined, string])[] = [
    [roleOf(id), 'ROLE'],
    [id, 'ID'],
    [granting?.externalId, 'EXTERNAL-ID'],
    [granting?.verifierExternalId, 'VERIFIER-ID'],
    [lease?.startsAt, 'START'],
    [lease?.expiresAt, 'END'],
  ];
  return names.reduce(
    (told, [name, word]) => (name === undefined ? told : told.replaceAll(name, word)),
    text,
  );
}
