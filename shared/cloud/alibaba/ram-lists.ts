/** Lists of RAM over the official SDK, read to their end. */
import RamPackage, * as Ram from '@alicloud/ram20150501';
import type { RamPort } from '../ports.js';
import { clientClass } from './connection.js';
import { doing, unlessMissing } from './failures.js';

const RamClient = clientClass(RamPackage);
type Lists = Pick<RamPort, 'listRoles' | 'listPolicies' | 'policiesTagged' | 'policyVersions'>;

/** The most that ListRoles and ListPolicies give at once. Source: RAM API reference, `MaxItems`. */
const PAGE = 1000;
/** The most that ListTagResources gives at once. */
const TAG_PAGE = 100;

interface MarkedPage<T> {
  readonly items: readonly T[];
  readonly isTruncated: boolean | undefined;
  readonly marker: string | undefined;
}

/** Every page's items. A page that says there is more and not where is the last: the service gives a marker with every other. */
async function readAll<T>(
  maxItems: number,
  read: (page: { readonly maxItems: number; readonly marker?: string }) => Promise<MarkedPage<T>>,
): Promise<readonly T[]> {
  const found: T[] = [];
  let marker: string | undefined;
  do {
    const page = await read({ maxItems, ...(marker === undefined ? {} : { marker }) });
    found.push(...page.items);
    marker = page.isTruncated === true ? page.marker : undefined;
  } while (marker !== undefined);
  return found;
}

export const makeRamLists = (ram: InstanceType<typeof RamClient>, pageSize: number = PAGE): Lists => ({
  listRoles: () =>
    readAll(pageSize, async (page) => {
      const { body } = await doing('listing roles', () => ram.listRoles(new Ram.ListRolesRequest(page)));
      const items = (body?.roles?.role ?? []).map(({ roleName = '', tags }) => ({
        name: roleName,
        tags: Object.fromEntries(
          (tags?.tag ?? []).map(({ tagKey = '', tagValue = '' }) => [tagKey, tagValue]),
        ),
      }));
      return { items, isTruncated: body?.isTruncated, marker: body?.marker };
    }),

  listPolicies: () =>
    readAll(pageSize, async (page) => {
      const { body } = await doing('listing policies', () =>
        ram.listPolicies(new Ram.ListPoliciesRequest({ policyType: 'Custom', ...page })),
      );
      const items = (body?.policies?.policy ?? []).map(({ policyName = '' }) => policyName);
      return { items, isTruncated: body?.isTruncated, marker: body?.marker };
    }),

  async policiesTagged(key) {
    const found: { name: string; value: string }[] = [];
    let nextToken: string | undefined;
    do {
      const { body } = await doing('listing tagged policies', () =>
        ram.listTagResources(
          new Ram.ListTagResourcesRequest({
            resourceType: 'policy',
            tag: [new Ram.ListTagResourcesRequestTag({ key })],
            pageSize: TAG_PAGE,
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
        ),
      );
      for (const { resourceName = '', tagKey, tagValue = '' } of body?.tagResources ?? [])
        if (tagKey === key) found.push({ name: resourceName, value: tagValue });
      nextToken = body?.nextToken || undefined;
    } while (nextToken !== undefined);
    return found;
  },

  async policyVersions(name) {
    const reply = await unlessMissing(`listing versions of policy ${name}`, () =>
      ram.listPolicyVersions(new Ram.ListPolicyVersionsRequest({ policyName: name, policyType: 'Custom' })),
    );
    return (reply?.body?.policyVersions?.policyVersion ?? []).map((version) => ({
      id: version.versionId ?? '',
      isDefault: version.isDefaultVersion === true,
      document: version.policyDocument ?? '',
    }));
  },
});
