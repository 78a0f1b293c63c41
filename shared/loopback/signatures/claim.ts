/** Whose key a request names, before anybody checked whether it was signed with it. */

/** The beginnings of the vendor's `authorization` headers: ACS3 and OSS V4, OSS V1, EventBridge, Function Compute 2.0. */
const NAMED = /^(?:(?:ACS3|OSS4)-HMAC-SHA256\s+Credential=|OSS |acs:|FC )([^:/,\s]+)/;

/** Id of the access key; `undefined` where the header has none in it. */
export const keyNamedBy = (authorization = ''): string | undefined => NAMED.exec(authorization)?.[1];
