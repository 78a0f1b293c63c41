/** IMS 2019-08-15, tags on users, by id or by logon name. */
import { type ActionSpec, flag, type Params, textList, whole } from '../identity/actions.js';
import { withEntry } from '../identity/shared-map.js';
import type { AccountState, Tags, UserState } from '../identity/state.js';
import { ApiError } from '../kernel.js';
import { carries, limitExceeded, QUOTA, tagsOf } from '../ram/checks.js';
import { userOf } from './names.js';
import { IMS_CODES } from './users.js';

function checkKind({ ResourceType }: Params): void {
  if (ResourceType !== 'user')
    throw new ApiError(400, 'InvalidParameter.ResourceType', 'The parameter - "ResourceType" is incorrect.');
}

/** All three, whatever is named. Source: the authorisation tables on their pages, "All Resources". */
const onAll: ActionSpec['on'] = () => ['*'];

const named = (account: AccountState, params: Params): readonly UserState[] => [
  ...textList(params, 'ResourcePrincipalName').map((UserPrincipalName) =>
    userOf(account, { UserPrincipalName }),
  ),
  ...textList(params, 'ResourceId').map((UserId) => userOf(account, { UserId })),
];

const retagging = (change: (tags: Tags, params: Params) => Tags): ActionSpec => ({
  needs: ['ResourceType'],
  codes: IMS_CODES,
  on: onAll,
  run: ({ params, latest, update }) => {
    checkKind(params);
    const users = named(latest, params).map((user) => ({ ...user, tags: change(user.tags, params) }));
    update((account) => ({
      ...account,
      users: users.reduce((all, user) => withEntry(all, user.name, user), account.users),
    }));
    return {};
  },
});

export const userTagActions: Readonly<Record<string, ActionSpec>> = {
  TagResources: retagging((tags, params) => {
    const merged = new Map([...tags, ...tagsOf(params)]);
    if (merged.size > QUOTA.tagsPerResource) throw limitExceeded('Tag', 'tags');
    return merged;
  }),
  UntagResources: retagging((tags, params) => {
    const gone = textList(params, 'TagKey');
    const all = flag(params, 'All') && gone.length === 0;
    return new Map([...tags].filter(([key]) => !all && !gone.includes(key)));
  }),
  ListTagResources: {
    needs: ['ResourceType'],
    codes: IMS_CODES,
    on: onAll,
    run: ({ params, seen }) => {
      checkKind(params);
      const asked = named(seen, params);
      const wanted = tagsOf(params);
      const rows = (asked.length === 0 ? [...seen.users.values()] : asked)
        .filter((user) => carries(user.tags, wanted))
        .flatMap((user) =>
          [...user.tags].map(([TagKey, TagValue]) => ({
            ResourceType: 'user',
            ResourceId: user.id,
            TagKey,
            TagValue,
          })),
        );
      const size = whole(params, 'PageSize', { min: 1, max: 1000, fallback: 1000 });
      const from = whole(params, 'NextToken', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 });
      const isTruncated = rows.length > from + size;
      return {
        TagResources: { TagResource: rows.slice(from, from + size) },
        IsTruncated: isTruncated,
        ...(isTruncated ? { NextToken: String(from + size) } : {}),
      };
    },
  },
};
