/** RAM 2015-05-01, policies and their versions. */
import { type ActionSpec, flag, page } from '../identity/actions.js';
import { attachmentsOfPolicy } from '../identity/attachments.js';
import { withEntry, withoutEntry } from '../identity/shared-map.js';
import { keyOf, type PolicyState, type PolicyVersionState, stamp } from '../identity/state.js';
import { SYSTEM_POLICIES } from '../identity/system-policies.js';
import { ApiError } from '../kernel.js';
import {
  carries,
  checkLength,
  currentVersion,
  customPolicy,
  documentOf,
  limitExceeded,
  nameOf,
  notFound,
  policyNamed,
  policyResource,
  policyTypeOf,
  QUOTA,
  tagsOf,
} from './checks.js';

const MAX_DESCRIPTION = 1_024;

const onPolicy: ActionSpec['on'] = (params) => [policyResource(params)];
const onAllPolicies: ActionSpec['on'] = () => ['policy/*'];

const summary = (policy: PolicyState, attachmentCount: number) => ({
  PolicyName: policy.name,
  PolicyType: policy.type,
  Description: policy.description,
  DefaultVersion: policy.defaultVersionId,
  CreateDate: stamp(policy.createdAt),
  UpdateDate: stamp(policy.updatedAt),
  AttachmentCount: attachmentCount,
});
const versionView = (policy: PolicyState, version: PolicyVersionState) => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersionId,
  CreateDate: stamp(version.createdAt),
  PolicyDocument: version.text,
});

/** @throws {ApiError} `InvalidParameter.VersionId.Format` or `EntityNotExist.Policy.Version` */
function versionNamed(policy: PolicyState, id: string): PolicyVersionState {
  if (!/^v\d+$/.test(id)) {
    throw new ApiError(
      400,
      'InvalidParameter.VersionId.Format',
      'The format of the parameter - "VersionId" is incorrect.',
    );
  }
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (version === undefined) throw notFound('Policy.Version', 'The policy version does not exist.');
  return version;
}

const numberOf = (version: PolicyVersionState): number => Number(version.id.slice(1));

/** The versions a new one joins, after rotation. @throws {ApiError} `LimitExceeded.Policy.Version` */
function roomForOneMore(policy: PolicyState, rotate: boolean): readonly PolicyVersionState[] {
  if (policy.versions.length < QUOTA.versionsPerPolicy) return policy.versions;
  const oldest = policy.versions
    .filter((version) => version.id !== policy.defaultVersionId)
    .reduce<PolicyVersionState | undefined>(
      (found, version) => (found === undefined || numberOf(version) < numberOf(found) ? version : found),
      undefined,
    );
  if (!rotate || oldest === undefined) throw limitExceeded('Policy.Version', 'policy version');
  return policy.versions.filter((version) => version !== oldest);
}

export const policyActions: Readonly<Record<string, ActionSpec>> = {
  CreatePolicy: {
    needs: ['PolicyName', 'PolicyDocument'],
    on: onAllPolicies,
    run: ({ core, params, latest, now, update }) => {
      const name = nameOf(params, 'PolicyName');
      const { PolicyDocument: text = '', Description: description = '' } = params;
      if (description !== '') checkLength('Description', description, MAX_DESCRIPTION);
      const policy: PolicyState = {
        name,
        type: 'Custom',
        description,
        versions: [{ id: 'v1', text, document: documentOf(text), createdAt: now }],
        defaultVersionId: 'v1',
        lastVersionNumber: 1,
        createdAt: now,
        updatedAt: now,
        tags: tagsOf(params),
      };
      if (latest.policies.has(keyOf(name)) || SYSTEM_POLICIES.has(keyOf(name))) {
        // The vendor's text says "group" here.
        throw new ApiError(409, 'EntityAlreadyExists.Policy', 'The group does already EXIST.');
      }
      if (latest.policies.size >= core.sessions.switches.policyQuota) throw limitExceeded('Policy', 'policy');
      update((account) => ({ ...account, policies: withEntry(account.policies, keyOf(name), policy) }));
      const { AttachmentCount: _none, UpdateDate: _same, ...view } = summary(policy, 0);
      return { Policy: view };
    },
  },
  GetPolicy: {
    needs: ['PolicyName', 'PolicyType'],
    on: onPolicy,
    run: ({ params, seen }) => {
      const policy = policyNamed(seen, policyTypeOf(params), nameOf(params, 'PolicyName'));
      const version = currentVersion(policy);
      const count = attachmentsOfPolicy(seen, policy).length;
      return {
        Policy: { ...summary(policy, count), PolicyDocument: version.text },
        DefaultPolicyVersion: versionView(policy, version),
      };
    },
  },
  ListPolicies: {
    on: onAllPolicies,
    run: ({ params, seen }) => {
      const type = params['PolicyType'] ? policyTypeOf(params) : undefined;
      const wanted = tagsOf(params);
      const all = [...seen.policies.values(), ...SYSTEM_POLICIES.values()].filter(
        (policy) => (type === undefined || policy.type === type) && carries(policy.tags, wanted),
      );
      const counts = new Map<string, number>();
      for (const { policyType, policyName } of [...seen.attachments.values()].flat()) {
        const key = `${policyType} ${keyOf(policyName)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const placeOf = (policy: PolicyState): string => `${policy.type} ${keyOf(policy.name)}`;
      const { items, rest } = page(all, placeOf, params);
      return {
        Policies: { Policy: items.map((policy) => summary(policy, counts.get(placeOf(policy)) ?? 0)) },
        ...rest,
      };
    },
  },
  UpdatePolicyDescription: {
    needs: ['PolicyName', 'NewDescription'],
    on: onPolicy,
    run: (context) => {
      const policy = customPolicy(context);
      const { NewDescription: description = '' } = context.params;
      checkLength('Description', description, MAX_DESCRIPTION);
      replace(context, { ...policy, description, updatedAt: context.now });
      return {};
    },
  },
  /**
   * Refuses while attached anywhere. The code for a policy attached to a role is not published; `DeleteConflict.Role.Policy` is
   * the one that the vendor's Terraform provider waits on.
   */
  DeletePolicy: {
    needs: ['PolicyName'],
    on: onPolicy,
    run: (context) => {
      const { params, latest, update } = context;
      const policy = customPolicy(context);
      const holders = attachmentsOfPolicy(latest, policy);
      if (holders.some(({ principal }) => principal.kind === 'user')) {
        throw new ApiError(
          409,
          'DeleteConflict.Policy.User',
          'The policy CAN NOT been attached to any user while deleting the policy.',
        );
      }
      if (holders.length > 0) {
        throw new ApiError(
          409,
          'DeleteConflict.Role.Policy',
          'The policy CAN NOT been attached to any role while deleting the policy.',
        );
      }
      if (policy.versions.length > 1 && !flag(params, 'CascadingDelete')) {
        throw new ApiError(
          409,
          'DeleteConflict.Policy.Version',
          'The policy CAN NOT has any version except the default version.',
        );
      }
      update((account) => ({ ...account, policies: withoutEntry(account.policies, keyOf(policy.name)) }));
      return {};
    },
  },
  CreatePolicyVersion: {
    needs: ['PolicyName', 'PolicyDocument'],
    on: onPolicy,
    run: (context) => {
      const { params, now } = context;
      const { PolicyDocument: text = '', RotateStrategy: strategy = 'None' } = params;
      const policy = customPolicy(context);
      const document = documentOf(text);
      if (strategy !== 'None' && strategy !== 'DeleteOldestNonDefaultVersionWhenLimitExceeded') {
        throw new ApiError(
          400,
          'InvalidParameter.RotateStrategy',
          'The parameter - "RotateStrategy" is incorrect.',
        );
      }
      const kept = roomForOneMore(policy, strategy !== 'None');
      const id = `v${policy.lastVersionNumber + 1}`;
      const version: PolicyVersionState = { id, text, document, createdAt: now };
      const changed: PolicyState = {
        ...policy,
        versions: [...kept, version],
        lastVersionNumber: policy.lastVersionNumber + 1,
        defaultVersionId: flag(params, 'SetAsDefault') ? id : policy.defaultVersionId,
        updatedAt: now,
      };
      replace(context, changed);
      return { PolicyVersion: versionView(changed, version) };
    },
  },
  GetPolicyVersion: {
    needs: ['PolicyName', 'PolicyType', 'VersionId'],
    on: onPolicy,
    run: ({ params, seen }) => {
      const policy = policyNamed(seen, policyTypeOf(params), nameOf(params, 'PolicyName'));
      return { PolicyVersion: versionView(policy, versionNamed(policy, params['VersionId'] ?? '')) };
    },
  },
  ListPolicyVersions: {
    needs: ['PolicyName', 'PolicyType'],
    on: onPolicy,
    run: ({ params, seen }) => {
      const policy = policyNamed(seen, policyTypeOf(params), nameOf(params, 'PolicyName'));
      return {
        PolicyVersions: { PolicyVersion: policy.versions.map((version) => versionView(policy, version)) },
      };
    },
  },
  SetDefaultPolicyVersion: {
    needs: ['PolicyName', 'VersionId'],
    on: onPolicy,
    run: (context) => {
      const policy = customPolicy(context);
      const version = versionNamed(policy, context.params['VersionId'] ?? '');
      replace(context, { ...policy, defaultVersionId: version.id, updatedAt: context.now });
      return {};
    },
  },
  DeletePolicyVersion: {
    needs: ['PolicyName', 'VersionId'],
    on: onPolicy,
    run: (context) => {
      const policy = customPolicy(context);
      const version = versionNamed(policy, context.params['VersionId'] ?? '');
      if (version.id === policy.defaultVersionId) {
        throw new ApiError(
          409,
          'DeleteConflict.Policy.Version.Default',
          'The default policy version CAN NOT been deleted directly.',
        );
      }
      replace(context, {
        ...policy,
        versions: policy.versions.filter((other) => other !== version),
        updatedAt: context.now,
      });
      return {};
    },
  },
};

function replace({ update }: Parameters<ActionSpec['run']>[0], policy: PolicyState): void {
  update((account) => ({ ...account, policies: withEntry(account.policies, keyOf(policy.name), policy) }));
}
