/** How a client of ApsaraMQ for RabbitMQ logs on with a session: a user name and password made of the session's keys. */

export interface AmqpCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Fresh for every connection, and after every renewal of the session; they end with it. `nowMilliseconds` (epoch) is the HMAC's
 * key and the secret its data, not the other way round. Source: AliwareMQ/mq-amqp-client, `UserUtils`.
 */
export async function amqpCredentials(
  instanceId: string,
  session: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    /** Absent for the AccessKey of a user. */
    readonly securityToken?: string;
  },
  nowMilliseconds: number,
): Promise<AmqpCredentials> {
  const time = String(nowMilliseconds);
  const { accessKeyId, accessKeySecret, securityToken } = session;
  const token = securityToken === undefined ? [] : [securityToken];
  const signature = await hmacSha1(time, accessKeySecret);
  return {
    username: base64(['0', instanceId, accessKeyId, ...token].join(':')),
    password: base64(`${signature}:${time}`),
  };
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function hmacSha1(key: string, data: string): Promise<string> {
  const imported = await crypto.subtle.importKey('raw', bytes(key), { name: 'HMAC', hash: 'SHA-1' }, false, [
    'sign',
  ]);
  const signature = await crypto.subtle.sign('HMAC', imported, bytes(data));
  return [...new Uint8Array(signature)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

const base64 = (text: string): string => btoa(String.fromCharCode(...bytes(text)));
