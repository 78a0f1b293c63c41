/** The unmodified official SDKs, pointed at an embedded cloud. */
import { createRequire } from 'node:module';
import { $OpenApiUtil } from '@alicloud/openapi-core';

// CommonJS packages: `require` finds the client under `.default`, whatever a test runner makes of default imports.
const require = createRequire(import.meta.url);
const { default: Ims } = require('@alicloud/ims20190815') as typeof import('@alicloud/ims20190815');
const { default: Ram } = require('@alicloud/ram20150501') as typeof import('@alicloud/ram20150501');
const { default: ResourceManager } =
  require('@alicloud/resourcemanager20200331') as typeof import('@alicloud/resourcemanager20200331');
const { default: Sts } = require('@alicloud/sts20150401') as typeof import('@alicloud/sts20150401');

export interface Keys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

const configFor = (endpoint: string, keys: Keys) =>
  new $OpenApiUtil.Config({
    ...keys,
    endpoint,
    protocol: 'http',
    readTimeout: 10_000,
    connectTimeout: 10_000,
  });

export const ramClient = (endpoint: string, keys: Keys) => new Ram(configFor(endpoint, keys));
export const stsClient = (endpoint: string, keys: Keys) => new Sts(configFor(endpoint, keys));
export const imsClient = (endpoint: string, keys: Keys) => new Ims(configFor(endpoint, keys));
export const resourceManagerClient = (endpoint: string, keys: Keys) =>
  new ResourceManager(configFor(endpoint, keys));

/** Code of the refusal, or `'accepted'`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    const { code } = error as { code?: unknown };
    return typeof code === 'string' ? code : String(error);
  }
}

export const ownerId = '1000000000000001';
export const partnerId = '2000000000000002';

export const allow = (
  action: string | readonly string[],
  resource: string | readonly string[] = '*',
  condition?: object,
) =>
  JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: action, Resource: resource, ...(condition && { Condition: condition }) },
    ],
  });
export const deny = (action: string, condition?: object) =>
  JSON.stringify({
    Version: '1',
    Statement: [
      { Effect: 'Deny', Action: action, Resource: '*', ...(condition && { Condition: condition }) },
    ],
  });
export const trusting = (principal: string | readonly string[], condition?: object) =>
  JSON.stringify({
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { RAM: principal },
        ...(condition && { Condition: condition }),
      },
    ],
  });
