/** What is on a contract's role, in the cloud. Reads only. */
import type { Attachment, ObservedRole, Ports, Tags } from '../../cloud/ports.js';
import type { RoleName } from '../../domain/values.js';

export interface ObservedAccess {
  readonly role: ObservedRole;
  readonly tags: Tags;
  readonly attachments: readonly Attachment[];
  /** Default version of each custom policy that was asked for or hangs on the role under its name; absent ones are not there. */
  readonly documents: Readonly<Record<string, string>>;
}

/** `undefined` when there is no such role. `policies`: names to read also when they are not attached. */
export async function observeAccess(
  roleName: RoleName,
  policies: readonly string[],
  { ram }: Pick<Ports, 'ram'>,
): Promise<ObservedAccess | undefined> {
  const role = await ram.observeRole(roleName);
  if (role === undefined) return undefined;
  const [attachments, tags] = await Promise.all([ram.attachmentsOf(roleName), ram.tagsOfRole(roleName)]);
  const names = new Set([
    ...policies,
    ...attachments.map(({ policy }) => policy.name).filter((name) => isNamedAfter(roleName, name)),
  ]);
  const documents = await Promise.all(
    [...names].map(async (name) => [name, await ram.readPolicy({ type: 'Custom', name })] as const),
  );
  return {
    role,
    tags,
    attachments,
    documents: Object.fromEntries(documents.filter((one): one is [string, string] => one[1] !== undefined)),
  };
}

/** Whether a custom policy's name is of the family made for this role. */
export const isNamedAfter = (roleName: RoleName, policy: string): boolean =>
  policy.startsWith(`${roleName}-`);
