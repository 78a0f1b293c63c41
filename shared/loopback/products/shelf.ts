/** What all products share: whose things they are, and the question to RAM. */
import { ApiError, type Caller, type Cloud } from '../kernel.js';
import { type AccountResources, NO_RESOURCES, type ProductSeed } from './seed.js';

export class Shelf {
  constructor(
    private readonly cloud: Cloud,
    private readonly seed: ProductSeed,
  ) {}

  /** The things of the caller's account: a role session's is that of the role's owner. */
  of(caller: Caller): AccountResources {
    return this.seed[caller.accountId] ?? NO_RESOURCES;
  }

  /** @throws {ApiError} 403 unless RAM allows every one of `actions` on `resource` (after `acs:`; `{uid}` is the account) */
  demand(caller: Caller, actions: string | readonly string[], resource: string, code = 'NoPermission'): void {
    for (const action of typeof actions === 'string' ? [actions] : actions) {
      this.cloud.identity.demand(
        caller,
        { action, resource: resource.replace('{uid}', caller.accountId) },
        code,
      );
    }
  }

  /** True when RAM allows on any of `resources`: where documents disagree on the form. */
  allowsAny(caller: Caller, action: string, resources: readonly string[]): boolean {
    return resources.some(
      (resource) =>
        this.cloud.identity.authorize(caller, {
          action,
          resource: resource.replace('{uid}', caller.accountId),
        }).effect === 'allow',
    );
  }
}

/** @throws {ApiError} 400 `MissingParameter` */
export function required(params: Readonly<Record<string, string>>, name: string): string {
  const value = params[name];
  if (value === undefined || value === '')
    throw new ApiError(
      400,
      'MissingParameter',
      `The input parameter "${name}" that is mandatory for processing this request is not supplied.`,
    );
  return value;
}

/** @throws {ApiError} */
export function found<T>(thing: T | undefined, status: number, code: string, what: string): T {
  if (thing === undefined) throw new ApiError(status, code, `${what} does not exist.`);
  return thing;
}
