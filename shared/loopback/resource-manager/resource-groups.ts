/** Resource groups of an account. Source: CreateResourceGroup, GetResourceGroup, ListResourceGroups; "Limits" of RAM. */
import { randomBytes } from 'node:crypto';
import { type ActionSpec, type Params, required, textList, whole } from '../identity/actions.js';
import { withEntry } from '../identity/shared-map.js';
import { type AccountState, type ResourceGroupState, stamp } from '../identity/state.js';
import { ApiError } from '../kernel.js';

/** Plural here, unlike RAM's own codes. */
export const noSuchGroup = (): ApiError =>
  new ApiError(404, 'EntityNotExists.ResourceGroup', 'The resource group does not exist.');

const NAME = /^[A-Za-z][A-Za-z0-9-]{1,49}$/;
const DISPLAY_NAME = /^.{1,50}$/u;
const MAX_GROUPS = 30;

/** The page of CreateResourceGroup names its action and resource; those of the reads are formed alike. */
export const resourceGroupActions: Readonly<Record<string, ActionSpec>> = {
  CreateResourceGroup: {
    needs: ['Name', 'DisplayName'],
    on: () => ['resourcegroup/*'],
    run: ({ params, latest, now, update }) => {
      const group: ResourceGroupState = {
        id: `rg-${randomBytes(12).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, 15)}`,
        name: named(params, 'Name', NAME),
        displayName: named(params, 'DisplayName', DISPLAY_NAME),
        createdAt: now,
      };
      const groups = [...latest.resourceGroups.values()];
      if (groups.some(({ name }) => name === group.name))
        throw new ApiError(409, 'EntityAlreadyExists.ResourceGroup', 'The resource group exists.');
      if (groups.length >= MAX_GROUPS)
        throw new ApiError(
          409,
          'LimitExceeded.ResourceGroup',
          `The account has ${MAX_GROUPS} resource groups.`,
        );
      update((account) => ({
        ...account,
        resourceGroups: withEntry(account.resourceGroups, group.id, group),
      }));
      return { ResourceGroup: described(latest, group, 'Creating') };
    },
  },
  GetResourceGroup: {
    needs: ['ResourceGroupId'],
    on: (params) => [`resourcegroup/${required(params, 'ResourceGroupId')}`],
    run: ({ params, seen }) => {
      const group = seen.resourceGroups.get(required(params, 'ResourceGroupId'));
      if (group === undefined) throw noSuchGroup();
      return { ResourceGroup: described(seen, group, 'OK') };
    },
  },
  ListResourceGroups: {
    on: () => ['resourcegroup/*'],
    run: ({ params, seen }) => {
      const number = whole(params, 'PageNumber', { min: 1, max: 1_000_000, fallback: 1 });
      const size = whole(params, 'PageSize', { min: 1, max: 100, fallback: 10 });
      const ids = [...textList(params, 'ResourceGroupIds'), params['ResourceGroupId'] ?? ''].filter(
        (id) => id !== '',
      );
      const wanted = [...seen.resourceGroups.values()].filter(
        ({ id, name, displayName }) =>
          (ids.length === 0 || ids.includes(id)) &&
          name.includes(params['Name'] ?? '') &&
          displayName.includes(params['DisplayName'] ?? '') &&
          ['', 'OK'].includes(params['Status'] ?? ''),
      );
      return {
        ResourceGroups: {
          ResourceGroup: wanted
            .slice((number - 1) * size, number * size)
            .map(({ id, name, displayName, createdAt }) => ({
              Id: id,
              Name: name,
              DisplayName: displayName,
              AccountId: seen.id,
              CreateDate: stamp(createdAt),
              Status: 'OK',
            })),
        },
        PageNumber: number,
        PageSize: size,
        TotalCount: wanted.length,
      };
    },
  },
};

function named(params: Params, name: string, form: RegExp): string {
  const value = required(params, name);
  if (!form.test(value))
    throw new ApiError(400, `InvalidParameter.${name}`, `The parameter - "${name}" is not well formed.`);
  return value;
}

const described = (
  account: AccountState,
  { id, name, displayName, createdAt }: ResourceGroupState,
  Status: string,
): object => ({
  Id: id,
  Name: name,
  DisplayName: displayName,
  AccountId: account.id,
  CreateDate: stamp(createdAt),
  Status,
  RegionStatuses: { RegionStatus: [{ RegionId: 'cn-hangzhou', Status }] },
});
