/** Keys that are there already, as the SDKs ask for them: the package that they would load for it knows ten other sources of keys. */
import type { CredentialModel, default as Package } from '@alicloud/credentials';
import type { Credentials } from './connection.js';

type Credential = InstanceType<typeof Package.default>;

/** `config`, once it is made: its constructor would take the keys for a description of where to find some. */
export function withKeys<C extends { credential?: Credential }>(config: C, keys: Credentials): C {
  const { accessKeyId, accessKeySecret, securityToken = '' } = keys;
  const type = securityToken === '' ? 'access_key' : 'sts';
  const asked: Omit<Credential, 'credential'> = {
    getAccessKeyId: async () => accessKeyId,
    getAccessKeySecret: async () => accessKeySecret,
    getSecurityToken: async () => securityToken,
    getBearerToken: () => '',
    getType: () => type,
    getCredential: async () => ({ accessKeyId, accessKeySecret, securityToken, type }) as CredentialModel,
  };
  // It is a class there, with members that nobody asks for.
  config.credential = asked as Credential;
  return config;
}
