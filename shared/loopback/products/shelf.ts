/** What all products share: whose things they are, and the question to RAM. */
import { ApiError, type AuthorizationRequest, type Caller, type Cloud } from '../kernel.js';
import { type AccountResources, NO_RESOURCES, type ProductSeed } from './seed.js';

/** HTTP status, code, and what is not there. */
type Missing = readonly [number, string, string];

export class Shelf {
  constructor(
    private readonly cloud: Cloud,
    private readonly seed: ProductSeed,
  ) {}

  /** The things of the caller's account: a role session's is that of the role's owner. */
  of(caller: Caller): AccountResources {
    return this.seed[caller.accountId] ?? NO_RESOURCES;
  }

  /**
   * `group`: the resource group of what is asked about, for products that authorise by it.
   * @throws {ApiError} 403 unless RAM allows every one of `actions` on `resource`, in which `{uid}` is the account
   */
  demand(
    caller: Caller,
    actions: string | readonly string[],
    resource: string,
    code = 'NoPermission',
    group?: string,
  ): void {
    for (const action of typeof actions === 'string' ? [actions] : actions) {
      this.cloud.identity.demand(caller, requestFor(caller, action, resource, group), code);
    }
  }

  /** What a call names, which `demand` asks RAM about. @throws {ApiError} with the code of `missing` when it is not there */
  named<T>(thing: T | undefined, missing: Missing, demand: () => void): T {
    if (this.cloud.switches.missingBeforeDenied) found(thing, ...missing);
    demand();
    return found(thing, ...missing);
  }

  /** Whether RAM allows: for lists that show only what the caller may see, and where documents disagree on the form. */
  allows(caller: Caller, action: string, resource: string, group?: string): boolean {
    const request = requestFor(caller, action, resource, group);
    return this.cloud.identity.authorize(caller, request).effect === 'allow';
  }
}

const requestFor = (
  caller: Caller,
  action: string,
  resource: string,
  group?: string,
): AuthorizationRequest => ({
  action,
  resource: placed(resource, caller),
  ...(group === undefined ? {} : { resourceGroupId: group }),
});

/** The account's place comes before any name, so a name that holds the same text is left alone. */
const placed = (resource: string, caller: Caller): string => resource.replace('{uid}', caller.accountId);

/** @throws {ApiError} */
export function found<T>(thing: T | undefined, status: number, code: string, what: string): T {
  if (thing === undefined) throw new ApiError(status, code, `${what} does not exist.`);
  return thing;
}
