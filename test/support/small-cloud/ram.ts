/** RAM of a small cloud: what `RamPort` says, and no more. */
import type { ObservedRole, RamPort } from '../../../shared/cloud/ports.js';
import { NotFoundError, TryLaterError } from '../../../shared/domain/errors.js';
import type { RoleName } from '../../../shared/domain/values.js';
import { OWNER } from '../requests.js';
import { documentIn, type Policy, policyOf, type Role, type SmallCloud } from './cloud.js';

const notFound = (what: string) => new NotFoundError(`${what}: EntityNotExist`);
const conflict = (what: string) => new TryLaterError('CONFLICT', `${what}: DeleteConflict`);

export const ramOf = (cloud: SmallCloud): RamPort => Object.assign(rolesOf(cloud), policiesOf(cloud));

type AboutRoles =
  | 'observeRole'
  | 'tagsOfRole'
  | 'listRoles'
  | 'createRole'
  | 'setTrust'
  | 'setMaxSessionSeconds'
  | 'tagRole'
  | 'deleteRole'
  | 'attachmentsOf'
  | 'attach'
  | 'detach';

function rolesOf(cloud: SmallCloud): Pick<RamPort, AboutRoles> {
  const { roles, policies } = cloud;
  const change = (name: string, how: (role: Role) => Partial<Role>): void => {
    const role = roles.get(name);
    if (role === undefined) throw notFound(name);
    cloud.setRole(name, { ...role, ...how(role) });
  };
  return {
    observeRole: async (name) => observed(name, roles.get(name)),
    tagsOfRole: async (name) => roles.get(name)?.tags ?? {},
    listRoles: async () => [...roles].map(([name, { tags }]) => ({ name, tags })),
    createRole: async ({ name, trust, maxSessionSeconds, tags }) => {
      if (roles.has(name)) return { outcome: 'exists' };
      cloud.made += 1;
      const id = `role-${cloud.made}`;
      cloud.setRole(name, { id, trust, maxSessionSeconds, tags, attached: [] });
      return { outcome: 'created', id };
    },
    setTrust: async (name, trust) => change(name, () => ({ trust })),
    setMaxSessionSeconds: async (name, maxSessionSeconds) => change(name, () => ({ maxSessionSeconds })),
    tagRole: async (name, tags) => change(name, (role) => ({ tags: { ...role.tags, ...tags } })),
    deleteRole: async (name) => {
      if ((roles.get(name)?.attached ?? []).length > 0) throw conflict(name);
      roles.delete(name);
    },
    attachmentsOf: async (name) => roles.get(name)?.attached ?? [],
    attach: async (name, attachment) => {
      const isThere = roles.get(name)?.attached.some(({ policy }) => policy.name === attachment.policy.name);
      if (!policies.has(attachment.policy.name)) throw notFound(attachment.policy.name);
      change(name, ({ attached }) => (isThere ? {} : { attached: [...attached, attachment] }));
      return isThere ? 'was-attached' : 'attached';
    },
    detach: async (name, { policy }) => {
      if (!roles.has(name)) return;
      change(name, ({ attached }) => ({
        attached: attached.filter((one) => one.policy.name !== policy.name),
      }));
    },
  };
}

const observed = (name: RoleName, role: Role | undefined): ObservedRole | undefined =>
  role && {
    name,
    id: role.id,
    arn: `acs:ram::${OWNER}:role/${name}`,
    trust: role.trust,
    maxSessionSeconds: role.maxSessionSeconds,
  };

function policiesOf({ roles, policies }: SmallCloud): Omit<RamPort, AboutRoles> {
  const change = (name: string, how: (policy: Policy) => Partial<Policy>): Policy => {
    const policy = policies.get(name);
    if (policy === undefined) throw notFound(name);
    const changed = { ...policy, ...how(policy) };
    policies.set(name, changed);
    return changed;
  };
  const add = (name: string, document: string): string => {
    const { count } = change(name, (policy) => ({
      count: policy.count + 1,
      versions: [...policy.versions, { id: `v${policy.count + 1}`, document }],
    }));
    return `v${count}`;
  };
  return {
    createPolicy: async ({ name, document, tags }) => {
      if (policies.has(name)) return 'exists';
      policies.set(name, policyOf(document, tags));
      return 'created';
    },
    readPolicy: async ({ name }) => documentIn(policies.get(name)),
    tagsOfPolicy: async (name) => policies.get(name)?.tags ?? {},
    listPolicies: async () => [...policies.keys()],
    policiesTagged: async (key) =>
      [...policies].flatMap(
        ([
          name,
          {
            tags: { [key]: value },
          },
        ]) => (value === undefined ? [] : [{ name, value }]),
      ),
    policyVersions: async (name) => {
      const policy = policies.get(name);
      return (policy?.versions ?? []).map((one) => ({ ...one, isDefault: one.id === policy?.defaultId }));
    },
    setPolicyDocument: async (name, document) => {
      const defaultId = add(name, document);
      change(name, () => ({ defaultId }));
    },
    addPolicyVersion: async (name, document) => add(name, document),
    setDefaultVersion: async (name, defaultId) =>
      void change(name, ({ versions }) => {
        if (!versions.some(({ id }) => id === defaultId)) throw notFound(`${name} ${defaultId}`);
        return { defaultId };
      }),
    deletePolicyVersion: async (name, id) => {
      if (!policies.has(name)) return;
      change(name, ({ versions, defaultId }) => {
        if (id === defaultId) throw conflict(`${name} ${id}`);
        return { versions: versions.filter((one) => one.id !== id) };
      });
    },
    deletePolicy: async (name) => {
      const isHeld = [...roles.values()].some(({ attached }) =>
        attached.some(({ policy }) => policy.name === name),
      );
      if (isHeld) throw conflict(name);
      policies.delete(name);
    },
    holdersOf: async (name) =>
      [...roles]
        .filter(([, { attached }]) => attached.some(({ policy }) => policy.name === name))
        .map(([role]) => `role ${role}`),
  };
}
