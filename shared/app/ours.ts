/**
 * Ours = the register says we made it *and* the name has our prefix *and* it carries our tag. All else is left alone. Several
 * Leaseholds may work in one account, such as the stages of one, each with a register of its own; what each made says so by a tag.
 */
import type { Attachment, DeploymentName, ObservedRole, Ports, Settings, Tags } from '../cloud/ports.js';
import type { Contract } from '../domain/contract.js';
import { BrokenPromiseError } from '../domain/errors.js';
import { isSystemPolicyGrant } from '../domain/grant.js';
import { roleNameOf } from '../domain/role-name.js';
import type { RoleName } from '../domain/values.js';
import { closedTrust, type Verifier } from './plan/trust.js';
import { isSameJson } from './role/plan-convergence.js';

export const CONTRACT_TAG = 'leasehold-contract';
/** Written with the role, so that a creation whose reply was lost is recognised as this request's own. */
const NONCE_TAG = 'leasehold-nonce';

/** Whose they are, written with role and policies in the owner's account. */
export const DEPLOYMENT_TAG = 'leasehold-deployment';

/** Neither name holds a dot. */
export const deploymentText = ({ prefix, register }: DeploymentName): string => `${prefix}.${register}`;

export const tagsFor = (contract: Contract): Tags => ({
  [CONTRACT_TAG]: contract.contractId,
  [NONCE_TAG]: contract.granting?.nonce ?? '',
});

/** Of role and policies. What was granted by a version that did not say whose they are does not carry it. */
export function roleTagsFor(contract: Contract): Tags {
  const deployment = contract.granting?.deployment;
  return { ...tagsFor(contract), ...(deployment === undefined ? {} : { [DEPLOYMENT_TAG]: deployment }) };
}

/** Whose it is that carries `tags`, where another Leasehold made it. One that shares a name with ours is ours, renamed. */
export function otherDeploymentIn(
  tags: Tags,
  { deployment: own }: Pick<Settings, 'deployment'>,
): DeploymentName | undefined {
  const [prefix, register] = tags[DEPLOYMENT_TAG]?.split('.') ?? [];
  if (prefix === undefined || register === undefined) return undefined;
  return prefix === own.prefix || register === own.register ? undefined : { prefix, register };
}

const carriesOurTags = (tags: Tags, contract: Contract): boolean =>
  tags[CONTRACT_TAG] === contract.contractId &&
  contract.granting !== undefined &&
  tags[NONCE_TAG] === contract.granting.nonce;

/**
 * Whether `role` is the one this contract's register speaks of: the cloud gives no id twice, and tags may be lost. Until the register
 * has the id, the tags say it.
 */
export async function isOurRole(
  role: ObservedRole,
  contract: Contract,
  { ram }: Pick<Ports, 'ram'>,
): Promise<boolean> {
  if (contract.created !== undefined) return !isReplaced(role, contract);
  return carriesOurTags(await ram.tagsOfRole(role.name), contract);
}

/** Whether ours was deleted and somebody made `role` in its place: it has its name, and nothing of it is ours to change. */
export const isReplaced = (role: Pick<ObservedRole, 'id'>, { created }: Pick<Contract, 'created'>): boolean =>
  created !== undefined && created.roleId !== role.id;

/**
 * Whether `role` was made by a call of ours that was given up and applied after the recorded one was deleted: it carries what this
 * request alone knows, and nobody but ourselves may enter it, as when it was made.
 */
export async function isMadeLate(
  role: ObservedRole,
  contract: Contract,
  { ram, settings }: Pick<Ports, 'ram' | 'settings'>,
): Promise<boolean> {
  if (!isSameJson(role.trust, closedTrust(verifierOf(contract, { settings })))) return false;
  return carriesOurTags(await ram.tagsOfRole(role.name), contract);
}

/**
 * Whether `role` says that Leasehold made it for this contract, though the register knows of no such thing: facts were deleted. It is
 * stopped where the contract ends, which takes nothing away that is not to end, and otherwise left to a person. One that lets the
 * partner in is such a role also where the request has been begun anew since: what an earlier try had made, and took back, does not.
 */
export async function isOrphan(
  role: ObservedRole,
  { contractId, requested, granting, created }: Contract,
  { ram, settings }: Pick<Ports, 'ram' | 'settings'>,
): Promise<boolean> {
  const partner = requested?.request.grantee.accountId;
  const letsIn = partner !== undefined && role.trust.includes(partner);
  if (created !== undefined || (granting !== undefined && !letsIn)) return false;
  const tags = await ram.tagsOfRole(role.name);
  return tags[CONTRACT_TAG] === contractId && otherDeploymentIn(tags, settings) === undefined;
}

export async function isOurPolicy(
  name: string,
  contract: Contract,
  { ram }: Pick<Ports, 'ram'>,
): Promise<boolean> {
  const stem = contract.requested?.roleName;
  return (
    stem !== undefined && name.startsWith(stem) && carriesOurTags(await ram.tagsOfPolicy(name), contract)
  );
}

/** Policies that somebody else has put on a role of ours: detached, since the role is ours, and told, since they are not. */
export function foreignOn(
  attachments: readonly Attachment[],
  contract: Contract,
  { settings }: { readonly settings: Pick<Settings, 'stops'> },
): readonly Attachment[] {
  const known = new Set<string>([
    ...Object.values(settings.stops),
    ...(contract.created?.policies ?? []),
    ...(contract.terms?.request.grants ?? []).filter(isSystemPolicyGrant).map((grant) => grant.systemPolicy),
  ]);
  const stem = roleNameOf(contract.contractId);
  return attachments.filter(({ policy }) => !known.has(policy.name) && !policy.name.startsWith(stem));
}

/** Of a role that is there under this contract's name. Reads its tags, to say whose it is. */
export async function notOurs(name: RoleName, { ram, settings }: Pick<Ports, 'ram' | 'settings'>) {
  const other = otherDeploymentIn(await ram.tagsOfRole(name), settings);
  return new BrokenPromiseError(
    'NOT_OURS',
    other === undefined
      ? `role ${name} exists but the register does not say that Leasehold made it; look at it, and delete or rename it by hand`
      : `role ${name} is of another Leasehold in this account, whose names begin with ${other.prefix}; it is left alone: ask for another contract id`,
  );
}

/** Our own roles that look into this contract's role, and by which secret. */
export const verifierOf = (
  contract: Contract,
  { settings }: { readonly settings: Pick<Settings, 'verifierRoleArns'> },
): Verifier => ({
  roleArns: settings.verifierRoleArns,
  externalId: contract.granting?.verifierExternalId ?? '',
});
