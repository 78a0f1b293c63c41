/** RAM 2015-05-01, tags on roles and policies. RAM users are tagged through IMS. */
import { type ActionSpec, flag, type Params, textList, whole } from '../identity/actions.js';
import { withEntry } from '../identity/shared-map.js';
import { type AccountState, keyOf, type Tags } from '../identity/state.js';
import { ApiError } from '../kernel.js';
import { missing } from '../signatures/compare.js';
import { carries, limitExceeded, notFound, QUOTA, tagsOf } from './checks.js';

const MAX_RESOURCES = 50;

const kindOf = ({ ResourceType }: Params): 'role' | 'policy' => {
  if (ResourceType === 'role' || ResourceType === 'policy') return ResourceType;
  throw new ApiError(400, 'InvalidParameter.ResourceType', 'The parameter - "ResourceType" is incorrect.');
};

function namesOf(params: Params): readonly string[] {
  const names = textList(params, 'ResourceNames');
  if (names.length > MAX_RESOURCES) {
    throw new ApiError(
      400,
      'InvalidParameter.ResourceNames',
      'The parameter - "ResourceNames" is incorrect.',
    );
  }
  return names;
}

/** All three, whatever is named. Source: the authorisation tables on their pages, "All Resources". */
const onAll: ActionSpec['on'] = () => ['*'];

const collectionOf = (
  account: AccountState,
  kind: 'role' | 'policy',
): ReadonlyMap<string, { name: string; tags: Tags }> => (kind === 'role' ? account.roles : account.policies);

function retag(
  account: AccountState,
  kind: 'role' | 'policy',
  name: string,
  change: (tags: Tags) => Tags,
): AccountState {
  const role = account.roles.get(keyOf(name));
  const policy = account.policies.get(keyOf(name));
  if (kind === 'role' && role !== undefined) {
    return { ...account, roles: withEntry(account.roles, keyOf(name), { ...role, tags: change(role.tags) }) };
  }
  if (kind === 'policy' && policy !== undefined) {
    return {
      ...account,
      policies: withEntry(account.policies, keyOf(name), { ...policy, tags: change(policy.tags) }),
    };
  }
  throw kind === 'role'
    ? notFound('Role', 'The role does not exist.')
    : notFound('Policy', 'The policy does not exist.');
}

export const tagActions: Readonly<Record<string, ActionSpec>> = {
  TagResources: {
    needs: ['ResourceType'],
    on: onAll,
    run: ({ params, update }) => {
      const kind = kindOf(params);
      const added = tagsOf(params);
      if (added.size === 0) throw missing('Tag');
      const names = namesOf(params);
      update((account) =>
        names.reduce(
          (changed, name) =>
            retag(changed, kind, name, (tags) => {
              const merged = new Map([...tags, ...added]);
              if (merged.size > QUOTA.tagsPerResource) throw limitExceeded('Tag', 'tags');
              return merged;
            }),
          account,
        ),
      );
      return {};
    },
  },
  UntagResources: {
    needs: ['ResourceType'],
    on: onAll,
    run: ({ params, update }) => {
      const kind = kindOf(params);
      const [names, gone] = [namesOf(params), textList(params, 'TagKeys')];
      const all = flag(params, 'All') && gone.length === 0;
      update((account) =>
        names.reduce(
          (changed, name) =>
            retag(
              changed,
              kind,
              name,
              (tags) => new Map([...tags].filter(([key]) => !all && !gone.includes(key))),
            ),
          account,
        ),
      );
      return {};
    },
  },
  ListTagResources: {
    needs: ['ResourceType'],
    on: onAll,
    run: ({ params, seen }) => {
      const kind = kindOf(params);
      const names = namesOf(params).map(keyOf);
      const wanted = tagsOf(params);
      const rows = [...collectionOf(seen, kind)]
        .filter(([key, { tags }]) => (names.length === 0 || names.includes(key)) && carries(tags, wanted))
        .flatMap(([, { name, tags }]) =>
          [...tags].map(([TagKey, TagValue]) => ({
            ResourceType: kind,
            ResourceName: name,
            TagKey,
            TagValue,
          })),
        );
      const size = whole(params, 'PageSize', { min: 1, max: 100, fallback: 100 });
      const from = whole(params, 'NextToken', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 });
      const more = rows.length > from + size;
      return {
        TagResources: rows.slice(from, from + size),
        ...(more ? { NextToken: String(from + size) } : {}),
      };
    },
  },
};
